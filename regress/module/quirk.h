/*
 * quirk.so: a PKCS#11 module for tests.  It hands every call on to SoftHSM and
 * misbehaves as the lines of a control file say, which is read again at each
 * call.  See README for these lines.
 *
 * Environment: QUIRK_CONTROL, the control file; QUIRK_LOG, to which a line is
 * appended for each call of interest; QUIRK_MODULE, the module to call.
 */
#ifndef QUIRK_H
#define QUIRK_H

#include <pkcs11-helper-1.0/pkcs11.h>

#include <stddef.h>
#include <stdint.h>

#define nitems(array)	(sizeof(array) / sizeof((array)[0]))

/* A line of the control file.  Texts are valid until the next call. */
struct quirk {
	const char	*name;		/* of a quirk or a function */
	const char	*value;		/* after the '='; empty: none */
	const char	*data;		/* hex that the input must contain */
	const char	*error;		/* CKR_* */
	unsigned long	 number;	/* of milliseconds, of an exit */
	long		 pid;		/* for this process only; 0: for all */
	long		 budget;	/* offset of "once" or a count; -1 */
	size_t		 budget_len;
};

/* What a function works on, hence which states of the token it notices. */
enum scope {
	ON_MODULE,		/* works without C_Initialize */
	ON_SLOTS,		/* the module as such */
	ON_TOKEN,
	ON_SESSION,
	ON_LOGIN		/* a session whose user is logged in */
};

/* control.c: control file and log */
void		 control_read(void);
/* The first line about name, or NULL. */
const struct quirk *quirk_find(const char *name);
/* The next one about the same; NULL starts. */
const struct quirk *quirk_next(const struct quirk *, const char *name);
/* Its value as a number, or unset when there is no such line. */
unsigned long	 quirk_number(const char *name, unsigned long unset);
/* Whether it has that value. */
int		 quirk_is(const char *name, const char *value);
/* Use a quirk up by one: 0 when it is not, or no longer, to be applied. */
int		 quirk_spend(const struct quirk *);
void		 quirk_log(const char *, ...)
		    __attribute__((format(printf, 1, 2)));
/* The log's descriptor, which stays open for good; -1: none. */
int		 quirk_log_fd(void);
/* Hexadecimal to at most size bytes; how many there were. */
size_t		 hex_decode(const char *, uint8_t *, size_t size);

/* names.c: constants of PKCS#11 by name or number */
CK_RV		 name_error(const char *);
CK_ULONG	 name_attribute(const char *);
CK_ULONG	 name_mechanism(const char *);
/* Valid until the next call. */
const char	*error_name(CK_RV);

/* state.c: what comes before each call */

/*
 * Do to this call what the control file says: hang, crash, or return an error
 * that the caller must return.
 */
CK_RV		 quirk_enter(const char *function, enum scope,
		    CK_SESSION_HANDLE, const CK_BYTE *, CK_ULONG);

/* Events have happened if their number in the file is not what it was. */
void		 state_start(void);
void		 state_end(void);
void		 state_login(const CK_UTF8CHAR *, CK_ULONG);
int		 state_same_pin(const CK_UTF8CHAR *, CK_ULONG);

/* A session of this process; CKR_SESSION_COUNT when the token has no more. */
CK_RV		 session_reserve(size_t *place);
void		 session_add(size_t place, CK_SESSION_HANDLE, CK_SLOT_ID);
void		 session_remove(CK_SESSION_HANDLE);
void		 session_release(size_t place);
void		 session_remove_all(CK_SLOT_ID);
CK_ULONG	 session_count(void);	/* of all processes */

/* object.c: objects and attributes */

/* The module's handle for ours, or CKR_OBJECT_HANDLE_INVALID. */
CK_RV		 object_real(CK_OBJECT_HANDLE, CK_OBJECT_HANDLE *);

extern CK_FUNCTION_LIST	*real;

/* token.c: slots, token, sessions, login */
CK_RV	 quirk_Initialize(void *);
CK_RV	 quirk_Finalize(void *);
CK_RV	 quirk_GetInfo(CK_INFO *);
CK_RV	 quirk_GetSlotList(CK_BBOOL, CK_SLOT_ID *, CK_ULONG *);
CK_RV	 quirk_GetSlotInfo(CK_SLOT_ID, CK_SLOT_INFO *);
CK_RV	 quirk_GetTokenInfo(CK_SLOT_ID, CK_TOKEN_INFO *);
CK_RV	 quirk_GetMechanismList(CK_SLOT_ID, CK_MECHANISM_TYPE *, CK_ULONG *);
CK_RV	 quirk_GetMechanismInfo(CK_SLOT_ID, CK_MECHANISM_TYPE,
	    CK_MECHANISM_INFO *);
CK_RV	 quirk_OpenSession(CK_SLOT_ID, CK_FLAGS, void *, CK_NOTIFY,
	    CK_SESSION_HANDLE *);
CK_RV	 quirk_CloseSession(CK_SESSION_HANDLE);
CK_RV	 quirk_CloseAllSessions(CK_SLOT_ID);
CK_RV	 quirk_GetSessionInfo(CK_SESSION_HANDLE, CK_SESSION_INFO *);
CK_RV	 quirk_Login(CK_SESSION_HANDLE, CK_USER_TYPE, CK_UTF8CHAR *, CK_ULONG);
CK_RV	 quirk_Logout(CK_SESSION_HANDLE);
int	 token_lacks(CK_MECHANISM_TYPE);

/* object.c */
CK_RV	 quirk_GetAttributeValue(CK_SESSION_HANDLE, CK_OBJECT_HANDLE,
	    CK_ATTRIBUTE *, CK_ULONG);
CK_RV	 quirk_FindObjectsInit(CK_SESSION_HANDLE, CK_ATTRIBUTE *, CK_ULONG);
CK_RV	 quirk_FindObjects(CK_SESSION_HANDLE, CK_OBJECT_HANDLE *, CK_ULONG,
	    CK_ULONG *);
CK_RV	 quirk_FindObjectsFinal(CK_SESSION_HANDLE);

/* sign.c */
CK_RV	 quirk_SignInit(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE);
CK_RV	 quirk_Sign(CK_SESSION_HANDLE, CK_BYTE *, CK_ULONG, CK_BYTE *,
	    CK_ULONG *);
CK_RV	 quirk_DecryptInit(CK_SESSION_HANDLE, CK_MECHANISM *,
	    CK_OBJECT_HANDLE);
CK_RV	 quirk_Decrypt(CK_SESSION_HANDLE, CK_BYTE *, CK_ULONG, CK_BYTE *,
	    CK_ULONG *);
/* A login for one operation was made. */
void	 sign_context_login(void);

#endif
