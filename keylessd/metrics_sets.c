/* Frontend: metrics of signers, keys, tokens and stores. */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "compat.h"
#include "health.h"
#include "metrics.h"

#define STORES_MAX	1000	/* stores with samples of their own */

static const char *const key_states[] = {
	[KEY_FAILED] =		"failed",
	[KEY_READY] =		"ready",
	[KEY_LOST] =		"lost",
	[KEY_DISABLED] =	"disabled",
};

static const char *const signer_states[] = {
	[SIGNER_STARTING] =	"starting",
	[SIGNER_READY] =	"ready",
	[SIGNER_WAITING] =	"waiting",
	[SIGNER_LOST] =		"lost",
	[SIGNER_FAILED] =	"failed",
};

static const char *const healths[] = {
	[STORE_UNTESTED] =	"untested",
	[STORE_SIGNS] =		"signs",
	[STORE_FAILS] =		"fails",
};

static_assert(nitems(key_states) == KEY_STATE_MAX + 1, "a state without name");
static_assert(nitems(signer_states) == SIGNER_STATE_MAX + 1,
    "a state without name");
static_assert(nitems(healths) == STORE_HEALTH_MAX + 1, "a health without name");

static void
put_keys(struct promtext *p, const struct scrape *s, size_t which)
{
	size_t	 i, state;

	(void)which;
	for (i = 0; i < s->nsets; i++)
		for (state = 0; state < nitems(key_states); state++)
			promtext_number(p, s->sets[i].keys[state],
			    "set", s->sets[i].name,
			    "state", key_states[state], NULL);
}

static void
put_signers(struct promtext *p, const struct scrape *s, size_t which)
{
	size_t	 i, state;

	(void)which;
	for (i = 0; i < s->nsets; i++)
		for (state = 0; state < nitems(signer_states); state++)
			promtext_number(p, s->sets[i].signers[state],
			    "set", s->sets[i].name,
			    "state", signer_states[state], NULL);
}

/* The number at that offset of struct set_figures. */
static uint64_t
number_at(const struct set_figures *f, size_t offset)
{
	uint64_t	 n;

	memcpy(&n, (const char *)f + offset, sizeof(n));
	return (n);
}

static void
put_number(struct promtext *p, const struct scrape *s, size_t which)
{
	size_t	 i;

	for (i = 0; i < s->nsets; i++)
		promtext_number(p, number_at(&s->sets[i], which),
		    "set", s->sets[i].name, NULL);
}

static void
put_time(struct promtext *p, const struct scrape *s, size_t which)
{
	size_t	 i;

	for (i = 0; i < s->nsets; i++)
		promtext_seconds(p, number_at(&s->sets[i], which),
		    PROMTEXT_MICRO, "set", s->sets[i].name, NULL);
}

static void
put_token_number(struct promtext *p, const struct scrape *s, size_t which)
{
	const struct set_figures	*f;
	size_t				 i;

	for (i = 0; i < s->nsets; i++) {
		f = &s->sets[i];
		if (f->has_token && number_at(f, which) != UINT64_MAX)
			promtext_number(p, number_at(f, which), "set",
			    f->name, NULL);
	}
}

static void
put_token_lost(struct promtext *p, const struct scrape *s, size_t which)
{
	size_t	 i;

	(void)which;
	for (i = 0; i < s->nsets; i++)
		if (s->sets[i].has_token)
			promtext_number(p, s->sets[i].lost != 0, "set",
			    s->sets[i].name, NULL);
}

/* By name; then those whose names nobody told. */
static void
put_token_errors(struct promtext *p, const struct scrape *s, size_t which)
{
	const struct set_figures	*f;
	uint64_t			 named;
	size_t				 i;
	uint32_t			 k;

	(void)which;
	for (i = 0; i < s->nsets; i++) {
		f = &s->sets[i];
		for (k = 0; k < f->names.n; k++)
			promtext_number(p, f->names.list[k].count, "set",
			    f->name, "error", f->names.list[k].name, NULL);
		named = errcount_sum(&f->names);
		if (f->errors > named)
			promtext_number(p, f->errors - named, "set", f->name,
			    "error", "unknown", NULL);
	}
}

