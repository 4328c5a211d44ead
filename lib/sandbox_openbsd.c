/* Every process, on OpenBSD: what it gives up for good. */
#ifdef __OpenBSD__

#include <sys/types.h>
#include <sys/resource.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "privdrop.h"
#include "sandbox.h"

static char		 changed_root[MSG_PATH_SIZE] = "/";
static struct privdrop	 who;
static int		 waiting;	/* for chroot, with the module */
static int		 pledged;

void
sandbox_harden(void)
{
	const struct rlimit	 none = { 0, 0 };

	/* Nobody but root may ptrace(2) what has changed its user. */
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("setrlimit RLIMIT_CORE");
}

static void
change_root(const struct sandbox *s)
{
	if (*s->root == '\0' || *s->user == '\0')
		return;
	if (chroot(s->root) == -1)
		fatal("chroot path=%s", s->root);
	if (chdir("/") == -1)
		fatal("chdir path=/");
	strlcpy(changed_root, s->root, sizeof(changed_root));
}

/*
 * Without chroot(2) a module is loaded as the user.  With it, it has to be
 * loaded before, and that is as root: no privilege can be kept for chroot(2)
 * alone.
 */
void
sandbox_isolate(const struct sandbox *s)
{
	if (s->role == SANDBOX_PLACE)
		return;
	if (*s->user != '\0')
		privdrop_groups(&who, s->user);
	waiting = s->role == SANDBOX_MODULE && *s->root != '\0' &&
	    !(s->needs & SANDBOX_LATE);
	if (waiting)
		return;
	change_root(s);
	if (*s->user != '\0')
		privdrop_become(&who);
}

/* The paths of a module, for good; those that are not there stay so. */
static void
unveil_paths(const struct sandbox *s)
{
	const struct sandbox_path	*p;
	size_t				 i;

	for (i = 0; i < s->npaths; i++) {
		p = &s->paths[i];
		if ((p->flags & SANDBOX_LIBRARY) && !(s->needs & SANDBOX_LATE))
			continue;
		if (unveil(p->path, p->flags & (SANDBOX_WRITE |
		    SANDBOX_DEVICE) ? "rwc" : "r") == -1 && errno != ENOENT)
			fatal("unveil path=%s", p->path);
	}
	if (unveil(NULL, NULL) == -1)
		fatal("unveil");
}

/*
 * What a module is promised: stdio with files (rpath, wpath, cpath, their
 * modes and locks), more only by its profile.  System V memory and devices
 * are in no promise, so a module that needs them gets unveil(2) alone.
 */
static const char *
module_promises(const struct sandbox *s)
{
	static char	 text[128];

	strlcpy(text, "stdio rpath wpath cpath fattr flock recvfd",
	    sizeof(text));
	if (s->needs & (SANDBOX_UNIX | SANDBOX_INET | SANDBOX_UNKNOWN))
		strlcat(text, " unix", sizeof(text));
	if (s->needs & (SANDBOX_INET | SANDBOX_UNKNOWN))
		strlcat(text, " inet dns", sizeof(text));
	if (s->needs & SANDBOX_LATE)
		strlcat(text, " prot_exec", sizeof(text));
	return (text);
}

static void
promise(const char *promises)
{
	if (pledge(promises, NULL) == -1)
		fatal("pledge promises=\"%s\"", promises);
	pledged = 1;
}

void
sandbox_confine(const struct sandbox *s)
{
	if (waiting) {
		change_root(s);
		if (*s->user != '\0')
			privdrop_become(&who);
	}
	sandbox_harden();
	switch (s->role) {
	case SANDBOX_FRONTEND:
		/* inet: accept(2), getpeername(2) on TCP; unix: keylessctl */
		promise("stdio inet unix recvfd");
		break;
	case SANDBOX_FILES:
		promise("stdio recvfd");
		break;
	case SANDBOX_MODULE:
		/* In a root of its own all is the module's. */
		if (*s->root == '\0' || *s->user == '\0')
			unveil_paths(s);
		if (!(s->needs & (SANDBOX_SYSV | SANDBOX_DEVICES)))
			promise(module_promises(s));
		break;
	case SANDBOX_CLOUD:
		/* The same, of the files that hold credentials. */
		if (*s->root == '\0' || *s->user == '\0')
			unveil_paths(s);
		/* inet, dns: connect(2) to the cloud by its name */
		promise("stdio rpath inet dns recvfd");
		break;
	case SANDBOX_ASK:
		unveil_paths(s);
		promise("stdio rpath inet dns");
		break;
	case SANDBOX_PLACE:
		unveil_paths(s);
		promise("stdio rpath wpath cpath fattr chown flock recvfd "
		    "sendfd");
		break;
	case SANDBOX_PARENT:
	case SANDBOX_LAUNCHER:
		break;
	}
}

/* Whom a process may signal is not what pledge(2) speaks of. */
void
sandbox_fence(void)
{
}

/*
 * There is none: neither promises nor unveil(2) are inherited by what is
 * executed (without promises for that), so the parent starts processes itself.
 */
int
sandbox_has_launcher(void)
{
	return (0);
}

void
sandbox_launcher(void)
{
	fatalx("no launcher on this system");
}

pid_t
sandbox_fork(void)
{
	errno = ENOSYS;
	return (-1);
}

/* A reload may name any file to be read. */
void
sandbox_parent(const struct sandbox *s)
{
	const struct sandbox_path	*p;
	size_t				 i;

	sandbox_harden();
	if (unveil("/", "r") == -1)
		fatal("unveil path=/");
	for (i = 0; i < s->npaths; i++) {
		p = &s->paths[i];
		if (unveil(p->path, p->flags & SANDBOX_PROGRAM ? "rx" :
		    "rwc") == -1 && errno != ENOENT)
			fatal("unveil path=%s", p->path);
	}
	promise("stdio rpath wpath cpath fattr inet unix dns getpw sendfd "
	    "recvfd proc exec id");
}

int
sandbox_may_kill(void)
{
	return (1);
}

int
sandbox_end_with_parent(int signo)
{
	(void)signo;
	return (-1);
}

void
sandbox_report(struct msg_sandbox *m)
{
	memset(m, 0, sizeof(*m));
	m->uid = geteuid();
	m->gid = getegid();
	m->pledge = (uint32_t)pledged;
	m->capabilities = geteuid() == 0;
	strlcpy(m->root, changed_root, sizeof(m->root));
	if (!pledged)
		strlcpy(m->degraded, "no pledge: its module needs what no "
		    "promise allows", sizeof(m->degraded));
}

#else
typedef int not_openbsd;
#endif
