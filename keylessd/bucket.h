/*
 * A token bucket: so many events a second, and a burst of twice as many after
 * a pause.
 */
#ifndef BUCKET_H
#define BUCKET_H

#include <stdint.h>

/* All zero is a bucket that was never used: it is full. */
struct bucket {
	uint64_t	 last;		/* ms; 0: never used */
	uint64_t	 level;		/* thousandths of an event */
};

/*
 * Whether one more event is within rate events a second at the time now, in
 * milliseconds, and count it if so.  A rate of 0 is no limit.
 */
int	 bucket_take(struct bucket *, uint32_t rate, uint64_t now);

/* The same, but how long in ms until it will be; 0: now. */
uint64_t bucket_wait(struct bucket *, uint32_t rate, uint64_t now);

/* Whether it is as full as one that was never used. */
int	 bucket_full(struct bucket *, uint32_t rate, uint64_t now);

#endif
