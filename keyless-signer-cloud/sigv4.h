/*
 * Signatures of requests to AWS, version 4.
 */
#ifndef SIGV4_H
#define SIGV4_H

#include <stddef.h>

/* What a signature is over; texts without NULs, none of them NULL. */
struct sigv4 {
	const char	*method;	/* "POST" */
	const char	*path;		/* canonical: "/" */
	const char	*query;		/* canonical: "" */
	/*
	 * "name:value" each, the names in lower case, sorted, values trimmed;
	 * NULL ends them.
	 */
	const char	*headers[8];
	const char	*body;
	size_t		 body_len;

	const char	*region;
	const char	*service;	/* "kms" */
	const char	*date;		/* 20150830T123600Z */
	const char	*key_id;
	const char	*secret;
};

/*
 * The value of the header Authorization.  Returns 0, or -1 when it does not
 * fit or libcrypto fails.
 */
int	sigv4_sign(const struct sigv4 *, char *out, size_t size);

#endif
