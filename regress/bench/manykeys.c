/*
 * Writes many different private keys quickly, for benches of start-up and
 * lookup; not keys for anybody to use.
 *
 *	manykeys rsa|ec NUMBER DIRECTORY
 *
 * RSA keys of 2,048 bits are the products of the primes of a small pool, two
 * by two: so they are as different as needed, and as slow to check as others.
 */
#include <sys/stat.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"

#define BITS		2048
#define EXPONENT	65537

/* RSAPrivateKey without its version: RFC 8017 appendix A.1.2. */
enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };

struct pool {
	BIGNUM	**primes;
	size_t	  n;
};

static const char	*directory;
static BN_CTX		*ctx;

static void
must(int ok, const char *what)
{
	if (!ok)
		errx(1, "%s failed", what);
}

static FILE *
key_file(size_t number)
{
	char	 path[1024];
	FILE	*f;

	snprintf(path, sizeof(path), "%s/%06zu.key", directory, number);
	if ((f = fopen(path, "w")) == NULL)
		err(1, "%s", path);
	return (f);
}

/* A prime that the exponent suits. */
static BIGNUM *
new_prime(void)
{
	BIGNUM	*p = BN_new();

	do {
		must(p != NULL && BN_generate_prime_ex(p, BITS / 2, 0, NULL,
		    NULL, NULL) == 1, "BN_generate_prime_ex");
	} while (BN_mod_word(p, EXPONENT) == 1);
	return (p);
}

static void
pool_fill(struct pool *pool, size_t nkeys)
{
	size_t	 i;

	for (pool->n = 2; pool->n * (pool->n - 1) / 2 < nkeys; pool->n++)
		;
	pool->primes = calloc(pool->n, sizeof(*pool->primes));
	must(pool->primes != NULL, "calloc");
	for (i = 0; i < pool->n; i++)
		pool->primes[i] = new_prime();
}

/* d modulo p - 1, and d itself from phi */
static void
fill(BIGNUM **k, const BIGNUM *p, const BIGNUM *q)
{
	BIGNUM	*p1 = BN_dup(p), *q1 = BN_dup(q), *phi = BN_new();
	int	 ok;

	ok = p1 != NULL && q1 != NULL && phi != NULL &&
	    BN_sub_word(p1, 1) == 1 && BN_sub_word(q1, 1) == 1 &&
	    BN_mul(phi, p1, q1, ctx) == 1 &&
	    BN_copy(k[P], p) != NULL && BN_copy(k[Q], q) != NULL &&
	    BN_mul(k[N], p, q, ctx) == 1 &&
	    BN_set_word(k[E], EXPONENT) == 1 &&
	    BN_mod_inverse(k[D], k[E], phi, ctx) != NULL &&
	    BN_mod(k[DP], k[D], p1, ctx) == 1 &&
	    BN_mod(k[DQ], k[D], q1, ctx) == 1 &&
	    BN_mod_inverse(k[QINV], q, p, ctx) != NULL;
	must(ok, "computing a key");
	BN_free(p1);
	BN_free(q1);
	BN_free(phi);
}

static size_t
put_number(uint8_t *der, size_t used, const BIGNUM *n)
{
	ASN1_INTEGER	*i = BN_to_ASN1_INTEGER(n, NULL);
	uint8_t		*p = der + used;

	must(i != NULL && i2d_ASN1_INTEGER(i, &p) > 0, "i2d_ASN1_INTEGER");
	ASN1_INTEGER_free(i);
	return ((size_t)(p - der));
}

static void
write_rsa(BIGNUM **k, size_t number)
{
	uint8_t	 body[BITS], der[BITS + 8], *p = der;
	FILE	*f = key_file(number);
	size_t	 i, used;

	body[0] = 0x02;		/* version 0 */
	body[1] = 0x01;
	body[2] = 0x00;
	for (used = 3, i = 0; i < NUMBERS; i++)
		used = put_number(body, used, k[i]);
	ASN1_put_object(&p, 1, (int)used, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	memcpy(p, body, used);
	must(PEM_write(f, "RSA PRIVATE KEY", "", der,
	    (long)((size_t)(p - der) + used)) > 0, "PEM_write");
	if (fclose(f) == EOF)
		err(1, "write");
}

static void
many_rsa(size_t nkeys)
{
	struct pool	 pool;
	BIGNUM		*k[NUMBERS];
	size_t		 i, j, number = 0;

	for (i = 0; i < NUMBERS; i++)
		must((k[i] = BN_new()) != NULL, "BN_new");
	pool_fill(&pool, nkeys);
	for (i = 0; i < pool.n; i++) {
		for (j = 0; j < i && number < nkeys; j++) {
			fill(k, pool.primes[i], pool.primes[j]);
			write_rsa(k, number++);
		}
	}
	for (i = 0; i < NUMBERS; i++)
		BN_free(k[i]);
	for (i = 0; i < pool.n; i++)
		BN_free(pool.primes[i]);
	free(pool.primes);
}

static void
many_ec(size_t nkeys)
{
	EVP_PKEY_CTX	*gen = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY	*key;
	FILE		*f;
	size_t		 i;

	must(gen != NULL && EVP_PKEY_keygen_init(gen) == 1 &&
	    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(gen,
	    NID_X9_62_prime256v1) == 1, "EVP_PKEY_keygen_init");
	for (i = 0; i < nkeys; i++) {
		key = NULL;
		must(EVP_PKEY_keygen(gen, &key) == 1, "EVP_PKEY_keygen");
		f = key_file(i);
		must(PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL,
		    NULL) == 1, "PEM_write_PKCS8PrivateKey");
		if (fclose(f) == EOF)
			err(1, "write");
		EVP_PKEY_free(key);
	}
	EVP_PKEY_CTX_free(gen);
}

int
main(int argc, char **argv)
{
	const char	*error;
	size_t		 n;

	if (argc != 4 ||
	    (strcmp(argv[1], "rsa") != 0 && strcmp(argv[1], "ec") != 0))
		errx(1, "usage: manykeys rsa|ec number directory");
	n = (size_t)strtonum(argv[2], 1, 1000000, &error);
	if (error != NULL)
		errx(1, "%s: number is %s", argv[2], error);
	directory = argv[3];
	umask(077);
	must((ctx = BN_CTX_new()) != NULL, "BN_CTX_new");
	if (strcmp(argv[1], "rsa") == 0)
		many_rsa(n);
	else
		many_ec(n);
	BN_CTX_free(ctx);
	return (0);
}
