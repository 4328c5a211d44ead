/* Signer: started by the parent; takes its store, drops privileges, loads. */
#include <sys/resource.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "libcrypto.h"
#include "log.h"
#include "sandbox.h"
#include "secmem.h"
#include "signer.h"
#include "started.h"

#define KEYS_MAX	131072		/* in one set: more is a mistake */

/* A key of a token or a cloud. */
struct source {
	TAILQ_ENTRY(source)	 entry;
	uint32_t		 index;
	int			 fd;	/* its certificate, or -1 */
	char			*uri;
};

/* What the parent says before MSG_SIGNER_START. */
struct setup {
	struct ipc		*parent;
	int			 has_init;
	struct msg_init		 init;
	struct store		 store;
	TAILQ_HEAD(sources, source) sources;
	struct sandbox		 sandbox;
	struct keyring		 ring;
};

/* Room for any message of the set-up, aligned for all of them. */
union setup_data {
	struct msg_init		 init;
	struct msg_text		 text;
	struct msg_module	 module;
	struct msg_cloud	 cloud;
	struct msg_key_file	 file;	/* of a certificate */
	struct msg_key_uri	 uri;
};

static void	setup_init(struct setup *, union setup_data *, int);
static void	setup_env(struct setup *, union setup_data *, int);
static void	setup_secret(struct setup *, union setup_data *, int);
static void	setup_path(struct setup *, union setup_data *, int);
static void	setup_module(struct setup *, union setup_data *, int);
static void	setup_pin(struct setup *, union setup_data *, int);
static void	setup_cloud(struct setup *, union setup_data *, int);
static void	setup_ca(struct setup *, union setup_data *, int);
static void	setup_uri(struct setup *, union setup_data *, int);
static void	setup_cert(struct setup *, union setup_data *, int);

/* The messages of the set-up; the one without function ends it. */
static const struct setup_msg {
	enum msg_type	 type;
	size_t		 length;	/* exactly */
	int		 has_fd;	/* exactly; the function owns it */
	void		 (*take)(struct setup *, union setup_data *, int);
} setup_msgs[] = {
	{ MSG_INIT,	sizeof(struct msg_init),	0, setup_init },
	{ MSG_SIGNER_ENV, sizeof(struct msg_text),	0, setup_env },
	{ MSG_SIGNER_SECRET, sizeof(struct msg_text),	1, setup_secret },
	{ MSG_SIGNER_PATH, sizeof(struct msg_text),	0, setup_path },
	{ MSG_SIGNER_MODULE, sizeof(struct msg_module),	0, setup_module },
	{ MSG_SIGNER_PIN, 0,				1, setup_pin },
	{ MSG_SIGNER_CLOUD, sizeof(struct msg_cloud),	0, setup_cloud },
	{ MSG_SIGNER_CA, 0,				1, setup_ca },
	{ MSG_SIGNER_URI, sizeof(struct msg_key_uri),	0, setup_uri },
	{ MSG_SIGNER_CERT, sizeof(struct msg_key_file),	1, setup_cert },
	{ MSG_SIGNER_START, 0,				0, NULL },
};

#define CHECK_TEXT(text)						\
	do {								\
		if (!ipc_text_ok((text), sizeof(text)))			\
			fatalx("unterminated text from the parent");	\
	} while (0)

static void
setup_init(struct setup *s, union setup_data *data, int fd)
{
	const struct msg_init	*init = &data->init;
	char			 name[sizeof(init->name) + 16];

	(void)fd;
	CHECK_TEXT(init->user);
	CHECK_TEXT(init->chroot);
	CHECK_TEXT(init->name);
	if (s->has_init || init->log_level > LOG_LEVEL_FATAL ||
	    (init->log_to & ~(uint32_t)(LOG_TO_SYSLOG | LOG_TO_STDERR)) != 0 ||
	    init->separate > 1 || init->no_kill > 1 ||
	    (init->separate && *init->user == '\0'))
		fatalx("bad MSG_INIT");
	s->init = *init;
	s->has_init = 1;
	snprintf(name, sizeof(name), "%s/%s", backend.name, init->name);
	log_init(name, (int)init->log_to);
	log_setlevel(init->log_level);
}

