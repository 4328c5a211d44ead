/* Frontend: connections of clients, from bytes to messages and back. */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients.h"
#include "compat.h"
#include "conn.h"
#include "figures.h"
#include "log.h"
#include "loglimit.h"
#include "strangers.h"

#define RECV_SIZE	65536	/* ciphertext taken from a socket at once */
#define PENDING_MAX	1024	/* requests; then reading pauses */
#define FEW		4	/* requests at a time, without a break ... */
#define BURSTS		8	/* so often in a row, of a client with few */
#define SPARE_MAX	64	/* empty buffers kept for the next response */
#define SPARE_SIZE	262144	/* bytes of one */

static struct conn_list	 dirty_conns = TAILQ_HEAD_INITIALIZER(dirty_conns);

static struct loglimit	 refused_limit = { .what = "handshake failed" };
static struct buf	 spare[SPARE_MAX];
static size_t		 nspare;

void
conn_dirty(struct conn *c)
{
	if (c->dirty)
		return;
	c->dirty = 1;
	TAILQ_INSERT_TAIL(&dirty_conns, c, dirty_entry);
}

void
conn_clean(struct conn *c)
{
	if (!c->dirty)
		return;
	c->dirty = 0;
	TAILQ_REMOVE(&dirty_conns, c, dirty_entry);
}

const char *
conn_peer(const struct conn *c)
{
	return (c->peer);
}

const char *
conn_client_name(const struct conn *c)
{
	return (c->client == NULL ? "" : client_subject(c->client));
}

void
conn_client_serial(struct conn *c, char *serial, size_t size)
{
	if (c->client == NULL)
		strlcpy(serial, "-", size);
	else
		strlcpy(serial, client_serial(c->client, c->tls), size);
}

enum wire_error
conn_may(struct conn *c, const struct fe_key *key,
    const struct opcode_info *op, const struct wire_body *body)
{
	return (client_may(c->client, c->tls, key, op, c->peer,
	    &body->req_context));
}

struct flow_list *
conn_flows(struct conn *c)
{
	return (&c->flows);
}

/* It has a request, and had none: how many did it have at a time so far? */
static void
conn_begins(struct conn *c, const struct fe_set *set)
{
	c->small = c->burst > FEW ? 0 : c->small + 1;
	c->burst = 0;
	if (c->small >= BURSTS)
		manners_other(set);
}

void
conn_hold(struct conn *c, struct pending *p)
{
	TAILQ_INSERT_TAIL(&c->pending, p, mine);
	if (c->npending++ == 0)
		conn_begins(c, p->set);
	c->burst++;
}

void
conn_release(struct conn *c, struct pending *p)
{
	TAILQ_REMOVE(&c->pending, p, mine);
	c->npending--;
	conn_dirty(c);
}

/* libtls asks for ciphertext. */
ssize_t
conn_tls_wants(struct tls *tls, void *bytes, size_t size, void *arg)
{
	struct conn	*c = arg;

	(void)tls;
	if (c->src_length == 0)
		return (TLS_WANT_POLLIN);
	if (size > c->src_length)
		size = c->src_length;
	memcpy(bytes, c->src, size);
	c->src += size;
	c->src_length -= size;
	return ((ssize_t)size);
}

/* libtls has ciphertext for the client. */
ssize_t
conn_tls_gives(struct tls *tls, const void *bytes, size_t size, void *arg)
{
	struct conn	*c = arg;

	(void)tls;
	return (buf_append(&c->out, bytes, size) == -1 ? -1 : (ssize_t)size);
}

/* Room for n bytes of response; NULL after giving the connection up. */
static uint8_t *
response_room(struct conn *c, size_t n)
{
	uint8_t	*p;

	if (c->state != CONN_OPEN)
		return (NULL);
	if (c->plain.bytes == NULL && nspare > 0)
		c->plain = spare[--nspare];
	if ((p = buf_room(&c->plain, n)) == NULL) {
		log_warn("connection dropped peer=%s", c->peer);
		conn_kill(c);
	}
	return (p);
}

void
conn_respond(struct conn *c, uint32_t id, uint8_t opcode, const void *payload,
    size_t length, uint64_t patience)
{
	uint8_t	*p;

	if ((p = response_room(c, wire_response_size(length))) == NULL)
		return;
	gather_until(c, patience);
	buf_added(&c->plain, wire_response_encode(p, id, opcode, payload,
	    length));
	fe_stats.responses++;
	conn_dirty(c);
}

void
conn_error(struct conn *c, uint32_t id, enum wire_error error)
{
	uint8_t	 code = (uint8_t)error;

	c->errors++;
	fe_stats.errors++;
	fe_stats.error_codes[error]++;
	conn_respond(c, id, OP_ERROR, &code, 1, 0);
}

/* Whether the client has had its share until some of it is done. */
static int
conn_full(const struct conn *c)
{
	return (c->npending >= PENDING_MAX ||
	    buf_length(&c->plain) + buf_length(&c->out) >=
	    fe_conf.max_buffer);
}

