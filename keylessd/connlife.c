/* Frontend: the life of a client's connection, its time limits, its end. */
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "clients.h"
#include "compat.h"
#include "conn.h"
#include "figures.h"
#include "log.h"
#include "sources.h"
#include "strangers.h"

#define SWEEP	1	/* s between looks for connections that are late */
#define LINGER	1000	/* ms for the client to close its end too */

/* Steps of handshakes in a turn, while requests are pending, and else. */
#define STEPS_BUSY	1
#define STEPS_IDLE	8

/*
 * A TLS context, which must outlive the connections that it accepted: libtls
 * goes back to it.
 */
struct server {
	struct tls	*tls;
	size_t		 nconns;
};

/* By state, each in the order of last_use; and by blocked_since. */
static struct conn_list	 handshaking = TAILQ_HEAD_INITIALIZER(handshaking);
static struct conn_list	 open_conns = TAILQ_HEAD_INITIALIZER(open_conns);
static struct conn_list	 closing = TAILQ_HEAD_INITIALIZER(closing);
static struct conn_list	 blocked = TAILQ_HEAD_INITIALIZER(blocked);
static struct conn_list	 throttled = TAILQ_HEAD_INITIALIZER(throttled);
static struct conn_list	 ready = TAILQ_HEAD_INITIALIZER(ready);

static struct server	*server;	/* for new connections */
static struct event	*sweeper;
static struct event	*drain_timer;
static struct event	*throttle_timer;
static int		 draining;

static struct conn_list *
list_of(const struct conn *c)
{
	switch (c->state) {
	case CONN_HANDSHAKE:
		return (&handshaking);
	case CONN_OPEN:
		return (&open_conns);
	case CONN_CLOSING:
		return (&closing);
	case CONN_DEAD:
		break;
	}
	return (NULL);
}

/* The lists stay in the order of last_use. */
static void
set_state(struct conn *c, enum conn_state state)
{
	TAILQ_REMOVE(list_of(c), c, entry);
	if (c->state == CONN_HANDSHAKE)
		fe_stats.handshakes = --fe_now.handshakes;
	c->state = state;
	c->last_use = frontend_now();
	if (state != CONN_DEAD)
		TAILQ_INSERT_TAIL(list_of(c), c, entry);
}

void
conn_kill(struct conn *c)
{
	if (c->state == CONN_DEAD)
		return;
	set_state(c, CONN_DEAD);
	conn_dirty(c);
}

void
conn_ready(struct conn *c)
{
	c->ready = 1;
	TAILQ_INSERT_TAIL(&ready, c, ready_entry);
	event_del(c->readable);
}

static void
conn_unready(struct conn *c)
{
	if (!c->ready)
		return;
	c->ready = 0;
	TAILQ_REMOVE(&ready, c, ready_entry);
}

int
conn_handshakes(void)
{
	struct conn	*c;
	int		 steps = pending_count() != 0 ? STEPS_BUSY : STEPS_IDLE;

	while (steps-- > 0 && (c = TAILQ_FIRST(&ready)) != NULL) {
		conn_unready(c);
		if (c->state != CONN_HANDSHAKE)
			continue;
		if (event_add(c->readable, NULL) == -1)
			conn_kill(c);
		else
			conn_receive(c);
	}
	return (!TAILQ_EMPTY(&ready));
}

void
conn_opened(struct conn *c)
{
	set_state(c, CONN_OPEN);
}

void
conn_used(struct conn *c)
{
	c->last_use = frontend_now();
	TAILQ_REMOVE(&open_conns, c, entry);
	TAILQ_INSERT_TAIL(&open_conns, c, entry);
}

void
conn_blocked(struct conn *c)
{
	if (c->blocked)
		return;
	c->blocked = 1;
	c->blocked_since = frontend_now();
	TAILQ_INSERT_TAIL(&blocked, c, blocked_entry);
}

