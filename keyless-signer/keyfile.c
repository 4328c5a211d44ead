/* Signer: reads private keys from files and checks them. */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "secmem.h"
#include "signer.h"

#define FILE_MAX	65536	/* bytes; an RSA-8192 key has 6,400 */

/* One place for all files in turn. */
static uint8_t	*file_buffer;

/* Bytes in another's memory, consumed from the front. */
struct bytes {
	const uint8_t	*p;
	size_t		 left;
};

/* DER tags, X.690 section 8 */
#define TAG_INTEGER	0x02
#define TAG_BIT_STRING	0x03
#define TAG_OCTETS	0x04
#define TAG_OID		0x06
#define TAG_SEQUENCE	0x30

static const char encrypted[] = "encrypted key files are not supported: "
    "decrypt it with `openssl pkey -in OLD -out NEW'";
static const char certificate[] =
    "file holds a certificate, not a private key";
static const char request[] =
    "file holds a certificate request, not a private key";
static const char public[] = "file holds a public key, not a private key";
static const char algorithm[] = "key algorithm is none of RSA, EC, Ed25519";
static const char malformed[] = "private key is malformed";

/* PEM labels (RFC 7468) that people put into key files. */
static const struct pem_label {
	const char	*name;
	const char	*why;		/* NULL: a private key */
} pem_labels[] = {
	{ "PRIVATE KEY",		NULL },
	{ "RSA PRIVATE KEY",		NULL },
	{ "EC PRIVATE KEY",		NULL },
	{ "ENCRYPTED PRIVATE KEY",	encrypted },
	{ "CERTIFICATE",		certificate },
	{ "X509 CERTIFICATE",		certificate },
	{ "TRUSTED CERTIFICATE",	certificate },
	{ "CERTIFICATE REQUEST",	request },
	{ "NEW CERTIFICATE REQUEST",	request },
	{ "PUBLIC KEY",			public },
	{ "RSA PUBLIC KEY",		public },
	{ "DSA PRIVATE KEY",		algorithm },
	{ "OPENSSH PRIVATE KEY",	"OpenSSH's own key format is not "
	    "supported: convert it with `ssh-keygen -p -m PEM'" },
};

/* Algorithms of PKCS#8 keys: RFC 8017 A.1, RFC 5480 2.1.1, RFC 8410 3. */
static const struct algorithm {
	int		 type;
	size_t		 len;
	uint8_t		 oid[9];
} algorithms[] = {
	{ EVP_PKEY_RSA, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 } },
	{ EVP_PKEY_EC, 7, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1 } },
	{ EVP_PKEY_ED25519, 3, { 0x2b, 0x65, 0x70 } },
};

/*
 * Take the first element, which has this tag: its contents go to content
 * (which may be in itself).  -1: in begins with something else.
 */
static int
der_take(struct bytes *in, uint8_t tag, struct bytes *content)
{
	const uint8_t	*p = in->p;
	size_t		 left = in->left, len, n;

	if (left < 2 || p[0] != tag)
		return (-1);
	len = p[1];
	p += 2;
	left -= 2;
	if (len > 0x7f) {
		n = len & 0x7f;
		if (n == 0 || n > 3 || n > left)
			return (-1);
		for (len = 0; n != 0; n--, left--)
			len = len << 8 | *p++;
	}
	if (len > left)
		return (-1);
	in->p = p + len;
	in->left = left - len;
	content->p = p;
	content->left = len;
	return (0);
}

static int
find_algorithm(struct bytes identifier)
{
	struct bytes	 oid;
	size_t		 i;

	if (der_take(&identifier, TAG_OID, &oid) == -1)
		return (EVP_PKEY_NONE);
	for (i = 0; i < nitems(algorithms); i++)
		if (algorithms[i].len == oid.left &&
		    memcmp(algorithms[i].oid, oid.p, oid.left) == 0)
			return (algorithms[i].type);
	return (EVP_PKEY_NONE);
}

