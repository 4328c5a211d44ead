/* Every process but the launcher, on Linux: files, TCP ports and processes. */
#ifdef __linux__

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "sandbox_linux.h"

/*
 * The kernel's interface, as in Documentation/userspace-api/landlock.rst.
 * Systems run kernels that are newer than the headers they build with, so all
 * of it is written down here.
 */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_add_rule		445
#define SYS_landlock_restrict_self	446
#endif

#define CREATE_RULESET_VERSION	0x01
#define RULE_PATH_BENEATH	1
#define RULE_NET_PORT		2

#define FS_EXECUTE	(UINT64_C(1) << 0)
#define FS_WRITE_FILE	(UINT64_C(1) << 1)
#define FS_READ_FILE	(UINT64_C(1) << 2)
#define FS_READ_DIR	(UINT64_C(1) << 3)
#define FS_REMOVE_DIR	(UINT64_C(1) << 4)
#define FS_REMOVE_FILE	(UINT64_C(1) << 5)
#define FS_MAKE_CHAR	(UINT64_C(1) << 6)
#define FS_MAKE_DIR	(UINT64_C(1) << 7)
#define FS_MAKE_REG	(UINT64_C(1) << 8)
#define FS_MAKE_SOCK	(UINT64_C(1) << 9)
#define FS_MAKE_FIFO	(UINT64_C(1) << 10)
#define FS_MAKE_BLOCK	(UINT64_C(1) << 11)
#define FS_MAKE_SYM	(UINT64_C(1) << 12)
#define FS_ABI_1	((UINT64_C(1) << 13) - 1)
#define FS_REFER	(UINT64_C(1) << 13)	/* ABI 2 */
#define FS_TRUNCATE	(UINT64_C(1) << 14)	/* ABI 3 */
#define FS_IOCTL_DEV	(UINT64_C(1) << 15)	/* ABI 5 */

#define NET_BIND_TCP	(UINT64_C(1) << 0)	/* ABI 4 */
#define NET_CONNECT_TCP	(UINT64_C(1) << 1)

#define SCOPE_ABSTRACT	(UINT64_C(1) << 0)	/* ABI 6 */
#define SCOPE_SIGNAL	(UINT64_C(1) << 1)

#define ABI_NEWEST	7	/* its news, and those after it, only log */

/* Rights that make sense for something that is no directory. */
#define FS_OF_FILES	(FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE |	\
			    FS_IOCTL_DEV)
#define FS_READ		(FS_READ_FILE | FS_READ_DIR)
#define FS_WRITE	(FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | \
			    FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK |	\
			    FS_MAKE_FIFO | FS_MAKE_SYM | FS_REFER |	\
			    FS_TRUNCATE)

struct ruleset_attr {
	uint64_t	 fs;		/* ABI 1 */
	uint64_t	 net;		/* ABI 4 */
	uint64_t	 scoped;	/* ABI 6 */
};

struct path_attr {
	uint64_t	 allowed;
	int32_t		 fd;
} __attribute__((packed));

struct port_attr {
	uint64_t	 allowed;
	uint64_t	 port;		/* of this host's byte order */
};

static int
abi_version(void)
{
	long	 abi;

	abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    CREATE_RULESET_VERSION);
	return (abi < 1 ? 0 : (int)abi);
}

/*
 * A module that speaks TCP/IP does so with servers that only it knows; who
 * asks an API, with that or the proxy that the operator names.
 */
static int
reaches_any(const struct sandbox *s)
{
	return (s->role == SANDBOX_ASK ||
	    (s->role == SANDBOX_MODULE && (s->needs & SANDBOX_INET)));
}

/*
 * Everything that this ABI knows is forbidden, whatever the rules do not
 * allow.  The size tells the kernel which fields there are.
 */
static size_t
fill_attr(struct ruleset_attr *attr, int abi, const struct sandbox *s)
{
	memset(attr, 0, sizeof(*attr));
	attr->fs = FS_ABI_1;
	if (abi >= 2)
		attr->fs |= FS_REFER;
	if (abi >= 3)
		attr->fs |= FS_TRUNCATE;
	if (abi >= 5)
		attr->fs |= FS_IOCTL_DEV;
	if (abi < 4)
		return (sizeof(attr->fs));
	if (s->role == SANDBOX_PARENT)
		attr->net = NET_CONNECT_TCP;	/* it makes the listeners */
	else if (!reaches_any(s))
		attr->net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi < 6)
		return (offsetof(struct ruleset_attr, scoped));
	/* Who is outside of the parent's domain are its children. */
	if (s->role != SANDBOX_PARENT)
		attr->scoped = SCOPE_SIGNAL;
	if (!reaches_any(s))
		attr->scoped |= SCOPE_ABSTRACT;
	return (sizeof(*attr));
}

