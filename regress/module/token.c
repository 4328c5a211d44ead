/* Test module: the library, slots, the token, sessions, logins. */
#include <stdlib.h>
#include <string.h>

#include "quirk.h"

#define MECHANISMS_MAX	512

/* States of the PIN: what the token's flags say and what a login gets. */
static const struct pin_state {
	const char	*word;
	CK_FLAGS	 set;
	CK_FLAGS	 clear;
	CK_RV		 login;		/* CKR_OK: goes on as usual */
} pin_states[] = {
	{ "count-low",	CKF_USER_PIN_COUNT_LOW,		0, CKR_OK },
	{ "final-try",	CKF_USER_PIN_FINAL_TRY,		0, CKR_OK },
	{ "locked",	CKF_USER_PIN_LOCKED,		0, CKR_PIN_LOCKED },
	{ "expired",	CKF_USER_PIN_TO_BE_CHANGED,	0, CKR_PIN_EXPIRED },
	{ "change",	CKF_USER_PIN_TO_BE_CHANGED,	0, CKR_OK },
	{ "not-initialised", 0, CKF_USER_PIN_INITIALIZED,
	    CKR_USER_PIN_NOT_INITIALIZED },
};

static const struct pin_state *
pin_state(void)
{
	size_t	 i;

	for (i = 0; i < nitems(pin_states); i++)
		if (quirk_is("pin", pin_states[i].word))
			return (&pin_states[i]);
	return (NULL);
}

CK_RV
quirk_Initialize(void *args)
{
	CK_RV	 rv;

	rv = quirk_enter("C_Initialize", ON_MODULE, 0, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	rv = real->C_Initialize(args);
	quirk_log("C_Initialize %s", error_name(rv));
	if (rv == CKR_OK)
		state_start();
	return (rv);
}

CK_RV
quirk_Finalize(void *reserved)
{
	CK_RV	 rv;

	rv = quirk_enter("C_Finalize", ON_MODULE, 0, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	rv = real->C_Finalize(reserved);
	quirk_log("C_Finalize %s", error_name(rv));
	state_end();
	return (rv);
}

CK_RV
quirk_GetInfo(CK_INFO *info)
{
	CK_RV	 rv;

	rv = quirk_enter("C_GetInfo", ON_SLOTS, 0, NULL, 0);
	return (rv != CKR_OK ? rv : real->C_GetInfo(info));
}

CK_RV
quirk_GetSlotList(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *n)
{
	CK_RV	 rv;

	rv = quirk_enter("C_GetSlotList", ON_SLOTS, 0, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	if (present && quirk_find("token-absent") != NULL) {
		*n = 0;
		return (CKR_OK);
	}
	return (real->C_GetSlotList(present, slots, n));
}

CK_RV
quirk_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	CK_RV	 rv;

	rv = quirk_enter("C_GetSlotInfo", ON_SLOTS, 0, NULL, 0);
	if (rv != CKR_OK || (rv = real->C_GetSlotInfo(slot, info)) != CKR_OK)
		return (rv);
	if (quirk_find("token-absent") != NULL)
		info->flags &= ~CKF_TOKEN_PRESENT;
	return (rv);
}

/* The blanks that pad a text become NULs. */
static void
pad_nul(CK_UTF8CHAR *text, size_t len)
{
	while (len > 0 && text[len - 1] == ' ')
		text[--len] = '\0';
}

/* "none": CK_UNAVAILABLE_INFORMATION; 0: CK_EFFECTIVELY_INFINITE. */
static void
set_count(const char *name, CK_ULONG *count)
{
	if (quirk_is(name, "none"))
		*count = ~(CK_ULONG)0;
	else
		*count = quirk_number(name, *count);
}

static void
change_token_info(CK_TOKEN_INFO *info)
{
	const struct pin_state	*pin = pin_state();

	if (pin != NULL) {
		info->flags |= pin->set;
		info->flags &= ~pin->clear;
	}
	info->ulSessionCount = info->ulRwSessionCount = session_count();
	set_count("max-sessions", &info->ulMaxSessionCount);
	set_count("max-sessions", &info->ulMaxRwSessionCount);
	set_count("sessions", &info->ulSessionCount);
	set_count("sessions", &info->ulRwSessionCount);
	if (quirk_find("nul-texts") == NULL)
		return;
	pad_nul(info->label, sizeof(info->label));
	pad_nul(info->manufacturerID, sizeof(info->manufacturerID));
	pad_nul(info->model, sizeof(info->model));
	pad_nul(info->serialNumber, sizeof(info->serialNumber));
}

CK_RV
quirk_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV	 rv;

	rv = quirk_enter("C_GetTokenInfo", ON_TOKEN, 0, NULL, 0);
	if (rv != CKR_OK || (rv = real->C_GetTokenInfo(slot, info)) != CKR_OK)
		return (rv);
	change_token_info(info);
	return (CKR_OK);
}

int
token_lacks(CK_MECHANISM_TYPE type)
{
	const struct quirk	*q = NULL;

	while ((q = quirk_next(q, "no-mechanism")) != NULL)
		if (name_mechanism(q->value) == type)
			return (1);
	return (0);
}

CK_RV
quirk_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *n)
{
	CK_MECHANISM_TYPE	 all[MECHANISMS_MAX];
	CK_ULONG		 i, count = nitems(all), size = *n, left = 0;
	CK_RV			 rv;

	rv = quirk_enter("C_GetMechanismList", ON_TOKEN, 0, NULL, 0);
	if (rv != CKR_OK ||
	    (rv = real->C_GetMechanismList(slot, all, &count)) != CKR_OK)
		return (rv);
	for (i = 0; i < count; i++)
		if (!token_lacks(all[i]))
			all[left++] = all[i];
	*n = left;
	if (list == NULL)
		return (CKR_OK);
	if (size < left)
		return (CKR_BUFFER_TOO_SMALL);
	memcpy(list, all, left * sizeof(*list));
	return (CKR_OK);
}

