/*
 * What happened between two looks at the daemon's counters.
 */
#ifndef RATE_H
#define RATE_H

#include <stdint.h>

#include "msg.h"

#define RATE_OPCODES	(UINT8_MAX + 1)

/* Counters at one moment. */
struct sample {
	uint64_t	 when;		/* nanoseconds, of a clock that never
					 * goes back */
	uint64_t	 requests;
	uint64_t	 errors;
	uint64_t	 pending;
	uint64_t	 connections;
	uint64_t	 opcodes[RATE_OPCODES];		/* requests */
	uint64_t	 latency[LATENCY_BUCKETS];
};

/* Rates are a second's, rounded; what happened at all is at least 1. */
struct rates {
	uint64_t	 requests;
	uint64_t	 errors;
	uint64_t	 opcodes[RATE_OPCODES];		/* requests */
	uint64_t	 p50;		/* microseconds, of the responses in */
	uint64_t	 p99;		/* between; 0: there were none */
};

/*
 * From the older of two samples to the newer one.  A counter that went back
 * counts as one that stood still.
 */
void	rates_between(const struct sample *, const struct sample *,
	    struct rates *);

#endif
