/* Signer of a token: its session, and a new one when it is lost. */
#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "p11.h"

#define LOUD_SECONDS	10	/* between two lines about the same token */
#define LOCK_TRIES	200	/* 5 ms each */

/* The session is ours to close; pkcs11-helper did not open it. */
static int	 own;

/*
 * Some modules lose the token when two processes log in at the same moment,
 * which is what all of a set do after their sessions were lost.  They take
 * turns by a lock on the module's file.  Who else holds it may hold it for
 * ever; so they wait for it a while, and then go on without.
 */
static int	 lock_fd = -1;

void
p11_lock_open(const char *path)
{
	if ((lock_fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		log_debug("module cannot be locked path=%s: %s", path,
		    strerror(errno));
}

void
p11_lock(void)
{
	const struct timespec	 pause = { 0, 5 * 1000 * 1000 };
	int			 i;

	for (i = 0; i < LOCK_TRIES && lock_fd != -1; i++) {
		if (flock(lock_fd, LOCK_EX | LOCK_NB) == 0 ||
		    errno != EWOULDBLOCK)
			return;
		nanosleep(&pause, NULL);
	}
}

void
p11_unlock(void)
{
	if (lock_fd != -1)
		flock(lock_fd, LOCK_UN);
}

/* Whether a read/write session may be had where a read-only one was not. */
static int
may_upgrade(CK_RV rv)
{
	return (!(p11.session_flags & CKF_RW_SESSION) &&
	    rv != CKR_SESSION_COUNT && p11_class(rv) != P11_PROCESS);
}

static void
upgraded(void)
{
	p11.session_flags |= CKF_RW_SESSION;
	log_debug("token wants read/write sessions token=%s", p11.name);
}

CK_RV
p11_session_open(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify,
    CK_SESSION_HANDLE *session)
{
	CK_RV	 rv;

	rv = p11.f->C_OpenSession(slot, flags | p11.session_flags, app, notify,
	    session);
	if (rv != CKR_OK && may_upgrade(rv) &&
	    p11.f->C_OpenSession(slot, flags | CKF_RW_SESSION, app, notify,
	    session) == CKR_OK) {
		upgraded();
		rv = CKR_OK;
	}
	if (rv == CKR_OK)
		p11.session = *session;
	return (rv);
}

int
p11_session_start(struct msg_failure *f)
{
	CK_SESSION_HANDLE	 session;
	CK_RV			 rv;

	if (p11.session != CK_INVALID_HANDLE)
		return (0);
	rv = p11_session_open(p11.slot, CKF_SERIAL_SESSION, NULL, NULL,
	    &session);
	if (rv == CKR_OK) {
		own = 1;
		return (0);
	}
	p11_error_seen(rv);
	p11_fail(f, "no session token=%s reason=%s%s", p11.name,
	    p11_error(rv), p11_advice(rv));
	f->sessions = rv == CKR_SESSION_COUNT;
	return (-1);
}

void
p11_session_end(void)
{
	if (own)
		p11.f->C_CloseSession(p11.session);
	own = 0;
	p11.session = CK_INVALID_HANDLE;
}

CK_RV
p11_session_upgrade(void)
{
	CK_SESSION_HANDLE	 session;
	CK_RV			 rv;

	if (p11.session_flags & CKF_RW_SESSION)
		return (CKR_SESSION_READ_ONLY);
	p11.f->C_CloseSession(p11.session);
	p11.session = CK_INVALID_HANDLE;
	upgraded();
	if ((rv = p11_session_open(p11.slot, CKF_SERIAL_SESSION, NULL, NULL,
	    &session)) == CKR_OK)
		own = 1;	/* what the helper has is closed */
	return (rv);
}

/* Loud now and then only: clients may be able to cause this at will. */
static void
log_renewal(CK_RV why)
{
	static time_t	 last;
	time_t		 now = time(NULL);

	if (now - last >= LOUD_SECONDS) {
		log_warnx("session renewed token=%s reason=%s", p11.name,
		    p11_error(why));
		last = now;
	} else
		log_debug("session renewed token=%s reason=%s", p11.name,
		    p11_error(why));
}

/*
 * Close what is left of the session first, whoever opened it: there are
 * tokens that have no second one.
 */
int
p11_session_renew(CK_RV why)
{
	struct msg_failure	 f, g;
	int			 status;

	p11.f->C_CloseSession(p11.session);
	p11.session = CK_INVALID_HANDLE;
	p11.generation++;
	p11_lock();
	if ((status = p11_session_start(&f)) == 0)
		status = p11_login(0, &f);
	p11_unlock();
	if (status == -1) {
		p11_fail(&g, "token lost token=%s reason=%s; %s", p11.name,
		    p11_error(why), f.text);
		g.permanent = f.permanent;
		return (p11_lose(&g));
	}
	p11.token.reconnects++;
	log_renewal(why);
	return (0);
}
