/* Parent: groups stores into signer sets and opens their key and PIN files. */
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clouduri.h"
#include "compat.h"
#include "log.h"
#include "modprofile.h"
#include "parent.h"

#define SIGNERS_MIN	2	/* so that one can die without a pause */
#define SIGNERS_CLOUD	8	/* requests to a cloud at the same time */
#define KEY_SUFFIX	".key"

/* How files are opened. */
struct opening {
	gid_t			 gid;	/* of their readers */
	struct key_files	*known;	/* those that are open already */
};

static struct signer_set *
set_new(struct setup *setup, enum set_kind kind)
{
	static uint32_t		 last_id;
	struct signer_set	*set;

	if ((set = calloc(1, sizeof(*set))) == NULL)
		fatal("calloc");
	set->setup = setup;
	set->id = ++last_id;
	set->kind = kind;
	set->pin_fd = set->ca_fd = -1;
	set->user_type = 1;		/* CKU_USER */
	TAILQ_INSERT_TAIL(&setup->sets, set, entry);
	return (set);
}

static struct signer_set *
set_of_kind(struct setup *setup, enum set_kind kind)
{
	struct signer_set	*set;

	TAILQ_FOREACH(set, &setup->sets, entry)
		if (set->kind == kind)
			return (set);
	set = set_new(setup, kind);
	if (kind == SET_FILES) {
		set->chroot = setup->conf->chroot;
		strlcpy(set->name, "files", sizeof(set->name));
	} else
		strlcpy(set->name, "none", sizeof(set->name));
	return (set);
}

/* The name that log lines, ps and keylessctl show for a token's set. */
static void
set_name_token(struct signer_set *set, const struct pk11uri *uri)
{
	if (uri->token != NULL)
		snprintf(set->name, sizeof(set->name), "token %s", uri->token);
	else if (uri->serial != NULL)
		snprintf(set->name, sizeof(set->name), "serial %s",
		    uri->serial);
	else
		snprintf(set->name, sizeof(set->name), "slot-id %lu",
		    uri->slot_id);
}

static struct signer_set *
set_of_token(struct setup *setup, const struct conf_store *store)
{
	struct signer_set	*set;

	TAILQ_FOREACH(set, &setup->sets, entry)
		if (set->kind == SET_PKCS11 &&
		    pk11uri_same_token(set->uri, store->uri))
			return (set);
	set = set_new(setup, SET_PKCS11);
	set->uri = store->uri;
	set->uri_text = store->name;
	set_name_token(set, store->uri);
	return (set);
}

static int
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a == b);
	return (strcmp(a, b) == 0);
}

/* Whether both have no secret, or the same one: it is looked at in pieces. */
static int
same_secret(int a, int b)
{
	uint8_t	 x[64], y[64];
	ssize_t	 n, m;
	off_t	 at = 0;
	int	 same;

	if (a == -1 || b == -1)
		return (a == b);
	do {
		n = pread(a, x, sizeof(x), at);
		m = pread(b, y, sizeof(y), at);
		same = n == m && n != -1 && memcmp(x, y, (size_t)n) == 0;
		at += n;
	} while (same && n != 0);
	explicit_bzero(x, sizeof(x));
	explicit_bzero(y, sizeof(y));
	return (same);
}

static int
same_environment(const struct conf_store *a, const struct conf_store *b)
{
	const struct conf_text	*s = TAILQ_FIRST(&a->environment);
	const struct conf_text	*t = TAILQ_FIRST(&b->environment);

	while (s != NULL && t != NULL && strcmp(s->text, t->text) == 0 &&
	    same_secret(s->fd, t->fd)) {
		s = TAILQ_NEXT(s, entry);
		t = TAILQ_NEXT(t, entry);
	}
	return (s == NULL && t == NULL);
}

/* The set of an account: what is reached in the same way as the same user. */
static struct signer_set *
set_of_cloud(struct setup *setup, const struct conf_store *store)
{
	struct clouduri		 uri;
	struct signer_set	*set;
	char			 err[512];

	if (clouduri_parse(store->name, &uri, err, sizeof(err)) == -1)
		fatalx("URI not understood uri=%s reason=\"%s\"", store->name,
		    err);
	TAILQ_FOREACH(set, &setup->sets, entry)
		if (set->kind == SET_CLOUD &&
		    strcmp(set->account, uri.account) == 0 &&
		    same_text(set->cloud->endpoint, store->endpoint) &&
		    same_text(set->cloud->ca, store->ca) &&
		    same_text(set->cloud->chroot, store->chroot) &&
		    same_environment(set->cloud, store))
			return (set);
	set = set_new(setup, SET_CLOUD);
	set->cloud = store;
	set->chroot = store->chroot;
	if ((set->account = strdup(uri.account)) == NULL)
		fatal("strdup");
	snprintf(set->name, sizeof(set->name), "%s %.200s",
	    cloud_name(uri.cloud), uri.account);
	return (set);
}

