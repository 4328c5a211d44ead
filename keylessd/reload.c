/* Parent: replaces the configuration that is served, all or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "enroll.h"
#include "log.h"
#include "signers.h"

/*
 *	 reload_begin         all sets settled,       reload_set_done
 *	 parse, open,         frontend has checked    for each set
 *	 start signers            |                       |
 *	(no) -----> parent_next --+--> parent_setup --> parent_left ----> gone
 *	                |                                signers stop
 *	                +--> reload_fail: next is thrown away,
 *	                     what is served stays as it is
 */

static uint32_t	 client;	/* who asked; 0: a signal */
static char	 outcome[MSG_REASON_SIZE]; /* said when all have switched */

/* Keys that a reload added, removed, kept, and could not load. */
struct changes {
	size_t	 added;
	size_t	 removed;
	size_t	 kept;
	size_t	 failed;
};

static void
reply(int status, const char *text)
{
	if (status == 0) {
		frontproc_counts.reloads++;
		frontproc_counts.config_time = (uint64_t)time(NULL);
		log_info("%s", text);
	} else {
		frontproc_counts.reloads_failed++;
		log_errx("%s", text);
	}
	frontproc_counts.last_reload_ok = status == 0;
	frontproc_figures();
	frontproc_result(client, status, text);
	enroll_reloaded(status, text);
	notify_ready();
}

/* Why there can be no reload now; or NULL. */
static const char *
not_now(void)
{
	if (parent_state != PARENT_SERVING || parent_next != NULL ||
	    outcome[0] != '\0')
		return ("another reload is under way");
	/* It would take the answer to one configuration for that to another. */
	if (!frontproc_serves())
		return ("the frontend is being replaced: try again");
	return (NULL);
}

int
reload_possible(void)
{
	return (not_now() == NULL);
}

void
reload_begin(uint32_t asker)
{
	struct config	*conf;
	const char	*why;
	char		 reason[MSG_REASON_SIZE], text[MSG_REASON_SIZE + 64];

	if ((why = not_now()) != NULL) {
		frontproc_counts.reloads_refused++;
		frontproc_figures();
		log_warnx("reload refused reason=\"%s\"", why);
		frontproc_result(asker, 1, why);
		return;
	}
	client = asker;
	notify_reloading();
	log_capture(reason, sizeof(reason));
	if ((conf = config_load(parent_options.config)) != NULL)
		parent_next = setup_open(conf, SETUP_SOCKETS |
		    (parent_drained ? SETUP_DRAINED : 0), parent_setup);
	log_capture(NULL, 0);
	if (parent_next == NULL) {
		snprintf(text, sizeof(text), "reload failed, nothing changed: "
		    "%s", reason);
		reply(1, text);
		return;
	}
	frontproc_offer(parent_next);
	signers_start(parent_next);
	parent_advance();
}

/*
 * Its processes may still run: it goes when they are gone.  Its sockets go at
 * once: who connected would wait for nobody.
 */
static void
leave(struct setup *setup, const struct setup *keep)
{
	listen_remove(setup, keep);
	listen_close(&setup->edge);
	listen_close(&setup->http);
	TAILQ_INSERT_TAIL(&parent_left, setup, entry);
}

void
reload_fail(const char *reason)
{
	char	 text[MSG_REASON_SIZE];

	snprintf(text, sizeof(text), "reload failed, nothing changed: %s",
	    reason);
	frontproc_abort();
	signers_stop(parent_next);
	leave(parent_next, parent_setup);
	parent_next = NULL;
	reply(1, text);
}

static int
compare_ski(const void *a, const void *b)
{
	return (memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b,
	    WIRE_SKI_SIZE));
}

/* The SKIs of the keys that can be used, sorted; their number in *n. */
static const uint8_t **
list_skis(const struct setup *setup, size_t *n)
{
	const struct signer_set	*set;
	const uint8_t		**list;
	uint32_t		 i;

	*n = 0;
	TAILQ_FOREACH(set, &setup->sets, entry)
		*n += set->nkeys;
	if ((list = calloc(*n + 1, sizeof(*list))) == NULL)
		fatal("calloc");
	*n = 0;
	TAILQ_FOREACH(set, &setup->sets, entry)
		for (i = 0; i < set->nkeys; i++)
			if (set->keys[i].info.state == KEY_READY)
				list[(*n)++] = set->keys[i].info.ski;
	qsort(list, *n, sizeof(*list), compare_ski);
	return (list);
}

static void
compare_setups(const struct setup *old, const struct setup *new,
    struct changes *c)
{
	const uint8_t	**a, **b;
	size_t		  i = 0, j = 0, na, nb;
	int		  order;

	memset(c, 0, sizeof(*c));
	a = list_skis(old, &na);
	b = list_skis(new, &nb);
	while (i < na || j < nb) {
		if (i == na)
			order = 1;
		else if (j == nb)
			order = -1;
		else
			order = memcmp(a[i], b[j], WIRE_SKI_SIZE);
		c->removed += order < 0;
		c->added += order > 0;
		c->kept += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	free(a);
	free(b);
}

static int
differ(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != b);
	return (strcmp(a, b) != 0);
}

/*
 * What is new in the file but stays as it was until a restart: the launcher
 * takes no other user or root directory than at its start, the parent cannot
 * put a file into another directory.
 */
