/*
 * Framed messages over a local stream socket, in the manner of imsg(3):
 * parent <-> frontend, parent <-> signer, keylessctl <-> frontend.
 *
 * A message is a header {type, length, peer, flags} and up to IPC_DATA_MAX
 * bytes of data, in host byte order: both ends run on one machine.  On a
 * channel opened with IPC_DESCRIPTORS a message may carry one descriptor;
 * on any other a descriptor that arrives is closed and the channel is broken.
 *
 * The socket may be blocking or not.  Sending only queues; ipc_flush() writes.
 */
#ifndef IPC_H
#define IPC_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define IPC_DATA_MAX	16368		/* bytes of data in one message */
#define IPC_DESCRIPTORS	0x01		/* messages may carry descriptors */

struct ipc;

struct ipc_msg {
	uint32_t	 type;
	uint32_t	 peer;		/* whatever the sender said */
	size_t		 length;	/* of data, bytes */
	const uint8_t	*data;		/* valid until the next ipc_next() */
	int		 fd;		/* -1, or see ipc_take_fd() */
};

/* A channel over the socket fd, which it owns from now on; NULL: no memory. */
struct ipc	*ipc_new(int fd, int flags);

/* Closes the socket and every descriptor still queued.  NULL is fine. */
void		 ipc_free(struct ipc *);

int		 ipc_fd(const struct ipc *);

/*
 * Read once from the socket.  Returns 1 when something came, 0 at the end of
 * the stream, -1 with errno set otherwise (EAGAIN: nothing there now;
 * EBADMSG: a descriptor on a channel without IPC_DESCRIPTORS).
 */
int		 ipc_read(struct ipc *);

/*
 * The next whole message that ipc_read() brought.  Returns 1 and fills msg,
 * 0 when none is complete, -1 (errno EBADMSG) when what came is no message:
 * drop the channel.  A descriptor not taken is closed by the next call.
 */
int		 ipc_next(struct ipc *, struct ipc_msg *);

/*
 * The same for a process that may wait: reads (the socket must be blocking)
 * until a message is whole.  Returns 1, 0 at the end of the stream, or -1.
 */
int		 ipc_wait(struct ipc *, struct ipc_msg *);

/* Copy data of exactly length bytes; -1 when the message has another length. */
int		 ipc_get(const struct ipc_msg *, void *, size_t length);

/* Whether a char array of size bytes that came in a message holds a NUL. */
int		 ipc_text_ok(const char *, size_t size);

/* The message's descriptor, now the caller's to close; -1: it had none. */
int		 ipc_take_fd(struct ipc *, struct ipc_msg *);

/*
 * Queue a message of length bytes (at most IPC_DATA_MAX).  fd is -1 or a
 * descriptor, which the channel then owns and closes once sent.  Returns 0,
 * or -1 with errno set (fd is closed all the same).
 */
int		 ipc_send(struct ipc *, uint32_t type, uint32_t peer, int fd,
		    const void *, size_t length);

/*
 * Write what is queued.  Returns 0 when all is written, 1 when the socket
 * would block with some left, -1 with errno set when the channel is broken.
 */
int		 ipc_flush(struct ipc *);

/* Bytes that were read and that ipc_next() has not given out. */
size_t		 ipc_unread(const struct ipc *);

/* Bytes queued and not yet written. */
size_t		 ipc_queued(const struct ipc *);

#endif
