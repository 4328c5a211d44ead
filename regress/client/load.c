/*
 * Test client: a closed loop.  Each connection keeps a number of requests in
 * flight; every answer sends the next one, until enough were sent or the time
 * is over, or SIGTERM says so.  Without any answer for options.timeout, it
 * gives up.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "compat.h"

#define PAUSE	20	/* ms between two attempts to connect */

struct worker {
	struct conn		*conn;		/* NULL: none now */
	uint64_t		 retry;		/* ms: not to connect before */
	struct pending		 pending;
	struct request		**idle;		/* the last is sent next */
	size_t			 nidle;
	size_t			 nagain;	/* of them, the last: a lost
						 * connection answered none */
};

struct load {
	const struct options		*options;
	const struct opcode_info	*op;
	const struct pubkey		*key;
	struct worker			*workers;
	struct pollfd			*pfds;
	size_t				 nworkers;
	struct measure			*measure;
	uint64_t			 requests;	/* to send; 0: no end */
	uint64_t			 warm;		/* ms, until then */
	uint64_t			 end;		/* ms; 0: no end */
	uint64_t			 sent;
	uint64_t			 answers;
	uint64_t			 errors;	/* answers saying so */
	uint64_t			 bad;		/* wrong answers */
	uint64_t			 lost;		/* never answered */
	uint64_t			 resent;	/* once more */
	uint64_t			 reconnects;
	int				 complaints;
};

static volatile sig_atomic_t	 told_to_stop;

static void
on_term(int sig)
{
	(void)sig;
	told_to_stop = 1;
}

static struct request *
load_request(const struct load *l)
{
	struct request	*r;

	if (l->op->class == OPC_PING)
		r = request_ping(32);
	else if (l->op->class == OPC_DECRYPT)
		r = request_decrypt(l->op, l->key, BLOCK_RANDOM);
	else
		r = request_sign(l->op, l->key);
	request_encode(r, l->options);
	return (r);
}

static int
may_send(const struct load *l)
{
	if (told_to_stop || (l->requests != 0 && l->sent >= l->requests))
		return (0);
	return (l->end == 0 || now_ms() < l->end);
}

static void
worker_send(struct load *l, struct worker *w)
{
	struct request	*r;

	while (w->nidle != 0 && (w->nagain != 0 || may_send(l))) {
		r = w->idle[--w->nidle];
		pending_add(&w->pending, r);
		conn_queue(w->conn, r->message, r->message_length);
		r->sent = now_ns();
		if (w->nagain != 0) {
			w->nagain--;
			l->resent++;
		} else
			l->sent++;
	}
}

static void
load_complain(struct load *l, const char *what)
{
	if (l->complaints++ < 10)
		complain("%s", what);
}

/* What is in flight goes back to what is to be sent.  Returns how many. */
static size_t
worker_close(struct worker *w)
{
	struct request	*r;
	size_t		 i, n = w->pending.count;

	for (i = 0; i < PENDING_BUCKETS; i++) {
		while ((r = LIST_FIRST(&w->pending.buckets[i])) != NULL) {
			pending_take(&w->pending, r->id);
			w->idle[w->nidle++] = r;
		}
	}
	conn_close(w->conn);
	w->conn = NULL;
	return (n);
}

/* Requests in flight on a connection that is over are lost, or sent again. */
static void
worker_lose(struct load *l, struct worker *w)
{
	size_t	 n;

	load_complain(l, conn_error(w->conn));
	n = worker_close(w);
	if (l->options->resend)
		w->nagain += n;
	else
		l->lost += n;
	w->retry = now_ms() + PAUSE;
}

/* A request that was verified is replaced by one with other content. */
static void
worker_answer(struct load *l, struct worker *w, const struct answer *a)
{
	struct request	*r;

	if ((r = pending_take(&w->pending, a->header.id)) == NULL) {
		load_complain(l, "an answer to no request in flight");
		l->bad++;
		return;
	}
	measure_add(l->measure, r->sent);
	r->verify = l->answers++ % l->options->sample == 0;
	if (a->body.opcode == OP_ERROR && answer_format(a) == 0) {
		if (l->errors++ == 0)
			answer_print(a);
	} else if (answer_check(r, a) == -1)
		l->bad++;
	if (r->verify) {
		request_free(r);
		r = load_request(l);
	}
	w->idle[w->nidle++] = r;
}

/* What has come; whether there was anything. */
static int
worker_answers(struct load *l, struct worker *w)
{
	struct answer	 a;
	int		 answered = 0, status;

	while ((status = conn_next(w->conn, &a)) != 0) {
		answered = 1;
		if (status == 1)
			worker_answer(l, w, &a);
		else
			l->bad++;
	}
	return (answered);
}

static void
worker_work(struct load *l, struct worker *w)
{
	int	 over = conn_work(w->conn) == -1;

	/* Writing may read too: go on until no answer is left over. */
	while (worker_answers(l, w) && !over) {
		worker_send(l, w);
		over = conn_work_on(w->conn) == -1;
	}
	if (over)
		worker_lose(l, w);
}

/* Connections that were lost come back, if that was asked for. */
static void
reconnect(struct load *l, struct worker *w)
{
	if (!l->options->reconnect || now_ms() < w->retry ||
	    (w->nagain == 0 && !may_send(l)))
		return;
	w->retry = now_ms() + PAUSE;
	if ((w->conn = conn_open(l->options)) == NULL)
		return;
	l->reconnects++;
	worker_send(l, w);
	worker_work(l, w);
}

