/* Signer: requests from the frontends in batches, orders from the parent. */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "signer.h"
#include "waiting.h"

/* Requests served before the parent is looked at again: a look is cheap. */
#define ROUND	64

#define LOOK	1000		/* us between looks for what may go before */
#define YIELD	250		/* the same, while a frontend is in a hurry */
#define HOLD	(SIGNMSG_AHEAD / 2)	/* us that a reply waits for others */
#define LONG	200		/* us of work, to keep nobody waiting */
#define FEW	4		/* requests whose replies do not wait */

/* The request sockets that the parent handed over, in no order. */
static struct request_channel {
	uint32_t		 frontend;	/* its number */
	int			 fd;
	struct signmsg_in	 in;
	uint64_t		 looked;	/* us: when it was read last */
	struct waiting		 waiting;
	size_t			 most;		/* waited since some came */
	int			 hurry;		/* it wants the processor */
	struct signmsg_out	 out;		/* replies that wait */
	uint64_t		 since;		/* us: the first one is there */
	int			 secret;	/* there is one among them */
}		*channels[MSG_FRONTENDS_MAX];
static size_t	 nchannels;

uint64_t	 serve_request;

static struct sign_reply	 reply;
static uint64_t			 now;	/* us, monotonic, as last looked at */

/* The last channel takes its place. */
static void
channel_close(size_t i)
{
	struct request_channel	*ch = channels[i];

	close(ch->fd);
	freezero(ch, sizeof(*ch));
	explicit_bzero(&reply, sizeof(reply));
	channels[i] = channels[--nchannels];
}

static void
channels_close(void)
{
	while (nchannels != 0)
		channel_close(nchannels - 1);
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
		if (channels[i]->frontend != frontend)
			continue;
		channel_close(i);
		break;
	}
	if ((ch = calloc(1, sizeof(*ch))) == NULL)
		fatal("calloc");
	ch->frontend = frontend;
	ch->fd = fd;
	ch->in.header = SIGNMSG_REQUEST;
	waiting_init(&ch->waiting);
	channels[nchannels++] = ch;
	log_debug("request channel opened frontend=%u", frontend);
}

/* Whether the answer to the request is a secret. */
static int
is_decrypt(const struct sign_request *req)
{
	const struct opcode_info	*op = opcode_find(req->opcode);

	return (op != NULL && op->class == OPC_DECRYPT);
}

