/* Signer: operations with private keys that libcrypto holds. */
#include <openssl/err.h>

#include <stdlib.h>

#include "compat.h"
#include "log.h"
#include "signer.h"

/* One initialised context for each operation that was asked for. */
struct softkey {
	EVP_PKEY	*pkey;
	EVP_PKEY_CTX	*ctx[OPCODE_COUNT];
	EVP_MD_CTX	*md_ctx;	/* Ed25519 */
};

void
softkey_log_libcrypto(const struct key *key, const char *what)
{
	const char	*why = ERR_reason_error_string(ERR_peek_error());

	log_debug("libcrypto refused what=%s key=\"%s\" reason=\"%s\"", what,
	    key->label, why == NULL ? "unknown" : why);
	ERR_clear_error();
}

/* The context of an operation, made at its first use; NULL when refused. */
static EVP_PKEY_CTX *
context(struct softkey *sk, const struct opcode_info *op)
{
	EVP_PKEY_CTX	*ctx = sk->ctx[op->index];
	int		 ok;

	if (ctx != NULL)
		return (ctx);
	if ((ctx = EVP_PKEY_CTX_new(sk->pkey, NULL)) == NULL)
		return (NULL);
	if (op->class == OPC_DECRYPT)
		ok = EVP_PKEY_decrypt_init(ctx) == 1;
	else
		ok = EVP_PKEY_sign_init(ctx) == 1;
	/* Of ECDSA, libcrypto only sees the hash: its length is checked. */
	if (ok && op->key_type == KEY_TYPE_RSA)
		ok = key_rsa_params(ctx, op) == 0;
	if (!ok) {
		EVP_PKEY_CTX_free(ctx);
		return (NULL);
	}
	return (sk->ctx[op->index] = ctx);
}

static int
sign_hash(struct softkey *sk, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen)
{
	EVP_PKEY_CTX	*ctx = context(sk, op);

	return (ctx != NULL &&
	    EVP_PKEY_sign(ctx, out, outlen, in, inlen) == 1);
}

/*
 * Raw RSA, with blinding.  The padding inside is the client's business: no
 * look at it here, so that neither result nor time can tell of it.
 */
static int
decrypt(struct softkey *sk, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen)
{
	EVP_PKEY_CTX	*ctx = context(sk, op);

	return (ctx != NULL &&
	    EVP_PKEY_decrypt(ctx, out, outlen, in, inlen) == 1 &&
	    *outlen == inlen);
}

static int
sign_once(struct softkey *sk, const uint8_t *in, size_t inlen, uint8_t *out,
    size_t *outlen)
{
	*outlen = SIGNMSG_DATA_MAX;
	return (EVP_DigestSign(sk->md_ctx, out, outlen, in, inlen) == 1);
}

/*
 * Ed25519 (RFC 8032) takes the message.  OpenSSL 3.0 and LibreSSL let a
 * context sign again and again, later OpenSSL wants a new one each time.
 */
static int
sign_message(struct softkey *sk, const uint8_t *in, size_t inlen,
    uint8_t *out, size_t *outlen)
{
	if (sk->md_ctx != NULL && sign_once(sk, in, inlen, out, outlen))
		return (1);
	ERR_clear_error();
	EVP_MD_CTX_free(sk->md_ctx);
	return ((sk->md_ctx = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestSignInit(sk->md_ctx, NULL, NULL, NULL, sk->pkey) == 1 &&
	    sign_once(sk, in, inlen, out, outlen));
}

static enum sign_status
softkey_operate(struct key *key, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen)
{
	struct softkey	*sk = key->state;
	int		 ok;

	*outlen = SIGNMSG_DATA_MAX;
	if (op->class == OPC_DECRYPT)
		ok = decrypt(sk, op, in, inlen, out, outlen);
	else if (op->key_type == KEY_TYPE_ED25519)
		ok = sign_message(sk, in, inlen, out, outlen);
	else
		ok = sign_hash(sk, op, in, inlen, out, outlen);
	if (ok)
		return (SIGN_OK);
	softkey_log_libcrypto(key, op->name);
	EVP_PKEY_CTX_free(sk->ctx[op->index]);
	sk->ctx[op->index] = NULL;
	return (SIGN_REFUSED);
}

static void
softkey_destroy(struct key *key)
{
	struct softkey	*sk = key->state;
	size_t		 i;

	for (i = 0; i < nitems(sk->ctx); i++)
		EVP_PKEY_CTX_free(sk->ctx[i]);
	EVP_MD_CTX_free(sk->md_ctx);
	EVP_PKEY_free(sk->pkey);	/* libcrypto wipes its numbers */
	free(sk);
	key->state = NULL;
	key->method = NULL;
}

static const struct key_method softkey_method = {
	softkey_operate,
	softkey_destroy
};

int
softkey_new(struct key *key, EVP_PKEY *pkey)
{
	struct softkey	*sk;

	if ((sk = calloc(1, sizeof(*sk))) == NULL ||
	    EVP_PKEY_up_ref(pkey) != 1) {
		free(sk);
		key_refuse(key, "out of memory");
		return (-1);
	}
	sk->pkey = pkey;
	key->state = sk;
	key->method = &softkey_method;
	return (0);
}
