/* Cloud signer: hashes as the services take them, and their check sum. */
#include <string.h>

#include "digest.h"

#define CRC32C_POLY	0x82f63b78U	/* reflected */

uint32_t
crc32c(const uint8_t *p, size_t len)
{
	uint32_t	 crc = 0xffffffffU;
	int		 i;

	for (; len != 0; p++, len--) {
		crc ^= *p;
		for (i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLY : 0);
	}
	return (crc ^ 0xffffffffU);
}

void
digest_fit(const uint8_t *hash, size_t len, uint8_t *out, size_t n)
{
	memset(out, 0, n);
	if (len > n)
		memcpy(out, hash, n);
	else
		memcpy(out + n - len, hash, len);
}
