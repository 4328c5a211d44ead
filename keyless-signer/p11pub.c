/* Signer of a token: public keys from what tokens and files say of them. */
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "libcrypto.h"
#include "p11.h"

#define FILE_MAX	65536

#define DER_BIT_STRING		0x03
#define DER_OCTET_STRING	0x04
#define DER_UTF8_STRING		0x0c
#define DER_PRINTABLE_STRING	0x13

/* A curve and the ways in which CKA_EC_PARAMS names it. */
static const struct curve {
	int		 nid;
	size_t		 field;		/* bytes of a coordinate */
	const char	*names[3];
	size_t		 oid_len;
	uint8_t		 oid[11];	/* DER */
} curves[] = {
	{ NID_X9_62_prime256v1, 32, { "prime256v1", "secp256r1", "P-256" },
	    10, { 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 } },
	{ NID_secp384r1, 48, { "secp384r1", "P-384", NULL },
	    7, { 0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x22 } },
	{ NID_secp521r1, 66, { "secp521r1", "P-521", NULL },
	    7, { 0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x23 } },
	/* RFC 8410 section 3 */
	{ NID_ED25519, 32, { "edwards25519", "Ed25519", NULL },
	    5, { 0x06, 3, 0x2b, 0x65, 0x70 } },
	/* the same, as PKCS#11 3.0 first had it */
	{ NID_ED25519, 32, { NULL, NULL, NULL },
	    11, { 0x06, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1 } },
};

static int
has_name(const struct curve *c, const uint8_t *name, size_t len)
{
	size_t	 i;

	for (i = 0; i < nitems(c->names); i++)
		if (c->names[i] != NULL && strlen(c->names[i]) == len &&
		    memcmp(c->names[i], name, len) == 0)
			return (1);
	return (0);
}

/* CKA_EC_PARAMS: an object identifier or a text with the curve's name. */
static const struct curve *
find_curve(const uint8_t *params, size_t len)
{
	size_t	 i;
	int	 text;

	text = len > 2 && params[1] == len - 2 &&
	    (params[0] == DER_PRINTABLE_STRING || params[0] == DER_UTF8_STRING);
	for (i = 0; i < nitems(curves); i++) {
		if (len == curves[i].oid_len &&
		    memcmp(params, curves[i].oid, len) == 0)
			return (&curves[i]);
		if (text && has_name(&curves[i], params + 2, len - 2))
			return (&curves[i]);
	}
	return (NULL);
}

/*
 * The point within CKA_EC_POINT when that is the DER of an OCTET STRING, as
 * PKCS#11 wants it, or of a BIT STRING, and holds exactly want bytes.
 */
static const uint8_t *
unwrap(const uint8_t *der, size_t len, size_t want)
{
	size_t	 header = 2;

	if (len < 3 || (der[0] != DER_OCTET_STRING && der[0] != DER_BIT_STRING))
		return (NULL);
	if (der[1] == 0x81)
		header = 3;
	if (der[header - 1] != len - header)
		return (NULL);
	if (der[0] == DER_BIT_STRING && der[header++] != 0)
		return (NULL);
	return (len == header + want ? der + header : NULL);
}

/* A point of want bytes, bare or wrapped; the length tells which. */
static const uint8_t *
find_point(const uint8_t *value, size_t len, size_t want)
{
	if (len == want)
		return (value);
	return (unwrap(value, len, want));
}

static EVP_PKEY *
ec_key(const struct curve *c, const uint8_t *value, size_t len,
    const char **why)
{
	const uint8_t	*point;
	EVP_PKEY	*pkey;
	size_t		 size = 1 + 2 * c->field;

	if ((point = find_point(value, len, size)) == NULL) {
		size = 1 + c->field;
		point = find_point(value, len, size);
	}
	if (point == NULL) {
		*why = "CKA_EC_POINT does not have the curve's length";
		return (NULL);
	}
	if ((pkey = pubkey_ec(c->nid, point, size)) == NULL)
		*why = "CKA_EC_POINT is not on the curve";
	return (pkey);
}

EVP_PKEY *
p11pub_ec(const uint8_t *params, size_t params_len, const uint8_t *point,
    size_t point_len, const char **why)
{
	const struct curve	*c;
	const uint8_t		*bits;
	EVP_PKEY		*pkey = NULL;

	*why = NULL;
	if ((c = find_curve(params, params_len)) == NULL)
		*why = "CKA_EC_PARAMS is none of P-256, P-384, P-521, Ed25519";
	else if (c->nid != NID_ED25519)
		pkey = ec_key(c, point, point_len, why);
	else if ((bits = find_point(point, point_len, c->field)) == NULL)
		*why = "CKA_EC_POINT does not have the curve's length";
	else
		pkey = pubkey_ed25519(bits);
	if (pkey == NULL && *why == NULL)
		*why = "CKA_EC_POINT is not accepted by libcrypto";
	ERR_clear_error();
	return (pkey);
}

