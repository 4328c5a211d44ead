/*
 * Test: key identifiers against vectors made by the openssl command.
 *
 * SKI: the contents of the BIT STRING of "openssl pkey -pubin -outform DER",
 * without its first octet, through "openssl dgst -sha1".
 * Digest, RSA: the text of "openssl rsa -pubin -modulus -noout" after
 * "Modulus=", without a newline, through "openssl dgst -sha256".
 * Digest, EC: the point of "openssl ec -pubin -conv_form compressed", in upper
 * case hexadecimal, through the same.
 */
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "keyid.h"
#include "test.h"

static const struct vector {
	const char	*name;
	enum key_type	 type;
	uint32_t	 bits;
	const char	*ski;
	const char	*digest;
	const char	*pem;
} vectors[] = {
	{ "rsa2048", KEY_TYPE_RSA, 2048,
	    "3b6bcb3f75b91513b442d6e7d339440a7a2dd0fb",
	    "a28a4614474f98597b24728d7ad83107"
	    "04bf1992076bfbd3666d53b32e7f04f3",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArwyjrVZNzXd+lLynv1uZ\n"
	    "ZE70GIjAZxtAgtz3KN2AGz++AtehJLjvI+KLlJh6Ze+0Zl1pv+h3NW2b5mUdWhNw\n"
	    "fhxJrLkZbIb2iN76RkY9n40BRnYOCtQcIyyIuLRJs5Dd9csiVQ3YigaJ7JEVZjLt\n"
	    "tTuAe9jsvZYToWIcz+74faeAbIyIPLjgBkHGipKBea28Zs7CIdgSUCt8k/jSELJM\n"
	    "san5dznTG7Ryf1r3q5vFTZFuJ88BmyZNOKqXJIE8whE0XhelO337JViFnu3zzfkF\n"
	    "KgaxZ+Sb/qRRVkINOPF6bV9i1dTC7mmTnRfFgUXLrWmjJ8V2Nwrqj5HT5ONQ/+Y2\n"
	    "jwIDAQAB\n"
	    "-----END PUBLIC KEY-----\n" },
	{ "rsa4096", KEY_TYPE_RSA, 4096,
	    "92ef3d2de7930e09a03c7840e8d3f2c914555984",
	    "62087194f05374cbf7632512ee6102b4"
	    "b028c6fa2fb597fd3339e540fa42cde3",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEApMCkT82yz3cgy1ZyT6qZ\n"
	    "0z3n+VW2ZhPtdcbstngxXG+QSUSP+ZJyOP1sI13AQVCHIs904FxV9xfuFs9BdUh/\n"
	    "m/wjRManmbeECtM02otWDQ4chqVdsVt83Bz46eI71fHzRt6AAfMoofvhMUSYH6i6\n"
	    "CRgrGYf7RiQ5ql4YFaW0XVK0TwQXsEpJ3EekoNUEcX2TsNtD5XSXuQBAYtIiq7Cq\n"
	    "I3eoioS8FUqFkK5Vafblf4XTFwFgjiZGKkBf54uLRA6gmTlZ1s9jpkTB0Gb9IuQs\n"
	    "aDSOaT7vvswrP9GX6Q+L/Joi2haFTl3XTu6Igvkn5lZNKUhYaWp4vKKTwEMWGfPE\n"
	    "CAFzyC9rVwpqssUWhZqqIV2Y8AEOedjJZnbT9yPT4zKWubEff9kI65BV40A7WnVO\n"
	    "fMB0mSc2FGP4Z0khaXOIZcDopsbCpY4F1SKoUF6f9Ev0vfW3sOWwYiX+Zf0DYHcK\n"
	    "XJSKF1RBRu0fTo5MbP3dvp61jZ5OMFqfRGz3bp5fuPlieOoCBBcjuQnWEGe+NrMt\n"
	    "ipG8bHyGsa6UC7oTHtKiZxk2k9fAxVernVvRK4Mi+GUD5tSeF33POEgu4QFNh+k4\n"
	    "ySIfBF5uznJGXWjC1O8RFHjKBtyiZmunq6Heg4t2CYpbNHi6VkC+Dd2F0REGU72A\n"
	    "UIIoVZN0529aeo75UxVpKNECAwEAAQ==\n"
	    "-----END PUBLIC KEY-----\n" },
	{ "p256", KEY_TYPE_EC, 256,
	    "d561484d0198de07754f05923da59e9184449176",
	    "486b852a377bf729a77f134a31ffc8d5"
	    "00e7991153330cbbff64dfa419fd0ff1",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEllziJq4JgF5AjEtnD5WuEzKoRN6z\n"
	    "mgk7jk1Njyrp8GmgUCI75ukF5vbukwco2q2yB6z48GdBaTmIgz9qqwdZIg==\n"
	    "-----END PUBLIC KEY-----\n" },
	{ "p384", KEY_TYPE_EC, 384,
	    "4468cfac9043b0abf3371559f01b62243e972500",
	    "f32e2c563ca9572833b7e6cec9e46450"
	    "861261e3680c702318174f61d8d6e564",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEEajDfLLj6KKxMkCH1oOOmY0ELh0LClP1\n"
	    "i5emv0rx/CdK8mZL9sVO+NNDyOq0dryBLLS+zzgpqqsV8/1ThjiUvZoToWeL4yBy\n"
	    "Yr6ZjMlItV+/YU8eiBlmmGnGemQ20BN9\n"
	    "-----END PUBLIC KEY-----\n" },
	{ "p521", KEY_TYPE_EC, 521,
	    "1fdc5eb04d2a35e03ae0cc08e886078eca07212a",
	    "cf2d35dfda11b3a7ae9f743bc1a822ce"
	    "d5e2fd4ded2c73bb3db921571cbbd2cc",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQB26GzK8dO0gRMNcEMh9DkrFKMI43J\n"
	    "2f0F83WAX5UMu2svmqL/cZ8codJeaNkqichDjIlAlmkdYNikKF5GJtj5gqYAJ5ak\n"
	    "MM75+ipkE8emcT5ZHqoygjj+ukjBgZNU8jii+MGH7aJoATBuRS87+H44iu891PdL\n"
	    "A9SXOq9+C/CDh3ro5X0=\n"
	    "-----END PUBLIC KEY-----\n" },
	{ "ed25519", KEY_TYPE_ED25519, 256,
	    "9377a7cf06554a8c2e4ab4366e0e596c85c84b5a",
	    "00000000000000000000000000000000"
	    "00000000000000000000000000000000",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MCowBQYDK2VwAyEArTmxI1gWfVBopxm+PhVzz4NUs4TcErcyQT/zmrkkdvw=\n"
	    "-----END PUBLIC KEY-----\n" },
};

