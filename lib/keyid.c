/* Signers and tests: public key identifiers of the Keyless protocol. */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
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

/*
 * The point of a key whose file has it compressed, as certificates have it:
 * uncompressed (SEC 1 section 2.3.3).  Returns its length, 0 on failure.
 */
static size_t
ec_expand(int curve, const uint8_t *point, size_t len, uint8_t *out,
    size_t size)
{
	EC_GROUP	*group;
	EC_POINT	*p = NULL;
	size_t		 n = 0;

	if ((group = EC_GROUP_new_by_curve_name(curve)) != NULL &&
	    (p = EC_POINT_new(group)) != NULL &&
	    EC_POINT_oct2point(group, p, point, len, NULL) == 1)
		n = EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED,
		    out, size, NULL);
	EC_POINT_free(p);
	EC_GROUP_free(group);
	return (n);
}

/* The digest of an EC key, from its point. */
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

static const struct {
	int		 nid;
	uint32_t	 bits;
} curves[] = {
	{ NID_X9_62_prime256v1, 256 },
	{ NID_secp384r1, 384 },
	{ NID_secp521r1, 521 },
};

/* Its named curve; 0 for another one or written-out parameters. */
static int
ec_curve(const X509_ALGOR *algor, struct keyid *id)
{
	const void	*param;
	size_t		 i;
	int		 nid, type;

	X509_ALGOR_get0(NULL, &type, &param, algor);
	nid = type == V_ASN1_OBJECT ? OBJ_obj2nid(param) : 0;
	for (i = 0; i < nitems(curves); i++) {
		if (curves[i].nid == nid) {
			id->bits = curves[i].bits;
			return (nid);
		}
	}
	return (0);
}

/* Fill id; the point at bits is replaced by one in room if compressed. */
static int
ec_keyid(const X509_ALGOR *algor, const uint8_t **bits, size_t *len,
    uint8_t *room, size_t size, struct keyid *id, const char **why)
{
	int	 curve;

	id->type = KEY_TYPE_EC;
	if ((curve = ec_curve(algor, id)) == 0) {
		*why = "EC curve is none of P-256, P-384, P-521";
		return (-1);
	}
	if (*len != 0 && (*bits)[0] != 0x04) {
		if ((*len = ec_expand(curve, *bits, *len, room, size)) == 0)
			return (-1);
		*bits = room;
	}
	return (ec_digest(*bits, *len, id->digest));
}

static int
fill(EVP_PKEY *key, X509_PUBKEY *pub, struct keyid *id, const char **why)
{
	const uint8_t	*bits;
	X509_ALGOR	*algor;
	uint8_t		 room[133];	/* P-521, uncompressed */
	size_t		 size;
	int		 len, status = 0;

	*why = "public key cannot be encoded";
	if (X509_PUBKEY_get0_param(NULL, &bits, &len, &algor, pub) != 1)
		return (-1);
	size = (size_t)len;
	id->bits = (uint32_t)EVP_PKEY_bits(key);
	switch (EVP_PKEY_base_id(key)) {
	case EVP_PKEY_RSA:
		if (rsa_keyid(id, why) == -1)
			return (-1);
		status = rsa_digest(bits, len, id->digest);
		break;
	case EVP_PKEY_EC:
		status = ec_keyid(algor, &bits, &size, room, sizeof(room), id,
		    why);
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
	return (hash(EVP_sha1(), bits, size, id->ski));
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
