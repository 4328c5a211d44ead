/*
 * Every process, on Linux: which system calls it has.  A call that a role's
 * rows do not name ends the process (SIGSYS, and a line in the kernel's log
 * that says which it was).
 */
#ifdef __linux__

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <seccomp.h>

#include "compat.h"
#include "log.h"
#include "sandbox_linux.h"

/* Sanitizers, and they alone, need more; see the rows of SAN. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
#define SANITIZED	1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED	0
#endif

/* Who has a call. */
#define PARENT	0x0001
#define FRONT	0x0002
#define FILES	0x0004	/* signers of key files */
#define MODULE	0x0008	/* signers with any module */
#define UNIX	0x0010	/* those whose module needs ... UNIX sockets */
#define INET	0x0020	/* ... TCP/IP */
#define SYSV	0x0040	/* ... System V memory */
#define THREAD	0x0080	/* ... threads with priorities */
#define LATE	0x0100	/* ... libraries later on */
#define DEVICE	0x0200	/* ... devices */
#define ANY	0x0400	/* ... nobody knows what */
#define BECOME	0x0800	/* a child before it is confined: the parent too,
			 * whose filter its children inherit */
#define SAN	0x1000	/* a sanitizer's runtime in any process */
#define SAN_PARENT 0x2000	/* and in the one that ends by exit(3) */

#define KEEPER	(FILES | MODULE)
#define CHILD	(FRONT | FILES | MODULE)
#define ALL	(PARENT | CHILD)
#define SOCKET	(UNIX | INET | ANY)
#define NOSOCKET (FRONT | FILES)

/*
 * System calls without a look at their arguments.  What the rows of arguments
 * further down name is not here.  A name that this system does not know is
 * passed over.
 */
