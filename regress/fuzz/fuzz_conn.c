/*
 * Fuzzer: clients and signers against the frontend, with the real connections,
 * requests, queues and pending table; TLS is played, and passes all bytes on.
 * Clients send anything and read when they like; signers answer rightly or
 * wrongly, stop halfway, die.  Rules of clients change, a rate limits them,
 * drains begin and are taken back.
 *
 * Every whole message of a client that stays is answered exactly once, with an
 * answer to this very request; nothing else is ever sent; all is given back.
 * A drain answers all that was sent before it.
 */
#include "../../keylessd/conn.c"
#include "../../keylessd/connlife.c"

#include "fuzz.h"

#define STEPS		64
#define CLIENTS		3
#define SIGNERS		3	/* two of one set, one of another */
#define ASKED		4096	/* requests of one client */
#define TIMEOUT		5000	/* ms */
#define PATIENCE_MAX	100	/* ms: longer than responses wait */

/* ---- what frontend.c has */

struct event_base	*fe_base;
struct channel		*fe_parent;
struct msg_front_conf	 fe_conf;
struct msg_place	 fe_place = { .number = 0, .frontends = 1 };

static struct keytab	*keytab;
static struct fe_key	 keys[SIGNERS];
static uint64_t		 clock_ms = 1000;

struct keytab *
frontend_keytab(void)
{
	return (keytab);
}

uint64_t
frontend_now(void)
{
	return (clock_ms);
}

uint64_t
frontend_now_us(void)
{
	return (clock_ms * 1000);
}

int
frontend_draining(void)
{
	return (draining);
}

struct fe_key *
frontend_key(size_t i)
{
	REQUIRE(i < SIGNERS);
	return (&keys[i]);
}

size_t
frontend_key_number(const struct fe_key *key)
{
	return ((size_t)(key - keys));
}

size_t
frontend_nkeys(void)
{
	return (SIGNERS);
}

uint32_t
frontend_generation(void)
{
	return (1);
}

void
frontend_key_answered(struct fe_set *set, uint32_t index,
    enum sign_status status)
{
	(void)set;
	(void)index;
	(void)status;
}

void
channel_send(struct channel *ch, uint32_t type, uint32_t peer, int fd,
    const void *data, size_t length)
{
	(void)ch;
	(void)peer;
	(void)data;
	(void)length;
	REQUIRE(fd == -1);
	REQUIRE(type == MSG_FRONT_KILL || type == MSG_FRONT_SET_DONE);
}

const char *
tlsserver_reason(struct tls *tls, struct tls *conn, int *certificate)
{
	(void)tls;
	(void)conn;
	*certificate = 1;
	return ("played");
}

void
tlsserver_peer_serial(struct tls *tls, char *serial, size_t size)
{
	(void)tls;
	strlcpy(serial, "01", size);
}

int
tlsserver_client_auth(struct tls *tls)
{
	(void)tls;
	return (1);
}

/* ---- libtls, without encryption */

static const char	*const certs[] = { "SHA256:0", "SHA256:1" };
static const char	*next_cert;

struct tls {
	const char	*cert;
	tls_read_cb	 read;
	tls_write_cb	 write;
	void		*arg;
};

int
tls_accept_cbs(struct tls *server_tls, struct tls **tls, tls_read_cb read_cb,
    tls_write_cb write_cb, void *arg)
{
	REQUIRE(server_tls != NULL);
	REQUIRE((*tls = calloc(1, sizeof(**tls))) != NULL);
	(*tls)->read = read_cb;
	(*tls)->write = write_cb;
	(*tls)->arg = arg;
	(*tls)->cert = next_cert;
	return (0);
}

const char *
tls_peer_cert_hash(struct tls *tls)
{
	return (tls->cert);
}

int
tlsserver_peer_named(struct tls *tls, const char *name)
{
	return (strcmp(tls->cert, name) == 0);
}

int
tls_handshake(struct tls *tls)
{
	(void)tls;
	return (0);
}

