/* Frontend: whether the stores sign, found out when somebody asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compat.h"
#include "health.h"
#include "log.h"

#define FAILED_AGE	1000	/* ms: so long a failure is not tried again */

struct fe_store {
	struct msg_store	 info;
	int			 first;		/* of those with its name */
	enum store_health	 health;
	uint64_t		 tested_at;	/* ms */
	uint64_t		 verified_time;	/* seconds since the Epoch */
	uint64_t		 tests;
	uint64_t		 failures;
	uint32_t		 next_key;	/* of its set, to be tested */
	struct pending		*test;		/* under way; or NULL */
	char			 reason[MSG_REASON_SIZE];
};

struct stores {
	struct fe_store	*list;
	size_t		 count;
	int		 required;	/* some are */
};

struct health_wait {
	TAILQ_ENTRY(health_wait) entry;
	health_done		 done;
	void			*arg;
};

static struct stores		 current;
static struct stores		 incoming;
static TAILQ_HEAD(, health_wait) waits = TAILQ_HEAD_INITIALIZER(waits);

static void
stores_free(struct stores *stores)
{
	size_t	 i;

	for (i = 0; i < stores->count; i++)
		if (stores->list[i].test != NULL)
			pending_abandon(stores->list[i].test);
	free(stores->list);
	memset(stores, 0, sizeof(*stores));
}

void
health_offer(const struct msg_store *m)
{
	struct fe_store	*list;

	if (m->store != incoming.count)
		fatalx("parent sends stores in disorder store=%u", m->store);
	list = recallocarray(incoming.list, incoming.count,
	    incoming.count + 1, sizeof(*list));
	if (list == NULL)
		fatal("recallocarray");
	incoming.list = list;
	list[incoming.count++].info = *m;
	incoming.required |= m->required != 0;
}

void
health_abort(void)
{
	stores_free(&incoming);
}

static int
counts(const struct fe_store *store)
{
	return (store->info.required || !current.required);
}

/* Its set; NULL when it has none among those of the configuration in force. */
static struct fe_set *
set_of(const struct fe_store *store)
{
	struct fe_set	*set;

	if (store->info.set == MSG_SET_NONE ||
	    (set = queue_set_find(store->info.set)) == NULL ||
	    set->generation != frontend_generation())
		return (NULL);
	return (set);
}

/* The next ready key of the store, in turn; NULL when it has none. */
static struct fe_key *
next_key(struct fe_store *store, const struct fe_set *set)
{
	struct fe_key	*key;
	uint32_t	 i;

	for (i = 0; i < set->nkeys; i++) {
		key = frontend_key(set->first_key +
		    (store->next_key + i) % set->nkeys);
		if (key->place != store->info.store ||
		    key->info.state != KEY_READY)
			continue;
		store->next_key = (store->next_key + i + 1) % set->nkeys;
		return (key);
	}
	return (NULL);
}

static void
set_failed(struct fe_store *store, const char *reason)
{
	store->failures++;
	store->health = STORE_FAILS;
	store->tested_at = frontend_now();
	strlcpy(store->reason, reason, sizeof(store->reason));
}

/* Ask for a test signature, unless it is known that there can be none. */
static void
store_test(struct fe_store *store)
{
	struct fe_set	*set = set_of(store);
	struct fe_key	*key;

	store->tests++;
	if (set == NULL || (key = next_key(store, set)) == NULL)
		set_failed(store, "no usable key");
	else if (queue_set_lost(set))
		set_failed(store, "none of its signers has its token");
	else if ((store->test = pending_test(store, key)) == NULL)
		set_failed(store, "too many requests pending");
	else if (queue_add(store->test) == -1) {
		pending_free(store->test);
		store->test = NULL;
		set_failed(store, "out of memory");
	}
}

/* Whether what is known of the store is young enough to be an answer. */
static int
is_fresh(const struct fe_store *store)
{
	const struct fe_set	*set = set_of(store);
	uint64_t		 age = frontend_now() - store->tested_at;

	switch (store->health) {
	case STORE_SIGNS:
		return (set != NULL && !queue_set_lost(set) &&
		    age < fe_conf.check_age);
	case STORE_FAILS:
		return (age < FAILED_AGE);
	case STORE_UNTESTED:
		break;
	}
	return (0);
}

/* Returns whether all stores that count sign; if not, why, in reason. */
static int
judge(char *reason, size_t size)
{
	const struct fe_store	*store;
	size_t			 i, len = 0;

	reason[0] = '\0';
	if (frontend_draining()) {
		strlcpy(reason, "draining", size);
		return (0);
	}
	for (i = 0; i < current.count; i++) {
		store = &current.list[i];
		if (!counts(store) || store->health == STORE_SIGNS ||
		    len >= size)
			continue;
		len += (size_t)snprintf(reason + len, size - len,
		    "%sstore %s: %s", len == 0 ? "" : "; ", store->info.name,
		    store->health == STORE_FAILS ? store->reason :
		    "not tested yet");
	}
	return (len == 0);
}

