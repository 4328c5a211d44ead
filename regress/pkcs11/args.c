/*
 * Test program: what every function says to wrong arguments, PKCS#11 2.40
 * section 5.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "edge.h"

static unsigned int	 checks, failures;

#define IS(call, expected)	is(#call, call, expected, __LINE__)

static void
is(const char *call, CK_RV rv, CK_RV expected, int line)
{
	checks++;
	if (rv == expected)
		return;
	failures++;
	printf("args.c:%d: %s: 0x%lx, expected 0x%lx\n", line, call, rv,
	    expected);
}

static const struct edge_key *
key_of(CK_KEY_TYPE type)
{
	size_t	 i;

	for (i = 0; i < nkeys; i++)
		if (keys[i].type == type && keys[i].slot == keys[0].slot)
			return (&keys[i]);
	die("no key of type %lu in the first slot", type);
}

static void
check_general(void)
{
	CK_C_INITIALIZE_ARGS	 a;
	CK_INFO			 info;
	CK_RV			(*create)(void **);

	*(void **)&create = (void *)(uintptr_t)1;
	IS(f->C_GetInfo(NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_GetInfo(&info), CKR_OK);
	IS(f->C_GetFunctionList(NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	IS(f->C_Finalize(&info), CKR_ARGUMENTS_BAD);
	memset(&a, 0, sizeof(a));
	a.CreateMutex = create;
	IS(f->C_Initialize(&a), CKR_ARGUMENTS_BAD);
	a.DestroyMutex = a.LockMutex = a.UnlockMutex =
	    (CK_RV (*)(void *))(uintptr_t)1;
	IS(f->C_Initialize(&a), CKR_CANT_LOCK);
}

static void
check_slots(void)
{
	CK_SLOT_ID		 list[8], slot = keys[0].slot;
	CK_MECHANISM_TYPE	 types[64];
	CK_MECHANISM_INFO	 mech;
	CK_SLOT_INFO		 info;
	CK_TOKEN_INFO		 token;
	CK_ULONG		 n = 0;

	IS(f->C_GetSlotList(1, NULL, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_GetSlotList(1, list, &n), CKR_BUFFER_TOO_SMALL);
	IS(n > 0 && n < 8 ? CKR_OK : CKR_GENERAL_ERROR, CKR_OK);
	IS(f->C_GetSlotList(0, list, &n), CKR_OK);
	IS(f->C_GetSlotInfo(99, &info), CKR_SLOT_ID_INVALID);
	IS(f->C_GetSlotInfo(slot, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_GetSlotInfo(slot, &info), CKR_OK);
	IS(f->C_GetTokenInfo((CK_SLOT_ID)-1, &token), CKR_SLOT_ID_INVALID);
	IS(f->C_GetTokenInfo(slot, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_GetTokenInfo(slot, &token), CKR_OK);
	IS(token.flags & CKF_LOGIN_REQUIRED, 0);
	IS(f->C_GetMechanismList(99, NULL, &n), CKR_SLOT_ID_INVALID);
	IS(f->C_GetMechanismList(slot, NULL, NULL), CKR_ARGUMENTS_BAD);
	n = 1;
	IS(f->C_GetMechanismList(slot, types, &n), CKR_BUFFER_TOO_SMALL);
	IS(f->C_GetMechanismList(slot, types, &n), CKR_OK);
	IS(f->C_GetMechanismInfo(slot, CKM_AES_CBC, &mech),
	    CKR_MECHANISM_INVALID);
	IS(f->C_GetMechanismInfo(slot, CKM_ECDSA, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_GetMechanismInfo(slot, CKM_ECDSA, &mech), CKR_OK);
	IS(f->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL),
	    CKR_ARGUMENTS_BAD);
	IS(f->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	IS(f->C_WaitForSlotEvent(0, &slot, NULL), CKR_FUNCTION_NOT_SUPPORTED);
}

static void
check_sessions(void)
{
	CK_SESSION_HANDLE	 s, t;
	CK_SESSION_INFO		 info;
	CK_SLOT_ID		 slot = keys[0].slot;

	IS(f->C_OpenSession(99, CKF_SERIAL_SESSION, NULL, NULL, &s),
	    CKR_SLOT_ID_INVALID);
	IS(f->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, NULL),
	    CKR_ARGUMENTS_BAD);
	IS(f->C_OpenSession(slot, 0, NULL, NULL, &s),
	    CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	s = open_session(slot);
	IS(f->C_GetSessionInfo(s, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_GetSessionInfo(0, &info), CKR_SESSION_HANDLE_INVALID);
	IS(f->C_GetSessionInfo((CK_SESSION_HANDLE)-1, &info),
	    CKR_SESSION_HANDLE_INVALID);
	IS(f->C_GetSessionInfo(s, &info), CKR_OK);
	IS(info.state, CKS_RO_PUBLIC_SESSION);
	IS(f->C_Logout(s), CKR_USER_NOT_LOGGED_IN);
	IS(f->C_Login(s, 77, NULL, 0), CKR_USER_TYPE_INVALID);
	IS(f->C_Login(s, CKU_CONTEXT_SPECIFIC, NULL, 0),
	    CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_Login(s, CKU_USER, NULL, 4), CKR_ARGUMENTS_BAD);
	IS(f->C_Login(0, CKU_USER, NULL, 0), CKR_SESSION_HANDLE_INVALID);
	IS(f->C_Login(s, CKU_USER, NULL, 0), CKR_OK);
	IS(f->C_Login(s, CKU_USER, (unsigned char *)"1234", 4),
	    CKR_USER_ALREADY_LOGGED_IN);
	t = open_session(slot);
	IS(f->C_GetSessionInfo(t, &info), CKR_OK);
	IS(info.state, CKS_RO_USER_FUNCTIONS);
	IS(f->C_Logout(t), CKR_OK);
	IS(f->C_CloseSession(t), CKR_OK);
	IS(f->C_CloseSession(t), CKR_SESSION_HANDLE_INVALID);
	IS(f->C_CloseAllSessions(99), CKR_SLOT_ID_INVALID);
	IS(f->C_CloseAllSessions(slot), CKR_OK);
	IS(f->C_CloseSession(s), CKR_SESSION_HANDLE_INVALID);
	/* A number that was another session's does not come again soon. */
	IS(open_session(slot) == s ? CKR_GENERAL_ERROR : CKR_OK, CKR_OK);
	IS(f->C_CloseAllSessions(slot), CKR_OK);
}

