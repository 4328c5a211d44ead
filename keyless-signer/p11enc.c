/* Signer of a token: what is signed, and signatures, as octets. */
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <string.h>

#include "compat.h"
#include "p11.h"

#define INTEGER_MAX	(3 + P11_RAW_MAX / 2)	/* DER of r or s */

/* DigestInfo is info and then the hash: RFC 8017 section 9.2, note 1. */
static const struct hash_row {
	CK_MECHANISM_TYPE	 mechanism;
	CK_RSA_PKCS_MGF_TYPE	 mgf;
	const EVP_MD		*(*md)(void);
	size_t			 info_len;
	uint8_t			 info[19];
} hashes[] = {
	[HASH_MD5SHA1] =	{ 0, 0, NULL, 0, { 0 } },	/* bare */
	[HASH_SHA1] =		{ CKM_SHA_1, CKG_MGF1_SHA1, EVP_sha1, 15,
	    { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02,
	      0x1a, 0x05, 0x00, 0x04, 0x14 } },
	[HASH_SHA224] =		{ CKM_SHA224, CKG_MGF1_SHA224, EVP_sha224, 19,
	    { 0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c } },
	[HASH_SHA256] =		{ CKM_SHA256, CKG_MGF1_SHA256, EVP_sha256, 19,
	    { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 } },
	[HASH_SHA384] =		{ CKM_SHA384, CKG_MGF1_SHA384, EVP_sha384, 19,
	    { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30 } },
	[HASH_SHA512] =		{ CKM_SHA512, CKG_MGF1_SHA512, EVP_sha512, 19,
	    { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40 } },
};

size_t
p11enc_digestinfo(enum hash_type hash, const uint8_t *in, size_t len,
    uint8_t *out)
{
	const struct hash_row	*row = &hashes[hash];

	memcpy(out, row->info, row->info_len);
	memcpy(out + row->info_len, in, len);
	return (row->info_len + len);
}

int
p11enc_pkcs1(const uint8_t *info, size_t len, uint8_t *em, size_t size)
{
	if (size < len + 11)
		return (-1);
	memset(em, 0xff, size);
	em[0] = 0x00;
	em[1] = 0x01;
	em[size - len - 1] = 0x00;
	memcpy(em + size - len, info, len);
	return (0);
}

/* Hash of two pieces of data. */
static int
digest(EVP_MD_CTX *ctx, const EVP_MD *md, const void *a, size_t alen,
    const void *b, size_t blen, uint8_t *out)
{
	return (EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, a, alen) == 1 &&
	    EVP_DigestUpdate(ctx, b, blen) == 1 &&
	    EVP_DigestFinal_ex(ctx, out, NULL) == 1 ? 0 : -1);
}

/* Exclusive-or data with MGF1 of seed: RFC 8017 appendix B.2.1. */
static int
mask(EVP_MD_CTX *ctx, const EVP_MD *md, const uint8_t *seed, size_t hlen,
    uint8_t *data, size_t len)
{
	uint8_t	 block[EVP_MAX_MD_SIZE], counter[4] = { 0 };
	size_t	 i, done;

	for (done = 0; done < len; done += hlen) {
		if (digest(ctx, md, seed, hlen, counter, sizeof(counter),
		    block) == -1)
			return (-1);
		for (i = 0; i < hlen && done + i < len; i++)
			data[done + i] ^= block[i];
		counter[3]++;	/* len is at most 32 blocks */
	}
	return (0);
}

int
p11enc_pss(EVP_MD_CTX *ctx, enum hash_type hash, const uint8_t *in,
    size_t bits, uint8_t *em, size_t size)
{
	const EVP_MD	*md = hashes[hash].md();
	uint8_t		 m[8 + EVP_MAX_MD_SIZE] = { 0 };
	uint8_t		 salt[EVP_MAX_MD_SIZE], *h;
	size_t		 dblen, hlen = hash_length(hash);

	memset(em, 0, size);
	if (bits % 8 == 1) {	/* EM is one byte shorter than the modulus */
		em++;
		size--;
	}
	if (size < 2 * hlen + 2 || RAND_bytes(salt, (int)hlen) != 1)
		return (-1);
	dblen = size - hlen - 1;
	h = em + dblen;
	memcpy(m + 8, in, hlen);
	if (digest(ctx, md, m, 8 + hlen, salt, hlen, h) == -1)
		return (-1);
	em[dblen - hlen - 1] = 0x01;
	memcpy(em + dblen - hlen, salt, hlen);
	if (mask(ctx, md, h, hlen, em, dblen) == -1)
		return (-1);
	em[0] &= 0xff >> (8 * size - (bits - 1));
	h[hlen] = 0xbc;
	return (0);
}

void
p11enc_pss_params(enum hash_type hash, CK_RSA_PKCS_PSS_PARAMS *params)
{
	params->hashAlg = hashes[hash].mechanism;
	params->mgf = hashes[hash].mgf;
	params->sLen = hash_length(hash);
}

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
p11enc_ecdsa(const uint8_t *raw, size_t n, uint8_t *out)
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