static uint32_t
count_keys(const struct setup *setup)
{
	const struct signer_set	*set;
	uint32_t		 n = 0;

	TAILQ_FOREACH(set, &setup->sets, entry)
		n += set->nkeys;
	return (n);
}

static struct set_key *
set_key_add(struct signer_set *set, const struct conf_store *store,
    const char *name)
{
	struct set_key	*key;

	/* Doubles the room at each power of two. */
	if ((set->nkeys & (set->nkeys - 1)) == 0) {
		key = recallocarray(set->keys, set->nkeys,
		    set->nkeys == 0 ? 1 : (size_t)set->nkeys * 2, sizeof(*key));
		if (key == NULL)
			fatal("recallocarray");
		set->keys = key;
	}
	key = &set->keys[set->nkeys++];
	key->store = store;
	key->cert_fd = -1;
	if ((key->name = strdup(name)) == NULL)
		fatal("strdup");
	return (key);
}

static void set_key_lose(struct set_key *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
set_key_lose(struct set_key *key, const char *fmt, ...)
{
	char	 reason[MSG_REASON_SIZE];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	key->lost = 1;
	if (keyinfo_fail(&key->info, key->name, reason) == -1)
		fatal("keyinfo_fail");
}

static void
add_file(struct setup *setup, const struct conf_store *store, const char *path,
    const struct opening *o)
{
	struct set_key	*key;
	char		 err[MSG_REASON_SIZE];

	key = set_key_add(set_of_kind(setup, SET_FILES), store, path);
	key->file = key_file_open(key->name, o->gid, o->known, err,
	    sizeof(err));
	if (key->file != NULL)
		return;
	setup->exhausted |= errno == EMFILE || errno == ENFILE;
	set_key_lose(key, "%s", err);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return (strcmp((*a)->fts_name, (*b)->fts_name));
}

static int
is_key_name(const FTSENT *e)
{
	size_t	 suffix = sizeof(KEY_SUFFIX) - 1;

	return (e->fts_namelen > suffix &&
	    strcmp(e->fts_name + e->fts_namelen - suffix, KEY_SUFFIX) == 0);
}

/* One entry of the walk.  Hidden files and directories are passed over. */
static void
add_entry(struct setup *setup, const struct conf_store *store, FTS *fts,
    FTSENT *e, const struct opening *o)
{
	if (e->fts_level > 0 && e->fts_name[0] == '.') {
		fts_set(fts, e, FTS_SKIP);
		return;
	}
	switch (e->fts_info) {
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		set_key_lose(set_key_add(set_of_kind(setup, SET_NONE), store,
		    e->fts_path), "cannot read directory: %s",
		    strerror(e->fts_errno));
		break;
	case FTS_D:
	case FTS_DP:
	case FTS_DC:
		break;
	default:
		if (is_key_name(e))
			add_file(setup, store, e->fts_path, o);
	}
}

/* All key files below the directory; symbolic links to directories are not. */
static void
add_directory(struct setup *setup, const struct conf_store *store,
    const struct opening *o)
{
	char		*paths[2] = { store->name, NULL };
	FTS		*fts;
	FTSENT		*e;
	uint32_t	 before = count_keys(setup);

	/* The directory itself may be a link. */
	fts = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR,
	    by_name);
	if (fts == NULL)
		fatal("fts_open path=%s", store->name);
	while ((e = fts_read(fts)) != NULL)
		add_entry(setup, store, fts, e, o);
	fts_close(fts);
	if (count_keys(setup) == before)
		log_warnx("no key in store dir=%s reason=\"no file *%s there\"",
		    store->name, KEY_SUFFIX);
}

/* The PIN of a token is that of the first of its stores that has one. */
static int
open_pin(struct signer_set *set, struct set_key *key, gid_t gid)
{
	const struct conf_store	*store = key->store;
	char			 err[MSG_REASON_SIZE];

	if (set->pin_fd != -1)
		return (0);
	if (store->pin_fd != -1) {
		set->pin_fd = fcntl(store->pin_fd, F_DUPFD_CLOEXEC, 0);
		if (set->pin_fd == -1)
			fatal("fcntl F_DUPFD_CLOEXEC");
	} else if (store->pin_file != NULL) {
		set->pin_fd = secret_open(store->pin_file, gid, err,
		    sizeof(err));
		if (set->pin_fd == -1) {
			set_key_lose(key, "cannot open PIN file %s: %s",
			    store->pin_file, err);
			return (-1);
		}
	}
	return (0);
}

