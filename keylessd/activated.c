/*
 * Parent: listening sockets that the service manager made, as
 * sd_listen_fds(3) has it: descriptors 3 and up, LISTEN_FDS of them, for the
 * process LISTEN_PID.  With them the service needs no network of its own.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "netaddr.h"
#include "setup.h"

#define FIRST_FD	3
#define FDS_MAX		64

static int	 fds[FDS_MAX];		/* kept, for every reload */
static int	 nfds;

/* The number in an environment variable, which is then gone; -1: none. */
static long long
take_number(const char *name)
{
	const char	*value, *errstr;
	long long	 n;

	if ((value = getenv(name)) == NULL)
		return (-1);
	n = strtonum(value, 0, INT32_MAX, &errstr);
	unsetenv(name);
	return (errstr == NULL ? n : -1);
}

static int
is_listening_stream(int fd)
{
	int		 type, listening;
	socklen_t	 len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 ||
	    type != SOCK_STREAM)
		return (0);
	len = sizeof(int);
	return (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening,
	    &len) == 0 && listening);
}

void
activated_init(void)
{
	long long	 pid = take_number("LISTEN_PID");
	long long	 n = take_number("LISTEN_FDS");
	int		 fd;

	unsetenv("LISTEN_FDNAMES");
	if (pid != getpid() || n < 1)
		return;
	if (n > FDS_MAX)
		fatalx("too many sockets passed count=%lld max=%d", n,
		    FDS_MAX);
	for (fd = FIRST_FD; fd < FIRST_FD + (int)n; fd++) {
		if (!is_listening_stream(fd))
			fatalx("descriptor passed is no listening stream "
			    "socket fd=%d", fd);
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
		    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
			fatal("fcntl fd=%d", fd);
		fds[nfds++] = fd;
	}
}

/* Addresses alone: other members of their structs may differ. */
static int
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in	*a4 = (const void *)a;
	const struct sockaddr_in	*b4 = (const void *)b;
	const struct sockaddr_in6	*a6 = (const void *)a;
	const struct sockaddr_in6	*b6 = (const void *)b;

	if (a->sa_family != b->sa_family)
		return (0);
	if (a->sa_family == AF_INET)
		return (a4->sin_port == b4->sin_port &&
		    a4->sin_addr.s_addr == b4->sin_addr.s_addr);
	return (a->sa_family == AF_INET6 &&
	    a6->sin6_port == b6->sin6_port &&
	    a6->sin6_scope_id == b6->sin6_scope_id &&
	    memcmp(&a6->sin6_addr, &b6->sin6_addr,
	    sizeof(a6->sin6_addr)) == 0);
}

int
activated_fd(const struct sockaddr *sa, socklen_t salen)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	char			 address[NETADDR_SIZE];
	int			 i, fd;

	for (i = 0; i < nfds; i++) {
		len = sizeof(ss);
		if (getsockname(fds[i], (struct sockaddr *)&ss, &len) == -1 ||
		    !same_address(sa, (const struct sockaddr *)&ss))
			continue;
		if ((fd = fcntl(fds[i], F_DUPFD_CLOEXEC, 0)) == -1)
			fatal("fcntl F_DUPFD_CLOEXEC");
		return (fd);
	}
	if (nfds != 0) {
		netaddr_text(sa, salen, address);
		log_warnx("no socket was passed for an address that is "
		    "configured address=%s", address);
	}
	return (-1);
}
