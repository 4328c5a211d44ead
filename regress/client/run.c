/* Test client: requests over one connection, a limited number in flight. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "compat.h"

#define COMPLAINTS_MAX	10

struct run {
	const struct options	*options;
	struct conn		*conn;
	struct pending		 pending;
	struct request		**queue;	/* all not yet sent */
	size_t			 size;
	size_t			 count;
	size_t			 sent;
	size_t			 failed;	/* since run_all() began */
	int			 print;		/* every answer */
};

struct run *
run_new(const struct options *o)
{
	struct run	*run = must_alloc(sizeof(*run));

	run->options = o;
	run->print = o->verbose;
	return (run);
}

void
run_free(struct run *run)
{
	conn_close(run->conn);
	free(run->queue);
	free(run);
}

struct conn *
run_conn(struct run *run)
{
	const struct options	*o = run->options;

	if (run->conn != NULL)
		return (run->conn);
	if ((run->conn = conn_open(o)) == NULL)
		die("%s port %s: %s", o->host, o->port, strerror(errno));
	if (conn_handshake(run->conn, o->timeout) == -1)
		die("handshake: %s", conn_error(run->conn));
	return (run->conn);
}

void
run_reconnect(struct run *run)
{
	conn_close(run->conn);
	run->conn = NULL;
	run_conn(run);
}

void
run_add(struct run *run, struct request *r)
{
	if (run->count == run->size) {
		run->size = 2 * run->size + 16;
		run->queue = reallocarray(run->queue, run->size,
		    sizeof(*run->queue));
		if (run->queue == NULL)
			die("no memory");
	}
	request_encode(r, run->options);
	run->queue[run->count++] = r;
}

static void
send_more(struct run *run)
{
	struct request	*r;

	while (run->pending.count < run->options->depth &&
	    run->sent < run->count) {
		r = run->queue[run->sent++];
		pending_add(&run->pending, r);
		conn_queue(run->conn, r->message, r->message_length);
	}
}

static void
failure(struct run *run)
{
	if (++run->failed == COMPLAINTS_MAX) {
		complain("too many failures, giving up");
		exit(1);
	}
}

/* Match what has come with its requests; returns the number of answers. */
static size_t
take_answers(struct run *run)
{
	struct answer	 a;
	struct request	*r;
	size_t		 n = 0;
	int		 status;

	while ((status = conn_next(run->conn, &a)) != 0) {
		n++;
		if (status == -1) {
			failure(run);
			continue;
		}
		if (run->print)
			answer_print(&a);
		if ((r = pending_take(&run->pending, a.header.id)) == NULL) {
			complain("answer id=0x%08x to no request in flight",
			    a.header.id);
			failure(run);
			continue;
		}
		if (answer_check(r, &a) == -1)
			failure(run);
		request_free(r);
	}
	return (n);
}

/* The connection is over or stands still: nothing more will come. */
static void
give_up(struct run *run, const char *why)
{
	complain("%s: %zu of %zu requests unanswered", why,
	    run->pending.count, run->count);
	exit(1);
}

static void
await_answers(struct run *run)
{
	int	 over;

	while (run->sent < run->count || run->pending.count != 0) {
		send_more(run);
		over = conn_work(run->conn) == -1;
		if (take_answers(run) != 0 && !over)
			continue;
		if (over && run->pending.count != 0)
			give_up(run, conn_error(run->conn));
		if (over)
			return;
		if (conn_wait(run->conn, run->options->timeout) == -1)
			give_up(run, "timed out");
	}
}

size_t
run_all(struct run *run)
{
	run_conn(run);
	run->failed = 0;
	await_answers(run);
	run->count = run->sent = 0;
	return (run->failed);
}

/* A request to be answered, from a whole message; of unknown content. */
static void
expect_answer(struct run *run, const uint8_t *message, size_t length)
{
	struct request		*r = request_new(0, NULL, NULL, 0);
	struct wire_body	 body;

	if (wire_body_parse(message + WIRE_HEADER_SIZE,
	    length - WIRE_HEADER_SIZE, &body) == 0)
		r->opcode = body.opcode;
	r->verify = 0;
	r->message = must_alloc(length);
	r->message_length = length;
	memcpy(r->message, message, length);
	r->expect = run->options->expect == WIRE_OK ? EXPECT_ANY :
	    run->options->expect;
	pending_put(&run->pending, r);
}

size_t
run_raw(struct run *run, const uint8_t *bytes, size_t length)
{
	struct wire_header	 h;
	size_t			 at = 0, size;

	run_conn(run);
	run->failed = 0;
	run->print = 1;
	while (length - at >= WIRE_HEADER_SIZE) {
		wire_header_decode(bytes + at, &h);
		size = WIRE_HEADER_SIZE + h.length;
		if (length - at < size)
			break;
		expect_answer(run, bytes + at, size);
		at += size;
	}
	conn_queue(run->conn, bytes, length);
	await_answers(run);
	while (conn_queued(run->conn) != 0 && conn_work(run->conn) == 0)
		if (conn_queued(run->conn) != 0 &&
		    conn_wait(run->conn, run->options->timeout) == -1)
			give_up(run, "timed out");
	run->print = run->options->verbose;
	return (run->failed);
}

int
run_hold(struct run *run, int ms, int use_stdin)
{
	struct conn	*c = run_conn(run);
	struct pollfd	 pfd[2];
	uint64_t	 end = now_ms() + (uint64_t)ms, now;

	pfd[0].fd = conn_fd(c);
	pfd[1].fd = use_stdin ? STDIN_FILENO : -1;
	pfd[1].events = POLLIN;
	run->failed = 0;
	while ((now = now_ms()) < end) {
		pfd[0].events = conn_events(c);
		if (poll(pfd, 2, (int)(end - now)) == -1 && errno != EINTR)
			die("poll: %s", strerror(errno));
		if (conn_work(c) == -1)
			return (0);
		if (take_answers(run) != 0)
			die("an answer to nothing");
		if (pfd[1].revents != 0)
			break;
	}
	return (1);
}
