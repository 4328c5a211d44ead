/* In the host's process: the three symbols of keyless-pkcs11.so. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "module.h"
#include "version.h"

#define EXPORTED	__attribute__((visibility("default")))

EXPORTED CK_RV	C_GetFunctionList(CK_FUNCTION_LIST **);
EXPORTED CK_RV	C_GetInterfaceList(CK_INTERFACE *, CK_ULONG *);
EXPORTED CK_RV	C_GetInterface(unsigned char *, CK_VERSION *, CK_INTERFACE **,
		    CK_FLAGS);

/* In the order of the specification's list, which 3.0 has only added to. */
#define FUNCTIONS_2_40							\
	C_Initialize, C_Finalize, C_GetInfo, C_GetFunctionList,		\
	C_GetSlotList, C_GetSlotInfo, C_GetTokenInfo,			\
	C_GetMechanismList, C_GetMechanismInfo, C_InitToken, C_InitPIN,	\
	C_SetPIN, C_OpenSession, C_CloseSession, C_CloseAllSessions,	\
	C_GetSessionInfo, C_GetOperationState, C_SetOperationState,	\
	C_Login, C_Logout, C_CreateObject, C_CopyObject,		\
	C_DestroyObject, C_GetObjectSize, C_GetAttributeValue,		\
	C_SetAttributeValue, C_FindObjectsInit, C_FindObjects,		\
	C_FindObjectsFinal, C_EncryptInit, C_Encrypt, C_EncryptUpdate,	\
	C_EncryptFinal, C_DecryptInit, C_Decrypt, C_DecryptUpdate,	\
	C_DecryptFinal, C_DigestInit, C_Digest, C_DigestUpdate,		\
	C_DigestKey, C_DigestFinal, C_SignInit, C_Sign, C_SignUpdate,	\
	C_SignFinal, C_SignRecoverInit, C_SignRecover, C_VerifyInit,	\
	C_Verify, C_VerifyUpdate, C_VerifyFinal, C_VerifyRecoverInit,	\
	C_VerifyRecover, C_DigestEncryptUpdate, C_DecryptDigestUpdate,	\
	C_SignEncryptUpdate, C_DecryptVerifyUpdate, C_GenerateKey,	\
	C_GenerateKeyPair, C_WrapKey, C_UnwrapKey, C_DeriveKey,		\
	C_SeedRandom, C_GenerateRandom, C_GetFunctionStatus,		\
	C_CancelFunction, C_WaitForSlotEvent

#define FUNCTIONS_3_0							\
	C_GetInterfaceList, C_GetInterface, C_LoginUser,		\
	C_SessionCancel, C_MessageEncryptInit, C_EncryptMessage,	\
	C_EncryptMessageBegin, C_EncryptMessageNext,			\
	C_MessageEncryptFinal, C_MessageDecryptInit, C_DecryptMessage,	\
	C_DecryptMessageBegin, C_DecryptMessageNext,			\
	C_MessageDecryptFinal, C_MessageSignInit, C_SignMessage,	\
	C_SignMessageBegin, C_SignMessageNext, C_MessageSignFinal,	\
	C_MessageVerifyInit, C_VerifyMessage, C_VerifyMessageBegin,	\
	C_VerifyMessageNext, C_MessageVerifyFinal

static CK_FUNCTION_LIST list_2_40 = { { 2, 40 }, FUNCTIONS_2_40 };
static CK_FUNCTION_LIST_3_0 list_3_0 = {
	{ 3, 0 }, FUNCTIONS_2_40, FUNCTIONS_3_0
};

/*
 * The default first.  "Fork safe" would be that a child may go on without
 * C_Initialize of its own, which is not offered.
 */
static char		 name[] = "PKCS 11";
static CK_INTERFACE	 interfaces[] = {
	{ name, &list_3_0, 0 },
	{ name, &list_2_40, 0 },
};

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	if (list == NULL)
		return (CKR_ARGUMENTS_BAD);
	*list = &list_2_40;
	return (CKR_OK);
}

CK_RV
C_GetInterfaceList(CK_INTERFACE *list, CK_ULONG *count)
{
	CK_RV	 rv = CKR_OK;

	if (count == NULL)
		return (CKR_ARGUMENTS_BAD);
	if (list != NULL && *count < nitems(interfaces))
		rv = CKR_BUFFER_TOO_SMALL;
	else if (list != NULL)
		memcpy(list, interfaces, sizeof(interfaces));
	*count = nitems(interfaces);
	return (rv);
}

CK_RV
C_GetInterface(unsigned char *wanted, CK_VERSION *version,
    CK_INTERFACE **interface, CK_FLAGS flags)
{
	const CK_VERSION	*v;
	size_t			 i;

	if (interface == NULL)
		return (CKR_ARGUMENTS_BAD);
	if (wanted != NULL && strcmp((char *)wanted, name) != 0)
		return (CKR_FUNCTION_FAILED);
	for (i = 0; i < nitems(interfaces); i++) {
		/* Every function list begins with its version. */
		v = interfaces[i].pFunctionList;
		if (version != NULL && (version->major != v->major ||
		    version->minor != v->minor))
			continue;
		if ((interfaces[i].flags & flags) != flags)
			continue;
		*interface = &interfaces[i];
		return (CKR_OK);
	}
	return (CKR_FUNCTION_FAILED);
}

CK_RV
C_GetInfo(CK_INFO *info)
{
	char	*end;

	if (module_enter() == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	module_leave();
	if (info == NULL)
		return (CKR_ARGUMENTS_BAD);
	memset(info, 0, sizeof(*info));
	info->cryptokiVersion = list_2_40.version;
	slot_text(info->manufacturerID, sizeof(info->manufacturerID),
	    "keylessd");
	slot_text(info->libraryDescription, sizeof(info->libraryDescription),
	    "keyless-pkcs11");
	info->libraryVersion.major =
	    (unsigned char)strtoul(KEYLESSD_VERSION, &end, 10);
	if (*end == '.')
		info->libraryVersion.minor =
		    (unsigned char)strtoul(end + 1, NULL, 10);
	return (CKR_OK);
}
