/* Signer of a token: signing and decrypting with a loaded key. */
#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "emsa.h"
#include "log.h"
#include "p11.h"

#define RAW_SIZE	256	/* r and s, and room to notice more */
#define ED25519_SIZE	64
#define FAILURES_MAX	3	/* in a row that a new session did not help */

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
	if ((rv = p11_login_context()) != CKR_OK)
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

/* What the module makes of in, at most size bytes. */
static CK_RV
attempt(struct key *key, struct p11_op *op, const uint8_t *in, size_t inlen,
    uint8_t *out, size_t size, size_t *outlen)
{
	struct p11_key	*pk = key->state;
	CK_ULONG	 len = size;
	CK_RV		 rv;

	if (pk->generation != p11.generation &&
	    (rv = p11key_again(key)) != CKR_OK)
		return (rv);
	if ((rv = start(pk, op)) != CKR_OK ||
	    (rv = finish(op, in, inlen, out, &len)) != CKR_OK)
		return (rv);
	if (len == 0 || len > size)
		return (CKR_SIGNATURE_LEN_RANGE);
	*outlen = len;
	return (CKR_OK);
}

/* A client can cause these at will: each kind is loud once for each key. */
static void
log_failure(const struct key *key, const struct p11_op *op, CK_RV rv)
{
	struct p11_key	*pk = key->state;

	if (rv != pk->last_error)
		log_warnx("operation failed key=%s token=%s opcode=%s "
		    "mechanism=%s request=%llx reason=%s%s", key->label,
		    p11.name, op->info->name,
		    p11mech_name(op->mechanism.mechanism),
		    (unsigned long long)serve_request, p11_error(rv),
		    p11_advice(rv));
	else
		log_debug("operation failed key=%s opcode=%s request=%llx "
		    "reason=%s", key->label, op->info->name,
		    (unsigned long long)serve_request, p11_error(rv));
	pk->last_error = rv;
}

static enum sign_status
refused(const struct key *key, const struct p11_op *op, CK_RV rv)
{
	p11_token_error(rv);
	log_failure(key, op, rv);
	return (SIGN_REFUSED);
}

static void
lose_token(CK_RV rv)
{
	struct msg_failure	 f;

	p11_fail(&f, "token lost token=%s reason=%s%s", p11.name,
	    p11_error(rv), p11_advice(rv));
	p11_lose(&f);
}

/*
 * The end of an operation that failed and is not tried again.  If a login is
 * missing that has just been made, then another one, for this key alone.
 */
static enum sign_status
failed(const struct key *key, const struct p11_op *op, CK_RV rv)
{
	struct p11_key	*pk = key->state;
	enum p11_class	 class = p11_class(rv);

	if (pk->presence == P11_GONE &&
	    (rv == CKR_KEY_CHANGED || class == P11_OBJECT))
		return (SIGN_NO_KEY);
	refused(key, op, rv);
	if (p11_failure() != NULL)
		return (SIGN_UNAVAILABLE);
	if (rv == CKR_USER_NOT_LOGGED_IN) {
		pk->no_login = time(NULL);
		class = P11_REQUEST;
	}
	if (class == P11_REQUEST) {
		p11.failures = 0;
		return (SIGN_REFUSED);
	}
	if (!p11.testing && (class == P11_PROCESS ||
	    ++p11.failures >= FAILURES_MAX))
		lose_token(rv);
	return (SIGN_UNAVAILABLE);
}

/*
 * Do what may help against an error; -1 when there is nothing, or it failed.
 * An object that is not found may be hidden, as private ones are without a
 * login.
 */
static int
mend(struct key *key, CK_RV rv)
{
	const struct p11_key	*pk = key->state;

	switch (p11_class(rv)) {
	case P11_OBJECT:
		if (p11key_again(key) == CKR_OK)
			return (0);
		if (pk->presence == P11_GONE)
			return (-1);
		break;
	case P11_SESSION:
		/* A login did not help a moment ago. */
		if (rv == CKR_USER_NOT_LOGGED_IN &&
		    pk->no_login == time(NULL))
			return (-1);
		break;
	case P11_SUSPECT:
		break;
	default:
		return (-1);
	}
	return (p11_session_renew(rv));
}

/* One operation; after an error that can be mended it is tried once more. */
static enum sign_status
run(struct key *key, struct p11_op *op, const uint8_t *in, size_t inlen,
    uint8_t *out, size_t size, size_t *outlen)
{
	CK_RV	 rv;

	rv = attempt(key, op, in, inlen, out, size, outlen);
	if (rv != CKR_OK && !p11.testing && mend(key, rv) == 0) {
		p11_token_error(rv);
		rv = attempt(key, op, in, inlen, out, size, outlen);
	}
	if (rv != CKR_OK)
		return (failed(key, op, rv));
	p11.failures = 0;
	return (SIGN_OK);
}

