/* Launcher: makes frontends and signers what they are, by fork and exec. */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "ipc.h"
#include "launch.h"
#include "log.h"
#include "started.h"

#define FIELD(name)	offsetof(struct msg_launcher, name)

#define NONE		SIZE_MAX	/* no text */
#define REQUESTED	(SIZE_MAX - 1)	/* that of the request */

/* A kind of process; texts of the configuration by their place in it. */
static const struct role {
	const char	*title;		/* and then its name */
	const char	*argument;	/* or NULL */
	size_t		 program;
	size_t		 user;
	size_t		 root;
} roles[] = {
	[LAUNCH_FRONTEND] =
	    { "keylessd", "-F", FIELD(self), FIELD(user), FIELD(chroot) },
	[LAUNCH_SIGNER] = { "keyless-signer", NULL, FIELD(signer),
	    FIELD(signer_user), REQUESTED },
	[LAUNCH_CLOUD] = { "keyless-signer-cloud", NULL, FIELD(cloud),
	    FIELD(signer_user), REQUESTED },
	[LAUNCH_ENROLLER] = { "keylessd", "-E", FIELD(self), NONE, NONE },
	[LAUNCH_ENROLL] =
	    { "keyless-enroll", NULL, FIELD(enroll), FIELD(user), NONE },
};

static const char *
text_at(const struct msg_launcher *conf, size_t offset)
{
	return (offset == NONE ? "" : (const char *)conf + offset);
}

int
launcher_conf_valid(const struct msg_launcher *m)
{
	return (m->log_level <= LOG_LEVEL_FATAL &&
	    (m->log_to & ~(uint32_t)(LOG_TO_SYSLOG | LOG_TO_STDERR)) == 0 &&
	    m->no_kill <= 1 &&
	    ipc_text_ok(m->self, sizeof(m->self)) && m->self[0] == '/' &&
	    ipc_text_ok(m->signer, sizeof(m->signer)) &&
	    m->signer[0] == '/' &&
	    ipc_text_ok(m->cloud, sizeof(m->cloud)) && m->cloud[0] == '/' &&
	    ipc_text_ok(m->enroll, sizeof(m->enroll)) &&
	    m->enroll[0] == '/' &&
	    ipc_text_ok(m->chroot, sizeof(m->chroot)) &&
	    ipc_text_ok(m->user, sizeof(m->user)) && m->user[0] != '\0' &&
	    ipc_text_ok(m->signer_user, sizeof(m->signer_user)) &&
	    m->signer_user[0] != '\0');
}

int
launch_valid(const struct msg_launch *m)
{
	return (m->role <= LAUNCH_ROLE_MAX &&
	    m->log_level <= LOG_LEVEL_FATAL &&
	    ipc_text_ok(m->name, sizeof(m->name)) && m->name[0] != '\0' &&
	    ipc_text_ok(m->chroot, sizeof(m->chroot)) &&
	    (m->chroot[0] == '/' || m->chroot[0] == '\0') &&
	    (m->chroot[0] == '\0' || roles[m->role].root == REQUESTED));
}

void
launch_exec(int fd, int log_to, const char *path, const char *title,
    const char *role)
{
	char	*argv[3], *envp[1] = { NULL };
	int	 null;

	if ((null = open("/dev/null", O_RDWR)) == -1)
		fatal("open path=/dev/null");
	if (dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1)
		fatal("dup2");
	if (!(log_to & LOG_TO_STDERR) && dup2(null, STDERR_FILENO) == -1)
		fatal("dup2");
	if (fd == PARENT_FD) {
		if (fcntl(fd, F_SETFD, 0) == -1)
			fatal("fcntl F_SETFD");
	} else if (dup2(fd, PARENT_FD) == -1)
		fatal("dup2");
	closefrom(PARENT_FD + 1);

	if ((argv[0] = strdup(title)) == NULL)
		fatal("strdup");
	argv[1] = role == NULL ? NULL : strdup(role);
	argv[2] = NULL;
	execve(path, argv, envp);
	fatal("cannot execute path=%s", path);
}

/*
 * What the process is to become waits for it before it is made, in the end of
 * its channel that the parent gets: the parent can say nothing before that,
 * nor anything else.
 */
static int
say_init(int fd, const struct msg_launcher *conf, const struct msg_launch *m)
{
	const struct role	*role = &roles[m->role];
	struct msg_init		 init;
	struct ipc		*ipc;
	int			 copy, status;

	memset(&init, 0, sizeof(init));
	init.log_level = m->log_level;
	init.log_to = conf->log_to;
	init.separate = geteuid() == 0;
	init.no_kill = conf->no_kill;
	strlcpy(init.user, text_at(conf, role->user), sizeof(init.user));
	strlcpy(init.chroot, role->root == REQUESTED ? m->chroot :
	    text_at(conf, role->root), sizeof(init.chroot));
	strlcpy(init.name, m->name, sizeof(init.name));
	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return (-1);
	if ((ipc = ipc_new(copy, 0)) == NULL) {
		close(copy);
		return (-1);
	}
	status = ipc_send(ipc, MSG_INIT, 0, -1, &init, sizeof(init)) == -1 ||
	    ipc_flush(ipc) != 0 ? -1 : 0;
	ipc_free(ipc);
	return (status);
}

int
launch(const struct msg_launcher *conf, const struct msg_launch *m,
    pid_t (*make)(void), pid_t *pid)
{
	const struct role	*role = &roles[m->role];
	char			 title[MSG_NAME_SIZE + 32];
	int			 sv[2], saved;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		return (-1);
	snprintf(title, sizeof(title), "%s: %s", role->title, m->name);
	if (say_init(sv[0], conf, m) == -1)
		goto fail;
	switch (*pid = make()) {
	case -1:
		goto fail;
	case 0:
		launch_exec(sv[1], (int)conf->log_to,
		    text_at(conf, role->program), title, role->argument);
	}
	close(sv[1]);
	return (sv[0]);

fail:
	saved = errno;
	close(sv[0]);
	close(sv[1]);
	errno = saved;
	return (-1);
}
