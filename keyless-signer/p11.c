/* Signer of a token: module, token, login, session. */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "p11.h"

#define PROVIDER	"module"	/* its name within pkcs11-helper */
#define MECHANISMS_MAX	1024
#define CLOSE_SECONDS	5		/* that the module may take to stop */

struct p11 p11;

/*
 * pkcs11-helper gets a copy of the module's table.  In it C_OpenSession notes
 * the session, so that the one it logs in is the one that signs: some tokens
 * have no second one.  And C_GetSlotList shows the selected slot only: the
 * helper knows tokens by their texts, which two may have in common, and asks
 * each one that it sees.
 */
static CK_FUNCTION_LIST		 helper_table;
static char			*module_path;
static int			 helper_started;
static int			 own_session;	/* not the helper's */

/* The mechanisms that signers use, and what the token offers them for. */
static struct {
	CK_MECHANISM_TYPE	 type;
	CK_FLAGS		 use;
} mechanisms[] = {
	{ CKM_RSA_PKCS,		0 },
	{ CKM_RSA_PKCS_PSS,	0 },
	{ CKM_RSA_X_509,	0 },
	{ CKM_ECDSA,		0 },
	{ CKM_EDDSA,		0 },
};

/* The slot of the URI's token, and what else the module shows. */
struct selection {
	const struct pk11uri	*uri;
	CK_INFO			 library;
	CK_TOKEN_INFO		 token;
	CK_SLOT_ID		 slot;
	struct p11_list		 matching;
	struct p11_list		 all;
};

static CK_RV
open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify,
    CK_SESSION_HANDLE *session)
{
	CK_RV	 rv;

	rv = p11.f->C_OpenSession(slot, flags, app, notify, session);
	if (rv == CKR_OK)
		p11.session = *session;
	return (rv);
}

static CK_RV
one_slot(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *n)
{
	(void)present;
	if (slots != NULL) {
		if (*n < 1)
			return (CKR_BUFFER_TOO_SMALL);
		slots[0] = p11.slot;
	}
	*n = 1;
	return (CKR_OK);
}

/*
 * Found by pkcs11-helper in the main program, which is the module whose
 * location is "".  On some modules every call of their own function makes a
 * new table, and missing modules would be reported without a reason.
 */
__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	if (list == NULL)
		return (CKR_ARGUMENTS_BAD);
	if (p11.f == NULL)
		return (CKR_GENERAL_ERROR);
	*list = &helper_table;
	return (CKR_OK);
}

static CK_C_GetFunctionList
find_function_list(void *handle)
{
	CK_C_GetFunctionList	 function = NULL;
	void			*address;

	/* ISO C has no conversion for this. */
	if ((address = dlsym(handle, "C_GetFunctionList")) != NULL)
		memcpy(&function, &address, sizeof(function));
	return (function);
}