/* Keys that the protocol has no operation for. */
static const struct {
	const char	*why;
	const char	*pem;
} refused[] = {
	/* RSA, 1,024 bits */
	{ "size is outside",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCijwCOcmheZ9csDZIIXB6B7xuH\n"
	    "yCU1Mao7VuNhVEsrN6n0q0oLZudrQEDGU75TNIe2noGbNT9cSBt4U09bh4lrKe78\n"
	    "Z6hTInHP1/eUsRPB4mcm3rblPNvQdt/EYZy62DlaQpYF0r2z/Df2wD+Cmpx2mKpI\n"
	    "oSeUdwz6ggYLVtVDZQIDAQAB\n"
	    "-----END PUBLIC KEY-----\n" },
	/* secp256k1 */
	{ "curve",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEAHWAxFO4gWa6psOvMEM7hZF5+CI40FDC\n"
	    "aiUtCx4Ee+cPxRCi1GOqx+EmZpoJaDDkQNjI1kH3lggursg1Gz5pPw==\n"
	    "-----END PUBLIC KEY-----\n" },
	/* P-256 with explicit parameters */
	{ "curve",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA\n"
	    "AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////\n"
	    "///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd\n"
	    "NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5\n"
	    "RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA\n"
	    "//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABPse1VxigWLl5Ukbw4mF6vzd\n"
	    "XovQ5MLK57BQg8YiRWyqHfIsz+g5asnvc61Z5KPGKXRPvAk68oPOl6OUesbZlS0=\n"
	    "-----END PUBLIC KEY-----\n" },
	/* X25519 */
	{ "algorithm",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MCowBQYDK2VuAyEAcmBWp14k9jzbXgbmeYiKl/VjQsdrCBpkeooUMykqi1o=\n"
	    "-----END PUBLIC KEY-----\n" },
	/* RSA restricted to PSS */
	{ "algorithm",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAKzFF/klQljowOBQM6UUuHr9\n"
	    "KVH5XapjaqJxk9CCiLZwv0iAp/1Z1QgKokWPmL6r5Y/eIzCH1y/1VNE2dFRdhifN\n"
	    "15HMrua8KNoYFFwAYhG7yU7tmFpYgsK2uQn4aK2Tver6R3NE7ut/oAs2iTc6e7Yo\n"
	    "+pIrIYD3Uk5ZMbPZFpuN++pQ/4zLJFTQxcLMSpAtMKthCWAvi5N8R3COH9tFBmg4\n"
	    "Dbw1kaGPR1pnU4K6f/D0VqbvRo43AZLlWr67TQk2jSwysZovqu/HgodBKhdYHLd9\n"
	    "I1qK5GLMmUwSL6z5lcMVkgSUB75OS91Wjofa41Ne8rrcRvSB2EplIfqwLnJTtIMC\n"
	    "AwEAAQ==\n"
	    "-----END PUBLIC KEY-----\n" },
};

