/* Signers: public keys from their numbers, points and DER. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

#include "pubkey.h"
#include "signmsg.h"

#define POINT_MAX	(1 + 2 * 66)	/* uncompressed, P-521 */

EVP_PKEY *
pubkey_spki(const uint8_t *der, size_t len)
{
	EVP_PKEY	*pkey = d2i_PUBKEY(NULL, &der, (long)len);

	ERR_clear_error();
	return (pkey);
}

/* Encode and decode: libcrypto checks the key and tells what it is. */
static EVP_PKEY *
decode(X509_PUBKEY *pub)
{
	EVP_PKEY	*pkey = NULL;
	uint8_t		*der = NULL;
	int		 len;

	if ((len = i2d_X509_PUBKEY(pub, &der)) > 0)
		pkey = pubkey_spki(der, (size_t)len);
	OPENSSL_free(der);
	return (pkey);
}

/* The key with this algorithm, its parameter and its bits, which are copied. */
static EVP_PKEY *
assemble(int algorithm, int ptype, void *pval, const uint8_t *bits, size_t len)
{
	X509_PUBKEY	*pub;
	EVP_PKEY	*pkey = NULL;
	uint8_t		*copy = NULL;

	if ((pub = X509_PUBKEY_new()) == NULL ||
	    (copy = OPENSSL_malloc(len)) == NULL)
		goto done;
	memcpy(copy, bits, len);
	if (X509_PUBKEY_set0_param(pub, OBJ_nid2obj(algorithm), ptype, pval,
	    copy, (int)len) != 1)
		goto done;
	copy = NULL;	/* now the structure's */
	pkey = decode(pub);
 done:
	OPENSSL_free(copy);
	X509_PUBKEY_free(pub);
	return (pkey);
}

/* A big-endian number as DER; its length, or -1. */
static int
der_number(const uint8_t *n, size_t len, uint8_t **der)
{
	ASN1_INTEGER	*integer = NULL;
	BIGNUM		*bn;
	int		 der_len = -1;

	if ((bn = BN_bin2bn(n, (int)len, NULL)) != NULL &&
	    (integer = BN_to_ASN1_INTEGER(bn, NULL)) != NULL)
		der_len = i2d_ASN1_INTEGER(integer, der);
	ASN1_INTEGER_free(integer);
	BN_free(bn);
	return (der_len);
}

/* RSAPublicKey, RFC 8017 appendix A.1.1. */
EVP_PKEY *
pubkey_rsa(const uint8_t *n, size_t nlen, const uint8_t *e, size_t elen)
{
	EVP_PKEY	*pkey = NULL;
	uint8_t		*nder = NULL, *eder = NULL, *seq = NULL, *p;
	int		 a, b, size;

	if (nlen > 2 * SIGNMSG_DATA_MAX || elen > SIGNMSG_DATA_MAX ||
	    (a = der_number(n, nlen, &nder)) <= 0 ||
	    (b = der_number(e, elen, &eder)) <= 0 ||
	    (size = ASN1_object_size(1, a + b, V_ASN1_SEQUENCE)) <= 0 ||
	    (p = seq = malloc((size_t)size)) == NULL)
		goto done;
	ASN1_put_object(&p, 1, a + b, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	memcpy(p, nder, (size_t)a);
	memcpy(p + a, eder, (size_t)b);
	pkey = assemble(NID_rsaEncryption, V_ASN1_NULL, NULL, seq,
	    (size_t)size);
 done:
	free(seq);
	OPENSSL_free(nder);
	OPENSSL_free(eder);
	return (pkey);
}

/*
 * A point of SEC 1 section 2.3.3 in either form, to the uncompressed form that
 * certificates and so key identifiers use.  -1: it is not on the curve.
 */
static int
normalize(int nid, const uint8_t *in, size_t inlen,
    uint8_t *out, size_t outlen)
{
	EC_GROUP	*group;
	EC_POINT	*point = NULL;
	int		 ok;

	ok = (group = EC_GROUP_new_by_curve_name(nid)) != NULL &&
	    (point = EC_POINT_new(group)) != NULL &&
	    EC_POINT_oct2point(group, point, in, inlen, NULL) == 1 &&
	    EC_POINT_is_on_curve(group, point, NULL) == 1 &&
	    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
	    out, outlen, NULL) == outlen;
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return (ok ? 0 : -1);
}

EVP_PKEY *
pubkey_ec(int nid, const uint8_t *point, size_t len)
{
	EVP_PKEY	*pkey = NULL;
	uint8_t		 full[POINT_MAX];
	size_t		 size;

	size = nid == NID_X9_62_prime256v1 ? 65 :
	    nid == NID_secp384r1 ? 97 : 133;
	if (normalize(nid, point, len, full, size) == 0)
		pkey = assemble(NID_X9_62_id_ecPublicKey, V_ASN1_OBJECT,
		    OBJ_nid2obj(nid), full, size);
	ERR_clear_error();
	return (pkey);
}

EVP_PKEY *
pubkey_ed25519(const uint8_t *bits)
{
	return (assemble(NID_ED25519, V_ASN1_UNDEF, NULL, bits, 32));
}
