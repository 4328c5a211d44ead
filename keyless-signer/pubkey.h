/*
 * Public keys for libcrypto from what tokens, files and key services say of
 * them.  Each returns NULL for what is not a key.
 */
#ifndef PUBKEY_H
#define PUBKEY_H

#include <openssl/evp.h>

#include <stddef.h>
#include <stdint.h>

/* From the DER of a SubjectPublicKeyInfo. */
EVP_PKEY	*pubkey_spki(const uint8_t *, size_t);

/* From a big-endian modulus and exponent. */
EVP_PKEY	*pubkey_rsa(const uint8_t *n, size_t nlen, const uint8_t *e,
		    size_t elen);

/*
 * From a point of SEC 1 section 2.3.3, in either form, on P-256, P-384 or
 * P-521 (an NID); NULL, too, when it is not on the curve.
 */
EVP_PKEY	*pubkey_ec(int nid, const uint8_t *point, size_t len);

/* From the 32 bytes of RFC 8032. */
EVP_PKEY	*pubkey_ed25519(const uint8_t *);

#endif
