/* Test client: one TLS connection over buffers of its own, never waiting. */
#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "compat.h"

#define RECORD_MAX	16384	/* plain bytes of a TLS record */
#define RAW_SIZE	65536

struct buffer {
	uint8_t	*bytes;
	size_t	 size;
	size_t	 start;
	size_t	 end;
};

struct conn {
	struct tls	*tls;
	int		 fd;
	int		 byte_records;
	int		 byte_segments;
	int		 single;	/* a record for each message */
	int		 more;		/* another record follows */
	size_t		 message_left;	/* of the first one in out */
	int		 want_out;	/* TLS waits for room in the socket */
	int		 over;
	int		 dry;		/* the socket gave all it had */
	uint8_t		 raw[RAW_SIZE];	/* from the socket, not yet in TLS */
	size_t		 raw_start;
	size_t		 raw_end;
	struct buffer	 in;
	struct buffer	 out;
	char		 error[256];
};

/* Make room for n more bytes at the end. */
static void
buffer_reserve(struct buffer *b, size_t n)
{
	size_t	 have = b->end - b->start;

	if (b->size - b->end >= n)
		return;
	if (have != 0)
		memmove(b->bytes, b->bytes + b->start, have);
	b->start = 0;
	b->end = have;
	if (b->size - b->end >= n)
		return;
	b->size = 2 * (have + n);
	if ((b->bytes = realloc(b->bytes, b->size)) == NULL)
		die("no memory");
}

/* The smallest room for what comes that the system allows. */
static void
small_window(int fd)
{
	int	 size = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == -1)
		die("SO_RCVBUF: %s", strerror(errno));
}

static int
tcp_connect(const struct options *o)
{
	struct addrinfo	 hints, *ai, *all;
	int		 error, fd = -1, on = 1;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	if ((error = getaddrinfo(o->host, o->port, &hints, &all)) != 0)
		die("%s: %s", o->host, gai_strerror(error));
	for (ai = all; ai != NULL; ai = ai->ai_next) {
		fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC,
		    ai->ai_protocol);
		if (fd == -1)
			continue;
		if (o->small_window)
			small_window(fd);
		if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
			break;
		error = errno;
		close(fd);
		errno = error;
		fd = -1;
	}
	freeaddrinfo(all);
	if (fd == -1)
		return (-1);
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		die("socket: %s", strerror(errno));
	return (fd);
}

static ssize_t
raw_read(struct tls *tls, void *buf, size_t size, void *arg)
{
	struct conn	*c = arg;
	ssize_t		 n;

	(void)tls;
	if (c->raw_start == c->raw_end) {
		if (c->dry)
			return (TLS_WANT_POLLIN);
		n = recv(c->fd, c->raw, sizeof(c->raw), 0);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return (TLS_WANT_POLLIN);
		if (n <= 0)
			return (n);
		c->raw_start = 0;
		c->raw_end = (size_t)n;
		c->dry = n < (ssize_t)sizeof(c->raw);
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
	if (c->byte_segments && size > 1)
		size = 1;
	n = send(c->fd, buf, size, MSG_NOSIGNAL | (c->more ? MSG_MORE : 0));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (TLS_WANT_POLLOUT);
	return (n);
}

/* What a client of these options offers; made once, shared from then on. */
static struct tls_config *
client_config(const struct options *o)
{
	static struct tls_config	*config;

	if (config != NULL)
		return (config);
	if ((config = tls_config_new()) == NULL)
		die("no memory");
	if (tls_config_set_protocols(config, o->protocols) == -1 ||
	    (o->ca != NULL && tls_config_set_ca_file(config, o->ca) == -1) ||
	    (o->cert != NULL &&
	    tls_config_set_keypair_file(config, o->cert, o->key) == -1))
		die("%s", tls_config_error(config));
	if (o->any_name)
		tls_config_insecure_noverifyname(config);
	return (config);
}

struct conn *
conn_open(const struct options *o)
{
	struct conn	*c = must_alloc(sizeof(*c));

	c->byte_records = o->byte_records;
	c->byte_segments = o->byte_segments;
	c->single = o->single;
	if ((c->fd = tcp_connect(o)) == -1) {
		free(c);
		return (NULL);
	}
	if ((c->tls = tls_client()) == NULL)
		die("no memory");
	if (tls_configure(c->tls, client_config(o)) == -1 ||
	    tls_connect_cbs(c->tls, raw_read, raw_write, c,
	    o->servername != NULL ? o->servername : o->host) == -1)
		die("%s", tls_error(c->tls));
	return (c);
}

void
conn_close(struct conn *c)
{
	if (c == NULL)
		return;
	if (!c->over)
		tls_close(c->tls);
	tls_free(c->tls);
	close(c->fd);
	free(c->in.bytes);
	free(c->out.bytes);
	free(c);
}

int
conn_fd(const struct conn *c)
{
	return (c->fd);
}

short
conn_events(const struct conn *c)
{
	return (c->want_out ? POLLIN | POLLOUT : POLLIN);
}

const char *
conn_error(const struct conn *c)
{
	return (c->error);
}

size_t
conn_queued(const struct conn *c)
{
	return (c->out.end - c->out.start);
}

static int
conn_over(struct conn *c, const char *why)
{
	c->over = 1;
	strlcpy(c->error, why != NULL ? why : "unknown error",
	    sizeof(c->error));
	return (-1);
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
		return (conn_over(c, tls_error(c->tls)));
	default:
		return (1);
	}
}

