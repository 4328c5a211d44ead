/*
 * What the lines of every log have in common.
 */
#ifndef LOGLINE_H
#define LOGLINE_H

#include <stddef.h>

/*
 * Copy text to dst with all but printable ASCII as \xNN: a peer cannot forge a
 * line, and some terminals take bytes above 0x7f for controls.  Cut at the end
 * of dst, which has at least 5 bytes.
 */
void	logline_clean(char *dst, size_t size, const char *text);

/* The local time to the second, as ISO 8601 has it; empty if unknown. */
#define LOGLINE_STAMP	32
void	logline_stamp(char *);

#endif
