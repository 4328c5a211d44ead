/*
 * Every process, on Linux: which system calls it has, and what for.  One row
 * a call.
 */
#ifdef __linux__

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <termios.h>

#include "compat.h"
#include "sandbox_linux_calls.h"

const struct call calls[] = {
	/* messages and requests on sockets that were passed */
	{ "read",		ALL },
	{ "readv",		ALL },
	{ "write",		ALL },
	{ "writev",		ALL },
	{ "recvfrom",		ALL },
	{ "recvmsg",		ALL },		/* with descriptors */
	{ "sendto",		ALL },
	{ "sendmsg",		ALL },
	{ "shutdown",		PARENT | FRONT | SOCKET | CLOUD | ASK },
	{ "close",		ALL },
	{ "poll",		ALL },
	{ "ppoll",		ALL },
	{ "getsockopt",		ALL },		/* SO_PEERCRED, SO_ERROR */
	{ "getsockname",	PARENT | FRONT | SOCKET | CLOUD | ASK },
	{ "getpeername",	PARENT | FRONT | SOCKET | CLOUD | ASK },
	{ "setsockopt",		PARENT | FRONT | SOCKET | CLOUD | ASK },
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
	{ "arch_prctl",		LATE | ANY | BECOME },	/* exec */

	/* files that a module opens; which ones Landlock and its root say */
	{ "open",		MODULE | PARENT | ASK | PLACE },
	{ "openat",		MODULE | PARENT | ASK | PLACE },
	{ "creat",		MODULE | PARENT },
	{ "stat",		MODULE | PARENT | ASK },
	{ "lstat",		MODULE | PARENT | ASK },
	{ "newfstatat",		MODULE | PARENT | ASK | PLACE },
	{ "fstatat64",		MODULE | PARENT | PLACE },
	{ "statx",		MODULE | PARENT | ASK | PLACE },
	{ "statfs",		MODULE | PARENT },
	{ "fstatfs",		MODULE | PARENT },
	{ "access",		MODULE | PARENT | ASK },
	{ "faccessat",		MODULE | PARENT | ASK },
	{ "faccessat2",		MODULE | PARENT | ASK },
	{ "readlink",		MODULE | PARENT | ASK },
	{ "readlinkat",		MODULE | PARENT | ASK },
	{ "getdents",		MODULE | PARENT },
	{ "getdents64",		MODULE | PARENT },
	{ "getcwd",		MODULE | PARENT },
	{ "chdir",		MODULE | PARENT },
	{ "fchdir",		MODULE | PARENT },
	{ "umask",		MODULE | PARENT | PLACE },
	{ "unlink",		MODULE | PARENT },	/* control socket */
	{ "unlinkat",		MODULE | PARENT | PLACE },
	/* others, see below; they pass the launcher's filter and their own */
	{ "fcntl",		PARENT | LAUNCH },
	{ "flock",		MODULE | PARENT | PLACE }, /* turns at login */
	{ "dup",		MODULE | PARENT | ASK },
	{ "dup2",		MODULE | PARENT },
	{ "dup3",		MODULE | PARENT },
	{ "pipe",		MODULE | PARENT },
	{ "pipe2",		MODULE | PARENT | ASK },
	{ "eventfd2",		MODULE | PARENT | ASK },
	{ "timerfd_create",	MODULE | PARENT },
	{ "timerfd_gettime",	MODULE },
	{ "select",		MODULE | PARENT | ASK },
	{ "pselect6",		MODULE | PARENT | ASK },
	{ "preadv",		MODULE },
	{ "pwrite64",		MODULE | ASK | PLACE },	/* a token's database */
	{ "pwritev",		MODULE },
	{ "ftruncate",		MODULE },
	{ "truncate",		MODULE },
	{ "fallocate",		MODULE },
	{ "fsync",		MODULE | PLACE },
	{ "fdatasync",		MODULE },
	{ "fadvise64",		MODULE },
	{ "msync",		MODULE },
	{ "mkdir",		MODULE | BECOME },
	{ "mkdirat",		MODULE | BECOME },
	{ "rmdir",		MODULE },
	{ "rename",		MODULE },
	{ "renameat",		MODULE | PLACE },
	{ "renameat2",		MODULE | PLACE },
	{ "link",		MODULE },
	{ "linkat",		MODULE | PLACE },
	{ "symlink",		MODULE },
	{ "symlinkat",		MODULE },
	{ "chmod",		MODULE },	/* a token's new files */
	{ "fchmod",		MODULE | PLACE },
	{ "fchmodat",		MODULE },
	{ "chown",		MODULE },
	{ "fchown",		MODULE | PLACE },
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
	{ "getgroups",		MODULE | PARENT | ASK },
	{ "rt_sigtimedwait",	MODULE },
	{ "rt_sigpending",	MODULE },
	{ "pause",		MODULE },
	{ "rt_sigsuspend",	MODULE },

	/* a module that talks to a server of its own */
	{ "connect",		PARENT | SOCKET | ASK },
	{ "bind",		PARENT | INET | ASK },	/* netlink, too */
	{ "recvmmsg",		PARENT | INET | ASK },
	{ "sendmmsg",		PARENT | INET | ASK },	/* name service */
	{ "socketpair",		PARENT | SOCKET | ASK },

	/* a cloud: libcurl, its thread that resolves names, credentials */
	{ "connect",		CLOUD },	/* to what Landlock lets it */
	{ "socketpair",		CLOUD },	/* the resolver is done */
	{ "pipe2",		CLOUD },	/* the same, newer libcurl */
	{ "eventfd2",		CLOUD },	/* the same */
	{ "sendmmsg",		CLOUD },	/* A and AAAA at once */
	{ "open",		CLOUD },	/* credentials, resolv.conf */
	{ "openat",		CLOUD },
	{ "stat",		CLOUD },	/* has resolv.conf changed? */
	{ "newfstatat",		CLOUD },
	{ "statx",		CLOUD },

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
	{ "memfd_create",	ANY | PARENT | PLACE },	/* pin-value, tokens */
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

	/* the parent: sockets and files at a reload, ends of processes */
	{ "listen",		PARENT },
	{ "rename",		PARENT },	/* pid file */
	{ "ftruncate",		PARENT },
	{ "setresgid",		PARENT | BECOME }, /* control socket's group */
	{ "wait4",		PARENT | BECOME },
	{ "waitid",		PARENT | BECOME },

	/* the launcher */
	{ "execve",		LAUNCH },	/* -F, keyless-signer */
	{ "close_range",	LAUNCH },	/* before it */
	{ "fork",		LAUNCH | PARENT }, /* see also clone below */
	{ "vfork",		LAUNCH },

	/* what turns a child of the launcher into what it is */
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
	{ "clone",		SAN_PARENT },	/* by a thread */
	{ "prctl",		SAN_PARENT },
};

