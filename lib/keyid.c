/* Signers and tests: public key identifiers of the Keyless protocol. */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <string.h>

#include "compat.h"
#include "keyid.h"

static int
hash(const EVP_MD *md, const void *data, size_t len, uint8_t *out)
{
	return (EVP_Digest(data, len, out, NULL, md, NULL) == 1 ? 0 : -1);
}

/* The digest of an RSA key, from its RSAPublicKey (RFC 8017 A.1.1). */
static int
rsa_digest(const uint8_t *der, long len, uint8_t *digest)
{
	ASN1_SEQUENCE_ANY	*seq;
	const ASN1_TYPE		*first;
	BIGNUM			*n = NULL;
	char			*hex = NULL;
	int			 status = -1;

	if ((seq = d2i_ASN1_SEQUENCE_ANY(NULL, &der, len)) == NULL)
		return (-1);
	first = sk_ASN1_TYPE_value(seq, 0);
	if (first == NULL || first->type != V_ASN1_INTEGER ||
	    (n = ASN1_INTEGER_to_BN(first->value.integer, NULL)) == NULL ||
	    (hex = BN_bn2hex(n)) == NULL)
		goto done;
	status = hash(EVP_sha256(), hex, strlen(hex), digest);
 done:
	OPENSSL_free(hex);
	BN_free(n);
	sk_ASN1_TYPE_pop_free(seq, ASN1_TYPE_free);
	return (status);
}

/* The digest of an EC key, from its point (SEC 1 section 2.3.3). */
static int
ec_digest(const uint8_t *point, size_t len, uint8_t *digest)
{
	static const char	 digits[] = "0123456789ABCDEF";
	char			 hex[2 * 67];
	size_t			 i, size;
	uint8_t			 octet;

	if (len < 33)		/* the point at infinity, and nonsense */
		return (-1);
	size = point[0] == 0x04 ? 1 + (len - 1) / 2 : len;
	if (2 * size > sizeof(hex))
		return (-1);
	for (i = 0; i < size; i++) {
		octet = point[i];
		if (i == 0 && octet == 0x04)
			octet = 0x02 | (point[len - 1] & 1);
		hex[2 * i] = digits[octet >> 4];
		hex[2 * i + 1] = digits[octet & 15];
	}
	return (hash(EVP_sha256(), hex, 2 * size, digest));
}

static int
rsa_keyid(struct keyid *id, const char **why)
{
	id->type = KEY_TYPE_RSA;
	if (id->bits < 2048 || id->bits > 8192) {
		*why = "RSA key size is outside 2048 to 8192 bits";
		return (-1);
	}
	return (0);
}

static int
ec_keyid(const X509_ALGOR *algor, struct keyid *id, const char **why)
{
	const void	*param;
	int		 type;

	id->type = KEY_TYPE_EC;
	X509_ALGOR_get0(NULL, &type, &param, algor);
	if (type == V_ASN1_OBJECT) {
		switch (OBJ_obj2nid(param)) {
		case NID_X9_62_prime256v1:
			id->bits = 256;
			return (0);
		case NID_secp384r1:
			id->bits = 384;
			return (0);
		case NID_secp521r1:
			id->bits = 521;
			return (0);
		}
	}
	*why = "EC curve is none of P-256, P-384, P-521";
	return (-1);
}

static int
fill(EVP_PKEY *key, X509_PUBKEY *pub, struct keyid *id, const char **why)
{
	const uint8_t	*bits;
	X509_ALGOR	*algor;
	int		 len, status = 0;

	*why = "public key cannot be encoded";
	if (X509_PUBKEY_get0_param(NULL, &bits, &len, &algor, pub) != 1)
		return (-1);
	id->bits = (uint32_t)EVP_PKEY_bits(key);
	switch (EVP_PKEY_base_id(key)) {
	case EVP_PKEY_RSA:
		if (rsa_keyid(id, why) == -1)
			return (-1);
		status = rsa_digest(bits, len, id->digest);
		break;
	case EVP_PKEY_EC:
		if (ec_keyid(algor, id, why) == -1)
			return (-1);
		status = ec_digest(bits, (size_t)len, id->digest);
		break;
	case EVP_PKEY_ED25519:
		id->type = KEY_TYPE_ED25519;
		id->bits = 256;
		break;
	default:
		*why = "key algorithm is none of RSA, EC, Ed25519";
		return (-1);
	}
	if (status == -1)
		return (-1);
	return (hash(EVP_sha1(), bits, (size_t)len, id->ski));
}

int
keyid_from_pkey(EVP_PKEY *key, struct keyid *id, const char **why)
{
	X509_PUBKEY	*pub = NULL;
	int		 status = -1;

	memset(id, 0, sizeof(*id));
	*why = "public key cannot be encoded";
	if (X509_PUBKEY_set(&pub, key) == 1)
		status = fill(key, pub, id, why);
	X509_PUBKEY_free(pub);
	return (status);
}