/* An RSA result has the modulus' length; modules may omit leading zeros. */
enum sign_status
p11op_rsa(struct key *key, struct p11_op *op, const uint8_t *in, size_t inlen,
    uint8_t *out, size_t *outlen)
{
	enum sign_status	 status;
	size_t			 len = 0, pad;

	status = run(key, op, in, inlen, out, SIGNMSG_DATA_MAX, &len);
	if (status != SIGN_OK)
		return (status);
	if (len > key->block)
		return (refused(key, op, CKR_SIGNATURE_LEN_RANGE));
	if ((pad = key->block - len) != 0) {
		memmove(out + pad, out, len);
		memset(out, 0, pad);
	}
	*outlen = key->block;
	return (SIGN_OK);
}

enum sign_status
p11op_pkcs1(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	uint8_t	 info[EMSA_INFO_MAX];
	size_t	 len;

	len = emsa_digestinfo(op->info->hash, in, inlen, info);
	return (p11op_rsa(key, op, info, len, out, outlen));
}

enum sign_status
p11op_pkcs1_raw(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	uint8_t	 info[EMSA_INFO_MAX], em[SIGNMSG_DATA_MAX];
	size_t	 len;

	len = emsa_digestinfo(op->info->hash, in, inlen, info);
	if (emsa_pkcs1(info, len, em, key->block) == -1)
		return (refused(key, op, CKR_KEY_SIZE_RANGE));
	return (p11op_rsa(key, op, em, key->block, out, outlen));
}

enum sign_status
p11op_pss_raw(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	struct p11_key	*pk = key->state;
	uint8_t		 em[SIGNMSG_DATA_MAX];

	(void)inlen;	/* the hash's */
	if (p11enc_pss(pk->md, op->info->hash, in, key->id.bits, em,
	    key->block) == -1) {
		ERR_clear_error();
		return (refused(key, op, CKR_KEY_SIZE_RANGE));
	}
	return (p11op_rsa(key, op, em, key->block, out, outlen));
}

/*
 * A ciphertext not below the modulus is refused here: what modules say to it
 * may be what they say of a broken device.
 */
enum sign_status
p11op_decrypt(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	struct p11_key	*pk = key->state;

	if (memcmp(in, pk->modulus, inlen) >= 0)
		return (SIGN_REFUSED);
	return (p11op_rsa(key, op, in, inlen, out, outlen));
}

/* r and s have the order's length; modules may omit zeros before both. */
enum sign_status
p11op_ecdsa(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	enum sign_status	 status;
	uint8_t			 raw[RAW_SIZE], hash[RAW_SIZE / 2] = { 0 };
	size_t			 len = 0, n = (key->id.bits + 7) / 8;
	size_t			 hashlen = key->id.bits / 8;

	/*
	 * The leftmost bits of a longer hash: FIPS 186-5 section 6.4.  Zeros
	 * before a shorter one, which stays the same number: some modules
	 * only know hashes of the order's length.  Not one bit more than the
	 * order has, or the module would drop the last ones (P-521).
	 */
	if (inlen > hashlen)
		inlen = hashlen;
	memcpy(hash + hashlen - inlen, in, inlen);
	status = run(key, op, hash, hashlen, raw, sizeof(raw), &len);
	if (status != SIGN_OK)
		return (status);
	if (len % 2 != 0 || len > 2 * n ||
	    (*outlen = sigenc_ecdsa(raw, len / 2, out)) == 0)
		return (refused(key, op, CKR_SIGNATURE_LEN_RANGE));
	return (SIGN_OK);
}

enum sign_status
p11op_eddsa(struct key *key, struct p11_op *op, const uint8_t *in,
    size_t inlen, uint8_t *out, size_t *outlen)
{
	enum sign_status	 status;

	status = run(key, op, in, inlen, out, SIGNMSG_DATA_MAX, outlen);
	if (status == SIGN_OK && *outlen != ED25519_SIZE)
		return (refused(key, op, CKR_SIGNATURE_LEN_RANGE));
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
	pk11uri_free(pk->uri);
	EVP_MD_CTX_free(pk->md);
	freezero(pk, sizeof(*pk));
	key->state = NULL;
}

const struct key_method p11_key_method = {
	.operate =	p11_operate,
	.destroy =	p11_destroy,
};
