/*
 * A histogram of times: four buckets an octave from 1.5625 microseconds on,
 * so that every doubling of 100 microseconds is the end of a bucket.  What is
 * read from it is at most a quarter too long.
 */
#ifndef LATENCY_H
#define LATENCY_H

#include <stdint.h>

#define LATENCY_BUCKETS	112	/* the last one ends beyond ten minutes */

/* The bucket of a time in microseconds; the last one takes all longer ones. */
unsigned int	 latency_bucket(uint64_t us);

/* The longest time of a bucket, microseconds. */
uint64_t	 latency_upper(unsigned int bucket);

/*
 * The time that a part (0.5: the median, 0.99) of all does not exceed,
 * microseconds; 0 when count holds none.
 */
uint64_t	 latency_quantile(const uint64_t count[LATENCY_BUCKETS],
		    double part);

#endif
