/*
 * keyless-enroll: asks the Cloudflare API for one certificate, and ends.  It
 * gets the request and the token as descriptors and returns the certificate in
 * one; the private key is never here.
 */
#ifndef ENROLL_H
#define ENROLL_H

#include <stddef.h>

#include "enrollmsg.h"

#define FILE_SIZE	65536	/* of token, request, certificate */

/* ask.c */

/*
 * Ask with this token for the certificate that answers the request (both
 * NUL-terminated), until ask->timeout has passed.  Returns the certificate as
 * PEM, for mem_free(), or NULL with the reason, and what to do, in why.
 */
char	*ask_certificate(const struct msg_enroll_ask *, const char *token,
	    const char *csr, char *why, size_t size);

#endif
