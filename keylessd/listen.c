/* Parent: binds the sockets that the frontend serves. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "netaddr.h"
#include "setup.h"

static int
bind_one(const struct addrinfo *ai)
{
	int	 fd, on = 1, saved;

	fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, ai->ai_protocol);
	if (fd == -1)
		return (-1);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    (ai->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof(on)) == -1) ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == -1 ||
	    listen(fd, SOMAXCONN) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return (-1);
	}
	return (fd);
}

static int
listener_add(struct setup *setup, const struct conf_listen *conf, int fd)
{
	struct sockaddr_storage	 ss;
	struct listener		*l;
	socklen_t		 len = sizeof(ss);

	l = reallocarray(setup->listeners, setup->nlisteners + 1, sizeof(*l));
	if (l == NULL) {
		close(fd);
		return (-1);
	}
	setup->listeners = l;
	l += setup->nlisteners++;
	l->fd = fd;
	l->conf = conf;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return (-1);
	netaddr_text((struct sockaddr *)&ss, len, l->address);
	return (0);
}

static int
same_listen(const struct conf_listen *a, const struct conf_listen *b)
{
	if (a->port != b->port)
		return (0);
	if (a->host == NULL || b->host == NULL)
		return (a->host == b->host);
	return (strcmp(a->host, b->host) == 0);
}

/* Share the sockets that old has for the same words.  Returns their number. */
static int
listen_shared(const struct conf_listen *cl, struct setup *setup,
    const struct setup *old)
{
	size_t	 i;
	int	 fd, n = 0;

	for (i = 0; old != NULL && i < old->nlisteners; i++) {
		if (!same_listen(cl, old->listeners[i].conf))
			continue;
		fd = fcntl(old->listeners[i].fd, F_DUPFD_CLOEXEC, 0);
		if (fd == -1 || listener_add(setup, cl, fd) == -1)
			fatal("cannot share listening socket");
		n++;
	}
	return (n);
}

int
listen_tcp(const struct conf_listen *cl, struct setup *setup,
    const struct setup *old)
{
	struct addrinfo	 hints, *list, *ai;
	const char	*host = cl->host == NULL ? "*" : cl->host;
	char		 port[8];
	int		 error, fd, bound = 0;

	if (listen_shared(cl, setup, old) != 0)
		return (0);
	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
	snprintf(port, sizeof(port), "%u", cl->port);
	if ((error = getaddrinfo(cl->host, port, &hints, &list)) != 0) {
		log_errx("cannot listen address=%s port=%s reason=\"%s\"",
		    host, port, gai_strerror(error));
		return (-1);
	}
	for (ai = list; ai != NULL; ai = ai->ai_next) {
		if ((fd = bind_one(ai)) == -1 && errno == EAFNOSUPPORT)
			continue;
		if (fd == -1 || listener_add(setup, cl, fd) == -1) {
			log_err("cannot listen address=%s port=%s", host, port);
			freeaddrinfo(list);
			return (-1);
		}
		bound = 1;
	}
	freeaddrinfo(list);
	if (!bound) {
		log_errx("cannot listen address=%s port=%s reason=\"no "
		    "address family of it is supported here\"", host, port);
		return (-1);
	}
	return (0);
}

/* Whether somebody serves the socket already. */
static int
socket_alive(const struct sockaddr_un *sun)
{
	int	 fd, alive;

	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return (0);
	alive = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0;
	close(fd);
	return (alive);
}

/* Bind with mode 0660 from the first moment. */
static int
bind_control(int fd, const struct sockaddr_un *sun, gid_t gid)
{
	mode_t	 old;
	int	 status;

	old = umask(S_IXUSR | S_IXGRP | S_IRWXO);
	status = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));
	umask(old);
	if (status == -1)
		return (-1);
	if (geteuid() == 0 && chown(sun->sun_path, 0, gid) == -1)
		return (-1);
	return (listen(fd, 16));
}

int
listen_control(const char *path, gid_t gid, const struct setup *old)
{
	struct sockaddr_un	 sun;
	int			 fd;

	if (old != NULL && strcmp(old->conf->control_socket, path) == 0) {
		if ((fd = fcntl(old->control_fd, F_DUPFD_CLOEXEC, 0)) == -1)
			fatal("cannot share control socket");
		return (fd);
	}
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		log_errx("control socket path too long path=%s", path);
		return (-1);
	}
	if (socket_alive(&sun)) {
		log_errx("another keylessd serves the control socket path=%s",
		    path);
		return (-1);
	}
	if (unlink(path) == -1 && errno != ENOENT) {
		log_err("cannot remove old control socket path=%s", path);
		return (-1);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 || bind_control(fd, &sun, gid) == -1) {
		log_err("cannot open control socket path=%s", path);
		if (fd != -1)
			close(fd);
		return (-1);
	}
	return (fd);
}
