/* keylessctl: what happened between two looks at the daemon's counters. */
#include "compat.h"
#include "rate.h"

#define NANO	1e9

static uint64_t
gain(uint64_t before, uint64_t after)
{
	return (after > before ? after - before : 0);
}

static uint64_t
per_second(uint64_t before, uint64_t after, double seconds)
{
	uint64_t	 n = gain(before, after);
	double		 rate = (double)n / seconds + 0.5;

	if (n != 0 && rate < 1)
		return (1);
	/* Only a lying daemon counts so fast. */
	return (rate < (double)UINT64_MAX ? (uint64_t)rate : UINT64_MAX);
}

void
rates_between(const struct sample *before, const struct sample *after,
    struct rates *rates)
{
	uint64_t	 latency[LATENCY_BUCKETS];
	uint64_t	 elapsed = gain(before->when, after->when);
	double		 seconds = (double)(elapsed == 0 ? 1 : elapsed) / NANO;
	size_t		 i;

	rates->requests = per_second(before->requests, after->requests,
	    seconds);
	rates->errors = per_second(before->errors, after->errors, seconds);
	for (i = 0; i < nitems(rates->opcodes); i++)
		rates->opcodes[i] = per_second(before->opcodes[i],
		    after->opcodes[i], seconds);
	for (i = 0; i < nitems(latency); i++)
		latency[i] = gain(before->latency[i], after->latency[i]);
	rates->p50 = latency_quantile(latency, 0.5);
	rates->p99 = latency_quantile(latency, 0.99);
}
