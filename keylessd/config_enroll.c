/* Parent, keylessctl: what the config file says of enrolment. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "compat.h"
#include "config.h"
#include "config_enroll.h"
#include "enrollmsg.h"
#include "log.h"
#include "secretfile.h"

#define DAY		86400
#define RENEW_MAX	(365 * DAY)
#define RENEW_DEFAULT	(30 * DAY)
#define TIMEOUT_DEFAULT	60000	/* ms */
#define SCHEME		"https://"

const char	 config_enroll_ways[] =
    "There are three ways to an authentication certificate:\n"
    "1. set hostname, zone_id and api_token_file: keylessd gets the "
    "certificate\n"
    "   by itself when it starts, and renews it;\n"
    "2. keylessctl enroll, at a terminal: it asks for what is missing;\n"
    "3. keylessctl enroll -m makes a key and a request; have that answered, "
    "then\n"
    "   keylessctl enroll -i FILE puts the certificate in its place.";

void
config_set_renew(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	static const char	 expected[] = "a time from 1h to 365d, such "
				    "as 30d, or 0";
	struct config		*conf = base;
	const char		*s;
	int64_t			 ms;

	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	ms = conf_duration(s);
	if (ms != 0 && (ms < 3600 * 1000 || ms / 1000 > RENEW_MAX))
		conf_error(file, node, "%s: expected %s", key->name, expected);
	else
		conf->renew = (uint32_t)(ms / 1000);
}

/* The token is for nobody on the way there. */
void
config_set_endpoint(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct config	*conf = base;

	conf_set_text(file, node, key, base);
	if (conf->init_endpoint != NULL && strncasecmp(conf->init_endpoint,
	    SCHEME, strlen(SCHEME)) != 0)
		conf_error(file, node, "%s: expected a URL that begins with "
		    SCHEME, key->name);
}

const char *
config_enroll_missing(const struct config *conf)
{
	if (conf->hostname == NULL)
		return ("hostname");
	if (conf->zone_id == NULL)
		return ("zone_id");
	if (conf->api_token_file == NULL && conf->api_token_fd == -1 &&
	    conf->origin_ca_api_key_fd == -1)
		return ("api_token_file");
	return (NULL);
}

int
config_enroll_token(const struct config *conf, gid_t gid, char *err,
    size_t errsize)
{
	char	 why[256];
	int	 fd;

	if (conf->api_token_file != NULL) {
		fd = secret_open(conf->api_token_file, gid, why, sizeof(why));
		if (fd == -1)
			snprintf(err, errsize, "cannot open api_token_file "
			    "%s: %s", conf->api_token_file, why);
		return (fd);
	}
	fd = fcntl(conf->api_token_fd != -1 ? conf->api_token_fd :
	    conf->origin_ca_api_key_fd, F_DUPFD_CLOEXEC, 0);
	if (fd == -1)
		snprintf(err, errsize, "cannot pass on the token: %s",
		    strerror(errno));
	return (fd);
}

void
config_enroll_ask(const struct config *conf, struct msg_enroll_ask *ask)
{
	memset(ask, 0, sizeof(*ask));
	ask->timeout = conf->enroll_timeout;
	ask->old_key = conf->api_token_file == NULL &&
	    conf->api_token_fd == -1;
	strlcpy(ask->endpoint, conf->init_endpoint == NULL ?
	    ENROLL_ENDPOINT : conf->init_endpoint, sizeof(ask->endpoint));
	strlcpy(ask->hostname, conf->hostname, sizeof(ask->hostname));
	strlcpy(ask->zone_id, conf->zone_id, sizeof(ask->zone_id));
}

void
config_enroll_begin(struct config *conf)
{
	conf->renew = RENEW_UNSET;
	conf->enroll_timeout = TIMEOUT_DEFAULT;
}

void
config_enroll_end(struct conf_file *file, const struct conf_node *root,
    struct config *conf)
{
	const char	*missing = config_enroll_missing(conf);

	if (conf->api_token_file != NULL && conf->api_token_fd != -1)
		conf_error(file, conf_find(file, root, "api_token_file"),
		    "api_token_file: there is an api_token, too; one of them "
		    "is enough");
	if (conf->renew == RENEW_UNSET)
		conf->renew = missing == NULL ? RENEW_DEFAULT : 0;
	else if (conf->renew != 0 && missing != NULL)
		conf_error(file, conf_find(file, root, "renew"), "renew: "
		    "there is no %s, without which nothing can be renewed",
		    missing);
}

void
config_print_enroll(const struct config *conf, FILE *f)
{
	const char	*mark;

	if (conf->origin_ca_api_key_fd != -1)
		fprintf(f, "# origin_ca_api_key: (set)\n");
	if (conf->api_token_fd != -1)
		fprintf(f, "# api_token: (set)\n");
	if (config_enroll_missing(conf) != NULL)
		return;
	/* Where the token is but a comment, so is what needs it. */
	mark = conf->api_token_file == NULL ? "# " : "";
	if (conf->enroll_timeout % 1000 == 0)
		fprintf(f, "%senroll_timeout: %us\n", mark,
		    conf->enroll_timeout / 1000);
	else
		fprintf(f, "%senroll_timeout: %ums\n", mark,
		    conf->enroll_timeout);
	if (conf->renew % DAY == 0)
		fprintf(f, "%srenew: %ud\n", mark, conf->renew / DAY);
	else
		fprintf(f, "%srenew: %us\n", mark, conf->renew);
}
