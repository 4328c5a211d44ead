/* In the host's process: one TLS connection to a key server, never waiting. */
#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "compat.h"
#include "guest.h"
#include "remote.h"

#define RECORD_MAX	16384	/* plain bytes of a TLS record */
#define RAW_SIZE	16384

struct conn {
	struct tls	*tls;
	int		 fd;
	enum conn_state	 state;
	int		 want_out;	/* TLS waits for room in the socket */
	uint8_t		 raw[RAW_SIZE];	/* from the socket, not yet in TLS */
	size_t		 raw_start;
	size_t		 raw_end;
	struct buf	 in;
	struct buf	 out;
	size_t		 seen;		/* of in: the message last returned */
	char		 error[256];
};

/* One recv(2) takes in as many records as have come. */
static ssize_t
raw_read(struct tls *tls, void *buf, size_t size, void *arg)
{
	struct conn	*c = arg;
	ssize_t		 n;

	(void)tls;
	if (c->raw_start == c->raw_end) {
		n = recv(c->fd, c->raw, sizeof(c->raw), 0);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return (TLS_WANT_POLLIN);
		if (n <= 0)
			return (n);
		c->raw_start = 0;
		c->raw_end = (size_t)n;
	}
	if (size > c->raw_end - c->raw_start)
		size = c->raw_end - c->raw_start;
	memcpy(buf, c->raw + c->raw_start, size);
	c->raw_start += size;
	return ((ssize_t)size);
}

static ssize_t
raw_write(struct tls *tls, const void *buf, size_t size, void *arg)
{
	struct conn	*c = arg;
	ssize_t		 n;

	(void)tls;
	n = send(c->fd, buf, size, MSG_NOSIGNAL);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (TLS_WANT_POLLOUT);
	return (n);
}

static int
over(struct conn *c, const char *why)
{
	c->state = CONN_OVER;
	strlcpy(c->error, why != NULL && *why != '\0' ? why : "unknown error",
	    sizeof(c->error));
	return (-1);
}

/* TCP, on its way: 0, or -1 with errno set. */
static int
start_tcp(struct conn *c, const struct sockaddr *sa, socklen_t len)
{
	int	 on = 1;

	if ((c->fd = guest_socket(sa->sa_family)) == -1)
		return (-1);
	if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on,
	    sizeof(on)) == -1 || compat_keepalive(c->fd) == -1)
		return (-1);
	if (connect(c->fd, sa, len) == -1 && errno != EINPROGRESS)
		return (-1);
	return (0);
}

struct conn *
conn_open(struct tls_config *config, const char *name,
    const struct sockaddr *sa, socklen_t len)
{
	struct conn	*c;
	int		 error;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	c->fd = -1;
	if ((c->tls = tls_client()) == NULL)
		errno = ENOMEM;
	else if (start_tcp(c, sa, len) == -1)
		;
	else if (tls_configure(c->tls, config) == -1 ||
	    tls_connect_cbs(c->tls, raw_read, raw_write, c, name) == -1)
		errno = EINVAL;
	else
		return (c);
	error = errno;
	conn_close(c);
	errno = error;
	return (NULL);
}

void
conn_close(struct conn *c)
{
	if (c == NULL)
		return;
	if (!guest_too_late()) {
		if (c->state == CONN_OPEN)
			tls_close(c->tls);
		tls_free(c->tls);
	}
	if (c->fd != -1)
		guest_close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
}

enum conn_state
conn_state(const struct conn *c)
{
	return (c->state);
}

int
conn_fd(const struct conn *c)
{
	return (c->fd);
}

short
conn_events(const struct conn *c)
{
	if (c->state == CONN_CONNECTING)
		return (POLLOUT);
	return (c->want_out ? POLLIN | POLLOUT : POLLIN);
}

const char *
conn_error(const struct conn *c)
{
	return (c->error);
}

/*
 * What a TLS call returned: 1 to go on, 0 to wait for the socket, -1 when the
 * connection is over.
 */