ssize_t
tls_read(struct tls *tls, void *data, size_t size)
{
	return (tls->read(tls, data, size, tls->arg));
}

ssize_t
tls_write(struct tls *tls, const void *data, size_t size)
{
	return (tls->write(tls, data, size, tls->arg));
}

int
tls_close(struct tls *tls)
{
	(void)tls;
	return (0);
}

void
tls_free(struct tls *tls)
{
	free(tls);
}

const char *
tls_error(struct tls *tls)
{
	(void)tls;
	return ("error");
}

const char *
tls_conn_version(struct tls *tls)
{
	(void)tls;
	return ("version");
}

const char *
tls_conn_cipher(struct tls *tls)
{
	(void)tls;
	return ("cipher");
}

const char *
tls_peer_cert_subject(struct tls *tls)
{
	(void)tls;
	return ("subject");
}

/* ---- the players */

enum answered {
	NOT_YET,
	BY_ERROR,
	BY_CONTENT
};

/* A message that a client sent and that waits for its answer. */
struct asked {
	uint32_t	 id;
	int		 has_opcode;
	uint8_t		 opcode;
	uint8_t		 begin[8];	/* of the payload */
	size_t		 length;
	enum answered	 answered;
};

struct client {
	int		 fd;		/* -1: not connected */
	int		 ended;		/* by the frontend */
	int		 may_end;	/* it was drained once */
	int		 was_late;	/* and read no further */
	size_t		 before;	/* asked before the last drain */
	struct buf	 sent;		/* not yet a whole message */
	struct buf	 got;
	struct asked	 asked[ASKED];
	size_t		 nasked;
	size_t		 nanswered;
	size_t		 first;		/* that may be unanswered */
};

struct signer {
	int		 fd;		/* -1: none */
	uint32_t	 set;
	uint32_t	 slot;
	uint32_t	 id;
	struct buf	 got;
	size_t		 partial;	/* bytes of a reply that are out */
	struct sign_reply reply;
	struct sign_request left;	/* for later */
	int		 has_left;
};

static struct client	 clients[CLIENTS];
static struct signer	 signers[SIGNERS];
static int		 late;		/* the drain has read its last */
static struct fuzz	 input;
static uint8_t		 bytes[65536];

static void
turn(void)
{
	event_base_loop(fe_base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	while (conn_handshakes())
		;
	while (queue_flush() + conn_flush() != 0)
		;
}

static void
pair(int sv[2])
{
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, sv) == 0);
}

/* Note the whole messages that a client has sent by now. */
static void
note_asked(struct client *c)
{
	struct wire_header	 h;
	struct wire_body	 b;
	struct asked		*a;
	const uint8_t		*p;

	while (buf_length(&c->sent) >= WIRE_HEADER_SIZE) {
		p = buf_data(&c->sent);
		wire_header_decode(p, &h);
		if (buf_length(&c->sent) < (size_t)h.length + WIRE_HEADER_SIZE)
			return;
		REQUIRE(c->nasked < ASKED);
		a = &c->asked[c->nasked++];
		memset(a, 0, sizeof(*a));
		a->id = h.id;
		if (h.major == WIRE_MAJOR && wire_body_parse(p +
		    WIRE_HEADER_SIZE, h.length, &b) == 0 && b.has_opcode) {
			a->has_opcode = 1;
			a->opcode = b.opcode;
			a->length = b.payload.length;
			memcpy(a->begin, b.payload.data == NULL ? a->begin :
			    b.payload.data, a->length < 8 ? a->length : 8);
		}
		buf_consume(&c->sent, WIRE_HEADER_SIZE + (size_t)h.length);
	}
}

