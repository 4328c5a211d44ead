/*
 * In the host's process: mechanisms, and how their input becomes a request to
 * a key server and its answer a signature.
 */
#include <openssl/evp.h>

#include <string.h>

#include "compat.h"
#include "emsa.h"
#include "module.h"

#define ED25519_SIZE	64

/* hash: the mechanism's, or that of its parameter; HASH_NONE. */
typedef CK_RV	 sign_method(enum hash_type hash, const struct key *,
		    struct remote *, const uint8_t *, size_t, uint8_t *);

static sign_method	 sign_pkcs1, sign_pkcs1_hash, sign_pss, sign_raw;
static sign_method	 sign_ecdsa, sign_eddsa;

struct mech {
	CK_MECHANISM_TYPE	 type;
	enum key_type		 key_type;
	enum hash_type		 hash;		/* that is taken here */
	sign_method		*sign;
	CK_FLAGS		 flags;
	enum { PLAIN, PSS, EDDSA } parameter;
};

static const struct mech mechs[] = {
	{ CKM_RSA_PKCS, KEY_TYPE_RSA, HASH_NONE, sign_pkcs1,
	    CKF_SIGN | CKF_DECRYPT, PLAIN },
	{ CKM_SHA1_RSA_PKCS, KEY_TYPE_RSA, HASH_SHA1, sign_pkcs1_hash,
	    CKF_SIGN, PLAIN },
	{ CKM_SHA224_RSA_PKCS, KEY_TYPE_RSA, HASH_SHA224, sign_pkcs1_hash,
	    CKF_SIGN, PLAIN },
	{ CKM_SHA256_RSA_PKCS, KEY_TYPE_RSA, HASH_SHA256, sign_pkcs1_hash,
	    CKF_SIGN, PLAIN },
	{ CKM_SHA384_RSA_PKCS, KEY_TYPE_RSA, HASH_SHA384, sign_pkcs1_hash,
	    CKF_SIGN, PLAIN },
	{ CKM_SHA512_RSA_PKCS, KEY_TYPE_RSA, HASH_SHA512, sign_pkcs1_hash,
	    CKF_SIGN, PLAIN },
	{ CKM_RSA_PKCS_PSS, KEY_TYPE_RSA, HASH_NONE, sign_pss,
	    CKF_SIGN, PSS },
	{ CKM_SHA256_RSA_PKCS_PSS, KEY_TYPE_RSA, HASH_SHA256, sign_pss,
	    CKF_SIGN, PSS },
	{ CKM_SHA384_RSA_PKCS_PSS, KEY_TYPE_RSA, HASH_SHA384, sign_pss,
	    CKF_SIGN, PSS },
	{ CKM_SHA512_RSA_PKCS_PSS, KEY_TYPE_RSA, HASH_SHA512, sign_pss,
	    CKF_SIGN, PSS },
	{ CKM_RSA_X_509, KEY_TYPE_RSA, HASH_NONE, sign_raw,
	    CKF_SIGN | CKF_DECRYPT, PLAIN },
	{ CKM_ECDSA, KEY_TYPE_EC, HASH_NONE, sign_ecdsa, CKF_SIGN, PLAIN },
	{ CKM_ECDSA_SHA1, KEY_TYPE_EC, HASH_SHA1, sign_ecdsa,
	    CKF_SIGN, PLAIN },
	{ CKM_ECDSA_SHA224, KEY_TYPE_EC, HASH_SHA224, sign_ecdsa,
	    CKF_SIGN, PLAIN },
	{ CKM_ECDSA_SHA256, KEY_TYPE_EC, HASH_SHA256, sign_ecdsa,
	    CKF_SIGN, PLAIN },
	{ CKM_ECDSA_SHA384, KEY_TYPE_EC, HASH_SHA384, sign_ecdsa,
	    CKF_SIGN, PLAIN },
	{ CKM_ECDSA_SHA512, KEY_TYPE_EC, HASH_SHA512, sign_ecdsa,
	    CKF_SIGN, PLAIN },
	{ CKM_EDDSA, KEY_TYPE_ED25519, HASH_NONE, sign_eddsa,
	    CKF_SIGN, EDDSA },
};

