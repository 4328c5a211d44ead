/* Any process: framed messages with at most one descriptor each. */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "ipc.h"

#define READ_SIZE	65536
#define FDS_MAX		8	/* descriptors that wait for their message */
#define FLAG_FD		0x01	/* header: a descriptor comes with it */

struct header {
	uint32_t	 type;
	uint32_t	 peer;
	uint16_t	 length;	/* of data */
	uint16_t	 flags;
};

struct out_msg {
	TAILQ_ENTRY(out_msg)	 entry;
	int			 fd;
	size_t			 length;	/* header and data */
	size_t			 written;
	uint8_t			 bytes[];
};

struct in_fd {
	TAILQ_ENTRY(in_fd)	 entry;
	int			 fd;
};

struct ipc {
	int			 fd;
	int			 flags;
	uint8_t			*in;		/* READ_SIZE bytes */
	size_t			 in_start;
	size_t			 in_end;
	int			 untaken;	/* of this message, or -1 */
	TAILQ_HEAD(, in_fd)	 in_fds;
	size_t			 in_nfds;
	TAILQ_HEAD(, out_msg)	 out;
	size_t			 queued;
};

struct ipc *
ipc_new(int fd, int flags)
{
	struct ipc	*ipc;

	if ((ipc = calloc(1, sizeof(*ipc))) == NULL ||
	    (ipc->in = malloc(READ_SIZE)) == NULL) {
		free(ipc);
		return (NULL);
	}
	ipc->fd = fd;
	ipc->flags = flags;
	ipc->untaken = -1;
	TAILQ_INIT(&ipc->in_fds);
	TAILQ_INIT(&ipc->out);
	return (ipc);
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
out_remove(struct ipc *ipc, struct out_msg *m)
{
	TAILQ_REMOVE(&ipc->out, m, entry);
	ipc->queued -= m->length - m->written;
	close_fd(&m->fd);
	freezero(m, sizeof(*m) + m->length);
}

void
ipc_free(struct ipc *ipc)
{
	struct in_fd	*f;
	struct out_msg	*m;

	if (ipc == NULL)
		return;
	while ((m = TAILQ_FIRST(&ipc->out)) != NULL)
		out_remove(ipc, m);
	while ((f = TAILQ_FIRST(&ipc->in_fds)) != NULL) {
		TAILQ_REMOVE(&ipc->in_fds, f, entry);
		close(f->fd);
		free(f);
	}
	close_fd(&ipc->untaken);
	close_fd(&ipc->fd);
	freezero(ipc->in, READ_SIZE);
	free(ipc);
}

int
ipc_fd(const struct ipc *ipc)
{
	return (ipc->fd);
}

/* Keep a descriptor that came; -1 when it must not or cannot be kept. */
static int
in_fd_add(struct ipc *ipc, int fd)
{
	struct in_fd	*f;

	if (!(ipc->flags & IPC_DESCRIPTORS) || ipc->in_nfds == FDS_MAX) {
		close(fd);
		errno = EBADMSG;
		return (-1);
	}
	if ((f = calloc(1, sizeof(*f))) == NULL) {
		close(fd);
		return (-1);
	}
	f->fd = fd;
	TAILQ_INSERT_TAIL(&ipc->in_fds, f, entry);
	ipc->in_nfds++;
	return (0);
}

/* Take over all descriptors of a received control message. */
static int
in_fds_collect(struct ipc *ipc, struct msghdr *mh)
{
	struct cmsghdr	*cm;
	size_t		 i, n;
	int		 fds[FDS_MAX], status = 0;

	for (cm = CMSG_FIRSTHDR(mh); cm != NULL; cm = CMSG_NXTHDR(mh, cm)) {
		if (cm->cmsg_level != SOL_SOCKET ||
		    cm->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (n > nitems(fds))
			n = nitems(fds);
		memcpy(fds, CMSG_DATA(cm), n * sizeof(int));
		for (i = 0; i < n; i++)
			if (in_fd_add(ipc, fds[i]) == -1)
				status = -1;
	}
	if (mh->msg_flags & MSG_CTRUNC) {
		errno = EBADMSG;
		status = -1;
	}
	return (status);
}

int
ipc_read(struct ipc *ipc)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int) * FDS_MAX)];
	} control;
	struct iovec	 iov;
	struct msghdr	 mh;
	ssize_t		 n;

	memmove(ipc->in, ipc->in + ipc->in_start,
	    ipc->in_end - ipc->in_start);
	ipc->in_end -= ipc->in_start;
	ipc->in_start = 0;

	iov.iov_base = ipc->in + ipc->in_end;
	iov.iov_len = READ_SIZE - ipc->in_end;
	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	mh.msg_control = control.buf;
	mh.msg_controllen = sizeof(control.buf);
	do {
		n = recvmsg(ipc->fd, &mh, MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n <= 0)
		return ((int)n);
	ipc->in_end += (size_t)n;
	if (in_fds_collect(ipc, &mh) == -1)
		return (-1);
	return (1);
}