int
p11_load(const char *path, char *err, size_t errsize)
{
	CK_C_GetFunctionList	 get;
	CK_RV			 rv;
	void			*handle;

	/* Never closed: its threads may run until the process ends. */
	if ((handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL) {
		snprintf(err, errsize, "cannot load module: %s", dlerror());
		return (-1);
	}
	if ((get = find_function_list(handle)) == NULL) {
		snprintf(err, errsize, "no PKCS#11 module: %s has no "
		    "C_GetFunctionList", path);
		return (-1);
	}
	if ((rv = get(&p11.f)) != CKR_OK || p11.f == NULL) {
		p11.f = NULL;
		snprintf(err, errsize, "module gives no functions path=%s "
		    "reason=%s", path, p11_error(rv));
		return (-1);
	}
	if ((module_path = strdup(path)) == NULL) {
		snprintf(err, errsize, "%s", strerror(errno));
		return (-1);
	}
	helper_table = *p11.f;
	helper_table.C_GetSlotList = one_slot;
	helper_table.C_OpenSession = open_session;
	return (0);
}

void
p11_text(char *dst, size_t size, const uint8_t *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\0'))
		len--;
	if (len > size - 1)
		len = size - 1;
	if (len > 0)
		memcpy(dst, text, len);
	dst[len] = '\0';
}

void
p11_list_add(struct p11_list *list, const char *fmt, ...)
{
	va_list	 ap;
	size_t	 used;

	if (list->n++ >= P11_LIST_MAX)
		return;
	if (list->n > 1)
		strlcat(list->text, ", ", sizeof(list->text));
	used = strlen(list->text);
	va_start(ap, fmt);
	vsnprintf(list->text + used, sizeof(list->text) - used, fmt, ap);
	va_end(ap);
}

void
p11_list_end(struct p11_list *list)
{
	char	 more[48];

	if (list->n <= P11_LIST_MAX)
		return;
	snprintf(more, sizeof(more), " and %zu more", list->n - P11_LIST_MAX);
	if (strlen(list->text) + strlen(more) >= sizeof(list->text))
		list->text[sizeof(list->text) - strlen(more) - 1] = '\0';
	strlcat(list->text, more, sizeof(list->text));
}

/* Where the helper is to look for the module; see C_GetFunctionList(). */
static const char *
helper_location(void)
{
	CK_C_GetFunctionList	 found = NULL;
	void			*self;

	if ((self = dlopen("", RTLD_NOW | RTLD_LOCAL)) != NULL) {
		found = find_function_list(self);
		dlclose(self);
	}
	return (found == C_GetFunctionList ? "" : module_path);
}

static CK_RV
helper_configure(void)
{
	const unsigned		 attempts = 1;
	const PKCS11H_BOOL	 no = 0;
	const char		*location = helper_location();
	CK_RV			 rv;

	if ((rv = pkcs11h_setProperty(PKCS11H_PROPERTY_MAX_LOGIN_RETRIES,
	    &attempts, sizeof(attempts))) != CKR_OK ||
	    (rv = pkcs11h_setProperty(
	    PKCS11H_PROPERTY_ALLOW_PROTECTED_AUTHENTICATION, &no,
	    sizeof(no))) != CKR_OK ||
	    (rv = pkcs11h_registerProvider(PROVIDER)) != CKR_OK)
		return (rv);
	return (pkcs11h_setProviderProperty(PROVIDER,
	    PKCS11H_PROVIDER_PROPERTY_LOCATION, location,
	    strlen(location) + 1));
}

/* C_Initialize, through the helper.  Some modules start threads here. */
static CK_RV
helper_initialize(void)
{
	static CK_C_INITIALIZE_ARGS	 threads;
	CK_C_INITIALIZE_ARGS		*args = &threads;
	CK_RV				 rv;

	threads.flags = CKF_OS_LOCKING_OK;
	if ((rv = pkcs11h_setProviderProperty(PROVIDER,
	    PKCS11H_PROVIDER_PROPERTY_INIT_ARGS, &args,
	    sizeof(args))) != CKR_OK)
		return (rv);
	if ((rv = pkcs11h_initializeProvider(PROVIDER)) != CKR_CANT_LOCK)
		return (rv);
	/* A module without locks will do: this process has one thread. */
	threads.flags = 0;
	return (pkcs11h_initializeProvider(PROVIDER));
}

static int
helper_start(char *err, size_t errsize)
{
	CK_RV	 rv;

	if ((rv = pkcs11h_initialize()) == CKR_OK) {
		helper_started = 1;
		pkcs11h_setLogLevel(PKCS11H_LOG_QUIET);
		if ((rv = helper_configure()) == CKR_OK)
			rv = helper_initialize();
	}
	if (rv == CKR_OK)
		return (0);
	snprintf(err, errsize, "module does not start path=%s reason=%s",
	    module_path, p11_error(rv));
	return (-1);
}

int
p11_same(const char *want, const uint8_t *field, size_t len)
{
	char	 text[72];

	if (want == NULL)
		return (1);
	p11_text(text, sizeof(text), field, len);
	return (strcmp(want, text) == 0);
}

static int
same_version(const char *want, const CK_VERSION *v)
{
	char	 major[8], full[16];

	if (want == NULL)
		return (1);
	snprintf(major, sizeof(major), "%u", v->major);
	snprintf(full, sizeof(full), "%u.%u", v->major, v->minor);
	return (strcmp(want, full) == 0 || strcmp(want, major) == 0);
}

static int
library_matches(const struct selection *s)
{
	const struct pk11uri	*uri = s->uri;
	const CK_INFO		*lib = &s->library;

	return (P11_SAME(uri->library_manufacturer, lib->manufacturerID) &&
	    P11_SAME(uri->library_description, lib->libraryDescription) &&
	    same_version(uri->library_version, &lib->libraryVersion));
}

static int
slot_matches(const struct pk11uri *uri, CK_SLOT_ID slot)
{
	CK_SLOT_INFO	 info;

	if (uri->has_slot_id && uri->slot_id != slot)
		return (0);
	if (uri->slot_description == NULL && uri->slot_manufacturer == NULL)
		return (1);
	return (p11.f->C_GetSlotInfo(slot, &info) == CKR_OK &&
	    P11_SAME(uri->slot_description, info.slotDescription) &&
	    P11_SAME(uri->slot_manufacturer, info.manufacturerID));
}

static int
token_matches(const struct pk11uri *uri, const CK_TOKEN_INFO *info)
{
	return (P11_SAME(uri->token, info->label) &&
	    P11_SAME(uri->serial, info->serialNumber) &&
	    P11_SAME(uri->manufacturer, info->manufacturerID) &&
	    P11_SAME(uri->model, info->model));
}

static void
list_token(struct p11_list *list, CK_SLOT_ID slot, const CK_TOKEN_INFO *info)
{
	char	 label[40], serial[24];

	p11_text(label, sizeof(label), info->label, sizeof(info->label));
	p11_text(serial, sizeof(serial), info->serialNumber,
	    sizeof(info->serialNumber));
	if (!(info->flags & CKF_TOKEN_INITIALIZED))
		p11_list_add(list, "a token not initialised (slot-id %lu)",
		    slot);
	else
		p11_list_add(list, "%s (serial %s, slot-id %lu)", label,
		    serial, slot);
}

static void
look_at_slot(struct selection *s, CK_SLOT_ID slot)
{
	CK_TOKEN_INFO	 info;
	CK_RV		 rv;

	memset(&info, 0, sizeof(info));
	if ((rv = p11.f->C_GetTokenInfo(slot, &info)) != CKR_OK) {
		log_debug("no token information slot=%lu reason=%s", slot,
		    p11_error(rv));
		return;
	}
	list_token(&s->all, slot, &info);
	if (!token_matches(s->uri, &info) || !slot_matches(s->uri, slot))
		return;
	list_token(&s->matching, slot, &info);
	s->token = info;
	s->slot = slot;
}

/* Look at all slots that hold a token. */
static CK_RV
look_at_slots(struct selection *s)
{
	CK_SLOT_ID	*slots = NULL;
	CK_ULONG	 i, n = 0;
	CK_RV		 rv;

	if ((rv = p11.f->C_GetSlotList(CK_TRUE, NULL, &n)) != CKR_OK)
		return (rv);
	if (n == 0)
		return (CKR_OK);
	if ((slots = calloc(n, sizeof(*slots))) == NULL)
		return (CKR_HOST_MEMORY);
	if ((rv = p11.f->C_GetSlotList(CK_TRUE, slots, &n)) == CKR_OK)
		for (i = 0; i < n; i++)
			look_at_slot(s, slots[i]);
	free(slots);
	return (rv);
}

static int
select_token(struct selection *s, char *err, size_t errsize)
{
	CK_RV	 rv;

	if ((rv = p11.f->C_GetInfo(&s->library)) != CKR_OK ||
	    (rv = look_at_slots(s)) != CKR_OK) {
		snprintf(err, errsize, "module shows no tokens reason=%s",
		    p11_error(rv));
		return (-1);
	}
	p11_list_end(&s->all);
	p11_list_end(&s->matching);
	if (!library_matches(s))
		snprintf(err, errsize, "the module is not the one that the "
		    "URI's library attributes describe");
	else if (s->all.n == 0)
		snprintf(err, errsize, "no token is present");
	else if (s->matching.n == 0)
		snprintf(err, errsize, "no token is the one that the URI "
		    "names; there are: %s", s->all.text);
	else if (s->matching.n > 1)
		snprintf(err, errsize, "more than one token is what the URI "
		    "names, say which by serial or slot-id: %s",
		    s->matching.text);
	else if (!(s->token.flags & CKF_TOKEN_INITIALIZED))
		snprintf(err, errsize, "token is not initialised slot-id=%lu",
		    s->slot);
	else
		return (0);
	return (-1);
}

static void
describe_token(const struct selection *s, struct msg_token *token)
{
	const CK_TOKEN_INFO	*info = &s->token;

	memset(token, 0, sizeof(*token));
	p11_text(token->manufacturer, sizeof(token->manufacturer),
	    info->manufacturerID, sizeof(info->manufacturerID));
	p11_text(token->label, sizeof(token->label), info->label,
	    sizeof(info->label));
	p11_text(token->serial, sizeof(token->serial), info->serialNumber,
	    sizeof(info->serialNumber));
	p11_text(token->model, sizeof(token->model), info->model,
	    sizeof(info->model));
	snprintf(token->library_version, sizeof(token->library_version),
	    "%u.%u", s->library.libraryVersion.major,
	    s->library.libraryVersion.minor);
	strlcpy(p11.name, *token->label != '\0' ? token->label : token->serial,
	    sizeof(p11.name));
}

/* The session that signs: the one that the helper opened, or one of ours. */
static int
session_open(char *err, size_t errsize)
{
	CK_RV	 rv;

	if (p11.session != CK_INVALID_HANDLE)
		return (0);
	rv = p11.f->C_OpenSession(p11.slot, CKF_SERIAL_SESSION, NULL, NULL,
	    &p11.session);
	if (rv == CKR_OK) {
		own_session = 1;
		return (0);
	}
	p11.session = CK_INVALID_HANDLE;
	snprintf(err, errsize, "no session token=%s reason=%s%s", p11.name,
	    p11_error(rv), p11_login_advice(rv));
	return (-1);
}

/* What a mechanism is for; everything, if the token does not say. */
static CK_FLAGS
mechanism_use(CK_MECHANISM_TYPE type, const CK_MECHANISM_TYPE *list,
    CK_ULONG n)
{
	CK_MECHANISM_INFO	 info;
	CK_ULONG		 i;

	for (i = 0; i < n && list[i] != type; i++)
		;
	if (i == n)
		return (0);
	memset(&info, 0, sizeof(info));
	if (p11.f->C_GetMechanismInfo(p11.slot, type, &info) != CKR_OK)
		return (~(CK_FLAGS)0);
	return (info.flags);
}

static void
read_mechanisms(void)
{
	CK_MECHANISM_TYPE	 list[MECHANISMS_MAX];
	CK_ULONG		 n = nitems(list);
	CK_RV			 rv;
	size_t			 i;

	rv = p11.f->C_GetMechanismList(p11.slot, list, &n);
	if (rv != CKR_OK)
		log_warnx("token does not list its mechanisms token=%s "
		    "reason=%s", p11.name, p11_error(rv));
	for (i = 0; i < nitems(mechanisms); i++)
		mechanisms[i].use = rv != CKR_OK ? ~(CK_FLAGS)0 :
		    mechanism_use(mechanisms[i].type, list, n);
}

int
p11_has_mechanism(CK_MECHANISM_TYPE type, CK_FLAGS use)
{
	size_t	 i;

	for (i = 0; i < nitems(mechanisms); i++)
		if (mechanisms[i].type == type)
			return ((mechanisms[i].use & use) != 0);
	return (0);
}

static int
open_token(const struct pk11uri *uri, int pin_fd, struct msg_token *token,
    char *err, size_t errsize)
{
	struct selection	 s;

	memset(&s, 0, sizeof(s));
	s.uri = uri;
	if (pin_fd != -1 && p11_pin_read(pin_fd, err, errsize) == -1)
		return (-1);
	if (helper_start(err, errsize) == -1 ||
	    select_token(&s, err, errsize) == -1)
		return (-1);
	p11.slot = s.slot;
	describe_token(&s, token);
	if (pin_fd != -1 && p11_login(&s.token, err, errsize) == -1)
		return (-1);
	if (session_open(err, errsize) == -1)
		return (-1);
	read_mechanisms();
	return (0);
}

int
p11_open(const char *text, int pin_fd, struct msg_token *token, char *err,
    size_t errsize)
{
	struct pk11uri	*uri;
	int		 status;

	if (p11.f == NULL) {
		snprintf(err, errsize, "no module is loaded");
		return (-1);
	}
	if ((uri = pk11uri_parse(text, err, errsize)) == NULL)
		return (-1);
	status = open_token(uri, pin_fd, token, err, errsize);
	pk11uri_free(uri);
	if (status == -1)
		p11_pin_wipe();
	return (status);
}

/* Have SIGALRM end the process, whatever a module made of the signal. */
static void
limit_time(unsigned seconds)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(seconds);
}

void
p11_close(void)
{
	p11_pin_wipe();
	if (!helper_started)
		return;
	limit_time(CLOSE_SECONDS);
	if (own_session)
		p11.f->C_CloseSession(p11.session);
	pkcs11h_logout();
	pkcs11h_terminate();
	alarm(0);
	helper_started = 0;
	own_session = 0;
	p11.session = CK_INVALID_HANDLE;
	p11.logged_in = 0;
}
