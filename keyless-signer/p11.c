/* Signer of a token: module, token, session, and their end. */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "p11.h"

#define PROVIDER	"module"	/* its name within pkcs11-helper */
#define CLOSE_SECONDS	5		/* that the module may take to stop */
#define LOST_SECONDS	2		/* the same, when the token is lost */

struct p11 p11;

/*
 * pkcs11-helper gets a copy of the module's table.  In it C_OpenSession notes
 * the session, so that the one it logs in is the one that signs: some tokens
 * have no second one.  C_Login logs in as the user who is configured, and not
 * as CKU_USER always.  C_GetSlotList shows the selected slot only: the helper
 * knows tokens by their texts, which two may have in common, and asks each one
 * that it sees.
 */
static CK_FUNCTION_LIST		 helper_table;
static char			*module_path;
static int			 helper_started;

/* Why this process cannot serve any longer. */
static struct msg_failure	 failure;
static int			 lost;

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
p11_load(const char *path, struct msg_failure *f)
{
	CK_C_GetFunctionList	 get;
	CK_RV			 rv;
	void			*handle;

	p11.profile = modprofile_find(path);
	log_debug("module path=%s profile=\"%s\"", path, p11.profile->name);
	/* Never closed: its threads may run until the process ends. */
	if ((handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL)
		return (p11_fail(f, "cannot load module: %s", dlerror()));
	if ((get = find_function_list(handle)) == NULL)
		return (p11_fail_for_good(f, "no PKCS#11 module: %s has no "
		    "C_GetFunctionList", path));
	if ((rv = get(&p11.f)) != CKR_OK || p11.f == NULL) {
		p11.f = NULL;
		return (p11_fail(f, "module gives no functions path=%s "
		    "reason=%s", path, p11_error(rv)));
	}
	if ((module_path = strdup(path)) == NULL)
		return (p11_fail(f, "%s", strerror(errno)));
	p11_lock_open(path);
	helper_table = *p11.f;
	helper_table.C_GetSlotList = one_slot;
	helper_table.C_OpenSession = p11_session_open;
	helper_table.C_Login = p11_login_session;
	return (0);
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
helper_start(struct msg_failure *f)
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
	p11_error_seen(rv);
	return (p11_fail(f, "module does not start path=%s reason=%s%s",
	    module_path, p11_error(rv), p11_advice(rv)));
}

static int
open_token(const struct pk11uri *uri, struct msg_failure *f)
{
	if (helper_start(f) == -1 || p11_token_select(uri, f) == -1 ||
	    p11_login(1, f) == -1 || p11_session_start(f) == -1)
		return (-1);
	p11mech_read();
	return (0);
}

int
p11_open(const struct msg_module *m, int pin_fd, struct msg_failure *f)
{
	struct pk11uri	*uri;
	char		 err[MSG_REASON_SIZE];
	int		 status;

	if (p11_login_prepare(m->user_type, pin_fd, f) == -1)
		return (-1);
	if (p11.f == NULL)
		return (p11_fail_for_good(f, "no module is loaded"));
	if ((uri = pk11uri_parse(m->uri, err, sizeof(err))) == NULL)
		return (p11_fail_for_good(f, "%s", err));
	p11_lock();
	status = open_token(uri, f);
	p11_unlock();
	pk11uri_free(uri);
	if (status == -1 && !f->permanent && !f->sessions)
		p11_setup_advice(f);
	return (status);
}

int
p11_lose(const struct msg_failure *f)
{
	if (!lost)
		failure = *f;
	lost = 1;
	return (-1);
}

const struct msg_failure *
p11_failure(void)
{
	return (lost ? &failure : NULL);
}

static void
close_late(int signo)
{
	(void)signo;
	_exit(1);
}

/* Have SIGALRM end the process, whatever a module made of the signal. */
static void
limit_time(unsigned int seconds)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	signal(SIGALRM, close_late);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(seconds);
}

void
p11_close(void)
{
	p11_login_forget();
	if (!helper_started)
		return;
	limit_time(lost ? LOST_SECONDS : CLOSE_SECONDS);
	p11_session_end();
	pkcs11h_logout();
	pkcs11h_terminate();
	alarm(0);
	helper_started = 0;
}