/* Whether an answer can be that to a request. */
static int
fits(const struct asked *a, const struct wire_body *b)
{
	const uint8_t	*p = b->payload.data;
	size_t		 n = b->payload.length;

	switch (b->opcode) {
	case OP_ERROR:
		return (n == 1 && *p > WIRE_OK && *p <= WIRE_ERR_MAX);
	case OP_PONG:
		return (a->opcode == OP_PING && n == a->length &&
		    (n == 0 || memcmp(p, a->begin, n < 8 ? n : 8) == 0));
	case OP_RESPONSE:
		/* As signer_answer() has it. */
		return (a->has_opcode && n == 9 && p[8] == a->opcode &&
		    memcmp(p, a->begin, 8) == 0);
	}
	return (0);
}

/* The request with this id that an answer can be to, or NULL. */
static struct asked *
find_asked(struct client *c, uint32_t id, const struct wire_body *b,
    enum answered answered)
{
	size_t	 i;

	for (i = c->first; i < c->nasked; i++)
		if (c->asked[i].id == id && c->asked[i].answered == answered &&
		    (b == NULL || fits(&c->asked[i], b)))
			return (&c->asked[i]);
	return (NULL);
}

/* An error fits any request with the id: it may have been another one's. */
static void
take_answer(struct client *c, const struct wire_header *h, const uint8_t *p)
{
	struct wire_body	 b;
	struct asked		*a, *other;

	REQUIRE(h->major == WIRE_MAJOR);
	REQUIRE(wire_body_parse(p, h->length, &b) == 0 && b.has_opcode);
	if ((a = find_asked(c, h->id, &b, NOT_YET)) == NULL) {
		REQUIRE(b.opcode != OP_ERROR);
		REQUIRE((a = find_asked(c, h->id, &b, BY_ERROR)) != NULL);
		REQUIRE((other = find_asked(c, h->id, NULL, NOT_YET)) != NULL);
		other->answered = BY_ERROR;
	}
	a->answered = b.opcode == OP_ERROR ? BY_ERROR : BY_CONTENT;
	c->nanswered++;
	while (c->first < c->nasked &&
	    c->asked[c->first].answered == BY_CONTENT)
		c->first++;
}

/* Read what there is; the frontend does not close but to drain. */
static int
client_read(struct client *c)
{
	struct wire_header	 h;
	ssize_t			 n;
	int			 any = 0;

	if (c->fd == -1)
		return (0);
	while ((n = recv(c->fd, bytes, sizeof(bytes), 0)) > 0) {
		REQUIRE(buf_append(&c->got, bytes, (size_t)n) == 0);
		any = 1;
	}
	if (n == 0 || (c->may_end && errno == ECONNRESET))
		c->ended = 1;
	else
		REQUIRE(n == -1 && errno == EAGAIN);
	while (buf_length(&c->got) >= WIRE_HEADER_SIZE) {
		wire_header_decode(buf_data(&c->got), &h);
		if (buf_length(&c->got) < (size_t)h.length + WIRE_HEADER_SIZE)
			break;
		take_answer(c, &h, buf_data(&c->got) + WIRE_HEADER_SIZE);
		buf_consume(&c->got, WIRE_HEADER_SIZE + (size_t)h.length);
	}
	if (c->ended) {
		REQUIRE(c->may_end && buf_length(&c->got) == 0);
		REQUIRE(c->was_late || c->nanswered >= c->before);
	}
	return (any);
}

static void
client_close(struct client *c)
{
	if (c->fd == -1)
		return;
	close(c->fd);
	buf_free(&c->sent);
	buf_free(&c->got);
	c->fd = -1;
	c->nasked = c->nanswered = c->first = c->before = 0;
	c->ended = c->may_end = c->was_late = 0;
}

static void
client_open(struct client *c)
{
	static const struct sockaddr	 sa = { .sa_family = AF_UNIX };
	struct source			*source;
	const char			*reason;
	int				 sv[2];

	if (c->fd != -1 || draining)
		return;
	pair(sv);
	c->fd = sv[0];
	next_cert = certs[(c - clients) % 2];
	REQUIRE((source = source_admit(&sa, &reason)) != NULL);
	conn_new(sv[1], "peer", source);
}

