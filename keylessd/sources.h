/*
 * Where connections come from: what one source address may have open and may
 * open in a second.  A source is an IPv4 address or the first 64 bits of an
 * IPv6 one: whoever has one of those addresses has them all.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include <sys/socket.h>

struct source;

/*
 * A connection from there: returns the source, to be given back with
 * source_release() when the connection is closed; or NULL with the reason why
 * it is one too many.
 */
struct source	*source_admit(const struct sockaddr *, const char **reason);
void		 source_release(struct source *);

#endif