/* What begins with a SEQUENCE, first, which has been taken off in. */
static const char *
classify_other(struct bytes in, struct bytes first)
{
	struct bytes	 second, third;

	/* EncryptedPrivateKeyInfo, RFC 5958 section 3 */
	if (der_take(&in, TAG_OCTETS, &second) == 0)
		return (encrypted);
	/* SubjectPublicKeyInfo, RFC 5280 section 4.1 */
	if (der_take(&in, TAG_BIT_STRING, &second) == 0)
		return (public);
	if (der_take(&in, TAG_SEQUENCE, &second) == -1 ||
	    der_take(&in, TAG_BIT_STRING, &third) == -1)
		return (malformed);
	/* CertificationRequestInfo begins with its version, RFC 2986 4.1 */
	if (der_take(&first, TAG_INTEGER, &second) == 0)
		return (request);
	return (certificate);
}

/* PrivateKeyInfo, RFC 5208 section 5: in is what follows the algorithm. */
static const char *
classify_pkcs8(struct bytes in, struct bytes version, struct bytes identifier,
    int *type, struct bytes *rsa)
{
	struct bytes	 inner;

	if (*version.p == 3)		/* it is a PFX, RFC 7292 section 4 */
		return ("file holds a PKCS#12 archive: take its key out with "
		    "`openssl pkcs12 -nocerts -nodes'");
	if ((*type = find_algorithm(identifier)) == EVP_PKEY_NONE)
		return (algorithm);
	if (der_take(&in, TAG_OCTETS, &inner) == -1 ||
	    (*type == EVP_PKEY_RSA &&
	    der_take(&inner, TAG_SEQUENCE, rsa) == -1))
		return (malformed);
	return (NULL);
}

/*
 * What the contents of a file's outermost SEQUENCE are.  Returns NULL for a
 * private key: *type is its EVP_PKEY type and, of an RSA key, *rsa the contents
 * of its RSAPrivateKey.  Otherwise, why it is none.
 */
static const char *
classify(struct bytes in, int *type, struct bytes *rsa)
{
	struct bytes	 first, second;

	if (der_take(&in, TAG_SEQUENCE, &first) == 0)
		return (classify_other(in, first));
	*rsa = in;
	if (der_take(&in, TAG_INTEGER, &first) == -1 || first.left == 0)
		return (malformed);
	if (der_take(&in, TAG_SEQUENCE, &second) == 0)
		return (classify_pkcs8(in, first, second, type, rsa));
	/* ECPrivateKey, RFC 5915 section 3 */
	*type = EVP_PKEY_EC;
	if (der_take(&in, TAG_OCTETS, &second) == 0)
		return (NULL);
	/* RSAPublicKey has two numbers, RSAPrivateKey nine, RFC 8017 A.1 */
	*type = EVP_PKEY_RSA;
	if (der_take(&in, TAG_INTEGER, &second) == 0 && in.left == 0)
		return (public);
	return (NULL);
}

/* The integers of an RSAPrivateKey, RFC 8017 appendix A.1.2 */
enum { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QINV, RSA_ALL };

/* Whether exponents e, d and dp belong together modulo p - 1. */
static int
prime_fits(const BIGNUM *p, BIGNUM *e, BIGNUM *d, BIGNUM *dp, BN_CTX *ctx)
{
	BIGNUM	*order = BN_CTX_get(ctx), *x = BN_CTX_get(ctx);

	return (x != NULL && BN_sub(order, p, BN_value_one()) == 1 &&
	    BN_mod(x, d, order, ctx) == 1 && BN_cmp(x, dp) == 0 &&
	    BN_mod_mul(x, e, dp, order, ctx) == 1 && BN_is_one(x));
}

static int
rsa_fits(BIGNUM **n, BN_CTX *ctx)
{
	BIGNUM	*x = BN_CTX_get(ctx);

	return (x != NULL && !BN_is_one(n[RSA_E]) &&
	    BN_mul(x, n[RSA_P], n[RSA_Q], ctx) == 1 &&
	    BN_cmp(x, n[RSA_N]) == 0 &&
	    prime_fits(n[RSA_P], n[RSA_E], n[RSA_D], n[RSA_DP], ctx) &&
	    prime_fits(n[RSA_Q], n[RSA_E], n[RSA_D], n[RSA_DQ], ctx) &&
	    BN_mod_mul(x, n[RSA_QINV], n[RSA_Q], n[RSA_P], ctx) == 1 &&
	    BN_is_one(x));
}