static void
conn_pause(struct conn *c)
{
	c->paused = 1;
	fe_figures.limits[c->npending >= PENDING_MAX ?
	    LIMIT_PENDING_PER_CONNECTION : LIMIT_BUFFER]++;
}

/* Handle the whole messages of data; returns the bytes used. */
static size_t
handle_messages(struct conn *c, const uint8_t *data, size_t length)
{
	struct wire_header	 h;
	size_t			 size, used = 0;

	while (c->state == CONN_OPEN && length - used >= WIRE_HEADER_SIZE) {
		if (conn_full(c)) {
			conn_pause(c);
			break;
		}
		wire_header_decode(data + used, &h);
		size = WIRE_HEADER_SIZE + (size_t)h.length;
		if (length - used < size)
			break;
		if (!client_take(c->client)) {
			c->paused = 1;
			break;
		}
		c->requests++;
		request_handle(c, &h, data + used + WIRE_HEADER_SIZE);
		used += size;
	}
	return (used);
}

/* Handle what was left over before. */
static void
handle_saved(struct conn *c)
{
	size_t	 used;

	if (buf_length(&c->message) == 0)
		return;
	used = handle_messages(c, buf_data(&c->message),
	    buf_length(&c->message));
	buf_consume(&c->message, used);
	if (buf_length(&c->message) == 0)
		buf_free(&c->message);
}

/* Plaintext came.  Copy no more than what must wait. */
static void
conn_plaintext(struct conn *c, const uint8_t *data, size_t length)
{
	size_t	 used = 0;

	if (buf_length(&c->message) == 0)
		used = handle_messages(c, data, length);
	if (used == length)
		return;
	if (buf_append(&c->message, data + used, length - used) == -1) {
		log_warn("connection dropped peer=%s", c->peer);
		conn_kill(c);
		return;
	}
	if (used == 0)
		handle_saved(c);
}

/* With certificate, who failed meant to be a client: they should know why. */
static void
handshake_failed(struct conn *c, const char *reason, int certificate)
{
	fe_stats.handshakes_failed++;
	fe_figures.handshake_failures[tlsreason_classify(reason)]++;
	if (!certificate)
		stranger_left(c->peer, reason);
	else if (loglimit_ok(&refused_limit, frontend_now()))
		log_warnx("handshake failed peer=%s reason=\"%s\"", c->peer,
		    reason);
	conn_kill(c);
}

static void
conn_handshake(struct conn *c)
{
	const char	*reason;
	int		 certificate;

	switch (tls_handshake(c->tls)) {
	case 0:
		if (fe_conf.client_eku && !tlsserver_client_auth(c->tls)) {
			handshake_failed(c, "certificate without the extended "
			    "key usage clientAuth", 1);
			break;
		}
		c->client = client_hold(c->tls);
		conn_opened(c);
		fe_figures.handshakes++;
		log_debug("connected peer=%s version=%s cipher=%s "
		    "client=\"%s\"", c->peer, tls_conn_version(c->tls),
		    tls_conn_cipher(c->tls), tls_peer_cert_subject(c->tls));
		break;
	case TLS_WANT_POLLIN:
	case TLS_WANT_POLLOUT:
		break;
	default:
		reason = tlsserver_reason(conn_server(c), c->tls,
		    &certificate);
		handshake_failed(c, reason, certificate);
	}
}

/* Decrypt one record.  Returns whether there may be more. */
static int
conn_decrypt(struct conn *c)
{
	static uint8_t	 plain[RECORD_SIZE];
	ssize_t		 n;

	n = tls_read(c->tls, plain, sizeof(plain));
	if (n > 0) {
		conn_used(c);
		conn_plaintext(c, plain, (size_t)n);
		return (1);
	}
	if (n == TLS_WANT_POLLIN || n == TLS_WANT_POLLOUT)
		return (0);
	if (n == -1) {
		fe_figures.broken++;
		log_debug("connection broken peer=%s reason=\"%s\"", c->peer,
		    tls_error(c->tls));
	} else
		log_debug("disconnected peer=%s", c->peer);
	conn_kill(c);
	return (0);
}

/*
 * Drive TLS with the ciphertext at src.  It may want input while some is left
 * (TLS 1.3 session tickets), so go on as long as it takes any.
 */
static void
conn_drive(struct conn *c)
{
	size_t	 before;
	int	 more;

	do {
		before = c->src_length;
		more = 0;
		if (c->state == CONN_HANDSHAKE) {
			conn_handshake(c);
			more = c->state == CONN_OPEN;
		} else if (c->state == CONN_OPEN && !c->paused)
			more = conn_decrypt(c);
	} while (more || (c->src_length != 0 && c->src_length != before));
	conn_dirty(c);
}

/* Save what TLS has not taken of src for later. */
static void
conn_save(struct conn *c)
{
	if (c->src_length != 0 &&
	    buf_append(&c->in, c->src, c->src_length) == -1) {
		log_warn("connection dropped peer=%s", c->peer);
		conn_kill(c);
	}
	c->src_length = 0;
}

