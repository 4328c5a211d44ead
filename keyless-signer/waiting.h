/*
 * Requests of a channel that were read and wait to be served: that of the
 * earliest turn first, and of the same turn, that which came first.
 */
#ifndef WAITING_H
#define WAITING_H

#include <stddef.h>
#include <stdint.h>

#include "signmsg.h"

struct waiting {
	size_t			 n;
	/* Slots: those of the n requests, in their order, then free ones. */
	uint8_t			 order[SIGNMSG_BATCH];
	uint8_t			 overtook[SIGNMSG_BATCH];	/* others */
	struct sign_request	 slots[SIGNMSG_BATCH];
};

void			 waiting_init(struct waiting *);

/*
 * Take one of the requests that signmsg_read() counted.  Returns 0, or -1 if it
 * is malformed.  There must be less than SIGNMSG_BATCH.
 */
int			 waiting_take(struct waiting *, struct signmsg_in *);

/*
 * The next request, and whether it came after others that it goes before.
 * There must be one; it stays until waiting_done().
 */
struct sign_request	*waiting_first(struct waiting *, int *overtook);
void			 waiting_done(struct waiting *);

#endif