/* The environment comes by message so that /proc does not show it. */
static void
setup_env(struct setup *s, union setup_data *data, int fd)
{
	char	*name = data->text.text, *value;

	(void)s;
	(void)fd;
	CHECK_TEXT(data->text.text);
	value = strchr(name, '=');
	if (value == NULL || value == name)
		fatalx("bad MSG_SIGNER_ENV");
	*value++ = '\0';
	if (setenv(name, value, 1) == -1)
		fatal("setenv name=%s", name);
}

/* The same with the value in memory that the parent does not look at. */
static void
setup_secret(struct setup *s, union setup_data *data, int fd)
{
	char	*text = data->text.text;
	size_t	 used;
	ssize_t	 n;

	CHECK_TEXT(data->text.text);
	used = strlen(text);
	n = pread(fd, text + used, sizeof(data->text.text) - used, 0);
	if (n == -1)
		fatal("cannot read a secret of the environment");
	if ((size_t)n == sizeof(data->text.text) - used)
		fatalx("secret of the environment is too long");
	text[used + (size_t)n] = '\0';
	close(fd);
	setup_env(s, data, -1);
}

static void
setup_path(struct setup *s, union setup_data *data, int fd)
{
	(void)s;
	(void)fd;
	CHECK_TEXT(data->text.text);
	view_add(data->text.text);
}

/* Whether a store other than key files has been named. */
static int
has_store(const struct setup *s)
{
	return (s->store.has_module || s->store.has_cloud);
}

static void
setup_module(struct setup *s, union setup_data *data, int fd)
{
	(void)fd;
	CHECK_TEXT(data->module.path);
	CHECK_TEXT(data->module.uri);
	if (backend.clouds || has_store(s) || !TAILQ_EMPTY(&s->sources))
		fatalx("misplaced MSG_SIGNER_MODULE");
	s->store.module = data->module;
	s->store.has_module = 1;
}

static void
setup_pin(struct setup *s, union setup_data *data, int fd)
{
	(void)data;
	if (!s->store.has_module || s->store.pin_fd != -1)
		fatalx("misplaced MSG_SIGNER_PIN");
	s->store.pin_fd = fd;
}

static void
setup_cloud(struct setup *s, union setup_data *data, int fd)
{
	(void)fd;
	CHECK_TEXT(data->cloud.account);
	CHECK_TEXT(data->cloud.endpoint);
	if (!backend.clouds || has_store(s) || !TAILQ_EMPTY(&s->sources))
		fatalx("misplaced MSG_SIGNER_CLOUD");
	s->store.cloud = data->cloud;
	s->store.has_cloud = 1;
}

static void
setup_ca(struct setup *s, union setup_data *data, int fd)
{
	(void)data;
	if (!s->store.has_cloud || s->store.ca_fd != -1)
		fatalx("misplaced MSG_SIGNER_CA");
	s->store.ca_fd = fd;
}

/* A new key at index, whose place is named store. */
static struct key *
key_add(struct setup *s, uint32_t index, const char *store)
{
	struct key	*key;

	if (index >= KEYS_MAX)
		fatalx("key index out of range index=%u", index);
	if (*store == '\0')
		fatalx("key without a name index=%u", index);
	if ((key = keyring_at(&s->ring, index)) == NULL)
		fatal("key index=%u", index);
	if (*key->store != '\0')
		fatalx("key index used twice index=%u", index);
	strlcpy(key->store, store, sizeof(key->store));
	return (key);
}

static void
setup_uri(struct setup *s, union setup_data *data, int fd)
{
	struct source	*src;

	(void)fd;
	CHECK_TEXT(data->uri.uri);
	if (!has_store(s))
		fatalx("key URI without a store uri=%s", data->uri.uri);
	key_add(s, data->uri.index, data->uri.uri);
	if ((src = calloc(1, sizeof(*src))) == NULL ||
	    (src->uri = strdup(data->uri.uri)) == NULL)
		fatal("key index=%u", data->uri.index);
	src->index = data->uri.index;
	src->fd = -1;
	TAILQ_INSERT_TAIL(&s->sources, src, entry);
}

static void
setup_cert(struct setup *s, union setup_data *data, int fd)
{
	struct source	*src;

	CHECK_TEXT(data->file.path);
	/* Backwards: it is the last one, as a rule. */
	TAILQ_FOREACH_REVERSE(src, &s->sources, sources, entry)
		if (src->index == data->file.index)
			break;
	if (src == NULL || src->fd != -1)
		fatalx("misplaced MSG_SIGNER_CERT path=%s", data->file.path);
	src->fd = fd;
}

