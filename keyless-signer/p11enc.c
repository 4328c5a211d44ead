/* Signer of a token: what is signed with mechanisms that do not pad. */
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <string.h>

#include "compat.h"
#include "p11.h"

static const struct hash_row {
	CK_MECHANISM_TYPE	 mechanism;
	CK_RSA_PKCS_MGF_TYPE	 mgf;
	const EVP_MD		*(*md)(void);
} hashes[] = {
	[HASH_SHA1] =	{ CKM_SHA_1, CKG_MGF1_SHA1, EVP_sha1 },
	[HASH_SHA224] =	{ CKM_SHA224, CKG_MGF1_SHA224, EVP_sha224 },
	[HASH_SHA256] =	{ CKM_SHA256, CKG_MGF1_SHA256, EVP_sha256 },
	[HASH_SHA384] =	{ CKM_SHA384, CKG_MGF1_SHA384, EVP_sha384 },
	[HASH_SHA512] =	{ CKM_SHA512, CKG_MGF1_SHA512, EVP_sha512 },
};

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
