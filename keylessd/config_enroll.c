/* Parent, keylessctl: what the config file says of enrolment. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "compat.h"
#include "config.h"
#include "config_enroll.h"
#include "log.h"

#define DAY		86400
#define RENEW_MAX	(365 * DAY)
#define RENEW_DEFAULT	(30 * DAY)
#define TIMEOUT_DEFAULT	60000	/* ms */
#define SCHEME		"https://"

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
