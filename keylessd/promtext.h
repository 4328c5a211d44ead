/*
 * Writes metrics in Prometheus' text format, version 0.0.4: lines of HELP and
 * TYPE, then samples, with what needs it escaped.  Labels are pairs of texts,
 * name and value, that end with NULL.  Nothing here knows what is measured.
 */
#ifndef PROMTEXT_H
#define PROMTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "figures.h"

struct evbuffer;

#define PROMTEXT_TYPE	"text/plain; version=0.0.4; charset=utf-8"

/* Parts of a second. */
enum promtext_unit {
	PROMTEXT_MICRO =	1000000,
	PROMTEXT_NANO =		1000000000
};

struct promtext {
	struct evbuffer	*out;		/* the caller's */
	const char	*name;		/* of the metric that was begun */
	int		 failed;	/* no memory: the text is not whole */
	size_t		 length;	/* of what is not in out yet */
	char		 text[4096];
};

void	promtext_init(struct promtext *, struct evbuffer *);

/* All is written.  Returns -1 if there was no memory for some of it. */
int	promtext_finish(struct promtext *);

/* The next metric.  name is kept until the one after it. */
void	promtext_begin(struct promtext *, const char *name, const char *type,
	    const char *help);

/* A sample: a number; a time, which is written in seconds. */
void	promtext_number(struct promtext *, uint64_t, ...)
	    __attribute__((sentinel));
void	promtext_seconds(struct promtext *, uint64_t, enum promtext_unit, ...)
	    __attribute__((sentinel));

/* All samples of a histogram; the unit is that of its sum. */
void	promtext_histogram(struct promtext *, const struct histogram *,
	    enum promtext_unit, ...) __attribute__((sentinel));

#endif
