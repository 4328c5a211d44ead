/* Frontend: its counts and, to be added up, those of its siblings. */
#include <sys/mman.h>

#include <assert.h>
#include <string.h>

#include "compat.h"
#include "shared.h"

static_assert(sizeof(struct msg_stats) % sizeof(uint64_t) == 0 &&
    sizeof(struct msg_latency) % sizeof(uint64_t) == 0,
    "add() takes them for numbers");

/* Until shared_open(): a frontend that is alone. */
static struct shared_memory	 alone;

static struct shared_memory	*memory = &alone;
static uint32_t			 frontends = 1;

struct shared	*fe_shared = alone.each;
struct fe_now	 fe_now;

int
shared_open(int fd, const struct msg_place *place)
{
	void	*p;

	p = mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (p == MAP_FAILED)
		return (-1);
	memory = p;
	frontends = place->frontends;
	fe_shared = &memory->each[place->number];
	/* What the predecessor had went with it; what it counted stays. */
	fe_stats.connections = 0;
	fe_stats.handshakes = 0;
	fe_stats.pending = 0;
	return (0);
}

struct shared *
shared_of(uint32_t i)
{
	return (i < frontends ? &memory->each[i] : NULL);
}

/* Add n numbers to others. */
static void
add(void *sum, const void *more, size_t n)
{
	uint64_t	*to = sum;
	const uint64_t	*from = more;

	while (n-- > 0)
		*to++ += *from++;
}

static void
add_opstats(struct msg_opstat *sum, const struct msg_opstat *more)
{
	size_t	 i;

	for (i = 0; i < OPCODE_COUNT; i++) {
		if (more[i].requests == 0)
			continue;
		sum[i].opcode = more[i].opcode;
		sum[i].requests += more[i].requests;
		sum[i].errors += more[i].errors;
	}
}

void
shared_total(struct counts *sum)
{
	const struct counts	*c;
	uint32_t		 i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < frontends; i++) {
		c = &memory->each[i].counts;
		add(&sum->stats, &c->stats,
		    sizeof(c->stats) / sizeof(uint64_t));
		add(&sum->latency, &c->latency,
		    sizeof(c->latency) / sizeof(uint64_t));
		add_opstats(sum->opstats, c->opstats);
		figures_add(&sum->figures, &c->figures);
		sum->cpu += c->cpu;
	}
}

uint64_t
shared_connections(void)
{
	uint64_t	 n = 0;
	uint32_t	 i;

	for (i = 0; i < frontends; i++)
		n += memory->each[i].counts.stats.connections;
	return (n);
}

uint64_t
shared_next_connection(void)
{
	return (atomic_fetch_add_explicit(&memory->last_connection, 1,
	    memory_order_relaxed) + 1);
}

uint64_t
shared_since(uint64_t now)
{
	uint_least64_t	 since = 0;

	if (atomic_compare_exchange_strong(&memory->since, &since, now))
		return (now);
	return (since);
}