/* Whether a test that counts is under way. */
static int
is_testing(void)
{
	size_t	 i;

	for (i = 0; i < current.count; i++)
		if (counts(&current.list[i]) && current.list[i].test != NULL)
			return (1);
	return (0);
}

static void
answer_waits(void)
{
	struct health_wait	*w;
	char			 reason[MSG_REASON_SIZE];
	int			 ok;

	if (TAILQ_EMPTY(&waits) || is_testing())
		return;
	ok = judge(reason, sizeof(reason));
	while ((w = TAILQ_FIRST(&waits)) != NULL) {
		TAILQ_REMOVE(&waits, w, entry);
		w->done(w->arg, ok, reason);
		free(w);
	}
}

struct health_wait *
health_ask(health_done done, void *arg)
{
	struct health_wait	*w;
	struct fe_store		*store;
	char			 reason[MSG_REASON_SIZE];
	size_t			 i;

	for (i = 0; i < current.count; i++) {
		store = &current.list[i];
		if (counts(store) && store->test == NULL && !is_fresh(store))
			store_test(store);
	}
	if (!is_testing()) {
		done(arg, judge(reason, sizeof(reason)), reason);
		return (NULL);
	}
	if ((w = calloc(1, sizeof(*w))) == NULL)
		fatal("calloc");
	w->done = done;
	w->arg = arg;
	TAILQ_INSERT_TAIL(&waits, w, entry);
	return (w);
}

void
health_cancel(struct health_wait *w)
{
	TAILQ_REMOVE(&waits, w, entry);
	free(w);
}

void
health_tested(struct fe_store *store, const char *reason)
{
	store->test = NULL;
	if (reason != NULL) {
		set_failed(store, reason);
		log_warnx("test signature failed store=\"%s\" reason=\"%s\"",
		    store->info.name, reason);
	} else {
		store->health = STORE_SIGNS;
		store->tested_at = frontend_now();
		store->verified_time = (uint64_t)time(NULL);
		store->reason[0] = '\0';
	}
	answer_waits();
}

static int
by_name(const void *a, const void *b)
{
	const struct fe_store	*x = *(struct fe_store *const *)a;
	const struct fe_store	*y = *(struct fe_store *const *)b;
	int			 order = strcmp(x->info.name, y->info.name);

	return (order != 0 ? order : x < y ? -1 : x > y);
}

/* Two stores may have the same name; metrics show one of them. */
static void
mark_first(struct stores *stores)
{
	struct fe_store	**sorted;
	size_t		  i;

	if ((sorted = calloc(stores->count + 1, sizeof(*sorted))) == NULL)
		fatal("calloc");
	for (i = 0; i < stores->count; i++)
		sorted[i] = &stores->list[i];
	qsort(sorted, stores->count, sizeof(*sorted), by_name);
	for (i = 0; i < stores->count; i++)
		sorted[i]->first = i == 0 || strcmp(sorted[i]->info.name,
		    sorted[i - 1]->info.name) != 0;
	free(sorted);
}

int
health_state(size_t i, struct health_state *state)
{
	const struct fe_store	*store;

	if (i >= current.count)
		return (-1);
	store = &current.list[i];
	state->name = store->info.name;
	state->health = store->health;
	state->counts = counts(store);
	state->first = store->first;
	state->verified_time = store->verified_time;
	return (0);
}

void
health_switch(void)
{
	struct health_wait	*w;

	mark_first(&incoming);
	stores_free(&current);
	current = incoming;
	memset(&incoming, 0, sizeof(incoming));
	/* Who waits asked about stores that are history. */
	while ((w = TAILQ_FIRST(&waits)) != NULL) {
		TAILQ_REMOVE(&waits, w, entry);
		w->done(w->arg, 0, "the configuration changed; ask again");
		free(w);
	}
}

static void
count_keys(const struct fe_store *store, const struct fe_set *set,
    struct msg_store_row *row)
{
	const struct fe_key	*key;
	uint32_t		 i;

	for (i = 0; i < set->nkeys; i++) {
		key = frontend_key(set->first_key + i);
		if (key->place != store->info.store)
			continue;
		if (key->info.state == KEY_READY && key->refused == SIGN_OK &&
		    !queue_set_lost(set))
			row->keys_ready++;
		else
			row->keys_failed++;
	}
	for (i = 0; i < set->nsigners; i++)
		row->signers_ready += set->signers[i].fd != -1;
	row->signers = set->nsigners;
}

int
health_row(size_t i, struct msg_store_row *row)
{
	const struct fe_store	*store;
	const struct fe_set	*set;

	if (i >= current.count)
		return (-1);
	store = &current.list[i];
	memset(row, 0, sizeof(*row));
	row->store = store->info;
	row->health = store->health;
	row->counts = counts(store) != 0;
	row->tests = store->tests;
	row->failures = store->failures;
	row->verified_time = store->verified_time;
	strlcpy(row->reason, store->reason, sizeof(row->reason));
	if ((set = set_of(store)) != NULL)
		count_keys(store, set, row);
	return (0);
}

const char *
health_store_name(size_t i)
{
	return (i < current.count ? current.list[i].info.name : "");
}
