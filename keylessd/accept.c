/* Frontend: listening sockets, passed by the parent, shared by siblings. */
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "figures.h"
#include "frontend.h"
#include "log.h"
#include "sources.h"

#define BURST		64	/* connections accepted in one turn */
#define BACKLOG		4096	/* at the end: more do not fit a backlog */
#define PAUSE		1	/* s without accepting when out of fds */
#define LEAVE		1000	/* us that siblings have, to accept instead */
#define RESERVE_PART	8	/* of the descriptors this part, and ... */
#define RESERVE_MAX	1024	/* no more, are not for connections */

struct listening {
	TAILQ_ENTRY(listening)	 entry;
	int			 fd;
	struct event		*readable;
	struct event		*resume;
	int			 left;		/* to siblings, until resume */
};

TAILQ_HEAD(listening_list, listening);
static struct listening_list	 listeners = TAILQ_HEAD_INITIALIZER(listeners);
static struct listening_list	 offered = TAILQ_HEAD_INITIALIZER(offered);
static int			 scarce;	/* descriptors, as it seems */

/*
 * The first descriptor that connections may not have.  What the parent sends
 * has descriptors with it, for a reload or a new signer; this process ends when
 * there is none left for them, and with it all connections.
 */
static int
reserved(void)
{
	static int	 first;
	struct rlimit	 rl;
	rlim_t		 n;

	if (first != 0)
		return (first);
	first = INT_MAX;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur <= INT_MAX) {
		n = rl.rlim_cur / RESERVE_PART;
		first = (int)(rl.rlim_cur - (n < RESERVE_MAX ? n :
		    RESERVE_MAX));
	}
	return (first);
}

/*
 * Whether the last connection had one that is reserved, and so would the next.
 * The system gives the lowest one that is free.
 */
static int
is_short(const struct listening *l)
{
	int	 fd;

	if (!scarce)
		return (0);
	fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	scarce = fd == -1 || fd >= reserved();
	if (fd != -1)
		close(fd);
	return (scarce);
}

/* Out of descriptors or memory: let others finish first. */
static void
pause_accepting(struct listening *l)
{
	const struct timeval	 tv = { PAUSE, 0 };

	log_warn("accepting paused seconds=%d", PAUSE);
	event_del(l->readable);
	evtimer_add(l->resume, &tv);
}

/* Returns whether there may be another connection. */
static int
accept_one(struct listening *l)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = sizeof(ss);
	char			 peer[NETADDR_SIZE];
	struct source		*source;
	const char		*reason;
	int			 fd, on = 1;

	if (is_short(l)) {
		errno = EMFILE;
		pause_accepting(l);
		return (0);
	}
	fd = accept4(l->fd, (struct sockaddr *)&ss, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accepting(l);
		return (errno == ECONNABORTED || errno == EINTR);
	}
	scarce = fd >= reserved();
	netaddr_text((struct sockaddr *)&ss, len, peer);
	if (shared_connections() >= fe_conf.max_connections) {
		fe_figures.limits[LIMIT_CONNECTIONS]++;
		reason = "limit of max_connections reached";
		source = NULL;
	} else
		source = source_admit((struct sockaddr *)&ss, &reason);
	if (source == NULL) {
		fe_stats.refused++;
		log_debug("connection refused peer=%s reason=\"%s\"", peer,
		    reason);
		close(fd);
		return (1);
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	conn_new(fd, peer, source);
	return (1);
}

/*
 * Every frontend wakes up for a connection, and the first one has it.  One
 * that has more than its part of all leaves it to the others for a moment.
 */
static void
accept_or_leave(struct listening *l)
{
	const struct timeval	 tv = { 0, LEAVE };

	if (fe_now.connections * fe_place.frontends <=
	    shared_connections()) {
		accept_one(l);
		return;
	}
	l->left = 1;
	event_del(l->readable);
	evtimer_add(l->resume, &tv);
}

static void
listening_readable(evutil_socket_t fd, short what, void *arg)
{
	int	 i;

	(void)fd;
	(void)what;
	if (fe_place.frontends > 1) {
		accept_or_leave(arg);
		return;
	}
	for (i = 0; i < BURST && accept_one(arg); i++)
		;
}

static void
resume(evutil_socket_t fd, short what, void *arg)
{
	struct listening	*l = arg;

	(void)fd;
	(void)what;
	event_add(l->readable, NULL);
	if (l->left)
		accept_one(l);
	l->left = 0;
}

void
accept_offer(int fd)
{
	struct listening	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		fatal("calloc");
	l->fd = fd;
	l->readable = event_new(fe_base, fd, EV_READ | EV_PERSIST,
	    listening_readable, l);
	l->resume = evtimer_new(fe_base, resume, l);
	if (l->readable == NULL || l->resume == NULL)
		fatalx("event_new");
	TAILQ_INSERT_TAIL(&offered, l, entry);
}

static void
close_all(struct listening_list *list)
{
	struct listening	*l;

	while ((l = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, l, entry);
		event_free(l->readable);
		event_free(l->resume);
		close(l->fd);
		free(l);
	}
}

void
accept_more(void)
{
	struct listening	*l;

	TAILQ_FOREACH(l, &offered, entry)
		event_add(l->readable, NULL);
	TAILQ_CONCAT(&listeners, &offered, entry);
}

void
accept_switch(void)
{
	close_all(&listeners);
	accept_more();
}

void
accept_abort(void)
{
	close_all(&offered);
}

void
accept_stop(void)
{
	struct listening	*l;
	int			 i;

	TAILQ_FOREACH(l, &listeners, entry)
		for (i = 0; i < BACKLOG && accept_one(l); i++)
			;
	close_all(&offered);
	close_all(&listeners);
}
