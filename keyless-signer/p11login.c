/* Signer of a token: its PIN and the login. */
#include <pkcs11-helper-1.0/pkcs11h-token.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "p11.h"
#include "secmem.h"

#define PIN_MAX		256	/* bytes */
#define SO_SHIFT	4	/* CKF_SO_PIN_* are CKF_USER_PIN_* so far up */

/* How to log in.  The PIN stays in its file from one login to the next. */
static struct {
	CK_USER_TYPE	 user;
	int		 none;		/* do not */
	int		 pin_fd;	/* -1: there is no PIN */
	int		 tried;		/* C_Login has been called */
	int		 done;
} login = { .pin_fd = -1 };

/* The PIN while it is being used. */
static struct pin {
	char	 text[PIN_MAX + 3];	/* and "\r\n", NUL */
	size_t	 length;
} *pin;

void
p11_login_memory(void)
{
	pin = secmem_new(sizeof(*pin));
}

static void
pin_wipe(void)
{
	if (pin != NULL)
		explicit_bzero(pin, sizeof(*pin));
}

/* The PIN's length without the newline that ends the file. */
static size_t
pin_length(size_t n)
{
	if (n > 0 && pin->text[n - 1] == '\n') {
		n--;
		if (n > 0 && pin->text[n - 1] == '\r')
			n--;
	}
	return (n);
}

/* Refuse what cannot be a PIN: each try at the token counts. */
static const char *
pin_check(size_t length)
{
	if (length == 0)
		return ("PIN file is empty");
	if (length > PIN_MAX)
		return ("PIN is longer than 256 bytes");
	if (memchr(pin->text, '\0', length) != NULL)
		return ("PIN contains a NUL byte");
	if (memchr(pin->text, '\n', length) != NULL)
		return ("PIN file has more than one line");
	return (NULL);
}

/* Why there is no PIN in the file, errno's text if it is "", or NULL. */
static const char *
pin_read(void)
{
	const char	*why;
	ssize_t		 n;
	size_t		 length;

	do {
		n = pread(login.pin_fd, pin->text, sizeof(pin->text), 0);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return ("");
	length = pin_length((size_t)n);
	if ((why = pin_check(length)) != NULL) {
		pin_wipe();
		return (why);
	}
	explicit_bzero(pin->text + length, sizeof(pin->text) - length);
	pin->length = length;
	return (NULL);
}

/* Fill the PIN; 0, or -1 with the failure filled. */
static int
pin_get(struct msg_failure *f)
{
	const char	*why;

	if (login.pin_fd == -1 || (why = pin_read()) == NULL)
		return (0);
	if (*why != '\0')
		return (p11_fail_for_good(f, "%s", why));
	return (p11_fail_for_good(f, "PIN cannot be read: %s",
	    strerror(errno)));
}

int
p11_login_prepare(uint64_t user_type, int pin_fd, struct msg_failure *f)
{
	int	 status;

	login.user = (CK_USER_TYPE)user_type;
	login.none = user_type == MSG_USER_NONE;
	login.pin_fd = pin_fd;
	if (login.none)
		return (0);
	/* The security officer may only be in read/write sessions. */
	if (login.user == CKU_SO)
		p11.session_flags |= CKF_RW_SESSION;
	status = pin_get(f);
	pin_wipe();
	return (status);
}

void
p11_login_forget(void)
{
	pin_wipe();
	if (login.pin_fd != -1)
		close(login.pin_fd);
	login.pin_fd = -1;
	login.done = 0;
}

int
p11_logged_in(void)
{
	return (login.done);
}

int
p11_has_pin(void)
{
	return (!login.none && login.pin_fd != -1);
}

static CK_RV
c_login(CK_SESSION_HANDLE session, CK_UTF8CHAR *text, CK_ULONG len)
{
	CK_RV	 rv;

	login.tried = 1;
	/* SoftHSM writes the token anew. */
	orphan_hold();
	rv = p11.f->C_Login(session, login.user, text, len);
	orphan_release();
	if (rv == CKR_OK)
		p11.token.logins++;
	return (rv == CKR_USER_ALREADY_LOGGED_IN ? CKR_OK : rv);
}

CK_RV
p11_login_session(CK_SESSION_HANDLE session, CK_USER_TYPE user,
    CK_UTF8CHAR *text, CK_ULONG len)
{
	CK_RV	 rv;

	(void)user;
	rv = c_login(session, text, len);
	/* The session was refused, not the PIN. */
	if ((rv == CKR_SESSION_READ_ONLY ||
	    rv == CKR_SESSION_READ_ONLY_EXISTS) &&
	    p11_session_upgrade() == CKR_OK)
		rv = c_login(p11.session, text, len);
	return (rv);
}

/* Whether the helper's name for a token means the one selected. */
static int
same_token(const struct pkcs11h_token_id_s *id, const CK_TOKEN_INFO *info)
{
	return (P11_SAME(id->label, info->label) &&
	    P11_SAME(id->serialNumber, info->serialNumber) &&
	    P11_SAME(id->manufacturerID, info->manufacturerID) &&
	    P11_SAME(id->model, info->model));
}

/* It opens a session and calls C_Login, through the table that it was given. */
static CK_RV
helper_login(const CK_TOKEN_INFO *info)
{
	pkcs11h_token_id_list_t	 list, entry;
	CK_RV			 rv;

	if ((rv = pkcs11h_token_enumTokenIds(PKCS11H_ENUM_METHOD_RELOAD,
	    &list)) != CKR_OK)
		return (rv);
	rv = CKR_TOKEN_NOT_PRESENT;
	for (entry = list; entry != NULL; entry = entry->next) {
		if (!same_token(entry->token_id, info))
			continue;
		rv = pkcs11h_token_login(entry->token_id, 1,
		    pin->length == 0 ? NULL : pin->text);
		break;
	}
	pkcs11h_token_freeTokenIdList(list);
	return (rv);
}

/* Whether a login is to be made: with a PIN, or on the token's own keypad. */
static int
wanted(const CK_TOKEN_INFO *info)
{
	const CK_FLAGS	 keypad = CKF_LOGIN_REQUIRED |
			    CKF_PROTECTED_AUTHENTICATION_PATH;

	if (login.none)
		return (0);
	return (login.pin_fd != -1 || (info->flags & keypad) == keypad);
}

/* What the token says of the user's PIN, be it the security officer's. */
static CK_FLAGS
pin_flags(const CK_TOKEN_INFO *info)
{
	CK_FLAGS	 flags = info->flags;

	if (login.user == CKU_SO)
		flags >>= SO_SHIFT;
	return (flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY |
	    CKF_USER_PIN_LOCKED));
}

