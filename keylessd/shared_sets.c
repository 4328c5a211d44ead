/* Frontend: what it publishes, for a scrape, of signers and of itself. */
#include <string.h>
#include <time.h>

#include "compat.h"
#include "frontend.h"

#define CPU_AGE		1000	/* ms: how old its processor time may get */

/*
 * A set's place follows from its id.  Ids ascend, so that those of a
 * configuration have places of their own; of older ones that are retired the
 * places go to newer ones.
 */
static struct shared_set *
place_of(struct shared *s, uint32_t id)
{
	return (&s->sets[id % SHARED_SETS]);
}

/* Counts go on where a predecessor of this process ended. */
static struct shared_set *
place_take(struct fe_set *set)
{
	struct shared_set	*p = place_of(fe_shared, set->id);

	if (p->set != set->id) {
		memset(p, 0, sizeof(*p));
		p->set = set->id;
	}
	if (!set->published) {
		set->published = 1;
		set->served_before = p->served;
		set->worked_before = p->worked;
	}
	return (p);
}

static void
publish_set(struct fe_set *set)
{
	struct shared_set	*p = place_take(set);
	uint64_t		 served = set->served_before;
	uint64_t		 worked = set->worked_before, inflight = 0;
	uint32_t		 i;

	for (i = 0; i < set->nsigners; i++) {
		served += set->signers[i].served;
		worked += set->signers[i].worked;
		inflight += set->signers[i].ninflight;
	}
	p->served = served;
	p->worked = worked;
	p->inflight = inflight;
	p->queued = set->nqueued;
}

void
shared_publish_cpu(void)
{
	static const struct shared	*mine;
	static uint64_t			 before;
	struct timespec			 ts;

	if (mine != fe_shared) {
		mine = fe_shared;
		before = mine->counts.cpu;
	}
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == 0)
		fe_shared->counts.cpu = before + (uint64_t)ts.tv_sec * 1000000 +
		    (uint64_t)ts.tv_nsec / 1000;
}

void
shared_publish_sets(void)
{
	struct fe_set	*set;

	TAILQ_FOREACH(set, &fe_sets, entry)
		publish_set(set);
}

void
shared_publish(void)
{
	static uint64_t	 due;

	shared_publish_sets();
	if (frontend_now() < due)
		return;
	due = frontend_now() + CPU_AGE;
	shared_publish_cpu();
}

void
shared_set_total(const struct fe_set *set, struct shared_set *sum)
{
	const struct shared_set	*p;
	struct shared		*s;
	uint32_t		 i;

	memset(sum, 0, sizeof(*sum));
	sum->set = set->id;
	for (i = 0; (s = shared_of(i)) != NULL; i++) {
		p = place_of(s, set->id);
		if (p->set != set->id)
			continue;
		sum->served += p->served;
		sum->worked += p->worked;
		sum->inflight += p->inflight;
		sum->queued += p->queued;
	}
}
