/*
 * EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): DigestInfo and padding.
 */
#ifndef EMSA_H
#define EMSA_H

#include <stddef.h>
#include <stdint.h>

#include "opcode.h"

#define EMSA_INFO_MAX	(19 + 64)	/* DigestInfo of SHA-512 */
#define EMSA_PADDING	11		/* bytes of padding at least */

/*
 * DigestInfo of a hash; the hash itself for HASH_MD5SHA1, which TLS 1.0 signs
 * without.  out has EMSA_INFO_MAX bytes.  Returns its length.
 */
size_t		 emsa_digestinfo(enum hash_type, const uint8_t *hash,
		    size_t len, uint8_t *out);

/*
 * The hash that a DigestInfo, or a bare MD5 and SHA-1, holds: the last
 * hash_length() bytes of it.  HASH_NONE: it is neither.
 */
enum hash_type	 emsa_hash(const uint8_t *info, size_t len);

/* Pad info to size bytes, a modulus' length; -1: no room. */
int		 emsa_pkcs1(const uint8_t *info, size_t len, uint8_t *em,
		    size_t size);

#endif