static void
client_send(struct client *c, const uint8_t *data, size_t length)
{
	ssize_t	 n;

	if (c->fd == -1 || c->nasked + 1 + length / WIRE_HEADER_SIZE > ASKED)
		return;
	if ((n = send(c->fd, data, length, MSG_NOSIGNAL)) <= 0)
		return;			/* it is not read from now */
	REQUIRE(buf_append(&c->sent, data, (size_t)n) == 0);
	note_asked(c);
}

/* A request that may well be right; returns its length. */
static size_t
make_request(struct client *c, uint8_t *buf, size_t size)
{
	static const uint8_t	 ops[] = {
		OP_ECDSA_SIGN_SHA256, OP_RSA_SIGN_SHA256, OP_ED25519_SIGN,
		OP_PING, OP_RSA_DECRYPT, OP_SEAL, OP_RPC, OP_RESPONSE
	};
	struct wire_header	 h = { WIRE_MAJOR, 0, 0, 0 };
	size_t			 used = WIRE_HEADER_SIZE;
	uint8_t			 op = fuzz_byte(&input), payload[1100];
	uint8_t			 length = fuzz_byte(&input);
	struct fe_key		*key;

	h.id = (uint32_t)c->nasked;
	key = &keys[fuzz_below(&input, nitems(keys))];
	op = op < 200 ? ops[op % nitems(ops)] : op;
	memset(payload, 0x5a, sizeof(payload));
	memcpy(payload, &h.id, sizeof(h.id));
	payload[4] = (uint8_t)(c - clients);
	wire_item_put(buf, size, &used, WIRE_TAG_OPCODE, &op, 1);
	if (length & 1)
		wire_item_put(buf, size, &used, WIRE_TAG_SKI, key->info.ski,
		    WIRE_SKI_SIZE);
	else
		wire_item_put(buf, size, &used, WIRE_TAG_DIGEST,
		    key->info.digest, WIRE_DIGEST_SIZE);
	wire_item_put(buf, size, &used, WIRE_TAG_PAYLOAD, payload,
	    length < 128 ? 32 : length < 140 ? 256 : length == 255 ? 1100 :
	    length);
	h.length = (uint16_t)(used - WIRE_HEADER_SIZE);
	wire_header_encode(&h, buf);
	return (used);
}

static void
client_ask(struct client *c, size_t copies)
{
	uint8_t	 buf[2048];

	while (copies-- > 0)
		client_send(c, buf, make_request(c, buf, sizeof(buf)));
}

static void
client_rave(struct client *c)
{
	uint8_t	 buf[512];
	size_t	 n = fuzz_byte(&input) % sizeof(buf);

	if (n > input.left)
		n = input.left;
	fuzz_fill(&input, buf, n);
	client_send(c, buf, n);
}

/* ---- signers */

static void
signer_connect(struct signer *s)
{
	static uint32_t		 last_id;
	struct msg_signer	 m;
	int			 sv[2];

	if (s->fd != -1)
		return;
	memset(&m, 0, sizeof(m));
	m.id = s->id = ++last_id;
	m.set = s->set;
	m.slot = s->slot;
	m.state = SIGNER_READY;
	pair(sv);
	s->fd = sv[0];
	s->partial = 0;
	s->has_left = 0;
	queue_signer_connect(&m, sv[1]);
}

/* The process ends; the parent says so. */
static void
signer_die(struct signer *s, int harmless, enum signer_state state)
{
	struct msg_signer	 m;

	if (s->fd == -1)
		return;
	close(s->fd);
	s->fd = -1;
	buf_free(&s->got);
	if (fuzz_byte(&input) & 1)
		turn();
	memset(&m, 0, sizeof(m));
	m.id = s->id;
	m.set = s->set;
	m.slot = s->slot;
	m.state = state;
	m.harmless = (uint32_t)harmless;
	queue_signer_state(&m);
}

static void
signer_read(struct signer *s)
{
	ssize_t	 n;

	if (s->fd == -1)
		return;
	while ((n = recv(s->fd, bytes, sizeof(bytes), 0)) > 0)
		REQUIRE(buf_append(&s->got, bytes, (size_t)n) == 0);
}

