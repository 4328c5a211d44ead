/* Signer of a token: its PIN and the login. */
#include <sys/mman.h>

#include <pkcs11-helper-1.0/pkcs11h-token.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "p11.h"

#define PIN_MAX	256	/* bytes */

static struct {
	char	 text[PIN_MAX + 3];	/* and "\r\n", NUL */
	size_t	 length;		/* 0: there is none */
	int	 keep;
} pin;

void
p11_pin_wipe(void)
{
	explicit_bzero(&pin, sizeof(pin));
}

/* The PIN's length without the newline that ends the file. */
static size_t
pin_length(size_t n)
{
	if (n > 0 && pin.text[n - 1] == '\n') {
		n--;
		if (n > 0 && pin.text[n - 1] == '\r')
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
	if (memchr(pin.text, '\0', length) != NULL)
		return ("PIN contains a NUL byte");
	if (memchr(pin.text, '\n', length) != NULL)
		return ("PIN file has more than one line");
	return (NULL);
}

int
p11_pin_read(int fd, char *err, size_t errsize)
{
	const char	*why = NULL;
	ssize_t		 n;
	size_t		 length;

	if (mlock(&pin, sizeof(pin)) == -1)
		log_debug("mlock: %s", strerror(errno));
	do {
		n = pread(fd, pin.text, sizeof(pin.text), 0);
	} while (n == -1 && errno == EINTR);
	if (n == -1) {
		snprintf(err, errsize, "PIN cannot be read: %s",
		    strerror(errno));
		return (-1);
	}
	length = pin_length((size_t)n);
	if ((why = pin_check(length)) != NULL) {
		p11_pin_wipe();
		snprintf(err, errsize, "%s", why);
		return (-1);
	}
	explicit_bzero(pin.text + length, sizeof(pin.text) - length);
	pin.length = length;
	return (0);
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
		rv = pkcs11h_token_login(entry->token_id, 1, pin.text);
		break;
	}
	pkcs11h_token_freeTokenIdList(list);
	return (rv);
}

/* What the token's flags add to the reason of a refused PIN. */
static const char *
login_flags(CK_RV rv)
{
	CK_TOKEN_INFO	 info;

	if (rv != CKR_PIN_INCORRECT ||
	    p11.f->C_GetTokenInfo(p11.slot, &info) != CKR_OK)
		return ("");
	if (info.flags & CKF_USER_PIN_LOCKED)
		return ("; it is locked now, the security officer must set a "
		    "new one");
	if (info.flags & CKF_USER_PIN_FINAL_TRY)
		return ("; one more wrong PIN locks it");
	if (!(info.flags & CKF_USER_PIN_INITIALIZED))
		return ("; no user PIN is set on this token");
	return ("");
}

int
p11_login(const CK_TOKEN_INFO *info, char *err, size_t errsize)
{
	CK_RV	 rv;

	if (info->flags & CKF_USER_PIN_FINAL_TRY) {
		snprintf(err, errsize, "login not tried token=%s reason="
		    "CKF_USER_PIN_FINAL_TRY: a wrong PIN would lock it; log "
		    "in once with the token's own tools", p11.name);
		return (-1);
	}
	if ((rv = helper_login(info)) != CKR_OK) {
		snprintf(err, errsize, "login failed token=%s reason=%s%s%s",
		    p11.name, p11_error(rv), p11_login_advice(rv),
		    login_flags(rv));
		return (-1);
	}
	p11.logged_in = 1;
	if (info->flags & CKF_USER_PIN_TO_BE_CHANGED)
		log_warnx("token wants its PIN changed token=%s", p11.name);
	return (0);
}

int
p11_pin_keep(void)
{
	if (pin.length == 0)
		return (-1);
	pin.keep = 1;
	return (0);
}

void
p11_ready(void)
{
	if (!pin.keep)
		p11_pin_wipe();
}

CK_RV
p11_reauthenticate(void)
{
	CK_RV	 rv;

	if (pin.length == 0)
		return (CKR_PIN_INCORRECT);	/* it was, once */
	rv = p11.f->C_Login(p11.session, CKU_CONTEXT_SPECIFIC,
	    (CK_UTF8CHAR *)pin.text, pin.length);
	if (rv == CKR_USER_ALREADY_LOGGED_IN)
		rv = CKR_OK;
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED ||
	    rv == CKR_PIN_EXPIRED || rv == CKR_PIN_INVALID ||
	    rv == CKR_PIN_LEN_RANGE) {
		p11_pin_wipe();
		log_errx("login failed token=%s reason=%s%s", p11.name,
		    p11_error(rv), p11_login_advice(rv));
	}
	return (rv);
}