/* Nothing is executed, from nowhere: loading a library needs no right to. */
static uint64_t
path_rights(uint32_t flags, int is_dir)
{
	uint64_t	 rights = FS_READ;

	if (flags & (SANDBOX_WRITE | SANDBOX_DEVICE))
		rights |= FS_WRITE;
	if (flags & SANDBOX_DEVICE)
		rights |= FS_IOCTL_DEV;
	if (flags & SANDBOX_SOCKETS)
		rights |= FS_MAKE_SOCK | FS_REMOVE_FILE;
	/* Nothing can be put into a file that is not open. */
	if (flags & SANDBOX_NAMES)
		rights |= FS_MAKE_REG | FS_REMOVE_FILE;
	return (is_dir ? rights : rights & FS_OF_FILES);
}

static void
allow_path(int ruleset, const struct ruleset_attr *all, const char *path,
    uint32_t flags)
{
	struct path_attr	 attr;
	struct stat		 st;

	if ((attr.fd = open(path, O_PATH | O_CLOEXEC)) == -1) {
		log_debug("not in the sandbox path=%s: %s", path,
		    strerror(errno));
		return;
	}
	if (fstat(attr.fd, &st) == -1)
		fatal("fstat path=%s", path);
	attr.allowed = path_rights(flags, S_ISDIR(st.st_mode)) & all->fs;
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr,
	    0) == -1)
		fatal("landlock_add_rule path=%s", path);
	close(attr.fd);
}

static void
allow_paths(int ruleset, const struct ruleset_attr *all,
    const struct sandbox *s)
{
	size_t	 i;

	/* A reload may name any file. */
	if (s->role == SANDBOX_PARENT)
		allow_path(ruleset, all, "/", 0);
	else if ((s->role == SANDBOX_MODULE || s->role == SANDBOX_CLOUD) &&
	    *s->root != '\0') {
		/* The directory given is all that there is. */
		allow_path(ruleset, all, "/", s->role == SANDBOX_CLOUD ? 0 :
		    SANDBOX_WRITE | SANDBOX_DEVICE);
		return;
	}
	for (i = 0; i < s->npaths; i++)
		if (!(s->paths[i].flags & SANDBOX_LIBRARY) ||
		    (s->needs & SANDBOX_LATE))
			allow_path(ruleset, all, s->paths[i].path,
			    s->paths[i].flags);
}

/* Nothing is said here of UDP, which the name service uses. */
static void
allow_ports(int ruleset, const struct ruleset_attr *all,
    const struct sandbox *s)
{
	struct port_attr	 attr;
	size_t			 i;

	if (s->role != SANDBOX_CLOUD || !(all->net & NET_CONNECT_TCP))
		return;
	for (i = 0; i < s->nports; i++) {
		attr.allowed = NET_CONNECT_TCP;
		attr.port = s->ports[i];
		if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT,
		    &attr, 0) == -1)
			fatal("landlock_add_rule port=%u", s->ports[i]);
	}
}

int
landlock_enter(const struct sandbox *s)
{
	struct ruleset_attr	 attr;
	size_t			 size;
	int			 abi, ruleset;

	if ((abi = abi_version()) == 0) {
		sandbox_degrade("no Landlock in this kernel");
		return (0);
	}
	if (abi < 6)
		sandbox_degrade("Landlock is of ABI %d only: no limits on %s",
		    abi, abi < 4 ? "TCP and signals" : "signals");
	else if (abi > ABI_NEWEST)
		log_debug("Landlock knows more than is used abi=%d used=%d",
		    abi, ABI_NEWEST);
	size = fill_attr(&attr, abi, s);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (ruleset == -1)
		fatal("landlock_create_ruleset abi=%d", abi);
	allow_paths(ruleset, &attr, s);
	allow_ports(ruleset, &attr, s);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		fatal("landlock_restrict_self");
	close(ruleset);
	return (abi < ABI_NEWEST ? abi : ABI_NEWEST);
}

void
landlock_fence(void)
{
	struct ruleset_attr	 attr;
	int			 ruleset;

	if (abi_version() < 6)
		return;		/* landlock_enter() says so */
	memset(&attr, 0, sizeof(attr));
	attr.scoped = SCOPE_SIGNAL;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr), 0);
	if (ruleset == -1)
		fatal("landlock_create_ruleset");
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		fatal("landlock_restrict_self");
	close(ruleset);
}

#else
typedef int not_linux;
#endif
