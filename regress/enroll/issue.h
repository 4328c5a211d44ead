/*
 * Certificates of the tests, to the second.
 */
#ifndef ISSUE_H
#define ISSUE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

/*
 * A certificate for a key, valid from and to so many seconds from now, with a
 * DNS name, by an authority (NULL: by itself).  Exits when it cannot be made.
 */
X509	*issue(EVP_PKEY *key, const char *hostname, long from, long to,
	    X509 *ca, EVP_PKEY *ca_key);

#endif