static const char *
needs_restart(const struct config *old, const struct config *new)
{
	static char	 text[128];

	text[0] = '\0';
	if (differ(old->user, new->user))
		strlcat(text, " user", sizeof(text));
	if (differ(old->signer_user, new->signer_user))
		strlcat(text, " signer_user", sizeof(text));
	if (differ(old->chroot, new->chroot))
		strlcat(text, " chroot", sizeof(text));
	if (!pidfile_can_move(new->pid_file))
		strlcat(text, " pid_file", sizeof(text));
	if (old->frontends != new->frontends)
		strlcat(text, " frontends", sizeof(text));
	return (text);
}

static void
switch_log_level(const struct config *old, const struct config *new)
{
	if (old->loglevel != new->loglevel)
		parent_set_log_level(new->loglevel);
}

/* Say where else the frontend listens now. */
static void
log_listeners(const char *what, const struct listeners *old,
    const struct listeners *new)
{
	size_t	 i, j;

	for (i = 0; i < new->count; i++) {
		for (j = 0; j < old->count; j++)
			if (strcmp(new->list[i].address,
			    old->list[j].address) == 0)
				break;
		if (j == old->count)
			log_info("%s address=%s", what, new->list[i].address);
	}
}

static void
commit(const struct key_counts *n)
{
	struct setup	*old = parent_setup;
	struct changes	 c;
	const char	*restart;

	compare_setups(old, parent_next, &c);
	restart = needs_restart(old->conf, parent_next->conf);
	snprintf(outcome, sizeof(outcome), "reloaded: %zu keys added, "
	    "%zu removed, %zu kept, %u failed%s%s", c.added, c.removed, c.kept,
	    n->failed, *restart == '\0' ? "" : "; these need a restart:",
	    restart);
	frontproc_commit(parent_next);
	parent_setup = parent_next;
	parent_next = NULL;
	log_listeners("listening", &old->edge, &parent_setup->edge);
	log_listeners("metrics", &old->http, &parent_setup->http);
	enroll_plan(parent_setup->conf);
	leave(old, parent_setup);
	pidfile_move(parent_setup->conf->pid_file);
	switch_log_level(old->conf, parent_setup->conf);
}

/* The set of the setup that is served with the same token; or NULL. */
static const struct signer_set *
served_set(const struct signer_set *like)
{
	const struct signer_set	*set;

	TAILQ_FOREACH(set, &parent_setup->sets, entry)
		if (set->kind == SET_PKCS11 && set->state == SET_LOADED &&
		    pk11uri_same_token(set->uri, like->uri))
			return (set);
	return (NULL);
}

/*
 * A token without a session to spare can only be opened when the old signers
 * have left it.  Until then its keys are what they were; a key that is new
 * has to wait for the next reload, and one that no signer is told stays out.
 */
static void
inherit_keys(struct signer_set *set)
{
	const struct signer_set	*old;
	struct msg_key		 m;
	uint32_t		 i, j;

	if (!set->no_session || set->state != SET_AWAY ||
	    (old = served_set(set)) == NULL)
		return;
	for (i = 0; i < set->nkeys; i++) {
		for (j = 0; j < old->nkeys && !set->keys[i].lost; j++) {
			if (strcmp(set->keys[i].name, old->keys[j].name) != 0)
				continue;
			keyinfo_to_msg(&old->keys[j].info, &m);
			if (keyinfo_set(&set->keys[i].info, &m) == -1)
				fatal("keyinfo_set");
		}
	}
	set->state = SET_LOADED;
}

/* Who asked must not find a frontend that still is as it was. */
static void
say_done(void)
{
	if (outcome[0] == '\0' || !frontproc_switched())
		return;
	reply(0, outcome);
	outcome[0] = '\0';
}

void
reload_advance(void)
{
	struct signer_set	*set;
	struct key_counts	 n;

	say_done();
	if (parent_next == NULL || !frontproc_ready() ||
	    !signers_settled(parent_next))
		return;
	TAILQ_FOREACH(set, &parent_next->sets, entry)
		inherit_keys(set);
	parent_count_keys(parent_next, &n, 1);
	if (n.usable == 0)
		reload_fail("no usable key");
	else if (n.missing != 0)
		reload_fail("required keys are not usable");
	else
		commit(&n);
}

/* The last frontend that had the set ends it, if it was left. */
static void
set_lose_user(struct signer_set *set, uint32_t number)
{
	set->users &= ~((uint64_t)1 << number);
	if (set->setup != parent_setup && set->users == 0 && !set->done)
		signers_stop_set(set);
}

void
reload_set_done(uint32_t number, uint32_t id)
{
	struct signer_set	*set;
	struct setup		*setup;

	TAILQ_FOREACH(setup, &parent_left, entry)
		TAILQ_FOREACH(set, &setup->sets, entry)
			if (set->id == id)
				set_lose_user(set, number);
	reload_collect();
}

void
reload_frontend_gone(uint32_t number)
{
	struct signer_set	*set;
	struct setup		*setup;

	TAILQ_FOREACH(set, &parent_setup->sets, entry)
		set_lose_user(set, number);
	TAILQ_FOREACH(setup, &parent_left, entry)
		TAILQ_FOREACH(set, &setup->sets, entry)
			set_lose_user(set, number);
}

void
reload_collect(void)
{
	struct signer_set	*set;
	struct setup		*setup, *next;
	int			 done;

	TAILQ_FOREACH_SAFE(setup, &parent_left, entry, next) {
		done = !signers_alive(setup);
		TAILQ_FOREACH(set, &setup->sets, entry)
			done = done && (set->done || set->nsigners == 0);
		if (!done)
			continue;
		TAILQ_REMOVE(&parent_left, setup, entry);
		signers_free(setup);
		setup_close(setup);
		signers_hurry(parent_setup);
	}
}
