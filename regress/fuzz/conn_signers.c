/* Fuzzer of connections: signers, honest or not. */
#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "compat.h"
#include "conn_played.h"

struct signer {
	int			 fd;		/* -1: none */
	uint32_t		 set;
	uint32_t		 slot;
	uint32_t		 id;
	struct buf		 got;
	struct sign_reply	 reply;
	size_t			 partial;	/* bytes of it that are out */
	struct sign_request	 left;		/* for later */
	int			 has_left;
};

static struct signer	 signers[SIGNERS];

void
signers_begin(void)
{
	uint32_t	 i;

	for (i = 0; i < SIGNERS; i++) {
		signers[i].fd = -1;
		signers[i].set = 1 + i / 2;
		signers[i].slot = i % 2;
	}
}

struct signer *
signer_number(size_t i)
{
	return (&signers[i]);
}

/* As the parent would tell of it. */
static struct msg_signer
describe(const struct signer *s, enum signer_state state)
{
	struct msg_signer	 m;

	memset(&m, 0, sizeof(m));
	m.id = s->id;
	m.set = s->set;
	m.slot = s->slot;
	m.state = state;
	return (m);
}

void
signer_connect(struct signer *s)
{
	static uint32_t		 last_id;
	struct msg_signer	 m;
	int			 sv[2];

	if (s->fd != -1)
		return;
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, sv) == 0);
	s->fd = sv[0];
	s->id = ++last_id;
	s->partial = 0;
	s->has_left = 0;
	m = describe(s, SIGNER_READY);
	queue_signer_connect(&m, sv[1]);
}

/* The process ends; the parent says so, now or a turn later. */
void
signer_die(struct signer *s, struct fuzz *f, int harmless,
    enum signer_state state)
{
	struct msg_signer	 m = describe(s, state);

	if (s->fd == -1)
		return;
	close(s->fd);
	s->fd = -1;
	buf_free(&s->got);
	if (fuzz_byte(f) & 1)
		front_turn();
	m.harmless = (uint32_t)harmless;
	queue_signer_state(&m);
}

void
signer_read(struct signer *s)
{
	static uint8_t	 bytes[65536];
	ssize_t		 n;

	if (s->fd == -1)
		return;
	while ((n = recv(s->fd, bytes, sizeof(bytes), 0)) > 0)
		REQUIRE(buf_append(&s->got, bytes, (size_t)n) == 0);
}

/* Take the oldest request that came; 0 when none is whole. */
static int
take_request(struct signer *s, struct sign_request *r)
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

/* The reply; a signature is what fits() of conn_clients.c expects. */
static void
sign(struct signer *s, const struct sign_request *r, enum sign_status status)
{
	/* The frontend lets nothing through that a signer must not see. */
	REQUIRE(sign_request_valid(r) && r->key < SET_KEYS);
	memset(&s->reply, 0, sizeof(s->reply));
	s->reply.id = r->id;
	s->reply.status = (uint8_t)status;
	s->reply.us = (uint32_t)r->id << 6;
	if (status != SIGN_OK)
		return;
	s->reply.length = 9;
	memcpy(s->reply.data, r->data, r->length < 8 ? r->length : 8);
	s->reply.data[8] = r->opcode;
}

/* Bytes of the reply; if it is too long for one, of what there is of it. */
static size_t
reply_size(const struct signer *s)
{
	return (s->reply.length > SIGNMSG_DATA_MAX ? sizeof(s->reply) :
	    SIGNMSG_REPLY + (size_t)s->reply.length);
}

/* Write n more bytes of the reply, or all that are left. */
static int
put(struct signer *s, size_t n)
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

int
signer_answer(struct signer *s, enum sign_status status)
{
	struct sign_request	 r;

	if (s->fd == -1)
		return (0);
	if (s->partial != 0)
		return (put(s, sizeof(s->reply)));
	signer_read(s);
	if (take_request(s, &r)) {
		/* Some are left for later: their turns say which. */
		if (!s->has_left && (r.turn & 512) != 0) {
			s->left = r;
			s->has_left = 1;
			return (1);
		}
	} else if (s->has_left) {
		r = s->left;
		s->has_left = 0;
	} else
		return (0);
	sign(s, &r, status);
	return (put(s, sizeof(s->reply)));
}

int
signer_serve(struct signer *s)
{
	int	 any = 0;

	while (signer_answer(s, SIGN_OK))
		any = 1;
	return (any);
}

int
signers_serve(void)
{
	size_t	 i;
	int	 any = 0;

	for (i = 0; i < SIGNERS; i++) {
		signer_connect(&signers[i]);
		any |= signer_serve(&signers[i]);
	}
	return (any);
}

void
signer_repeat(struct signer *s, struct fuzz *f)
{
	if (s->fd != -1)
		put(s, fuzz_byte(f) * 5U);
}

void
signer_lie(struct signer *s, struct fuzz *f)
{
	if (s->fd == -1 || s->partial != 0)
		return;
	memset(&s->reply, 0, sizeof(s->reply));
	fuzz_fill(f, &s->reply, 24);
	if (fuzz_byte(f) & 1) {
		s->reply.length %= SIGNMSG_DATA_MAX + 1;
		s->reply.status = SIGN_OK;
		s->reply.zero = 0;
	}
	/* It cannot know an id that it was not told: do not hit one. */
	s->reply.id |= (uint64_t)1 << 63;
	put(s, 1 + fuzz_u16(f) % sizeof(s->reply));
}

void
signers_end(struct fuzz *f)
{
	size_t	 i;

	for (i = 0; i < SIGNERS; i++)
		signer_die(&signers[i], f, 0, SIGNER_FAILED);
}
