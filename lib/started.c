/* Every process that another one of keylessd starts: its first steps. */
#include <sys/socket.h>

#include <fcntl.h>
#include <signal.h>

#include "compat.h"
#include "log.h"
#include "started.h"

int
started_by_parent(void)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = sizeof(ss), typelen = sizeof(int);
	int			 type;

	return (getsockname(PARENT_FD, (struct sockaddr *)&ss, &len) == 0 &&
	    ss.ss_family == AF_UNIX &&
	    getsockopt(PARENT_FD, SOL_SOCKET, SO_TYPE, &type,
	    &typelen) == 0 && type == SOCK_STREAM &&
	    fcntl(PARENT_FD, F_SETFD, FD_CLOEXEC) == 0);
}

void
started_ignore_signals(void)
{
	static const int	 signals[] = { SIGHUP, SIGINT, SIGPIPE,
				    SIGTERM };
	size_t			 i;

	for (i = 0; i < nitems(signals); i++)
		if (signal(signals[i], SIG_IGN) == SIG_ERR)
			fatal("signal number=%d", signals[i]);
}