static void
put_stores(struct promtext *p, const struct scrape *s, size_t which)
{
	struct health_state	 store;
	uint64_t		 n[nitems(healths)] = { 0 };
	size_t			 i;

	(void)s;
	(void)which;
	for (i = 0; health_state(i, &store) == 0; i++)
		n[store.health] += store.counts != 0;
	for (i = 0; i < nitems(healths); i++)
		promtext_number(p, n[i], "health", healths[i], NULL);
}

static void
put_store_signs(struct promtext *p, const struct scrape *s, size_t which)
{
	struct health_state	 store;
	size_t			 i;

	(void)s;
	(void)which;
	for (i = 0; i < STORES_MAX && health_state(i, &store) == 0; i++)
		if (store.counts && store.first &&
		    store.health != STORE_UNTESTED)
			promtext_number(p, store.health == STORE_SIGNS,
			    "store", store.name, NULL);
}

static void
put_store_verified(struct promtext *p, const struct scrape *s, size_t which)
{
	struct health_state	 store;
	size_t			 i;

	(void)s;
	(void)which;
	for (i = 0; i < STORES_MAX && health_state(i, &store) == 0; i++)
		if (store.counts && store.first && store.verified_time != 0)
			promtext_number(p, store.verified_time, "store",
			    store.name, NULL);
}

#define AT(field)	offsetof(struct set_figures, field)

const struct metric	 metrics_sets[] = {
	{ "keylessd_keys", "gauge",
	    "Keys of the configuration, by set of signers and state.",
	    put_keys, 0 },
	{ "keylessd_signers", "gauge",
	    "Processes that sign, by set and state.", put_signers, 0 },
	{ "keylessd_signer_restarts_total", "counter",
	    "Processes that were started in the place of one that ended.",
	    put_number, AT(restarts) },
	{ "keylessd_signer_operations_total", "counter",
	    "Operations that signers answered, test signatures among them.",
	    put_number, AT(served) },
	{ "keylessd_signer_busy_seconds_total", "counter",
	    "Time that all signers of the set worked on operations.",
	    put_time, AT(worked) },
	{ "keylessd_requests_queued", "gauge",
	    "Requests that wait for a signer.", put_number, AT(queued) },
	{ "keylessd_requests_inflight", "gauge",
	    "Requests that signers hold.", put_number, AT(inflight) },
	{ "keylessd_token_lost", "gauge",
	    "1 if no signer of the set has its token, else 0.",
	    put_token_lost, 0 },
	{ "keylessd_token_logins_total", "counter",
	    "Logins to the token that succeeded.",
	    put_token_number, AT(logins) },
	{ "keylessd_token_reconnects_total", "counter",
	    "Sessions that were opened anew after an error.",
	    put_token_number, AT(reconnects) },
	{ "keylessd_token_errors_total", "counter",
	    "Errors of the token or its module, by name.",
	    put_token_errors, 0 },
	{ "keylessd_token_sessions", "gauge",
	    "Sessions open on the token, if it tells.",
	    put_token_number, AT(sessions) },
	{ "keylessd_token_sessions_limit", "gauge",
	    "Sessions that the token can have; 0 is no limit.",
	    put_token_number, AT(sessions_max) },
	{ "keylessd_stores", "gauge",
	    "Stores that count for the readiness, by their last test "
	    "signature.", put_stores, 0 },
	{ "keylessd_store_signs", "gauge",
	    "1 if the last test signature of the store was right, 0 if it "
	    "failed.", put_store_signs, 0 },
	{ "keylessd_store_last_verified_timestamp_seconds", "gauge",
	    "When a test signature of the store was right for the last time.",
	    put_store_verified, 0 },
	{ NULL, NULL, NULL, NULL, 0 }
};
