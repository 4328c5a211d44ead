/* Parent: starts a child by fork and exec, with nothing but fd 3. */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "parent.h"

#define CHILD_FD	3

/* In the child: standard descriptors, fd 3, nothing else; then exec. */
static void __attribute__((noreturn))
child_exec(int fd, const char *path, const char *title, const char *role)
{
	char	*argv[3], *envp[1] = { NULL };
	int	 null;

	if ((null = open("/dev/null", O_RDWR)) == -1)
		fatal("open path=/dev/null");
	if (dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1)
		fatal("dup2");
	if (!(parent_options.log_to & LOG_TO_STDERR) &&
	    dup2(null, STDERR_FILENO) == -1)
		fatal("dup2");
	if (fd == CHILD_FD) {
		if (fcntl(fd, F_SETFD, 0) == -1)
			fatal("fcntl F_SETFD");
	} else if (dup2(fd, CHILD_FD) == -1)
		fatal("dup2");
	closefrom(CHILD_FD + 1);

	if ((argv[0] = strdup(title)) == NULL)
		fatal("strdup");
	argv[1] = role == NULL ? NULL : strdup(role);
	argv[2] = NULL;
	execve(path, argv, envp);
	fatal("cannot execute path=%s", path);
}

int
child_start(struct child *child, const char *path, const char *title,
    const char *role, const struct channel_handler *handler, void *arg)
{
	int	 sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1) {
		log_err("cannot start process=\"%s\": socketpair", title);
		return (-1);
	}
	switch (child->pid = fork()) {
	case -1:
		log_err("cannot start process=\"%s\": fork", title);
		close(sv[0]);
		close(sv[1]);
		child->pid = 0;
		return (-1);
	case 0:
		child_exec(sv[1], path, title, role);
	}
	close(sv[1]);
	child->channel = channel_new(parent_base, sv[0], IPC_DESCRIPTORS,
	    handler, arg);
	if (child->channel == NULL)
		fatal("channel_new");
	return (0);
}

void
child_init(struct child *child, const char *name, const char *user,
    const char *root)
{
	struct msg_init	 init;

	memset(&init, 0, sizeof(init));
	init.log_level = (uint32_t)log_getlevel();
	init.log_to = (uint32_t)parent_options.log_to;
	init.separate = geteuid() == 0;
	strlcpy(init.user, user, sizeof(init.user));
	if (root != NULL)
		strlcpy(init.chroot, root, sizeof(init.chroot));
	strlcpy(init.name, name, sizeof(init.name));
	channel_send(child->channel, MSG_INIT, 0, -1, &init, sizeof(init));
}

void
child_send_fd(struct child *child, uint32_t type, uint32_t peer, int fd,
    const void *data, size_t length)
{
	int	 copy;

	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		fatal("fcntl F_DUPFD_CLOEXEC");
	channel_send(child->channel, type, peer, copy, data, length);
}