/* The descriptor that belongs to the current message; -1 if there is none. */
static int
in_fd_shift(struct ipc *ipc)
{
	struct in_fd	*f;
	int		 fd;

	if ((f = TAILQ_FIRST(&ipc->in_fds)) == NULL)
		return (-1);
	TAILQ_REMOVE(&ipc->in_fds, f, entry);
	ipc->in_nfds--;
	fd = f->fd;
	free(f);
	return (fd);
}

int
ipc_next(struct ipc *ipc, struct ipc_msg *msg)
{
	struct header	 h;
	size_t		 have = ipc->in_end - ipc->in_start;

	close_fd(&ipc->untaken);
	if (have < sizeof(h))
		return (0);
	memcpy(&h, ipc->in + ipc->in_start, sizeof(h));
	if (h.length > IPC_DATA_MAX || (h.flags & ~FLAG_FD) != 0) {
		errno = EBADMSG;
		return (-1);
	}
	if (have < sizeof(h) + h.length)
		return (0);
	if (h.flags & FLAG_FD) {
		if ((ipc->untaken = in_fd_shift(ipc)) == -1) {
			errno = EBADMSG;
			return (-1);
		}
	}
	msg->type = h.type;
	msg->peer = h.peer;
	msg->length = h.length;
	msg->data = ipc->in + ipc->in_start + sizeof(h);
	msg->fd = ipc->untaken;
	ipc->in_start += sizeof(h) + h.length;
	return (1);
}

int
ipc_wait(struct ipc *ipc, struct ipc_msg *msg)
{
	int	 n;

	for (;;) {
		if ((n = ipc_next(ipc, msg)) != 0)
			return (n);
		if ((n = ipc_read(ipc)) != 1)
			return (n);
	}
}

int
ipc_get(const struct ipc_msg *msg, void *data, size_t length)
{
	if (msg->length != length)
		return (-1);
	memcpy(data, msg->data, length);
	return (0);
}

int
ipc_text_ok(const char *text, size_t size)
{
	return (memchr(text, '\0', size) != NULL);
}

int
ipc_take_fd(struct ipc *ipc, struct ipc_msg *msg)
{
	ipc->untaken = -1;
	return (msg->fd);
}

int
ipc_send(struct ipc *ipc, uint32_t type, uint32_t peer, int fd,
    const void *data, size_t length)
{
	struct header	 h;
	struct out_msg	*m;

	if (length > IPC_DATA_MAX ||
	    (fd != -1 && !(ipc->flags & IPC_DESCRIPTORS))) {
		close_fd(&fd);
		errno = EINVAL;
		return (-1);
	}
	if ((m = malloc(sizeof(*m) + sizeof(h) + length)) == NULL) {
		close_fd(&fd);
		return (-1);
	}
	memset(&h, 0, sizeof(h));
	h.type = type;
	h.peer = peer;
	h.length = (uint16_t)length;
	h.flags = fd == -1 ? 0 : FLAG_FD;
	memcpy(m->bytes, &h, sizeof(h));
	if (length != 0)
		memcpy(m->bytes + sizeof(h), data, length);
	m->length = sizeof(h) + length;
	m->written = 0;
	m->fd = fd;
	TAILQ_INSERT_TAIL(&ipc->out, m, entry);
	ipc->queued += m->length;
	return (0);
}

/* Write what remains of a message; a descriptor goes with its first byte. */
static ssize_t
out_write(struct ipc *ipc, struct out_msg *m)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct cmsghdr	*cm;
	struct iovec	 iov;
	struct msghdr	 mh;
	ssize_t		 n;

	iov.iov_base = m->bytes + m->written;
	iov.iov_len = m->length - m->written;
	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	if (m->fd != -1) {
		memset(&control, 0, sizeof(control));
		mh.msg_control = control.buf;
		mh.msg_controllen = sizeof(control.buf);
		cm = CMSG_FIRSTHDR(&mh);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cm), &m->fd, sizeof(int));
	}
	do {
		n = sendmsg(ipc->fd, &mh, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	return (n);
}

int
ipc_flush(struct ipc *ipc)
{
	struct out_msg	*m;
	ssize_t		 n;

	while ((m = TAILQ_FIRST(&ipc->out)) != NULL) {
		if ((n = out_write(ipc, m)) == -1) {
			if (errno == EAGAIN || errno == EWOULDBLOCK)
				return (1);
			return (-1);
		}
		close_fd(&m->fd);
		m->written += (size_t)n;
		ipc->queued -= (size_t)n;
		if (m->written == m->length)
			out_remove(ipc, m);
	}
	return (0);
}

size_t
ipc_unread(const struct ipc *ipc)
{
	return (ipc->in_end - ipc->in_start);
}

size_t
ipc_queued(const struct ipc *ipc)
{
	return (ipc->queued);
}