static void
add_token_key(struct setup *setup, const struct conf_store *store, gid_t gid)
{
	struct signer_set	*set = set_of_token(setup, store);
	struct set_key		*key = set_key_add(set, store, store->name);

	if (set->chroot == NULL)
		set->chroot = store->chroot;
	if (store->user_type != NULL)
		(void)conf_user_type(store->user_type, &set->user_type);
	if (open_pin(set, key, gid) == -1 || store->certificate == NULL)
		return;
	key->cert_fd = open(store->certificate,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (key->cert_fd == -1)
		set_key_lose(key, "cannot open certificate %s: %s",
		    store->certificate, strerror(errno));
}

static void
add_cloud_key(struct setup *setup, const struct conf_store *store)
{
	struct signer_set	*set = set_of_cloud(setup, store);
	struct set_key		*key = set_key_add(set, store, store->name);

	if (access(parent_options.cloud, X_OK) == -1) {
		set_key_lose(key, "cannot run %s: %s; it is built where "
		    "libcurl and jansson are installed (Debian: "
		    "libcurl4-openssl-dev, libjansson-dev)",
		    parent_options.cloud, strerror(errno));
		return;
	}
	if (store->ca == NULL || set->ca_fd != -1)
		return;
	set->ca_fd = open(store->ca,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (set->ca_fd == -1)
		set_key_lose(key, "cannot open ca %s: %s", store->ca,
		    strerror(errno));
}

static void
add_store(struct setup *setup, const struct conf_store *store,
    const struct opening *o)
{
	switch (store->kind) {
	case STORE_DIR:
		add_directory(setup, store, o);
		break;
	case STORE_FILE:
		add_file(setup, store, store->name, o);
		break;
	case STORE_PKCS11:
		add_token_key(setup, store, o->gid);
		break;
	case STORE_CLOUD:
		add_cloud_key(setup, store);
		break;
	}
}

/*
 * As many processes as the stores ask for or the machine has processors (for
 * a cloud, where they mostly wait, more), and for a token no more than the
 * fewest sessions that a URI allows or, where nobody says a number, than such
 * modules are known to have.
 */
static uint32_t
count_signers(const struct signer_set *set)
{
	const struct conf_store	*store;
	uint32_t		 i, limit = 0, n = 0;

	for (i = 0; i < set->nkeys; i++) {
		store = set->keys[i].store;
		if (store->signers > n)
			n = store->signers;
		if (store->uri != NULL && store->uri->max_sessions != 0 &&
		    (limit == 0 || store->uri->max_sessions < limit))
			limit = store->uri->max_sessions;
	}
	if (limit == 0 && n == 0 && set->kind == SET_PKCS11)
		limit = modprofile_find(set->uri->module_path)->max_sessions;
	if (n == 0 && set->kind == SET_CLOUD)
		n = SIGNERS_CLOUD;
	if (n == 0) {
		n = (uint32_t)compat_ncpu();
		if (n < SIGNERS_MIN)
			n = SIGNERS_MIN;
	}
	return (limit != 0 && n > limit ? limit : n);
}

/* Sets without a key to serve need no process. */
static void
set_finish(struct signer_set *set)
{
	uint32_t	 i, usable = 0;

	for (i = 0; i < set->nkeys; i++)
		usable += !set->keys[i].lost;
	set->state = usable == 0 ? SET_FAILED : SET_LOADING;
	set->nsigners = usable == 0 ? 0 : count_signers(set);
}

int
sets_open(struct setup *setup, const struct setup *old)
{
	const struct conf_store	*store;
	struct signer_set	*set;
	struct opening		 o;

	if (setup_user_gid(setup->conf->signer_user, &o.gid) == -1)
		return (-1);
	o.known = key_files_list(old);
	key_files_limit(1);
	TAILQ_FOREACH(store, &setup->conf->stores, entry)
		add_store(setup, store, &o);
	key_files_limit(0);
	key_files_free(o.known);
	TAILQ_FOREACH(set, &setup->sets, entry)
		set_finish(set);
	if (setup->exhausted)
		log_errx("too many key files keys=%u reason=\"raise the limit "
		    "of open files\"", count_keys(setup));
	return (setup->exhausted ? -1 : 0);
}

static void
set_free(struct signer_set *set)
{
	uint32_t	 i;

	for (i = 0; i < set->nkeys; i++) {
		key_file_close(set->keys[i].file);
		if (set->keys[i].cert_fd != -1)
			close(set->keys[i].cert_fd);
		keyinfo_free(&set->keys[i].info);
		free(set->keys[i].name);
	}
	if (set->pin_fd != -1)
		close(set->pin_fd);
	if (set->ca_fd != -1)
		close(set->ca_fd);
	free(set->account);
	free(set->keys);
	free(set);
}

void
sets_close(struct setup *setup)
{
	struct signer_set	*set;

	while ((set = TAILQ_FIRST(&setup->sets)) != NULL) {
		TAILQ_REMOVE(&setup->sets, set, entry);
		set_free(set);
	}
}
