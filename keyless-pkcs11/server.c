/*
 * In the host's process: the key servers of a slot, from a name to a
 * connection that has answered a ping.  Called with the slot's lock.
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "remote.h"

#define BACKOFF_FIRST	50	/* ms */
#define BACKOFF_MAX	2000
#define RESOLVED_FOR	10000	/* ms that addresses are good for */
#define RESOLVE_SHARE	4	/* of the time to connect, for new addresses */
#define LOG_EVERY	32	/* failures in a row */

static void
enter(struct server *s, enum server_state state, uint64_t now)
{
	s->state = state;
	s->since = now;
}

static void
drop(struct server *s)
{
	conn_close(s->conn);
	s->conn = NULL;
}

/* Twice as long after each failure; not all processes at the same time. */
static uint64_t
backoff(const struct server *s)
{
	unsigned int	 shift = s->failures - 1;
	uint64_t	 ms;

	ms = shift > 10 ? BACKOFF_MAX : (uint64_t)BACKOFF_FIRST << shift;
	if (ms > BACKOFF_MAX)
		ms = BACKOFF_MAX;
	return (ms - ms * ((s->since + (uint64_t)getpid() * 7) % 32) / 128);
}

/* why may be the connection's: it is closed last. */
void
server_fail(struct server *s, uint64_t now, const char *why)
{
	void	(*log)(const char *, ...)
		    __attribute__((format(printf, 1, 2))) = log_debug;

	/* Always after it was said to be up. */
	if (s->failures++ % LOG_EVERY == 0 || s->state == SERVER_UP)
		log = log_warnx;
	log("key server down server=%s failures=%u reason=\"%s\"",
	    s->conf->text, s->failures, why);
	s->address = NULL;
	s->due = now + backoff(s);
	enter(s, SERVER_DOWN, now);
	drop(s);
}

void
server_good(struct server *s, uint64_t now)
{
	s->heard = now;
	s->failures = 0;
}

/* Connect to the present address or one behind it; DOWN after the last. */
static void
try_address(struct server *s, struct tls_config *tls, uint64_t now,
    uint64_t try)
{
	int	 error = EHOSTUNREACH;

	for (; s->address != NULL; s->address = s->address->ai_next) {
		s->conn = conn_open(tls, s->name, s->address->ai_addr,
		    s->address->ai_addrlen);
		if (s->conn != NULL) {
			s->limit = now + try;
			enter(s, SERVER_TRYING, now);
			return;
		}
		error = errno;
	}
	server_fail(s, now, strerror(error));
}

/* The address being tried did not work. */
static void
next_address(struct server *s, struct tls_config *tls, uint64_t now,
    uint64_t try, const char *why)
{
	if (s->address == NULL || s->address->ai_next == NULL) {
		server_fail(s, now, why);
		return;
	}
	log_debug("address failed server=%s reason=\"%s\"", s->conf->text,
	    why);
	s->address = s->address->ai_next;
	drop(s);
	try_address(s, tls, now, try);
}

/* What the resolver has found, if it has; -1 and why: no address is known. */
static int
take_addresses(struct server *s, const char **why)
{
	struct addrinfo	*found = NULL;

	*why = NULL;
	if (s->resolve != NULL &&
	    resolve_done(s->resolve, &found, why) == 0) {
		resolve_free(s->resolve);
		s->resolve = NULL;
	}
	if (found != NULL) {
		if (s->addresses != NULL)
			freeaddrinfo(s->addresses);
		s->addresses = found;
		s->resolved = s->asked;
	}
	return (s->addresses != NULL ? 0 : -1);
}

/*
 * Old addresses are better than none, and than to wait long for new ones: a
 * lookup that goes on meanwhile serves the connection after this one.
 */
static void
turn_resolving(struct server *s, struct tls_config *tls, uint64_t now,
    uint64_t try)
{
	const char	*why;

	if (take_addresses(s, &why) == -1) {
		if (s->resolve == NULL)
			server_fail(s, now, why == NULL ? "no address" : why);
		return;
	}
	if (s->resolve != NULL && now < s->limit)
		return;
	s->address = s->addresses;
	try_address(s, tls, now, try);
}

