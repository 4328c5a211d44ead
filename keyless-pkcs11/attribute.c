/* In the host's process: the attributes of an object, as tables. */
#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "object.h"

#define CERTIFICATES	0x1
#define PUBLIC_KEYS	0x2
#define PRIVATE_KEYS	0x4
#define KEYS		(PUBLIC_KEYS | PRIVATE_KEYS)
#define EVERY		(CERTIFICATES | KEYS)

static const struct {
	CK_ATTRIBUTE_TYPE	 type;
	int			 of;
	unsigned char		 value;
} flags[] = {
	{ CKA_TOKEN,			EVERY,		1 },
	{ CKA_PRIVATE,			EVERY,		0 },
	{ CKA_MODIFIABLE,		EVERY,		0 },
	{ CKA_COPYABLE,			EVERY,		0 },
	{ CKA_DESTROYABLE,		EVERY,		0 },
	{ CKA_TRUSTED,			CERTIFICATES | PUBLIC_KEYS, 0 },
	{ CKA_DERIVE,			KEYS,		0 },
	{ CKA_LOCAL,			KEYS,		0 },
	/* Only keylessd's operations are offered here. */
	{ CKA_ENCRYPT,			PUBLIC_KEYS,	0 },
	{ CKA_VERIFY,			PUBLIC_KEYS,	0 },
	{ CKA_VERIFY_RECOVER,		PUBLIC_KEYS,	0 },
	{ CKA_WRAP,			PUBLIC_KEYS,	0 },
	{ CKA_SENSITIVE,		PRIVATE_KEYS,	1 },
	{ CKA_ALWAYS_SENSITIVE,		PRIVATE_KEYS,	1 },
	{ CKA_EXTRACTABLE,		PRIVATE_KEYS,	0 },
	{ CKA_NEVER_EXTRACTABLE,	PRIVATE_KEYS,	1 },
	{ CKA_SIGN,			PRIVATE_KEYS,	1 },
	{ CKA_SIGN_RECOVER,		PRIVATE_KEYS,	0 },
	{ CKA_UNWRAP,			PRIVATE_KEYS,	0 },
	{ CKA_WRAP_WITH_TRUSTED,	PRIVATE_KEYS,	0 },
	{ CKA_ALWAYS_AUTHENTICATE,	PRIVATE_KEYS,	0 },
};

/* That a private key has and nobody is shown. */
static const struct {
	CK_ATTRIBUTE_TYPE	 type;
	int			 rsa;		/* else of the other keys */
} hidden[] = {
	{ CKA_PRIVATE_EXPONENT, 1 }, { CKA_PRIME_1, 1 }, { CKA_PRIME_2, 1 },
	{ CKA_EXPONENT_1, 1 }, { CKA_EXPONENT_2, 1 }, { CKA_COEFFICIENT, 1 },
	{ CKA_VALUE, 0 },
};

/* CKA_EC_PARAMS: the OID of a curve, the name that PKCS#11 3.0 gives it. */
static const struct {
	enum key_type	 type;
	uint32_t	 bits;
	size_t		 length;
	uint8_t		 der[14];
} curves[] = {
	{ KEY_TYPE_EC, 256, 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	    0x03, 0x01, 0x07 } },
	{ KEY_TYPE_EC, 384, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 } },
	{ KEY_TYPE_EC, 521, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 } },
	{ KEY_TYPE_ED25519, 256, 14, { 0x13, 0x0c, 'e', 'd', 'w', 'a', 'r',
	    'd', 's', '2', '5', '5', '1', '9' } },
};

/* Add an attribute; -1: no memory. */
static int
add(struct object *object, CK_ATTRIBUTE_TYPE type, const void *value,
    size_t length)
{
	struct attribute	*a;

	if (object->nattributes == OBJECT_ATTRIBUTES_MAX)
		return (-1);
	a = &object->attributes[object->nattributes];
	/* A byte more, so that an empty one is not NULL. */
	if ((a->value = malloc(length + 1)) == NULL)
		return (-1);
	if (length != 0)
		memcpy(a->value, value, length);
	a->type = type;
	a->length = length;
	object->nattributes++;
	return (0);
}

