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

#include "advice.h"
#include "compat.h"
#include "log.h"
#include "netaddr.h"
#include "setup.h"

static int
bind_one(const struct addrinfo *ai)
{
	int	 fd, on = 1, saved;

	if ((fd = activated_fd(ai->ai_addr, ai->ai_addrlen)) != -1)
		return (fd);
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

static struct listener *
listener_add(struct listeners *ls, const struct conf_listen *conf, int fd)
{
	struct listener	*l;

	l = reallocarray(ls->list, ls->count + 1, sizeof(*l));
	if (l == NULL)
		fatal("reallocarray");
	ls->list = l;
	l += ls->count++;
	l->fd = fd;
	l->conf = conf;
	l->address[0] = '\0';
	return (l);
}

static void
listener_add_tcp(struct listeners *ls, const struct conf_listen *conf, int fd)
{
	struct listener		*l = listener_add(ls, conf, fd);
	struct sockaddr_storage	 ss;
	socklen_t		 len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		fatal("getsockname");
	netaddr_text((struct sockaddr *)&ss, len, l->address);
}

static int
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a == b);
	return (strcmp(a, b) == 0);
}

static int
same_listen(const struct conf_listen *a, const struct conf_listen *b)
{
	return (a->port == b->port && same_text(a->host, b->host) &&
	    same_text(a->path, b->path));
}

/* Share the sockets that old has for the same words.  Returns their number. */
static int
listen_shared(const struct conf_listen *cl, struct listeners *ls,
    const struct listeners *old)
{
	struct listener	*l;
	size_t		 i;
	int		 fd, n = 0;

	for (i = 0; old != NULL && i < old->count; i++) {
		if (!same_listen(cl, old->list[i].conf))
			continue;
		fd = fcntl(old->list[i].fd, F_DUPFD_CLOEXEC, 0);
		if (fd == -1)
			fatal("cannot share listening socket");
		l = listener_add(ls, cl, fd);
		strlcpy(l->address, old->list[i].address, sizeof(l->address));
		n++;
	}
	return (n);
}

static int
listen_tcp(const struct conf_listen *cl, struct listeners *ls)
{
	struct addrinfo	 hints, *list, *ai;
	const char	*host = cl->host == NULL ? "*" : cl->host;
	char		 port[8];
	int		 error, fd, bound = 0;

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
		if (fd == -1) {
			log_errx("cannot listen address=%s port=%s "
			    "reason=\"%s\"", host, port,
			    advice(ADVICE_LISTEN, errno));
			freeaddrinfo(list);
			return (-1);
		}
		listener_add_tcp(ls, cl, fd);
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

/* Bind with mode 0660 and its group from the first moment. */
static int
bind_unix(int fd, const struct sockaddr_un *sun, gid_t gid)
{
	mode_t	 old;
	int	 status;

	/* What root makes belongs to the group that he acts for. */
	if (geteuid() == 0 && setegid(gid) == -1)
		return (-1);
	old = umask(S_IXUSR | S_IXGRP | S_IRWXO);
	status = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));
	umask(old);
	if (geteuid() == 0 && setegid(getgid()) == -1)
		fatal("setegid");
	return (status == -1 ? -1 : listen(fd, 16));
}

/* What a dead daemon has left; a mistake in the configuration may name more. */
static int
remove_old(const char *path)
{
	struct stat	 st;

	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		log_errx("cannot open socket path=%s reason=\"something that "
		    "is no socket is there; name another path\"", path);
		return (-1);
	}
	if (unlink(path) == 0 || errno == ENOENT)
		return (0);
	log_err("cannot remove old socket path=%s", path);
	return (-1);
}

static int
listen_unix(const char *path, gid_t gid)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		log_errx("path of socket too long path=%s", path);
		return (-1);
	}
	if (socket_alive(&sun)) {
		log_errx("socket is served already path=%s "
		    "reason=\"another keylessd has it\"", path);
		return (-1);
	}
	if (remove_old(path) == -1)
		return (-1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 || bind_unix(fd, &sun, gid) == -1) {
		log_errx("cannot open socket path=%s reason=\"%s\"", path,
		    advice(ADVICE_SOCKET, errno));
		if (fd != -1)
			close(fd);
		return (-1);
	}
	return (fd);
}

static int
listen_path(const struct conf_listen *cl, struct listeners *ls, gid_t gid)
{
	struct listener	*l;
	int		 fd;

	if ((fd = listen_unix(cl->path, gid)) == -1)
		return (-1);
	l = listener_add(ls, cl, fd);
	strlcpy(l->address, cl->path, sizeof(l->address));
	return (0);
}

int
listen_all(const struct conf_listens *list, struct listeners *ls,
    const struct listeners *old, gid_t gid)
{
	const struct conf_listen	*cl;

	TAILQ_FOREACH(cl, list, entry) {
		if (listen_shared(cl, ls, old) != 0)
			continue;
		if ((cl->path != NULL ? listen_path(cl, ls, gid) :
		    listen_tcp(cl, ls)) == -1)
			return (-1);
	}
	return (0);
}

void
listen_close(struct listeners *ls)
{
	size_t	 i;

	for (i = 0; i < ls->count; i++)
		close(ls->list[i].fd);
	free(ls->list);
	ls->list = NULL;
	ls->count = 0;
}

int
listen_control(const char *path, gid_t gid, const struct setup *old)
{
	int	 fd;

	if (old == NULL || strcmp(old->conf->control_socket, path) != 0)
		return (listen_unix(path, gid));
	if ((fd = fcntl(old->control_fd, F_DUPFD_CLOEXEC, 0)) == -1)
		fatal("cannot share control socket");
	return (fd);
}

static int
has_path(const struct setup *setup, const char *path)
{
	size_t	 i;

	if (setup == NULL)
		return (0);
	for (i = 0; i < setup->http.count; i++)
		if (same_text(setup->http.list[i].conf->path, path))
			return (1);
	return (setup->control_fd != -1 &&
	    strcmp(setup->conf->control_socket, path) == 0);
}

void
listen_remove(const struct setup *setup, const struct setup *keep)
{
	const char	*path = setup->conf->control_socket;
	size_t		 i;

	if (setup->control_fd != -1 && !has_path(keep, path))
		unlink(path);
	for (i = 0; i < setup->http.count; i++) {
		path = setup->http.list[i].conf->path;
		if (path != NULL && !has_path(keep, path))
			unlink(path);
	}
}
