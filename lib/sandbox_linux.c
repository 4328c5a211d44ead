/* Every process, on Linux: what it gives up for good. */
#ifdef __linux__

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "privdrop.h"
#include "sandbox_linux.h"

/* What was not to be had, and what is in force; for sandbox_report(). */
static struct {
	uint32_t	 landlock;
	const char	*waiting;		/* to be the root */
	char		 root[MSG_PATH_SIZE];
	char		 degraded[MSG_REASON_SIZE];
} state;

void
sandbox_degrade(const char *fmt, ...)
{
	size_t	 used = strlen(state.degraded);
	va_list	 ap;

	if (used != 0)
		used = strlcat(state.degraded, "; ", sizeof(state.degraded));
	if (used >= sizeof(state.degraded))
		return;
	va_start(ap, fmt);
	vsnprintf(state.degraded + used, sizeof(state.degraded) - used, fmt,
	    ap);
	va_end(ap);
	log_debug("sandbox incomplete reason=\"%s\"", state.degraded + used);
}

void
sandbox_harden(void)
{
	const struct rlimit	 none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("setrlimit RLIMIT_CORE");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("prctl PR_SET_DUMPABLE");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("prctl PR_SET_NO_NEW_PRIVS");
}

/* From here on the directory is all that there is. */
static void
change_root(const char *root)
{
	if (chroot(root) == -1)
		fatal("chroot path=%s", root);
	if (chdir("/") == -1)
		fatal("chdir path=/");
}

static void
drop_user(const struct sandbox *s, const struct privdrop *who)
{
	/* Only what holds the privilege to do so can. */
	if (caps_has_setpcap())
		caps_bound(CAPS_NONE);
	if (*s->user != '\0') {
		if (state.waiting != NULL)
			caps_keep();
		privdrop_become(who);
		sandbox_harden();
	}
	caps_set(state.waiting != NULL ? CAPS_CHROOT : CAPS_NONE);
}

void
sandbox_isolate(const struct sandbox *s)
{
	struct privdrop	 who;

	if (s->role == SANDBOX_PLACE) {
		strlcpy(state.root, "/", sizeof(state.root));
		if (caps_has_setpcap())
			caps_bound(CAPS_NONE);
		caps_set(CAPS_PLACE);
		return;
	}
	/* The user database is out of reach later. */
	if (*s->user != '\0')
		privdrop_groups(&who, s->user);
	strlcpy(state.root, *s->root == '\0' ? "/" : s->root,
	    sizeof(state.root));
	state.waiting = ns_enter(s, &who);
	if (ns_mine() & MSG_NS_MOUNT && *s->root == '\0')
		strlcpy(state.root, "private", sizeof(state.root));
	if (state.waiting != NULL && s->role != SANDBOX_MODULE) {
		change_root(state.waiting);
		state.waiting = NULL;
	}
	drop_user(s, &who);
}

/*
 * A thread that a module has begun while it was loaded would keep the
 * privilege that this one gives up.  The kernel refuses this to a process
 * with more than one.
 */
static void
check_alone(void)
{
	if (unshare(CLONE_VM) == -1)
		fatal("the module starts threads when it is loaded, which "
		    "goes with neither chroot nor its profile");
}

void
sandbox_confine(const struct sandbox *s)
{
	if (state.waiting != NULL) {
		check_alone();
		change_root(state.waiting);
		caps_set(CAPS_NONE);
		state.waiting = NULL;
	}
	sandbox_harden();
	state.landlock = (uint32_t)landlock_enter(s);
	seccomp_enter(s->role, s->needs);
}

/* Whoever may not, has none of them to lose. */
static void
keep_caps(int which)
{
	strlcpy(state.root, "/", sizeof(state.root));
	if (!caps_has_setpcap())
		return;
	caps_bound(which);
	caps_set(which);
}

void
sandbox_fence(void)
{
	landlock_fence();
}

/*
 * No Landlock: its children inherit it, and with it they could not make root
 * directories of their own.
 */
void
sandbox_launcher(void)
{
	sandbox_harden();
	/* Who looks for keylessd by this name looks for a frontend. */
	if (prctl(PR_SET_NAME, "keylessd-launch", 0, 0, 0) == -1)
		fatal("prctl PR_SET_NAME");
	keep_caps(CAPS_LAUNCHER);
	seccomp_enter(SANDBOX_LAUNCHER, 0);
}

void
sandbox_parent(const struct sandbox *s)
{
	sandbox_harden();
	keep_caps(CAPS_PARENT);
	state.landlock = (uint32_t)landlock_enter(s);
	seccomp_enter(SANDBOX_PARENT, 0);
}

int
sandbox_has_launcher(void)
{
	return (1);
}

/* As fork(2) does it, on the same stack, with one flag more. */
pid_t
sandbox_fork(void)
{
#ifdef __s390__
	return ((pid_t)syscall(SYS_clone, NULL, CLONE_PARENT | SIGCHLD, NULL,
	    NULL, NULL));
#else
	return ((pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL,
	    NULL, NULL));
#endif
}

int
sandbox_may_kill(void)
{
	return (geteuid() != 0 || caps_has_kill());
}

int
sandbox_end_with_parent(int signo)
{
	if (prctl(PR_SET_PDEATHSIG, signo, 0, 0, 0) == -1)
		fatal("prctl PR_SET_PDEATHSIG");
	return (0);
}

void
sandbox_report(struct msg_sandbox *m)
{
	memset(m, 0, sizeof(*m));
	m->uid = geteuid();
	m->gid = getegid();
	m->seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) ==
	    SECCOMP_MODE_FILTER ? SECCOMP_MODE_FILTER : 0;
	m->landlock = state.landlock;
	m->namespaces = ns_mine();
	m->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	m->dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
	m->capabilities = (uint32_t)caps_any();
	strlcpy(m->root, state.root, sizeof(m->root));
	strlcpy(m->degraded, state.degraded, sizeof(m->degraded));
}

#else
typedef int not_linux;
#endif
