/* Signer: requests from the frontends in batches, orders from the parent. */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "signer.h"

/* Requests served before the parent is looked at again: a look is cheap. */
#define ROUND	64

#define HOLD	SIGNMSG_WORK		/* us that a reply waits for others */
#define LONG	(SIGNMSG_WORK / 5)	/* us of work, to keep nobody waiting */
#define FEW	4			/* requests whose replies do not wait */

/* The request sockets that the parent handed over, in no order. */
static struct request_channel {
	uint32_t		 frontend;	/* its number */
	int			 fd;
	struct signmsg_in	*in;
} channels[MSG_FRONTENDS_MAX];
static size_t	 nchannels;

uint64_t	 serve_request;

/* Replies that wait for others, of the channel that is being served. */
static struct {
	struct signmsg_out	 out;
	uint64_t		 since;		/* us: the first one is there */
	int			 secret;	/* there is one among them */
} held;

static struct sign_request	 request;	/* under way */
static struct sign_reply	 reply;		/* to it */

static void
forget_replies(void)
{
	explicit_bzero(&held, sizeof(held));
	explicit_bzero(&reply, sizeof(reply));
}

/* The last channel takes its place. */
static void
channel_close(struct request_channel *ch)
{
	close(ch->fd);
	free(ch->in);
	forget_replies();
	*ch = channels[--nchannels];
}

static void
channels_close(void)
{
	while (nchannels != 0)
		channel_close(&channels[nchannels - 1]);
}

/* In place of the one that the frontend, or its predecessor, had before. */
static void
channel_open(uint32_t frontend, int fd)
{
	struct request_channel	*ch;
	size_t			 i;

	if (fd == -1 || frontend >= MSG_FRONTENDS_MAX)
		fatalx("bad MSG_SIGNER_CHANNEL frontend=%u fd=%d", frontend,
		    fd);
	for (i = 0; i < nchannels; i++) {
		if (channels[i].frontend != frontend)
			continue;
		channel_close(&channels[i]);
		break;
	}
	ch = &channels[nchannels++];
	ch->frontend = frontend;
	ch->fd = fd;
	if ((ch->in = calloc(1, sizeof(*ch->in))) == NULL)
		fatal("calloc");
	log_debug("request channel opened frontend=%u", frontend);
}

/* Whether the answer to the request is a secret. */
static int
is_decrypt(const struct sign_request *req)
{
	const struct opcode_info	*op = opcode_find(req->opcode);

	return (op != NULL && op->class == OPC_DECRYPT);
}

