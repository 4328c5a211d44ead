/*
 * A client asked for a key that is not here.  As a rule the edge has a
 * certificate whose key is elsewhere; the log says which key was asked for
 * and which are here.
 */
#ifndef MISSING_H
#define MISSING_H

#include "frontend.h"

void	missing_key(struct conn *, const struct opcode_info *,
	    const struct wire_body *);

#endif
