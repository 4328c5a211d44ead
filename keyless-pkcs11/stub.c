/*
 * In the host's process: what is not offered.  PKCS#11 2.40 section 5.1.6: a
 * stub returns CKR_FUNCTION_NOT_SUPPORTED and does nothing else.
 */
#include "compat.h"
#include "module.h"

#define STUB1(name, A) \
	CK_RV name(A a) \
	{ \
		(void)a; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

#define STUB2(name, A, B) \
	CK_RV name(A a, B b) \
	{ \
		(void)a; (void)b; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

#define STUB3(name, A, B, C) \
	CK_RV name(A a, B b, C c) \
	{ \
		(void)a; (void)b; (void)c; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

#define STUB4(name, A, B, C, D) \
	CK_RV name(A a, B b, C c, D d) \
	{ \
		(void)a; (void)b; (void)c; (void)d; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

#define STUB5(name, A, B, C, D, E) \
	CK_RV name(A a, B b, C c, D d, E e) \
	{ \
		(void)a; (void)b; (void)c; (void)d; (void)e; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

#define STUB6(name, A, B, C, D, E, F) \
	CK_RV name(A a, B b, C c, D d, E e, F f) \
	{ \
		(void)a; (void)b; (void)c; (void)d; (void)e; (void)f; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

#define STUB7(name, A, B, C, D, E, F, G) \
	CK_RV name(A a, B b, C c, D d, E e, F f, G g) \
	{ \
		(void)a; (void)b; (void)c; (void)d; (void)e; (void)f; \
		(void)g; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

#define STUB8(name, A, B, C, D, E, F, G, H) \
	CK_RV name(A a, B b, C c, D d, E e, F f, G g, H h) \
	{ \
		(void)a; (void)b; (void)c; (void)d; (void)e; (void)f; \
		(void)g; (void)h; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

#define STUB9(name, A, B, C, D, E, F, G, H, I) \
	CK_RV name(A a, B b, C c, D d, E e, F f, G g, H h, I i) \
	{ \
		(void)a; (void)b; (void)c; (void)d; (void)e; (void)f; \
		(void)g; (void)h; (void)i; \
		return (CKR_FUNCTION_NOT_SUPPORTED); \
	}

STUB4(C_InitToken, CK_SLOT_ID, unsigned char *, CK_ULONG, unsigned char *)
STUB3(C_InitPIN, CK_SESSION_HANDLE, unsigned char *, CK_ULONG)
STUB5(C_SetPIN, CK_SESSION_HANDLE, unsigned char *, CK_ULONG, unsigned char *,
    CK_ULONG)
STUB3(C_GetOperationState, CK_SESSION_HANDLE, unsigned char *, CK_ULONG *)
STUB5(C_SetOperationState, CK_SESSION_HANDLE, unsigned char *, CK_ULONG,
    CK_OBJECT_HANDLE, CK_OBJECT_HANDLE)
STUB4(C_CreateObject, CK_SESSION_HANDLE, CK_ATTRIBUTE *, CK_ULONG,
    CK_OBJECT_HANDLE *)
STUB5(C_CopyObject, CK_SESSION_HANDLE, CK_OBJECT_HANDLE, CK_ATTRIBUTE *,
    CK_ULONG, CK_OBJECT_HANDLE *)
STUB2(C_DestroyObject, CK_SESSION_HANDLE, CK_OBJECT_HANDLE)
STUB4(C_SetAttributeValue, CK_SESSION_HANDLE, CK_OBJECT_HANDLE, CK_ATTRIBUTE
    *, CK_ULONG)
STUB3(C_EncryptInit, CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE)
STUB5(C_Encrypt, CK_SESSION_HANDLE, unsigned char *, CK_ULONG, unsigned char
    *, CK_ULONG *)
STUB5(C_EncryptUpdate, CK_SESSION_HANDLE, unsigned char *, CK_ULONG, unsigned
    char *, CK_ULONG *)
STUB3(C_EncryptFinal, CK_SESSION_HANDLE, unsigned char *, CK_ULONG *)
STUB2(C_DigestInit, CK_SESSION_HANDLE, CK_MECHANISM *)
STUB5(C_Digest, CK_SESSION_HANDLE, unsigned char *, CK_ULONG, unsigned char *,
    CK_ULONG *)
STUB3(C_DigestUpdate, CK_SESSION_HANDLE, unsigned char *, CK_ULONG)
STUB2(C_DigestKey, CK_SESSION_HANDLE, CK_OBJECT_HANDLE)
STUB3(C_DigestFinal, CK_SESSION_HANDLE, unsigned char *, CK_ULONG *)
STUB3(C_SignRecoverInit, CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE)
STUB5(C_SignRecover, CK_SESSION_HANDLE, unsigned char *, CK_ULONG, unsigned
    char *, CK_ULONG *)
STUB3(C_VerifyInit, CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE)
STUB5(C_Verify, CK_SESSION_HANDLE, unsigned char *, CK_ULONG, unsigned char *,
    CK_ULONG)
STUB3(C_VerifyUpdate, CK_SESSION_HANDLE, unsigned char *, CK_ULONG)
STUB3(C_VerifyFinal, CK_SESSION_HANDLE, unsigned char *, CK_ULONG)
STUB3(C_VerifyRecoverInit, CK_SESSION_HANDLE, CK_MECHANISM *,
    CK_OBJECT_HANDLE)
STUB5(C_VerifyRecover, CK_SESSION_HANDLE, unsigned char *, CK_ULONG, unsigned
    char *, CK_ULONG *)
STUB5(C_DigestEncryptUpdate, CK_SESSION_HANDLE, unsigned char *, CK_ULONG,
    unsigned char *, CK_ULONG *)
STUB5(C_DecryptDigestUpdate, CK_SESSION_HANDLE, unsigned char *, CK_ULONG,
    unsigned char *, CK_ULONG *)
STUB5(C_SignEncryptUpdate, CK_SESSION_HANDLE, unsigned char *, CK_ULONG,
    unsigned char *, CK_ULONG *)
STUB5(C_DecryptVerifyUpdate, CK_SESSION_HANDLE, unsigned char *, CK_ULONG,
    unsigned char *, CK_ULONG *)
STUB5(C_GenerateKey, CK_SESSION_HANDLE, CK_MECHANISM *, CK_ATTRIBUTE *,
    CK_ULONG, CK_OBJECT_HANDLE *)
STUB8(C_GenerateKeyPair, CK_SESSION_HANDLE, CK_MECHANISM *, CK_ATTRIBUTE *,
    CK_ULONG, CK_ATTRIBUTE *, CK_ULONG, CK_OBJECT_HANDLE *, CK_OBJECT_HANDLE
    *)
STUB6(C_WrapKey, CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE,
    CK_OBJECT_HANDLE, unsigned char *, CK_ULONG *)
STUB8(C_UnwrapKey, CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE,
    unsigned char *, CK_ULONG, CK_ATTRIBUTE *, CK_ULONG, CK_OBJECT_HANDLE *)
STUB6(C_DeriveKey, CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE,
    CK_ATTRIBUTE *, CK_ULONG, CK_OBJECT_HANDLE *)
STUB3(C_MessageEncryptInit, CK_SESSION_HANDLE, CK_MECHANISM *,
    CK_OBJECT_HANDLE)
STUB9(C_EncryptMessage, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned char *,
    CK_ULONG, unsigned char *, CK_ULONG, unsigned char *, CK_ULONG *)
STUB5(C_EncryptMessageBegin, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned
    char *, CK_ULONG)
STUB8(C_EncryptMessageNext, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned char
    *, CK_ULONG, unsigned char *, CK_ULONG *, CK_FLAGS)
STUB1(C_MessageEncryptFinal, CK_SESSION_HANDLE)
STUB3(C_MessageDecryptInit, CK_SESSION_HANDLE, CK_MECHANISM *,
    CK_OBJECT_HANDLE)
STUB9(C_DecryptMessage, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned char *,
    CK_ULONG, unsigned char *, CK_ULONG, unsigned char *, CK_ULONG *)
STUB5(C_DecryptMessageBegin, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned
    char *, CK_ULONG)
STUB8(C_DecryptMessageNext, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned char
    *, CK_ULONG, unsigned char *, CK_ULONG *, CK_FLAGS)
STUB1(C_MessageDecryptFinal, CK_SESSION_HANDLE)
STUB3(C_MessageSignInit, CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE)
STUB7(C_SignMessage, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned char *,
    CK_ULONG, unsigned char *, CK_ULONG *)
STUB3(C_SignMessageBegin, CK_SESSION_HANDLE, void *, CK_ULONG)
STUB7(C_SignMessageNext, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned char *,
    CK_ULONG, unsigned char *, CK_ULONG *)
STUB1(C_MessageSignFinal, CK_SESSION_HANDLE)
STUB3(C_MessageVerifyInit, CK_SESSION_HANDLE, CK_MECHANISM *,
    CK_OBJECT_HANDLE)
STUB7(C_VerifyMessage, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned char *,
    CK_ULONG, unsigned char *, CK_ULONG)
STUB3(C_VerifyMessageBegin, CK_SESSION_HANDLE, void *, CK_ULONG)
STUB7(C_VerifyMessageNext, CK_SESSION_HANDLE, void *, CK_ULONG, unsigned char
    *, CK_ULONG, unsigned char *, CK_ULONG)
STUB1(C_MessageVerifyFinal, CK_SESSION_HANDLE)

/* There is no random number generator, which has a code of its own. */
static CK_RV
no_random(CK_SESSION_HANDLE handle, const void *data, CK_ULONG length)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	session_leave(m, s);
	return (data == NULL && length != 0 ? CKR_ARGUMENTS_BAD :
	    CKR_RANDOM_NO_RNG);
}

CK_RV
C_SeedRandom(CK_SESSION_HANDLE handle, unsigned char *seed, CK_ULONG length)
{
	return (no_random(handle, seed, length));
}

CK_RV
C_GenerateRandom(CK_SESSION_HANDLE handle, unsigned char *data,
    CK_ULONG length)
{
	return (no_random(handle, data, length));
}

/* PKCS#11 2.40 section 5.15: functions of the past, which all say this. */
CK_RV
C_GetFunctionStatus(CK_SESSION_HANDLE handle)
{
	(void)handle;
	return (CKR_FUNCTION_NOT_PARALLEL);
}

CK_RV
C_CancelFunction(CK_SESSION_HANDLE handle)
{
	(void)handle;
	return (CKR_FUNCTION_NOT_PARALLEL);
}
