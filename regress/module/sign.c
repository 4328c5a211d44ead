/* Test module: signing and decrypting. */
#include <string.h>

#include "quirk.h"

#define ATTEMPTS	200000		/* for a signature of a certain form */

/* The operation that was begun last. */
static struct {
	CK_MECHANISM		 mechanism;	/* without its parameter */
	CK_OBJECT_HANDLE	 key;		/* the module's handle */
	int			 permitted;	/* the PIN was given for it */
} op;

void
sign_context_login(void)
{
	op.permitted = 1;
}

static CK_RV
begin(const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE ours)
{
	memset(&op, 0, sizeof(op));
	if (object_real(ours, &op.key) != CKR_OK)
		return (CKR_KEY_HANDLE_INVALID);
	if (token_lacks(mechanism->mechanism))
		return (CKR_MECHANISM_INVALID);
	op.mechanism.mechanism = mechanism->mechanism;
	return (CKR_OK);
}

/*
 * What comes before the second part of an operation.  An always-authenticate
 * key wants a login of its own by now.
 */
static CK_RV
enter(const char *function, CK_SESSION_HANDLE session, const CK_BYTE *in,
    CK_ULONG inlen)
{
	CK_RV	 rv;
	int	 permitted = op.permitted;

	op.permitted = 0;
	rv = quirk_enter(function, ON_LOGIN, session, in, inlen);
	if (rv == CKR_OK && !permitted &&
	    quirk_find("always-authenticate") != NULL)
		rv = CKR_USER_NOT_LOGGED_IN;
	return (rv);
}

/* Any error ends an operation but this one: PKCS#11 2.40 section 5.2. */
static CK_RV
sign_fails(CK_SESSION_HANDLE session, CK_RV rv)
{
	CK_BYTE		 nothing = 0, scrap[2048];
	CK_ULONG	 len = sizeof(scrap);

	if (rv != CKR_BUFFER_TOO_SMALL)
		real->C_Sign(session, &nothing, 1, scrap, &len);
	return (rv);
}

static CK_RV
decrypt_fails(CK_SESSION_HANDLE session, CK_RV rv)
{
	CK_BYTE		 nothing = 0, scrap[2048];
	CK_ULONG	 len = sizeof(scrap);

	if (rv != CKR_BUFFER_TOO_SMALL)
		real->C_Decrypt(session, &nothing, 1, scrap, &len);
	return (rv);
}

CK_RV
quirk_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key)
{
	CK_RV	 rv;

	rv = quirk_enter("C_SignInit", ON_LOGIN, session, NULL, 0);
	if (rv != CKR_OK || (rv = begin(mechanism, key)) != CKR_OK)
		return (rv);
	return (real->C_SignInit(session, mechanism, op.key));
}

CK_RV
quirk_DecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key)
{
	CK_RV	 rv;

	rv = quirk_enter("C_DecryptInit", ON_LOGIN, session, NULL, 0);
	if (rv != CKR_OK || (rv = begin(mechanism, key)) != CKR_OK)
		return (rv);
	return (real->C_DecryptInit(session, mechanism, op.key));
}

/* Whether r and s begin with zeros as the value asks for. */
static int
has_zeros(const CK_BYTE *signature, CK_ULONG len, const char *value)
{
	int	 r = signature[0] == 0, s = signature[len / 2] == 0;

	if (strcmp(value, "zero-r") == 0 || strcmp(value, "strip-r") == 0)
		return (r);
	if (strcmp(value, "zero-s") == 0 || strcmp(value, "strip-s") == 0)
		return (s);
	return (r && s);	/* "short" */
}

static void
drop_byte(CK_BYTE *signature, CK_ULONG at, CK_ULONG *len)
{
	memmove(signature + at, signature + at + 1, *len - at - 1);
	(*len)--;
}

/* Sign again until the signature is one whose halves begin with zeros. */
static CK_RV
sign_until(CK_SESSION_HANDLE session, const char *value, CK_BYTE *in,
    CK_ULONG inlen, CK_BYTE *out, CK_ULONG *outlen)
{
	CK_ULONG	 size = *outlen;
	CK_RV		 rv;
	int		 i;

	for (i = 0; i < ATTEMPTS; i++) {
		*outlen = size;
		rv = real->C_Sign(session, in, inlen, out, outlen);
		if (rv != CKR_OK || has_zeros(out, *outlen, value))
			return (rv);
		rv = real->C_SignInit(session, &op.mechanism, op.key);
		if (rv != CKR_OK)
			return (rv);
	}
	return (CKR_FUNCTION_FAILED);
}

static CK_RV
sign_ecdsa(CK_SESSION_HANDLE session, const char *value, CK_BYTE *in,
    CK_ULONG inlen, CK_BYTE *out, CK_ULONG *outlen)
{
	CK_ULONG	 half;
	CK_RV		 rv;

	rv = sign_until(session, value, in, inlen, out, outlen);
	if (rv != CKR_OK)
		return (rv);
	half = *outlen / 2;
	if (strcmp(value, "strip-s") == 0 || strcmp(value, "short") == 0)
		drop_byte(out, half, outlen);
	if (strcmp(value, "strip-r") == 0 || strcmp(value, "short") == 0)
		drop_byte(out, 0, outlen);
	return (CKR_OK);
}

/* "rsa=strip": results without the zeros they begin with. */
static void
strip(CK_BYTE *out, CK_ULONG *len)
{
	if (!quirk_is("rsa", "strip") || out == NULL ||
	    op.mechanism.mechanism == CKM_ECDSA ||
	    op.mechanism.mechanism == CKM_EDDSA)
		return;
	while (*len > 1 && out[0] == 0)
		drop_byte(out, 0, len);
}

CK_RV
quirk_Sign(CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG inlen,
    CK_BYTE *out, CK_ULONG *outlen)
{
	const struct quirk	*q;
	CK_RV			 rv;

	if ((rv = enter("C_Sign", session, in, inlen)) != CKR_OK)
		return (sign_fails(session, rv));
	q = quirk_find("ecdsa");
	if (q != NULL && op.mechanism.mechanism == CKM_ECDSA && out != NULL)
		return (sign_ecdsa(session, q->value, in, inlen, out, outlen));
	if ((rv = real->C_Sign(session, in, inlen, out, outlen)) == CKR_OK)
		strip(out, outlen);
	return (rv);
}

CK_RV
quirk_Decrypt(CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG inlen,
    CK_BYTE *out, CK_ULONG *outlen)
{
	CK_RV	 rv;

	if ((rv = enter("C_Decrypt", session, in, inlen)) != CKR_OK)
		return (decrypt_fails(session, rv));
	if ((rv = real->C_Decrypt(session, in, inlen, out, outlen)) == CKR_OK)
		strip(out, outlen);
	return (rv);
}
