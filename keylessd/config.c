/* Parent: the config file, from YAML to struct config. */
#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tls.h>

#include "compat.h"
#include "config.h"
#include "config_access.h"
#include "config_enroll.h"
#include "config_env.h"
#include "config_listen.h"
#include "config_secret.h"
#include "config_store.h"
#include "config_yaml.h"
#include "log.h"
#include "msg.h"
#include "paths.h"

#define SECOND		1000
#define MINUTE		(60 * SECOND)
#define HOUR		(60 * MINUTE)

#define USER_MAX	31	/* bytes of a user's name, as useradd(8) */

static void	set_user(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);
static void	set_frontends(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);
static void	set_protocols(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);
static void	set_audit(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);
static void	set_meaningless(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);

#define FIELD(f)		offsetof(struct config, f)
#define VALUE(f, set, min, max)	{ #f, set, FIELD(f), min, max, NULL }
#define NUMBER(f, min, max)	VALUE(f, conf_set_number, min, max)
#define TIME(f, min, max)	VALUE(f, conf_set_time, min, max)
#define PATH(f)			VALUE(f, conf_set_path, 0, 0)
#define USER(f)			VALUE(f, set_user, 0, USER_MAX)
#define TEXT(key, f, max)	{ key, conf_set_text, FIELD(f), 0, max, NULL }
#define SECRET(key, f)		{ key, conf_set_secret, FIELD(f), 0, 0, NULL }
#define OTHER(key, set)		{ key, set, 0, 0, 0, NULL }
#define OLD(key, set, f, now)	{ key, set, FIELD(f), 0, 0, now }

/* Every key of the file, in the order of keylessd.conf(5). */
static const struct conf_key keys[] = {
	NUMBER(loglevel, 0, 5),
	OTHER("audit", set_audit),
	PATH(audit_file),

	OTHER("listen", conf_set_nothing),	/* see config_set_listen() */
	NUMBER(port, 0, 65535),
	OTHER("metrics_listen", conf_set_nothing),
	NUMBER(metrics_port, 0, 65535),
	PATH(control_socket),
	PATH(pid_file),

	PATH(auth_cert),
	PATH(auth_key),
	PATH(auth_csr),
	PATH(cloudflare_ca_cert),
	PATH(crl),
	OTHER("tls_protocols", set_protocols),
	TEXT("tls_ciphers", ciphers, 1023),

	USER(user),
	USER(signer_user),
	PATH(chroot),

	VALUE(frontends, set_frontends, 1, MSG_FRONTENDS_MAX),

	TIME(sign_timeout, 10, 10 * MINUTE),
	NUMBER(sign_retry_count, 0, 10),
	TIME(start_timeout, 100, 10 * MINUTE),
	TIME(handshake_timeout, 100, 10 * MINUTE),
	TIME(idle_timeout, 0, 24 * HOUR),
	TIME(write_timeout, 100, 10 * MINUTE),
	TIME(drain_timeout, 0, 10 * MINUTE),
	TIME(check_age, 0, 24 * HOUR),
	NUMBER(max_connections, 1, 1000000),
	NUMBER(max_connections_per_source, 1, 1000000),
	NUMBER(max_handshakes, 1, 1000000),
	NUMBER(handshake_rate, 0, 1000000),
	NUMBER(request_rate, 0, 1000000),
	NUMBER(max_buffer, 65536, 16777216),
	NUMBER(max_pending, 1, 1000000),

	VALUE(client_eku, conf_set_bool, 0, 0),
	OTHER("clients", config_set_clients),
	OTHER("policy", config_set_policy),

	OTHER("private_key_stores", config_set_stores),

	TEXT("hostname", hostname, 255),
	TEXT("zone_id", zone_id, 255),
	VALUE(init_endpoint, config_set_endpoint, 0, 1023),
	PATH(init_ca),
	PATH(api_token_file),
	SECRET("api_token", api_token_fd),
	SECRET("origin_ca_api_key", origin_ca_api_key_fd),
	TIME(enroll_timeout, SECOND, 10 * MINUTE),
	OTHER("renew", config_set_renew),

	/* keys of the Go server that mean nothing here */
	OTHER("tracing_*", set_meaningless),
	OTHER("current_time", set_meaningless),

	/* what some of its keys were called in older files */
	OLD("cert", conf_set_path, auth_cert, "auth_cert"),
	OLD("key", conf_set_path, auth_key, "auth_key"),
	OLD("csr", conf_set_path, auth_csr, "auth_csr"),
	OLD("ca_cert", conf_set_path, cloudflare_ca_cert, "cloudflare_ca_cert"),
	OLD("origin_ca_key", conf_set_secret, origin_ca_api_key_fd,
	    "origin_ca_api_key")
};

/* The file names are the Go server's. */
static const struct {
	size_t		 offset;
	const char	*path;
} default_paths[] = {
	{ FIELD(auth_cert), "server.pem" },
	{ FIELD(auth_key), "server-key.pem" },
	{ FIELD(auth_csr), "server.csr" },
	{ FIELD(cloudflare_ca_cert), "keyless_cacert.pem" },
	{ FIELD(control_socket), CONTROL_SOCKET },
	{ FIELD(chroot), EMPTYDIR }
};