/* What a hash is called, and the opcodes that sign it; 0: there is none. */
static const struct hash_row {
	CK_MECHANISM_TYPE	 mechanism;
	CK_RSA_PKCS_MGF_TYPE	 mgf;
	const EVP_MD		*(*md)(void);
	uint8_t			 pkcs1;
	uint8_t			 pss;
	uint8_t			 ecdsa;
} hashes[] = {
	[HASH_NONE] =	 { 0, 0, NULL, 0, 0, 0 },
	[HASH_MD5SHA1] = { 0, 0, NULL, OP_RSA_SIGN_MD5SHA1, 0,
	    OP_ECDSA_SIGN_MD5SHA1 },
	[HASH_SHA1] =	 { CKM_SHA_1, CKG_MGF1_SHA1, EVP_sha1,
	    OP_RSA_SIGN_SHA1, 0, OP_ECDSA_SIGN_SHA1 },
	[HASH_SHA224] =	 { CKM_SHA224, CKG_MGF1_SHA224, EVP_sha224,
	    OP_RSA_SIGN_SHA224, 0, OP_ECDSA_SIGN_SHA224 },
	[HASH_SHA256] =	 { CKM_SHA256, CKG_MGF1_SHA256, EVP_sha256,
	    OP_RSA_SIGN_SHA256, OP_PSS_SIGN_SHA256, OP_ECDSA_SIGN_SHA256 },
	[HASH_SHA384] =	 { CKM_SHA384, CKG_MGF1_SHA384, EVP_sha384,
	    OP_RSA_SIGN_SHA384, OP_PSS_SIGN_SHA384, OP_ECDSA_SIGN_SHA384 },
	[HASH_SHA512] =	 { CKM_SHA512, CKG_MGF1_SHA512, EVP_sha512,
	    OP_RSA_SIGN_SHA512, OP_PSS_SIGN_SHA512, OP_ECDSA_SIGN_SHA512 },
};

size_t
mech_count(void)
{
	return (nitems(mechs));
}

const struct mech *
mech_at(size_t i)
{
	return (&mechs[i]);
}

const struct mech *
mech_find(CK_MECHANISM_TYPE type)
{
	size_t	 i;

	for (i = 0; i < nitems(mechs); i++)
		if (mechs[i].type == type)
			return (&mechs[i]);
	return (NULL);
}

CK_MECHANISM_TYPE
mech_type(const struct mech *mech)
{
	return (mech->type);
}

void
mech_info(const struct mech *mech, CK_MECHANISM_INFO *info)
{
	info->flags = mech->flags;
	switch (mech->key_type) {
	case KEY_TYPE_RSA:
		info->ulMinKeySize = 2048;
		info->ulMaxKeySize = 8192;
		break;
	case KEY_TYPE_EC:
		info->ulMinKeySize = 256;
		info->ulMaxKeySize = 521;
		info->flags |= CKF_EC_F_P | CKF_EC_NAMEDCURVE |
		    CKF_EC_UNCOMPRESS;
		break;
	default:
		info->ulMinKeySize = info->ulMaxKeySize = 255;
		break;
	}
}

const EVP_MD *
mech_md(const struct mech *mech)
{
	return (hashes[mech->hash].md == NULL ? NULL :
	    hashes[mech->hash].md());
}

/* ---- parameters */

/*
 * The protocol's PSS has the same hash for MGF1, and a salt as long as the
 * hash.  What is signed with another one nobody could verify.
 */
static CK_RV
check_pss(const struct mech *mech, const CK_MECHANISM *m,
    enum hash_type *hash)
{
	const CK_RSA_PKCS_PSS_PARAMS	*pss = m->pParameter;
	size_t				 i;

	if (pss == NULL || m->ulParameterLen != sizeof(*pss))
		return (CKR_MECHANISM_PARAM_INVALID);
	for (i = 0; i < nitems(hashes); i++)
		if (hashes[i].pss != 0 && hashes[i].mechanism == pss->hashAlg)
			break;
	if (i == nitems(hashes) || pss->mgf != hashes[i].mgf ||
	    pss->sLen != hash_length((enum hash_type)i) ||
	    (mech->hash != HASH_NONE && mech->hash != i))
		return (CKR_MECHANISM_PARAM_INVALID);
	*hash = (enum hash_type)i;
	return (CKR_OK);
}

/* Pure Ed25519 only: neither the hash first nor a context. */
static CK_RV
check_eddsa(const CK_MECHANISM *m)
{
	const CK_EDDSA_PARAMS	*p = m->pParameter;

	if (m->ulParameterLen == 0)
		return (CKR_OK);
	if (p == NULL || m->ulParameterLen != sizeof(*p) || p->phFlag != 0 ||
	    p->ulContextDataLen != 0)
		return (CKR_MECHANISM_PARAM_INVALID);
	return (CKR_OK);
}

