/* Frontend: limits of events a second. */
#include "bucket.h"

#define EVENT	1000		/* of level */
#define BURST	2		/* seconds' worth */

/* Fill in what has come in since: rate thousandths in a millisecond. */
static uint64_t
fill(struct bucket *b, uint32_t rate, uint64_t now)
{
	uint64_t	 room = (uint64_t)rate * BURST * EVENT;
	uint64_t	 passed = now - b->last;

	if (b->last == 0 || passed >= BURST * 1000 ||
	    b->level + passed * rate > room)
		b->level = room;
	else
		b->level += passed * rate;
	b->last = now;
	return (b->level);
}

int
bucket_take(struct bucket *b, uint32_t rate, uint64_t now)
{
	if (rate == 0)
		return (1);
	if (fill(b, rate, now) < EVENT)
		return (0);
	b->level -= EVENT;
	return (1);
}

uint64_t
bucket_wait(struct bucket *b, uint32_t rate, uint64_t now)
{
	uint64_t	 level;

	if (rate == 0 || (level = fill(b, rate, now)) >= EVENT)
		return (0);
	return ((EVENT - level + rate - 1) / rate);
}

int
bucket_full(struct bucket *b, uint32_t rate, uint64_t now)
{
	return (rate == 0 ||
	    fill(b, rate, now) == (uint64_t)rate * BURST * EVENT);
}
