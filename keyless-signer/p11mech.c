/* Signer of a token: its mechanisms, and which one serves which opcode. */
#include <openssl/evp.h>

#include <string.h>

#include "compat.h"
#include "log.h"
#include "p11.h"

#define LIST_MAX	1024	/* mechanisms of a token */

/*
 * The mechanisms that signers use, and what for; a bit each in p11.used and
 * in a key's allowed, in which the ways to use one mechanism stand or fall
 * together.
 */
static const struct {
	CK_MECHANISM_TYPE	 type;
	p11_run			*run;
	CK_FLAGS		 use;
	const char		*name;
} ways[] = {
	{ CKM_RSA_PKCS, p11op_pkcs1, CKF_SIGN, "CKM_RSA_PKCS" },
	{ CKM_RSA_PKCS_PSS, p11op_rsa, CKF_SIGN, "CKM_RSA_PKCS_PSS" },
	{ CKM_RSA_X_509, p11op_decrypt, CKF_DECRYPT, "CKM_RSA_X_509" },
	{ CKM_RSA_X_509, p11op_pkcs1_raw, CKF_SIGN, "CKM_RSA_X_509(PKCS1)" },
	{ CKM_RSA_X_509, p11op_pss_raw, CKF_SIGN, "CKM_RSA_X_509(PSS)" },
	{ CKM_ECDSA, p11op_ecdsa, CKF_SIGN, "CKM_ECDSA" },
	{ CKM_EDDSA, p11op_eddsa, CKF_SIGN, "CKM_EDDSA" },
};

/* What the token offers each for. */
static CK_FLAGS	 offered[nitems(ways)];

/* What a mechanism is for; everything, if the token does not say. */
static CK_FLAGS
mechanism_use(CK_MECHANISM_TYPE type, const CK_MECHANISM_TYPE *list,
    CK_ULONG n)
{
	CK_MECHANISM_INFO	 info;
	CK_ULONG		 i;

	for (i = 0; i < n && list[i] != type; i++)
		;
	if (i == n)
		return (0);
	memset(&info, 0, sizeof(info));
	if (p11.f->C_GetMechanismInfo(p11.slot, type, &info) != CKR_OK)
		return (~(CK_FLAGS)0);
	return (info.flags);
}

void
p11mech_read(void)
{
	CK_MECHANISM_TYPE	 list[LIST_MAX];
	CK_ULONG		 n = nitems(list);
	CK_RV			 rv;
	size_t			 i;

	rv = p11.f->C_GetMechanismList(p11.slot, list, &n);
	if (rv != CKR_OK)
		log_warnx("token does not list its mechanisms token=%s "
		    "reason=%s", p11.name, p11_error(rv));
	for (i = 0; i < nitems(ways); i++)
		offered[i] = rv != CKR_OK ? ~(CK_FLAGS)0 :
		    mechanism_use(ways[i].type, list, n);
}

uint32_t
p11mech_allowed(const struct key *key, const struct p11_value *v)
{
	CK_MECHANISM_TYPE	 type;
	size_t			 i, at;
	uint32_t		 bits = 0;

	if (v->len < sizeof(type))
		return (~0U);
	for (at = 0; at + sizeof(type) <= v->len; at += sizeof(type)) {
		memcpy(&type, v->data + at, sizeof(type));
		for (i = 0; i < nitems(ways); i++)
			if (ways[i].type == type)
				bits |= 1U << i;
	}
	if (bits != 0)
		return (bits);
	log_warnx("CKA_ALLOWED_MECHANISMS has no mechanism for single "
	    "operations, and is not believed key=%s token=%s", key->label,
	    p11.name);
	return (~0U);
}

const char *
p11mech_name(CK_MECHANISM_TYPE type)
{
	size_t	 i;

	for (i = 0; i < nitems(ways); i++)
		if (ways[i].type == type)
			return (ways[i].name);
	return ("unknown");
}

