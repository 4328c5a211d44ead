/* Signer: what all kinds of keys share; the trust boundary of a request. */
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "log.h"
#include "signer.h"

#define TEST_SIZE	64	/* a hash, or a message for Ed25519 */

static const EVP_MD *(*const digests[])(void) = {
	[HASH_MD5SHA1] =	EVP_md5_sha1,
	[HASH_SHA1] =		EVP_sha1,
	[HASH_SHA224] =		EVP_sha224,
	[HASH_SHA256] =		EVP_sha256,
	[HASH_SHA384] =		EVP_sha384,
	[HASH_SHA512] =		EVP_sha512,
};

/* What key_test() asks of a key: the next where one is refused. */
static const uint8_t test_opcodes[][6] = {
	[KEY_TYPE_NONE] =	{ 0 },
	[KEY_TYPE_RSA] =	{ OP_RSA_SIGN_SHA256, OP_PSS_SIGN_SHA256,
	    OP_RSA_SIGN_SHA512, OP_PSS_SIGN_SHA512, OP_RSA_SIGN_SHA384,
	    OP_PSS_SIGN_SHA384 },
	[KEY_TYPE_EC] =		{ OP_ECDSA_SIGN_SHA256 },
	[KEY_TYPE_ED25519] =	{ OP_ED25519_SIGN },
};

/* Room that a keyring of n keys has: the next power of two. */
static size_t
capacity(size_t n)
{
	size_t	 room = 16;

	if (n == 0)
		return (0);
	while (room < n)
		room *= 2;
	return (room);
}

struct key *
keyring_at(struct keyring *ring, uint32_t index)
{
	struct key	*keys;
	size_t		 need = (size_t)index + 1;

	if (need > ring->nkeys) {
		if (capacity(need) > capacity(ring->nkeys)) {
			keys = recallocarray(ring->keys, capacity(ring->nkeys),
			    capacity(need), sizeof(*keys));
			if (keys == NULL)
				return (NULL);
			ring->keys = keys;
		}
		ring->nkeys = need;
	}
	return (&ring->keys[index]);
}

void
keyring_free(struct keyring *ring)
{
	struct key	*key;
	size_t		 i;

	for (i = 0; i < ring->nkeys; i++) {
		key = &ring->keys[i];
		if (key->method != NULL)
			key->method->destroy(key);
		EVP_PKEY_free(key->public);
	}
	free(ring->keys);
	ring->keys = NULL;
	ring->nkeys = 0;
}

void
key_refuse(struct key *key, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(key->reason, sizeof(key->reason), fmt, ap);
	va_end(ap);
}

int
key_set_public(struct key *key, EVP_PKEY *pkey)
{
	const char	*why;

	if (keyid_from_pkey(pkey, &key->id, &why) == -1) {
		ERR_clear_error();
		memset(&key->id, 0, sizeof(key->id));
		key_refuse(key, "%s", why);
		return (-1);
	}
	if (EVP_PKEY_up_ref(pkey) != 1) {
		key_refuse(key, "public key cannot be shared");
		return (-1);
	}
	EVP_PKEY_free(key->public);
	key->public = pkey;
	key->block = 0;
	if (key->id.type == KEY_TYPE_RSA)
		key->block = (size_t)EVP_PKEY_size(pkey);
	return (0);
}

int
key_rsa_params(EVP_PKEY_CTX *ctx, const struct opcode_info *op)
{
	int	 padding = op->pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;

	if (op->class == OPC_DECRYPT)
		padding = RSA_NO_PADDING;
	if (EVP_PKEY_CTX_set_rsa_padding(ctx, padding) != 1)
		return (-1);
	if (op->class == OPC_DECRYPT)
		return (0);
	if (EVP_PKEY_CTX_set_signature_md(ctx, digests[op->hash]()) != 1)
		return (-1);
	if (op->pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, -1) != 1)
		return (-1);
	return (0);
}

/* The operation that a request names, or why there is none. */
static enum sign_status
find_operation(const struct key *key, const struct sign_request *req,
    const struct opcode_info **op)
{
	*op = opcode_find(req->opcode);
	if (*op == NULL ||
	    ((*op)->class != OPC_SIGN && (*op)->class != OPC_DECRYPT) ||
	    (*op)->key_type != key->id.type)
		return (SIGN_BAD_OPCODE);
	if (!opcode_length_ok(*op, req->length, key->block))
		return (SIGN_BAD_LENGTH);
	return (SIGN_OK);
}

