/* In the host's process: what signing and decrypting have in common. */
#include <openssl/evp.h>

#include <string.h>

#include "compat.h"
#include "guest.h"
#include "module.h"

void
operation_end(struct operation *op)
{
	if (op->md != NULL && !guest_too_late())
		EVP_MD_CTX_free(op->md);
	explicit_bzero(op, sizeof(*op));
}

/* Begin to hash, if the mechanism does. */
static CK_RV
start_hash(struct operation *op)
{
	const EVP_MD		*md;
	struct guest_visit	 visit;
	int			 ok;

	if ((md = mech_md(op->mech)) == NULL)
		return (CKR_OK);
	guest_enter(&visit);
	ok = (op->md = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestInit_ex(op->md, md, NULL) == 1;
	guest_leave(&visit);
	return (ok ? CKR_OK : CKR_HOST_MEMORY);
}

CK_RV
operation_begin(struct session *s, struct operation *op,
    const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE handle, CK_FLAGS purpose)
{
	const struct object	*key;
	const struct mech	*mech;
	enum hash_type		 hash;
	CK_RV			 rv;

	/* PKCS#11 3.0: no mechanism cancels what is going on. */
	if (mechanism == NULL) {
		rv = op->mech == NULL ? CKR_ARGUMENTS_BAD : CKR_OK;
		operation_end(op);
		return (rv);
	}
	if (op->mech != NULL)
		return (CKR_OPERATION_ACTIVE);
	key = objects_get(&s->slot->conf->objects, handle);
	if (key == NULL)
		return (CKR_KEY_HANDLE_INVALID);
	if (mechanism->pParameter == NULL && mechanism->ulParameterLen != 0)
		return (CKR_MECHANISM_PARAM_INVALID);
	rv = mech_check(mechanism, purpose, key, &mech, &hash);
	if (rv != CKR_OK)
		return (rv);
	op->mech = mech;
	op->hash = hash;
	op->key = key;
	if ((rv = start_hash(op)) != CKR_OK)
		operation_end(op);
	return (rv);
}

static CK_RV
take_in(struct operation *op, const uint8_t *data, CK_ULONG length)
{
	struct guest_visit	 visit;
	int			 ok;

	if (data == NULL && length != 0)
		return (CKR_ARGUMENTS_BAD);
	if (length == 0)
		return (CKR_OK);
	if (op->md != NULL) {
		guest_enter(&visit);
		ok = EVP_DigestUpdate(op->md, data, length) == 1;
		guest_leave(&visit);
		return (ok ? CKR_OK : CKR_GENERAL_ERROR);
	}
	if (length > sizeof(op->data) - op->length)
		return (CKR_DATA_LEN_RANGE);
	memcpy(op->data + op->length, data, length);
	op->length += length;
	return (CKR_OK);
}

CK_RV
operation_update(struct operation *op, const uint8_t *data, CK_ULONG length)
{
	CK_RV	 rv;

	if ((rv = take_in(op, data, length)) != CKR_OK)
		operation_end(op);
	return (rv);
}

CK_RV
operation_room(const uint8_t *out, CK_ULONG *len, size_t size, int *done)
{
	CK_ULONG	 have = *len;

	*done = out == NULL || have < size;
	if (!*done)
		return (CKR_OK);
	*len = size;
	return (out == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL);
}
