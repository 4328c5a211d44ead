/*
 * In the host's process: which server a request goes to, and what becomes of
 * it there.
 */
#include <string.h>

#include "compat.h"
#include "dispatch.h"
#include "hex.h"
#include "log.h"
#include "opcode.h"

#define LOST_MAX	2	/* connections that a request may lose ... */
#define REFUSED_MAX	1	/* ... and errors that it may be told */
#define STAGGER_MIN	25	/* ms before the next server is tried, too */
#define STAGGER_MAX	250
#define MESSAGES_MAX	256	/* of a server, before others have a turn */

/* ---- calls */

void
call_encode(struct call *call, const struct remote_request *req)
{
	struct wire_header	 h;
	size_t			 used = WIRE_HEADER_SIZE;

	wire_item_put(call->message, CALL_MESSAGE_MAX, &used, WIRE_TAG_SKI,
	    req->ski, WIRE_SKI_SIZE);
	wire_item_put(call->message, CALL_MESSAGE_MAX, &used, WIRE_TAG_OPCODE,
	    &req->opcode, 1);
	wire_item_put(call->message, CALL_MESSAGE_MAX, &used, WIRE_TAG_PAYLOAD,
	    req->data, req->length);
	call->length = used;
	h.major = WIRE_MAJOR;
	h.minor = 0;
	h.length = (uint16_t)(used - WIRE_HEADER_SIZE);
	h.id = 0;
	wire_header_encode(&h, call->message);
}

/* The key of a call as text: its SKI is the first item. */
static const char *
call_key(const struct call *call, char *text)
{
	hex_encode(call->message + WIRE_HEADER_SIZE + WIRE_ITEM_SIZE,
	    WIRE_SKI_SIZE, text);
	return (text);
}

static void
set_id(struct remote *r, struct call *call)
{
	struct wire_header	 h;

	if (++r->last_id == 0)
		r->last_id = 1;
	call->id = r->last_id;
	wire_header_decode(call->message, &h);
	h.id = call->id;
	wire_header_encode(&h, call->message);
}

void
call_finish(struct call *call, enum remote_status status)
{
	call->done = 1;
	call->status = status;
	call->server = NULL;
	pthread_cond_signal(&call->wake);
}

static uint32_t
bit(const struct remote *r, const struct server *s)
{
	return (UINT32_C(1) << (s - r->servers));
}

static void
resend(struct call *call)
{
	call->server = NULL;
	call->id = 0;
}

/* The connection of a server is gone, and with it what was sent. */
static void
lost_server(struct remote *r, const struct server *s)
{
	struct call	*call;

	TAILQ_FOREACH(call, &r->calls, entry) {
		if (call->server != s)
			continue;
		if (call->lost++ == LOST_MAX)
			call_finish(call, REMOTE_UNREACHABLE);
		else
			resend(call);
	}
}

/* ---- servers */

static int
usable(const struct remote *r, const struct server *s, const struct call *call)
{
	return (s->state == SERVER_UP && (call->tried & bit(r, s)) == 0);
}

/*
 * How long a server may take before the next one is tried, too: it is known
 * from the last time how soon it could be up.  What listens for a server that
 * has died takes connections, and nobody answers there.
 */
static uint64_t
stagger(const struct server *s)
{
	uint64_t	 ms = STAGGER_MIN + 2 * s->took;

	return (s->known && ms < STAGGER_MAX ? ms : STAGGER_MAX);
}

/*
 * One that is not up, but may well be soon; one that failed lately, only for
 * as long as the next server would wait for it.
 */
static int
hopeful(const struct remote *r, const struct server *s,
    const struct call *call, uint64_t now)
{
	if (s->state == SERVER_UP || (call->tried & bit(r, s)) != 0)
		return (0);
	if (s->failures == 0)
		return (1);
	if (s->state == SERVER_DOWN)
		return (now >= s->due);
	return (now < s->since + stagger(s));
}

/* A call that its server is slow with, and that no other could take over. */
static int
stays(const struct remote *r, const struct call *call)
{
	return (!call->done && call->server != NULL &&
	    (call->tried & bit(r, call->server)) != 0);
}

static int
any_stays(const struct remote *r)
{
	const struct call	*call;

	TAILQ_FOREACH(call, &r->calls, entry)
		if (stays(r, call))
			return (1);
	return (0);
}

/* Whether another server can take a call over. */
static int
other_usable(const struct remote *r, const struct call *call)
{
	size_t	 i;

	for (i = 0; i < r->nservers; i++)
		if (usable(r, &r->servers[i], call))
			return (1);
	return (0);
}