static int
rsa_read(struct bytes rsa, BIGNUM **n)
{
	struct bytes	 number;
	size_t		 i;

	if (der_take(&rsa, TAG_INTEGER, &number) == -1)	/* the version */
		return (-1);
	for (i = 0; i < RSA_ALL; i++)
		if (der_take(&rsa, TAG_INTEGER, &number) == -1 ||
		    (n[i] = BN_bin2bn(number.p, (int)number.left,
		    NULL)) == NULL)
			return (-1);
	return (rsa.left == 0 ? 0 : -1);	/* more: a third prime */
}

/*
 * Whether the numbers of an RSA key fit each other.  libcrypto does not look
 * when it loads them, and its full check tries the primes for 35 ms a key.
 * A key with a wrong CRT number still signs, slowly, because libcrypto falls
 * back on d; elsewhere the same file would give its prime away.  So it is
 * refused here; that p and q are prime is left to the test signature.
 */
static int
rsa_sound(struct bytes rsa)
{
	BIGNUM	*n[RSA_ALL] = { NULL };
	BN_CTX	*ctx;
	size_t	 i;
	int	 ok = 0;

	if ((ctx = BN_CTX_new()) != NULL) {
		BN_CTX_start(ctx);
		ok = rsa_read(rsa, n) == 0 && rsa_fits(n, ctx);
		BN_CTX_end(ctx);
	}
	for (i = 0; i < RSA_ALL; i++)
		BN_clear_free(n[i]);
	BN_CTX_free(ctx);
	return (ok);
}

