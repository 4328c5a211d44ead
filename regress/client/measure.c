/*
 * Test client: what a load is measured by: the time of each request, and the
 * processor time that groups of processes use meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "compat.h"

#define GROUPS_MAX	4
#define PIDS_MAX	256	/* in a group */

/*
 * Times fall into buckets: 64 for each power of two, so that what is read from
 * them is 1.6 % too small at most.
 */
#define SUB_BITS	6
#define SUB		(1 << SUB_BITS)
#define BUCKETS		((64 - SUB_BITS + 1) * SUB)

struct group {
	char		 name[32];
	int		 pids[PIDS_MAX];
	size_t		 npids;
	uint64_t	 begun;		/* ns of processor time */
	uint64_t	 used;
};

struct measure {
	uint64_t	 begin;		/* ns; 0: not yet begun */
	uint64_t	 end;		/* ns; 0: not yet over */
	uint64_t	 answers;
	uint64_t	 buckets[BUCKETS];
	struct group	 groups[GROUPS_MAX];
	size_t		 ngroups;
};

uint64_t
now_ns(void)
{
	struct timespec	 ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		die("clock: %s", strerror(errno));
	return ((uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec);
}

/* Processor time of a process of one thread, in ns. */
static uint64_t
process_time(int pid)
{
	unsigned long long	 ns;
	char			 path[64];
	FILE			*f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	if ((f = fopen(path, "r")) == NULL || fscanf(f, "%llu", &ns) != 1)
		die("no processor time of process %d", pid);
	fclose(f);
	return (ns);
}

static uint64_t
group_time(const struct group *g)
{
	uint64_t	 sum = 0;
	size_t		 i;

	for (i = 0; i < g->npids; i++)
		sum += process_time(g->pids[i]);
	return (sum);
}

/* "NAME=PID,PID" */
static void
group_parse(struct group *g, const char *text)
{
	const char	*p = strchr(text, '=');
	char		*end;

	if (p == NULL || (size_t)(p - text) >= sizeof(g->name))
		die("%s: not NAME=PID,...", text);
	memcpy(g->name, text, (size_t)(p - text));
	while (*p != '\0') {
		if (g->npids == PIDS_MAX)
			die("%s: too many processes", text);
		g->pids[g->npids++] = (int)strtol(p + 1, &end, 10);
		if (end == p + 1 || (*end != ',' && *end != '\0'))
			die("%s: not NAME=PID,...", text);
		p = end;
	}
}

struct measure *
measure_new(const struct options *o)
{
	struct measure	*m = must_alloc(sizeof(*m));
	size_t		 i;

	for (i = 0; i < o->ngroups; i++)
		group_parse(&m->groups[m->ngroups++], o->groups[i]);
	return (m);
}

void
measure_begin(struct measure *m)
{
	size_t	 i;

	for (i = 0; i < m->ngroups; i++)
		m->groups[i].begun = group_time(&m->groups[i]);
	m->begin = now_ns();
}

int
measure_began(const struct measure *m)
{
	return (m->begin != 0);
}

int
measure_answers(const struct measure *m)
{
	return (m->answers != 0);
}

void
measure_end(struct measure *m)
{
	size_t	 i;

	if (m->begin == 0 || m->end != 0)
		return;
	m->end = now_ns();
	for (i = 0; i < m->ngroups; i++)
		m->groups[i].used = group_time(&m->groups[i]) -
		    m->groups[i].begun;
}

static size_t
bucket_of(uint64_t ns)
{
	int	 e = 0;

	while (ns >> e >= 2 * SUB)
		e++;
	return ((size_t)e * SUB + (size_t)(ns >> e));
}

static uint64_t
bucket_value(size_t i)
{
	size_t	 e = i < 2 * SUB ? 0 : i / SUB - 1;

	return ((uint64_t)(i - e * SUB) << e);
}

void
measure_add(struct measure *m, uint64_t sent)
{
	if (m->begin == 0 || m->end != 0)
		return;
	m->answers++;
	m->buckets[bucket_of(now_ns() - sent)]++;
}

/* The time that all but so many of a thousand answers took at most, in ns. */
static uint64_t
quantile(const struct measure *m, uint64_t thousandths)
{
	uint64_t	 left = m->answers * thousandths / 1000;
	size_t		 i;

	for (i = BUCKETS - 1; i > 0; i--) {
		if (m->buckets[i] > left)
			break;
		left -= m->buckets[i];
	}
	return (bucket_value(i));
}

void
measure_print(const struct measure *m)
{
	uint64_t	 ns = m->end - m->begin;
	size_t		 i;

	if (m->begin == 0 || m->answers == 0)
		return;
	printf(" measured=%llu rate=%llu p50_us=%.1f p99_us=%.1f "
	    "p999_us=%.1f max_us=%.1f", (unsigned long long)m->answers,
	    (unsigned long long)(m->answers * 1000000000 / ns),
	    (double)quantile(m, 500) / 1000, (double)quantile(m, 10) / 1000,
	    (double)quantile(m, 1) / 1000, (double)quantile(m, 0) / 1000);
	for (i = 0; i < m->ngroups; i++)
		printf(" %s_us=%.3f", m->groups[i].name,
		    (double)m->groups[i].used / (double)m->answers / 1000);
}