static int
other_hopeful(const struct remote *r, const struct call *call, uint64_t now)
{
	size_t	 i;

	for (i = 0; i < r->nservers; i++)
		if (hopeful(r, &r->servers[i], call, now))
			return (1);
	return (0);
}

/* The server that a call goes to next; NULL: none that was not tried is up. */
static struct server *
choose(struct remote *r, const struct call *call)
{
	struct server	*s;
	size_t		 i, first = 0;

	if (r->conf->balance == BALANCE_ROUND_ROBIN)
		first = r->cursor;
	for (i = 0; i < r->nservers; i++) {
		s = &r->servers[(first + i) % r->nservers];
		if (usable(r, s, call)) {
			r->cursor = (first + i + 1) % r->nservers;
			return (s);
		}
	}
	return (NULL);
}

/* Returns -1 when the connection turned out to be lost. */
static int
send_call(struct remote *r, struct call *call, struct server *s, uint64_t now)
{
	set_id(r, call);
	call->server = s;
	call->sent = now;
	if (conn_send(s->conn, call->message, call->length) == 0)
		return (0);
	server_fail(s, now, conn_error(s->conn));
	lost_server(r, s);
	return (-1);
}

void
dispatch_send(struct remote *r, struct call *call, uint64_t now)
{
	struct server	*s;

	if (call->server == NULL && (s = choose(r, call)) != NULL)
		send_call(r, call, s, now);
}

/* Send what can be sent.  Returns the number of calls that could not. */
static size_t
send_calls(struct remote *r, uint64_t now)
{
	struct server	*s;
	struct call	*call;
	size_t		 unsent;

 again:
	unsent = 0;
	TAILQ_FOREACH(call, &r->calls, entry) {
		if (call->done || call->server != NULL)
			continue;
		s = choose(r, call);
		if (s == NULL && !other_hopeful(r, call, now)) {
			/* All were tried: begin anew. */
			call->tried = 0;
			s = choose(r, call);
		}
		if (s == NULL)
			unsent++;
		else if (send_call(r, call, s, now) == -1)
			goto again;
	}
	return (unsent);
}

/*
 * Connect to the servers that are wanted: in order up to the first one that
 * is up, else all.  In a hurry, when what is up cannot help a call that waits,
 * all of them, but one after the other, a little later each, so that one that
 * does not answer costs no more than that.  Returns when to look again.
 */
static uint64_t
start_servers(struct remote *r, int hurry, uint64_t now)
{
	struct server	*s;
	uint64_t	 next = UINT64_MAX;
	size_t		 i;

	for (i = 0; i < r->nservers; i++) {
		s = &r->servers[i];
		if (s->state == SERVER_UP) {
			if (r->conf->balance == BALANCE_ORDER && !hurry)
				break;
			continue;
		}
		if (s->state == SERVER_DOWN && now >= s->due)
			server_start(s, r->tls, now, r->try, r->wake[1]);
		if (s->state == SERVER_DOWN) {
			if (s->due < next)
				next = s->due;
			continue;
		}
		if (s->limit < next)
			next = s->limit;
		if (hurry && now < s->since + stagger(s)) {
			if (s->since + stagger(s) < next)
				next = s->since + stagger(s);
			break;
		}
	}
	return (next);
}

/* ---- answers */

static struct call *
find_call(struct remote *r, const struct server *s, uint32_t id)
{
	struct call	*call;

	TAILQ_FOREACH(call, &r->calls, entry)
		if (!call->done && call->server == s && call->id == id)
			return (call);
	return (NULL);
}

/*
 * An error may be this server's own: its token is away, its key was not
 * loaded.  One other is asked, not all of them.
 */
static void
refused(struct remote *r, struct call *call, const struct server *s,
    const struct wire_body *body, uint64_t now)
{
	char	 key[2 * WIRE_SKI_SIZE + 1];
	int	 error;

	error = body->payload.length == 1 ? body->payload.data[0] :
	    WIRE_ERR_INTERNAL;
	if (loglimit_ok(&r->refused_limit, now))
		log_warnx("request refused key=%s server=%s error=%d "
		    "reason=\"%s\"", call_key(call, key), s->conf->text,
		    error, wire_error_name(error));
	call->tried |= bit(r, s);
	if (call->refused++ < REFUSED_MAX &&
	    (other_usable(r, call) || other_hopeful(r, call, now))) {
		resend(call);
		return;
	}
	call->answer->error = error;
	call_finish(call, REMOTE_REFUSED);
}

