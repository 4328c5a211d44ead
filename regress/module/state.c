/* Test module: faults, and what processes and tokens lose. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quirk.h"

#define SESSIONS_MAX	64
#define LOCKS_AT	(1L << 30)	/* in the log, far behind its end */

/* Sessions of this process.  With max-sessions, each holds a lock. */
static struct {
	CK_SESSION_HANDLE	 handle;	/* 0: none */
	CK_SLOT_ID		 slot;
	int			 reserved;
} sessions[SESSIONS_MAX];

static struct {
	unsigned long	 sessions_lost;	/* the highest number seen */
	unsigned long	 login_lost;
	unsigned long	 module_lost;
	int		 is_lost;	/* the module: to be finalized */
	int		 logged_in;
	int		 logged_out;	/* by somebody else */
	CK_UTF8CHAR	 pin[256];
	CK_ULONG	 pin_len;
} state;

static void *
linger(void *arg)
{
	for (;;)
		pause();
	return (arg);
}

static void
leak_thread(void)
{
	pthread_t	 thread;

	if (pthread_create(&thread, NULL, linger, NULL) == 0)
		pthread_detach(thread);
	else
		quirk_log("thread refused");
}

static void
nap(unsigned long ms)
{
	struct timespec	 ts;

	ts.tv_sec = (time_t)(ms / 1000);
	ts.tv_nsec = (long)(ms % 1000) * 1000000;
	nanosleep(&ts, NULL);
}

/* Like a hang, but only SIGKILL ends it. */
static void
deaf(void)
{
	sigset_t	 all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	linger(NULL);
}

static void
crash(void)
{
	static volatile uintptr_t	 nowhere = 16;

	/* A sanitizer would turn it into an exit. */
	signal(SIGSEGV, SIG_DFL);
	*(volatile char *)nowhere = 1;
}

static CK_RV
fault(const struct quirk *q)
{
	if (strcmp(q->value, "hang") == 0)
		linger(NULL);
	else if (strcmp(q->value, "deaf") == 0)
		deaf();
	else if (strcmp(q->value, "crash") == 0)
		crash();
	else if (strcmp(q->value, "abort") == 0)
		abort();
	else if (strcmp(q->value, "exit") == 0)
		exit((int)q->number);
	else if (strcmp(q->value, "thread") == 0)
		leak_thread();
	else if (strcmp(q->value, "slow") == 0)
		nap(q->number);
	else
		return (name_error(q->value));
	return (CKR_OK);
}

/* Whether the input is one that the line is about. */
static int
concerns(const struct quirk *q, const CK_BYTE *in, CK_ULONG len)
{
	uint8_t	 want[128];
	size_t	 n;

	if (q->data == NULL)
		return (1);
	n = hex_decode(q->data, want, sizeof(want));
	return (in != NULL && n != 0 && memmem(in, len, want, n) != NULL);
}

static CK_RV
faults(const char *function, const CK_BYTE *in, CK_ULONG len)
{
	const struct quirk	*q = NULL;
	CK_RV			 rv;

	while ((q = quirk_next(q, function)) != NULL) {
		if (!concerns(q, in, len) || !quirk_spend(q))
			continue;
		if (strcmp(q->value, "pass") == 0)
			break;
		quirk_log("%s %s", function, q->value);
		if ((rv = fault(q)) != CKR_OK)
			return (rv);
	}
	return (CKR_OK);
}

/* Whether there is a higher number than the one seen last. */
static int
happened(const char *name, unsigned long *seen)
{
	unsigned long	 n = quirk_number(name, 0);

	if (n <= *seen)
		return (0);
	*seen = n;
	quirk_log("%s %lu", name, n);
	return (1);
}

/* The module's own sessions end: so do login and handles. */
static void
lose_sessions(void)
{
	size_t	 i;

	for (i = 0; i < nitems(sessions); i++) {
		if (sessions[i].handle != 0)
			real->C_CloseSession(sessions[i].handle);
		session_release(i);
	}
	state.logged_in = state.logged_out = 0;
}

static CK_RV
module_lost(void)
{
	const struct quirk	*q = quirk_find("lose-module");

	if (happened("lose-module", &state.module_lost))
		state.is_lost = 1;
	if (!state.is_lost)
		return (CKR_OK);
	if (q != NULL && q->error != NULL)
		return (name_error(q->error));
	return (CKR_CRYPTOKI_NOT_INITIALIZED);
}

static CK_RV
token_absent(enum scope scope)
{
	const struct quirk	*q = quirk_find("token-absent");

	if (q == NULL)
		return (CKR_OK);
	lose_sessions();
	if (scope == ON_TOKEN)
		return (CKR_TOKEN_NOT_PRESENT);
	return (*q->value != '\0' ? name_error(q->value) : CKR_DEVICE_REMOVED);
}

