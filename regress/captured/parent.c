/* Tests: what only a captured parent can try, through its launcher. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../keylessd/parent.h"
#include "attack.h"
#include "compat.h"
#include "log.h"

/* One of a role that there is not. */
static int
unknown_role(void)
{
	struct msg_launch	 m;
	pid_t			 pid;

	memset(&m, 0, sizeof(m));
	m.role = LAUNCH_ROLE_MAX + 1;
	strlcpy(m.name, "captured", sizeof(m.name));
	return (launchproc_launch(&m, &pid));
}

/*
 * A signer, told to stay root.  Returns its user as it reports it, or -1: it
 * has ended, errno is EPIPE.
 */
static int
root_signer(void)
{
	struct msg_sandbox	 report;
	struct msg_launch	 m;
	struct msg_init		 init;
	struct ipc_msg		 msg;
	struct ipc		*ipc;
	pid_t			 pid;
	int			 fd;

	memset(&m, 0, sizeof(m));
	m.role = LAUNCH_SIGNER;
	strlcpy(m.name, "captured", sizeof(m.name));
	memset(&init, 0, sizeof(init));
	init.log_to = LOG_TO_STDERR;
	strlcpy(init.name, "captured", sizeof(init.name));
	if ((fd = launchproc_launch(&m, &pid)) == -1 ||
	    (ipc = ipc_new(fd, IPC_DESCRIPTORS)) == NULL ||
	    ipc_send(ipc, MSG_INIT, 0, -1, &init, sizeof(init)) == -1 ||
	    ipc_send(ipc, MSG_SIGNER_START, 0, -1, NULL, 0) == -1 ||
	    ipc_flush(ipc) == -1)
		return (-1);
	while (ipc_wait(ipc, &msg) == 1)
		if (msg.type == MSG_SANDBOX &&
		    ipc_get(&msg, &report, sizeof(report)) == 0)
			return ((int)report.uid);
	errno = EPIPE;
	return (-1);
}

static const struct {
	const char	*name;
	int		(*run)(void);
} attacks[] = {
	{ "unknown-role",	unknown_role },
	{ "root-signer",	root_signer },
};

int
captured_parent(const struct attack *a)
{
	size_t	 i;

	for (i = 0; i < nitems(attacks); i++) {
		if (strcmp(attacks[i].name, a->name) != 0)
			continue;
		attack_say(a, "begins", 0);
		errno = 0;
		if (attacks[i].run() == -1)
			attack_say(a, "refused", errno);
		else
			attack_say(a, "SUCCEEDED", 0);
		return (0);
	}
	return (-1);
}