int
conn_wait(struct conn *c, int timeout)
{
	struct pollfd	 pfd;
	int		 n;

	pfd.fd = c->fd;
	pfd.events = conn_events(c);
	n = poll(&pfd, 1, timeout);
	if (n == -1 && errno != EINTR)
		die("poll: %s", strerror(errno));
	return (n == 0 ? -1 : 0);
}

int
conn_handshake(struct conn *c, int timeout)
{
	uint64_t	 end = now_ms() + (uint64_t)timeout, now;
	int		 n;

	for (;;) {
		c->want_out = c->dry = 0;
		n = tls_result(c, tls_handshake(c->tls));
		if (n != 0)
			return (n == 1 ? 0 : -1);
		if ((now = now_ms()) >= end ||
		    conn_wait(c, (int)(end - now)) == -1)
			return (conn_over(c, "handshake timed out"));
	}
}

void
conn_queue(struct conn *c, const uint8_t *bytes, size_t n)
{
	buffer_reserve(&c->out, n);
	memcpy(c->out.bytes + c->out.end, bytes, n);
	c->out.end += n;
}

/* Bytes of the message that is to be sent next, or of what is left of it. */
static size_t
first_message(struct conn *c)
{
	struct wire_header	 h;

	if (c->message_left == 0) {
		wire_header_decode(c->out.bytes + c->out.start, &h);
		c->message_left = WIRE_HEADER_SIZE + h.length;
	}
	return (c->message_left);
}

static int
work_out(struct conn *c)
{
	size_t	 size;
	ssize_t	 n;

	while ((size = conn_queued(c)) != 0) {
		if (size > RECORD_MAX)
			size = RECORD_MAX;
		if (c->byte_records)
			size = 1;
		if (c->single)
			size = first_message(c);
		c->more = c->single && size != conn_queued(c);
		n = tls_write(c->tls, c->out.bytes + c->out.start, size);
		if (n < 0)
			return (tls_result(c, n));
		c->out.start += (size_t)n;
		if (c->single)
			c->message_left -= (size_t)n;
	}
	return (0);
}

static int
work_in(struct conn *c)
{
	size_t	 before;
	ssize_t	 n;

	for (;;) {
		buffer_reserve(&c->in, RECORD_MAX);
		before = c->raw_end - c->raw_start;
		n = tls_read(c->tls, c->in.bytes + c->in.end,
		    c->in.size - c->in.end);
		if (n == 0)
			return (conn_over(c, "closed by the server"));
		if (n > 0) {
			c->in.end += (size_t)n;
			continue;
		}
		if (tls_result(c, n) == -1)
			return (-1);
		/* TLS 1.3: a session ticket was read, data may follow it. */
		if (c->raw_start == c->raw_end ||
		    c->raw_end - c->raw_start == before)
			return (0);
	}
}

int
conn_work_out(struct conn *c)
{
	if (c->over)
		return (-1);
	c->want_out = 0;
	return (work_out(c));
}

int
conn_work_on(struct conn *c)
{
	return (conn_work_out(c) == -1 ? -1 : work_in(c));
}

int
conn_work(struct conn *c)
{
	c->dry = 0;
	return (conn_work_on(c));
}

int
conn_next(struct conn *c, struct answer *a)
{
	uint8_t	*p = c->in.bytes + c->in.start;
	size_t	 have = c->in.end - c->in.start;

	if (have < WIRE_HEADER_SIZE)
		return (0);
	wire_header_decode(p, &a->header);
	a->size = WIRE_HEADER_SIZE + a->header.length;
	if (have < a->size)
		return (0);
	c->in.start += a->size;
	if (wire_body_parse(p + WIRE_HEADER_SIZE, a->header.length,
	    &a->body) == -1 || !a->body.has_opcode) {
		complain("answer id=0x%08x is malformed", a->header.id);
		return (-1);
	}
	return (1);
}
