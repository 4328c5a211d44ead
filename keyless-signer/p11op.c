/* Signer of a token: signing and decrypting with a loaded key. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "log.h"
#include "p11.h"

#define RAW_MAX		256	/* r and s of any curve, and room to notice */
#define INTEGER_MAX	69	/* DER of one of them */
#define ED25519_SIZE	64

/* DigestInfo is info and then the hash: RFC 8017 section 9.2, note 1. */
static const struct hash_row {
	CK_MECHANISM_TYPE	 mechanism;
	CK_RSA_PKCS_MGF_TYPE	 mgf;
	const EVP_MD		*(*md)(void);
	size_t			 info_len;
	uint8_t			 info[19];
} hashes[] = {
	[HASH_MD5SHA1] =	{ 0, 0, NULL, 0, { 0 } },	/* bare */
	[HASH_SHA1] =		{ CKM_SHA_1, CKG_MGF1_SHA1, EVP_sha1, 15,
	    { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02,
	      0x1a, 0x05, 0x00, 0x04, 0x14 } },
	[HASH_SHA224] =		{ CKM_SHA224, CKG_MGF1_SHA224, EVP_sha224, 19,
	    { 0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c } },
	[HASH_SHA256] =		{ CKM_SHA256, CKG_MGF1_SHA256, EVP_sha256, 19,
	    { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 } },
	[HASH_SHA384] =		{ CKM_SHA384, CKG_MGF1_SHA384, EVP_sha384, 19,
	    { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30 } },
	[HASH_SHA512] =		{ CKM_SHA512, CKG_MGF1_SHA512, EVP_sha512, 19,
	    { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	      0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40 } },
};

static int
is_decrypt(const struct p11_op *op)
{
	return (op->info->class == OPC_DECRYPT);
}

/*
 * End an operation that the module still holds open, whichever it is: the one
 * thing that PKCS#11 2.40 offers is to let it fail, or to drop what it makes.
 */
static void
drain(void)
{
	uint8_t		 nothing = 0, scrap[SIGNMSG_DATA_MAX];
	CK_ULONG	 len = sizeof(scrap);

	p11.f->C_Sign(p11.session, &nothing, 1, scrap, &len);
	len = sizeof(scrap);
	p11.f->C_Decrypt(p11.session, &nothing, 1, scrap, &len);
	explicit_bzero(scrap, sizeof(scrap));
}

static CK_RV
init(const struct p11_key *pk, struct p11_op *op)
{
	if (is_decrypt(op))
		return (p11.f->C_DecryptInit(p11.session, &op->mechanism,
		    pk->object));
	return (p11.f->C_SignInit(p11.session, &op->mechanism, pk->object));
}

static CK_RV
start(const struct p11_key *pk, struct p11_op *op)
{
	CK_RV	 rv;

	if ((rv = init(pk, op)) == CKR_OPERATION_ACTIVE) {
		drain();
		rv = init(pk, op);
	}
	if (rv != CKR_OK || !pk->always_auth)
		return (rv);
	if ((rv = p11_reauthenticate()) != CKR_OK)
		drain();
	return (rv);
}

static CK_RV
finish(const struct p11_op *op, const uint8_t *in, size_t inlen, uint8_t *out,
    CK_ULONG *outlen)
{
	CK_RV	 rv;

	if (is_decrypt(op))
		rv = p11.f->C_Decrypt(p11.session, (CK_BYTE *)in, inlen, out,
		    outlen);
	else
		rv = p11.f->C_Sign(p11.session, (CK_BYTE *)in, inlen, out,
		    outlen);
	if (rv == CKR_BUFFER_TOO_SMALL)
		drain();	/* after any other error it is over */
	return (rv);
}

/* A client can cause these at will: each kind is loud once for each key. */
static enum sign_status
failed(const struct key *key, const struct p11_op *op, CK_RV rv)
{
	struct p11_key	*pk = key->state;

	if (rv != pk->last_error)
		log_warnx("operation failed key=%s token=%s opcode=%s "
		    "reason=%s", key->label, p11.name, op->info->name,
		    p11_error(rv));
	else
		log_debug("operation failed key=%s opcode=%s reason=%s",
		    key->label, op->info->name, p11_error(rv));
	pk->last_error = rv;
	return (p11_status(rv));
}

