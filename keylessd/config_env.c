/* Parent: the environment variables that stand for keys of the config file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "config_env.h"
#include "config_store.h"
#include "config_yaml.h"
#include "log.h"

#define PREFIX	"KEYLESS_"

enum kind {
	PLAIN,
	SECRET,
	IGNORED		/* is one of the Go server's flags only */
};

static struct variable {
	const char	*key;
	const char	*name;
	enum kind	 kind;
	char		*value;		/* of a PLAIN one that is set */
	int		 fd;		/* of a SECRET one that is set */
	int		 set;
} variables[] = {
	{ "loglevel", PREFIX "LOGLEVEL", PLAIN, NULL, -1, 0 },
	{ "hostname", PREFIX "HOSTNAME", PLAIN, NULL, -1, 0 },
	{ "zone_id", PREFIX "ZONE_ID", PLAIN, NULL, -1, 0 },
	{ "origin_ca_api_key", PREFIX "ORIGIN_CA_API_KEY", SECRET, NULL, -1,
	    0 },
	{ "api_token", PREFIX "API_TOKEN", SECRET, NULL, -1, 0 },
	{ "init_endpoint", PREFIX "INIT_ENDPOINT", PLAIN, NULL, -1, 0 },
	{ "auth_cert", PREFIX "AUTH_CERT", PLAIN, NULL, -1, 0 },
	{ "auth_key", PREFIX "AUTH_KEY", PLAIN, NULL, -1, 0 },
	{ "auth_csr", PREFIX "AUTH_CSR", PLAIN, NULL, -1, 0 },
	{ "cloudflare_ca_cert", PREFIX "CLOUDFLARE_CA_CERT", PLAIN, NULL, -1,
	    0 },
	{ "port", PREFIX "PORT", PLAIN, NULL, -1, 0 },
	{ "metrics_port", PREFIX "METRICS_PORT", PLAIN, NULL, -1, 0 },
	{ "pid_file", PREFIX "PID_FILE", PLAIN, NULL, -1, 0 },
	{ "sign_timeout", PREFIX "SIGN_TIMEOUT", PLAIN, NULL, -1, 0 },
	{ "sign_retry_count", PREFIX "SIGN_RETRY_COUNT", PLAIN, NULL, -1, 0 },
	{ "current_time", PREFIX "CURRENT_TIME", PLAIN, NULL, -1, 0 },
	{ "tracing_enabled", PREFIX "TRACING_ENABLED", PLAIN, NULL, -1, 0 },
	{ "tracing_address", PREFIX "TRACING_ADDRESS", PLAIN, NULL, -1, 0 },
	{ "tracing_sample_rate", PREFIX "TRACING_SAMPLE_RATE", PLAIN, NULL,
	    -1, 0 },
	{ "private_key_stores", PREFIX "PRIVATE_KEY_STORES", IGNORED, NULL,
	    -1, 0 },
	{ "private_key_stores", PREFIX "PRIVATE_KEY_DIRS", IGNORED, NULL, -1,
	    0 },
	{ "private_key_stores", PREFIX "PRIVATE_KEY_FILES", IGNORED, NULL, -1,
	    0 }
};

/* An empty one counts as not set. */
static void
take(struct variable *v)
{
	char	*value;

	if ((value = getenv(v->name)) == NULL)
		return;
	if (*value != '\0') {
		v->set = 1;
		if (v->kind != SECRET)
			v->value = conf_strdup(value);
		else if ((v->fd = conf_secret_fd(value)) == -1)
			fatal("cannot keep variable=%s", v->name);
	}
	/* Where it stands the kernel shows it to others. */
	if (v->kind == SECRET)
		explicit_bzero(value, strlen(value));
	unsetenv(v->name);
}

void
config_env_take(void)
{
	size_t	 i;

	for (i = 0; i < nitems(variables); i++)
		take(&variables[i]);
}

void
config_env_warn(void)
{
	const struct variable	*v;
	size_t			 i;

	for (i = 0; i < nitems(variables); i++) {
		v = &variables[i];
		if (!v->set)
			continue;
		if (v->kind == SECRET)
			log_warnx("secret in the environment variable=%s "
			    "reason=\"whoever started keylessd still has it: "
			    "put a token into a file, named by "
			    "api_token_file, and a PIN into one named by "
			    "pin_file\"", v->name);
		else if (v->kind == IGNORED)
			log_warnx("variable ignored variable=%s reason=\"say "
			    "in the file, with %s, where the keys are\"",
			    v->name, v->key);
		else
			log_debug("key set by the environment variable=%s",
			    v->name);
	}
}

static void
put_quoted(FILE *f, const char *s)
{
	putc('"', f);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			putc('\\', f);
		if ((unsigned char)*s < 0x20)
			fprintf(f, "\\x%02x", (unsigned char)*s);
		else
			putc(*s, f);
	}
	fputs("\"\n", f);
}

char *
config_env_yaml(void)
{
	const struct variable	*v;
	char			*text = NULL;
	size_t			 i, len;
	FILE			*f;

	if ((f = open_memstream(&text, &len)) == NULL)
		fatal("open_memstream");
	for (i = 0; i < nitems(variables); i++) {
		v = &variables[i];
		if (!v->set || v->kind != PLAIN)
			continue;
		fprintf(f, "%s: ", v->key);
		put_quoted(f, v->value);
	}
	if (fclose(f) == EOF)
		fatal("open_memstream");
	if (len != 0)
		return (text);
	free(text);
	return (NULL);
}

int
config_env_secret_fd(const char *key)
{
	size_t	 i;
	int	 fd;

	for (i = 0; i < nitems(variables); i++) {
		if (!variables[i].set || variables[i].kind != SECRET ||
		    strcmp(variables[i].key, key) != 0)
			continue;
		fd = fcntl(variables[i].fd, F_DUPFD_CLOEXEC, 0);
		if (fd == -1)
			fatal("fcntl F_DUPFD_CLOEXEC");
		return (fd);
	}
	return (-1);
}