void
conn_unblocked(struct conn *c)
{
	if (!c->blocked)
		return;
	c->blocked = 0;
	TAILQ_REMOVE(&blocked, c, blocked_entry);
}

/* All of them look again whether they may; most have waited long enough. */
static void
throttle_over(evutil_socket_t fd, short what, void *arg)
{
	struct conn	*c;

	(void)fd;
	(void)what;
	(void)arg;
	while ((c = TAILQ_FIRST(&throttled)) != NULL) {
		conn_unthrottle(c);
		conn_dirty(c);
	}
}

void
conn_throttle(struct conn *c, uint64_t ms)
{
	struct timeval	 tv;

	if (c->throttled)
		return;
	c->throttled = 1;
	fe_figures.limits[LIMIT_REQUEST_RATE]++;
	TAILQ_INSERT_TAIL(&throttled, c, throttled_entry);
	if (throttle_timer == NULL && (throttle_timer = evtimer_new(fe_base,
	    throttle_over, NULL)) == NULL)
		fatalx("evtimer_new");
	if (evtimer_pending(throttle_timer, NULL))
		return;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	if (evtimer_add(throttle_timer, &tv) == -1)
		fatalx("evtimer_add");
}

void
conn_unthrottle(struct conn *c)
{
	if (!c->throttled)
		return;
	c->throttled = 0;
	TAILQ_REMOVE(&throttled, c, throttled_entry);
}

struct tls *
conn_server(const struct conn *c)
{
	return (c->server->tls);
}

/* Say that this is the end, and let the client close. */
static void
conn_end(struct conn *c)
{
	c->ended = 1;
	(void)tls_close(c->tls);
	set_state(c, CONN_CLOSING);
	if (event_add(c->readable, NULL) == -1)
		conn_kill(c);
	conn_dirty(c);
}

/* Whether nothing that the client has sent waits for anything. */
static int
conn_is_idle(const struct conn *c)
{
	uint8_t	 byte;

	if (c->npending != 0 || buf_length(&c->plain) != 0 ||
	    buf_length(&c->out) != 0 || c->paused)
		return (0);
	if (c->deaf)
		return (1);
	return (buf_length(&c->in) == 0 && buf_length(&c->message) == 0 &&
	    recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0);
}

void
conn_drained(struct conn *c)
{
	if (draining && c->state == CONN_OPEN && conn_is_idle(c))
		conn_end(c);
}

/* Connections that are never idle are read no further. */
static void
drain_late(evutil_socket_t fd, short what, void *arg)
{
	struct conn	*c, *next;

	(void)fd;
	(void)what;
	(void)arg;
	TAILQ_FOREACH_SAFE(c, &handshaking, entry, next)
		conn_kill(c);
	TAILQ_FOREACH(c, &open_conns, entry) {
		c->deaf = 1;
		event_del(c->readable);
		conn_dirty(c);
	}
}

void
conn_drain(void)
{
	struct timeval	 tv;
	struct conn	*c;

	draining = 1;
	tv.tv_sec = (time_t)(fe_conf.drain_timeout / 1000);
	tv.tv_usec = (suseconds_t)(fe_conf.drain_timeout % 1000) * 1000;
	if (drain_timer == NULL &&
	    (drain_timer = evtimer_new(fe_base, drain_late, NULL)) == NULL)
		fatalx("evtimer_new");
	if (evtimer_add(drain_timer, &tv) == -1)
		fatalx("evtimer_add");
	TAILQ_FOREACH(c, &open_conns, entry)
		conn_dirty(c);
}

void
conn_undrain(void)
{
	struct conn	*c;

	if (!draining)
		return;
	draining = 0;
	evtimer_del(drain_timer);
	TAILQ_FOREACH(c, &open_conns, entry) {
		if (!c->deaf)
			continue;
		c->deaf = 0;
		if (!c->paused && event_add(c->readable, NULL) == -1)
			conn_dirty(c);
	}
}

