/*
 * Encodings of signatures, the same for PKCS#11 tokens and for the clouds' key
 * services.
 */
#ifndef SIGENC_H
#define SIGENC_H

#include <stddef.h>
#include <stdint.h>

/*
 * r and s of n bytes each to ECDSA-Sig-Value, RFC 3279 section 2.2.3, of at
 * most SIGENC_ECDSA_MAX bytes.  Returns its length; 0 when one of them is zero.
 */
#define SIGENC_RAW_MAX		132		/* r and s on P-521 */
#define SIGENC_ECDSA_MAX	(3 + 2 * (3 + SIGENC_RAW_MAX / 2))
size_t	sigenc_ecdsa(const uint8_t *raw, size_t n, uint8_t *out);

#endif