/* What the module makes of in, at most size bytes. */
static enum sign_status
run(struct key *key, struct p11_op *op, const uint8_t *in, size_t inlen,
    uint8_t *out, size_t size, size_t *outlen)
{
	struct p11_key	*pk = key->state;
	CK_ULONG	 len = size;
	CK_RV		 rv;

	if ((rv = start(pk, op)) != CKR_OK ||
	    (rv = finish(op, in, inlen, out, &len)) != CKR_OK)
		return (failed(key, op, rv));
	if (len == 0 || len > size)
		return (failed(key, op, CKR_SIGNATURE_LEN_RANGE));
	*outlen = len;
	return (SIGN_OK);
}

/* An RSA result has the modulus' length; modules may omit leading zeros. */
static enum sign_status
run_rsa(struct key *key, struct p11_op *op, const uint8_t *in, size_t inlen,
    uint8_t *out, size_t *outlen)
{
	enum sign_status	 status;
	size_t			 len = 0, pad;

	status = run(key, op, in, inlen, out, SIGNMSG_DATA_MAX, &len);
	if (status != SIGN_OK)
		return (status);
	if (len > key->block)
		return (failed(key, op, CKR_SIGNATURE_LEN_RANGE));
	if ((pad = key->block - len) != 0) {
		memmove(out + pad, out, len);
		memset(out, 0, pad);
	}
	*outlen = key->block;
	return (SIGN_OK);
}

static enum sign_status
sign_pkcs1(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	const struct hash_row	*hash = &hashes[op->info->hash];
	uint8_t			 info[sizeof(hash->info) + EVP_MAX_MD_SIZE];

	memcpy(info, hash->info, hash->info_len);
	memcpy(info + hash->info_len, in, inlen);
	return (run_rsa(key, op, info, hash->info_len + inlen, out, outlen));
}

/* Hash of two pieces of data. */
static int
digest(EVP_MD_CTX *ctx, const EVP_MD *md, const void *a, size_t alen,
    const void *b, size_t blen, uint8_t *out)
{
	return (EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, a, alen) == 1 &&
	    EVP_DigestUpdate(ctx, b, blen) == 1 &&
	    EVP_DigestFinal_ex(ctx, out, NULL) == 1 ? 0 : -1);
}

/* Exclusive-or data with MGF1 of seed: RFC 8017 appendix B.2.1. */
static int
mask(EVP_MD_CTX *ctx, const EVP_MD *md, const uint8_t *seed, size_t hlen,
    uint8_t *data, size_t len)
{
	uint8_t	 block[EVP_MAX_MD_SIZE], counter[4] = { 0 };
	size_t	 i, done;

	for (done = 0; done < len; done += hlen) {
		if (digest(ctx, md, seed, hlen, counter, sizeof(counter),
		    block) == -1)
			return (-1);
		for (i = 0; i < hlen && done + i < len; i++)
			data[done + i] ^= block[i];
		counter[3]++;	/* len is at most 32 blocks */
	}
	return (0);
}

/*
 * EMSA-PSS encoding of a hash, the salt as long as the hash: RFC 8017 section
 * 9.1.1.  em gets size bytes, the modulus' length of a key of that many bits.
 */
static int
emsa_pss(EVP_MD_CTX *ctx, const EVP_MD *md, const uint8_t *in, size_t hlen,
    size_t bits, uint8_t *em, size_t size)
{
	uint8_t	 m[8 + EVP_MAX_MD_SIZE] = { 0 }, salt[EVP_MAX_MD_SIZE];
	uint8_t	*h;
	size_t	 dblen;

	memset(em, 0, size);
	if (bits % 8 == 1) {	/* EM is one byte shorter than the modulus */
		em++;
		size--;
	}
	if (size < 2 * hlen + 2 || RAND_bytes(salt, (int)hlen) != 1)
		return (-1);
	dblen = size - hlen - 1;
	h = em + dblen;
	memcpy(m + 8, in, hlen);
	if (digest(ctx, md, m, 8 + hlen, salt, hlen, h) == -1)
		return (-1);
	em[dblen - hlen - 1] = 0x01;
	memcpy(em + dblen - hlen, salt, hlen);
	if (mask(ctx, md, h, hlen, em, dblen) == -1)
		return (-1);
	em[0] &= 0xff >> (8 * size - (bits - 1));
	h[hlen] = 0xbc;
	return (0);
}

