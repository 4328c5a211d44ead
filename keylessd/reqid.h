/*
 * The name that a request has for itself: `request_id' of its request context,
 * by which log lines here and at the edge can be put side by side.
 */
#ifndef REQID_H
#define REQID_H

#include "wire.h"

#define REQID_SIZE	65	/* bytes with the NUL; longer ones are cut */

/*
 * Copy it out of a context (tag 0x16, a JSON object).  What could be taken for
 * something else in a log line becomes an underscore; without a name: "-".
 */
void	reqid_take(char id[REQID_SIZE], const struct wire_bytes *context);

/*
 * The same care for any other text of a client, such as a server name; "-" if
 * it is absent or empty.
 */
void	reqid_word(char *word, size_t size, const struct wire_bytes *);

#endif
