/* Parent: private_key_stores of the config file. */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "clouduri.h"
#include "compat.h"
#include "config_access.h"
#include "config_store.h"
#include "log.h"
#include "msg.h"

#define SIGNERS_MAX	256	/* processes of one set */
#define ENDPOINT_MAX	(MSG_PATH_SIZE - 1)

#define PATH_RW		":rw"

static void	set_environment(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);
static void	set_paths(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);
static void	set_endpoint(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);
static void	set_user_type(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void *);

#define FIELD(f)	offsetof(struct conf_store, f)
#define PATH(f)		{ #f, conf_set_path, FIELD(f), 0, 0, NULL }
#define OTHER(key, set)	{ key, set, 0, 0, 0, NULL }

/* What may be said of a store; dir, file and uri are looked at afterwards. */
static const struct conf_key store_keys[] = {
	OTHER("dir", conf_set_nothing),
	OTHER("file", conf_set_nothing),
	OTHER("uri", conf_set_nothing),
	{ "signers", conf_set_number, FIELD(signers), 1, SIGNERS_MAX, NULL },
	{ "required", conf_set_bool, FIELD(required), 0, 0, NULL },
	{ "opcodes", config_set_opcodes, FIELD(opcodes), 0, 0, NULL },
	OTHER("environment", set_environment),
	OTHER("paths", set_paths),
	PATH(chroot),
	PATH(pin_file),
	{ "user_type", set_user_type, FIELD(user_type), 0, 32, NULL },
	PATH(certificate),
	{ "endpoint", set_endpoint, FIELD(endpoint), 0, ENDPOINT_MAX, NULL },
	PATH(ca)
};

/* Keys that make sense with some kinds of stores only. */
static const struct {
	const char	*name;
	int		 pkcs11;	/* with PKCS#11 URIs */
	int		 cloud;		/* with keys in a cloud */
} restricted[] = {
	{ "environment", 1, 1 },
	{ "paths", 1, 1 },
	{ "chroot", 1, 1 },
	{ "pin_file", 1, 0 },
	{ "user_type", 1, 0 },
	{ "certificate", 1, 0 },
	{ "endpoint", 0, 1 },
	{ "ca", 0, 1 }
};

static struct conf_text *
add_text(struct conf_texts *texts, char *s)
{
	struct conf_text	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		fatal("calloc");
	t->text = s;
	t->fd = -1;
	TAILQ_INSERT_TAIL(texts, t, entry);
	return (t);
}

static void
free_texts(struct conf_texts *texts)
{
	struct conf_text	*t;

	while ((t = TAILQ_FIRST(texts)) != NULL) {
		TAILQ_REMOVE(texts, t, entry);
		if (t->fd != -1)
			close(t->fd);
		free(t->text);
		free(t);
	}
}