CK_RV
quirk_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
    CK_MECHANISM_INFO *info)
{
	CK_RV	 rv;

	rv = quirk_enter("C_GetMechanismInfo", ON_TOKEN, 0, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	if (token_lacks(type))
		return (CKR_MECHANISM_INVALID);
	if ((rv = real->C_GetMechanismInfo(slot, type, info)) != CKR_OK)
		return (rv);
	set_count("key-sizes", &info->ulMinKeySize);
	set_count("key-sizes", &info->ulMaxKeySize);
	return (CKR_OK);
}

static CK_RV
open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify,
    CK_SESSION_HANDLE *session)
{
	const struct quirk	*q = quirk_find("rw-only");
	size_t			 place;
	CK_RV			 rv;

	if (q != NULL && !(flags & CKF_RW_SESSION))
		return (*q->value != '\0' ? name_error(q->value) :
		    CKR_SESSION_READ_ONLY);
	if ((rv = session_reserve(&place)) != CKR_OK)
		return (rv);
	rv = real->C_OpenSession(slot, flags, app, notify, session);
	if (rv == CKR_OK)
		session_add(place, *session, slot);
	else
		session_release(place);
	return (rv);
}

CK_RV
quirk_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *app,
    CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
	CK_RV	 rv;

	rv = quirk_enter("C_OpenSession", ON_TOKEN, 0, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	rv = open_session(slot, flags, app, notify, session);
	quirk_log("C_OpenSession %s", error_name(rv));
	return (rv);
}

CK_RV
quirk_CloseSession(CK_SESSION_HANDLE session)
{
	CK_RV	 rv;

	rv = quirk_enter("C_CloseSession", ON_SESSION, session, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	rv = real->C_CloseSession(session);
	quirk_log("C_CloseSession %s", error_name(rv));
	if (rv == CKR_OK)
		session_remove(session);
	return (rv);
}

CK_RV
quirk_CloseAllSessions(CK_SLOT_ID slot)
{
	CK_RV	 rv;

	rv = quirk_enter("C_CloseAllSessions", ON_TOKEN, 0, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	rv = real->C_CloseAllSessions(slot);
	quirk_log("C_CloseAllSessions %s", error_name(rv));
	session_remove_all(slot);
	return (rv);
}

CK_RV
quirk_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
	CK_RV	 rv;

	rv = quirk_enter("C_GetSessionInfo", ON_SESSION, session, NULL, 0);
	return (rv != CKR_OK ? rv : real->C_GetSessionInfo(session, info));
}

/* The login that an always-authenticate key asks for. */
static CK_RV
login_context(CK_UTF8CHAR *pin, CK_ULONG len)
{
	if (!state_same_pin(pin, len))
		return (CKR_PIN_INCORRECT);
	sign_context_login();
	return (CKR_OK);
}

static CK_RV
login_user(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
    CK_ULONG len)
{
	const struct pin_state	*bad = pin_state();
	CK_RV			 rv;

	if (quirk_number("user-type", CKU_USER) != user)
		return (CKR_USER_TYPE_INVALID);
	if (bad != NULL && bad->login != CKR_OK)
		return (bad->login);
	if ((rv = real->C_Login(session, CKU_USER, pin, len)) != CKR_OK)
		return (rv);
	state_login(pin, len);
	return (quirk_find("already-logged-in") != NULL ?
	    CKR_USER_ALREADY_LOGGED_IN : CKR_OK);
}

CK_RV
quirk_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
    CK_ULONG len)
{
	CK_RV	 rv;

	rv = quirk_enter("C_Login", ON_SESSION, session, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	if (user == CKU_CONTEXT_SPECIFIC &&
	    quirk_find("always-authenticate") != NULL)
		rv = login_context(pin, len);
	else if (user == CKU_SO || user == CKU_CONTEXT_SPECIFIC)
		rv = real->C_Login(session, user, pin, len);
	else
		rv = login_user(session, user, pin, len);
	quirk_log("C_Login %s user=0x%lx", error_name(rv), user);
	return (rv);
}

CK_RV
quirk_Logout(CK_SESSION_HANDLE session)
{
	CK_RV	 rv;

	rv = quirk_enter("C_Logout", ON_SESSION, session, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	rv = real->C_Logout(session);
	quirk_log("C_Logout %s", error_name(rv));
	if (rv == CKR_OK)
		state_login(NULL, 0);
	return (rv);
}
