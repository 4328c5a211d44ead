/*
 * A process is made: in the launcher or, on a system that has none, in the
 * parent.  What it becomes follows from its role and from what the launcher
 * was told before anything could have been captured; a request chooses a
 * role, a name and, for a signer, a root directory, and nothing else.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <sys/types.h>

#include "msg.h"

/* Whether these can be: texts end, numbers are in range, paths absolute. */
int	launcher_conf_valid(const struct msg_launcher *);
int	launch_valid(const struct msg_launch *);

/*
 * Start a process, with make() as the fork(2).  Its first message, MSG_INIT,
 * is on its way already.  Returns the parent's end of its channel and the
 * process id, or -1 with errno set.
 */
int	launch(const struct msg_launcher *, const struct msg_launch *,
	    pid_t (*make)(void), pid_t *pid);

/*
 * In a new process: standard descriptors (standard error is the caller's, with
 * LOG_TO_STDERR), fd as 3, an empty environment, nothing else; then exec.
 * title is argv[0], for ps(1); role is argv[1] or NULL.
 */
void	launch_exec(int fd, int log_to, const char *path, const char *title,
	    const char *role) __attribute__((noreturn));

/* launcher.c: keylessd -L */
void	launcher_main(void) __attribute__((noreturn));

#endif
