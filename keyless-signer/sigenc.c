/* Signers: signatures, as octets. */
#include <string.h>

#include "sigenc.h"

#define INTEGER_MAX	(3 + SIGENC_RAW_MAX / 2)	/* DER of r or s */

/* The shortest DER of a big-endian number; 0 when it is zero. */
static size_t
der_integer(const uint8_t *n, size_t len, uint8_t *out)
{
	size_t	 pad;

	for (; len > 0 && *n == 0; len--)
		n++;
	if (len == 0)
		return (0);
	pad = *n >> 7;	/* it is not negative */
	out[0] = 0x02;
	out[1] = (uint8_t)(pad + len);
	out[2] = 0;
	memcpy(out + 2 + pad, n, len);
	return (2 + pad + len);
}

size_t
sigenc_ecdsa(const uint8_t *raw, size_t n, uint8_t *out)
{
	uint8_t	 r[INTEGER_MAX], s[INTEGER_MAX];
	size_t	 rlen, slen, at = 0;

	if ((rlen = der_integer(raw, n, r)) == 0 ||
	    (slen = der_integer(raw + n, n, s)) == 0)
		return (0);
	out[at++] = 0x30;
	if (rlen + slen > 127)
		out[at++] = 0x81;
	out[at++] = (uint8_t)(rlen + slen);
	memcpy(out + at, r, rlen);
	memcpy(out + at + rlen, s, slen);
	return (at + rlen + slen);
}