static uint64_t
monotonic_us(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

/*
 * Write the replies that are held and leave nothing secret behind.  They wait
 * for no frontend: see signmsg.h.
 */
static int
send_replies(const struct request_channel *ch)
{
	size_t	 n = held.out.n;
	int	 status;

	if (n == 0)
		return (0);
	status = signmsg_write(&held.out, ch->fd);
	if (status == -1)
		log_warn("cannot reply to the frontend frontend=%u lost=%zu",
		    ch->frontend, n);
	if (held.secret)
		forget_replies();
	return (status);
}

/* If this process dies of the request, its frontend knows that it was it. */
static int
send_begun(const struct request_channel *ch)
{
	if (send_replies(ch) == -1)
		return (-1);
	memset(&reply, 0, SIGNMSG_HEADER);
	reply.id = request.id;
	reply.status = SIGN_BEGUN;
	signmsg_add(&held.out, &reply);
	return (send_replies(ch));
}

/*
 * Whether the replies have waited enough for others, when an operation has
 * taken so long and so many requests are left, of n that came together.  A few
 * short ones are all that their clients sent: they wait for the answer.  Of
 * others that take long the first half goes, so that new ones come before the
 * other half is done.
 */
static int
replies_due(uint64_t now, uint64_t took, size_t left, size_t n)
{
	return (held.out.n == SIGNMSG_BATCH || now - held.since >= HOLD ||
	    (n <= FEW && took < LONG) ||
	    (left == n / 2 && took * left >= LONG));
}

/* The answer to the request, since last; returns what the time is then. */
static uint64_t
answer(struct keyring *ring, uint64_t last)
{
	uint64_t	 now;

	serve_request = request.id;
	key_answer(ring, &request, &reply);
	now = monotonic_us();
	reply.us = (uint32_t)(now - last);
	if (held.out.n == 0)
		held.since = now;
	held.secret |= is_decrypt(&request);
	signmsg_add(&held.out, &reply);
	return (now);
}

/*
 * Answer the n requests that were read; -1 when nobody takes the replies.  Some
 * are held, to travel with others.  When the token is lost, the rest is left
 * to another process.
 */
static int
answer_batch(struct keyring *ring, const struct request_channel *ch, size_t n)
{
	uint64_t	 last, now = monotonic_us();
	size_t		 left = n;

	if (n > SIGNMSG_BATCH)
		fatalx("too many requests from the frontend n=%zu", n);
	while (left-- > 0 && backend.failure() == NULL) {
		if (signmsg_request(ch->in, &request) == -1)
			fatalx("malformed request from the frontend");
		if (request.suspect && send_begun(ch) == -1)
			return (-1);
		last = now;
		now = answer(ring, last);
		if (replies_due(now, now - last, left, n) &&
		    send_replies(ch) == -1)
			return (-1);
	}
	return (0);
}

/* Whether others may have waited long enough since the turn began, in us. */
static int
turn_over(uint64_t begun)
{
	return (nchannels > 1 && monotonic_us() - begun >= SIGNMSG_WORK);
}

/*
 * Answer what there is, up to about ROUND requests or, where there are other
 * frontends, SIGNMSG_WORK; -1: the channel is over.
 */
static int
answer_all(struct keyring *ring, const struct request_channel *ch)
{
	uint64_t	 begun = nchannels > 1 ? monotonic_us() : 0;
	size_t		 n, served;
	int		 got;

	for (served = 0; served < ROUND && backend.failure() == NULL &&
	    (served == 0 || !turn_over(begun)); served += n) {
		got = signmsg_read(ch->in, ch->fd, MSG_DONTWAIT, &n);
		if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (got == -1)
			log_warn("cannot read from the frontend frontend=%u",
			    ch->frontend);
		else if (got == 0)
			log_debug("request channel closed frontend=%u",
			    ch->frontend);
		if (got != 1 || answer_batch(ring, ch, n) == -1)
			return (-1);
	}
	return (send_replies(ch));
}

static void
channel_serve(struct keyring *ring, struct request_channel *ch)
{
	if (answer_all(ring, ch) == -1)
		channel_close(ch);
}

/* A turn for each that has requests, from the last to the first: see close. */
static void
channels_serve(struct keyring *ring, const struct pollfd *pfd)
{
	size_t	 i;

	for (i = nchannels; i-- > 0 && backend.failure() == NULL;)
		if (pfd[i].revents != 0)
			channel_serve(ring, &channels[i]);
}

static void
set_log_level(const struct ipc_msg *msg)
{
	uint32_t	 level;

	if (ipc_get(msg, &level, sizeof(level)) == -1 ||
	    level > LOG_LEVEL_FATAL)
		fatalx("bad MSG_LOG_LEVEL length=%zu", msg->length);
	log_setlevel(level);
}

int
serve_order(struct ipc *parent, struct ipc_msg *msg)
{
	switch (msg->type) {
	case MSG_LOG_LEVEL:
		set_log_level(msg);
		return (0);
	case MSG_SIGNER_CHANNEL:
		if (msg->length != 0)
			fatalx("bad MSG_SIGNER_CHANNEL length=%zu",
			    msg->length);
		channel_open(msg->peer, ipc_take_fd(parent, msg));
		return (0);
	case MSG_STOP:
		if (msg->length != 0)
			fatalx("bad MSG_STOP length=%zu", msg->length);
		return (1);
	default:
		fatalx("unexpected message from the parent type=%u",
		    msg->type);
	}
}

/* All messages that are here already; 1 when this process is to leave. */
static int
parent_drain(struct ipc *parent)
{
	struct ipc_msg	 msg;
	int		 n;

	while ((n = ipc_next(parent, &msg)) == 1)
		if (serve_order(parent, &msg))
			return (1);
	if (n == -1)
		fatal("malformed message from the parent");
	return (0);
}

static int
parent_read(struct ipc *parent)
{
	int	 n;

	if ((n = ipc_read(parent)) == 1)
		return (parent_drain(parent));
	if (n == -1)
		log_warn("cannot read from the parent");
	else
		log_debug("parent is gone");
	return (1);
}

/* A parent that is gone is noticed by reading. */
static void
report_token(struct ipc *parent)
{
	struct msg_token	 token;
	struct msg_errors	 errors;

	if (!backend.report(&token))
		return;
	if (ipc_send(parent, MSG_SIGNER_TOKEN, 0, -1, &token,
	    sizeof(token)) == -1 ||
	    (backend.errors(&errors) && ipc_send(parent, MSG_SIGNER_ERRORS, 0,
	    -1, &errors, sizeof(errors)) == -1) || ipc_flush(parent) == -1)
		log_warn("cannot report to the parent");
}

/* What to wait for: the parent, then each frontend.  Returns how many. */
static nfds_t
poll_all(const struct ipc *parent, struct pollfd *pfd)
{
	size_t	 i;

	memset(pfd, 0, (1 + nchannels) * sizeof(*pfd));
	pfd[0].fd = ipc_fd(parent);
	pfd[0].events = POLLIN;
	for (i = 0; i < nchannels; i++) {
		pfd[1 + i].fd = channels[i].fd;
		pfd[1 + i].events = POLLIN;
	}
	return (1 + nchannels);
}

void
serve(struct ipc *parent, struct keyring *ring)
{
	struct pollfd	 pfd[1 + MSG_FRONTENDS_MAX];
	int		 stop;

	stop = parent_drain(parent);
	while (!stop && backend.failure() == NULL) {
		report_token(parent);
		if (poll(pfd, poll_all(parent, pfd),
		    backend.report_wait()) == -1) {
			if (errno == EINTR)
				continue;
			fatal("poll");
		}
		/* The parent first: it may replace a channel. */
		if (pfd[0].revents != 0)
			stop = parent_read(parent);
		else
			channels_serve(ring, pfd + 1);
	}
	channels_close();
}