const size_t	 ncalls = nitems(calls);

#define NEW_SPACES	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |	\
			    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | \
			    CLONE_NEWCGROUP)

const struct argument arguments[] = {
#define EQ(v)		SCMP_CMP_EQ, (uint64_t)(v), 0
#define MASK(m, v)	SCMP_CMP_MASKED_EQ, (m), (v)
#define OTHERS		(MODULE | CLOUD | ASK | PLACE)
#define FCNTL_RANGE(v, m)						\
	{ "fcntl",	OTHERS, 1, MASK(m, v), 0 }
#define FCNTL_REFUSED(v)						\
	{ "fcntl",	OTHERS, 1, MASK(0xffffffff, v), EPERM }
#define IOCTL_RANGE(v, m)						\
	{ "ioctl",	DEVICE | ANY, 1, MASK(m, v), 0 }
#define IOCTL_BIT(n)							\
	{ "ioctl",	DEVICE | ANY, 1, MASK(UINT64_C(1) << (n),	\
	    UINT64_C(1) << (n)), 0 }
	/* nothing becomes code that was not, but libraries */
	{ "mmap",	CHILD | PARENT, 2, MASK(PROT_EXEC, 0), 0 },
	{ "mprotect",	CHILD | PARENT, 2, MASK(PROT_EXEC, 0), 0 },
	{ "mmap",	LATE | ANY, 2, MASK(PROT_EXEC, PROT_EXEC), 0 },
	{ "mprotect",	LATE | ANY, 2, MASK(PROT_EXEC, PROT_EXEC), 0 },
	/* the name service's, first asked for a name at a reload */
	{ "mmap",	PARENT, 2, MASK(PROT_WRITE | PROT_EXEC, PROT_EXEC),
	    0 },

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

	/* locks, flags, pipes; but no signals to the owner of a descriptor */
	FCNTL_RANGE(F_DUPFD, 0xfffffff8),	/* to F_SETLKW */
	FCNTL_RANGE(12, 0xfffffffe),		/* of 32 bits: F_GETLK64 */
	FCNTL_RANGE(14, 0xffffffff),
	FCNTL_RANGE(36, 0xfffffffc),		/* F_OFD_GETLK and so on */
	FCNTL_RANGE(1024, 0xfffffff0),		/* F_SETLEASE and so on */
	FCNTL_REFUSED(8),			/* F_SETOWN */
	FCNTL_REFUSED(9),
	FCNTL_REFUSED(10),			/* F_SETSIG */
	FCNTL_REFUSED(11),
	FCNTL_REFUSED(15),			/* F_SETOWN_EX */
	FCNTL_REFUSED(16),

	/* how much is there to be read; never typing at a terminal */
	{ "ioctl",	FRONT | MODULE | CLOUD | ASK | PARENT, 1, EQ(FIONREAD),
	    0 },
	{ "ioctl",	FRONT | MODULE | CLOUD | ASK | PARENT, 1, EQ(FIONBIO),
	    0 },
	{ "ioctl",	CHILD | PARENT, 1, EQ(TCGETS), ENOTTY }, /* isatty(3) */
	/*
	 * whatever devices know, but not what terminals do: 0x5400 to 0x54ff
	 * in the lower 32 bits, which are all that the kernel looks at
	 */
	{ "ioctl",	DEVICE | ANY, 1, SCMP_CMP_LT, 0x5400, 0, 0 },
	IOCTL_RANGE(0x5500, 0xffffff00),
	IOCTL_RANGE(0x5600, 0xfffffe00),
	IOCTL_RANGE(0x5800, 0xfffff800),
	IOCTL_RANGE(0x6000, 0xffffe000),
	IOCTL_RANGE(0x8000, 0xffff8000),
	IOCTL_BIT(16), IOCTL_BIT(17), IOCTL_BIT(18), IOCTL_BIT(19),
	IOCTL_BIT(20), IOCTL_BIT(21), IOCTL_BIT(22), IOCTL_BIT(23),
	IOCTL_BIT(24), IOCTL_BIT(25), IOCTL_BIT(26), IOCTL_BIT(27),
	IOCTL_BIT(28), IOCTL_BIT(29), IOCTL_BIT(30), IOCTL_BIT(31),

	/* not to interrupt signers: itself, without privilege */
	{ "sched_setscheduler",	FRONT, 0, EQ(0), 0 },

	/* limits are asked for, not changed */
	{ "prlimit64",	CHILD, 2, EQ(0), 0 },
	{ "getrlimit",	CHILD | PARENT, 0, SCMP_CMP_GE, 0, 0, 0 },
	/* but for key files, of which a reload may bring more: its own */
	{ "prlimit64",	PARENT, 0, EQ(0), 0 },
	{ "setrlimit",	PARENT, 0, EQ(RLIMIT_NOFILE), 0 },

	/* sandbox_report(); names of threads and, of libc, of memory */
	{ "prctl",	CHILD | PARENT, 0, EQ(PR_GET_SECCOMP), 0 },
	{ "prctl",	CHILD | PARENT, 0, EQ(PR_GET_NO_NEW_PRIVS), 0 },
	{ "prctl",	CHILD | PARENT, 0, EQ(PR_GET_DUMPABLE), 0 },
	{ "prctl",	CHILD | PARENT, 0, EQ(PR_SET_NAME), 0 },
	{ "prctl",	CHILD, 0, EQ(PR_SET_PDEATHSIG), 0 },
	{ "prctl",	CHILD | PARENT, 0, EQ(PR_GET_NAME), 0 },
	{ "prctl",	CHILD | PARENT, 0, EQ(0x53564d41), EINVAL }, /* _VMA */

	/* abort(3) and raise(3): to itself alone */
	{ "tgkill",	CHILD | PARENT, 0, SCMP_CMP_EQ, OWN_PID, 0, 0 },
	/* processes that are stuck; sandbox_fence() says which it reaches */
	{ "kill",	PARENT, 1, EQ(SIGKILL), 0 },

	/* threads of modules and of libcurl; no processes */
	{ "clone",	MODULE | CLOUD | ASK, 0, MASK(CLONE_THREAD,
	    CLONE_THREAD), 0 },
	{ "clone",	CHILD, 0, MASK(CLONE_THREAD, 0), EPERM },
	/* the parent's: looks for secrets in a config file, and is gone */
	{ "clone",	PARENT, 0, MASK(CLONE_VM | CLONE_PARENT | NEW_SPACES,
	    0), 0 },

	{ "socket",	UNIX | INET | ANY | PARENT, 0, EQ(AF_UNIX), 0 },
	{ "socket",	INET | ANY | PARENT, 0, EQ(AF_INET), 0 },
	{ "socket",	INET | ANY | PARENT, 0, EQ(AF_INET6), 0 },
	{ "socket",	INET | ANY | PARENT, 0, EQ(AF_NETLINK), 0 },
	{ "socket",	SOCKET | PARENT, 0, SCMP_CMP_GT, AF_NETLINK, 0,
	    EAFNOSUPPORT },

	/* a cloud's: no caches of the name service, no list of interfaces */
	{ "socket",	CLOUD | ASK, 0, EQ(AF_INET), 0 },
	{ "socket",	CLOUD | ASK, 0, EQ(AF_INET6), 0 },
	{ "socket",	CLOUD | ASK, 0, EQ(AF_UNIX), EACCES },
	{ "socket",	CLOUD, 0, EQ(AF_NETLINK), EAFNOSUPPORT },
	{ "socket",	ASK, 0, EQ(AF_NETLINK), 0 },
#undef EQ
#undef MASK
#undef OTHERS
#undef FCNTL_RANGE
#undef FCNTL_REFUSED
#undef IOCTL_RANGE
#undef IOCTL_BIT
};