/* The point of the third vector, compressed. */
static const char	 compressed[] =
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACllziJq4JgF5AjEtnD5WuEzKoRN6z\n"
	    "mgk7jk1Njyrp8Gk=\n"
	    "-----END PUBLIC KEY-----\n";

static EVP_PKEY *
read_key(const char *pem)
{
	EVP_PKEY	*key;
	BIO		*bio;

	if ((bio = BIO_new_mem_buf(pem, -1)) == NULL)
		abort();
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return (key);
}

/* Does hexadecimal text say the same as the bytes? */
static int
hex_is(const uint8_t *bytes, size_t n, const char *text)
{
	unsigned int	 value;
	size_t		 i;

	if (strlen(text) != 2 * n)
		return (0);
	for (i = 0; i < n; i++)
		if (sscanf(text + 2 * i, "%2x", &value) != 1 ||
		    value != bytes[i])
			return (0);
	return (1);
}

static void
test_vectors(void)
{
	const struct vector	*v;
	struct keyid		 id;
	EVP_PKEY		*key;
	const char		*why;
	size_t			 i;

	for (i = 0; i < nitems(vectors); i++) {
		v = &vectors[i];
		key = read_key(v->pem);
		CHECK(key != NULL);
		memset(&id, 0xee, sizeof(id));
		if (keyid_from_pkey(key, &id, &why) == -1) {
			CHECK_STR(why, v->name);
			continue;
		}
		CHECK(id.type == v->type);
		CHECK(id.bits == v->bits);
		CHECK(hex_is(id.ski, sizeof(id.ski), v->ski));
		CHECK(hex_is(id.digest, sizeof(id.digest), v->digest));
		EVP_PKEY_free(key);
	}
}

static void
test_refused(void)
{
	struct keyid	 id;
	EVP_PKEY	*key;
	const char	*why;
	size_t		 i;

	for (i = 0; i < nitems(refused); i++) {
		key = read_key(refused[i].pem);
		CHECK(key != NULL);
		why = NULL;
		CHECK(keyid_from_pkey(key, &id, &why) == -1);
		CHECK(why != NULL && strstr(why, refused[i].why) != NULL);
		EVP_PKEY_free(key);
	}
}

