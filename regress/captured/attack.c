/* Tests: attacks, in a process of keylessd or outside of it. */
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

/* Each returns -1 with errno set, or something else: it went well. */

static int
open_read(const struct attack *a)
{
	return (open(a->path, O_RDONLY));
}

static int
open_write(const struct attack *a)
{
	return (open(a->path, O_WRONLY | O_CREAT, 0600));
}

static int
look_at(const struct attack *a)
{
	struct stat	 st;

	return (stat(a->path, &st));
}

static int
list_directory(const struct attack *a)
{
	DIR	*dir;

	if ((dir = opendir(a->path)) == NULL)
		return (-1);
	closedir(dir);
	return (0);
}

static int
connect_tcp(const struct attack *a)
{
	struct sockaddr_in	 sin;
	int			 fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)a->port);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		return (-1);
	return (connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static int
connect_unix(const struct attack *a)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%.107s", a->path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return (-1);
	return (connect(fd, (struct sockaddr *)&sun, sizeof(sun)));
}

static int
make_socket(const struct attack *a)
{
	(void)a;
	return (socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
listen_tcp(const struct attack *a)
{
	struct sockaddr_in	 sin;
	int			 fd;

	(void)a;
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		return (-1);
	return (listen(fd, 1));
}

/* The program is to say that it went well: nobody comes back. */
static int
execute(const struct attack *a)
{
	char	 line[64], *argv[3], *envp[1] = { NULL };

	snprintf(line, sizeof(line), "captured %s SUCCEEDED", a->name);
	argv[0] = strdup(a->path);
	argv[1] = line;
	argv[2] = NULL;
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	return (execve(a->path, argv, envp));
}

static int
fork_child(const struct attack *a)
{
	pid_t	 pid;

	(void)a;
	if ((pid = fork()) == 0)
		_exit(0);
	return (pid == -1 ? -1 : 0);
}

static int
trace(const struct attack *a)
{
	if (ptrace(PTRACE_ATTACH, a->pid, NULL, NULL) == -1)
		return (-1);
	(void)waitpid(a->pid, NULL, 0);
	(void)ptrace(PTRACE_DETACH, a->pid, NULL, NULL);
	return (0);
}

/* Where any program has something: asking is enough. */
static int
read_memory(const struct attack *a)
{
	char		 byte;
	struct iovec	 here = { &byte, 1 }, there = { &byte, 1 };

	if (process_vm_readv(a->pid, &here, 1, &there, 1, 0) != -1)
		return (0);
	return (errno == EFAULT ? 0 : -1);	/* it was allowed */
}

static int
send_signal(const struct attack *a)
{
	return (kill(a->pid, 0));
}

static int
kill_other(const struct attack *a)
{
	return (kill(a->pid, SIGKILL));
}

/* The kernel sends it when something comes; who asks needs no kill(2). */
static int
signal_by_file(const struct attack *a)
{
	return (fcntl(STDERR_FILENO, F_SETOWN, (int)a->pid));
}

static int
remove_file(const struct attack *a)
{
	return (unlink(a->path));
}

static int
load_module(const struct attack *a)
{
	if (dlopen(a->path, RTLD_NOW) != NULL)
		return (0);
	errno = ENOEXEC;
	return (-1);
}

static int
become_root(const struct attack *a)
{
	(void)a;
	return (setresuid(0, 0, 0));
}

static int
new_user_space(const struct attack *a)
{
	(void)a;
	return (unshare(CLONE_NEWUSER));
}

static int
mount_something(const struct attack *a)
{
	if (mount("tmpfs", a->path, "tmpfs", 0, NULL) == -1)
		return (-1);
	(void)umount2(a->path, MNT_DETACH);
	return (0);
}

static int
change_root(const struct attack *a)
{
	return (chroot(a->path));
}

static int
new_code(const struct attack *a)
{
	(void)a;
	return (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
}

static int
make_dumpable(const struct attack *a)
{
	(void)a;
	return (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

/*
 * Into the terminal that the daemon was started from, if there is one.  The
 * kernel looks at 32 bits of the request, a filter may compare 64.
 */
static int
type_command(const struct attack *a)
{
	const uint64_t	 request = (uint64_t)1 << 32 | TIOCSTI;

	(void)a;
	if (syscall(SYS_ioctl, STDERR_FILENO, (unsigned long)request,
	    "x") != -1)
		return (0);
	return (errno == ENOTTY ? 0 : -1);	/* it was asked */
}

static int
shared_memory(const struct attack *a)
{
	int	 id;

	(void)a;
	if ((id = shmget(IPC_PRIVATE, 4096, 0600)) == -1)
		return (-1);
	(void)shmctl(id, IPC_RMID, NULL);
	return (0);
}

static int
load_bpf(const struct attack *a)
{
	(void)a;
	/* With a size of 0 the kernel says that of the arguments. */
	if (syscall(SYS_bpf, 0, NULL, 0) != -1)
		return (0);
	return (errno == EPERM || errno == ENOSYS || errno == EACCES ? -1 : 0);
}

static const struct {
	const char	*name;
	int		(*run)(const struct attack *);
} attacks[] = {
	{ "open-read",		open_read },
	{ "open-write",		open_write },
	{ "stat",		look_at },
	{ "list",		list_directory },
	{ "connect-tcp",	connect_tcp },
	{ "connect-unix",	connect_unix },
	{ "socket",		make_socket },
	{ "listen",		listen_tcp },
	{ "execute",		execute },
	{ "fork",		fork_child },
	{ "ptrace",		trace },
	{ "read-memory",	read_memory },
	{ "signal",		send_signal },
	{ "kill",		kill_other },
	{ "signal-by-file",	signal_by_file },
	{ "remove",		remove_file },
	{ "load-module",	load_module },
	{ "setuid",		become_root },
	{ "user-namespace",	new_user_space },
	{ "mount",		mount_something },
	{ "chroot",		change_root },
	{ "new-code",		new_code },
	{ "dumpable",		make_dumpable },
	{ "type",		type_command },
	{ "shared-memory",	shared_memory },
	{ "bpf",		load_bpf },
};

int
attack_read(const char *file, struct attack *a)
{
	FILE	*f;
	char	 line[512], word[16], value[256];

	memset(a, 0, sizeof(*a));
	if ((f = fopen(file, "re")) == NULL)
		return (-1);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%15s %255s", word, value) != 2)
			continue;
		if (strcmp(word, "attack") == 0)
			snprintf(a->name, sizeof(a->name), "%.31s", value);
		else if (strcmp(word, "path") == 0)
			snprintf(a->path, sizeof(a->path), "%s", value);
		else if (strcmp(word, "pid") == 0)
			a->pid = atoi(value);
		else if (strcmp(word, "port") == 0)
			a->port = atoi(value);
	}
	fclose(f);
	return (a->name[0] == '\0' ? -1 : 0);
}

void
attack_say(const struct attack *a, const char *what, int error)
{
	char	 line[128];
	int	 len;

	len = snprintf(line, sizeof(line), "captured %s %s", a->name, what);
	if (error != 0)
		len += snprintf(line + len, sizeof(line) - (size_t)len,
		    " errno=%d", error);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)len) == -1)
		_exit(2);
}

void
attack_run(const struct attack *a)
{
	size_t	 i;

	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(attacks[i].name, a->name) != 0)
			continue;
		attack_say(a, "begins", 0);
		errno = 0;
		if (attacks[i].run(a) == -1)
			attack_say(a, "refused", errno);
		else
			attack_say(a, "SUCCEEDED", 0);
		return;
	}
	attack_say(a, "unknown", 0);
}
