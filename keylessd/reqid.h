/*
 * The name that a request has for itself: `request_id' of its request context,
 * by which log lines here and at the edge can be put side by side.
 */
#ifndef REQID_H
#define REQID_H

#include "wire.h"

#define REQID_SIZE	65	/* bytes with the NUL; longer ones are cut */

/*
 * Copy it out of a context (tag 0x16, a JSON object) as it stands, since few
 * requests ever see a log; without a name: "-".
 */
void	reqid_take(char id[REQID_SIZE], const struct wire_bytes *context);

/*
 * Before it goes to a log: what could be taken for something else there
 * becomes an underscore.  Returns id.
 */
char	*reqid_clean(char id[REQID_SIZE]);

/*
 * A copy of any other text of a client, such as a server name, as clean; "-"
 * if it is absent or empty.
 */
void	reqid_word(char *word, size_t size, const struct wire_bytes *);

#endif
