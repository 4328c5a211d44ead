/* Test module: constants of PKCS#11 by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quirk.h"

struct name {
	const char	*name;
	CK_ULONG	 value;
};

#define N(constant)	{ #constant, constant }

static const struct name errors[] = {
	N(CKR_OK), N(CKR_CANCEL), N(CKR_HOST_MEMORY), N(CKR_SLOT_ID_INVALID),
	N(CKR_GENERAL_ERROR), N(CKR_FUNCTION_FAILED), N(CKR_ARGUMENTS_BAD),
	N(CKR_NEED_TO_CREATE_THREADS), N(CKR_CANT_LOCK),
	N(CKR_ATTRIBUTE_SENSITIVE), N(CKR_ATTRIBUTE_TYPE_INVALID),
	N(CKR_DATA_INVALID), N(CKR_DATA_LEN_RANGE), N(CKR_DEVICE_ERROR),
	N(CKR_DEVICE_MEMORY), N(CKR_DEVICE_REMOVED),
	N(CKR_ENCRYPTED_DATA_INVALID), N(CKR_ENCRYPTED_DATA_LEN_RANGE),
	N(CKR_FUNCTION_CANCELED), N(CKR_FUNCTION_NOT_SUPPORTED),
	N(CKR_KEY_HANDLE_INVALID), N(CKR_KEY_TYPE_INCONSISTENT),
	N(CKR_KEY_FUNCTION_NOT_PERMITTED), N(CKR_MECHANISM_INVALID),
	N(CKR_MECHANISM_PARAM_INVALID), N(CKR_OBJECT_HANDLE_INVALID),
	N(CKR_OPERATION_ACTIVE), N(CKR_OPERATION_NOT_INITIALIZED),
	N(CKR_PIN_INCORRECT), N(CKR_PIN_INVALID), N(CKR_PIN_LEN_RANGE),
	N(CKR_PIN_EXPIRED), N(CKR_PIN_LOCKED), N(CKR_SESSION_CLOSED),
	N(CKR_SESSION_COUNT), N(CKR_SESSION_HANDLE_INVALID),
	N(CKR_SESSION_READ_ONLY), N(CKR_SESSION_EXISTS),
	N(CKR_SIGNATURE_LEN_RANGE), N(CKR_TOKEN_NOT_PRESENT),
	N(CKR_TOKEN_NOT_RECOGNIZED), N(CKR_TOKEN_WRITE_PROTECTED),
	N(CKR_USER_ALREADY_LOGGED_IN), N(CKR_USER_NOT_LOGGED_IN),
	N(CKR_USER_PIN_NOT_INITIALIZED), N(CKR_USER_TYPE_INVALID),
	N(CKR_USER_ANOTHER_ALREADY_LOGGED_IN), N(CKR_USER_TOO_MANY_TYPES),
	N(CKR_BUFFER_TOO_SMALL), N(CKR_CRYPTOKI_NOT_INITIALIZED),
	N(CKR_CRYPTOKI_ALREADY_INITIALIZED), N(CKR_FUNCTION_REJECTED),
	N(CKR_VENDOR_DEFINED),
};

static const struct name attributes[] = {
	N(CKA_CLASS), N(CKA_TOKEN), N(CKA_PRIVATE), N(CKA_LABEL), N(CKA_VALUE),
	N(CKA_KEY_TYPE), N(CKA_SUBJECT), N(CKA_ID), N(CKA_SENSITIVE),
	N(CKA_ENCRYPT), N(CKA_DECRYPT), N(CKA_SIGN), N(CKA_VERIFY),
	N(CKA_MODULUS), N(CKA_MODULUS_BITS), N(CKA_PUBLIC_EXPONENT),
	N(CKA_EC_PARAMS), N(CKA_EC_POINT), N(CKA_ALWAYS_AUTHENTICATE),
	{ "CKA_PUBLIC_KEY_INFO", 0x129 },
};

static const struct name mechanisms[] = {
	N(CKM_RSA_PKCS), N(CKM_RSA_X_509), N(CKM_RSA_PKCS_PSS), N(CKM_ECDSA),
	N(CKM_EDDSA), N(CKM_SHA256_RSA_PKCS), N(CKM_SHA256_RSA_PKCS_PSS),
};

/* A test with a misspelt name would test nothing. */
static CK_ULONG
find(const struct name *names, size_t n, const char *text)
{
	char		*end;
	CK_ULONG	 value = strtoul(text, &end, 0);
	size_t		 i;

	if (*text != '\0' && *end == '\0')
		return (value);
	for (i = 0; i < n; i++)
		if (strcmp(names[i].name, text) == 0)
			return (names[i].value);
	quirk_log("unknown name %s", text);
	abort();
}

CK_RV
name_error(const char *text)
{
	return (find(errors, nitems(errors), text));
}

CK_ULONG
name_attribute(const char *text)
{
	return (find(attributes, nitems(attributes), text));
}

CK_ULONG
name_mechanism(const char *text)
{
	return (find(mechanisms, nitems(mechanisms), text));
}

const char *
error_name(CK_RV rv)
{
	static char	 number[32];
	size_t		 i;

	for (i = 0; i < nitems(errors); i++)
		if (errors[i].value == rv)
			return (errors[i].name);
	snprintf(number, sizeof(number), "CKR_0x%lx", rv);
	return (number);
}
