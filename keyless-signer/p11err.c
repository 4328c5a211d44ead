/* Signer of a token: what the module's return values mean. */
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "p11.h"

/* Added by PKCS#11 2.40 and 3.0, unknown to pkcs11-helper 1.29. */
static const struct {
	CK_RV		 rv;
	const char	*name;
} names[] = {
	{ 0x1b,		"CKR_ACTION_PROHIBITED" },
	{ 0x140,	"CKR_CURVE_NOT_SUPPORTED" },
	{ 0x1a4,	"CKR_NEW_PIN_MODE" },
	{ 0x1a5,	"CKR_NEXT_OTP" },
	{ 0x1b5,	"CKR_EXCEEDED_MAX_ITERATIONS" },
	{ 0x1b6,	"CKR_FIPS_SELF_TEST_FAILED" },
	{ 0x1b7,	"CKR_LIBRARY_LOAD_FAILED" },
	{ 0x1b8,	"CKR_PIN_TOO_WEAK" },
	{ 0x1b9,	"CKR_PUBLIC_KEY_INVALID" },
	{ 0x201,	"CKR_TOKEN_RESOURCE_EXCEEDED" },
	{ 0x202,	"CKR_OPERATION_CANCEL_FAILED" },
};

/*
 * After these the session, the login, the key's handle or the token is lost,
 * and so is every operation that follows.  Anything else concerns one request.
 */
static const CK_RV gone[] = {
	CKR_CRYPTOKI_NOT_INITIALIZED,
	CKR_DEVICE_ERROR,
	CKR_DEVICE_MEMORY,
	CKR_DEVICE_REMOVED,
	CKR_HOST_MEMORY,
	CKR_KEY_HANDLE_INVALID,
	CKR_OBJECT_HANDLE_INVALID,
	CKR_OPERATION_ACTIVE,
	CKR_OPERATION_NOT_INITIALIZED,
	CKR_SESSION_CLOSED,
	CKR_SESSION_HANDLE_INVALID,
	CKR_SLOT_ID_INVALID,
	CKR_TOKEN_NOT_PRESENT,
	CKR_TOKEN_NOT_RECOGNIZED,
	CKR_USER_NOT_LOGGED_IN,
};

static const struct {
	CK_RV		 rv;
	const char	*text;
} advice[] = {
	{ CKR_PIN_INCORRECT,
	    ": wrong PIN, not tried again; correct it before the next start" },
	{ CKR_PIN_INVALID, ": the token takes no PIN with such characters" },
	{ CKR_PIN_LEN_RANGE, ": the token takes no PIN of this length" },
	{ CKR_PIN_EXPIRED,
	    ": the PIN has expired; set a new one with the token's own tools" },
	{ CKR_PIN_LOCKED,
	    ": the PIN is locked; the security officer must set a new one" },
	{ CKR_USER_PIN_NOT_INITIALIZED,
	    ": no user PIN is set; set one with the token's own tools" },
	{ CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
	    ": somebody else is logged in through this module" },
	{ CKR_SESSION_COUNT,
	    ": the token has no session left; see max-sessions, signers" },
	{ CKR_TOKEN_NOT_PRESENT, ": the token has just been removed" },
};

const char *
p11_error(CK_RV rv)
{
	static char	 number[32];
	const char	*name;
	size_t		 i;

	for (i = 0; i < nitems(names); i++)
		if (names[i].rv == rv)
			return (names[i].name);
	name = pkcs11h_getMessage(rv);
	if (strncmp(name, "CKR_", 4) == 0)
		return (name);
	snprintf(number, sizeof(number), "CKR_0x%08lx", rv);
	return (number);
}

enum sign_status
p11_status(CK_RV rv)
{
	size_t	 i;

	if (rv == CKR_OK)
		return (SIGN_OK);
	for (i = 0; i < nitems(gone); i++)
		if (gone[i] == rv)
			return (SIGN_UNAVAILABLE);
	return (SIGN_REFUSED);
}

const char *
p11_login_advice(CK_RV rv)
{
	size_t	 i;

	for (i = 0; i < nitems(advice); i++)
		if (advice[i].rv == rv)
			return (advice[i].text);
	return ("");
}