static void
server_release(struct server *s)
{
	if (s == NULL || s == server || s->nconns != 0)
		return;
	tls_free(s->tls);
	free(s);
}

/* What it waits for is for nobody now. */
static void
abandon_pending(struct conn *c)
{
	struct pending	*p, *next;

	TAILQ_FOREACH_SAFE(p, &c->pending, mine, next) {
		if (AUDIT_ON)
			audit_pending(p, "the client left before the answer");
		pending_abandon(p);
	}
}

void
conn_free(struct conn *c)
{
	abandon_pending(c);
	flow_free_conn(&c->flows);
	/* Whatever is in out goes too: it may be the alert that says why. */
	if (!c->ended)
		(void)tls_close(c->tls);
	if (buf_length(&c->out) != 0)
		(void)send(c->fd, buf_data(&c->out), buf_length(&c->out),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	tls_free(c->tls);
	if (c->client != NULL)
		client_release(c->client);
	source_release(c->source);
	c->server->nconns--;
	server_release(c->server);
	event_free(c->readable);
	event_free(c->writable);
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->message);
	buf_free(&c->plain);
	buf_free(&c->out);
	conn_unblocked(c);
	conn_unready(c);
	gather_leave(c);
	conn_unthrottle(c);
	conn_clean(c);
	fe_stats.connections = --fe_now.connections;
	free(c);
}

/* Whether the connection was last used too long ago; timeout 0: never. */
static int
is_late(uint64_t since, uint32_t timeout)
{
	return (timeout != 0 && since + timeout <= frontend_now());
}

static void
sweep_handshaking(void)
{
	struct conn	*c, *next;

	TAILQ_FOREACH_SAFE(c, &handshaking, entry, next) {
		if (!is_late(c->last_use, fe_conf.handshake_timeout))
			break;
		stranger_left(c->peer, "not done within handshake_timeout");
		fe_stats.handshakes_failed++;
		fe_figures.handshake_failures[HANDSHAKE_TIMEOUT]++;
		conn_kill(c);
	}
}

static void
sweep_open(void)
{
	struct conn	*c, *next;

	TAILQ_FOREACH_SAFE(c, &open_conns, entry, next) {
		if (!is_late(c->last_use, fe_conf.idle_timeout))
			break;
		/* One that is paused has requests that are not looked at. */
		if (c->npending != 0 || buf_length(&c->plain) != 0 ||
		    buf_length(&c->out) != 0 || c->paused)
			continue;
		log_debug("idle connection closed peer=%s", c->peer);
		conn_end(c);
	}
}

static void
sweep_closing(void)
{
	struct conn	*c, *next;

	TAILQ_FOREACH_SAFE(c, &closing, entry, next) {
		if (!is_late(c->last_use, LINGER))
			break;
		conn_kill(c);
	}
}

static void
sweep_blocked(void)
{
	struct conn	*c, *next;

	TAILQ_FOREACH_SAFE(c, &blocked, blocked_entry, next) {
		if (!is_late(c->blocked_since, fe_conf.write_timeout))
			break;
		log_debug("connection closed peer=%s reason=\"does not read "
		    "its answers\" bytes=%zu", c->peer,
		    buf_length(&c->plain) + buf_length(&c->out));
		fe_stats.write_timeouts++;
		fe_figures.broken++;
		conn_kill(c);
	}
}

static void
sweep(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	sweep_handshaking();
	sweep_open();
	sweep_closing();
	sweep_blocked();
}

void
conn_switch(struct tls *tls)
{
	const struct timeval	 tv = { SWEEP, 0 };
	struct server		*old = server;

	if ((server = calloc(1, sizeof(*server))) == NULL)
		fatal("calloc");
	server->tls = tls;
	server_release(old);
	if (sweeper != NULL)
		return;
	sweeper = event_new(fe_base, -1, EV_PERSIST, sweep, NULL);
	if (sweeper == NULL || event_add(sweeper, &tv) == -1)
		fatalx("event_new");
	gather_init();
	manners_init();
}