char *
conf_strdup(const char *s)
{
	char	*copy;

	if ((copy = strdup(s)) == NULL)
		fatal("strdup");
	return (copy);
}

static struct config *
config_new(const char *path)
{
	struct config	*conf;

	if ((conf = calloc(1, sizeof(*conf))) == NULL)
		fatal("calloc");
	TAILQ_INIT(&conf->listen);
	TAILQ_INIT(&conf->metrics_listen);
	TAILQ_INIT(&conf->clients);
	TAILQ_INIT(&conf->policy);
	TAILQ_INIT(&conf->stores);
	conf->path = conf_strdup(path);
	conf->origin_ca_api_key_fd = conf->api_token_fd = -1;
	conf->loglevel = LOG_LEVEL_INFO;
	conf->port = 2407;
	conf->protocols = TLS_PROTOCOL_TLSv1_2 | TLS_PROTOCOL_TLSv1_3;
	conf->frontends = 1;
	conf->sign_timeout = 5 * SECOND;
	conf->sign_retry_count = 1;
	conf->start_timeout = 30 * SECOND;
	conf->handshake_timeout = 10 * SECOND;
	/*
	 * Longer than an edge leaves a connection that it still uses without
	 * a request, and short enough to be rid of those whose peer vanished.
	 */
	conf->idle_timeout = 10 * MINUTE;
	conf->write_timeout = 30 * SECOND;
	conf->drain_timeout = 5 * SECOND;
	conf->check_age = MINUTE;
	conf->max_connections = 1024;
	conf->max_connections_per_source = 256;
	conf->max_handshakes = 64;
	conf->handshake_rate = 100;
	conf->max_buffer = 262144;
	conf->max_pending = 16384;
	config_enroll_begin(conf);
	return (conf);
}

const char *const config_audit_words[] = {
	[AUDIT_OFF] = "off",
	[AUDIT_ERRORS] = "errors",
	[AUDIT_ALL] = "all"
};

static void
set_audit(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	static const char	 expected[] = "off, errors or all";
	struct config		*conf = base;
	const char		*s;
	uint32_t		 i;

	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	for (i = 0; i <= AUDIT_LEVEL_MAX; i++)
		if (strcmp(s, config_audit_words[i]) == 0) {
			conf->audit = i;
			return;
		}
	conf_error(file, node, "%s: expected %s", key->name, expected);
}

static void
set_meaningless(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	(void)base;
	if (conf_text(file, node, key->name, "a text") != NULL &&
	    !conf_note(file, CONF_MEANINGLESS))
		conf_warn(file, node, "tracing_* and current_time have no "
		    "meaning here");
}