int
p11pub_on_curve(EVP_PKEY *pkey, const uint8_t *params, size_t len)
{
	const struct curve	*c;
	int			 edwards;

	if ((c = find_curve(params, len)) == NULL)
		return (1);
	edwards = EVP_PKEY_base_id(pkey) == EVP_PKEY_ED25519;
	if (edwards != (c->nid == NID_ED25519))
		return (0);
	return (edwards || (size_t)(EVP_PKEY_bits(pkey) + 7) / 8 == c->field);
}

static EVP_PKEY *
certificate_key(X509 *cert)
{
	EVP_PKEY	*pkey = NULL;

	if (cert != NULL)
		pkey = X509_get_pubkey(cert);
	X509_free(cert);
	ERR_clear_error();
	return (pkey);
}

EVP_PKEY *
p11pub_certificate(const uint8_t *der, size_t len)
{
	return (certificate_key(d2i_X509(NULL, &der, (long)len)));
}

static EVP_PKEY *
pem_key(const uint8_t *text, size_t len)
{
	BIO		*bio;
	EVP_PKEY	*pkey = NULL;

	if ((bio = BIO_new_mem_buf(text, (int)len)) == NULL)
		return (NULL);
	pkey = certificate_key(PEM_read_bio_X509(bio, NULL,
	    libcrypto_no_passphrase, NULL));
	BIO_free(bio);
	if (pkey != NULL || (bio = BIO_new_mem_buf(text, (int)len)) == NULL)
		return (pkey);
	pkey = PEM_read_bio_PUBKEY(bio, NULL, libcrypto_no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return (pkey);
}

EVP_PKEY *
p11pub_file(int fd)
{
	EVP_PKEY	*pkey = NULL;
	uint8_t		*data;
	size_t		 len = 0;
	ssize_t		 n = -1;

	if ((data = malloc(FILE_MAX)) == NULL)
		return (NULL);
	while (len < FILE_MAX &&
	    (n = pread(fd, data + len, FILE_MAX - len, (off_t)len)) > 0)
		len += (size_t)n;
	if (n == 0) {
		if ((pkey = pem_key(data, len)) == NULL &&
		    (pkey = p11pub_certificate(data, len)) == NULL)
			pkey = pubkey_spki(data, len);
	}
	/* Somebody may have put the private key there. */
	freezero(data, FILE_MAX);
	return (pkey);
}

int
p11pub_same(EVP_PKEY *a, EVP_PKEY *b)
{
	uint8_t	*da = NULL, *db = NULL;
	int	 la, lb, same;

	la = i2d_PUBKEY(a, &da);
	lb = i2d_PUBKEY(b, &db);
	same = la > 0 && la == lb && memcmp(da, db, (size_t)la) == 0;
	OPENSSL_free(da);
	OPENSSL_free(db);
	return (same);
}

/* The first number of an RSAPublicKey, right-aligned in out. */
static int
first_number(const uint8_t *der, long len, uint8_t *out, size_t outlen)
{
	ASN1_SEQUENCE_ANY	*seq;
	const ASN1_TYPE		*first;
	BIGNUM			*n = NULL;
	int			 status = -1;

	if ((seq = d2i_ASN1_SEQUENCE_ANY(NULL, &der, len)) == NULL)
		return (-1);
	first = sk_ASN1_TYPE_value(seq, 0);
	if (first != NULL && first->type == V_ASN1_INTEGER &&
	    (n = ASN1_INTEGER_to_BN(first->value.integer, NULL)) != NULL &&
	    (size_t)BN_num_bytes(n) <= outlen) {
		memset(out, 0, outlen);
		BN_bn2bin(n, out + outlen - (size_t)BN_num_bytes(n));
		status = 0;
	}
	BN_free(n);
	sk_ASN1_TYPE_pop_free(seq, ASN1_TYPE_free);
	return (status);
}

int
p11pub_modulus(EVP_PKEY *pkey, uint8_t *out, size_t len)
{
	X509_PUBKEY	*pub = NULL;
	const uint8_t	*bits;
	int		 bits_len, status = -1;

	if (X509_PUBKEY_set(&pub, pkey) == 1 &&
	    X509_PUBKEY_get0_param(NULL, &bits, &bits_len, NULL, pub) == 1)
		status = first_number(bits, bits_len, out, len);
	X509_PUBKEY_free(pub);
	return (status);
}