static void
look_at_clock(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/*
 * Take the requests that have come: 1 if there were any, 0 if not, -1 when the
 * channel is over.
 */
static int
channel_read(struct request_channel *ch)
{
	size_t	 n;
	int	 got;

	ch->looked = now;
	got = signmsg_read(&ch->in, ch->fd, MSG_DONTWAIT, &n);
	if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return (0);
	if (got == -1)
		log_warn("cannot read from the frontend frontend=%u",
		    ch->frontend);
	else if (got == 0)
		log_debug("request channel closed frontend=%u", ch->frontend);
	if (got != 1)
		return (-1);
	if (n > SIGNMSG_BATCH - ch->waiting.n)
		fatalx("too many requests from the frontend n=%zu",
		    ch->waiting.n + n);
	while (n-- > 0)
		if (waiting_take(&ch->waiting, &ch->in) == -1)
			fatalx("malformed request from the frontend");
	ch->most = ch->waiting.n;
	return (1);
}

/*
 * Write the replies that are held and leave nothing secret behind.  They wait
 * for no frontend: see signmsg.h.
 */
static int
send_replies(struct request_channel *ch)
{
	size_t	 n = ch->out.n, length = ch->out.length;
	int	 status;

	if (n == 0)
		return (0);
	status = signmsg_write(&ch->out, ch->fd);
	if (status == -1)
		log_warn("cannot reply to the frontend frontend=%u lost=%zu",
		    ch->frontend, n);
	if (ch->secret) {
		explicit_bzero(ch->out.bytes, length);
		explicit_bzero(&reply, sizeof(reply));
		ch->secret = 0;
	}
	return (status);
}

/* If this process dies of the request, its frontend knows that it was it. */
static int
send_begun(struct request_channel *ch, const struct sign_request *req)
{
	if (send_replies(ch) == -1)
		return (-1);
	memset(&reply, 0, SIGNMSG_REPLY);
	reply.id = req->id;
	reply.status = SIGN_BEGUN;
	signmsg_add(&ch->out, &reply);
	return (send_replies(ch));
}

/*
 * Whether the replies have waited enough for others, when an operation has
 * taken so long.  A few short ones are all that their clients sent: they wait
 * for the answer.  Of others that take long the first half goes, so that new
 * ones come before the other half is done.
 */
static int
replies_due(const struct request_channel *ch, uint64_t took)
{
	size_t	 left = ch->waiting.n;

	return (ch->out.n == SIGNMSG_BATCH || now - ch->since >= HOLD ||
	    (ch->most <= FEW && took < LONG) ||
	    (left == ch->most / 2 && took * left >= LONG));
}

static void
set_hurry(struct request_channel *ch, int hurry)
{
	if (ch->hurry == hurry)
		return;
	ch->hurry = hurry;
	log_debug("%s frontend=%u", hurry ? "the frontend is in a hurry" :
	    "the frontend has time", ch->frontend);
}

/* Answer the next request; -1 when nobody takes the reply. */
static int
answer_next(struct keyring *ring, struct request_channel *ch)
{
	uint64_t		 begun = now;
	struct sign_request	*req;
	int			 overtook;

	req = waiting_first(&ch->waiting, &overtook);
	if ((req->flags & SIGN_SUSPECT) && send_begun(ch, req) == -1)
		return (-1);
	set_hurry(ch, (req->flags & SIGN_YIELD) != 0);
	serve_request = req->id;
	key_answer(ring, req, &reply);
	look_at_clock();
	reply.us = (uint32_t)(now - begun);
	if (ch->out.n == 0)
		ch->since = now;
	ch->secret |= is_decrypt(req);
	signmsg_add(&ch->out, &reply);
	waiting_done(&ch->waiting);
	if (overtook || replies_due(ch, now - begun))
		return (send_replies(ch));
	return (0);
}

/*
 * Between two requests, now and then, see what has come that may go before.
 * The frontend may need the processor for that.  -1: the channel is over.
 */
static int
channel_look(struct request_channel *ch)
{
	if (now - ch->looked < (ch->hurry ? YIELD : LOOK))
		return (0);
	if (ch->hurry) {
		sched_yield();
		look_at_clock();
	}
	return (channel_read(ch) == -1 ? -1 : 0);
}

/*
 * Answer one request and see what else has come.  With none left the replies
 * wait for nothing.  -1: the channel is over.
 */
static int
channel_serve(struct keyring *ring, struct request_channel *ch)
{
	if (answer_next(ring, ch) == -1)
		return (-1);
	if (ch->waiting.n != 0)
		return (channel_look(ch));
	if (channel_read(ch) == -1)
		return (-1);
	return (ch->waiting.n == 0 ? send_replies(ch) : 0);
}

/* Whether requests wait. */
static int
work_left(void)
{
	size_t	 i;

	for (i = 0; i < nchannels; i++)
		if (channels[i]->waiting.n != 0)
			return (1);
	return (0);
}

/* Whether to see what has come from other frontends. */
static int
others_may_wait(uint64_t begun)
{
	return (nchannels > 1 && now - begun >= LOOK);
}

/*
 * Answer about ROUND requests, or those of a while, of each frontend one in
 * turn.  When the token is lost, the rest is left to another process.
 */
static void
serve_round(struct keyring *ring)
{
	uint64_t	 begun = now;
	size_t		 i, served = 0, before;

	do {
		before = served;
		/* From the last to the first: see channel_close(). */
		for (i = nchannels; i-- > 0;) {
			if (channels[i]->waiting.n == 0)
				continue;
			if (backend.failure() != NULL)
				return;
			served++;
			if (channel_serve(ring, channels[i]) == -1)
				channel_close(i);
		}
	} while (served != before && served < ROUND && !others_may_wait(begun));
}

/* Take what has come from those that poll(2) names. */
static void
channels_read(const struct pollfd *pfd)
{
	size_t	 i;

	for (i = nchannels; i-- > 0;)
		if (pfd[i].revents != 0 && channel_read(channels[i]) == -1)
			channel_close(i);
}

/* What was done before the store failed is done. */
static void
send_all_replies(void)
{
	size_t	 i;

	for (i = 0; i < nchannels; i++)
		(void)send_replies(channels[i]);
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
		pfd[1 + i].fd = channels[i]->fd;
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
		if (poll(pfd, poll_all(parent, pfd), work_left() ? 0 :
		    backend.report_wait()) == -1) {
			if (errno == EINTR)
				continue;
			fatal("poll");
		}
		look_at_clock();
		/* The parent first: it may replace a channel. */
		if (pfd[0].revents != 0)
			stop = parent_read(parent);
		else {
			channels_read(pfd + 1);
			serve_round(ring);
		}
	}
	send_all_replies();
	channels_close();
}