/* Point on the curve, scalar in range and not zero, one belongs to the other */
static int
ec_sound(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX	*ctx;
	int		 ok;

	if ((ctx = EVP_PKEY_CTX_new(pkey, NULL)) == NULL)
		return (0);
	ok = EVP_PKEY_check(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	return (ok);
}

/* Make key ready to use pkey; rsa are its numbers if it is an RSA key. */
static int
adopt(struct key *key, EVP_PKEY *pkey, struct bytes rsa)
{
	int	 works;

	if (key_set_public(key, pkey) == -1)
		return (-1);
	if ((key->id.type == KEY_TYPE_RSA && !rsa_sound(rsa)) ||
	    (key->id.type == KEY_TYPE_EC && !ec_sound(pkey))) {
		softkey_log_libcrypto(key, "check");
		key_refuse(key, "%s key is corrupt: its numbers do not fit "
		    "each other", key_type_name(key->id.type));
		return (-1);
	}
	if (softkey_new(key, pkey) == -1)
		return (-1);
	if (key->id.type == KEY_TYPE_RSA)
		works = key_rsa_works(pkey);
	else
		works = key_test(key) == SIGN_OK;
	if (works)
		return (0);
	softkey_log_libcrypto(key, "test");
	key->method->destroy(key);
	key_refuse(key, "test signature failed: private key is corrupt");
	return (-1);
}

static int
load_der(struct key *key, const uint8_t *der, size_t len)
{
	EVP_PKEY	*pkey;
	const char	*why;
	struct bytes	 file = { der, len }, body, rsa = { NULL, 0 };
	int		 status, type;

	if (der_take(&file, TAG_SEQUENCE, &body) == -1 || file.left != 0) {
		key_refuse(key, "%s: cut off, or followed by more bytes",
		    malformed);
		return (-1);
	}
	if ((why = classify(body, &type, &rsa)) != NULL) {
		key_refuse(key, "%s", why);
		return (-1);
	}
	if ((pkey = key_decode(type, der, len)) == NULL) {
		softkey_log_libcrypto(key, "decode");
		key_refuse(key, "%s", malformed);
		return (-1);
	}
	status = adopt(key, pkey, rsa);
	EVP_PKEY_free(pkey);
	return (status);
}

/* Why a PEM block with this label and header is no usable key, or NULL. */
static const char *
judge_pem(const char *name, const char *header)
{
	size_t	 i;

	for (i = 0; i < nitems(pem_labels); i++)
		if (strcmp(pem_labels[i].name, name) == 0)
			break;
	if (i == nitems(pem_labels))
		return ("file holds no private key");
	/* RFC 1421 section 4.6.1.1: Proc-Type: 4,ENCRYPTED */
	if (pem_labels[i].why == NULL && strstr(header, "ENCRYPTED") != NULL)
		return (encrypted);
	return (pem_labels[i].why);
}

static void
pem_free(uint8_t *data, long len)
{
	if (data != NULL)
		OPENSSL_cleanse(data, (size_t)len);
	OPENSSL_free(data);
}

/*
 * Find the one private key among PEM blocks; EC parameters or certificates may
 * stand beside it.  Returns NULL and its DER, to be freed by pem_free(), or
 * why there is none.
 */
static const char *
find_pem(BIO *bio, uint8_t **der, long *derlen)
{
	const char	*verdict, *why = NULL;
	uint8_t		*data;
	char		*name, *header;
	long		 len;

	while (PEM_read_bio(bio, &name, &header, &data, &len) == 1) {
		verdict = judge_pem(name, header);
		OPENSSL_free(name);
		OPENSSL_free(header);
		if (verdict == NULL && *der == NULL) {
			*der = data;
			*derlen = len;
			continue;
		}
		pem_free(data, len);
		if (verdict == NULL)
			return ("file holds more than one private key");
		if (why == NULL || verdict == encrypted)
			why = verdict;
	}
	if (*der != NULL)
		return (NULL);
	if (why != NULL)
		return (why);
	if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
		return ("file is neither PEM nor DER private key");
	return ("PEM block is malformed");
}

/*
 * No PEM_read_bio_PrivateKey(): it tries every decoder it has on every block,
 * four times slower, and could ask for a passphrase.
 */
static int
load_pem(struct key *key, const uint8_t *pem, size_t len)
{
	BIO		*bio;
	const char	*why = "out of memory";
	uint8_t		*der = NULL;
	long		 derlen = 0;
	int		 status = -1;

	if ((bio = BIO_new_mem_buf(pem, (int)len)) != NULL)
		why = find_pem(bio, &der, &derlen);
	ERR_clear_error();
	if (why == NULL)
		status = load_der(key, der, (size_t)derlen);
	else
		key_refuse(key, "%s", why);
	pem_free(der, derlen);
	BIO_free(bio);
	return (status);
}

/* Read all of fd to buf, which has room for one byte over FILE_MAX. */
static int
read_file(struct key *key, int fd, uint8_t *buf, size_t *len)
{
	ssize_t	 n;

	*len = 0;
	do {
		n = pread(fd, buf + *len, FILE_MAX + 1 - *len, (off_t)*len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			key_refuse(key, "cannot be read: %s", strerror(errno));
			return (-1);
		}
		*len += (size_t)n;
	} while (n != 0 && *len <= FILE_MAX);
	if (*len == 0) {
		key_refuse(key, "file is empty");
		return (-1);
	}
	if (*len > FILE_MAX) {
		key_refuse(key, "file is larger than %d bytes", FILE_MAX);
		return (-1);
	}
	return (0);
}

void
keyfile_memory(void)
{
	file_buffer = secmem_new(FILE_MAX + 1);
}

int
keyfile_load(struct key *key, int fd)
{
	uint8_t	*buf = file_buffer;
	size_t	 len;
	int	 status;

	if ((status = read_file(key, fd, buf, &len)) == 0) {
		if (buf[0] != TAG_SEQUENCE ||
		    memmem(buf, len, "-----BEGIN ", 11) != NULL)
			status = load_pem(key, buf, len);
		else
			status = load_der(key, buf, len);
	}
	explicit_bzero(buf, len);
	return (status);
}
