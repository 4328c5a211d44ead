/*
 * Texts that others chose (labels, paths, reasons), made fit for a terminal.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

/* Room for the visible form of a text of n bytes: every byte as \xNN. */
#define TEXT_VISIBLE_SIZE(n)	(4 * (n) + 1)

/*
 * Copy src to dst with every byte as \xNN that belongs to no printable
 * character of the locale: control characters, broken UTF-8, characters that
 * change the direction of what follows.  Cuts at the end of dst, never within
 * a character.  Returns the columns that dst takes on a terminal.
 */
size_t	text_visible(char *dst, size_t size, const char *src);

/*
 * The same in a static buffer, for one message at a time; cut at about
 * 2,000 characters.  Leaves errno alone, for err(3).
 */
const char *text_show(const char *src);

#endif
