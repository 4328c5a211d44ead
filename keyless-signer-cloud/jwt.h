/*
 * JSON Web Tokens (RFC 7519) that this process makes to identify itself, and
 * JSON Web Keys (RFC 7517) that it reads.
 */
#ifndef JWT_H
#define JWT_H

#include <openssl/evp.h>

#include "enc.h"

/*
 * Append the compact form (RFC 7515 section 7.1) of a header and claims, JSON
 * texts both, signed with an RSA key: RS256, or with pss PS256.  Returns 0,
 * or -1 when the key does not sign.
 */
int	 jwt_sign(struct text *, const char *header, const char *claims,
	    EVP_PKEY *, int pss);

/*
 * The public key of a JWK whose members have been taken out of their JSON; NULL
 * for those that are not there.  Returns NULL with *why set when it is not a
 * key of the Keyless protocol.
 */
struct jwk {
	const char	*kty;		/* "RSA", "RSA-HSM", "EC", "EC-HSM" */
	const char	*n;
	const char	*e;
	const char	*crv;
	const char	*x;
	const char	*y;
};
EVP_PKEY *jwk_public(const struct jwk *, const char **why);

#endif
