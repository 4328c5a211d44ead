/* Test program: signs by every mechanism, and verifies. */
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <string.h>

#include "compat.h"
#include "edge.h"

#define SIGNATURE_MAX	1024

enum form {
	WHOLE,		/* the mechanism hashes */
	HASHED,		/* it is given a hash */
	INFO		/* ... in a DigestInfo */
};

static const struct way {
	CK_KEY_TYPE		 key;
	CK_MECHANISM_TYPE	 mechanism;
	const char		*md;
	enum form		 form;
	int			 pss;
} ways[] = {
	{ CKK_RSA, CKM_SHA1_RSA_PKCS, "SHA1", WHOLE, 0 },
	{ CKK_RSA, CKM_SHA224_RSA_PKCS, "SHA224", WHOLE, 0 },
	{ CKK_RSA, CKM_SHA256_RSA_PKCS, "SHA256", WHOLE, 0 },
	{ CKK_RSA, CKM_SHA384_RSA_PKCS, "SHA384", WHOLE, 0 },
	{ CKK_RSA, CKM_SHA512_RSA_PKCS, "SHA512", WHOLE, 0 },
	{ CKK_RSA, CKM_RSA_PKCS, "SHA256", INFO, 0 },
	{ CKK_RSA, CKM_SHA256_RSA_PKCS_PSS, "SHA256", WHOLE, 1 },
	{ CKK_RSA, CKM_SHA384_RSA_PKCS_PSS, "SHA384", WHOLE, 1 },
	{ CKK_RSA, CKM_SHA512_RSA_PKCS_PSS, "SHA512", WHOLE, 1 },
	{ CKK_RSA, CKM_RSA_PKCS_PSS, "SHA256", HASHED, 1 },
	{ CKK_RSA, CKM_RSA_PKCS_PSS, "SHA512", HASHED, 1 },
	{ CKK_EC, CKM_ECDSA_SHA1, "SHA1", WHOLE, 0 },
	{ CKK_EC, CKM_ECDSA_SHA224, "SHA224", WHOLE, 0 },
	{ CKK_EC, CKM_ECDSA_SHA256, "SHA256", WHOLE, 0 },
	{ CKK_EC, CKM_ECDSA_SHA384, "SHA384", WHOLE, 0 },
	{ CKK_EC, CKM_ECDSA_SHA512, "SHA512", WHOLE, 0 },
	{ CKK_EC, CKM_ECDSA, "SHA256", HASHED, 0 },
	{ CKK_EC, CKM_ECDSA, "SHA512", HASHED, 0 },
	{ CKK_EC_EDWARDS, CKM_EDDSA, NULL, WHOLE, 0 },
};

static const uint8_t	 sha256_info[] = {
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
	0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20
};

static const struct way *
find_way(CK_KEY_TYPE key, unsigned int n)
{
	size_t	 i, count = 0;

	for (i = 0; i < nitems(ways); i++)
		count += ways[i].key == key;
	n %= (unsigned int)count;
	for (i = 0; ; i++)
		if (ways[i].key == key && n-- == 0)
			return (&ways[i]);
}

/* r and s to DER, as libcrypto verifies it. */
static size_t
to_der(const uint8_t *raw, size_t len, uint8_t *der)
{
	ECDSA_SIG	*sig;
	uint8_t		*p = der;
	int		 n;

	if ((sig = ECDSA_SIG_new()) == NULL || ECDSA_SIG_set0(sig,
	    BN_bin2bn(raw, (int)len / 2, NULL),
	    BN_bin2bn(raw + len / 2, (int)len / 2, NULL)) != 1 ||
	    (n = i2d_ECDSA_SIG(sig, &p)) <= 0)
		die("no ECDSA signature");
	ECDSA_SIG_free(sig);
	return ((size_t)n);
}

static void
verify(const struct edge_key *k, const struct way *w, const uint8_t *data,
    size_t len, const uint8_t *sig, size_t siglen)
{
	EVP_MD_CTX	*ctx;
	EVP_PKEY_CTX	*pctx;
	uint8_t		 der[160];
	const EVP_MD	*md;

	md = w->md == NULL ? NULL : EVP_get_digestbyname(w->md);
	if (k->type == CKK_EC) {
		siglen = to_der(sig, siglen, der);
		sig = der;
	}
	if ((ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestVerifyInit(ctx, &pctx, md, NULL, k->pub) != 1 ||
	    (w->pss && (EVP_PKEY_CTX_set_rsa_padding(pctx,
	    RSA_PKCS1_PSS_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, -1) != 1)))
		die("cannot verify");
	if (EVP_DigestVerify(ctx, sig, siglen, data, len) != 1)
		die("WRONG SIGNATURE mechanism=0x%lx", w->mechanism);
	EVP_MD_CTX_free(ctx);
}

static void
set_pss(const struct way *w, CK_RSA_PKCS_PSS_PARAMS *pss)
{
	pss->hashAlg = strcmp(w->md, "SHA256") == 0 ? CKM_SHA256 :
	    strcmp(w->md, "SHA384") == 0 ? CKM_SHA384 : CKM_SHA512;
	pss->mgf = strcmp(w->md, "SHA256") == 0 ? CKG_MGF1_SHA256 :
	    strcmp(w->md, "SHA384") == 0 ? CKG_MGF1_SHA384 : CKG_MGF1_SHA512;
	pss->sLen = (CK_ULONG)EVP_MD_size(EVP_get_digestbyname(w->md));
}

/* What the module is given: the data, or its hash. */
static size_t
input(const struct way *w, const uint8_t *data, size_t len, uint8_t *out)
{
	unsigned int	 n;
	size_t		 prefix = w->form == INFO ? sizeof(sha256_info) : 0;

	if (w->form == WHOLE) {
		memcpy(out, data, len);
		return (len);
	}
	memcpy(out, sha256_info, prefix);
	if (EVP_Digest(data, len, out + prefix, &n,
	    EVP_get_digestbyname(w->md), NULL) != 1)
		die("no hash");
	return (prefix + n);
}

CK_RV
sign_once(CK_SESSION_HANDLE s, const struct edge_key *k, unsigned int n)
{
	const struct way	*w = find_way(k->type, n);
	CK_RSA_PKCS_PSS_PARAMS	 pss;
	CK_MECHANISM		 m = { w->mechanism, NULL, 0 };
	CK_ULONG		 siglen = SIGNATURE_MAX;
	uint8_t			 data[100], in[200], sig[SIGNATURE_MAX];
	size_t			 inlen;
	CK_RV			 rv;

	if (RAND_bytes(data, sizeof(data)) != 1)
		die("no random bytes");
	if (w->pss) {
		set_pss(w, &pss);
		m.pParameter = &pss;
		m.ulParameterLen = sizeof(pss);
	}
	inlen = input(w, data, sizeof(data), in);
	must("C_SignInit", f->C_SignInit(s, &m, k->object));
	/* Some in parts: all mechanisms take that. */
	if (n % 3 == 0) {
		must("C_SignUpdate", f->C_SignUpdate(s, in, inlen / 2));
		must("C_SignUpdate", f->C_SignUpdate(s, in + inlen / 2,
		    inlen - inlen / 2));
		rv = f->C_SignFinal(s, sig, &siglen);
	} else
		rv = f->C_Sign(s, in, inlen, sig, &siglen);
	if (rv == CKR_OK)
		verify(k, w, data, sizeof(data), sig, siglen);
	return (rv);
}