static void
check_find(void)
{
	CK_SESSION_HANDLE	 s = open_session(keys[0].slot);
	CK_OBJECT_CLASS		 class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE		 a = { CKA_CLASS, &class, sizeof(class) };
	CK_ATTRIBUTE		 none = { CKA_CLASS, NULL, sizeof(class) };
	CK_ATTRIBUTE		 other = { CKA_APPLICATION, &class, 1 };
	CK_OBJECT_HANDLE	 o[4];
	CK_ULONG		 n = 0;

	IS(f->C_FindObjectsInit(0, &a, 1), CKR_SESSION_HANDLE_INVALID);
	IS(f->C_FindObjectsInit(s, NULL, 1), CKR_ARGUMENTS_BAD);
	IS(f->C_FindObjectsInit(s, &none, 1), CKR_ARGUMENTS_BAD);
	IS(f->C_FindObjects(s, o, 4, &n), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_FindObjectsFinal(s), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_FindObjectsInit(s, &a, 1), CKR_OK);
	IS(f->C_FindObjectsInit(s, &a, 1), CKR_OPERATION_ACTIVE);
	IS(f->C_FindObjects(s, NULL, 4, &n), CKR_ARGUMENTS_BAD);
	IS(f->C_FindObjects(s, o, 4, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_FindObjects(s, o, 4, &n), CKR_OK);
	IS(n > 0 ? CKR_OK : CKR_GENERAL_ERROR, CKR_OK);
	IS(f->C_FindObjectsFinal(s), CKR_OK);
	IS(f->C_FindObjectsInit(s, &other, 1), CKR_OK);
	IS(f->C_FindObjects(s, o, 4, &n), CKR_OK);
	IS(n, 0);
	IS(f->C_CloseSession(s), CKR_OK);
}

/* PKCS#11 3.0 section 5.6, C_SessionCancel: what the flags name, no more. */
static void
check_cancel(void)
{
	CK_SESSION_HANDLE	 s = open_session(keys[0].slot);
	CK_OBJECT_HANDLE	 rsa = key_of(CKK_RSA)->object;
	CK_MECHANISM		 m = { CKM_RSA_PKCS, NULL, 0 };

	IS(f3->C_SessionCancel(0, CKF_SIGN), CKR_SESSION_HANDLE_INVALID);
	IS(f3->C_SessionCancel(s, CKF_SIGN | CKF_FIND_OBJECTS), CKR_OK);
	IS(f->C_FindObjectsInit(s, NULL, 0), CKR_OK);
	IS(f->C_SignInit(s, &m, rsa), CKR_OK);
	IS(f->C_DecryptInit(s, &m, rsa), CKR_OK);
	IS(f3->C_SessionCancel(s, CKF_FIND_OBJECTS), CKR_OK);
	IS(f->C_FindObjectsFinal(s), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_SignInit(s, &m, rsa), CKR_OPERATION_ACTIVE);
	IS(f3->C_SessionCancel(s, CKF_SIGN), CKR_OK);
	IS(f->C_SignInit(s, &m, rsa), CKR_OK);
	IS(f->C_DecryptInit(s, &m, rsa), CKR_OPERATION_ACTIVE);
	IS(f3->C_SessionCancel(s, CKF_DECRYPT), CKR_OK);
	IS(f->C_DecryptInit(s, &m, rsa), CKR_OK);
	IS(f->C_CloseSession(s), CKR_OK);
}

static void
check_attributes(void)
{
	CK_SESSION_HANDLE	 s = open_session(keys[0].slot);
	CK_OBJECT_HANDLE	 o = key_of(CKK_RSA)->object;
	unsigned char		 value[2048], sensitive = 0;
	CK_ATTRIBUTE		 a[3] = {
		{ CKA_PRIVATE_EXPONENT, value, sizeof(value) },
		{ CKA_SENSITIVE, &sensitive, 1 },
		{ CKA_MODULUS, value, 5 },
	};
	CK_ULONG		 n;

	IS(f->C_GetAttributeValue(s, 0, a, 1), CKR_OBJECT_HANDLE_INVALID);
	IS(f->C_GetAttributeValue(s, 9999, a, 1), CKR_OBJECT_HANDLE_INVALID);
	IS(f->C_GetAttributeValue(s, o, NULL, 1), CKR_ARGUMENTS_BAD);
	IS(f->C_GetAttributeValue(s, o, a, 2), CKR_ATTRIBUTE_SENSITIVE);
	IS(a[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	IS(sensitive, 1);
	IS(f->C_GetAttributeValue(s, o, &a[2], 1), CKR_BUFFER_TOO_SMALL);
	IS(a[2].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	a[2].pValue = NULL;
	IS(f->C_GetAttributeValue(s, o, &a[2], 1), CKR_OK);
	IS(a[2].ulValueLen, 256);
	a[2].type = CKA_HAS_RESET;
	IS(f->C_GetAttributeValue(s, o, &a[2], 1), CKR_ATTRIBUTE_TYPE_INVALID);
	IS(f->C_GetObjectSize(s, 9999, &n), CKR_OBJECT_HANDLE_INVALID);
	IS(f->C_GetObjectSize(s, o, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_GetObjectSize(s, o, &n), CKR_OK);
	IS(f->C_CloseSession(s), CKR_OK);
}

/* C_SignInit with one mechanism; what was begun is ended. */
static CK_RV
init(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type,
    void *parameter, CK_ULONG length)
{
	CK_MECHANISM	 m;
	CK_RV		 rv;

	m.mechanism = type;
	m.pParameter = parameter;
	m.ulParameterLen = length;
	if ((rv = f->C_SignInit(s, &m, key)) == CKR_OK)
		f->C_SignInit(s, NULL, 0);
	return (rv);
}

static void
check_mechanisms(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE rsa,
    CK_OBJECT_HANDLE ec)
{
	CK_RSA_PKCS_PSS_PARAMS	 pss = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
	char			 byte = 0;

	IS(init(s, rsa, CKM_AES_CBC, NULL, 0), CKR_MECHANISM_INVALID);
	IS(init(s, rsa, CKM_ECDSA, NULL, 0), CKR_KEY_TYPE_INCONSISTENT);
	IS(init(s, ec, CKM_RSA_PKCS, NULL, 0), CKR_KEY_TYPE_INCONSISTENT);
	IS(init(s, ec, CKM_EDDSA, NULL, 0), CKR_KEY_TYPE_INCONSISTENT);
	IS(init(s, 0, CKM_RSA_PKCS, NULL, 0), CKR_KEY_HANDLE_INVALID);
	IS(init(s, rsa - 1, CKM_RSA_PKCS, NULL, 0), CKR_KEY_HANDLE_INVALID);
	IS(init(s, rsa, CKM_RSA_PKCS, NULL, 3), CKR_MECHANISM_PARAM_INVALID);
	IS(init(s, rsa, CKM_RSA_PKCS, &byte, 1), CKR_MECHANISM_PARAM_INVALID);
	IS(init(s, rsa, CKM_RSA_PKCS_PSS, NULL, 0),
	    CKR_MECHANISM_PARAM_INVALID);
	IS(init(s, rsa, CKM_RSA_PKCS_PSS, &pss, 3),
	    CKR_MECHANISM_PARAM_INVALID);
	IS(init(s, rsa, CKM_RSA_PKCS_PSS, &pss, sizeof(pss)), CKR_OK);
	IS(init(s, rsa, CKM_SHA384_RSA_PKCS_PSS, &pss, sizeof(pss)),
	    CKR_MECHANISM_PARAM_INVALID);
	pss.sLen = 20;
	IS(init(s, rsa, CKM_RSA_PKCS_PSS, &pss, sizeof(pss)),
	    CKR_MECHANISM_PARAM_INVALID);
	pss.sLen = 32;
	pss.mgf = CKG_MGF1_SHA1;
	IS(init(s, rsa, CKM_RSA_PKCS_PSS, &pss, sizeof(pss)),
	    CKR_MECHANISM_PARAM_INVALID);
	pss.mgf = CKG_MGF1_SHA256;
	pss.hashAlg = 0;
	IS(init(s, rsa, CKM_RSA_PKCS_PSS, &pss, sizeof(pss)),
	    CKR_MECHANISM_PARAM_INVALID);
}

static void
check_sign(void)
{
	CK_SESSION_HANDLE	 s = open_session(keys[0].slot);
	CK_OBJECT_HANDLE	 rsa = key_of(CKK_RSA)->object;
	CK_OBJECT_HANDLE	 ec = key_of(CKK_EC)->object;
	CK_MECHANISM		 pkcs = { CKM_RSA_PKCS, NULL, 0 };
	CK_MECHANISM		 pss_hash = { CKM_ECDSA, NULL, 0 };
	unsigned char		 in[2000], out[2000];
	CK_ULONG		 n = sizeof(out);

	memset(in, 1, sizeof(in));
	check_mechanisms(s, rsa, ec);
	IS(f->C_SignInit(0, &pkcs, rsa), CKR_SESSION_HANDLE_INVALID);
	IS(f->C_SignInit(s, NULL, rsa), CKR_ARGUMENTS_BAD);
	IS(f->C_Sign(s, in, 8, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_SignUpdate(s, in, 8), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_SignFinal(s, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_SignInit(s, &pkcs, rsa), CKR_OK);
	IS(f->C_SignInit(s, &pkcs, rsa), CKR_OPERATION_ACTIVE);
	IS(f->C_Sign(s, in, 8, NULL, &n), CKR_OK);
	IS(n, 256);
	n = 255;
	IS(f->C_Sign(s, in, 8, out, &n), CKR_BUFFER_TOO_SMALL);
	IS(n, 256);
	/* No DigestInfo: it is padded here. */
	IS(f->C_Sign(s, in, 8, out, &n), CKR_OK);
	IS(f->C_Sign(s, in, 8, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_SignInit(s, &pkcs, rsa), CKR_OK);
	IS(f->C_Sign(s, in, 8, out, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_SignInit(s, &pkcs, rsa), CKR_OK);
	IS(f->C_Sign(s, NULL, 8, out, &n), CKR_ARGUMENTS_BAD);
	IS(f->C_SignInit(s, &pkcs, rsa), CKR_OK);
	IS(f->C_Sign(s, in, 246, out, &n), CKR_DATA_LEN_RANGE);
	IS(f->C_SignInit(s, &pkcs, rsa), CKR_OK);
	IS(f->C_Sign(s, in, sizeof(in), out, &n), CKR_DATA_LEN_RANGE);
	IS(f->C_SignInit(s, &pss_hash, ec), CKR_OK);
	IS(f->C_Sign(s, in, 0, out, &n), CKR_DATA_LEN_RANGE);
	/* A key server refuses what is no number below the modulus. */
	pkcs.mechanism = CKM_RSA_X_509;
	memset(in, 0xff, sizeof(in));
	IS(f->C_SignInit(s, &pkcs, rsa), CKR_OK);
	n = sizeof(out);
	IS(f->C_Sign(s, in, 256, out, &n), CKR_FUNCTION_FAILED);
	IS(f->C_SignInit(s, &pkcs, rsa), CKR_OK);
	IS(f->C_Sign(s, in, 257, out, &n), CKR_DATA_LEN_RANGE);
	IS(f->C_CloseSession(s), CKR_OK);
}

static void
check_decrypt(void)
{
	CK_SESSION_HANDLE	 s = open_session(keys[0].slot);
	CK_OBJECT_HANDLE	 rsa = key_of(CKK_RSA)->object;
	CK_OBJECT_HANDLE	 ec = key_of(CKK_EC)->object;
	CK_MECHANISM		 m = { CKM_ECDSA, NULL, 0 };
	unsigned char		 in[256] = { 0 }, out[256];
	CK_ULONG		 n = sizeof(out);

	IS(f->C_DecryptInit(s, &m, ec), CKR_MECHANISM_INVALID);
	m.mechanism = CKM_RSA_PKCS;
	IS(f->C_DecryptInit(s, &m, ec), CKR_KEY_TYPE_INCONSISTENT);
	IS(f->C_Decrypt(s, in, 256, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_DecryptUpdate(s, in, 256, out, &n),
	    CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_DecryptFinal(s, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	IS(f->C_DecryptInit(s, &m, rsa), CKR_OK);
	IS(f->C_Decrypt(s, in, 256, NULL, &n), CKR_OK);
	IS(n, 256);
	IS(f->C_Decrypt(s, in, 255, out, &n), CKR_ENCRYPTED_DATA_LEN_RANGE);
	IS(f->C_DecryptInit(s, &m, rsa), CKR_OK);
	IS(f->C_Decrypt(s, NULL, 256, out, &n), CKR_ARGUMENTS_BAD);
	IS(f->C_DecryptInit(s, &m, rsa), CKR_OK);
	IS(f->C_Decrypt(s, in, 256, out, NULL), CKR_ARGUMENTS_BAD);
	IS(f->C_CloseSession(s), CKR_OK);
}

/* What is not offered, with arguments that a stub must not look at. */
static void
check_stubs(void)
{
	CK_SESSION_HANDLE	 s = open_session(keys[0].slot);
	unsigned char		 byte;

	IS(f->C_InitToken(0, NULL, 9, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_CreateObject(s, NULL, 9, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_DestroyObject(s, 9999), CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_SetAttributeValue(s, 1, NULL, 9), CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_EncryptInit(s, NULL, 9), CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_DigestInit(s, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_SignRecoverInit(s, NULL, 9), CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_VerifyInit(s, NULL, 9), CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_GenerateKeyPair(s, NULL, NULL, 9, NULL, 9, NULL, NULL),
	    CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_WrapKey(s, NULL, 1, 1, NULL, NULL),
	    CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_DeriveKey(s, NULL, 1, NULL, 9, NULL),
	    CKR_FUNCTION_NOT_SUPPORTED);
	IS(f->C_GenerateRandom(s, &byte, 1), CKR_RANDOM_NO_RNG);
	IS(f->C_SeedRandom(s, NULL, 1), CKR_ARGUMENTS_BAD);
	IS(f->C_GetFunctionStatus(s), CKR_FUNCTION_NOT_PARALLEL);
	IS(f->C_CancelFunction(s), CKR_FUNCTION_NOT_PARALLEL);
	IS(f->C_CloseSession(s), CKR_OK);
}

/* Servers by address need no thread: the flag is no reason to refuse. */
static void
check_threads(void)
{
	CK_C_INITIALIZE_ARGS	 a;

	memset(&a, 0, sizeof(a));
	a.flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS | CKF_OS_LOCKING_OK;
	IS(f->C_Initialize(&a), CKR_OK);
	IS(sign_once(open_session(keys[0].slot), &keys[0], 1), CKR_OK);
	IS(f->C_Finalize(NULL), CKR_OK);
}

/* Before C_Initialize and after C_Finalize nothing works. */
static void
check_uninitialized(void)
{
	CK_SESSION_HANDLE	 s = 1;
	CK_ULONG		 n = 1;
	CK_INFO			 info;

	IS(f->C_Finalize(NULL), CKR_OK);
	IS(f->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	IS(f->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
	IS(f->C_GetSlotList(1, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	IS(f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &s),
	    CKR_CRYPTOKI_NOT_INITIALIZED);
	IS(f->C_Sign(s, NULL, 0, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	IS(f->C_GenerateRandom(s, NULL, 0), CKR_CRYPTOKI_NOT_INITIALIZED);
	IS(initialize(), CKR_OK);
	IS(f->C_CloseSession(s), CKR_SESSION_HANDLE_INVALID);
	IS(f->C_Finalize(NULL), CKR_OK);
}

int
args_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	check_general();
	check_slots();
	check_sessions();
	check_find();
	check_cancel();
	check_attributes();
	check_sign();
	check_decrypt();
	check_stubs();
	check_uninitialized();
	check_threads();
	printf("args checks=%u failures=%u\n", checks, failures);
	return (failures != 0);
}