/* Bytes of the reply; if it is too long for one, of what there is of it. */
static size_t
reply_size(const struct signer *s)
{
	return (s->reply.length > SIGNMSG_DATA_MAX ? sizeof(s->reply) :
	    SIGNMSG_REPLY + (size_t)s->reply.length);
}

/* Write bytes of a reply; a liar may stop anywhere. */
static int
signer_put(struct signer *s, size_t n)
{
	const uint8_t	*p = (const uint8_t *)&s->reply;

	if (n > reply_size(s) - s->partial)
		n = reply_size(s) - s->partial;
	if (send(s->fd, p + s->partial, n, MSG_NOSIGNAL) != (ssize_t)n)
		return (0);
	s->partial += n;
	if (s->partial == reply_size(s))
		s->partial = 0;
	return (1);
}

/* Take the oldest request that came; 0 when none is whole. */
static int
signer_next(struct signer *s, struct sign_request *r)
{
	if (buf_length(&s->got) < SIGNMSG_REQUEST)
		return (0);
	memset(r, 0, sizeof(*r));
	memcpy(r, buf_data(&s->got), SIGNMSG_REQUEST);
	REQUIRE(r->length <= SIGNMSG_DATA_MAX);
	if (buf_length(&s->got) < sign_request_size(r))
		return (0);
	memcpy(r, buf_data(&s->got), sign_request_size(r));
	buf_consume(&s->got, sign_request_size(r));
	return (1);
}

/* Answer its oldest request, or leave that for later; whether it had one. */
static int
signer_answer(struct signer *s, enum sign_status status)
{
	struct sign_request	 r;

	if (s->fd == -1)
		return (0);
	if (s->partial != 0)
		return (signer_put(s, sizeof(s->reply)));
	signer_read(s);
	if (!signer_next(s, &r)) {
		if (!s->has_left)
			return (0);
		r = s->left;
		s->has_left = 0;
	} else if (!s->has_left && (r.turn & 512) != 0) {
		s->left = r;
		s->has_left = 1;
		return (1);
	}
	/* The frontend lets nothing through that a signer must not see. */
	REQUIRE(sign_request_valid(&r) && r.key < 2);
	memset(&s->reply, 0, sizeof(s->reply));
	s->reply.id = r.id;
	s->reply.status = (uint8_t)status;
	s->reply.us = (uint32_t)r.id << 6;
	if (status == SIGN_OK) {
		s->reply.length = 9;
		memcpy(s->reply.data, r.data, r.length < 8 ? r.length : 8);
		s->reply.data[8] = r.opcode;
	}
	return (signer_put(s, sizeof(s->reply)));
}

/* Send a record that answers nothing, or is none. */
static void
signer_lie(struct signer *s)
{
	if (s->fd == -1 || s->partial != 0)
		return;
	memset(&s->reply, 0, sizeof(s->reply));
	fuzz_fill(&input, &s->reply, 24);
	if (fuzz_byte(&input) & 1) {
		s->reply.length %= SIGNMSG_DATA_MAX + 1;
		s->reply.status = SIGN_OK;
		s->reply.zero = 0;
	}
	/* It cannot know an id that it was not told: do not hit one. */
	s->reply.id |= (uint64_t)1 << 63;
	signer_put(s, 1 + fuzz_u16(&input) % sizeof(s->reply));
}

/* ---- drains and rules */

static void
begin_drain(void)
{
	size_t	 i;

	if (draining)
		return;
	conn_drain();
	for (i = 0; i < CLIENTS; i++) {
		/* After the first one it may be closed, and not know. */
		if (!clients[i].may_end)
			clients[i].before = clients[i].nasked;
		clients[i].may_end = 1;
	}
}

static void
end_drain(void)
{
	conn_undrain();
	late = 0;
}

static void
be_late(void)
{
	size_t	 i;

	if (!draining)
		return;
	drain_late(-1, 0, NULL);
	late = 1;
	for (i = 0; i < CLIENTS; i++)
		clients[i].was_late = 1;
}