int
config_is_name(const char *s)
{
	return (*s != '\0' && *s != '-' &&
	    s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-.")] == '\0');
}

static void
set_user(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	char	**name = (char **)((char *)base + key->offset);

	conf_set_text(file, node, key, base);
	if (*name != NULL && !config_is_name(*name))
		conf_error(file, node, "%s: expected the name of a user",
		    key->name);
}

/* A number, or auto. */
static void
set_frontends(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct config	*conf = base;
	const char	*s;

	s = conf_text(file, node, key->name, "a number from 1 to 64, or auto");
	if (s != NULL && strcmp(s, "auto") == 0)
		conf->frontends = FRONTENDS_AUTO;
	else if (s != NULL)
		conf_set_number(file, node, key, base);
}

static void
add_protocol(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	static const char	 expected[] = "tlsv1.2 or tlsv1.3";
	struct config		*conf = base;
	const char		*s;

	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	if (strcmp(s, "tlsv1.2") == 0)
		conf->protocols |= TLS_PROTOCOL_TLSv1_2;
	else if (strcmp(s, "tlsv1.3") == 0)
		conf->protocols |= TLS_PROTOCOL_TLSv1_3;
	else
		conf_error(file, node, "%s: expected %s", key->name, expected);
}

static void
set_protocols(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	unsigned int	 before = conf_file_errors(file);
	struct config	*conf = base;

	conf->protocols = 0;
	conf_list(file, node, key, add_protocol, conf);
	if (conf->protocols == 0 && conf_file_errors(file) == before)
		conf_error(file, node, "%s: expected at least one of tlsv1.2, "
		    "tlsv1.3", key->name);
}

static void
set_defaults(struct conf_file *file, const struct conf_node *root,
    struct config *conf)
{
	char	**field;
	size_t	  i;

	for (i = 0; i < nitems(default_paths); i++) {
		field = (char **)((char *)conf + default_paths[i].offset);
		if (*field == NULL && (*field = conf_path(file,
		    default_paths[i].path)) == NULL)
			conf_error(file, root, "the directory of the file has "
			    "too long a name");
	}
	if (conf->user == NULL)
		conf->user = conf_strdup("_keylessd");
	if (conf->signer_user == NULL)
		conf->signer_user = conf_strdup("_keysigner");
}

/* What concerns more than one value, or what is not there. */
static void
check(struct conf_file *file, const struct conf_node *root,
    const struct config *conf)
{
	const struct conf_node	*node;
	struct sockaddr_un	 sun;

	if (conf_find(file, root, "private_key_stores") == NULL)
		conf_error(file, root, "private_key_stores is required");
	if (strlen(conf->control_socket) >= sizeof(sun.sun_path)) {
		node = conf_find(file, root, "control_socket");
		conf_error(file, node == NULL ? root : node, "control_socket: "
		    "longer than %zu bytes", sizeof(sun.sun_path) - 1);
	}
	if (strcmp(conf->user, conf->signer_user) == 0) {
		if ((node = conf_find(file, root, "signer_user")) == NULL)
			node = conf_find(file, root, "user");
		conf_error(file, node == NULL ? root : node, "user and "
		    "signer_user are the same: one would reach the other's "
		    "memory");
	}
}

/* Forget what the file said of a key that the environment has, too. */
static void
unset_key(const struct conf_key *key, struct config *conf)
{
	char	**text = (char **)((char *)conf + key->offset);

	if (key->set != conf_set_path && key->set != conf_set_text &&
	    key->set != config_set_endpoint)
		return;			/* it needs no memory */
	free(*text);
	*text = NULL;
}

/* A secret of the environment comes before that of the file. */
static void
take_secret(const char *key, int *fd)
{
	int	 copy;

	if ((copy = config_env_secret_fd(key)) == -1)
		return;
	if (*fd != -1)
		close(*fd);
	*fd = copy;
}

static void
take_secrets(struct config *conf)
{
	int	 before = conf->api_token_fd;

	take_secret("origin_ca_api_key", &conf->origin_ca_api_key_fd);
	take_secret("api_token", &conf->api_token_fd);
	if (conf->api_token_fd == before)
		return;
	free(conf->api_token_file);
	conf->api_token_file = NULL;
}

/* What the environment says comes before the file; -1 after a message. */
static int
take_environment(struct conf_file *file, struct config *conf)
{
	const struct conf_node	*root;
	struct conf_file	*env;
	char			*text;
	unsigned int		 errors;
	size_t			 i;

	take_secrets(conf);
	if ((text = config_env_yaml()) == NULL)
		return (0);
	env = conf_file_text("environment", conf_file_path(file), text);
	free(text);
	if (env == NULL)
		return (-1);
	root = conf_file_root(env);
	for (i = 0; i < nitems(keys); i++)
		if (conf_find(env, root, keys[i].name) != NULL)
			unset_key(&keys[i], conf);
	if (conf_noted(file, CONF_MEANINGLESS))
		conf_note(env, CONF_MEANINGLESS);
	conf_map(env, root, keys, nitems(keys), conf);
	errors = conf_file_errors(env);
	conf_file_close(env);
	return (errors == 0 ? 0 : -1);
}

struct config *
config_load(const char *path)
{
	const struct conf_node	*root;
	struct conf_file	*file;
	struct config		*conf;
	int			 bad = 0;

	if ((file = conf_file_open(path, &config_secrets)) == NULL)
		return (NULL);
	conf = config_new(conf_file_path(file));
	root = conf_file_root(file);
	if (conf_map(file, root, keys, nitems(keys), conf) == 0) {
		bad = take_environment(file, conf) == -1;
		config_set_listen(file, root, conf);
		set_defaults(file, root, conf);
		config_enroll_end(file, root, conf);
		check(file, root, conf);
	}
	if (bad || conf_file_errors(file) != 0) {
		config_free(conf);
		conf = NULL;
	} else if (conf_noted(file, CONF_SECRET) &&
	    conf_file_world_readable(file))
		log_warnx("config readable by everyone file=%s reason=\"it "
		    "holds a secret; chmod o-r\"", path);
	conf_file_close(file);
	return (conf);
}

void
config_free(struct config *conf)
{
	struct conf_store	*store;

	if (conf == NULL)
		return;
	config_listen_free(&conf->listen);
	config_listen_free(&conf->metrics_listen);
	config_access_free(&conf->clients);
	config_access_free(&conf->policy);
	while ((store = TAILQ_FIRST(&conf->stores)) != NULL) {
		TAILQ_REMOVE(&conf->stores, store, entry);
		config_store_free(store);
	}
	if (conf->origin_ca_api_key_fd != -1)
		close(conf->origin_ca_api_key_fd);
	if (conf->api_token_fd != -1)
		close(conf->api_token_fd);
	free(conf->path);
	free(conf->audit_file);
	free(conf->control_socket);
	free(conf->pid_file);
	free(conf->auth_cert);
	free(conf->auth_key);
	free(conf->auth_csr);
	free(conf->cloudflare_ca_cert);
	free(conf->crl);
	free(conf->ciphers);
	free(conf->hostname);
	free(conf->zone_id);
	free(conf->init_endpoint);
	free(conf->init_ca);
	free(conf->api_token_file);
	free(conf->user);
	free(conf->signer_user);
	free(conf->chroot);
	free(conf);
}