/* Fill in what to poll for; returns how many requests want an answer. */
static size_t
prepare_poll(struct load *l, size_t *open)
{
	struct worker	*w;
	size_t		 i, inflight = 0;

	*open = 0;
	for (i = 0; i < l->nworkers; i++) {
		w = &l->workers[i];
		if (w->conn == NULL)
			reconnect(l, w);
		l->pfds[i].fd = w->conn == NULL ? -1 : conn_fd(w->conn);
		l->pfds[i].events = w->conn == NULL ? 0 : conn_events(w->conn);
		*open += w->conn != NULL;
		inflight += w->pending.count + w->nagain;
	}
	return (inflight);
}

/*
 * Measuring begins after the time to warm up, and ends with the load: at the
 * latest with the answers that are due then, if there was no other.
 */
static void
look_at_clock(struct load *l)
{
	if (!measure_began(l->measure) && now_ms() >= l->warm)
		measure_begin(l->measure);
	if (!may_send(l) && measure_answers(l->measure))
		measure_end(l->measure);
}

/* One round: 0 when there is nothing more to do. */
static int
load_round(struct load *l, uint64_t *progress)
{
	uint64_t	 before = l->answers;
	size_t		 i, inflight, open;
	int		 n;

	look_at_clock(l);
	inflight = prepare_poll(l, &open);
	if (inflight == 0 && (!may_send(l) ||
	    (open == 0 && !l->options->reconnect)))
		return (0);
	if (now_ms() - *progress > (uint64_t)l->options->timeout) {
		load_complain(l, "timed out");
		return (0);
	}
	/* Short enough to see the end of the time, and to connect again. */
	if ((n = poll(l->pfds, (nfds_t)l->nworkers, 50)) == -1 &&
	    errno != EINTR)
		die("poll: %s", strerror(errno));
	for (i = 0; n > 0 && i < l->nworkers; i++)
		if (l->pfds[i].revents != 0)
			worker_work(l, &l->workers[i]);
	if (l->answers != before)
		*progress = now_ms();
	return (1);
}

static void
load_start(struct load *l)
{
	struct worker	*w;
	size_t		 i;

	for (i = 0; i < l->nworkers; i++) {
		w = &l->workers[i];
		w->idle = calloc(l->options->depth, sizeof(*w->idle));
		if (w->idle == NULL)
			die("no memory");
		while (w->nidle < l->options->depth)
			w->idle[w->nidle++] = load_request(l);
		if ((w->conn = conn_open(l->options)) == NULL)
			die("%s port %s: %s", l->options->host,
			    l->options->port, strerror(errno));
		if (conn_handshake(w->conn, l->options->timeout) == -1)
			die("handshake: %s", conn_error(w->conn));
	}
}

/* "1000" requests, or "10s" of time. */
static void
set_amount(struct load *l, const char *amount)
{
	char	*end;
	double	 n = strtod(amount, &end);

	if (end == amount || n <= 0)
		die("%s: neither a number nor a time", amount);
	if (*end == '\0')
		l->requests = (uint64_t)n;
	else if (strcmp(end, "s") == 0)
		l->end = l->warm + (uint64_t)(n * 1000);
	else
		die("%s: neither a number nor a time", amount);
}

static void
load_free(struct load *l)
{
	struct worker	*w;
	size_t		 i;

	for (i = 0; i < l->nworkers; i++) {
		w = &l->workers[i];
		while (w->nidle != 0)
			request_free(w->idle[--w->nidle]);
		free(w->idle);
	}
	free(l->workers);
	free(l->pfds);
	free(l->measure);
}

int
load(const struct options *o, const struct opcode_info *op,
    const struct pubkey *key, size_t nconns, const char *amount)
{
	struct load	 l;
	uint64_t	 begin, ms, progress;
	size_t		 i;

	if (op == NULL || (op->class != OPC_PING && key == NULL))
		die("load needs a ping, or an operation and its key");
	memset(&l, 0, sizeof(l));
	l.options = o;
	l.op = op;
	l.key = key;
	l.nworkers = nconns;
	l.workers = must_alloc(nconns * sizeof(*l.workers));
	l.pfds = must_alloc(nconns * sizeof(*l.pfds));
	signal(SIGTERM, on_term);
	load_start(&l);
	begin = progress = now_ms();
	l.warm = begin + (uint64_t)o->warm_up;
	l.measure = measure_new(o);
	set_amount(&l, amount);
	for (i = 0; i < nconns; i++) {
		worker_send(&l, &l.workers[i]);
		worker_work(&l, &l.workers[i]);
	}
	while (load_round(&l, &progress))
		;
	measure_end(l.measure);
	for (i = 0; i < nconns; i++)
		l.lost += worker_close(&l.workers[i]) + l.workers[i].nagain;
	ms = now_ms() - begin;
	printf("load requests=%llu answers=%llu errors=%llu bad=%llu "
	    "lost=%llu resent=%llu reconnects=%llu ms=%llu",
	    (unsigned long long)l.sent, (unsigned long long)l.answers,
	    (unsigned long long)l.errors, (unsigned long long)l.bad,
	    (unsigned long long)l.lost, (unsigned long long)l.resent,
	    (unsigned long long)l.reconnects, (unsigned long long)ms);
	measure_print(l.measure);
	printf("\n");
	load_free(&l);
	return (l.errors + l.bad + l.lost == 0 && l.answers != 0 ? 0 : -1);
}