CK_RV
mech_check(const CK_MECHANISM *m, CK_FLAGS purpose,
    const struct object *key, const struct mech **found,
    enum hash_type *hash)
{
	const struct mech	*mech;

	mech = mech_find(m->mechanism);
	if (mech == NULL || (mech->flags & purpose) == 0)
		return (CKR_MECHANISM_INVALID);
	if (key->class != CKO_PRIVATE_KEY)
		return (CKR_KEY_HANDLE_INVALID);
	if (key->key.id.type != mech->key_type)
		return (CKR_KEY_TYPE_INCONSISTENT);
	*found = mech;
	*hash = mech->hash;
	switch (mech->parameter) {
	case PSS:
		return (check_pss(mech, m, hash));
	case EDDSA:
		return (check_eddsa(m));
	default:
		return (m->ulParameterLen == 0 ? CKR_OK :
		    CKR_MECHANISM_PARAM_INVALID);
	}
}

size_t
mech_output_size(const struct mech *mech, const struct key *key)
{
	switch (mech->key_type) {
	case KEY_TYPE_EC:
		return (2 * key->size);
	case KEY_TYPE_ED25519:
		return (ED25519_SIZE);
	default:
		return (key->size);
	}
}

/* ---- requests */

static CK_RV
status_rv(enum remote_status status, int error)
{
	switch (status) {
	case REMOTE_OK:
		return (CKR_OK);
	case REMOTE_REFUSED:
		return (error == WIRE_ERR_CRYPTO ? CKR_FUNCTION_FAILED :
		    CKR_DEVICE_ERROR);
	case REMOTE_CANCELED:
		return (CKR_FUNCTION_CANCELED);
	case REMOTE_NO_MEMORY:
		return (CKR_HOST_MEMORY);
	default:
		return (CKR_DEVICE_ERROR);
	}
}

/* One operation; CKR_OK and its result, or why not. */
static CK_RV
ask(const struct key *key, struct remote *remote, uint8_t opcode,
    const uint8_t *data, size_t length, struct remote_answer *answer)
{
	struct remote_request	 req;
	enum remote_status	 status;

	req.opcode = opcode;
	req.ski = key->id.ski;
	req.data = data;
	req.length = length;
	status = remote_call(remote, &req, answer);
	return (status_rv(status, answer->error));
}

/* The same, for a result of exactly so many bytes. */
static CK_RV
ask_exactly(const struct key *key, struct remote *remote, uint8_t opcode,
    const uint8_t *data, size_t length, uint8_t *out, size_t size)
{
	struct remote_answer	 answer;
	CK_RV			 rv;

	rv = ask(key, remote, opcode, data, length, &answer);
	if (rv == CKR_OK && answer.length != size) {
		log_warnx("answer of a wrong length opcode=0x%02x length=%zu "
		    "expected=%zu", opcode, answer.length, size);
		rv = CKR_DEVICE_ERROR;
	}
	if (rv == CKR_OK)
		memcpy(out, answer.data, size);
	explicit_bzero(&answer, sizeof(answer));
	return (rv);
}

/* ---- RSA */

static CK_RV
sign_pkcs1_hash(enum hash_type hash, const struct key *key,
    struct remote *remote, const uint8_t *data, size_t length, uint8_t *out)
{
	return (ask_exactly(key, remote, hashes[hash].pkcs1, data, length,
	    out, key->size));
}

/*
 * The host brings a DigestInfo: the hash in it is sent with its opcode, so
 * that the key server knows what it signs.  Anything else is padded here, and
 * signed as it were decrypted.
 */
static CK_RV
sign_pkcs1(enum hash_type hash, const struct key *key, struct remote *remote,
    const uint8_t *data, size_t length, uint8_t *out)
{
	uint8_t	 em[REMOTE_DATA_MAX];
	size_t	 hlen;

	if ((hash = emsa_hash(data, length)) != HASH_NONE) {
		hlen = hash_length(hash);
		return (ask_exactly(key, remote, hashes[hash].pkcs1,
		    data + length - hlen, hlen, out, key->size));
	}
	if (emsa_pkcs1(data, length, em, key->size) == -1)
		return (CKR_DATA_LEN_RANGE);
	return (ask_exactly(key, remote, OP_RSA_DECRYPT_RAW, em, key->size,
	    out, key->size));
}