/* The user is logged out, through any session. */
static void
lose_login(CK_SESSION_HANDLE session)
{
	if (!happened("lose-login", &state.login_lost) || !state.logged_in)
		return;
	real->C_Logout(session);
	state.logged_in = 0;
	state.logged_out = 1;
}

CK_RV
quirk_enter(const char *function, enum scope scope,
    CK_SESSION_HANDLE session, const CK_BYTE *in, CK_ULONG len)
{
	CK_RV	 rv;

	control_read();
	if ((rv = faults(function, in, len)) != CKR_OK || scope == ON_MODULE)
		return (rv);
	if ((rv = module_lost()) != CKR_OK || scope == ON_SLOTS)
		return (rv);
	if ((rv = token_absent(scope)) != CKR_OK)
		return (rv);
	if (happened("lose-sessions", &state.sessions_lost))
		lose_sessions();
	if (scope == ON_TOKEN)
		return (CKR_OK);
	lose_login(session);
	return (scope == ON_LOGIN && state.logged_out ?
	    CKR_USER_NOT_LOGGED_IN : CKR_OK);
}

void
state_start(void)
{
	memset(&state, 0, sizeof(state));
	state.sessions_lost = quirk_number("lose-sessions", 0);
	state.login_lost = quirk_number("lose-login", 0);
	state.module_lost = quirk_number("lose-module", 0);
}

void
state_end(void)
{
	size_t	 i;

	for (i = 0; i < nitems(sessions); i++)
		session_release(i);
	memset(&state, 0, sizeof(state));
}

void
state_login(const CK_UTF8CHAR *pin, CK_ULONG len)
{
	state.logged_in = pin != NULL;
	state.logged_out = 0;
	state.pin_len = len < sizeof(state.pin) ? len : sizeof(state.pin);
	if (pin != NULL)
		memcpy(state.pin, pin, state.pin_len);
}

int
state_same_pin(const CK_UTF8CHAR *pin, CK_ULONG len)
{
	return (pin != NULL && len == state.pin_len &&
	    memcmp(pin, state.pin, len) == 0);
}

static struct flock
place_lock(size_t place, int type)
{
	struct flock	 lock = { .l_whence = SEEK_SET, .l_len = 1 };

	lock.l_type = (short)type;
	lock.l_start = LOCKS_AT + (off_t)place;
	return (lock);
}

/* Sessions of all processes count: each takes one of the token's places. */
static int
take_place(size_t place)
{
	struct flock	 lock = place_lock(place, F_WRLCK);

	return (!sessions[place].reserved && (quirk_log_fd() == -1 ||
	    fcntl(quirk_log_fd(), F_SETLK, &lock) != -1));
}

CK_RV
session_reserve(size_t *place)
{
	unsigned long	 max = quirk_number("max-sessions", 0);
	size_t		 i;

	if (max == 0 || max > SESSIONS_MAX)
		max = SESSIONS_MAX;
	for (i = 0; i < max; i++) {
		if (!take_place(i))
			continue;
		sessions[i].reserved = 1;
		*place = i;
		return (CKR_OK);
	}
	return (CKR_SESSION_COUNT);
}

void
session_release(size_t place)
{
	struct flock	 lock = place_lock(place, F_UNLCK);

	if (sessions[place].reserved)
		fcntl(quirk_log_fd(), F_SETLK, &lock);
	memset(&sessions[place], 0, sizeof(sessions[place]));
}

void
session_add(size_t place, CK_SESSION_HANDLE handle, CK_SLOT_ID slot)
{
	sessions[place].handle = handle;
	sessions[place].slot = slot;
}

void
session_remove(CK_SESSION_HANDLE handle)
{
	size_t	 i, left = 0;

	for (i = 0; i < nitems(sessions); i++) {
		if (sessions[i].handle == handle)
			session_release(i);
		left += sessions[i].reserved != 0;
	}
	if (left == 0)
		state.logged_in = state.logged_out = 0;
}

void
session_remove_all(CK_SLOT_ID slot)
{
	size_t	 i;

	for (i = 0; i < nitems(sessions); i++)
		if (sessions[i].handle != 0 && sessions[i].slot == slot)
			session_remove(sessions[i].handle);
}

CK_ULONG
session_count(void)
{
	struct flock	 lock;
	CK_ULONG	 n = 0;
	size_t		 i;

	for (i = 0; i < nitems(sessions); i++) {
		lock = place_lock(i, F_WRLCK);
		if (sessions[i].reserved ||
		    (fcntl(quirk_log_fd(), F_GETLK, &lock) != -1 &&
		    lock.l_type != F_UNLCK))
			n++;
	}
	return (n);
}