static const struct call {
	const char	*name;
	uint32_t	 who;
} calls[] = {
	/* messages and requests on sockets that were passed */
	{ "read",		ALL },
	{ "readv",		ALL },
	{ "write",		ALL },
	{ "writev",		ALL },
	{ "recvfrom",		ALL },
	{ "recvmsg",		ALL },		/* with descriptors */
	{ "sendto",		ALL },
	{ "sendmsg",		ALL },
	{ "shutdown",		PARENT | FRONT | SOCKET },
	{ "close",		ALL },
	{ "poll",		ALL },
	{ "ppoll",		ALL },
	{ "getsockopt",		ALL },		/* SO_PEERCRED, SO_ERROR */
	{ "getsockname",	PARENT | FRONT | SOCKET },
	{ "getpeername",	PARENT | FRONT | SOCKET },
	{ "setsockopt",		PARENT | FRONT | SOCKET },
	{ "accept4",		FRONT },	/* clients, keylessctl */
	{ "accept",		FRONT },
	{ "epoll_wait",		PARENT | FRONT | MODULE },	/* libevent */
	{ "epoll_pwait",	PARENT | FRONT | MODULE },
	{ "epoll_pwait2",	PARENT | FRONT | MODULE },
	{ "epoll_ctl",		PARENT | FRONT | MODULE },
	{ "epoll_create",	PARENT | MODULE },
	{ "epoll_create1",	PARENT | MODULE },
	{ "timerfd_settime",	PARENT | FRONT | MODULE },	/* libevent */

	/* key files, PIN and certificates: open descriptors, read in place */
	{ "pread64",		ALL },
	{ "lseek",		ALL },
	{ "fstat",		ALL },

	/* memory: see also mmap and mprotect below */
	{ "brk",		ALL },
	{ "munmap",		ALL },
	{ "mremap",		ALL },
	{ "madvise",		ALL },
	{ "mlock",		MODULE | PARENT | BECOME },	/* secmem.h */
	{ "mlock2",		MODULE },
	{ "munlock",		MODULE },

	/* time, chance, and who am I */
	{ "clock_gettime",	ALL },		/* where the vDSO has none */
	{ "clock_getres",	ALL },
	{ "clock_nanosleep",	ALL },
	{ "nanosleep",		ALL },		/* waiting for the flock */
	{ "gettimeofday",	ALL },
	{ "time",		ALL },
	{ "getrandom",		ALL },		/* libcrypto */
	{ "getpid",		ALL },		/* log lines, libcrypto */
	{ "getppid",		ALL },		/* is the parent there? */
	{ "gettid",		ALL },
	{ "getuid",		ALL },
	{ "geteuid",		ALL },		/* keylessctl's rights */
	{ "getgid",		ALL },
	{ "getegid",		ALL },
	{ "capget",		ALL },		/* sandbox_report() */
	{ "uname",		ALL },		/* libcrypto, libc */
	{ "sysinfo",		ALL },		/* qsort(3) asks for memory */
	{ "sched_getaffinity",	ALL },		/* malloc(3): processors */
	{ "sched_yield",	ALL },
	{ "getrusage",		ALL },
	{ "getcpu",		ALL },
	{ "times",		ALL },

	/* signals, and the end */
	{ "rt_sigaction",	ALL },
	{ "rt_sigprocmask",	ALL },
	{ "rt_sigreturn",	ALL },
	{ "sigaltstack",	ALL },
	{ "restart_syscall",	ALL },
	{ "alarm",		MODULE },	/* C_Finalize that hangs */
	{ "setitimer",		MODULE },
	{ "exit",		ALL },
	{ "exit_group",		ALL },

	/* libc's own: locks, thread bookkeeping */
	{ "futex",		ALL },
	{ "set_robust_list",	ALL },
	{ "get_robust_list",	ALL },
	{ "set_tid_address",	ALL },
	{ "rseq",		ALL },
	{ "membarrier",		ALL },
	{ "arch_prctl",		PARENT | LATE | ANY | BECOME },	/* exec */

	/* files that a module opens; which ones Landlock and its root say */
	{ "open",		MODULE | PARENT },
	{ "openat",		MODULE | PARENT },
	{ "creat",		MODULE | PARENT },
	{ "stat",		MODULE | PARENT },
	{ "lstat",		MODULE | PARENT },
	{ "newfstatat",		MODULE | PARENT },
	{ "fstatat64",		MODULE | PARENT },
	{ "statx",		MODULE | PARENT },
	{ "statfs",		MODULE | PARENT },
	{ "fstatfs",		MODULE | PARENT },
	{ "access",		MODULE | PARENT },
	{ "faccessat",		MODULE | PARENT },
	{ "faccessat2",		MODULE | PARENT },
	{ "readlink",		MODULE | PARENT },
	{ "readlinkat",		MODULE | PARENT },
	{ "getdents",		MODULE | PARENT },
	{ "getdents64",		MODULE | PARENT },
	{ "getcwd",		MODULE | PARENT },
	{ "chdir",		MODULE | PARENT },
	{ "fchdir",		MODULE | PARENT },
	{ "umask",		MODULE | PARENT },
	{ "unlink",		MODULE | PARENT },	/* control socket */
	{ "unlinkat",		MODULE | PARENT },
	{ "fcntl",		MODULE | PARENT },	/* locks, too */
	{ "flock",		MODULE | PARENT },	/* turns at login */
	{ "dup",		MODULE | PARENT },
	{ "dup2",		MODULE | PARENT },
	{ "dup3",		MODULE | PARENT },
	{ "pipe",		MODULE | PARENT },
	{ "pipe2",		MODULE | PARENT },
	{ "eventfd2",		MODULE | PARENT },
	{ "timerfd_create",	MODULE | PARENT },
	{ "timerfd_gettime",	MODULE },
	{ "select",		MODULE | PARENT },
	{ "pselect6",		MODULE | PARENT },
	{ "preadv",		MODULE },
	{ "pwrite64",		MODULE },	/* a token's database */
	{ "pwritev",		MODULE },
	{ "ftruncate",		MODULE },
	{ "truncate",		MODULE },
	{ "fallocate",		MODULE },
	{ "fsync",		MODULE },
	{ "fdatasync",		MODULE },
	{ "fadvise64",		MODULE },
	{ "msync",		MODULE },
	{ "mkdir",		MODULE | BECOME },
	{ "mkdirat",		MODULE | BECOME },
	{ "rmdir",		MODULE },
	{ "rename",		MODULE },
	{ "renameat",		MODULE },
	{ "renameat2",		MODULE },
	{ "link",		MODULE },
	{ "linkat",		MODULE },
	{ "symlink",		MODULE },
	{ "symlinkat",		MODULE },
	{ "chmod",		MODULE },	/* a token's new files */
	{ "fchmod",		MODULE },
	{ "fchmodat",		MODULE },
	{ "chown",		MODULE },
	{ "fchown",		MODULE },
	{ "lchown",		MODULE },
	{ "fchownat",		MODULE },
	{ "utime",		MODULE },
	{ "utimensat",		MODULE },
	{ "futimesat",		MODULE },
	{ "sendfile",		MODULE },
	{ "copy_file_range",	MODULE },
	{ "getpgrp",		MODULE },
	{ "getresuid",		MODULE },
	{ "getresgid",		MODULE },
	{ "getgroups",		MODULE | PARENT },
	{ "rt_sigtimedwait",	MODULE },
	{ "rt_sigpending",	MODULE },
	{ "pause",		MODULE },
	{ "rt_sigsuspend",	MODULE },

	/* a module that talks to a server of its own */
	{ "connect",		PARENT | SOCKET },
	{ "bind",		PARENT | INET },	/* netlink, too */
	{ "recvmmsg",		PARENT | INET },
	{ "sendmmsg",		PARENT | INET },	/* name service */
	{ "socketpair",		PARENT | SOCKET },

	/* openCryptoki's registry of tokens */
	{ "shmget",		SYSV },
	{ "shmat",		SYSV },
	{ "shmdt",		SYSV },
	{ "shmctl",		SYSV },
	{ "semget",		SYSV },
	{ "semop",		SYSV },
	{ "semtimedop",		SYSV },
	{ "semctl",		SYSV },

	/* threads: see also clone below */
	{ "sched_getparam",	THREAD },
	{ "sched_getscheduler",	THREAD },
	{ "sched_setscheduler",	THREAD },
	{ "sched_get_priority_max", THREAD },
	{ "sched_get_priority_min", THREAD },
	{ "sched_setaffinity",	THREAD },
	{ "sched_getattr",	THREAD },	/* GLib */
	{ "sched_setattr",	THREAD },
	{ "getpriority",	THREAD },
	{ "setpriority",	THREAD },

	/* what libraries of which nothing is known may want */
	{ "personality",	ANY },
	{ "inotify_init1",	ANY },
	{ "inotify_add_watch",	ANY },
	{ "inotify_rm_watch",	ANY },
	{ "mincore",		ANY },
	{ "memfd_create",	ANY | PARENT },	/* pin-value, tokens */
	{ "timer_create",	ANY },
	{ "timer_settime",	ANY },
	{ "timer_gettime",	ANY },
	{ "timer_getoverrun",	ANY },
	{ "timer_delete",	ANY },
	{ "getsid",		ANY },
	{ "getpgid",		ANY },
	{ "mlockall",		ANY | BECOME },
	{ "munlockall",		ANY },
	{ "pkey_alloc",		ANY },
	{ "pkey_free",		ANY },

	/* the parent: sockets, files, processes, at a reload as at the start */
	{ "listen",		PARENT },
	{ "mkdirat",		PARENT },
	{ "fork",		PARENT },
	{ "vfork",		PARENT },
	{ "execve",		PARENT },	/* -F, keyless-signer */
	{ "wait4",		PARENT },
	{ "waitid",		PARENT },
	{ "kill",		PARENT },	/* signers that are stuck */
	{ "close_range",	PARENT },	/* before exec */
	{ "rename",		PARENT },
	{ "setsid",		PARENT },
	{ "pidfd_open",		PARENT },
	{ "pidfd_send_signal",	PARENT },

	/* what turns a child of the parent into what it is */
	{ "prctl",		BECOME },
	{ "mmap",		BECOME },
	{ "mprotect",		BECOME },
	{ "prlimit64",		BECOME },
	{ "setrlimit",		BECOME },
	{ "getrlimit",		BECOME },
	{ "ioctl",		BECOME },
	{ "socket",		BECOME },
	{ "clone",		BECOME },
	{ "tgkill",		BECOME },
	{ "unshare",		BECOME },
	{ "mount",		BECOME },
	{ "umount2",		BECOME },
	{ "pivot_root",		BECOME },
	{ "open_tree",		BECOME },
	{ "move_mount",		BECOME },
	{ "fsopen",		BECOME },
	{ "fsconfig",		BECOME },
	{ "fsmount",		BECOME },
	{ "mount_setattr",	BECOME },
	{ "chroot",		BECOME },
	{ "setgroups",		BECOME },
	{ "setresgid",		BECOME },
	{ "setresuid",		BECOME },
	{ "setuid",		BECOME },	/* that it is refused */
	{ "setreuid",		BECOME },
	{ "setgid",		BECOME },
	{ "setfsuid",		BECOME },
	{ "setfsgid",		BECOME },
	{ "capset",		BECOME },
	{ "seccomp",		BECOME },
	{ "landlock_create_ruleset", BECOME },
	{ "landlock_add_rule",	BECOME },
	{ "landlock_restrict_self", BECOME },

	/* the runtime of sanitizers */
	{ "pipe2",		SAN },		/* is memory accessible? */
	{ "ptrace",		SAN_PARENT },	/* looks for leaks at the end */
};