/* However the key is written down, the digest is of the compressed point. */
static void
test_compressed(void)
{
	struct keyid	 id;
	EVP_PKEY	*key = read_key(compressed);
	const char	*why;

	CHECK(key != NULL);
	CHECK(keyid_from_pkey(key, &id, &why) == 0);
	CHECK(hex_is(id.digest, sizeof(id.digest), vectors[2].digest));
	EVP_PKEY_free(key);
}

/* Append a DER header and return where the content goes. */
static uint8_t *
der_header(uint8_t *p, uint8_t tag, size_t length)
{
	*p++ = tag;
	*p++ = 0x82;
	*p++ = (uint8_t)(length >> 8);
	*p++ = (uint8_t)length;
	return (p);
}

/*
 * An RSA public key whose modulus has this many bits.  It is no product of
 * primes, which nothing here looks at.
 */
static EVP_PKEY *
rsa_of_bits(size_t bits)
{
	static const uint8_t	 algor[] = {
		0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
		0x01, 0x01, 0x01, 0x05, 0x00
	};
	uint8_t			 der[2048], *p = der;
	const uint8_t		*q = der;
	size_t			 n = bits / 8 + 1;	/* a leading zero */

	p = der_header(p, 0x30, sizeof(algor) + 4 + 1 + 4 + 4 + n + 3);
	memcpy(p, algor, sizeof(algor));
	p = der_header(p + sizeof(algor), 0x03, 1 + 4 + 4 + n + 3);
	*p++ = 0;
	p = der_header(p, 0x30, 4 + n + 3);
	p = der_header(p, 0x02, n);
	memset(p, 0xff, n);
	p[0] = (uint8_t)((1 << bits % 8) - 1);
	memcpy(p + n, "\x02\x01\x03", 3);
	return (d2i_PUBKEY(NULL, &q, (long)(p + n + 3 - der)));
}

static void
test_rsa_sizes(void)
{
	static const struct {
		size_t	 bits;
		int	 ok;
	} sizes[] = {
		{ 2040, 0 }, { 2047, 0 }, { 2048, 1 }, { 2049, 1 },
		{ 3072, 1 }, { 8191, 1 }, { 8192, 1 }, { 8193, 0 },
		{ 8200, 0 },
	};
	struct keyid	 id;
	EVP_PKEY	*key;
	const char	*why;
	size_t		 i;

	for (i = 0; i < nitems(sizes); i++) {
		key = rsa_of_bits(sizes[i].bits);
		CHECK(key != NULL &&
		    EVP_PKEY_bits(key) == (int)sizes[i].bits);
		CHECK((keyid_from_pkey(key, &id, &why) == 0) == sizes[i].ok);
		if (sizes[i].ok)
			CHECK(id.bits == sizes[i].bits);
		EVP_PKEY_free(key);
	}
}

static EVP_PKEY *
make_private(void)
{
	EVP_PKEY_CTX	*ctx;
	EVP_PKEY	*key = NULL;

	if ((ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL)) == NULL ||
	    EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx,
	    NID_X9_62_prime256v1) != 1 ||
	    EVP_PKEY_keygen(ctx, &key) != 1)
		abort();
	EVP_PKEY_CTX_free(ctx);
	return (key);
}

/* A private key has the identifiers of its public key. */
static void
test_private(void)
{
	struct keyid	 a, b;
	EVP_PKEY	*public, *private = make_private();
	const uint8_t	*p;
	uint8_t		*der = NULL;
	const char	*why;
	int		 len;

	len = i2d_PUBKEY(private, &der);
	CHECK(len > 0);
	p = der;
	public = d2i_PUBKEY(NULL, &p, len);
	CHECK(public != NULL);
	CHECK(keyid_from_pkey(private, &a, &why) == 0);
	CHECK(keyid_from_pkey(public, &b, &why) == 0);
	CHECK(memcmp(&a, &b, sizeof(a)) == 0);
	EVP_PKEY_free(private);
	EVP_PKEY_free(public);
	OPENSSL_free(der);
}

int
main(void)
{
	test_vectors();
	test_refused();
	test_compressed();
	test_rsa_sizes();
	test_private();
	return (test_done());
}
