/*
 * In the host's process: logins, which mean nothing.  The certificate of
 * auth_cert is what the key servers look at; programs that log in to any token
 * are told that they are.
 */
#include "compat.h"
#include "module.h"

/* PKCS#11 2.40 section 5.6, C_Login.  Any PIN is right, and none is. */
static CK_RV
log_in(struct module *m, struct session *s, CK_USER_TYPE user,
    const unsigned char *pin, CK_ULONG pin_len)
{
	CK_RV	 rv = CKR_OK;

	if (pin == NULL && pin_len != 0)
		return (CKR_ARGUMENTS_BAD);
	/* No key asks for a login of its own. */
	if (user == CKU_CONTEXT_SPECIFIC)
		return (CKR_OPERATION_NOT_INITIALIZED);
	if (user != CKU_USER)
		return (CKR_USER_TYPE_INVALID);
	pthread_mutex_lock(&m->lock);
	if (s->closed)
		rv = CKR_SESSION_CLOSED;
	else if (s->slot->logged_in)
		rv = CKR_USER_ALREADY_LOGGED_IN;
	else
		s->slot->logged_in = 1;
	pthread_mutex_unlock(&m->lock);
	return (rv);
}

CK_RV
C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char *pin,
    CK_ULONG pin_len)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	rv = log_in(m, s, user, pin, pin_len);
	session_leave(m, s);
	return (rv);
}

CK_RV
C_LoginUser(CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char *pin,
    CK_ULONG pin_len, unsigned char *name, CK_ULONG name_len)
{
	if (name == NULL && name_len != 0)
		return (CKR_ARGUMENTS_BAD);
	return (C_Login(handle, user, pin, pin_len));
}

CK_RV
C_Logout(CK_SESSION_HANDLE handle)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	pthread_mutex_lock(&m->lock);
	if (!s->slot->logged_in)
		rv = CKR_USER_NOT_LOGGED_IN;
	s->slot->logged_in = 0;
	pthread_mutex_unlock(&m->lock);
	session_leave(m, s);
	return (rv);
}
