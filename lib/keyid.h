/*
 * Public key identifiers of the Keyless protocol, from a public or private
 * key that libcrypto holds.
 *
 * SKI: SHA-1 over the bits of subjectPublicKey (RFC 5280 section 4.2.1.2,
 * method 1).  Digest: SHA-256 over upper-case hexadecimal text: of an RSA
 * modulus, or of an EC point in compressed form; other keys have none.
 */
#ifndef KEYID_H
#define KEYID_H

#include <openssl/evp.h>

#include <stdint.h>

#include "opcode.h"
#include "wire.h"

struct keyid {
	enum key_type	 type;
	uint32_t	 bits;		/* modulus, or order of the curve */
	uint8_t		 ski[WIRE_SKI_SIZE];
	uint8_t		 digest[WIRE_DIGEST_SIZE];	/* zero: none */
};

/*
 * Fill id from key.  Returns 0, or -1 for a key that the protocol has no
 * operations for (another algorithm or curve, RSA outside 2048..8192 bits);
 * *why then says so in words (static text).
 */
int	keyid_from_pkey(EVP_PKEY *, struct keyid *, const char **why);

#endif
