/* Parent and frontend: an ipc channel driven by libevent. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "channel.h"
#include "compat.h"
#include "log.h"

struct channel {
	struct ipc			*ipc;
	struct event			*readable;
	struct event			*writable;
	const struct channel_handler	*handler;
	void				*arg;
	int				 busy;	/* handlers on the stack */
	int				 freed;	/* by one of them */
	int				 broken;
};

static void	channel_readable(evutil_socket_t, short, void *);
static void	channel_writable(evutil_socket_t, short, void *);

static void
channel_destroy(struct channel *ch)
{
	if (ch->readable != NULL)
		event_free(ch->readable);
	if (ch->writable != NULL)
		event_free(ch->writable);
	ipc_free(ch->ipc);
	free(ch);
}

struct channel *
channel_new(struct event_base *base, int fd, int flags,
    const struct channel_handler *handler, void *arg)
{
	struct channel	*ch;

	if (evutil_make_socket_nonblocking(fd) == -1 ||
	    (ch = calloc(1, sizeof(*ch))) == NULL) {
		close(fd);
		return (NULL);
	}
	ch->handler = handler;
	ch->arg = arg;
	if ((ch->ipc = ipc_new(fd, flags)) == NULL) {
		close(fd);
		free(ch);
		return (NULL);
	}
	ch->readable = event_new(base, fd, EV_READ | EV_PERSIST,
	    channel_readable, ch);
	ch->writable = event_new(base, fd, EV_WRITE, channel_writable, ch);
	if (ch->readable == NULL || ch->writable == NULL ||
	    event_add(ch->readable, NULL) == -1) {
		channel_destroy(ch);
		errno = ENOMEM;
		return (NULL);
	}
	return (ch);
}

void
channel_free(struct channel *ch)
{
	if (ch == NULL)
		return;
	if (ch->busy) {
		ch->freed = 1;
		event_del(ch->readable);
		event_del(ch->writable);
		return;
	}
	channel_destroy(ch);
}

/* Around calls of handlers: whether the channel still is. */
static int
channel_leave(struct channel *ch)
{
	if (--ch->busy == 0 && ch->freed) {
		channel_destroy(ch);
		return (0);
	}
	return (1);
}

static void
channel_gone(struct channel *ch)
{
	event_del(ch->readable);
	event_del(ch->writable);
	ch->busy++;
	ch->handler->gone(ch, ch->arg);
	channel_leave(ch);
}

/* Hand over what one read gives; whether there may be more. */
static int
channel_take(struct channel *ch)
{
	struct ipc_msg	 msg;
	int		 n;

	if ((n = ipc_read(ch->ipc)) == -1 && errno == EAGAIN)
		return (0);
	if (n != 1) {
		channel_gone(ch);
		return (0);
	}
	ch->busy++;
	while (!ch->freed && (n = ipc_next(ch->ipc, &msg)) == 1)
		ch->handler->message(ch, &msg, ch->arg);
	if (!channel_leave(ch))
		return (0);
	if (n == -1)
		channel_gone(ch);
	return (n != -1);
}

static void
channel_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)channel_take(arg);
}

void
channel_finish(struct channel *ch)
{
	while (channel_take(ch))
		;
}

static void
channel_writable(evutil_socket_t fd, short what, void *arg)
{
	struct channel	*ch = arg;
	int		 left;

	(void)fd;
	(void)what;
	if (ch->broken || (left = ipc_flush(ch->ipc)) == -1) {
		/* What it said before it left is still to be read. */
		if (!ch->broken && (errno == EPIPE || errno == ECONNRESET))
			return;
		channel_gone(ch);
		return;
	}
	if (left) {
		event_add(ch->writable, NULL);
		return;
	}
	if (ch->handler->drained == NULL)
		return;
	ch->busy++;
	ch->handler->drained(ch, ch->arg);
	channel_leave(ch);
}

void
channel_send(struct channel *ch, uint32_t type, uint32_t peer, int fd,
    const void *data, size_t length)
{
	if (ipc_send(ch->ipc, type, peer, fd, data, length) == -1) {
		log_warn("message not sent type=%u", type);
		ch->broken = 1;
	}
	event_add(ch->writable, NULL);
}

int
channel_take_fd(struct channel *ch, struct ipc_msg *msg)
{
	return (ipc_take_fd(ch->ipc, msg));
}

int
channel_copy_fd(const struct channel *ch)
{
	return (fcntl(ipc_fd(ch->ipc), F_DUPFD_CLOEXEC, 0));
}

size_t
channel_queued(const struct channel *ch)
{
	return (ipc_queued(ch->ipc));
}
