/* Test module: the function table, and the module behind it. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quirk.h"

#define REAL_MODULE	"/usr/lib/softhsm/libsofthsm2.so"

CK_FUNCTION_LIST	*real;

static CK_FUNCTION_LIST	 table;

/* While the caller may still be root: later its file may be out of reach. */
static CK_RV
load_real(void)
{
	CK_C_GetFunctionList	 get = NULL;
	const char		*path = getenv("QUIRK_MODULE");
	void			*handle, *address;

	if (path == NULL)
		path = REAL_MODULE;
	if ((handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL ||
	    (address = dlsym(handle, "C_GetFunctionList")) == NULL) {
		fprintf(stderr, "quirk.so: %s\n", dlerror());
		return (CKR_GENERAL_ERROR);
	}
	memcpy(&get, &address, sizeof(get));
	return (get(&real));
}

static void
fill_table(void)
{
	table = *real;
	table.C_Initialize = quirk_Initialize;
	table.C_Finalize = quirk_Finalize;
	table.C_GetFunctionList = C_GetFunctionList;
	table.C_GetInfo = quirk_GetInfo;
	table.C_GetSlotList = quirk_GetSlotList;
	table.C_GetSlotInfo = quirk_GetSlotInfo;
	table.C_GetTokenInfo = quirk_GetTokenInfo;
	table.C_GetMechanismList = quirk_GetMechanismList;
	table.C_GetMechanismInfo = quirk_GetMechanismInfo;
	table.C_OpenSession = quirk_OpenSession;
	table.C_CloseSession = quirk_CloseSession;
	table.C_CloseAllSessions = quirk_CloseAllSessions;
	table.C_GetSessionInfo = quirk_GetSessionInfo;
	table.C_Login = quirk_Login;
	table.C_Logout = quirk_Logout;
	table.C_GetAttributeValue = quirk_GetAttributeValue;
	table.C_FindObjectsInit = quirk_FindObjectsInit;
	table.C_FindObjects = quirk_FindObjects;
	table.C_FindObjectsFinal = quirk_FindObjectsFinal;
	table.C_SignInit = quirk_SignInit;
	table.C_Sign = quirk_Sign;
	table.C_DecryptInit = quirk_DecryptInit;
	table.C_Decrypt = quirk_Decrypt;
}

__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	CK_RV	 rv;

	if (list == NULL)
		return (CKR_ARGUMENTS_BAD);
	if (real == NULL) {
		if ((rv = load_real()) != CKR_OK)
			return (rv);
		fill_table();
	}
	*list = &table;
	return (CKR_OK);
}
