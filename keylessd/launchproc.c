/* Parent: its side of the launcher. */
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "launch.h"
#include "log.h"
#include "parent.h"
#include "sandbox.h"

#define ANSWER_TIME	10	/* s; it takes milliseconds */

/*
 * The parent waits for its answers: a request is a fork(2) with a way to go,
 * no more.  Without one, where the system has it so, the parent forks itself.
 */
static struct ipc		*launcher;
static pid_t			 launcher_pid;	/* 0: none */
static struct msg_launcher	 conf;

static void
set_program(char dst[MSG_PATH_SIZE], const char *path)
{
	if (strlcpy(dst, path, MSG_PATH_SIZE) >= MSG_PATH_SIZE)
		fatalx("path of a program too long path=%s", path);
}

static void
fill_conf(const struct config *c)
{
	memset(&conf, 0, sizeof(conf));
	conf.log_level = (uint32_t)log_getlevel();
	conf.log_to = (uint32_t)parent_options.log_to;
	conf.no_kill = !sandbox_may_kill();
	set_program(conf.self, parent_options.self);
	set_program(conf.signer, parent_options.signer);
	set_program(conf.cloud, parent_options.cloud);
	set_program(conf.enroll, parent_options.enroll);
	strlcpy(conf.user, c->user, sizeof(conf.user));
	strlcpy(conf.signer_user, c->signer_user, sizeof(conf.signer_user));
	if (c->chroot != NULL)
		strlcpy(conf.chroot, c->chroot, sizeof(conf.chroot));
}

static int
send_order(enum msg_type type, const void *data, size_t length)
{
	if (ipc_send(launcher, type, 0, -1, data, length) == -1)
		return (-1);
	return (ipc_flush(launcher) == 0 ? 0 : -1);
}

/* Its answer, of that type; it does as it is told, or is not what it was. */
static int
take_answer(struct ipc_msg *msg, enum msg_type type)
{
	int	 n;

	if ((n = ipc_wait(launcher, msg)) == 0)
		errno = EPIPE;
	if (n != 1)
		return (-1);
	if (msg->type != type)
		fatalx("bad message from launcher type=%u", msg->type);
	return (0);
}

static void
fork_launcher(int sv[2])
{
	switch (launcher_pid = fork()) {
	case -1:
		fatal("cannot start process=\"launcher\": fork");
	case 0:
		launch_exec(sv[1], parent_options.log_to, conf.self,
		    "keylessd: launcher", "-L");
	}
	close(sv[1]);
}

void
launchproc_start(const struct config *c)
{
	const struct timeval	 patience = { ANSWER_TIME, 0 };
	struct ipc_msg		 msg;
	int			 sv[2];

	fill_conf(c);
	if (conf.no_kill)
		log_warnx("processes that are stuck cannot be killed "
		    "reason=\"CAP_KILL is missing\"");
	if (!sandbox_has_launcher())
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1 ||
	    setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience)) == -1)
		fatal("cannot start process=\"launcher\": socketpair");
	fork_launcher(sv);
	if ((launcher = ipc_new(sv[0], IPC_DESCRIPTORS)) == NULL)
		fatal("ipc_new");
	if (send_order(MSG_LAUNCHER, &conf, sizeof(conf)) == -1 ||
	    take_answer(&msg, MSG_SANDBOX) == -1)
		fatal("no answer from launcher");
	if (sandboxes_launcher(&msg, launcher_pid) == -1)
		fatalx("bad message from launcher type=%u", msg.type);
}

int
launchproc_launch(const struct msg_launch *m, pid_t *pid)
{
	struct msg_launched	 answer;
	struct ipc_msg		 msg;
	int			 fd;

	if (!sandbox_has_launcher())
		return (launch(&conf, m, fork, pid));
	if (launcher_pid == 0) {
		errno = ECHILD;
		return (-1);
	}
	if (send_order(MSG_LAUNCH, m, sizeof(*m)) == -1 ||
	    take_answer(&msg, MSG_LAUNCHED) == -1)
		return (-1);
	fd = ipc_take_fd(launcher, &msg);
	if (ipc_get(&msg, &answer, sizeof(answer)) == -1 ||
	    (fd == -1) != (answer.pid <= 1))
		fatalx("bad message from launcher type=%u", msg.type);
	*pid = (pid_t)answer.pid;
	errno = answer.error;
	return (fd);
}

int
launchproc_exited(pid_t pid, int status)
{
	if (launcher_pid == 0 || pid != launcher_pid)
		return (0);
	launcher_pid = 0;
	log_errx("launcher died, stopping pid=%d %s=%d", (int)pid,
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	parent_stop(1);
	return (1);
}

void
launchproc_stop(void)
{
	ipc_free(launcher);
	launcher = NULL;
	if (launcher_pid == 0)
		return;
	kill(launcher_pid, SIGKILL);
	while (waitpid(launcher_pid, NULL, 0) == -1 && errno == EINTR)
		;
	launcher_pid = 0;
}