static enum sign_status
sign_pss_raw(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	struct p11_key	*pk = key->state;
	uint8_t		 em[SIGNMSG_DATA_MAX];

	if (emsa_pss(pk->md, hashes[op->info->hash].md(), in, inlen,
	    key->id.bits, em, key->block) == -1) {
		ERR_clear_error();
		return (failed(key, op, CKR_FUNCTION_FAILED));
	}
	return (run_rsa(key, op, em, key->block, out, outlen));
}

/*
 * A ciphertext not below the modulus is refused here: what modules say to it
 * may be what they say of a broken device.
 */
static enum sign_status
decrypt_raw(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	struct p11_key	*pk = key->state;

	if (memcmp(in, pk->modulus, inlen) >= 0)
		return (SIGN_REFUSED);
	return (run_rsa(key, op, in, inlen, out, outlen));
}

/* The shortest DER of a big-endian number; 0 when it is zero. */
static size_t
der_integer(const uint8_t *n, size_t len, uint8_t *out)
{
	size_t	 pad;

	for (; len > 0 && *n == 0; len--)
		n++;
	if (len == 0)
		return (0);
	pad = *n >> 7;	/* it is not negative */
	out[0] = 0x02;
	out[1] = (uint8_t)(pad + len);
	out[2] = 0;
	memcpy(out + 2 + pad, n, len);
	return (2 + pad + len);
}

/* r and s of n bytes each to ECDSA-Sig-Value, RFC 3279 section 2.2.3. */
static size_t
der_signature(const uint8_t *raw, size_t n, uint8_t *out)
{
	uint8_t	 r[INTEGER_MAX], s[INTEGER_MAX];
	size_t	 rlen, slen, at = 0;

	if ((rlen = der_integer(raw, n, r)) == 0 ||
	    (slen = der_integer(raw + n, n, s)) == 0)
		return (0);
	out[at++] = 0x30;
	if (rlen + slen > 127)
		out[at++] = 0x81;
	out[at++] = (uint8_t)(rlen + slen);
	memcpy(out + at, r, rlen);
	memcpy(out + at + rlen, s, slen);
	return (at + rlen + slen);
}

static enum sign_status
sign_ecdsa(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	enum sign_status	 status;
	uint8_t			 raw[RAW_MAX];
	size_t			 len = 0, n = (key->id.bits + 7) / 8;

	if (inlen > n)
		inlen = n;	/* the leftmost bits: FIPS 186-5 section 6.4 */
	status = run(key, op, in, inlen, raw, sizeof(raw), &len);
	if (status != SIGN_OK)
		return (status);
	if (len != 2 * n || (*outlen = der_signature(raw, n, out)) == 0)
		return (failed(key, op, CKR_SIGNATURE_LEN_RANGE));
	return (SIGN_OK);
}

static enum sign_status
sign_eddsa(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	enum sign_status	 status;

	status = run(key, op, in, inlen, out, SIGNMSG_DATA_MAX, outlen);
	if (status == SIGN_OK && *outlen != ED25519_SIZE)
		return (failed(key, op, CKR_SIGNATURE_LEN_RANGE));
	return (status);
}

static enum sign_status
p11_operate(struct key *key, const struct opcode_info *info,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen)
{
	struct p11_key	*pk = key->state;
	struct p11_op	*op = &pk->ops[info->index];

	if (op->run == NULL)
		return (SIGN_REFUSED);
	return (op->run(key, op, in, inlen, out, outlen));
}

static void
p11_destroy(struct key *key)
{
	struct p11_key	*pk = key->state;

	if (pk == NULL)
		return;
	EVP_MD_CTX_free(pk->md);
	freezero(pk, sizeof(*pk));
	key->state = NULL;
}

const struct key_method p11_key_method = {
	.operate =	p11_operate,
	.destroy =	p11_destroy,
};

