/* Signers, keyless-pkcs11: EMSA-PKCS1-v1_5. */
#include <string.h>

#include "compat.h"
#include "emsa.h"

/* DigestInfo is this and then the hash: RFC 8017 section 9.2, note 1. */
static const struct info {
	size_t	 length;
	uint8_t	 bytes[19];
} infos[] = {
	[HASH_MD5SHA1] =	{ 0, { 0 } },	/* bare */
	[HASH_SHA1] =		{ 15,
	    { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02,
	      0x1a, 0x05, 0x00, 0x04, 0x14 } },
	[HASH_SHA224] =		{ 19,
	    { 0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c } },
	[HASH_SHA256] =		{ 19,
	    { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 } },
	[HASH_SHA384] =		{ 19,
	    { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30 } },
	[HASH_SHA512] =		{ 19,
	    { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40 } },
};

size_t
emsa_digestinfo(enum hash_type hash, const uint8_t *in, size_t len,
    uint8_t *out)
{
	const struct info	*info = &infos[hash];

	memcpy(out, info->bytes, info->length);
	memcpy(out + info->length, in, len);
	return (info->length + len);
}

enum hash_type
emsa_hash(const uint8_t *data, size_t len)
{
	size_t	 hash;

	for (hash = HASH_MD5SHA1; hash < nitems(infos); hash++)
		if (len == infos[hash].length +
		    hash_length((enum hash_type)hash) &&
		    memcmp(data, infos[hash].bytes, infos[hash].length) == 0)
			return ((enum hash_type)hash);
	return (HASH_NONE);
}

int
emsa_pkcs1(const uint8_t *info, size_t len, uint8_t *em, size_t size)
{
	if (size < len + EMSA_PADDING)
		return (-1);
	memset(em, 0xff, size);
	em[0] = 0x00;
	em[1] = 0x01;
	em[size - len - 1] = 0x00;
	if (len != 0)
		memcpy(em + size - len, info, len);
	return (0);
}
