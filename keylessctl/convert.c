/* keylessctl: a configuration of the Go server, as keylessd.conf. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../keylessd/config.h"
#include "compat.h"
#include "keylessctl.h"
#include "log.h"
#include "text.h"

#define SECRETS_DIR	"/etc/keyless"

/* What is said above the lines that begin with a key. */
static const struct {
	const char	*key;
	const char	*comment;
} comments[] = {
	{ "loglevel:", "0 debug ... 5 fatal, as before; 1 has no line a "
	    "request any more." },
	{ "audit:", "all: a line a request, with client, key and result." },
	{ "listen:", "Where the edge connects to." },
	{ "metrics_listen:", "For /metrics and /ready; the Go server's is "
	    "open on all addresses." },
	{ "control_socket:", "For keylessctl." },
	{ "auth_cert:", "The certificate of this key server itself, not of a "
	    "site." },
	{ "cloudflare_ca_cert:", "Who has signed the certificates of the "
	    "edge." },
	{ "tls_protocols:", "The Go server speaks 1.2 only." },
	{ "user:", "Users of their own for the process that faces the "
	    "network and for\n# those that hold the keys; key files must be "
	    "theirs (signer_user) or root's." },
	{ "hostname:", "For keylessctl enroll and renewal." },
	{ "zone_id:", "For keylessctl enroll and renewal." },
	{ "sign_timeout:", "Times and limits." },
	{ "private_key_stores:", "Keys.  To one that must be usable for "
	    "keylessd to start, add: required: yes" }
};

static void
put_comment(const char *line)
{
	size_t	 i;

	for (i = 0; i < nitems(comments); i++)
		if (strncmp(line, comments[i].key,
		    strlen(comments[i].key)) == 0)
			printf("\n# %s\n", comments[i].comment);
}

/* The file for the PIN of a store, by its place in the list, from 1. */
static void
put_pin(const struct conf_store *store)
{
	printf("  # Put the PIN, which was in the URI, into this file, to be "
	    "read by root only:\n");
	printf("  pin_file: " SECRETS_DIR "/store%u.pin\n", store->place + 1);
}

/* What stands for a secret that is not printed. */
static void
put_secret(const char *line, const struct config *conf)
{
	if (strncmp(line, "# api_token:", 12) == 0 &&
	    conf->api_token_file == NULL)
		printf("\n# Put the token, which was api_token, into this "
		    "file, to be read by root only:\n"
		    "api_token_file: " SECRETS_DIR "/api-token\n");
	else if (strncmp(line, "# origin_ca_api_key:", 20) == 0)
		printf("\n# origin_ca_api_key was set.  Such keys are being "
		    "retired: make an API token\n# with the permission "
		    "\"SSL and Certificates: Edit\" and put it into the "
		    "file\n# that api_token_file names%s\n",
		    conf->api_token_fd != -1 || conf->api_token_file != NULL ?
		    "." : ":\n# api_token_file: " SECRETS_DIR "/api-token");
	else
		printf("%s\n", line);
}

static const struct conf_store *
next_store(const struct config *conf, const struct conf_store *store)
{
	return (store == NULL ? TAILQ_FIRST(&conf->stores) :
	    TAILQ_NEXT(store, entry));
}

/*
 * What config_print() says, which keylessd takes, with words for who has not
 * seen such a file before.
 */
static void
put_config(char *text, const struct config *conf)
{
	const struct conf_store	*store = NULL;
	char			*line;
	int			 in_stores = 0;

	while ((line = strsep(&text, "\n")) != NULL && line[0] != '\0') {
		if (strcmp(line, "private_key_stores:") == 0)
			in_stores = 1;
		if (in_stores && line[0] == '-')
			store = next_store(conf, store);
		if (strcmp(line, "  # pin-value: (set)") == 0)
			put_pin(store);
		else if (line[0] == '#')
			put_secret(line, conf);
		else {
			put_comment(line);
			printf("%s\n", line);
		}
	}
}

int
run_convert(const struct call *call)
{
	struct config	*conf;
	char		*text;
	size_t		 len;
	FILE		*f;

	log_init("keylessctl", LOG_TO_STDERR | LOG_PLAIN);
	if ((conf = config_load(call->file)) == NULL)
		return (1);
	if ((f = open_memstream(&text, &len)) == NULL)
		fatal("open_memstream");
	config_print(conf, f);
	if (fclose(f) == EOF)
		fatal("open_memstream");
	printf("# keylessd.conf(5), made of %s by keylessctl convert.\n"
	    "# All keys are here, those too that the file left to their "
	    "defaults.\n# Check it with: keylessd -n -f FILE\n",
	    text_show(conf->path));
	put_config(text, conf);
	free(text);
	config_free(conf);
	return (0);
}