/* Use the mechanism for the opcode if the token has it. */
static int
offer(struct p11_op *op, CK_MECHANISM_TYPE type, CK_FLAGS use, p11_run *how)
{
	if (!p11_has_mechanism(type, use))
		return (0);
	op->mechanism.mechanism = type;
	op->run = how;
	return (1);
}

static void
prepare_pss(struct p11_op *op)
{
	const struct hash_row	*hash = &hashes[op->info->hash];

	if (!offer(op, CKM_RSA_PKCS_PSS, CKF_SIGN, run_rsa)) {
		offer(op, CKM_RSA_X_509, CKF_SIGN, sign_pss_raw);
		return;
	}
	op->pss.hashAlg = hash->mechanism;
	op->pss.mgf = hash->mgf;
	op->pss.sLen = hash_length(op->info->hash);
	op->mechanism.pParameter = &op->pss;
	op->mechanism.ulParameterLen = sizeof(op->pss);
}

static void
prepare_op(const struct p11_key *pk, struct p11_op *op)
{
	if (is_decrypt(op)) {
		if (pk->may_decrypt)
			offer(op, CKM_RSA_X_509, CKF_DECRYPT, decrypt_raw);
	} else if (!pk->may_sign)
		return;
	else if (op->info->pss)
		prepare_pss(op);
	else if (op->info->key_type == KEY_TYPE_RSA)
		offer(op, CKM_RSA_PKCS, CKF_SIGN, sign_pkcs1);
	else if (op->info->key_type == KEY_TYPE_EC)
		offer(op, CKM_ECDSA, CKF_SIGN, sign_ecdsa);
	else
		offer(op, CKM_EDDSA, CKF_SIGN, sign_eddsa);
}

static int
can(const struct p11_key *pk, uint8_t opcode)
{
	return (pk->ops[opcode_find(opcode)->index].run != NULL);
}

/* Say which operations the key will refuse, and why. */
static void
report(const struct key *key)
{
	const struct p11_key	*pk = key->state;

	if (!pk->may_sign) {
		log_warnx("key does not sign key=%s token=%s reason=\"CKA_SIGN "
		    "is false\"", key->label, p11.name);
		return;
	}
	if (key->id.type != KEY_TYPE_RSA)
		return;
	if (!can(pk, OP_RSA_SIGN_SHA256))
		log_warnx("key does not sign PKCS#1 key=%s token=%s "
		    "reason=\"the token has no CKM_RSA_PKCS\"", key->label,
		    p11.name);
	if (!can(pk, OP_PSS_SIGN_SHA256))
		log_warnx("key does not sign PSS key=%s token=%s reason=\"the "
		    "token has neither CKM_RSA_PKCS_PSS nor CKM_RSA_X_509\"",
		    key->label, p11.name);
	else if (pk->md != NULL)
		log_info("key signs PSS by CKM_RSA_X_509 key=%s token=%s "
		    "reason=\"the token has no CKM_RSA_PKCS_PSS\"",
		    key->label, p11.name);
	if (!can(pk, OP_RSA_DECRYPT))
		log_info("key does not decrypt key=%s token=%s reason=\"%s\"",
		    key->label, p11.name, pk->may_decrypt ?
		    "the token has no CKM_RSA_X_509" : "CKA_DECRYPT is false");
}

int
p11op_prepare(struct key *key)
{
	const struct opcode_info	*info;
	struct p11_key			*pk = key->state;
	size_t				 i, usable = 0;

	for (i = 0; i < OPCODE_COUNT; i++) {
		info = opcode_at(i);
		if (info->key_type != key->id.type)
			continue;
		pk->ops[i].info = info;
		prepare_op(pk, &pk->ops[i]);
		if (pk->ops[i].run != NULL)
			usable++;
		if (pk->ops[i].run == sign_pss_raw && pk->md == NULL &&
		    (pk->md = EVP_MD_CTX_new()) == NULL) {
			key_refuse(key, "no memory");
			return (-1);
		}
	}
	if (usable == 0) {
		key_refuse(key, "key %s can do nothing: %s", key->label,
		    pk->may_sign ? "the token has no mechanism for it" :
		    "CKA_SIGN is false");
		return (-1);
	}
	report(key);
	return (0);
}
