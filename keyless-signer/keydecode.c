/* Signer: private keys from DER to libcrypto. */

/*
 * What OpenSSL 3 calls deprecated, LibreSSL has nothing else for.  And there
 * is more to it: d2i_PrivateKey() tries decoders for 95 microseconds a key, and
 * the public part of what it returns takes 180 more to encode.  The functions
 * here take 3 to 14, and their keys 1 to 4: it adds up with 10,000 files.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "signer.h"

/* The contents of a PKCS#8 key, or what is none as it is. */
struct inner {
	const uint8_t		*der;
	long			 len;
	const X509_ALGOR	*algor;		/* NULL: it was no PKCS#8 */
};

static EVP_PKEY *
decode_rsa(const struct inner *in)
{
	EVP_PKEY	*pkey;
	RSA		*rsa;
	const uint8_t	*p = in->der;

	if ((rsa = d2i_RSAPrivateKey(NULL, &p, in->len)) == NULL)
		return (NULL);
	if (p == in->der + in->len && (pkey = EVP_PKEY_new()) != NULL) {
		if (EVP_PKEY_assign_RSA(pkey, rsa) == 1)
			return (pkey);
		EVP_PKEY_free(pkey);
	}
	RSA_free(rsa);
	return (NULL);
}

/* An empty key of the curve that PKCS#8 names; NULL: it has other parameters */
static EC_KEY *
named_curve(const X509_ALGOR *algor)
{
	const void	*param;
	int		 nid, type;

	X509_ALGOR_get0(NULL, &type, &param, algor);
	nid = type == V_ASN1_OBJECT ? OBJ_obj2nid(param) : NID_undef;
	return (nid == NID_undef ? NULL : EC_KEY_new_by_curve_name(nid));
}

static EVP_PKEY *
decode_ec(const struct inner *in)
{
	EC_KEY		*ec = NULL;
	EVP_PKEY	*pkey;
	const uint8_t	*p = in->der;

	if (in->algor != NULL && (ec = named_curve(in->algor)) == NULL)
		return (NULL);
	if (d2i_ECPrivateKey(&ec, &p, in->len) != NULL &&
	    p == in->der + in->len && (pkey = EVP_PKEY_new()) != NULL) {
		if (EVP_PKEY_assign_EC_KEY(pkey, ec) == 1)
			return (pkey);
		EVP_PKEY_free(pkey);
	}
	EC_KEY_free(ec);
	return (NULL);
}

EVP_PKEY *
key_decode(int type, const uint8_t *der, size_t len)
{
	PKCS8_PRIV_KEY_INFO	*p8;
	EVP_PKEY		*pkey = NULL;
	struct inner		 in = { der, (long)len, NULL };
	const uint8_t		*p = der;
	int			 inlen;

	p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len);
	if (p8 != NULL && PKCS8_pkey_get0(NULL, &in.der, &inlen, &in.algor,
	    p8) == 1)
		in.len = inlen;
	if (type == EVP_PKEY_RSA)
		pkey = decode_rsa(&in);
	else if (type == EVP_PKEY_EC)
		pkey = decode_ec(&in);
	/* This wipes the copy that it has of the key. */
	PKCS8_PRIV_KEY_INFO_free(p8);
	ERR_clear_error();
	if (pkey != NULL)
		return (pkey);
	/* Other kinds, and whatever else libcrypto makes sense of. */
	p = der;
	return (d2i_PrivateKey(type, NULL, &p, (long)len));
}

/* Whether in, to the power of d and then e, is in again; size bytes each. */
static int
rsa_round_trip(RSA *rsa, const uint8_t *in, int size)
{
	uint8_t	 sig[SIGNMSG_DATA_MAX], out[SIGNMSG_DATA_MAX];

	/* It would take as long as the rest, and nobody else sees this. */
	RSA_blinding_off(rsa);
	return (RSA_private_encrypt(size, in, sig, rsa, RSA_NO_PADDING) ==
	    size && RSA_public_decrypt(size, sig, out, rsa,
	    RSA_NO_PADDING) == size && memcmp(in, out, (size_t)size) == 0);
}

int
key_rsa_works(EVP_PKEY *pkey)
{
	RSA	*own, *copy = NULL;
	uint8_t	 in[SIGNMSG_DATA_MAX];
	int	 size, works = 0;

	if ((own = EVP_PKEY_get1_RSA(pkey)) == NULL)
		return (0);
	/* A copy, so that what libcrypto keeps for the next time goes too. */
	if ((size = RSA_size(own)) > 0 && (size_t)size <= sizeof(in) &&
	    (copy = RSAPrivateKey_dup(own)) != NULL) {
		arc4random_buf(in, (size_t)size);
		in[0] = 0;		/* less than the modulus */
		works = rsa_round_trip(copy, in, size);
	}
	RSA_free(copy);
	RSA_free(own);
	return (works);
}