/* The same where one argument decides; each value has a row. */
static const struct argument {
	const char		*name;
	uint32_t		 who;
	unsigned int		 arg;		/* 0..5 */
	enum scmp_compare	 op;
	uint64_t		 value;		/* SCMP_CMP_MASKED_EQ: mask */
	uint64_t		 masked;
	int			 error;		/* 0: allowed; or errno */
} arguments[] = {
#define EQ(v)		SCMP_CMP_EQ, (uint64_t)(v), 0
#define MASK(m, v)	SCMP_CMP_MASKED_EQ, (m), (v)
	/* nothing becomes code that was not, but libraries */
	{ "mmap",	CHILD, 2, MASK(PROT_EXEC, 0), 0 },
	{ "mprotect",	CHILD, 2, MASK(PROT_EXEC, 0), 0 },
	{ "mmap",	LATE | ANY, 2, MASK(PROT_EXEC, PROT_EXEC), 0 },
	{ "mprotect",	LATE | ANY, 2, MASK(PROT_EXEC, PROT_EXEC), 0 },

	/* fstat(3) of newer libcs; other than that there is no file */
	{ "newfstatat",	FRONT | FILES, 3, MASK(AT_EMPTY_PATH, AT_EMPTY_PATH),
	    0 },
	{ "newfstatat",	FRONT | FILES, 3, MASK(AT_EMPTY_PATH, 0), EACCES },
	{ "statx",	FRONT | FILES, 2, MASK(AT_EMPTY_PATH, AT_EMPTY_PATH),
	    0 },
	{ "statx",	FRONT | FILES, 2, MASK(AT_EMPTY_PATH, 0), EACCES },

	/* descriptors that were passed */
	{ "fcntl",	FRONT | FILES, 1, EQ(F_GETFL), 0 },
	{ "fcntl",	FRONT | FILES, 1, EQ(F_SETFL), 0 },
	{ "fcntl",	FRONT | FILES, 1, EQ(F_GETFD), 0 },
	{ "fcntl",	FRONT | FILES, 1, EQ(F_SETFD), 0 },
	{ "fcntl",	FRONT, 1, EQ(F_DUPFD_CLOEXEC), 0 },

	/* how much is there to be read; never typing at a terminal */
	{ "ioctl",	FRONT | MODULE, 1, EQ(FIONREAD), 0 },
	{ "ioctl",	FRONT | MODULE, 1, EQ(FIONBIO), 0 },
	{ "ioctl",	CHILD, 1, EQ(TCGETS), ENOTTY },	/* isatty(3) */
	{ "ioctl",	DEVICE | ANY, 1, SCMP_CMP_GT, 0x54ff, 0, 0 },
	{ "ioctl",	DEVICE | ANY, 1, SCMP_CMP_LT, 0x5400, 0, 0 },

	/* limits are asked for, not changed */
	{ "prlimit64",	CHILD, 2, EQ(0), 0 },
	{ "getrlimit",	CHILD, 0, SCMP_CMP_GE, 0, 0, 0 },

	/* sandbox_report(); names of threads and, of libc, of memory */
	{ "prctl",	CHILD, 0, EQ(PR_GET_SECCOMP), 0 },
	{ "prctl",	CHILD, 0, EQ(PR_GET_NO_NEW_PRIVS), 0 },
	{ "prctl",	CHILD, 0, EQ(PR_GET_DUMPABLE), 0 },
	{ "prctl",	CHILD, 0, EQ(PR_CAPBSET_READ), 0 },
	{ "prctl",	CHILD, 0, EQ(PR_SET_NAME), 0 },
	{ "prctl",	CHILD, 0, EQ(PR_SET_PDEATHSIG), 0 },
	{ "prctl",	CHILD, 0, EQ(PR_GET_NAME), 0 },
	{ "prctl",	CHILD, 0, EQ(0x53564d41), EINVAL }, /* PR_SET_VMA */

	/* abort(3) and raise(3): to itself alone */
	{ "tgkill",	CHILD, 0, SCMP_CMP_EQ, UINT64_MAX, 0, 0 },

	/* threads, one of which watches the parent; no processes */
	{ "clone",	MODULE, 0, MASK(CLONE_THREAD, CLONE_THREAD), 0 },
	{ "clone",	CHILD, 0, MASK(CLONE_THREAD, 0), EPERM },

	{ "socket",	UNIX | INET | ANY, 0, EQ(AF_UNIX), 0 },
	{ "socket",	INET | ANY, 0, EQ(AF_INET), 0 },
	{ "socket",	INET | ANY, 0, EQ(AF_INET6), 0 },
	{ "socket",	INET | ANY, 0, EQ(AF_NETLINK), 0 },
	{ "socket",	SOCKET, 0, SCMP_CMP_GT, AF_NETLINK, 0, EAFNOSUPPORT },
#undef EQ
#undef MASK
};