static int
add_number(struct object *object, CK_ATTRIBUTE_TYPE type, CK_ULONG value)
{
	return (add(object, type, &value, sizeof(value)));
}

/* Add DER that libcrypto has made, and free it; length is negative: error. */
static int
add_der(struct object *object, CK_ATTRIBUTE_TYPE type, uint8_t *der,
    int length)
{
	int	 status = -1;

	if (length >= 0)
		status = add(object, type, der, (size_t)length);
	OPENSSL_free(der);
	return (status);
}

static int
class_bit(CK_OBJECT_CLASS class)
{
	switch (class) {
	case CKO_CERTIFICATE:
		return (CERTIFICATES);
	case CKO_PUBLIC_KEY:
		return (PUBLIC_KEYS);
	default:
		return (PRIVATE_KEYS);
	}
}

static int
add_flags(struct object *object)
{
	unsigned char	 decrypts;
	size_t		 i;

	for (i = 0; i < nitems(flags); i++)
		if (flags[i].of & class_bit(object->class) &&
		    add(object, flags[i].type, &flags[i].value, 1) == -1)
			return (-1);
	if (object->class != CKO_PRIVATE_KEY)
		return (0);
	decrypts = object->key.id.type == KEY_TYPE_RSA;
	return (add(object, CKA_DECRYPT, &decrypts, 1));
}

static int
add_subject(struct object *object, X509_NAME *name, CK_ATTRIBUTE_TYPE type)
{
	uint8_t	*der = NULL;
	int	 length;

	length = i2d_X509_NAME(name, &der);
	return (add_der(object, type, der, length));
}

static int
add_common(struct object *object, const struct source *src)
{
	uint8_t	*der = NULL;
	int	 length;

	if (add_number(object, CKA_CLASS, object->class) == -1 ||
	    add_flags(object) == -1 ||
	    add(object, CKA_LABEL, src->label, strlen(src->label)) == -1 ||
	    add(object, CKA_ID, src->key.id.ski,
	    sizeof(src->key.id.ski)) == -1 ||
	    add_subject(object, X509_get_subject_name(src->x509),
	    CKA_SUBJECT) == -1)
		return (-1);
	length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(src->x509), &der);
	return (add_der(object, CKA_PUBLIC_KEY_INFO, der, length));
}

/* PKCS#11 2.40 section 4.6.3. */
static int
add_certificate(struct object *object, const struct source *src)
{
	uint8_t	*der = NULL, hash[EVP_MAX_MD_SIZE];
	int	 length;

	if (X509_digest(src->x509, EVP_sha1(), hash, NULL) != 1 ||
	    add(object, CKA_CHECK_VALUE, hash, 3) == -1 ||
	    add_number(object, CKA_CERTIFICATE_TYPE, CKC_X_509) == -1 ||
	    add_number(object, CKA_CERTIFICATE_CATEGORY, 1) == -1 ||
	    add_subject(object, X509_get_issuer_name(src->x509),
	    CKA_ISSUER) == -1)
		return (-1);
	length = i2d_ASN1_INTEGER(X509_get_serialNumber(src->x509), &der);
	if (add_der(object, CKA_SERIAL_NUMBER, der, length) == -1)
		return (-1);
	der = NULL;
	length = i2d_X509(src->x509, &der);
	return (add_der(object, CKA_VALUE, der, length));
}

static int
add_integer(struct object *object, CK_ATTRIBUTE_TYPE type,
    const ASN1_TYPE *integer)
{
	const ASN1_INTEGER	*n;

	if (integer == NULL || integer->type != V_ASN1_INTEGER)
		return (-1);
	n = integer->value.integer;
	return (add(object, type, ASN1_STRING_get0_data(n),
	    (size_t)ASN1_STRING_length(n)));
}

