/* Children, on Linux: name spaces of their own, and a root directory there. */
#ifdef __linux__

#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "sandbox_linux.h"

/*
 * Where a module's paths are, inside its private root, when the libraries
 * beside them are to vanish once it is loaded.
 */
#define INNER_NAME	"module"
#define INNER		"/" INNER_NAME

#define RESTRICTED	(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |		\
			    MOUNT_ATTR_NOEXEC)

/* A copy of what is at a path, not yet to be seen anywhere. */
struct tree {
	int			 fd;		/* -1: there is nothing */
	int			 is_dir;
	const struct sandbox_path *path;
};

/* The root that is being filled. */
struct root {
	int	 fd;
	dev_t	 dev;
};

static uint32_t	 mine;

uint32_t
ns_mine(void)
{
	return (mine);
}

static int
write_once(const char *path, const char *text)
{
	int	 fd, status;

	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1)
		return (-1);
	status = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ?
	    0 : -1;
	close(fd);
	return (status);
}

/* In a new user name space this user and group stay who they are. */
static int
map_user(uid_t uid, gid_t gid)
{
	char	 users[64], groups[64];
	int	 status;

	snprintf(users, sizeof(users), "%u %u 1", uid, uid);
	snprintf(groups, sizeof(groups), "%u %u 1", gid, gid);
	/* Otherwise the files below belong to root. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1)
		return (-1);
	status = write_once("/proc/self/uid_map", users) == -1 ||
	    write_once("/proc/self/setgroups", "deny") == -1 ||
	    write_once("/proc/self/gid_map", groups) == -1 ? -1 : 0;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("prctl PR_SET_DUMPABLE");
	return (status);
}

/*
 * Whether an ordinary user gets a user name space that can be used.  Tried by
 * a process of its own: from one that is half made there is no way back.
 */
static int
try_user_space(int flags)
{
	uid_t	 uid = geteuid();
	gid_t	 gid = getegid();
	pid_t	 pid;
	int	 status;

	switch (pid = fork()) {
	case -1:
		return (-1);
	case 0:
		if (unshare(flags) == -1 || map_user(uid, gid) == -1)
			_exit(errno < 256 ? errno : EPERM);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return (-1);
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
	return (errno == 0 ? 0 : -1);
}

/* The same for this process.  Root has no use for one: it becomes a user. */
static int
enter_user_space(const struct sandbox *s, int flags)
{
	uid_t	 uid = geteuid();
	gid_t	 gid = getegid();

	if (*s->user != '\0') {
		errno = EPERM;
		return (-1);
	}
	if (try_user_space(flags) == -1 || unshare(flags) == -1)
		return (-1);
	if (map_user(uid, gid) == -1)
		fatal("cannot write the map of a user name space");
	return (0);
}

/* Name spaces of its own; -1: not to be had. */
static int
unshare_all(const struct sandbox *s)
{
	int	 flags = CLONE_NEWNS, status;

	mine = MSG_NS_MOUNT;
	if (!(s->needs & SANDBOX_SYSV)) {
		flags |= CLONE_NEWIPC;
		mine |= MSG_NS_IPC;
	}
	if (!(s->needs & SANDBOX_INET)) {
		flags |= CLONE_NEWNET;
		mine |= MSG_NS_NET;
	}
	if (caps_has_admin())
		status = unshare(flags);
	else {
		mine |= MSG_NS_USER;
		status = enter_user_space(s, flags | CLONE_NEWUSER);
	}
	if (status == -1) {
		sandbox_degrade("no name spaces: %s", strerror(errno));
		mine = 0;
	}
	return (status);
}

static int
set_attr(int fd, uint64_t attr, int recursive)
{
	struct mount_attr	 m;

	memset(&m, 0, sizeof(m));
	m.attr_set = attr;
	return ((int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH |
	    (recursive ? AT_RECURSIVE : 0), &m, sizeof(m)));
}

/* A copy of the mounts at a path, with attributes. */
static int
tree_open(const char *path, uint64_t attr)
{
	int	 fd, saved;

	fd = (int)syscall(SYS_open_tree, AT_FDCWD, path,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (fd == -1)
		return (-1);
	if (set_attr(fd, attr, 1) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return (-1);
	}
	return (fd);
}

/* Put what fd holds at a name in a directory; a link there is not followed. */
static int
tree_put(int fd, int dir, const char *name)
{
	return ((int)syscall(SYS_move_mount, fd, "", dir, name,
	    MOVE_MOUNT_F_EMPTY_PATH));
}

/* An empty directory in memory. */
static int
tmpfs_open(void)
{
	int	 fs, fd = -1;

	if ((fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)) == -1)
		return (-1);
	if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "0755",
	    0) == 0 && syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "size",
	    "64k", 0) == 0 && syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE,
	    NULL, NULL, 0) == 0)
		fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
		    RESTRICTED);
	close(fs);
	return (fd);
}