/*
 * What libraries try and can do without: they get an error, and live.  A row
 * counts where no row above gives the role the call.
 */
static const struct refusal {
	const char	*name;
	uint32_t	 who;
	int		 error;
} refusals[] = {
	/* files: /etc/localtime, openssl.cnf, the name service */
	{ "open",		FRONT | FILES, EACCES },
	{ "openat",		FRONT | FILES, EACCES },
	{ "stat",		FRONT | FILES, EACCES },
	{ "lstat",		FRONT | FILES, EACCES },
	{ "access",		FRONT | FILES, EACCES },
	{ "faccessat",		FRONT | FILES, EACCES },
	{ "faccessat2",		FRONT | FILES, EACCES },
	{ "readlink",		FRONT | FILES, EACCES },
	{ "readlinkat",		FRONT | FILES, EACCES },
	/* syslog(3), when syslogd was restarted; name service caches */
	{ "socket",		FRONT | FILES | MODULE, EACCES },
	{ "connect",		FRONT | FILES | MODULE, EACCES },
	/* helpers that a library would like to start */
	{ "execve",		CHILD, EACCES },
	{ "execveat",		CHILD, EACCES },
	{ "fork",		CHILD, EPERM },
	{ "vfork",		CHILD, EPERM },
	/* newer forms of calls, whose older forms have rows above */
	{ "clone3",		ALL, ENOSYS },
	{ "openat2",		ALL, ENOSYS },
	{ "close_range",	CHILD, ENOSYS },
	{ "fchmodat2",		ALL, ENOSYS },
	{ "mlockall",		CHILD, EPERM },
	{ "io_uring_setup",	ALL, ENOSYS },
};

