/*
 * The other frontends, which the first one asks what it shows on the control
 * socket: as keylessctl asks it itself, over channels that the parent made.
 */
#ifndef SIBLINGS_H
#define SIBLINGS_H

#include "channel.h"

struct siblings_ask;

/*
 * Ask each of them with a MSG_CTL_SHOW_*.  row is called with each answer of
 * row_type and exactly row_size bytes; done when all have answered, or are
 * gone, or too late: perhaps before this returns, which then returns NULL.
 * Else it returns what siblings_cancel() takes until done is called.
 */
struct siblings_ask	*siblings_ask(uint32_t request, uint32_t row_type,
			    size_t row_size, void (*row)(void *, const void *),
			    void (*done)(void *), void *arg);
void			 siblings_cancel(struct siblings_ask *);

/* The frontend with this number, in place of its predecessor; takes fd over. */
void			 siblings_connect(uint32_t number, int fd);

#endif