/* One message of the set-up; 1 when it was MSG_SIGNER_START. */
static int
setup_dispatch(struct setup *s, struct ipc_msg *msg)
{
	const struct setup_msg	*m;
	union setup_data	 data;

	for (m = setup_msgs; m < setup_msgs + nitems(setup_msgs); m++)
		if (m->type == msg->type)
			break;
	if (m == setup_msgs + nitems(setup_msgs) ||
	    (!s->has_init && m->type != MSG_INIT))
		fatalx("unexpected message before start type=%u", msg->type);
	if (ipc_get(msg, &data, m->length) == -1 ||
	    (msg->fd != -1) != m->has_fd)
		fatalx("bad message before start type=%u length=%zu "
		    "descriptor=%d", msg->type, msg->length, msg->fd != -1);
	if (m->take == NULL)
		return (1);
	m->take(s, &data, ipc_take_fd(s->parent, msg));
	explicit_bzero(&data, sizeof(data));	/* an environment's secrets */
	return (0);
}

static void
message_wait(struct setup *s, struct ipc_msg *msg)
{
	int	 n;

	if ((n = ipc_wait(s->parent, msg)) == 0)
		_exit(0);		/* the parent is gone */
	if (n == -1)
		fatal("cannot read from the parent keys=%zu",
		    s->ring.nkeys);
}

static void
setup_read(struct setup *s)
{
	struct ipc_msg	 msg;

	do {
		message_wait(s, &msg);
	} while (!setup_dispatch(s, &msg));
}

/* Leave the token as its module wants it left, then exit. */
static void __attribute__((noreturn))
leave(struct setup *s, int status)
{
	keyring_free(&s->ring);
	if (has_store(s))
		backend.close();
	_exit(status);
}

/* The last words to the parent: this process cannot serve its store. */
static void __attribute__((noreturn))
fail(struct setup *s, const struct msg_failure *f)
{
	struct msg_errors	 errors;

	log_debug("store failed permanent=%u reason=\"%s\"", f->permanent,
	    f->text);
	if (backend.errors(&errors) && ipc_send(s->parent, MSG_SIGNER_ERRORS, 0,
	    -1, &errors, sizeof(errors)) == -1)
		log_warn("cannot report to the parent");
	if (ipc_send(s->parent, MSG_SIGNER_FAILED, 0, -1, f,
	    sizeof(*f)) == -1 || ipc_flush(s->parent) == -1)
		log_warn("cannot report to the parent");
	leave(s, 1);
}

static void
report(struct setup *s, enum msg_type type, const void *data, size_t length)
{
	if (ipc_send(s->parent, type, 0, -1, data, length) == -1 ||
	    ipc_flush(s->parent) == -1) {
		log_warn("cannot report to the parent");
		leave(s, 1);
	}
}

static void
report_key(struct setup *s, uint32_t index, const struct key *key)
{
	struct msg_key	 m;

	memset(&m, 0, sizeof(m));
	m.index = index;
	m.state = key->method == NULL ? KEY_FAILED : KEY_READY;
	m.type = key->id.type;
	m.bits = key->id.bits;
	memcpy(m.ski, key->id.ski, sizeof(m.ski));
	memcpy(m.digest, key->id.digest, sizeof(m.digest));
	strlcpy(m.label, key->label, sizeof(m.label));
	strlcpy(m.store, key->store, sizeof(m.store));
	if (key->method == NULL)
		strlcpy(m.reason, key->reason, sizeof(m.reason));
	report(s, MSG_SIGNER_KEY, &m, sizeof(m));
}

static void
load_file(struct setup *s, struct ipc_msg *msg)
{
	struct msg_key_file	 file;
	struct key		*key;
	const char		*slash;
	int			 fd = ipc_take_fd(s->parent, msg);

	if (ipc_get(msg, &file, sizeof(file)) == -1 || fd == -1)
		fatalx("bad MSG_SIGNER_FILE length=%zu descriptor=%d",
		    msg->length, fd != -1);
	CHECK_TEXT(file.path);
	key = key_add(s, file.index, file.path);
	slash = strrchr(key->store, '/');
	strlcpy(key->label, slash == NULL ? key->store : slash + 1,
	    sizeof(key->label));
	backend.load_file(key, fd);
	report_key(s, file.index, key);
	close(fd);
}