static int
tls_result(struct conn *c, ssize_t n)
{
	switch (n) {
	case TLS_WANT_POLLOUT:
		c->want_out = 1;
		return (0);
	case TLS_WANT_POLLIN:
		return (0);
	case -1:
		return (over(c, tls_error(c->tls)));
	default:
		return (1);
	}
}

static int
work_connect(struct conn *c)
{
	struct pollfd	 pfd;
	socklen_t	 len;
	int		 error = 0;

	pfd.fd = c->fd;
	pfd.events = POLLOUT;
	if (poll(&pfd, 1, 0) < 1)
		return (0);
	len = sizeof(error);
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error != 0)
		return (over(c, strerror(error)));
	c->state = CONN_HANDSHAKE;
	return (0);
}

static int
work_handshake(struct conn *c)
{
	int	 n;

	n = tls_result(c, tls_handshake(c->tls));
	if (n == 1)
		c->state = CONN_OPEN;
	return (n == -1 ? -1 : 0);
}

static int
work_out(struct conn *c)
{
	size_t	 size;
	ssize_t	 n;

	while ((size = buf_length(&c->out)) != 0) {
		if (size > RECORD_MAX)
			size = RECORD_MAX;
		n = tls_write(c->tls, buf_data(&c->out), size);
		if (n < 0)
			return (tls_result(c, n));
		buf_consume(&c->out, (size_t)n);
	}
	return (0);
}

/* Drop the message that was returned, which may be a secret. */
static void
drop_seen(struct conn *c)
{
	if (c->seen != 0) {
		explicit_bzero(c->in.bytes + c->in.start, c->seen);
		buf_consume(&c->in, c->seen);
		c->seen = 0;
	}
}

/*
 * Read until there is nothing, or as much as two messages can have: what is
 * behind them is read when they are taken.
 */
static int
work_in(struct conn *c)
{
	uint8_t	*room;
	size_t	 before;
	ssize_t	 n;

	while (buf_length(&c->in) < 2 * WIRE_MESSAGE_MAX) {
		if ((room = buf_room(&c->in, RECORD_MAX)) == NULL)
			return (over(c, "out of memory"));
		before = c->raw_end - c->raw_start;
		n = tls_read(c->tls, room, RECORD_MAX);
		if (n == 0)
			return (over(c, "closed by the key server"));
		if (n > 0) {
			buf_added(&c->in, (size_t)n);
			continue;
		}
		if (tls_result(c, n) == -1)
			return (-1);
		/* TLS 1.3: a session ticket was read, data may follow it. */
		if (c->raw_start == c->raw_end ||
		    c->raw_end - c->raw_start == before)
			return (0);
	}
	return (0);
}

int
conn_send(struct conn *c, const void *bytes, size_t n)
{
	if (c->state == CONN_OVER)
		return (-1);
	if (buf_append(&c->out, bytes, n) == -1)
		return (over(c, "out of memory"));
	return (work_out(c));
}

int
conn_work(struct conn *c)
{
	drop_seen(c);
	c->want_out = 0;
	if (c->state == CONN_CONNECTING && work_connect(c) == -1)
		return (-1);
	if (c->state == CONN_HANDSHAKE && work_handshake(c) == -1)
		return (-1);
	if (c->state != CONN_OPEN)
		return (c->state == CONN_OVER ? -1 : 0);
	if (work_out(c) == -1)
		return (-1);
	return (work_in(c));
}

int
conn_next(struct conn *c, struct conn_message *m)
{
	const uint8_t	*p;
	size_t		 size;

	drop_seen(c);
	if (buf_length(&c->in) < WIRE_HEADER_SIZE)
		return (0);
	p = buf_data(&c->in);
	wire_header_decode(p, &m->header);
	size = WIRE_HEADER_SIZE + (size_t)m->header.length;
	if (m->header.major != WIRE_MAJOR) {
		over(c, "answer of another protocol version");
		return (-1);
	}
	if (buf_length(&c->in) < size)
		return (0);
	c->seen = size;
	if (wire_body_parse(p + WIRE_HEADER_SIZE, m->header.length,
	    &m->body) == -1 || !m->body.has_opcode) {
		over(c, "malformed answer");
		return (-1);
	}
	return (1);
}
