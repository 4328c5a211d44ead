/* Frontend: what a scrape of the metrics finds. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "metrics.h"

static uint64_t
add_known(uint64_t a, uint64_t b)
{
	if (a == UINT64_MAX)
		return (b);
	return (b == UINT64_MAX ? a : a + b);
}

/* What has that name already, or a new place. */
static struct set_figures *
place_of(struct scrape *s, const char *name)
{
	struct set_figures	*f;
	size_t			 i;

	for (i = 0; i < s->nsets; i++)
		if (strcmp(s->sets[i].name, name) == 0)
			return (&s->sets[i]);
	f = &s->sets[s->nsets++];
	f->name = name;
	f->sessions = f->sessions_max = UINT64_MAX;
	return (f);
}

static void
add_signers(struct set_figures *f, const struct fe_set *set)
{
	const struct fe_signer	*s;
	struct shared_set	 all;
	uint32_t		 i;

	shared_set_total(set, &all);
	f->queued += all.queued;
	f->inflight += all.inflight;
	f->served += all.served;
	f->worked += all.worked;
	f->lost |= queue_set_lost(set);
	for (i = 0; i < set->nsigners; i++) {
		s = &set->signers[i];
		f->signers[s->info.state]++;
		f->restarts += s->info.restarts;
	}
}

static void
add_keys(struct set_figures *f, const struct fe_set *set)
{
	uint32_t	 i;

	for (i = 0; i < set->nkeys; i++)
		f->keys[frontend_key_state(frontend_key(set->first_key +
		    i))]++;
}

static void
add_token(struct set_figures *f, const struct fe_set *set)
{
	const struct msg_token	*t;

	if (set->errors != NULL)
		errcount_add(&f->names, set->errors);
	if (set->token == NULL)
		return;
	t = &set->token->token;
	f->has_token = 1;
	f->logins += t->logins;
	f->reconnects += t->reconnects;
	f->errors += t->errors;
	f->sessions = add_known(f->sessions, t->sessions);
	f->sessions_max = add_known(f->sessions_max, t->sessions_max);
}

int
scrape_gather(struct scrape *s)
{
	const struct fe_set	*set;
	struct set_figures	*f;
	size_t			 n = 0;

	memset(s, 0, sizeof(*s));
	shared_publish_sets();
	shared_publish_cpu();
	frontend_figures(&s->all);
	TAILQ_FOREACH(set, &fe_sets, entry)
		n++;
	if ((s->sets = calloc(n + 1, sizeof(*s->sets))) == NULL)
		return (-1);
	/* Retired sets still answer, but what replaces them is counted. */
	TAILQ_FOREACH(set, &fe_sets, entry) {
		if (set->retired || set->generation != frontend_generation())
			continue;
		f = place_of(s, set->name);
		add_signers(f, set);
		add_keys(f, set);
		add_token(f, set);
	}
	return (0);
}

void
scrape_free(struct scrape *s)
{
	free(s->sets);
	memset(s, 0, sizeof(*s));
}