/*
 * Who makes the most of a handshake is the one who does not finish it; a
 * client that means it is done in a few round trips.
 */
static void
evict_handshake(void)
{
	struct conn	*c = TAILQ_FIRST(&handshaking);

	log_debug("handshake given up peer=%s reason=\"the longest under "
	    "way, limit of max_handshakes reached\"", c->peer);
	fe_stats.handshakes_evicted++;
	fe_figures.limits[LIMIT_HANDSHAKES]++;
	fe_figures.handshake_failures[HANDSHAKE_EVICTED]++;
	conn_kill(c);
}

void
conn_new(int fd, const char *peer, struct source *source)
{
	struct conn	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    tls_accept_cbs(server->tls, &c->tls, conn_tls_wants,
	    conn_tls_gives, c) == -1) {
		log_warnx("connection refused peer=%s reason=\"out of "
		    "memory\"", peer);
		source_release(source);
		close(fd);
		free(c);
		return;
	}
	if (fe_now.handshakes >= fe_conf.max_handshakes)
		evict_handshake();
	c->fd = fd;
	c->source = source;
	c->id = shared_next_connection();
	c->server = server;
	server->nconns++;
	TAILQ_INIT(&c->pending);
	LIST_INIT(&c->flows);
	strlcpy(c->peer, peer, sizeof(c->peer));
	c->readable = event_new(fe_base, fd, EV_READ | EV_PERSIST,
	    conn_readable, c);
	c->writable = event_new(fe_base, fd, EV_WRITE, conn_writable, c);
	if (c->readable == NULL || c->writable == NULL ||
	    event_add(c->readable, NULL) == -1)
		fatalx("event_new");
	c->begun = c->last_use = frontend_now();
	TAILQ_INSERT_TAIL(&handshaking, c, entry);
	fe_stats.handshakes = ++fe_now.handshakes;
	fe_stats.connections = ++fe_now.connections;
	fe_stats.connections_total++;
}

static void
conn_to_msg(struct conn *c, struct msg_connection *m)
{
	static const uint32_t	 states[] = {
		[CONN_HANDSHAKE] = CONNECTION_HANDSHAKE,
		[CONN_OPEN] = CONNECTION_OPEN,
		[CONN_CLOSING] = CONNECTION_CLOSING
	};
	const char	*text;

	m->id = c->id;
	m->state = states[c->state];
	m->pending = c->npending;
	m->requests = c->requests;
	m->errors = c->errors;
	m->age = (frontend_now() - c->begun) / 1000;
	m->idle = (frontend_now() - c->last_use) / 1000;
	strlcpy(m->peer, c->peer, sizeof(m->peer));
	if (c->state == CONN_HANDSHAKE)
		return;
	if ((text = tls_conn_version(c->tls)) != NULL)
		strlcpy(m->version, text, sizeof(m->version));
	if ((text = tls_conn_cipher(c->tls)) != NULL)
		strlcpy(m->cipher, text, sizeof(m->cipher));
	if ((text = tls_peer_cert_subject(c->tls)) != NULL)
		strlcpy(m->client, text, sizeof(m->client));
}

struct msg_connection *
conn_rows(size_t *n)
{
	struct conn_list	*lists[] = { &handshaking, &open_conns,
				    &closing };
	struct msg_connection	*rows;
	struct conn		*c;
	size_t			 i, room = fe_now.connections;

	if ((rows = calloc(room + 1, sizeof(*rows))) == NULL)
		return (NULL);
	*n = 0;
	for (i = 0; i < nitems(lists); i++)
		TAILQ_FOREACH(c, lists[i], entry)
			if (*n < room)
				conn_to_msg(c, &rows[(*n)++]);
	return (rows);
}