const size_t	 narguments = nitems(arguments);

const struct refusal refusals[] = {
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
	{ "socket",		FRONT | FILES | MODULE | PLACE, EACCES },
	{ "connect",		FRONT | FILES | MODULE | PLACE, EACCES },
	/* helpers that a library would like to start */
	{ "execve",		CHILD | PARENT, EACCES },
	{ "execveat",		CHILD | PARENT, EACCES },
	{ "fork",		CHILD, EPERM },
	{ "vfork",		CHILD | PARENT, EPERM },
	/* what the name service and libcurl try, and can do without */
	{ "access",		CLOUD, EACCES },
	{ "faccessat",		CLOUD, EACCES },
	{ "faccessat2",		CLOUD, EACCES },
	{ "readlink",		CLOUD, EACCES },
	{ "readlinkat",		CLOUD, EACCES },
	{ "lstat",		CLOUD, EACCES },
	/* it listens to nobody */
	{ "bind",		CLOUD, EACCES },
	{ "listen",		CLOUD, EACCES },
	/* newer forms of calls, whose older forms have rows above */
	{ "clone3",		ALL, ENOSYS },
	{ "openat2",		ALL, ENOSYS },
	{ "close_range",	CHILD | PARENT, ENOSYS },
	{ "fchmodat2",		ALL, ENOSYS },
	{ "mlockall",		CHILD | PARENT, EPERM },
	{ "io_uring_setup",	ALL, ENOSYS },
};

const size_t	 nrefusals = nitems(refusals);

#else
typedef int not_linux;
#endif