static enum sign_status
answer_with(struct key *key, const struct sign_request *req,
    struct sign_reply *reply)
{
	const struct opcode_info	*op;
	enum sign_status		 status;
	size_t				 len = 0;

	if (req->opcode == SIGNMSG_OP_TEST)
		return (key_test(key));
	if ((status = find_operation(key, req, &op)) != SIGN_OK)
		return (status);
	status = key->method->operate(key, op, req->data, req->length,
	    reply->data, &len);
	if (status != SIGN_OK) {
		/* It may have stopped halfway. */
		explicit_bzero(reply->data, sizeof(reply->data));
		return (status);
	}
	if (len > sizeof(reply->data))
		fatalx("key overran its reply key=\"%s\" length=%zu",
		    key->label, len);
	reply->length = (uint16_t)len;
	return (SIGN_OK);
}

void
key_answer(struct keyring *ring, const struct sign_request *req,
    struct sign_reply *reply)
{
	enum sign_status	 status = SIGN_NO_KEY;

	memset(reply, 0, SIGNMSG_REPLY);
	reply->id = req->id;
	if (req->key < ring->nkeys && ring->keys[req->key].method != NULL)
		status = answer_with(&ring->keys[req->key], req, reply);
	reply->status = (uint8_t)status;
	if (status != SIGN_OK)
		log_debug("request refused index=%u opcode=0x%02x length=%u "
		    "reason=\"%s\"", req->key, req->opcode, req->length,
		    sign_status_name(status));
}

static int
verify_message(EVP_PKEY *public, const uint8_t *sig, size_t siglen,
    const uint8_t *msg, size_t msglen)
{
	EVP_MD_CTX	*ctx;
	int		 ok;

	if ((ctx = EVP_MD_CTX_new()) == NULL)
		return (0);
	ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1 &&
	    EVP_DigestVerify(ctx, sig, siglen, msg, msglen) == 1;
	EVP_MD_CTX_free(ctx);
	return (ok);
}

static int
verify_hash(EVP_PKEY *public, const struct opcode_info *op,
    const uint8_t *sig, size_t siglen, const uint8_t *hash, size_t hashlen)
{
	EVP_PKEY_CTX	*ctx;
	int		 ok;

	if ((ctx = EVP_PKEY_CTX_new(public, NULL)) == NULL)
		return (0);
	ok = EVP_PKEY_verify_init(ctx) == 1 &&
	    (op->key_type != KEY_TYPE_RSA || key_rsa_params(ctx, op) == 0) &&
	    EVP_PKEY_verify(ctx, sig, siglen, hash, hashlen) == 1;
	EVP_PKEY_CTX_free(ctx);
	return (ok);
}

static enum sign_status
verify(struct key *key, const struct opcode_info *op, const uint8_t *sig,
    size_t siglen, const uint8_t *in, size_t inlen)
{
	int	 ok;

	if (op->key_type == KEY_TYPE_ED25519)
		ok = verify_message(key->public, sig, siglen, in, inlen);
	else
		ok = verify_hash(key->public, op, sig, siglen, in, inlen);
	if (ok)
		return (SIGN_OK);
	ERR_clear_error();
	log_errx("test signature does not verify key=\"%s\" store=\"%s\" "
	    "opcode=%s", key->label, key->store, op->name);
	return (SIGN_REFUSED);
}

/* Input of the length that the opcode wants. */
static size_t
test_length(const struct opcode_info *op)
{
	return (op->hash == HASH_NONE ? TEST_SIZE : hash_length(op->hash));
}

enum sign_status
key_test(struct key *key)
{
	const struct opcode_info	*op;
	enum sign_status		 status = SIGN_BAD_OPCODE;
	uint8_t				 in[TEST_SIZE], sig[SIGNMSG_DATA_MAX];
	size_t				 i, len, siglen;

	if (RAND_bytes(in, sizeof(in)) != 1)
		fatalx("random number generator failed");
	for (i = 0; i < nitems(test_opcodes[0]); i++) {
		op = opcode_find(test_opcodes[key->id.type][i]);
		if (op == NULL)
			break;
		len = test_length(op);
		status = key->method->operate(key, op, in, len, sig, &siglen);
		if (status == SIGN_OK)
			return (verify(key, op, sig, siglen, in, len));
		if (status == SIGN_UNAVAILABLE)
			break;
	}
	return (status);
}