int
config_env_secret(const char *name)
{
	static const char *const words[] = {
		"SECRET", "TOKEN", "PASSW", "PWD", "PIN", "KEY", "CREDENTIAL",
		"PROXY"		/* http://user:password@proxy */
	};
	char	 upper[64];
	size_t	 i, len = strlen(name);

	if (len >= sizeof(upper))
		return (1);
	for (i = 0; i < len; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	upper[len] = '\0';
	/* The name of a file, or of a pair's other half, is none. */
	if (strstr(upper, "_FILE") != NULL ||
	    strstr(upper, "_KEY_ID") != NULL ||
	    strcmp(upper, "NO_PROXY") == 0 ||
	    strcmp(upper, "GOOGLE_APPLICATION_CREDENTIALS") == 0)
		return (0);
	for (i = 0; i < nitems(words); i++)
		if (strstr(upper, words[i]) != NULL)
			return (1);
	return (0);
}

static void
set_variable(struct conf_file *file, const char *name,
    const struct conf_node *node, void *base)
{
	struct conf_text	*t;
	const char		*value;
	char			*text;
	int			 fd = -1;

	if (isdigit((unsigned char)*name) || *name == '\0' ||
	    name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0') {
		conf_error(file, node, "environment: a name is made of "
		    "letters, digits and _ and begins with no digit");
		return;
	}
	if ((value = conf_text(file, node, "environment", "a text")) == NULL)
		return;
	if (strlen(name) + 1 + strlen(value) >= MSG_PATH_SIZE) {
		conf_error(file, node, "environment: longer than %d bytes",
		    MSG_PATH_SIZE - 1);
		return;
	}
	if (config_env_secret(name)) {
		conf_note(file, CONF_SECRET);
		if ((fd = conf_secret_fd(value)) == -1) {
			conf_error(file, node, "environment: no memory to "
			    "keep it in");
			return;
		}
		value = "";
	}
	if (asprintf(&text, "%s=%s", name, value) == -1)
		fatal("asprintf");
	t = add_text(base, text);
	t->fd = fd;
}

static void
set_environment(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_store	*store = base;

	conf_pairs(file, node, key->name, set_variable, &store->environment);
}

/* PATH, or PATH:rw */
static void
set_one_path(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_store	*store = base;
	const char		*s, *suffix = "";
	char			*bare, *path, *text;
	size_t			 len;

	if ((s = conf_text(file, node, key->name, "a path")) == NULL)
		return;
	bare = conf_strdup(s);
	len = strlen(bare);
	if (len > strlen(PATH_RW) &&
	    strcmp(bare + len - strlen(PATH_RW), PATH_RW) == 0) {
		bare[len - strlen(PATH_RW)] = '\0';
		suffix = PATH_RW;
	}
	path = conf_path(file, bare);
	free(bare);
	if (path == NULL ||
	    strlen(path) + strlen(suffix) >= MSG_PATH_SIZE) {
		conf_error(file, node, "%s: longer than %d bytes", key->name,
		    MSG_PATH_SIZE - 1);
		free(path);
		return;
	}
	if (asprintf(&text, "%s%s", path, suffix) == -1)
		fatal("asprintf");
	free(path);
	(void)add_text(&store->paths, text);
}

static void
set_paths(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	conf_list(file, node, key, set_one_path, base);
}

/* https://HOST or http://HOST, with a port and a '/' at its end or without. */
static int
endpoint_ok(const char *s)
{
	if (strncmp(s, "https://", 8) == 0)
		s += 8;
	else if (strncmp(s, "http://", 7) == 0)
		s += 7;
	else
		return (0);
	if (*s == '/' || s[strcspn(s, "@?#\"\\ ")] != '\0')
		return (0);
	s += strcspn(s, "/");
	return (*s == '\0' || strcmp(s, "/") == 0);
}

static void
set_endpoint(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_store	*store = base;

	conf_set_text(file, node, key, store);
	if (store->endpoint != NULL && !endpoint_ok(store->endpoint))
		conf_error(file, node, "%s: expected https://HOST or "
		    "http://HOST", key->name);
}

int
conf_user_type(const char *text, uint64_t *type)
{
	static const struct {
		const char	*name;
		uint64_t	 type;
	} names[] = {
		{ "so", 0 },			/* CKU_SO */
		{ "user", 1 },			/* CKU_USER */
		{ "crypto-user", 0x80000001 },	/* Luna's, a vendor's own */
		{ "none", MSG_USER_NONE }
	};
	char	*end;
	size_t	 i;

	for (i = 0; i < nitems(names); i++) {
		if (strcmp(names[i].name, text) == 0) {
			*type = names[i].type;
			return (0);
		}
	}
	if (!isdigit((unsigned char)*text))
		return (-1);
	*type = strtoul(text, &end, 0);
	return (*end == '\0' && *type <= UINT32_MAX ? 0 : -1);
}

static void
set_user_type(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_store	*store = base;
	uint64_t		 type;

	conf_set_text(file, node, key, store);
	if (store->user_type != NULL &&
	    conf_user_type(store->user_type, &type) == -1)
		conf_error(file, node, "%s: expected user, so, crypto-user, "
		    "none, or the number of a user type", key->name);
}

/*
 * Take the PIN out of a URI, at once: it stays in a descriptor, or as the name
 * of a file.  One way to give it is enough.
 */
static void
take_pin(struct conf_file *file, const struct conf_node *node,
    struct conf_store *store)
{
	struct pk11uri	*uri = store->uri;

	if (store->pin_file != NULL &&
	    (uri->pin_value != NULL || uri->pin_source != NULL))
		conf_error(file, node, "uri: only one of pin_file, pin-value "
		    "and pin-source is allowed");
	if (uri->pin_value != NULL) {
		conf_note(file, CONF_SECRET);
		if ((store->pin_fd = conf_secret_fd(uri->pin_value)) == -1)
			conf_error(file, node, "uri: no memory to keep the "
			    "PIN in");
		freezero(uri->pin_value, strlen(uri->pin_value));
		uri->pin_value = NULL;
	}
	if (uri->pin_source != NULL && store->pin_file == NULL &&
	    (store->pin_file = conf_path(file, uri->pin_source)) == NULL)
		conf_error(file, node, "uri: pin-source is longer than %d "
		    "bytes", MSG_PATH_SIZE - 1);
}

/*
 * Whether a URI without its PIN still names the same key.  It does not when
 * another attribute holds what looks like a PIN.
 */
static int
same_key(const struct pk11uri *uri, const char *redacted)
{
	struct pk11uri	*other;
	char		 err[256];
	int		 same;

	if ((other = pk11uri_parse(redacted, err, sizeof(err))) == NULL)
		return (0);
	same = pk11uri_check(other, err, sizeof(err)) == 0 &&
	    pk11uri_same_token(uri, other) &&
	    uri->id_len == other->id_len &&
	    (uri->object == NULL) == (other->object == NULL) &&
	    (uri->object == NULL || strcmp(uri->object, other->object) == 0);
	pk11uri_free(other);
	return (same);
}

static void
set_pkcs11(struct conf_file *file, const struct conf_node *node,
    struct conf_store *store, const char *s)
{
	char	 err[256], redacted[PK11URI_MAX];

	store->kind = STORE_PKCS11;
	if ((store->uri = pk11uri_parse(s, err, sizeof(err))) == NULL ||
	    pk11uri_check(store->uri, err, sizeof(err)) == -1) {
		conf_error(file, node, "uri: %s", err);
		return;
	}
	if (strlen(store->uri->module_path) >= MSG_PATH_SIZE)
		conf_error(file, node, "uri: module-path is longer than %d "
		    "bytes", MSG_PATH_SIZE - 1);
	take_pin(file, node, store);
	if (store->uri->max_sessions != 0 &&
	    store->signers > store->uri->max_sessions)
		conf_error(file, node, "uri: max-sessions is less than "
		    "signers, each of which needs a session");
	pk11uri_redact(s, redacted, sizeof(redacted));
	if (!same_key(store->uri, redacted))
		conf_error(file, node, "uri: pin-value or pin-source stands "
		    "inside another attribute; is a '&' missing?");
	store->name = conf_strdup(redacted);
}

static void
set_uri(struct conf_file *file, const struct conf_node *node,
    struct conf_store *store)
{
	struct clouduri	 cloud;
	const char	*s;
	char		 err[512];

	if ((s = conf_text(file, node, "uri", "a URI")) == NULL)
		return;
	if (strncasecmp(s, "pkcs11:", 7) == 0)
		set_pkcs11(file, node, store, s);
	else if (clouduri_parse(s, &cloud, err, sizeof(err)) == -1)
		conf_error(file, node, "uri: %s", err);
	else {
		store->kind = STORE_CLOUD;
		store->name = conf_strdup(s);
	}
}

static void
set_dir_or_file(struct conf_file *file, const struct conf_node *node,
    struct conf_store *store, const char *name)
{
	const struct conf_key	 key = { name, NULL, FIELD(name), 0, 0, NULL };

	store->kind = strcmp(name, "dir") == 0 ? STORE_DIR : STORE_FILE;
	conf_set_path(file, node, &key, store);
}

/* Exactly one of dir, file and uri says where the keys are. */
static int
set_place(struct conf_file *file, const struct conf_node *node,
    struct conf_store *store)
{
	static const char *const places[] = { "dir", "file", "uri" };
	const struct conf_node	*value, *place = NULL;
	const char		*name = NULL;
	size_t			 i;

	for (i = 0; i < nitems(places); i++) {
		if ((value = conf_find(file, node, places[i])) == NULL)
			continue;
		if (place != NULL) {
			conf_error(file, value, "a store has only one of dir, "
			    "file, uri; this one has %s and %s", name,
			    places[i]);
			return (-1);
		}
		place = value;
		name = places[i];
	}
	if (place == NULL) {
		conf_error(file, node, "a store needs one of dir, file, uri");
		return (-1);
	}
	if (strcmp(name, "uri") == 0)
		set_uri(file, place, store);
	else
		set_dir_or_file(file, place, store, name);
	return (store->name == NULL ? -1 : 0);
}

static void
check_restricted(struct conf_file *file, const struct conf_node *node,
    const struct conf_store *store)
{
	const struct conf_node	*value;
	size_t			 i;

	for (i = 0; i < nitems(restricted); i++) {
		if ((store->kind == STORE_PKCS11 && restricted[i].pkcs11) ||
		    (store->kind == STORE_CLOUD && restricted[i].cloud) ||
		    (value = conf_find(file, node, restricted[i].name)) ==
		    NULL)
			continue;
		conf_error(file, value, "%s: only with %s", restricted[i].name,
		    restricted[i].pkcs11 && restricted[i].cloud ? "a uri" :
		    restricted[i].pkcs11 ? "a pkcs11: uri" :
		    "the uri of a cloud");
	}
}

static void
set_store(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct config		*conf = base;
	struct conf_store	*store;

	(void)key;
	if ((store = calloc(1, sizeof(*store))) == NULL)
		fatal("calloc");
	store->pin_fd = -1;
	store->opcodes = OPCODES_ALL;
	store->line = conf_line(node);
	store->place = conf->nstores++;
	TAILQ_INIT(&store->environment);
	TAILQ_INIT(&store->paths);
	TAILQ_INSERT_TAIL(&conf->stores, store, entry);
	if (conf_map(file, node, store_keys, nitems(store_keys), store) == 0 &&
	    set_place(file, node, store) == 0)
		check_restricted(file, node, store);
}

void
config_set_stores(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	unsigned int	 before = conf_file_errors(file);
	struct config	*conf = base;

	conf_list(file, node, key, set_store, conf);
	if (TAILQ_EMPTY(&conf->stores) && conf_file_errors(file) == before)
		conf_error(file, node, "%s: expected at least one store",
		    key->name);
}

void
config_store_free(struct conf_store *store)
{
	if (store->pin_fd != -1)
		close(store->pin_fd);
	pk11uri_free(store->uri);
	free_texts(&store->environment);
	free_texts(&store->paths);
	free(store->name);
	free(store->user_type);
	free(store->pin_file);
	free(store->certificate);
	free(store->chroot);
	free(store->endpoint);
	free(store->ca);
	free(store);
}