/*
 * System calls have had the same numbers on all architectures since number
 * 424.  Those after the newest that was known when this was written are not
 * there, as if the kernel were older: then a newer libc does without.
 */
#define CALLS_KNOWN	463
#define CALLS_RESERVED	560
#define CALLS_COMMON	424

static void
add(scmp_filter_ctx ctx, uint32_t action, int nr, const char *name,
    const struct scmp_arg_cmp *cmp)
{
	int	 error;

	error = seccomp_rule_add_array(ctx, action, nr, cmp != NULL, cmp);
	if (error < 0 && error != -EDOM && error != -EOPNOTSUPP) {
		errno = -error;
		fatal("seccomp_rule_add name=%s", name);
	}
}

/* Its number, or -1 on a system that has no such call. */
static int
number(const char *name)
{
	int	 nr = seccomp_syscall_resolve_name(name);

	return (nr < 0 ? -1 : nr);
}

static int
call_is_plain(const char *name, uint32_t who)
{
	size_t	 i;

	for (i = 0; i < nitems(calls); i++)
		if ((calls[i].who & who) && strcmp(calls[i].name, name) == 0)
			return (1);
	return (0);
}

static void
add_calls(scmp_filter_ctx ctx, uint32_t who)
{
	size_t	 i;
	int	 nr;

	for (i = 0; i < nitems(calls); i++)
		if ((calls[i].who & who) &&
		    (nr = number(calls[i].name)) != -1)
			add(ctx, SCMP_ACT_ALLOW, nr, calls[i].name, NULL);
}

/* Two rows that allow or refuse the same would be one too many. */
static int
row_is_first(const struct argument *row, uint32_t who)
{
	const struct argument	*r;

	for (r = arguments; r < row; r++)
		if ((r->who & who) && strcmp(r->name, row->name) == 0 &&
		    r->op == row->op && r->value == row->value &&
		    r->masked == row->masked)
			return (0);
	return (1);
}

