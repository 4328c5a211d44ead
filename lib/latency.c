/* Frontend and keylessctl: a histogram of times. */
#include "latency.h"

/*
 * Times count in units of 100/64 us.  Bucket 4(k - 1) + s holds the units
 * from (4 + s) 2^(k-2) on, for the four quarters s of the octave 2^k; the
 * first four hold one unit each.
 */
#define UNITS	64		/* in PER microseconds */
#define PER	100

unsigned int
latency_bucket(uint64_t us)
{
	uint64_t	 units;
	unsigned int	 octave = 2, bucket;

	if (us > UINT64_MAX / UNITS)
		return (LATENCY_BUCKETS - 1);
	/* A bucket's end belongs to it. */
	units = us == 0 ? 0 : (us * UNITS - 1) / PER;
	if (units < 4)
		return ((unsigned int)units);
	while (units >> octave > 1)
		octave++;
	bucket = 4 * (octave - 1) + (units >> (octave - 2) & 3);
	return (bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1);
}

uint64_t
latency_upper(unsigned int bucket)
{
	uint64_t	 end;

	bucket++;
	if (bucket < 4)
		end = bucket;
	else
		end = (uint64_t)(4 + bucket % 4) << (bucket / 4 - 1);
	return (end * PER / UNITS);
}

uint64_t
latency_quantile(const uint64_t count[LATENCY_BUCKETS], double part)
{
	uint64_t	 sum = 0, seen = 0;
	unsigned int	 i;

	for (i = 0; i < LATENCY_BUCKETS; i++)
		sum += count[i];
	if (sum == 0)
		return (0);
	for (i = 0; i < LATENCY_BUCKETS - 1; i++) {
		seen += count[i];
		if ((double)seen >= part * (double)sum)
			break;
	}
	return (latency_upper(i));
}
