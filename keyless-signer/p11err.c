/* Signer of a token: what the module's return values mean. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "p11.h"

/*
 * What is not in this table concerns one request only.  Names are those that
 * pkcs11-helper 1.29 does not know.
 */
static const struct {
	CK_RV		 rv;
	enum p11_class	 class;
	const char	*name;
} errors[] = {
	{ CKR_SESSION_CLOSED,		P11_SESSION, NULL },
	{ CKR_SESSION_HANDLE_INVALID,	P11_SESSION, NULL },
	{ CKR_USER_NOT_LOGGED_IN,	P11_SESSION, NULL },
	{ CKR_OPERATION_ACTIVE,		P11_SESSION, NULL },
	{ CKR_OPERATION_NOT_INITIALIZED, P11_SESSION, NULL },
	{ 0x202, P11_SESSION,		"CKR_OPERATION_CANCEL_FAILED" },

	{ CKR_KEY_HANDLE_INVALID,	P11_OBJECT, NULL },
	{ CKR_OBJECT_HANDLE_INVALID,	P11_OBJECT, NULL },

	{ CKR_GENERAL_ERROR,		P11_SUSPECT, NULL },
	{ CKR_FUNCTION_FAILED,		P11_SUSPECT, NULL },
	{ CKR_HOST_MEMORY,		P11_SUSPECT, NULL },
	{ CKR_DEVICE_ERROR,		P11_SUSPECT, NULL },
	{ CKR_DEVICE_MEMORY,		P11_SUSPECT, NULL },
	{ 0x201, P11_SUSPECT,		"CKR_TOKEN_RESOURCE_EXCEEDED" },

	{ CKR_PIN_INCORRECT,		P11_PIN, NULL },
	{ CKR_PIN_INVALID,		P11_PIN, NULL },
	{ CKR_PIN_LEN_RANGE,		P11_PIN, NULL },
	{ CKR_PIN_EXPIRED,		P11_PIN, NULL },
	{ CKR_PIN_LOCKED,		P11_PIN, NULL },
	{ CKR_USER_PIN_NOT_INITIALIZED,	P11_PIN, NULL },
	{ 0x1a4, P11_PIN,		"CKR_NEW_PIN_MODE" },
	{ 0x1a5, P11_PIN,		"CKR_NEXT_OTP" },
	{ 0x1b8, P11_PIN,		"CKR_PIN_TOO_WEAK" },

	{ CKR_SLOT_ID_INVALID,		P11_PROCESS, NULL },
	{ CKR_DEVICE_REMOVED,		P11_PROCESS, NULL },
	{ CKR_TOKEN_NOT_PRESENT,	P11_PROCESS, NULL },
	{ CKR_TOKEN_NOT_RECOGNIZED,	P11_PROCESS, NULL },
	{ CKR_CRYPTOKI_NOT_INITIALIZED,	P11_PROCESS, NULL },
	{ CKR_MUTEX_BAD,		P11_PROCESS, NULL },
	{ CKR_MUTEX_NOT_LOCKED,		P11_PROCESS, NULL },
	{ 0x1b6, P11_PROCESS,		"CKR_FIPS_SELF_TEST_FAILED" },
	{ 0x1b7, P11_PROCESS,		"CKR_LIBRARY_LOAD_FAILED" },

	{ 0x1b, P11_REQUEST,		"CKR_ACTION_PROHIBITED" },
	{ 0x140, P11_REQUEST,		"CKR_CURVE_NOT_SUPPORTED" },
	{ 0x1b5, P11_REQUEST,		"CKR_EXCEEDED_MAX_ITERATIONS" },
	{ 0x1b9, P11_REQUEST,		"CKR_PUBLIC_KEY_INVALID" },
};

static const struct {
	CK_RV		 rv;
	const char	*text;
} advice[] = {
	{ CKR_PIN_INCORRECT,
	    ": wrong PIN, not tried again; correct it and reload" },
	{ CKR_PIN_INVALID, ": the token takes no PIN with such characters" },
	{ CKR_PIN_LEN_RANGE, ": the token takes no PIN of this length" },
	{ CKR_PIN_EXPIRED,
	    ": the PIN has expired; set a new one with the token's own tools" },
	{ CKR_PIN_LOCKED,
	    ": the PIN is locked; the security officer must set a new one" },
	{ CKR_USER_PIN_NOT_INITIALIZED,
	    ": no user PIN is set; set one with the token's own tools" },
	{ CKR_USER_TYPE_INVALID,
	    ": the token has no user of this type; see user_type" },
	{ CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
	    ": somebody else is logged in through this module" },
	{ CKR_FUNCTION_CANCELED,
	    ": nobody entered a PIN at the token's own keypad" },
	{ CKR_SESSION_COUNT,
	    ": the token has no session left; see max-sessions, signers" },
	{ CKR_TOKEN_NOT_PRESENT, ": the token has just been removed" },
	{ CKR_TOKEN_NOT_RECOGNIZED,
	    ": the token is not initialised or not of the module's kind" },
	{ CKR_MECHANISM_INVALID,
	    ": the token lists this mechanism, but its firmware or policy "
	    "(FIPS mode?) refuses it for this key" },
	{ CKR_MECHANISM_PARAM_INVALID,
	    ": the token's firmware refuses this hash or salt length" },
	{ CKR_KEY_SIZE_RANGE,
	    ": the token's policy refuses keys of this size" },
	{ CKR_KEY_FUNCTION_NOT_PERMITTED,
	    ": the key was made without permission for this operation" },
};

enum p11_class
p11_class(CK_RV rv)
{
	size_t	 i;

	for (i = 0; i < nitems(errors); i++)
		if (errors[i].rv == rv)
			return (errors[i].class);
	return (P11_REQUEST);
}

const char *
p11_error(CK_RV rv)
{
	static char	 number[32];
	const char	*name;
	size_t		 i;

	for (i = 0; i < nitems(errors); i++)
		if (errors[i].rv == rv && errors[i].name != NULL)
			return (errors[i].name);
	name = pkcs11h_getMessage(rv);
	if (strncmp(name, "CKR_", 4) == 0)
		return (name);
	snprintf(number, sizeof(number), "CKR_0x%08lx", rv);
	return (number);
}

const char *
p11_advice(CK_RV rv)
{
	size_t	 i;

	for (i = 0; i < nitems(advice); i++)
		if (advice[i].rv == rv)
			return (advice[i].text);
	return ("");
}

static int
fill(struct msg_failure *f, int permanent, const char *fmt, va_list ap)
{
	memset(f, 0, sizeof(*f));
	f->permanent = permanent != 0;
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	return (-1);
}

int
p11_fail(struct msg_failure *f, const char *fmt, ...)
{
	va_list	 ap;
	int	 status;

	va_start(ap, fmt);
	status = fill(f, 0, fmt, ap);
	va_end(ap);
	return (status);
}

int
p11_fail_for_good(struct msg_failure *f, const char *fmt, ...)
{
	va_list	 ap;
	int	 status;

	va_start(ap, fmt);
	status = fill(f, 1, fmt, ap);
	va_end(ap);
	return (status);
}
