/*
 * Fuzzer of connections: clients, who know what they have asked.  Their
 * requests have ids in ascending order, but those of bytes of any kind may
 * have any, again and again.
 */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../../keylessd/sources.h"
#include "buf.h"
#include "compat.h"
#include "conn_played.h"

#define ASKED		4096	/* requests on one connection */

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
	struct buf	 got;		/* not yet a whole answer */
	struct asked	 asked[ASKED];
	size_t		 nasked;
	size_t		 nanswered;
	size_t		 first;		/* that may be unanswered */
};

const char *const	 client_certs[CLIENT_CERTS] = {
	"SHA256:0", "SHA256:1"
};

static struct client	 clients[CLIENTS];

void
clients_begin(void)
{
	size_t	 i;

	for (i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
}

struct client *
client_number(size_t i)
{
	return (&clients[i]);
}

void
client_open(struct client *c)
{
	static const struct sockaddr	 sa = { .sa_family = AF_UNIX };
	struct source			*source;
	const char			*reason;
	int				 sv[2];

	if (c->fd != -1 || frontend_draining())
		return;
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, sv) == 0);
	c->fd = sv[0];
	tls_show(client_certs[(c - clients) % CLIENT_CERTS]);
	REQUIRE((source = source_admit(&sa, &reason)) != NULL);
	conn_new(sv[1], "peer", source);
}

void
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

/* ---- what it asks */

static void
note(struct client *c, const struct wire_header *h, const uint8_t *body)
{
	struct wire_body	 b;
	struct asked		*a = &c->asked[c->nasked++];

	memset(a, 0, sizeof(*a));
	a->id = h->id;
	if (h->major != WIRE_MAJOR ||
	    wire_body_parse(body, h->length, &b) == -1 || !b.has_opcode)
		return;
	a->has_opcode = 1;
	a->opcode = b.opcode;
	a->length = b.payload.length;
	if (a->length != 0)
		memcpy(a->begin, b.payload.data, a->length < 8 ? a->length : 8);
}

/* Note the messages of sent that are whole by now. */
static void
note_asked(struct client *c)
{
	struct wire_header	 h;
	size_t			 size;

	while (buf_length(&c->sent) >= WIRE_HEADER_SIZE) {
		wire_header_decode(buf_data(&c->sent), &h);
		size = WIRE_HEADER_SIZE + (size_t)h.length;
		if (buf_length(&c->sent) < size)
			return;
		note(c, &h, buf_data(&c->sent) + WIRE_HEADER_SIZE);
		buf_consume(&c->sent, size);
	}
}

/* As much as is taken at once: the frontend may have stopped to read. */
static void
client_send(struct client *c, const uint8_t *data, size_t length)
{
	ssize_t	 n;

	/* One message may be under way, and others are no shorter than this. */
	if (c->fd == -1 || c->nasked + 1 + length / WIRE_HEADER_SIZE > ASKED)
		return;
	if ((n = send(c->fd, data, length, MSG_NOSIGNAL)) <= 0)
		return;
	REQUIRE(buf_append(&c->sent, data, (size_t)n) == 0);
	note_asked(c);
}

/* As a byte says: mostly a hash's, sometimes an RSA block's, or too long. */
static size_t
payload_length(uint8_t b)
{
	if (b < 128)
		return (32);
	if (b < 140)
		return (256);
	return (b == 255 ? 1100 : b);
}