static uint64_t
path_attr(const struct sandbox_path *p)
{
	uint64_t	 attr = MOUNT_ATTR_NOSUID;

	if (!(p->flags & SANDBOX_DEVICE))
		attr |= MOUNT_ATTR_NODEV;
	if (!(p->flags & SANDBOX_LIBRARY))
		attr |= MOUNT_ATTR_NOEXEC;
	if (!(p->flags & (SANDBOX_WRITE | SANDBOX_DEVICE)))
		attr |= MOUNT_ATTR_RDONLY;
	return (attr);
}

/* Copies of all that the module will see.  -1 with errno: not to be had. */
static int
trees_copy(const struct sandbox *s, struct tree *trees)
{
	struct stat	 st;
	struct tree	*t;
	size_t		 i;

	for (i = 0; i < s->npaths; i++) {
		t = &trees[i];
		t->path = &s->paths[i];
		t->fd = -1;
		/* With a root of its own it needs nothing but libraries. */
		if (*s->root != '\0' && !(t->path->flags & SANDBOX_LIBRARY))
			continue;
		t->fd = tree_open(t->path->path, path_attr(t->path));
		if (t->fd == -1 && (errno == ENOENT || errno == ENOTDIR ||
		    errno == EACCES))
			continue;
		if (t->fd == -1 || fstat(t->fd, &st) == -1)
			return (-1);
		t->is_dir = S_ISDIR(st.st_mode);
	}
	return (0);
}

/*
 * The same, with the rights that the module's user has to files.  Nothing of
 * that can fail for root; for others there is no change.
 */
static int
trees_open(const struct sandbox *s, const struct privdrop *who,
    struct tree *trees)
{
	int	 saved, status;

	if (*s->user != '\0') {
		(void)setfsgid(who->gid);
		(void)setfsuid(who->uid);
	}
	status = trees_copy(s, trees);
	saved = errno;
	if (*s->user != '\0') {
		(void)setfsuid(geteuid());
		(void)setfsgid(getegid());
	}
	errno = saved;
	return (status);
}

/* Whether a directory is of the root itself, where nobody else can write. */
static int
is_ours(const struct root *r, int dir)
{
	struct stat	 st;

	return (fstat(dir, &st) == 0 && st.st_dev == r->dev);
}

/*
 * A directory below that of root, for what will be name in it.  What is
 * missing is made where that is ours to make, in the root itself: in a
 * directory that was put there a module may have made what it likes, links to
 * be followed by root, for example.  Returns -1 with errno.
 */