void
p11mech_names(uint32_t used, char *dst, size_t size)
{
	size_t	 i;

	dst[0] = '\0';
	for (i = 0; i < nitems(ways); i++) {
		if (!(used & 1U << i))
			continue;
		if (*dst != '\0')
			strlcat(dst, " ", size);
		strlcat(dst, ways[i].name, size);
	}
}

/* Use this way for the opcode if token and key have the mechanism. */
static int
offer(struct p11_key *pk, struct p11_op *op, p11_run *run)
{
	size_t	 i;

	for (i = 0; ways[i].run != run; i++)
		;
	if (!(offered[i] & ways[i].use) || !(pk->allowed & 1U << i))
		return (0);
	op->mechanism.mechanism = ways[i].type;
	op->run = run;
	pk->used |= 1U << i;
	return (1);
}

static void
prepare_pss(struct p11_key *pk, struct p11_op *op)
{
	if (!offer(pk, op, p11op_rsa)) {
		offer(pk, op, p11op_pss_raw);
		return;
	}
	p11enc_pss_params(op->info->hash, &op->pss);
	op->mechanism.pParameter = &op->pss;
	op->mechanism.ulParameterLen = sizeof(op->pss);
}

static void
prepare_op(struct p11_key *pk, struct p11_op *op)
{
	if (op->info->class == OPC_DECRYPT) {
		if (pk->may_decrypt)
			offer(pk, op, p11op_decrypt);
	} else if (!pk->may_sign)
		return;
	else if (op->info->pss)
		prepare_pss(pk, op);
	else if (op->info->key_type == KEY_TYPE_EC)
		offer(pk, op, p11op_ecdsa);
	else if (op->info->key_type == KEY_TYPE_ED25519)
		offer(pk, op, p11op_eddsa);
	else if (!offer(pk, op, p11op_pkcs1))
		offer(pk, op, p11op_pkcs1_raw);
}

static p11_run *
how(const struct p11_key *pk, uint8_t opcode)
{
	return (pk->ops[opcode_find(opcode)->index].run);
}

static void
report_rsa(const struct key *key)
{
	const struct p11_key	*pk = key->state;
	p11_run			*pkcs1 = how(pk, OP_RSA_SIGN_SHA256);
	p11_run			*pss = how(pk, OP_PSS_SIGN_SHA256);

	if (pkcs1 == NULL)
		log_warnx("key does not sign PKCS#1 key=%s token=%s "
		    "reason=\"the token has neither CKM_RSA_PKCS nor "
		    "CKM_RSA_X_509 for it\"", key->label, p11.name);
	else if (pkcs1 == p11op_pkcs1_raw)
		log_info("key signs PKCS#1 by CKM_RSA_X_509 key=%s token=%s "
		    "reason=\"the token has no CKM_RSA_PKCS for it\"",
		    key->label, p11.name);
	if (pss == NULL)
		log_warnx("key does not sign PSS key=%s token=%s reason=\"the "
		    "token has neither CKM_RSA_PKCS_PSS nor CKM_RSA_X_509 "
		    "for it\"", key->label, p11.name);
	else if (pss == p11op_pss_raw)
		log_info("key signs PSS by CKM_RSA_X_509 key=%s token=%s "
		    "reason=\"the token has no CKM_RSA_PKCS_PSS for it\"",
		    key->label, p11.name);
	if (how(pk, OP_RSA_DECRYPT) == NULL)
		log_info("key does not decrypt key=%s token=%s reason=\"%s\"",
		    key->label, p11.name, pk->may_decrypt ?
		    "the token has no CKM_RSA_X_509 for it" :
		    "CKA_DECRYPT is false");
}

/* Say which operations the key will refuse, and why. */
static void
report(const struct key *key)
{
	const struct p11_key	*pk = key->state;

	if (!pk->may_sign)
		log_warnx("key does not sign key=%s token=%s reason=\"CKA_SIGN "
		    "is false\"", key->label, p11.name);
	else if (key->id.type == KEY_TYPE_RSA)
		report_rsa(key);
}

int
p11mech_prepare(struct key *key)
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
		if (pk->ops[i].run == p11op_pss_raw && pk->md == NULL &&
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