static CK_RV
sign_pss(enum hash_type hash, const struct key *key, struct remote *remote,
    const uint8_t *data, size_t length, uint8_t *out)
{
	if (length != hash_length(hash))
		return (CKR_DATA_LEN_RANGE);
	return (ask_exactly(key, remote, hashes[hash].pss, data, length, out,
	    key->size));
}

/* The number as it is, with zeros in front. */
static CK_RV
sign_raw(enum hash_type hash, const struct key *key, struct remote *remote,
    const uint8_t *data, size_t length, uint8_t *out)
{
	uint8_t	 em[REMOTE_DATA_MAX];

	(void)hash;
	if (length > key->size)
		return (CKR_DATA_LEN_RANGE);
	memset(em, 0, key->size - length);
	if (length != 0)
		memcpy(em + key->size - length, data, length);
	return (ask_exactly(key, remote, OP_RSA_DECRYPT_RAW, em, key->size,
	    out, key->size));
}

CK_RV
mech_decrypt(const struct mech *mech, const struct key *key,
    struct remote *remote, const uint8_t *data, size_t length, uint8_t *out,
    size_t *outlen)
{
	uint8_t	 em[REMOTE_DATA_MAX];
	CK_RV	 rv;
	int	 n;

	if (length != key->size)
		return (CKR_ENCRYPTED_DATA_LEN_RANGE);
	rv = ask_exactly(key, remote, OP_RSA_DECRYPT_RAW, data, length, em,
	    key->size);
	if (rv == CKR_OK && mech->type == CKM_RSA_PKCS) {
		n = encode_unpad(em, key->size, out);
		*outlen = (size_t)n;
		rv = n == -1 ? CKR_ENCRYPTED_DATA_INVALID : CKR_OK;
	} else if (rv == CKR_OK) {
		memcpy(out, em, key->size);
		*outlen = key->size;
	}
	explicit_bzero(em, sizeof(em));
	return (rv);
}

/* ---- EC */

static enum hash_type
hash_of_length(size_t length)
{
	size_t	 hash;

	for (hash = HASH_MD5SHA1; hash <= HASH_TYPE_MAX; hash++)
		if (hash_length((enum hash_type)hash) == length)
			return ((enum hash_type)hash);
	return (HASH_NONE);
}

/*
 * FIPS 186-5 section 6.4.1: of a hash the leftmost bits count, as many as the
 * order of the curve has; in front of a short one zeros change nothing.  So
 * one of any length is as good as one of a length that has an opcode.  P-521
 * has none that is long enough for more than SHA-512.
 */
static CK_RV
fit_hash(const struct key *key, const uint8_t *data, size_t length,
    uint8_t *fitted, enum hash_type *hash)
{
	size_t	 size = key->size > 64 ? 64 : key->size;

	if (length == 0 || (length > size && size < key->size))
		return (CKR_DATA_LEN_RANGE);
	*hash = hash_of_length(size);
	if (length >= size) {
		memcpy(fitted, data, size);
		return (CKR_OK);
	}
	memset(fitted, 0, size - length);
	memcpy(fitted + size - length, data, length);
	return (CKR_OK);
}

static CK_RV
sign_ecdsa(enum hash_type hash, const struct key *key, struct remote *remote,
    const uint8_t *data, size_t length, uint8_t *out)
{
	struct remote_answer	 answer;
	uint8_t			 fitted[64];
	CK_RV			 rv;

	if ((hash = hash_of_length(length)) == HASH_NONE) {
		rv = fit_hash(key, data, length, fitted, &hash);
		if (rv != CKR_OK)
			return (rv);
		data = fitted;
		length = hash_length(hash);
	}
	rv = ask(key, remote, hashes[hash].ecdsa, data, length, &answer);
	if (rv == CKR_OK && encode_ecdsa_raw(answer.data, answer.length, out,
	    key->size) == -1) {
		log_warnx("answer is no ECDSA signature length=%zu",
		    answer.length);
		rv = CKR_DEVICE_ERROR;
	}
	return (rv);
}

static CK_RV
sign_eddsa(enum hash_type hash, const struct key *key, struct remote *remote,
    const uint8_t *data, size_t length, uint8_t *out)
{
	(void)hash;
	return (ask_exactly(key, remote, OP_ED25519_SIGN, data, length, out,
	    ED25519_SIZE));
}

CK_RV
mech_sign(const struct mech *mech, enum hash_type hash, const struct key *key,
    struct remote *remote, const uint8_t *data, size_t length, uint8_t *out)
{
	return (mech->sign(hash, key, remote, data, length, out));
}
