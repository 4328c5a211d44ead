/*
 * An ipc channel driven by libevent: messages come as calls of a function,
 * sending never blocks.  For parent and frontend; signers use ipc.h alone.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <event2/event.h>

#include <stddef.h>
#include <stdint.h>

#include "ipc.h"

struct channel;

struct channel_handler {
	/* One message.  May free the channel. */
	void	(*message)(struct channel *, struct ipc_msg *, void *arg);
	/* The other end is gone or sent nonsense.  Should free the channel. */
	void	(*gone)(struct channel *, void *arg);
	/* All that was queued is written; may be NULL. */
	void	(*drained)(struct channel *, void *arg);
};

/*
 * Take over the socket fd (made non-blocking), with flags as in ipc_new().
 * NULL with errno set on failure; fd is then closed.
 */
struct channel	*channel_new(struct event_base *, int fd, int flags,
		    const struct channel_handler *, void *arg);

/* Closes the socket.  Safe inside the handlers; NULL is fine. */
void		 channel_free(struct channel *);

/*
 * Hand over what the other end said before it ended, as the event loop would
 * have done later; then it is gone, if that is all.
 */
void		 channel_finish(struct channel *);

/*
 * Queue a message; see ipc_send() for fd and length.  A channel that cannot
 * send is reported gone by the event loop, so there is nothing to check.
 */
void		 channel_send(struct channel *, uint32_t type, uint32_t peer,
		    int fd, const void *, size_t length);

/* The descriptor of the message being handled, now the caller's; or -1. */
int		 channel_take_fd(struct channel *, struct ipc_msg *);

/* A new descriptor of the channel's socket, the caller's; or -1. */
int		 channel_copy_fd(const struct channel *);

/* Bytes queued and not yet written. */
size_t		 channel_queued(const struct channel *);

#endif
