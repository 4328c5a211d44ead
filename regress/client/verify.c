/* Test client: are signatures right? */
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "client.h"
#include "compat.h"

static const EVP_MD *
digest_of(enum hash_type hash)
{
	switch (hash) {
	case HASH_MD5SHA1:
		return (EVP_md5_sha1());
	case HASH_SHA1:
		return (EVP_sha1());
	case HASH_SHA224:
		return (EVP_sha224());
	case HASH_SHA256:
		return (EVP_sha256());
	case HASH_SHA384:
		return (EVP_sha384());
	case HASH_SHA512:
		return (EVP_sha512());
	default:
		return (NULL);
	}
}

/* The salt must be as long as the hash: PROTOCOL, Opcodes 0x35..0x37. */
static int
set_pss(EVP_PKEY_CTX *ctx, const struct opcode_info *op)
{
	return (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, digest_of(op->hash)) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx,
	    (int)hash_length(op->hash)) == 1);
}

/*
 * For ECDSA no digest is set: libcrypto then takes a hash of any length, the
 * 36 bytes of MD5+SHA-1 too, and truncates it to the order of the curve.
 */
static int
set_scheme(EVP_PKEY_CTX *ctx, const struct opcode_info *op)
{
	if (op->key_type == KEY_TYPE_EC)
		return (1);
	if (EVP_PKEY_CTX_set_signature_md(ctx, digest_of(op->hash)) != 1)
		return (0);
	if (op->pss)
		return (set_pss(ctx, op));
	return (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1);
}

static int
verify_hash(const struct request *r, const uint8_t *sig, size_t len)
{
	EVP_PKEY_CTX	*ctx;
	int		 ok;

	if ((ctx = EVP_PKEY_CTX_new(r->key->key, NULL)) == NULL)
		die("no memory");
	ok = EVP_PKEY_verify_init(ctx) == 1 && set_scheme(ctx, r->op) &&
	    EVP_PKEY_verify(ctx, sig, len, r->payload, r->length) == 1;
	EVP_PKEY_CTX_free(ctx);
	return (ok);
}

static int
verify_message(const struct request *r, const uint8_t *sig, size_t len)
{
	EVP_MD_CTX	*ctx;
	int		 ok;

	if ((ctx = EVP_MD_CTX_new()) == NULL)
		die("no memory");
	ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, r->key->key) == 1 &&
	    EVP_DigestVerify(ctx, sig, len, r->payload, r->length) == 1;
	EVP_MD_CTX_free(ctx);
	return (ok);
}

int
verify_signature(const struct request *r, const uint8_t *sig, size_t len)
{
	int	 ok;

	/* A modulus' worth of bytes, leading zeros too: RFC 8017, 8.1.1. */
	if (r->op->key_type == KEY_TYPE_RSA && len != r->key->block)
		return (-1);
	if (r->op->key_type == KEY_TYPE_ED25519)
		ok = verify_message(r, sig, len);
	else
		ok = verify_hash(r, sig, len);
	ERR_clear_error();
	return (ok ? 0 : -1);
}