/* From RSAPublicKey, RFC 8017 appendix A.1.1. */
static int
add_rsa(struct object *object, const uint8_t *der, long length)
{
	ASN1_SEQUENCE_ANY	*seq;
	int			 status = -1;

	if ((seq = d2i_ASN1_SEQUENCE_ANY(NULL, &der, length)) == NULL)
		return (-1);
	if (add_integer(object, CKA_MODULUS,
	    sk_ASN1_TYPE_value(seq, 0)) == 0 &&
	    add_integer(object, CKA_PUBLIC_EXPONENT,
	    sk_ASN1_TYPE_value(seq, 1)) == 0)
		status = 0;
	sk_ASN1_TYPE_pop_free(seq, ASN1_TYPE_free);
	if (status == 0 && object->class == CKO_PUBLIC_KEY)
		status = add_number(object, CKA_MODULUS_BITS,
		    object->key.id.bits);
	return (status);
}

static int
add_curve(struct object *object)
{
	size_t	 i;

	for (i = 0; i < nitems(curves); i++)
		if (curves[i].type == object->key.id.type &&
		    curves[i].bits == object->key.id.bits)
			return (add(object, CKA_EC_PARAMS, curves[i].der,
			    curves[i].length));
	return (-1);
}

/* The point of EC and the 32 bytes of Ed25519 alike: in an OCTET STRING. */
static int
add_point(struct object *object, const uint8_t *point, int length)
{
	ASN1_OCTET_STRING	*s;
	uint8_t			*der = NULL;
	int			 n = -1;

	if (add_curve(object) == -1)
		return (-1);
	if (object->class != CKO_PUBLIC_KEY)
		return (0);
	if ((s = ASN1_OCTET_STRING_new()) != NULL &&
	    ASN1_OCTET_STRING_set(s, point, length) == 1)
		n = i2d_ASN1_OCTET_STRING(s, &der);
	ASN1_OCTET_STRING_free(s);
	return (add_der(object, CKA_EC_POINT, der, n));
}

static CK_KEY_TYPE
key_type(enum key_type type)
{
	switch (type) {
	case KEY_TYPE_RSA:
		return (CKK_RSA);
	case KEY_TYPE_EC:
		return (CKK_EC);
	default:
		return (CKK_EC_EDWARDS);
	}
}

/* PKCS#11 2.40 sections 4.7 to 4.9. */
static int
add_key(struct object *object, const struct source *src)
{
	const uint8_t	*bits;
	int		 length;

	if (add_number(object, CKA_KEY_TYPE,
	    key_type(object->key.id.type)) == -1 ||
	    add_number(object, CKA_KEY_GEN_MECHANISM,
	    CK_UNAVAILABLE_INFORMATION) == -1 ||
	    X509_PUBKEY_get0_param(NULL, &bits, &length, NULL,
	    X509_get_X509_PUBKEY(src->x509)) != 1)
		return (-1);
	if (object->key.id.type == KEY_TYPE_RSA)
		return (add_rsa(object, bits, length));
	return (add_point(object, bits, length));
}

int
attribute_fill(struct object *object, const struct source *src)
{
	if (add_common(object, src) == -1)
		return (-1);
	if (object->class == CKO_CERTIFICATE)
		return (add_certificate(object, src));
	return (add_key(object, src));
}

const struct attribute *
attribute_find(const struct object *object, CK_ATTRIBUTE_TYPE type)
{
	size_t	 i;

	for (i = 0; i < object->nattributes; i++)
		if (object->attributes[i].type == type)
			return (&object->attributes[i]);
	return (NULL);
}

int
attribute_hidden(const struct object *object, CK_ATTRIBUTE_TYPE type)
{
	size_t	 i;

	if (object->class != CKO_PRIVATE_KEY)
		return (0);
	for (i = 0; i < nitems(hidden); i++)
		if (hidden[i].type == type &&
		    hidden[i].rsa == (object->key.id.type == KEY_TYPE_RSA))
			return (1);
	return (0);
}