/* Drive TLS with what conn_save() has kept. */
static void
conn_drive_saved(struct conn *c)
{
	size_t	 length = buf_length(&c->in);

	if (length == 0)
		return;
	c->src = buf_data(&c->in);
	c->src_length = length;
	conn_drive(c);
	buf_consume(&c->in, length - c->src_length);
	c->src_length = 0;
	if (buf_length(&c->in) == 0)
		buf_free(&c->in);
}

void
conn_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn	*c = arg;

	(void)fd;
	(void)what;
	if (c->state == CONN_HANDSHAKE)
		conn_ready(c);
	else if (c->state != CONN_DEAD)
		conn_receive(c);
}

void
conn_receive(struct conn *c)
{
	static uint8_t	 bytes[RECV_SIZE];
	ssize_t		 n;

	n = recv(c->fd, bytes, sizeof(bytes), 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		if (c->state == CONN_HANDSHAKE) {
			fe_stats.handshakes_failed++;
			fe_figures.handshake_failures[HANDSHAKE_CLOSED]++;
			stranger_left(c->peer, "closed by the peer");
		} else {
			log_debug("connection closed by peer=%s", c->peer);
			fe_figures.broken += n == -1;
		}
		conn_kill(c);
		return;
	}
	if (c->state == CONN_CLOSING)
		return;			/* nobody listens any more */
	if (buf_length(&c->in) != 0) {
		if (buf_append(&c->in, bytes, (size_t)n) == -1)
			conn_kill(c);
		else
			conn_drive_saved(c);
		return;
	}
	c->src = bytes;
	c->src_length = (size_t)n;
	conn_drive(c);
	conn_save(c);
}

void
conn_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_dirty(arg);
}

/* Encrypt what was gathered, in records as large as they may be. */
static void
conn_encrypt(struct conn *c)
{
	ssize_t	 n;

	while (buf_length(&c->plain) != 0) {
		n = tls_write(c->tls, buf_data(&c->plain),
		    buf_length(&c->plain));
		if (n == TLS_WANT_POLLIN || n == TLS_WANT_POLLOUT)
			return;
		if (n == -1) {
			fe_figures.broken++;
			log_debug("connection broken peer=%s reason=\"%s\"",
			    c->peer, tls_error(c->tls));
			conn_kill(c);
			return;
		}
		buf_consume(&c->plain, (size_t)n);
	}
}

static void
conn_send(struct conn *c)
{
	ssize_t	 n;

	while (buf_length(&c->out) != 0) {
		n = send(c->fd, buf_data(&c->out), buf_length(&c->out),
		    MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			conn_blocked(c);
			event_add(c->writable, NULL);
			return;
		}
		if (n == -1) {
			fe_figures.broken++;
			log_debug("connection broken peer=%s reason=\"%s\"",
			    c->peer, strerror(errno));
			conn_kill(c);
			return;
		}
		buf_consume(&c->out, (size_t)n);
		conn_unblocked(c);
	}
	if (c->ended && !c->shut) {
		c->shut = 1;
		(void)shutdown(c->fd, SHUT_WR);
	}
}

static void
buf_recycle(struct buf *b)
{
	if (b->bytes == NULL || buf_length(b) != 0)
		return;
	if (nspare == SPARE_MAX || b->size > SPARE_SIZE) {
		buf_free(b);
		return;
	}
	spare[nspare++] = *b;
	memset(b, 0, sizeof(*b));
}

/* Read on, or not, as the client's share allows. */
static void
conn_resume(struct conn *c)
{
	uint64_t	 wait;

	if (!c->paused) {
		if (conn_full(c)) {
			conn_pause(c);
			event_del(c->readable);
		}
		return;
	}
	event_del(c->readable);
	if (c->npending > PENDING_MAX / 2 ||
	    buf_length(&c->plain) + buf_length(&c->out) >
	    fe_conf.max_buffer / 2)
		return;
	if ((wait = client_wait(c->client)) != 0) {
		conn_throttle(c, wait);
		return;
	}
	c->paused = 0;
	handle_saved(c);
	if (!c->paused)
		conn_drive_saved(c);
	if (!c->paused && !c->deaf && c->state == CONN_OPEN)
		event_add(c->readable, NULL);
	conn_dirty(c);
}

int
conn_flush(void)
{
	struct conn	*c;
	int		 waits, worked = 0;

	gather_end(0);
	while ((c = TAILQ_FIRST(&dirty_conns)) != NULL) {
		conn_clean(c);
		waits = gather_waits(c);
		if (c->state == CONN_OPEN && !waits)
			conn_encrypt(c);
		if (c->state != CONN_DEAD)
			conn_send(c);
		if (c->state == CONN_OPEN)
			conn_resume(c);
		conn_drained(c);
		buf_recycle(&c->plain);
		buf_recycle(&c->out);
		if (c->state == CONN_DEAD)
			conn_free(c);
		worked = 1;
	}
	gather_arm();
	return (worked);
}
