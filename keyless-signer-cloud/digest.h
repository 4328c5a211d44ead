/* Hashes as the services take them, and their check sum. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* The polynomial of RFC 3720 appendix B.4. */
uint32_t crc32c(const uint8_t *, size_t);

/*
 * A hash as one of n bytes that ECDSA with an order of at least 8 * n bits
 * takes for the same number: cut at the right or filled up at the left
 * (FIPS 186-5 section 6.4.1).
 */
void	digest_fit(const uint8_t *hash, size_t len, uint8_t *out, size_t n);

#endif
