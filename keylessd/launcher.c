/*
 * Launcher: keeps the privileges that processes need at their start, and
 * starts them when the parent asks; knows nothing of configurations or keys.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "ipc.h"
#include "launch.h"
#include "log.h"
#include "sandbox.h"
#include "started.h"

static struct ipc		*parent;
static struct msg_launcher	 conf;

/* The next message; this process ends with its parent. */
static void
message_wait(struct ipc_msg *msg)
{
	int	 n;

	if ((n = ipc_wait(parent, msg)) == 0)
		_exit(0);
	if (n == -1)
		fatal("cannot read from the parent");
	/* The parent sends no descriptor, and nobody else sends anything. */
	if (msg->fd != -1)
		fatalx("descriptor from the parent type=%u", msg->type);
}

/* fd is ours no more. */
static void
message_send(enum msg_type type, int fd, const void *data, size_t length)
{
	if (ipc_send(parent, type, 0, fd, data, length) == -1 ||
	    ipc_flush(parent) == -1) {
		log_debug("parent is gone");
		_exit(0);
	}
}

static void
take_conf(void)
{
	struct ipc_msg	 msg;

	message_wait(&msg);
	if (msg.type != MSG_LAUNCHER ||
	    ipc_get(&msg, &conf, sizeof(conf)) == -1 ||
	    !launcher_conf_valid(&conf))
		fatalx("bad message from the parent type=%u length=%zu",
		    msg.type, msg.length);
	log_init("launcher", (int)conf.log_to);
	log_setlevel((enum log_level)conf.log_level);
}

static void
report(void)
{
	struct msg_sandbox	 m;

	sandbox_report(&m);
	message_send(MSG_SANDBOX, -1, &m, sizeof(m));
}

/* One order; one that is none would be of a parent that is captured. */
static void
serve_one(void)
{
	struct msg_launched	 answer;
	struct msg_launch	 m;
	struct ipc_msg		 msg;
	pid_t			 pid;
	int			 fd;

	message_wait(&msg);
	if (msg.type != MSG_LAUNCH || ipc_get(&msg, &m, sizeof(m)) == -1 ||
	    !launch_valid(&m))
		fatalx("bad message from the parent type=%u length=%zu",
		    msg.type, msg.length);
	memset(&answer, 0, sizeof(answer));
	if ((fd = launch(&conf, &m, sandbox_fork, &pid)) == -1) {
		answer.pid = -1;
		answer.error = errno;
	} else
		answer.pid = (int32_t)pid;
	message_send(MSG_LAUNCHED, fd, &answer, sizeof(answer));
}

void
launcher_main(void)
{
	log_init("launcher", LOG_TO_STDERR);
	if (!started_by_parent())
		fatalx("keylessd -L is for keylessd itself");
	sandbox_harden();
	started_ignore_signals();
	if ((parent = ipc_new(PARENT_FD, IPC_DESCRIPTORS)) == NULL)
		fatal("ipc_new");
	take_conf();
	sandbox_launcher();
	report();
	for (;;)
		serve_one();
}
