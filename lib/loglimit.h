/*
 * Log lines that strangers or a broken token can provoke at will, a few at a
 * time.
 */
#ifndef LOGLIMIT_H
#define LOGLIMIT_H

#include <stdint.h>

#define LOGLIMIT_LINES	20	/* of one kind ... */
#define LOGLIMIT_WINDOW	10000	/* ... in so many milliseconds */

/* One kind of line.  All zero but for what is ready for use. */
struct loglimit {
	const char	*what;		/* names the kind in the summary */
	uint64_t	 begun;		/* ms, of the window */
	unsigned int	 lines;		/* in it */
	unsigned int	 left_out;
};

/*
 * Whether one more line may be logged at the time now, in milliseconds.  The
 * first that may after others could not is preceded by their number.
 */
int	loglimit_ok(struct loglimit *, uint64_t now);

#endif