/*
 * What the token's flags tell after a login that failed: whether a PIN has
 * been counted as wrong that was not before, and what is to be said.
 */
static const char *
count_tells(CK_FLAGS before, int *counted)
{
	CK_TOKEN_INFO	 info;
	CK_FLAGS	 now;

	*counted = 0;
	memset(&info, 0, sizeof(info));
	if (p11.f->C_GetTokenInfo(p11.slot, &info) != CKR_OK)
		return ("");
	now = pin_flags(&info);
	*counted = (now & ~before) != 0;
	if (now & CKF_USER_PIN_LOCKED)
		return ("; it is locked now, the security officer must set a "
		    "new one");
	if (now & CKF_USER_PIN_FINAL_TRY)
		return ("; one more wrong PIN locks it");
	if (login.user == CKU_USER && !(info.flags & CKF_USER_PIN_INITIALIZED))
		return ("; no user PIN is set on this token");
	return ("");
}

/*
 * Whether a login that failed may be tried again.  If it is not known to be
 * something that passes, it may have been the PIN, by whatever name.
 */
static int
may_pass(CK_RV rv, int counted)
{
	if (!login.tried)
		return (1);
	if (counted)
		return (0);
	switch (p11_class(rv)) {
	case P11_PIN:
		return (0);
	case P11_REQUEST:
		return (rv == CKR_SESSION_COUNT ||
		    rv == CKR_USER_ANOTHER_ALREADY_LOGGED_IN ||
		    rv == CKR_USER_TOO_MANY_TYPES);
	default:
		return (1);
	}
}

static int
refused(CK_RV rv, CK_FLAGS before, struct msg_failure *f)
{
	const char	*tells;
	int		 counted;

	tells = count_tells(before, &counted);
	if (counted && p11_class(rv) != P11_PIN && *tells == '\0')
		tells = "; the token has counted a wrong PIN";
	else if (rv != CKR_PIN_INCORRECT && !counted)
		tells = "";
	p11_error_seen(rv);
	p11_fail(f, "%s token=%s reason=%s%s%s", login.tried ?
	    "login failed" : "no session", p11.name, p11_error(rv),
	    p11_advice(rv), tells);
	f->permanent = !may_pass(rv, counted);
	f->sessions = rv == CKR_SESSION_COUNT;
	return (-1);
}

static int
attempt(int first, const CK_TOKEN_INFO *info, struct msg_failure *f)
{
	CK_RV	 rv;

	if (pin_get(f) == -1)
		return (-1);
	login.tried = 0;
	if (first)
		rv = helper_login(info);
	else
		rv = p11_login_session(p11.session, login.user,
		    pin->length == 0 ? NULL : (CK_UTF8CHAR *)pin->text,
		    pin->length);
	pin_wipe();
	if (rv != CKR_OK)
		return (refused(rv, pin_flags(info), f));
	login.done = 1;
	return (0);
}

int
p11_login(int first, struct msg_failure *f)
{
	CK_TOKEN_INFO	 info;
	CK_RV		 rv;

	memset(&info, 0, sizeof(info));
	if ((rv = p11.f->C_GetTokenInfo(p11.slot, &info)) != CKR_OK)
		return (p11_fail(f, "no token information token=%s reason=%s",
		    p11.name, p11_error(rv)));
	if (!wanted(&info))
		return (0);
	if (pin_flags(&info) & CKF_USER_PIN_FINAL_TRY)
		return (p11_fail_for_good(f, "login not tried token=%s reason="
		    "CKF_USER_PIN_FINAL_TRY: a wrong PIN would lock it; log "
		    "in once with the token's own tools", p11.name));
	if (attempt(first, &info, f) == -1)
		return (-1);
	if (first && (info.flags & CKF_USER_PIN_TO_BE_CHANGED) &&
	    login.user != CKU_SO)
		log_warnx("token wants its PIN changed token=%s", p11.name);
	return (0);
}

CK_RV
p11_login_context(void)
{
	struct msg_failure	 f;
	CK_RV			 rv;

	if (pin_get(&f) == -1) {
		p11_lose(&f);
		return (CKR_PIN_INCORRECT);
	}
	rv = p11.f->C_Login(p11.session, CKU_CONTEXT_SPECIFIC,
	    pin->length == 0 ? NULL : (CK_UTF8CHAR *)pin->text, pin->length);
	pin_wipe();
	if (rv == CKR_USER_ALREADY_LOGGED_IN)
		rv = CKR_OK;
	if (p11_class(rv) == P11_PIN) {
		p11_fail_for_good(&f, "login for an operation failed token=%s "
		    "reason=%s%s", p11.name, p11_error(rv), p11_advice(rv));
		p11_lose(&f);
	}
	return (rv);
}