static int
open_parent(const struct root *r, const char *path, const char **name)
{
	char	 part[NAME_MAX + 1];
	size_t	 len;
	int	 dir, next;

	if ((dir = fcntl(r->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return (-1);
	while (path[len = strcspn(path, "/")] != '\0') {
		if (len >= sizeof(part)) {
			close(dir);
			errno = ENAMETOOLONG;
			return (-1);
		}
		memcpy(part, path, len);
		part[len] = '\0';
		path += len + strspn(path + len, "/");
		if (is_ours(r, dir))
			(void)mkdirat(dir, part, 0755);
		next = openat(dir, part,
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(dir);
		if ((dir = next) == -1)
			return (-1);
	}
	*name = path;
	return (dir);
}

/* Some modules know places by the names that they had long ago. */
static const struct {
	const char	*old;		/* a link, on this system too */
	const char	*new;
	const char	*to;
} old_names[] = {
	{ "var/run", "run", "../run" },
	{ "var/lock", "run/lock", "../run/lock" },
};

static int
is_old_name(size_t i)
{
	char		 path[32];
	struct stat	 st;

	snprintf(path, sizeof(path), "/%s", old_names[i].old);
	return (lstat(path, &st) == 0 && S_ISLNK(st.st_mode));
}

/*
 * Where a path is put: at its new name, if it begins with an old one.  Debian's
 * SoftHSM has a directory with a slash at the end in its configuration.
 */
static void
target_of(char *dst, size_t size, const char *below, const char *path)
{
	const char	*name = path + 1, *begin = "";
	size_t		 i, len;

	for (i = 0; i < nitems(old_names); i++) {
		len = strlen(old_names[i].old);
		if (strncmp(name, old_names[i].old, len) != 0 ||
		    (name[len] != '/' && name[len] != '\0') ||
		    !is_old_name(i))
			continue;
		begin = old_names[i].new;
		name += len;
		break;
	}
	if ((size_t)snprintf(dst, size, "%s%s%s", below, begin, name) >= size)
		fatalx("path too long path=%s", path);
	for (len = strlen(dst); len > 0 && dst[len - 1] == '/'; len--)
		dst[len - 1] = '\0';
}

static void
make_old_names(const struct root *r, const char *below)
{
	const char	*name;
	char		 path[PATH_MAX];
	size_t		 i;
	int		 dir;

	for (i = 0; i < nitems(old_names); i++) {
		if (!is_old_name(i))
			continue;
		snprintf(path, sizeof(path), "%s%s/", below, old_names[i].new);
		if ((dir = open_parent(r, path, &name)) == -1)
			fatal("mkdir path=%s", path);
		close(dir);
		snprintf(path, sizeof(path), "%s%s", below, old_names[i].old);
		if ((dir = open_parent(r, path, &name)) == -1 ||
		    symlinkat(old_names[i].to, dir, name) == -1)
			fatal("symlink path=%s", path);
		close(dir);
	}
}

/*
 * Put a path where the module expects it.  Where a directory above is there
 * already, so is the place for it, or it is not to be had.
 */
static void
tree_place(const struct root *r, const struct tree *t, const char *below)
{
	const char	*name;
	char		 target[PATH_MAX];
	int		 dir, fd;

	if (t->fd == -1)
		return;
	target_of(target, sizeof(target), below, t->path->path);
	if ((dir = open_parent(r, target, &name)) != -1 && is_ours(r, dir)) {
		if (t->is_dir)
			(void)mkdirat(dir, name, 0755);
		else if ((fd = openat(dir, name, O_RDONLY | O_CREAT | O_EXCL |
		    O_CLOEXEC, 0644)) != -1)
			close(fd);
	}
	if (dir == -1 || tree_put(t->fd, dir, name) == -1)
		log_warn("not in the module's root path=%s", t->path->path);
	if (dir != -1)
		close(dir);
	close(t->fd);
}

static int
shorter(const void *a, const void *b)
{
	const struct tree	*x = a, *y = b;
	size_t			 i = strlen(x->path->path);
	size_t			 j = strlen(y->path->path);

	if (i != j)
		return (i < j ? -1 : 1);
	return (x->path < y->path ? -1 : x->path > y->path);
}

/* Whether libraries need not vanish: it has none there, or loads them late. */
static int
is_whole(const struct sandbox *s)
{
	return (s->role == SANDBOX_CLOUD || s->role == SANDBOX_ASK ||
	    (s->needs & SANDBOX_LATE));
}

/*
 * Fill the root: what is above before what is below.  Returns where to chroot
 * to in the end, or NULL.
 */
static const char *
fill_root(const struct sandbox *s, int fd, struct tree *trees, int chroot_fd)
{
	struct root	 r = { fd, 0 };
	struct stat	 st;
	const char	*below;
	mode_t		 mask = umask(022);
	size_t		 i;
	int		 late = is_whole(s) && chroot_fd == -1;

	if (fstat(fd, &st) == -1)
		fatal("fstat");
	r.dev = st.st_dev;
	qsort(trees, s->npaths, sizeof(*trees), shorter);
	if (!late && mkdirat(fd, INNER_NAME, 0755) == -1)
		fatal("mkdir path=%s", INNER);
	if (chroot_fd == -1)
		make_old_names(&r, late ? "" : INNER_NAME "/");
	if (chroot_fd != -1 && tree_put(chroot_fd, fd, INNER_NAME) == -1)
		fatal("move_mount path=%s", s->root);
	if (chroot_fd != -1)
		close(chroot_fd);
	for (i = 0; i < s->npaths; i++) {
		below = late || (trees[i].path->flags & SANDBOX_LIBRARY) ?
		    "" : INNER_NAME "/";
		tree_place(&r, &trees[i], below);
	}
	umask(mask);
	return (late ? NULL : INNER);
}

/* Make the tree that fd holds the root, and the old one unreachable. */
static void
enter_root(int fd)
{
	if (syscall(SYS_pivot_root, ".", ".") == -1)
		fatal("pivot_root");
	if (umount2(".", MNT_DETACH) == -1)
		fatal("umount2");
	if (chdir("/") == -1)
		fatal("chdir path=/");
	close(fd);
}

/* Of a process that opens nothing: the directory given, or an empty one. */
static int
open_empty(const struct sandbox *s)
{
	if (*s->root == '\0')
		return (tmpfs_open());
	return (tree_open(s->root, RESTRICTED | MOUNT_ATTR_RDONLY));
}

/* Whether a root is to be made of paths, or there is a directory for it. */
static int
has_paths(const struct sandbox *s)
{
	return (s->role == SANDBOX_MODULE || s->role == SANDBOX_ASK ||
	    (s->role == SANDBOX_CLOUD && *s->root == '\0'));
}

/* The root that the process will have, from here on only its own to see. */
static const char *
make_root(const struct sandbox *s, const struct privdrop *who)
{
	static struct tree	 trees[SANDBOX_PATHS_MAX];
	const char		*inner = NULL;
	size_t			 i;
	int			 fd, chroot_fd = -1;

	for (i = 0; i < nitems(trees); i++)
		trees[i].fd = -1;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		goto fail;
	if (!has_paths(s)) {
		if ((fd = open_empty(s)) == -1)
			goto fail;
	} else if ((*s->root != '\0' && (chroot_fd = tree_open(s->root,
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)) == -1) ||
	    trees_open(s, who, trees) == -1 || (fd = tmpfs_open()) == -1)
		goto fail;
	if (tree_put(fd, AT_FDCWD, "/") == -1 || fchdir(fd) == -1)
		goto fail;
	if (has_paths(s))
		inner = fill_root(s, fd, trees, chroot_fd);
	if (set_attr(fd, RESTRICTED | MOUNT_ATTR_RDONLY, 0) == -1)
		fatal("mount_setattr");
	enter_root(fd);
	return (inner);

fail:
	if (*s->root != '\0' && (errno == ENOENT || errno == ENOTDIR))
		fatal("cannot change root path=%s", s->root);
	sandbox_degrade("no root directory of its own: %s", strerror(errno));
	mine &= ~(uint32_t)MSG_NS_MOUNT;
	for (i = 0; i < nitems(trees); i++)
		if (trees[i].fd != -1)
			close(trees[i].fd);
	if (chroot_fd != -1)
		close(chroot_fd);
	return (s->root);
}

const char *
ns_enter(const struct sandbox *s, const struct privdrop *who)
{
	const char	*root;

	if (unshare_all(s) == -1)
		root = s->root;
	else
		root = make_root(s, who);
	return (root == NULL || *root == '\0' ? NULL : root);
}

#else
typedef int not_linux;
#endif