/* None; or the first client's, by name or fingerprint, and for some keys. */
static void
set_rules(uint8_t b)
{
	struct msg_client	 m;
	struct msg_grant	 g;

	memset(&m, 0, sizeof(m));
	m.opcodes = b & 1 ? OPCODES_ALL : 0xff;
	m.fingerprint = b >> 1 & 1;
	m.all_keys = b >> 2 & 1;
	strlcpy(m.match, certs[b >> 3 & 1], sizeof(m.match));
	memset(&g, 0, sizeof(g));
	g.kind = GRANT_SKI;
	memset(g.ski, 1 + (b >> 4) % SIGNERS, sizeof(g.ski));
	if (b != 0) {
		client_offer(&m);
		if (!m.all_keys)
			client_offer_grant(&g);
	}
	client_switch();
}

/* ---- steps */

static void
check_conns(void)
{
	const struct conn	*c;

	TAILQ_FOREACH(c, &open_conns, entry) {
		REQUIRE(c->npending <= PENDING_MAX);
		REQUIRE(buf_length(&c->plain) + buf_length(&c->out) <=
		    fe_conf.max_buffer + WIRE_MESSAGE_MAX);
		REQUIRE(buf_length(&c->message) <=
		    WIRE_MESSAGE_MAX + RECORD_SIZE);
		REQUIRE(buf_length(&c->in) <= 2 * RECV_SIZE);
	}
}

static void
step_rare(uint8_t what, struct client *c)
{
	switch (what / 16) {
	case 0:
		if (fuzz_byte(&input) == 10)
			client_ask(c, 1200);
		break;
	case 3:
		begin_drain();
		break;
	case 4:
		end_drain();
		break;
	case 5:
		be_late();
		break;
	case 6:
		set_rules(fuzz_byte(&input));
		break;
	case 7:
		throttle_over(-1, 0, NULL);
		break;
	default:
		sweep(-1, 0, NULL);
	}
}

static void
step(void)
{
	uint8_t		 what = fuzz_byte(&input);
	struct client	*c = &clients[what / 16 % CLIENTS];
	struct signer	*s = &signers[what / 16 % SIGNERS];

	switch (what % 16) {
	case 0:
		client_open(c);
		break;
	case 1:
		client_close(c);
		break;
	case 2:
		client_rave(c);
		break;
	case 3:
		client_read(c);
		break;
	case 4:
		signer_connect(s);
		break;
	case 5:
		signer_die(s, what < 128, what & 64 ? SIGNER_WAITING :
		    SIGNER_LOST);
		break;
	case 6:
		signer_lie(s);
		break;
	case 7:
		signer_answer(s, fuzz_byte(&input) % (SIGN_STATUS_MAX + 1));
		break;
	case 8:
		if (s->fd != -1)
			signer_put(s, fuzz_byte(&input) * 5U);
		break;
	case 9:
		clock_ms += fuzz_byte(&input) * 40U;
		pending_expire();
		queue_check_stuck();
		break;
	case 10:
		step_rare(what, c);
		break;
	case 11:
		signer_read(s);
		break;
	case 12:
		while (signer_answer(s, SIGN_OK))
			;
		break;
	default:
		client_ask(c, what / 64 + 1U);
	}
	if (what & 0x80 || what % 16 < 2)
		turn();
	check_conns();
}

/* Let everybody be honest and patient until nothing is left to do. */
static void
settle(void)
{
	int	 busy, i, rounds = 0;

	do {
		busy = 0;
		if (!TAILQ_EMPTY(&throttled)) {
			busy = 1;
			clock_ms += 1000;
			throttle_over(-1, 0, NULL);
		}
		turn();
		clock_ms += PATIENCE_MAX;
		turn();
		for (i = 0; i < CLIENTS; i++)
			busy |= client_read(&clients[i]);
		for (i = 0; i < SIGNERS; i++) {
			signer_connect(&signers[i]);
			while (signer_answer(&signers[i], SIGN_OK))
				busy = 1;
		}
		REQUIRE(rounds++ < 10000);
	} while (busy);
	/* What a liar has not answered is over when its deadline passes. */
	clock_ms += TIMEOUT + 1;
	pending_expire();
	for (i = 0; i < 3; i++)
		turn();
}