/* A request that may well be right; returns its length. */
static size_t
make_request(const struct client *c, struct fuzz *f, uint8_t *buf, size_t size)
{
	static const uint8_t	 ops[] = {
		OP_ECDSA_SIGN_SHA256, OP_RSA_SIGN_SHA256, OP_ED25519_SIGN,
		OP_PING, OP_RSA_DECRYPT, OP_SEAL, OP_RPC, OP_RESPONSE
	};
	struct wire_header	 h = { WIRE_MAJOR, 0, 0, 0 };
	size_t			 used = WIRE_HEADER_SIZE;
	uint8_t			 op = fuzz_byte(f), length = fuzz_byte(f);
	uint8_t			 payload[1100];
	const struct keyinfo	*key;

	h.id = (uint32_t)c->nasked;
	key = &frontend_key(fuzz_below(f, KEYS))->info;
	if (op < 200)
		op = ops[op % nitems(ops)];
	memset(payload, 0x5a, sizeof(payload));
	memcpy(payload, &h.id, sizeof(h.id));
	payload[4] = (uint8_t)(c - clients);
	wire_item_put(buf, size, &used, WIRE_TAG_OPCODE, &op, 1);
	if (length & 1)
		wire_item_put(buf, size, &used, WIRE_TAG_SKI, key->ski,
		    WIRE_SKI_SIZE);
	else
		wire_item_put(buf, size, &used, WIRE_TAG_DIGEST, key->digest,
		    WIRE_DIGEST_SIZE);
	wire_item_put(buf, size, &used, WIRE_TAG_PAYLOAD, payload,
	    payload_length(length));
	h.length = (uint16_t)(used - WIRE_HEADER_SIZE);
	wire_header_encode(&h, buf);
	return (used);
}

void
client_ask(struct client *c, struct fuzz *f, size_t n)
{
	uint8_t	 buf[2048];

	while (n-- > 0)
		client_send(c, buf, make_request(c, f, buf, sizeof(buf)));
}

void
client_rave(struct client *c, struct fuzz *f)
{
	uint8_t	 buf[UINT8_MAX];
	size_t	 n = fuzz_byte(f);

	if (n > f->left)
		n = f->left;
	fuzz_fill(f, buf, n);
	client_send(c, buf, n);
}

/* ---- what it is answered */

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
		/* As sign() of conn_signers.c makes it. */
		return (a->has_opcode && n == 9 && p[8] == a->opcode &&
		    memcmp(p, a->begin, 8) == 0);
	}
	return (0);
}

/* The first request with this id and state that fits b, if it is not NULL. */
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

/* Take the answers of got that are whole by now. */
static void
take_answers(struct client *c)
{
	struct wire_header	 h;
	size_t			 size;

	while (buf_length(&c->got) >= WIRE_HEADER_SIZE) {
		wire_header_decode(buf_data(&c->got), &h);
		size = WIRE_HEADER_SIZE + (size_t)h.length;
		if (buf_length(&c->got) < size)
			return;
		take_answer(c, &h, buf_data(&c->got) + WIRE_HEADER_SIZE);
		buf_consume(&c->got, size);
	}
}

int
client_read(struct client *c)
{
	static uint8_t	 bytes[65536];
	ssize_t		 n;
	int		 any = 0;

	if (c->fd == -1)
		return (0);
	while ((n = recv(c->fd, bytes, sizeof(bytes), 0)) > 0) {
		REQUIRE(buf_append(&c->got, bytes, (size_t)n) == 0);
		any = 1;
	}
	/* With a reset, if there was something that is never read. */
	if (n == 0 || (c->may_end && errno == ECONNRESET))
		c->ended = 1;
	else
		REQUIRE(errno == EAGAIN);
	take_answers(c);
	if (c->ended) {
		REQUIRE(c->may_end && buf_length(&c->got) == 0);
		REQUIRE(c->was_late || c->nanswered >= c->before);
	}
	return (any);
}

int
clients_read(void)
{
	size_t	 i;
	int	 any = 0;

	for (i = 0; i < CLIENTS; i++)
		any |= client_read(&clients[i]);
	return (any);
}

void
clients_drain(void)
{
	struct client	*c;

	for (c = clients; c < clients + CLIENTS; c++) {
		/* After the first one it may be closed, and not know. */
		if (!c->may_end)
			c->before = c->nasked;
		c->may_end = 1;
	}
}

void
clients_late(void)
{
	size_t	 i;

	for (i = 0; i < CLIENTS; i++)
		clients[i].was_late = 1;
}

size_t
clients_answered(void)
{
	size_t	 i, n = 0;

	for (i = 0; i < CLIENTS; i++)
		n += clients[i].nanswered;
	return (n);
}

void
clients_end(void)
{
	struct client	*c;

	for (c = clients; c < clients + CLIENTS; c++) {
		REQUIRE(c->fd == -1 || c->ended || !frontend_draining());
		REQUIRE(c->ended || c->nanswered == c->nasked);
		client_close(c);
	}
}