static void
add_arguments(scmp_filter_ctx ctx, uint32_t who)
{
	const struct argument	*r;
	struct scmp_arg_cmp	 cmp;
	int			 nr;

	for (r = arguments; r < arguments + nitems(arguments); r++) {
		if (!(r->who & who) || call_is_plain(r->name, who) ||
		    (nr = number(r->name)) == -1 || !row_is_first(r, who))
			continue;
		cmp.arg = r->arg;
		cmp.op = r->op;
		cmp.datum_a = r->value == UINT64_MAX ? (uint64_t)getpid() :
		    r->value;
		cmp.datum_b = r->masked;
		add(ctx, r->error == 0 ? SCMP_ACT_ALLOW :
		    SCMP_ACT_ERRNO((uint16_t)r->error), nr, r->name, &cmp);
	}
}

static int
has_arguments(const char *name, uint32_t who)
{
	size_t	 i;

	for (i = 0; i < nitems(arguments); i++)
		if ((arguments[i].who & who) &&
		    strcmp(arguments[i].name, name) == 0)
			return (1);
	return (0);
}

static void
add_refusals(scmp_filter_ctx ctx, uint32_t who)
{
	size_t	 i;
	int	 nr;

	for (i = 0; i < nitems(refusals); i++)
		if ((refusals[i].who & who) &&
		    !call_is_plain(refusals[i].name, who) &&
		    !has_arguments(refusals[i].name, who) &&
		    (nr = number(refusals[i].name)) != -1)
			add(ctx, SCMP_ACT_ERRNO((uint16_t)refusals[i].error),
			    nr, refusals[i].name, NULL);
}

static void
add_unknown(scmp_filter_ctx ctx)
{
	int	 nr;

	if (number("pidfd_send_signal") != CALLS_COMMON)
		return;		/* numbers with an offset */
	for (nr = CALLS_KNOWN; nr < CALLS_RESERVED; nr++)
		add(ctx, SCMP_ACT_ERRNO(ENOSYS), nr, "unknown", NULL);
}

static uint32_t
who_is(enum sandbox_role role, uint32_t needs)
{
	static const struct {
		uint32_t	 need;
		uint32_t	 who;
	} rows[] = {
		{ SANDBOX_UNIX,		UNIX },
		{ SANDBOX_INET,		UNIX | INET },
		{ SANDBOX_SYSV,		SYSV },
		{ SANDBOX_THREADS,	THREAD },
		{ SANDBOX_LATE,		LATE },
		{ SANDBOX_DEVICES,	DEVICE },
		{ SANDBOX_UNKNOWN,	ANY | UNIX | THREAD | LATE },
	};
	uint32_t	 who = SANITIZED ? SAN : 0;
	size_t		 i;

	switch (role) {
	case SANDBOX_PARENT:
		/* Its children inherit its filter: all that they may do. */
		return (SANITIZED ? UINT32_MAX : ~(uint32_t)(SAN | SAN_PARENT));
	case SANDBOX_FRONTEND:
		return (who | FRONT);
	case SANDBOX_FILES:
		return (who | FILES);
	case SANDBOX_MODULE:
		break;
	}
	who |= MODULE;
	for (i = 0; i < nitems(rows); i++)
		if (needs & rows[i].need)
			who |= rows[i].who;
	return (who);
}

static void
set(scmp_filter_ctx ctx, enum scmp_filter_attr attr, uint32_t value)
{
	int	 error;

	if ((error = seccomp_attr_set(ctx, attr, value)) == 0)
		return;
	errno = -error;
	fatal("seccomp_attr_set attr=%d", (int)attr);
}

void
seccomp_enter(enum sandbox_role role, uint32_t needs)
{
	scmp_filter_ctx	 ctx;
	uint32_t	 who = who_is(role, needs);
	int		 error;

	if ((ctx = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		fatalx("seccomp_init");
	set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A tree, not a list: the kernel is through after a few steps. */
	set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	add_calls(ctx, who);
	add_arguments(ctx, who);
	add_refusals(ctx, who);
	add_unknown(ctx);
	if ((error = seccomp_load(ctx)) < 0) {
		errno = -error;
		sandbox_degrade("no seccomp: %s", strerror(errno));
	}
	seccomp_release(ctx);
}

#else
typedef int not_linux;
#endif
