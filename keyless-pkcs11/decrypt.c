/* In the host's process: C_Decrypt and its relatives. */
#include <string.h>

#include "compat.h"
#include "module.h"

CK_RV
C_DecryptInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	rv = operation_begin(s, &s->decrypt, mechanism, key, CKF_DECRYPT);
	session_leave(m, s);
	return (rv);
}

/*
 * How long the data is, only the key server can say: as many bytes as the
 * modulus are always enough, fewer may be.
 */
static CK_RV
decrypt(struct session *s, const uint8_t *data, CK_ULONG length, uint8_t *out,
    CK_ULONG *len)
{
	struct operation	*op = &s->decrypt;
	uint8_t			 clear[REMOTE_DATA_MAX];
	size_t			 n = 0;
	CK_RV			 rv;
	int			 more = 0;

	if (out == NULL) {
		*len = mech_output_size(op->mech, &op->key->key);
		return (CKR_OK);
	}
	rv = mech_decrypt(op->mech, &op->key->key, s->slot->remote, data,
	    length, clear, &n);
	if (rv == CKR_OK && (rv = operation_room(out, len, n, &more)) == CKR_OK)
		memcpy(out, clear, *len = n);
	explicit_bzero(clear, sizeof(clear));
	if (!more)
		operation_end(op);
	return (rv);
}

CK_RV
C_Decrypt(CK_SESSION_HANDLE handle, unsigned char *data, CK_ULONG length,
    unsigned char *out, CK_ULONG *len)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (s->decrypt.mech == NULL)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	else if (len == NULL || (data == NULL && length != 0)) {
		operation_end(&s->decrypt);
		rv = CKR_ARGUMENTS_BAD;
	} else if (s->decrypt.updated) {
		operation_end(&s->decrypt);
		rv = CKR_FUNCTION_FAILED;
	} else
		rv = decrypt(s, data, length, out, len);
	session_leave(m, s);
	return (rv);
}

/* One block is gathered; its data comes with C_DecryptFinal. */
CK_RV
C_DecryptUpdate(CK_SESSION_HANDLE handle, unsigned char *data,
    CK_ULONG length, unsigned char *out, CK_ULONG *len)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (s->decrypt.mech == NULL)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	else if (len == NULL) {
		operation_end(&s->decrypt);
		rv = CKR_ARGUMENTS_BAD;
	} else {
		*len = 0;
		/* Without room for nothing, only the length was asked for. */
		if (out != NULL && (rv = operation_update(&s->decrypt, data,
		    length)) == CKR_OK)
			s->decrypt.updated = 1;
		else if (rv == CKR_DATA_LEN_RANGE)
			rv = CKR_ENCRYPTED_DATA_LEN_RANGE;
	}
	session_leave(m, s);
	return (rv);
}

CK_RV
C_DecryptFinal(CK_SESSION_HANDLE handle, unsigned char *out, CK_ULONG *len)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (s->decrypt.mech == NULL)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	else if (len == NULL) {
		operation_end(&s->decrypt);
		rv = CKR_ARGUMENTS_BAD;
	} else
		rv = decrypt(s, s->decrypt.data, s->decrypt.length, out, len);
	session_leave(m, s);
	return (rv);
}
