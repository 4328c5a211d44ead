/*
 * When to ask a service again, and when not: what is busy or broken is asked
 * again after growing pauses, or when it says (Retry-After); a refused token is
 * renewed once; no try begins that the deadline would cut off.
 */
#ifndef CALL_H
#define CALL_H

#include <stdint.h>

#include "http.h"

/* What an answer means. */
enum verdict {
	CALL_OK,
	CALL_BROKEN,		/* there was none: ask again */
	CALL_BUSY,		/* the service asks for patience, or failed */
	CALL_UNAUTHORIZED,	/* credentials are not (any more) accepted */
	CALL_DISABLED,		/* what is asked for is disabled */
	CALL_GONE,		/* it is deleted, or was never there */
	CALL_REFUSED		/* asking again is of no use */
};

struct call_error {
	enum verdict	 verdict;
	int		 status;	/* of HTTP; 0: no answer */
	int		 throttled;	/* we ask too often */
	char		 code[64];	/* the service's name for it */
	char		 text[256];	/* for people; never a secret */
};

/* Since the start of the process. */
struct call_figures {
	uint64_t	 throttled;	/* answers that say: too often */
	uint64_t	 retries;
};

/* Say what went wrong without an answer; returns -1. */
int	 call_fail(struct call_error *, enum verdict, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Take the service's own words: code and first line of text, checked. */
void	 call_explain(struct call_error *, const char *code,
	    const char *text);

/* The verdict that the status alone gives. */
enum verdict call_by_status(int status);

struct call {
	struct http_request	 http;

	/*
	 * Add headers that authorise the request, in memory that stays until
	 * the next call; NULL: needs none.  0, or -1 with the error filled.
	 */
	int	 (*authorize)(struct http_request *, uint64_t deadline,
		    struct call_error *);

	/* What authorised it was not accepted: get something new; or NULL. */
	void	 (*forget)(void);

	/*
	 * Whether asking again is of no use after this failure (CURLE_*) to
	 * get an answer; NULL: it always is of use.
	 */
	int	 (*hopeless)(int failure);

	/*
	 * Correct the verdict of call_by_status(), and fill code and text, for
	 * an answer other than 200.
	 */
	void	 (*judge)(const struct http_reply *, struct call_error *);
};

/*
 * Ask until there is an answer that asking again would not change, or no time
 * for another try before the deadline (now_ms).  Returns 0 with a reply whose
 * status is 200, or -1 with the error filled.  The reply is the one static
 * buffer of the process: call_done() wipes it.
 */
int	 call_run(const struct call *, uint64_t deadline,
	    struct http_reply **, struct call_error *);
void	 call_done(struct http_reply *);
const struct call_figures *call_figures(void);

#endif