/* Key files, one after the other, so that few are open at a time. */
static void
load_files(struct setup *s)
{
	struct ipc_msg	 msg;

	for (;;) {
		message_wait(s, &msg);
		if (msg.type == MSG_SIGNER_LAST)
			return;
		if (msg.type == MSG_SIGNER_FILE)
			load_file(s, &msg);
		else if (serve_order(s->parent, &msg))
			leave(s, 0);
	}
}

static void
load_keys(struct setup *s)
{
	struct source	*src;
	struct key	*key;

	while ((src = TAILQ_FIRST(&s->sources)) != NULL) {
		TAILQ_REMOVE(&s->sources, src, entry);
		key = &s->ring.keys[src->index];
		backend.load_uri(key, src->uri, src->fd);
		if (backend.failure() != NULL)
			fail(s, backend.failure());
		report_key(s, src->index, key);
		if (src->fd != -1)
			close(src->fd);
		free(src->uri);
		free(src);
	}
}

static void
prepare_store(struct setup *s)
{
	struct msg_failure	 f;

	if (backend.prepare(&s->store, &f) == -1)
		fail(s, &f);
}

static void
open_store(struct setup *s)
{
	struct msg_failure	 f;

	if (!has_store(s))
		return;
	orphan_watch(PARENT_FD, (int)s->init.no_kill);
	if (backend.open(&s->store, &f) == -1)
		fail(s, &f);
}

/* The mechanisms in it are those of the keys, so it comes after them. */
static void
report_token(struct setup *s)
{
	struct msg_token	 token;
	struct msg_errors	 errors;

	if (backend.report(&token))
		report(s, MSG_SIGNER_TOKEN, &token, sizeof(token));
	if (backend.errors(&errors))
		report(s, MSG_SIGNER_ERRORS, &errors, sizeof(errors));
}

/*
 * Give up what can be given up, and load the module, if there is one: before
 * the last of it, so that its libraries vanish with that, or after, if it loads
 * more of them at any time.  In neither case does its code run as root.
 */
static void
enter_sandbox(struct setup *s)
{
	struct sandbox		*box = &s->sandbox;
	struct msg_sandbox	 report_of;

	box->user = s->init.separate ? s->init.user : "";
	box->root = s->init.separate ? s->init.chroot : "";
	/* Keys, and whatever libcrypto or a module makes of them. */
	secmem_lock_process();
	backend.view(&s->store, box);
	sandbox_isolate(box);
	if (!(box->needs & SANDBOX_LATE))
		prepare_store(s);
	sandbox_confine(box);
	sandbox_report(&report_of);
	report(s, MSG_SANDBOX, &report_of, sizeof(report_of));
	if (box->needs & SANDBOX_LATE)
		prepare_store(s);
}

/*
 * The certificates of a token's keys wait here for MSG_SIGNER_START.  Bounded,
 * since libraries exist that walk through all numbers up to the limit.
 */
static void
raise_limit(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("getrlimit RLIMIT_NOFILE");
	rl.rlim_cur = rl.rlim_max < 2 * KEYS_MAX ? rl.rlim_max : 2 * KEYS_MAX;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		log_warn("setrlimit RLIMIT_NOFILE");
}

int
main(void)
{
	static struct setup	 s;

	log_init(backend.name, LOG_TO_STDERR);
	sandbox_harden();
	if (!started_by_parent())
		errx(1, "started by keylessd only");
	started_ignore_signals();
	raise_limit();

	s.store.pin_fd = s.store.ca_fd = -1;
	TAILQ_INIT(&s.sources);
	if ((s.parent = ipc_new(PARENT_FD, IPC_DESCRIPTORS)) == NULL)
		fatal("ipc_new");
	setup_read(&s);
	if (backend.clouds && !s.store.has_cloud)
		fatalx("started without MSG_SIGNER_CLOUD");

	libcrypto_init();
	enter_sandbox(&s);
	open_store(&s);
	load_keys(&s);
	if (!has_store(&s))
		load_files(&s);
	report_token(&s);
	report(&s, MSG_SIGNER_READY, NULL, 0);

	serve(s.parent, &s.ring);
	if (backend.failure() != NULL)
		fail(&s, backend.failure());
	leave(&s, 0);
}
