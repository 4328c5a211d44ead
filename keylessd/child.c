/* Parent: has a child started, and talks to it through a channel. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "parent.h"

int
child_start(struct child *child, enum launch_role role, const char *name,
    const char *root, const struct channel_handler *handler, void *arg)
{
	struct msg_launch	 m;
	int			 fd;

	memset(&m, 0, sizeof(m));
	m.role = (uint32_t)role;
	m.log_level = (uint32_t)log_getlevel();
	strlcpy(m.name, name, sizeof(m.name));
	if (root != NULL)
		strlcpy(m.chroot, root, sizeof(m.chroot));
	if ((fd = launchproc_launch(&m, &child->pid)) == -1) {
		log_err("cannot start process=\"%s\"", name);
		child->pid = 0;
		return (-1);
	}
	child->channel = channel_new(parent_base, fd, IPC_DESCRIPTORS,
	    handler, arg);
	if (child->channel == NULL)
		fatal("channel_new");
	return (0);
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