/* Returns -1 for an answer that is none. */
static int
take_answer(struct remote *r, struct server *s, const struct conn_message *m,
    uint64_t now)
{
	const struct wire_bytes	*payload = &m->body.payload;
	struct call		*call;

	if (m->body.opcode == OP_PONG && m->header.id == 0)
		return (0);
	if (m->body.opcode != OP_RESPONSE && m->body.opcode != OP_ERROR)
		return (-1);
	if ((call = find_call(r, s, m->header.id)) == NULL) {
		if (loglimit_ok(&r->late_limit, now))
			log_info("late answer dropped server=%s id=0x%08x",
			    s->conf->text, m->header.id);
		return (0);
	}
	if (m->body.opcode == OP_ERROR) {
		server_good(s, now);
		refused(r, call, s, &m->body, now);
		return (0);
	}
	if (payload->length > REMOTE_DATA_MAX)
		return (-1);
	server_good(s, now);
	if (payload->length != 0)
		memcpy(call->answer->data, payload->data, payload->length);
	call->answer->length = payload->length;
	call_finish(call, REMOTE_OK);
	return (0);
}

/* Returns whether there is more to do at once. */
static int
turn_server(struct remote *r, struct server *s, uint64_t now)
{
	struct conn_message	 m;
	unsigned int		 n;

	for (n = 0; n < MESSAGES_MAX; n++) {
		switch (server_turn(s, r->tls, now, r->try, &m)) {
		case SERVER_NOTHING:
			return (0);
		case SERVER_LOST:
			lost_server(r, s);
			return (0);
		case SERVER_MESSAGE:
			if (take_answer(r, s, &m, now) == 0)
				break;
			server_fail(s, now, "unexpected answer");
			lost_server(r, s);
			return (0);
		}
	}
	return (1);
}

int
dispatch_receive(struct remote *r, uint64_t now)
{
	size_t	 i;
	int	 more = 0;

	for (i = 0; i < r->nservers; i++)
		more |= turn_server(r, &r->servers[i], now);
	return (more);
}

/* ---- time */

uint64_t
dispatch_patience(const struct remote *r, const struct call *call)
{
	const struct server	*s = call->server;

	if (s->pinged > call->sent && s->heard < s->pinged)
		return (s->pinged + r->attempt / 2);
	return (call->sent + r->attempt);
}

/*
 * A server took too long with a call.  If nothing at all came from it since,
 * not even the answer to a ping, it or the way to it is gone; else only the
 * operation is slow, and another server may be faster.
 */
static void
attempt_over(struct remote *r, struct call *call, uint64_t now)
{
	struct server	*s = call->server;
	const char	*why = "no answer";

	if (s->heard > call->sent) {
		call->tried |= bit(r, s);
		if (other_usable(r, call))
			resend(call);
		else
			call->sent = now;	/* stay, look again later */
		return;
	}
	if (s->pinged <= call->sent) {
		if (server_ping(s, now) == 0)
			return;
		why = conn_error(s->conn);
	}
	server_fail(s, now, why);
	lost_server(r, s);
}

void
dispatch_timed_out(struct remote *r, struct call *call, uint64_t now)
{
	char	 key[2 * WIRE_SKI_SIZE + 1];

	if (loglimit_ok(&r->timeout_limit, now))
		log_warnx("request timed out key=%s server=%s",
		    call_key(call, key), call->server == NULL ? "none" :
		    call->server->conf->text);
	call_finish(call, REMOTE_UNREACHABLE);
}

/* Let go of what has taken too long. */
static void
expire(struct remote *r, uint64_t now)
{
	struct call	*call;

	TAILQ_FOREACH(call, &r->calls, entry) {
		if (call->done)
			continue;
		if (now >= call->deadline)
			dispatch_timed_out(r, call, now);
		else if (stays(r, call) && other_usable(r, call))
			resend(call);
		else if (call->server != NULL &&
		    now >= dispatch_patience(r, call))
			attempt_over(r, call, now);
	}
}

/* When a call that waits has taken too long. */
static uint64_t
next_expiry(const struct remote *r)
{
	const struct call	*call;
	uint64_t		 end, next = UINT64_MAX;

	TAILQ_FOREACH(call, &r->calls, entry) {
		if (call->done)
			continue;
		if (call->deadline < next)
			next = call->deadline;
		if (call->server == NULL)
			continue;
		if ((end = dispatch_patience(r, call)) < next)
			next = end;
	}
	return (next);
}

uint64_t
dispatch_work(struct remote *r, uint64_t now)
{
	uint64_t	 next, due;
	size_t		 unsent;

	expire(r, now);
	unsent = send_calls(r, now);
	due = start_servers(r, unsent != 0 || any_stays(r), now);
	next = next_expiry(r);
	return (due < next ? due : next);
}