static void
finish(void)
{
	struct client	*c;
	int		 i, before;

	settle();		/* while a drain has time left */
	be_late();
	do {
		before = 0;
		for (i = 0; i < CLIENTS; i++)
			before += (int)clients[i].nanswered;
		settle();
		for (i = 0; i < CLIENTS; i++) {
			client_read(&clients[i]);
			before -= (int)clients[i].nanswered;
		}
	} while (before != 0);
	for (i = 0; i < CLIENTS; i++) {
		c = &clients[i];
		REQUIRE(c->fd == -1 || c->ended || !draining);
		REQUIRE(c->ended || c->nanswered == c->nasked);
		client_close(c);
	}
	end_drain();
	for (i = 0; i < SIGNERS; i++)
		signer_die(&signers[i], 0, SIGNER_FAILED);
	turn();
	REQUIRE(pending_count() == 0);
	REQUIRE(fe_stats.connections == 0);
	queue_retire(2);
	turn();
	REQUIRE(TAILQ_EMPTY(&fe_sets));
}

static void
add_set(uint32_t id, uint32_t n)
{
	struct msg_set	 m;

	memset(&m, 0, sizeof(m));
	m.set = id;
	m.nsigners = n;
	strlcpy(m.name, "set", sizeof(m.name));
	queue_set_new(&m, 1);
}

static void
begin(void)
{
	static const enum key_type	 types[] = {
		KEY_TYPE_EC, KEY_TYPE_RSA, KEY_TYPE_ED25519
	};
	uint32_t			 i;

	add_set(1, 2);
	add_set(2, 1);
	for (i = 0; i < SIGNERS; i++) {
		clients[i].fd = signers[i].fd = -1;
		signers[i].set = 1 + i / 2;
		signers[i].slot = i % 2;
		keys[i].info.state = KEY_READY;
		keys[i].info.type = types[i];
		keys[i].info.label = (char *)(uintptr_t)"label";
		memset(keys[i].info.ski, (int)i + 1, WIRE_SKI_SIZE);
		memset(keys[i].info.digest, (int)i + 1, WIRE_DIGEST_SIZE);
		keys[i].set = queue_set_find(1 + i / 2);
		keys[i].index = i % 2;
		keys[i].block = 256;
		keys[i].opcodes = OPCODES_ALL;
		keytab_add(keytab, &keys[i]);
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	REQUIRE((fe_base = event_base_new()) != NULL);
	conn_switch(calloc(1, sizeof(struct tls)));
	event_del(sweeper);		/* by step() alone */
	fe_conf.sign_timeout = TIMEOUT;
	fe_conf.sign_retry_count = 1;
	fe_conf.max_connections = CLIENTS;
	fe_conf.max_pending = 2048;
	fe_conf.audit = AUDIT_ALL;		/* to nowhere */
	fe_conf.handshake_timeout = 1000000;
	fe_conf.drain_timeout = 1000000;	/* by step() alone, too */
	fe_conf.max_connections_per_source = STEPS;
	fe_conf.max_handshakes = STEPS;		/* nobody is evicted */
	fe_conf.max_buffer = 262144;
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int	 i, lowest = fuzz_lowest_fd();

	input.p = data;
	input.left = size;
	REQUIRE((keytab = keytab_new(SIGNERS)) != NULL);
	/* Nobody remembers how fast the last input's clients asked. */
	clock_ms += 120000;
	fe_conf.request_rate = fuzz_byte(&input) & 1 ? 20 : 0;
	begin();
	set_rules(0);
	client_open(&clients[0]);
	signer_connect(&signers[0]);
	for (i = 0; i < STEPS && input.left != 0; i++)
		step();
	finish();
	keytab_free(keytab);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
