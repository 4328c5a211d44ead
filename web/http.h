/*
 * One question to a web service, one answer, over a connection that is kept for
 * the next: HTTPS through libcurl.  One handle for the whole process.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>
#include <stdint.h>

#define HTTP_BODY_MAX	65536		/* bytes of an answer */
#define HTTP_HEADERS	8		/* of a request, and a NULL */

/* What it points at stays the caller's. */
struct http_request {
	const char	*method;
	const char	*url;		/* https:, or http: where it may be */
	const char	*headers[HTTP_HEADERS];	/* "Name: value"; NULL ends */
	const char	*body;		/* NULL: none */
	size_t		 body_len;
	int		 direct;	/* through no proxy: link-local */
};

struct http_reply {
	int		 status;
	int		 failure;	/* CURLE_*: why there is no answer */
	int64_t		 retry_after;	/* s; -1: not said */
	size_t		 len;
	char		 body[HTTP_BODY_MAX + 1];	/* NUL-terminated */
};

/* Milliseconds of the monotonic clock. */
uint64_t now_ms(void);

/*
 * Before files are out of reach: read whom to trust in TLS from ca_fd (-1: the
 * system's own list), which it closes; give libcurl and jansson memory of
 * mem.h.  Returns 0, or -1 with the reason in err.
 */
int	 http_init(int ca_fd, char *err, size_t errsize);

/* Add a header to a request, which only points at it. */
void	 http_add_header(struct http_request *, const char *);

/*
 * Ask once, until the deadline (now_ms) at the latest.  Returns 0 with the
 * answer, whatever its status, or -1 with the reason for having none in err.
 */
int	 http_ask(const struct http_request *, uint64_t deadline,
	    struct http_reply *, char *err, size_t errsize);
void	 http_close(void);

#endif