void
server_start(struct server *s, struct tls_config *tls, uint64_t now,
    uint64_t try, int wake)
{
	const char	*why;
	int		 begun;

	take_addresses(s, &why);
	if (s->addresses != NULL && (s->conf->numeric ||
	    now - s->resolved < RESOLVED_FOR)) {
		s->address = s->addresses;
		try_address(s, tls, now, try);
		return;
	}
	enter(s, SERVER_RESOLVING, now);
	begun = s->resolve != NULL;
	s->limit = UINT64_MAX;		/* the resolver has its own */
	if (s->addresses != NULL)
		s->limit = begun ? now : now + try / RESOLVE_SHARE;
	if (!begun) {
		s->asked = now;
		s->resolve = resolve_start(s->conf, wake);
	}
	if (s->resolve == NULL && s->addresses == NULL)
		server_fail(s, now, "no thread to look up the name");
	else
		turn_resolving(s, tls, now, try);	/* an address is done */
}

int
server_ping(struct server *s, uint64_t now)
{
	struct wire_header	 h;
	uint8_t			 buf[WIRE_HEADER_SIZE + WIRE_ITEM_SIZE + 1];
	uint8_t			 opcode = OP_PING;
	size_t			 used = WIRE_HEADER_SIZE;

	wire_item_put(buf, sizeof(buf), &used, WIRE_TAG_OPCODE, &opcode, 1);
	h.major = WIRE_MAJOR;
	h.minor = 0;
	h.length = (uint16_t)(used - WIRE_HEADER_SIZE);
	h.id = 0;		/* no request has that */
	wire_header_encode(&h, buf);
	s->pinged = now;
	return (conn_send(s->conn, buf, used));
}

static void
up(struct server *s, uint64_t now)
{
	log_info("key server up server=%s after=%llums", s->conf->text,
	    (unsigned long long)(now - s->since));
	s->heard = now;
	s->useful = 0;
	s->took = now - s->since;
	s->known = 1;
	enter(s, SERVER_UP, now);
}

/*
 * A ping goes first on every connection: with TLS 1.3 the client's handshake
 * is over before the server has looked at its certificate.
 */
static void
turn_trying(struct server *s, struct tls_config *tls, uint64_t now,
    uint64_t try)
{
	struct conn_message	 m;
	enum conn_state		 before = conn_state(s->conn);
	int			 n = 0;

	if (conn_work(s->conn) == 0 && before != CONN_OPEN &&
	    conn_state(s->conn) == CONN_OPEN)
		server_ping(s, now);
	if (conn_state(s->conn) == CONN_OPEN)
		n = conn_next(s->conn, &m);
	if (n == 1 && m.header.id == 0 && m.body.opcode == OP_PONG)
		up(s, now);
	else if (n == 1)
		server_fail(s, now, "it does not answer a ping");
	else if (conn_state(s->conn) == CONN_OVER)
		next_address(s, tls, now, try, conn_error(s->conn));
	else if (now >= s->limit)
		next_address(s, tls, now, try, "timed out");
}

/*
 * A connection that ends is nothing bad if it was of use: servers restart,
 * and close what is idle.
 */
static void
lost(struct server *s, uint64_t now)
{
	if (s->failures != 0 || !s->useful) {
		server_fail(s, now, conn_error(s->conn));
		return;
	}
	log_info("key server left server=%s reason=\"%s\"", s->conf->text,
	    conn_error(s->conn));
	drop(s);
	s->due = now;
	enter(s, SERVER_DOWN, now);
}

static enum server_event
turn_up(struct server *s, uint64_t now, struct conn_message *m)
{
	int	 n;

	if ((n = conn_next(s->conn, m)) == 0) {
		/* What came before the end counts. */
		conn_work(s->conn);
		n = conn_next(s->conn, m);
	}
	if (n == 1) {
		s->heard = now;
		s->useful = 1;
		return (SERVER_MESSAGE);
	}
	if (conn_state(s->conn) != CONN_OVER)
		return (SERVER_NOTHING);
	lost(s, now);
	return (SERVER_LOST);
}

enum server_event
server_turn(struct server *s, struct tls_config *tls, uint64_t now,
    uint64_t try, struct conn_message *m)
{
	switch (s->state) {
	case SERVER_RESOLVING:
		turn_resolving(s, tls, now, try);
		break;
	case SERVER_TRYING:
		turn_trying(s, tls, now, try);
		break;
	case SERVER_UP:
		return (turn_up(s, now, m));
	case SERVER_DOWN:
		break;
	}
	return (SERVER_NOTHING);
}

void
server_free(struct server *s)
{
	drop(s);
	resolve_free(s->resolve);
	if (s->addresses != NULL)
		freeaddrinfo(s->addresses);
}
