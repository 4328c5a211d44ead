/* In the host's process: keyless-pkcs11.conf, and the files it names. */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "conf.h"
#include "config_yaml.h"
#include "log.h"

#define SECOND		1000
#define MINUTE		(60 * SECOND)
#define DEFAULT_PORT	"2407"
#define BYTES_MAX	(1024 * 1024)	/* of a file that is named */

typedef void	 set_value(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);

static set_value	 set_log, set_slots, set_servers, set_balance;
static set_value	 set_bytes, set_certificates;

#define SLOT(f, set, min, max)						\
	{ #f, set, offsetof(struct conf_slot, f), min, max, NULL }

static const struct conf_key slot_keys[] = {
	SLOT(label, conf_set_text, 1, CONF_LABEL_MAX),
	{ "servers", set_servers, 0, 0, 0, NULL },
	SLOT(balance, set_balance, 0, 0),
	SLOT(server_name, conf_set_text, 0, 255),
	SLOT(auth_cert, set_bytes, 0, 0),
	SLOT(auth_key, set_bytes, 0, 0),
	SLOT(keyserver_ca_cert, set_bytes, 0, 0),
	{ "certificates", set_certificates, 0, 0, 0, NULL },
	SLOT(timeout, conf_set_time, 100, 10 * MINUTE),
};

static const char *const slot_required[] = {
	"label", "servers", "auth_cert", "auth_key", "keyserver_ca_cert",
	"certificates"
};

static const struct conf_key keys[] = {
	{ "log", set_log, 0, 0, 0, NULL },
	{ "loglevel", conf_set_number, offsetof(struct conf, loglevel),
	    LOG_LEVEL_DEBUG, LOG_LEVEL_FATAL, NULL },
	{ "slots", set_slots, 0, 0, 0, NULL },
};

/* ---- files */

/* Read at most BYTES_MAX bytes of a regular file; -1 with errno set. */
static int
read_all(int fd, struct conf_file_bytes *f)
{
	struct stat	 st;
	ssize_t		 n;

	if (fstat(fd, &st) == -1)
		return (-1);
	errno = EINVAL;
	if (!S_ISREG(st.st_mode) || st.st_size > BYTES_MAX ||
	    (f->bytes = malloc((size_t)st.st_size + 1)) == NULL)
		return (-1);
	while (f->length < (size_t)st.st_size) {
		n = read(fd, f->bytes + f->length,
		    (size_t)st.st_size - f->length);
		if (n == -1 && errno != EINTR)
			return (-1);
		if (n == 0)
			break;
		if (n > 0)
			f->length += (size_t)n;
	}
	return (0);
}

/* Whoever reads it can ask key servers for signatures. */
static void
check_secret(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, int fd)
{
	struct stat	 st;

	if (key->offset == offsetof(struct conf_slot, auth_key) &&
	    fstat(fd, &st) == 0 && st.st_mode & (S_IROTH | S_IWOTH))
		conf_warn(file, node, "%s: everyone can read it; chmod o-rw",
		    key->name);
}

/* A file of TLS, read now: later its reader may be nobody. */
static void
set_bytes(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_file_bytes	*f;
	struct conf_key		 path = *key;
	int			 fd;

	f = (struct conf_file_bytes *)((char *)base + key->offset);
	path.offset = 0;
	conf_set_path(file, node, &path, &f->path);
	if (f->path == NULL)
		return;
	fd = open(f->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || read_all(fd, f) == -1)
		conf_error(file, node, "%s: cannot read %s: %s", key->name,
		    f->path, strerror(errno));
	if (fd != -1) {
		check_secret(file, node, key, fd);
		close(fd);
	}
}

static void
bytes_free(struct conf_file_bytes *f)
{
	free(f->path);
	freezero(f->bytes, f->length);
}

/* ---- values of a slot */

static void
set_balance(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_slot	*slot = base;
	const char		*s, *expected = "order or round-robin";

	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	if (strcmp(s, "order") == 0)
		slot->balance = BALANCE_ORDER;
	else if (strcmp(s, "round-robin") == 0)
		slot->balance = BALANCE_ROUND_ROBIN;
	else
		conf_error(file, node, "%s: expected %s", key->name,
		    expected);
}

static int
is_port(const char *s)
{
	size_t	 len = strspn(s, "0123456789");

	return (len > 0 && len <= 5 && s[len] == '\0' && *s != '0' &&
	    atoi(s) <= 65535);
}

/*
 * Split "host:port", "[address]:port" or either without a port, in place.
 * Returns -1 when it is none of them.
 */
static int
split(char *text, char **host, const char **port)
{
	char	*colon, *end;

	*host = text;
	*port = DEFAULT_PORT;
	if (*text == '[') {
		(*host)++;
		if ((end = strchr(text, ']')) == NULL)
			return (-1);
		*end++ = '\0';
		colon = *end == ':' ? end : NULL;
		if (colon == NULL && *end != '\0')
			return (-1);
	} else if ((colon = strchr(text, ':')) != NULL &&
	    strchr(colon + 1, ':') != NULL)
		return (-1);
	if (colon != NULL) {
		*colon = '\0';
		*port = colon + 1;
	}
	return (**host != '\0' && strlen(*host) < 256 && is_port(*port) ?
	    0 : -1);
}

static int
is_numeric(const char *host)
{
	struct addrinfo	 hints, *ai;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICHOST;
	if (getaddrinfo(host, NULL, &hints, &ai) != 0)
		return (0);
	freeaddrinfo(ai);
	return (1);
}

static void
add_server(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_slot	*slot = base;
	struct conf_server	*server;
	const char		*s, *port;
	char			*text, *host;

	if ((s = conf_text(file, node, key->name, "host:port")) == NULL)
		return;
	if (slot->nservers == CONF_SERVERS_MAX) {
		conf_error(file, node, "%s: more than %d", key->name,
		    CONF_SERVERS_MAX);
		return;
	}
	server = &slot->servers[slot->nservers++];
	if ((text = strdup(s)) == NULL)
		conf_error(file, node, "out of memory");
	else if (split(text, &host, &port) == -1)
		conf_error(file, node, "%s: expected host:port or "
		    "[address]:port", key->name);
	else {
		server->host = strdup(host);
		server->port = strdup(port);
		server->text = strdup(s);
		if (server->host == NULL || server->port == NULL ||
		    server->text == NULL)
			conf_error(file, node, "out of memory");
		server->numeric = is_numeric(host);
	}
	free(text);
}

static void
set_servers(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_slot	*slot = base;

	conf_list(file, node, key, add_server, base);
	if (slot->nservers == 0 && conf_file_errors(file) == 0)
		conf_error(file, node, "%s: the list is empty", key->name);
}

/* ---- certificates */

struct item {
	char	*file;
	char	*label;
};

static const struct conf_key item_keys[] = {
	{ "file", conf_set_path, offsetof(struct item, file), 0, 0, NULL },
	{ "label", conf_set_text, offsetof(struct item, label), 0, 255, NULL },
};

/* An item is a path, or a map of file and label. */
static void
add_certificates(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_slot	*slot = base;
	struct conf_key		 path = *key;
	struct item		 item = { NULL, NULL };

	path.offset = offsetof(struct item, file);
	if (!conf_is_map(node))
		conf_set_path(file, node, &path, &item);
	else if (conf_map(file, node, item_keys, nitems(item_keys),
	    &item) == 0 && item.file == NULL)
		conf_error(file, node, "%s: file is required", key->name);
	if (item.file != NULL &&
	    certs_add(&slot->objects, item.file, item.label) == -1)
		conf_error(file, node, "%s: cannot read %s: %s", key->name,
		    item.file, strerror(errno));
	free(item.file);
	free(item.label);
}

static void
set_certificates(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_slot	*slot = base;

	conf_list(file, node, key, add_certificates, base);
	if (slot->objects.n == 0 && conf_file_errors(file) == 0)
		conf_warn(file, node, "%s: none can be used: the token is "
		    "empty", key->name);
}

/* ---- the file */

static void
set_log(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf	*conf = base;
	struct conf_key	 log = *key;
	const char	*s;

	if ((s = conf_text(file, node, key->name, "syslog, stderr, none or a "
	    "path")) == NULL)
		return;
	free(conf->log);
	conf->log = NULL;
	log.offset = offsetof(struct conf, log);
	log.max = 1000;
	if (strchr(s, '/') != NULL)
		conf_set_path(file, node, &log, conf);
	else if (strcmp(s, "syslog") == 0 || strcmp(s, "stderr") == 0 ||
	    strcmp(s, "none") == 0)
		conf_set_text(file, node, &log, conf);
	else
		conf_error(file, node, "%s: expected syslog, stderr, none or "
		    "a path with a slash", key->name);
}

static void
check_slot(struct conf_file *file, const struct conf_node *node,
    const struct conf *conf, const struct conf_slot *slot)
{
	const struct conf_slot	*other;
	size_t			 i;

	for (i = 0; i < nitems(slot_required); i++)
		if (conf_find(file, node, slot_required[i]) == NULL)
			conf_error(file, node, "%s is required",
			    slot_required[i]);
	TAILQ_FOREACH(other, &conf->slots, entry)
		if (other != slot && other->label != NULL &&
		    slot->label != NULL &&
		    strcmp(other->label, slot->label) == 0)
			conf_error(file, node, "two slots have the same "
			    "label");
}

/* All files were read: whether TLS can be had with what is in them. */
static void
check_tls(struct conf_file *file, const struct conf_node *node,
    const struct conf_slot *slot)
{
	char	 why[256], why_ca[256];

	if (conf_tls_check(slot, 1, why, sizeof(why)) == 0)
		return;
	/* Which of them is it? */
	if (conf_tls_check(slot, 0, why_ca, sizeof(why_ca)) == -1)
		conf_error(file, conf_find(file, node, "keyserver_ca_cert"),
		    "keyserver_ca_cert: cannot use %s: %s",
		    slot->keyserver_ca_cert.path, why_ca);
	else
		conf_error(file, conf_find(file, node, "auth_cert"),
		    "auth_cert, auth_key: cannot use %s and %s: %s",
		    slot->auth_cert.path, slot->auth_key.path, why);
}

static void
add_slot(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf		*conf = base;
	struct conf_slot	*slot;

	if (conf->nslots == CONF_SLOTS_MAX) {
		conf_error(file, node, "%s: more than %d", key->name,
		    CONF_SLOTS_MAX);
		return;
	}
	if ((slot = calloc(1, sizeof(*slot))) == NULL) {
		conf_error(file, node, "out of memory");
		return;
	}
	slot->timeout = 5 * SECOND;
	TAILQ_INSERT_TAIL(&conf->slots, slot, entry);
	conf->nslots++;
	if (conf_map(file, node, slot_keys, nitems(slot_keys), slot) == 0)
		check_slot(file, node, conf, slot);
	if (conf_file_errors(file) == 0)
		check_tls(file, node, slot);
}

static void
set_slots(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf	*conf = base;

	conf_list(file, node, key, add_slot, base);
	if (conf->nslots == 0 && conf_file_errors(file) == 0)
		conf_error(file, node, "%s: the list is empty", key->name);
}

struct conf *
conf_load(const char *path)
{
	const struct conf_node	*root;
	struct conf_file	*file;
	struct conf		*conf;

	if ((file = conf_file_open(path, NULL)) == NULL)
		return (NULL);
	if ((conf = calloc(1, sizeof(*conf))) == NULL ||
	    (conf->path = strdup(path)) == NULL ||
	    (conf->log = strdup("syslog")) == NULL) {
		log_err("cannot read config file=%s", path);
		if (conf != NULL)
			free(conf->path);
		free(conf);
		conf_file_close(file);
		return (NULL);
	}
	TAILQ_INIT(&conf->slots);
	conf->loglevel = LOG_LEVEL_INFO;
	root = conf_file_root(file);
	if (conf_map(file, root, keys, nitems(keys), conf) == 0 &&
	    conf_find(file, root, "slots") == NULL)
		conf_error(file, root, "slots is required");
	if (conf_file_errors(file) != 0) {
		conf_free(conf);
		conf = NULL;
	}
	conf_file_close(file);
	return (conf);
}

static void
slot_free(struct conf_slot *slot)
{
	size_t	 i;

	for (i = 0; i < slot->nservers; i++) {
		free(slot->servers[i].text);
		free(slot->servers[i].host);
		free(slot->servers[i].port);
	}
	free(slot->label);
	free(slot->server_name);
	bytes_free(&slot->auth_cert);
	bytes_free(&slot->auth_key);
	bytes_free(&slot->keyserver_ca_cert);
	objects_free(&slot->objects);
	free(slot);
}

void
conf_free(struct conf *conf)
{
	struct conf_slot	*slot;

	if (conf == NULL)
		return;
	while ((slot = TAILQ_FIRST(&conf->slots)) != NULL) {
		TAILQ_REMOVE(&conf->slots, slot, entry);
		slot_free(slot);
	}
	free(conf->path);
	free(conf->log);
	free(conf);
}
