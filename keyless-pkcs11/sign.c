/* In the host's process: C_Sign and its relatives. */
#include <openssl/evp.h>

#include <string.h>

#include "compat.h"
#include "guest.h"
#include "module.h"

CK_RV
C_SignInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	rv = operation_begin(s, &s->sign, mechanism, key, CKF_SIGN);
	session_leave(m, s);
	return (rv);
}

/* All input is there: hash it if need be, and have it signed. */
static CK_RV
finish(struct slot *slot, struct operation *op, uint8_t *out, CK_ULONG *len)
{
	struct guest_visit	 visit;
	unsigned int		 n = 0;
	CK_RV			 rv;
	int			 ok;

	if (op->md != NULL) {
		guest_enter(&visit);
		ok = EVP_DigestFinal_ex(op->md, op->data, &n) == 1;
		guest_leave(&visit);
		if (!ok)
			return (CKR_GENERAL_ERROR);
		op->length = n;
	}
	rv = mech_sign(op->mech, op->hash, &op->key->key, slot->remote,
	    op->data, op->length, out);
	if (rv == CKR_OK)
		*len = mech_output_size(op->mech, &op->key->key);
	return (rv);
}

/*
 * PKCS#11 2.40 section 5.11: whatever the end, the operation is over, unless
 * the host only asked for the length.
 */
static CK_RV
sign(struct session *s, const uint8_t *data, CK_ULONG length, uint8_t *out,
    CK_ULONG *len)
{
	struct operation	*op = &s->sign;
	CK_RV			 rv;
	int			 done;

	if (op->mech == NULL)
		return (CKR_OPERATION_NOT_INITIALIZED);
	if (len == NULL) {
		operation_end(op);
		return (CKR_ARGUMENTS_BAD);
	}
	rv = operation_room(out, len, mech_output_size(op->mech,
	    &op->key->key), &done);
	if (done)
		return (rv);
	if ((rv = operation_update(op, data, length)) != CKR_OK)
		return (rv);
	rv = finish(s->slot, op, out, len);
	operation_end(op);
	return (rv);
}

CK_RV
C_Sign(CK_SESSION_HANDLE handle, unsigned char *data, CK_ULONG length,
    unsigned char *out, CK_ULONG *len)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (s->sign.updated) {
		/* It is to be ended by C_SignFinal. */
		operation_end(&s->sign);
		rv = CKR_FUNCTION_FAILED;
	} else
		rv = sign(s, data, length, out, len);
	session_leave(m, s);
	return (rv);
}

CK_RV
C_SignUpdate(CK_SESSION_HANDLE handle, unsigned char *data, CK_ULONG length)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (s->sign.mech == NULL)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	else if ((rv = operation_update(&s->sign, data, length)) == CKR_OK)
		s->sign.updated = 1;
	session_leave(m, s);
	return (rv);
}

CK_RV
C_SignFinal(CK_SESSION_HANDLE handle, unsigned char *out, CK_ULONG *len)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	rv = sign(s, NULL, 0, out, len);
	session_leave(m, s);
	return (rv);
}

/* PKCS#11 3.0 section 5.6.5; flags say which operations. */
CK_RV
C_SessionCancel(CK_SESSION_HANDLE handle, CK_FLAGS flags)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (flags & CKF_FIND_OBJECTS)
		find_end(s);
	if (flags & CKF_SIGN)
		operation_end(&s->sign);
	if (flags & CKF_DECRYPT)
		operation_end(&s->decrypt);
	session_leave(m, s);
	return (CKR_OK);
}
