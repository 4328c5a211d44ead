/* Test: records between frontend and signers. */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "signmsg.h"
#include "test.h"

static struct signmsg_in	 in;

/* Nothing read yet. */
static void
start(size_t header)
{
	memset(&in, 0, sizeof(in));
	in.header = header;
}

static void
make_pair(int *fd)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1)
		abort();
}

/* A request whose every byte follows from its number: of all lengths. */
static void
make_request(struct sign_request *r, uint32_t number)
{
	memset(r, 0, sizeof(*r));
	r->id = 0x0102030400000000 + number;
	r->key = number;
	r->opcode = 0x05;
	r->turn = 0 - number;
	r->length = (uint16_t)(number * 73 % (SIGNMSG_DATA_MAX + 1));
	if (number % 7 == 0)
		r->length = SIGNMSG_DATA_MAX;
	memset(r->data, (int)number, r->length);
}

/* Whether the next record is that request, and no byte of another. */
static int
next_is(uint32_t number)
{
	struct sign_request	 r, want;

	make_request(&want, number);
	memset(&r, 0, sizeof(r));
	return (signmsg_request(&in, &r) == 0 &&
	    memcmp(&r, &want, sizeof(want)) == 0);
}

static void
put(int fd, const void *bytes, size_t n)
{
	if (send(fd, bytes, n, 0) != (ssize_t)n)
		abort();
}

static void
put_request(int fd, uint32_t number)
{
	struct sign_request	 r;

	make_request(&r, number);
	put(fd, &r, sign_request_size(&r));
}

static void
test_layout(void)
{
	struct sign_request	 r;

	CHECK(sizeof(struct sign_request) == 1048);
	CHECK(sizeof(struct sign_reply) == 1040);
	memset(&r, 0, sizeof(r));
	CHECK(sign_request_size(&r) == 20);
	r.length = 32;
	CHECK(sign_request_size(&r) == 52);
}

static void
test_turns(void)
{
	CHECK(sign_turn_before(1, 2) && !sign_turn_before(2, 1));
	CHECK(!sign_turn_before(7, 7));
	/* After the last one the first comes. */
	CHECK(sign_turn_before(UINT32_MAX, 0) &&
	    !sign_turn_before(0, UINT32_MAX));
	CHECK(sign_turn_before(0xfffffe00, 0x00000200));
}

/* One record a byte at a time: it is there with its last byte. */
static void
check_bytes(uint32_t number)
{
	struct sign_request	 r;
	size_t			 i, n;
	int			 fd[2];

	make_pair(fd);
	start(SIGNMSG_REQUEST);
	make_request(&r, number);
	for (i = 0; i < sign_request_size(&r); i++) {
		put(fd[0], (const uint8_t *)&r + i, 1);
		CHECK(signmsg_read(&in, fd[1], 0, &n) == 1);
		CHECK(n == (i == sign_request_size(&r) - 1));
	}
	CHECK(next_is(number));
	close(fd[0]);
	close(fd[1]);
}

static void
test_bytes(void)
{
	check_bytes(7);
	check_bytes(1);
	/* 1025 * 73 bytes of data, which is none at all. */
	check_bytes(1025);
}

/* Records in pieces that never end where a record ends. */
static void
test_partial(void)
{
	struct sign_request	 r;
	static uint8_t		 all[50 * SIGNMSG_RECORD_MAX];
	size_t			 end = 0, at = 0, n, piece = 2177;
	uint32_t		 i, next = 0;
	int			 fd[2];

	make_pair(fd);
	start(SIGNMSG_REQUEST);
	for (i = 0; i < 50; i++) {
		make_request(&r, i);
		memcpy(all + end, &r, sign_request_size(&r));
		end += sign_request_size(&r);
	}
	while (at < end) {
		if (piece > end - at)
			piece = end - at;
		put(fd[0], all + at, piece);
		at += piece;
		CHECK(signmsg_read(&in, fd[1], 0, &n) == 1);
		while (n-- > 0)
			CHECK(next_is(next++));
	}
	CHECK(next == 50);
	close(fd[0]);
	close(fd[1]);
}

/* More than the buffer holds waits; what does not fit comes next time. */
static void
test_full(void)
{
	size_t		 n;
	uint32_t	 i, next = 0;
	int		 fd[2], size = 1 << 20;

	make_pair(fd);
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	start(SIGNMSG_REQUEST);
	for (i = 0; i < 4 * SIGNMSG_BATCH; i++)
		put_request(fd[0], i);
	while (next < 4 * SIGNMSG_BATCH) {
		CHECK(signmsg_read(&in, fd[1], 0, &n) == 1 && n != 0);
		CHECK(in.end > sizeof(in.bytes) - SIGNMSG_RECORD_MAX ||
		    next + n == 4 * SIGNMSG_BATCH);
		while (n-- > 0)
			CHECK(next_is(next++));
	}
	/* Nothing is there now. */
	CHECK(signmsg_read(&in, fd[1], MSG_DONTWAIT, &n) == -1);
	CHECK((errno == EAGAIN || errno == EWOULDBLOCK) && n == 0);
	CHECK(in.end == 0);
	/* The end of the stream, with a record cut short before it. */
	put(fd[0], "0123456789", 10);
	close(fd[0]);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 1 && n == 0);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 0 && n == 0);
	close(fd[1]);
}

/* A record that is too long is refused at once, unread. */
static void
test_too_long(void)
{
	struct sign_request	 r, got;
	size_t			 n;
	int			 fd[2];

	make_pair(fd);
	start(SIGNMSG_REQUEST);
	put_request(fd[0], 5);
	make_request(&r, 6);
	r.length = SIGNMSG_DATA_MAX + 1;
	put(fd[0], &r, SIGNMSG_REQUEST);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 1 && n == 2);
	CHECK(next_is(5));
	memset(&got, 0xaa, sizeof(got));
	CHECK(signmsg_request(&in, &got) == -1);
	CHECK(got.data[0] == 0xaa);
	close(fd[0]);
	close(fd[1]);
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* Interrupt this process's system calls every two milliseconds, or no more. */
static void
interrupt(int on)
{
	struct itimerval	 it;
	struct sigaction	 sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_alarm;	/* and no SA_RESTART */
	memset(&it, 0, sizeof(it));
	it.it_interval.tv_usec = it.it_value.tv_usec = on ? 2000 : 0;
	if (sigaction(SIGALRM, &sa, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &it, NULL) == -1)
		abort();
}

static void
make_reply(struct sign_reply *r, uint64_t id)
{
	memset(r, 0, sizeof(*r));
	r->id = id;
	r->us = (uint32_t)id + 17;
	r->status = SIGN_OK;
	r->length = (uint16_t)(SIGNMSG_DATA_MAX - id % 3);
	memset(r->data, (int)id, r->length);
}

static int
write_one(int fd, const struct sign_reply *r)
{
	static struct signmsg_out	 out;

	signmsg_add(&out, r);
	CHECK(out.n == 1);
	return (signmsg_write(&out, fd));
}

/*
 * Replies to all that a frontend may have in flight, and SIGN_BEGUN for each,
 * fit even if they go one by one and nobody reads; then there is no waiting.
 */
static void
test_write(void)
{
	struct sign_reply	 r, got;
	size_t			 i, n, next = 0;
	int			 fd[2], room = SIGNMSG_ROOM;

	make_pair(fd);
	CHECK(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &room,
	    sizeof(room)) == 0);
	for (i = 0; i < 2 * SIGNMSG_BATCH; i++) {
		make_reply(&r, i);
		CHECK(write_one(fd[0], &r) == 0);
	}
	start(SIGNMSG_REPLY);
	while (next < i && signmsg_read(&in, fd[1], 0, &n) == 1)
		for (; n > 0; n--, next++) {
			make_reply(&r, next);
			memset(&got, 0, sizeof(got));
			CHECK(signmsg_reply(&in, &got) == 0);
			CHECK(memcmp(&got, &r, sizeof(r)) == 0);
		}
	CHECK(next == i);
	for (i = 0; i < 100000 && write_one(fd[0], &r) == 0; i++)
		;
	CHECK(i < 100000 && errno == EAGAIN);
	close(fd[0]);
	close(fd[1]);
}

/* Replies that were held go together, each as long as it is. */
static void
test_write_many(void)
{
	static struct signmsg_out	 out;
	struct sign_reply		 r;
	size_t				 i, n, length = 0;
	int				 fd[2];

	make_pair(fd);
	for (i = 0; i < SIGNMSG_BATCH; i++) {
		make_reply(&r, i);
		r.length = (uint16_t)i;
		length += SIGNMSG_REPLY + i;
		signmsg_add(&out, &r);
	}
	CHECK(out.n == SIGNMSG_BATCH && out.length == length);
	CHECK(signmsg_write(&out, fd[0]) == 0);
	CHECK(out.n == 0 && out.length == 0);
	start(SIGNMSG_REPLY);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 1 && n == SIGNMSG_BATCH);
	CHECK(in.end == length);
	for (i = 0; i < n; i++)
		CHECK(signmsg_reply(&in, &r) == 0 && r.id == i &&
		    r.length == i);
	close(fd[0]);
	close(fd[1]);
}

/* A signal does not end a read that waits. */
static void
test_read_interrupted(void)
{
	size_t	 n;
	pid_t	 pid;
	int	 fd[2], status = -1;

	make_pair(fd);
	if ((pid = fork()) == -1)
		abort();
	if (pid == 0) {
		usleep(30000);
		put_request(fd[0], 3);
		_exit(0);
	}
	start(SIGNMSG_REQUEST);
	interrupt(1);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 1 && n == 1);
	interrupt(0);
	CHECK(next_is(3));
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	close(fd[0]);
	close(fd[1]);
}

/* The reader is gone: an error, and no signal. */
static void
test_write_closed(void)
{
	struct signmsg_out	*out;
	struct sign_reply	 r;
	int			 fd[2];

	make_reply(&r, 1);
	make_pair(fd);
	close(fd[1]);
	CHECK(write_one(fd[0], &r) == -1 && errno == EPIPE);
	if ((out = calloc(1, sizeof(*out))) == NULL)
		abort();
	CHECK(signmsg_write(out, fd[0]) == 0);
	free(out);
	close(fd[0]);
}

static void
test_request_valid(void)
{
	struct sign_request	 r;

	make_request(&r, 1);
	CHECK(sign_request_valid(&r));
	r.length = 0;
	CHECK(sign_request_valid(&r));
	r.length = SIGNMSG_DATA_MAX + 1;
	CHECK(!sign_request_valid(&r));
	r.length = UINT16_MAX;
	CHECK(!sign_request_valid(&r));
	make_request(&r, 1);
	r.flags = SIGN_SUSPECT | SIGN_YIELD;
	CHECK(sign_request_valid(&r));
	r.flags = SIGN_YIELD << 1;
	CHECK(!sign_request_valid(&r));
	/* What the request asks for is the signer's to judge. */
	make_request(&r, UINT32_MAX);
	r.opcode = 0;
	CHECK(sign_request_valid(&r));
}

static void
test_reply_valid(void)
{
	struct sign_reply	 r;
	size_t			 i;

	memset(&r, 0, sizeof(r));
	CHECK(sign_reply_valid(&r));
	r.length = SIGNMSG_DATA_MAX;
	CHECK(sign_reply_valid(&r));
	r.length = SIGNMSG_DATA_MAX + 1;
	CHECK(!sign_reply_valid(&r));
	r.length = 0;
	r.zero = 1;
	CHECK(!sign_reply_valid(&r));
	r.zero = 0;
	for (i = SIGN_OK + 1; i <= SIGN_STATUS_MAX; i++) {
		r.status = (uint8_t)i;
		r.length = 0;
		CHECK(sign_reply_valid(&r));
		/* A failure carries no data. */
		r.length = 1;
		CHECK(!sign_reply_valid(&r));
	}
	r.length = 0;
	r.status = SIGN_STATUS_MAX + 1;
	CHECK(!sign_reply_valid(&r));
	r.status = 255;
	CHECK(!sign_reply_valid(&r));
}

static void
test_names(void)
{
	int	 i;

	for (i = 0; i <= SIGN_STATUS_MAX; i++)
		CHECK(strcmp(sign_status_name(i), "unknown") != 0);
	CHECK_STR(sign_status_name(SIGN_OK), "ok");
	CHECK_STR(sign_status_name(SIGN_STATUS_MAX + 1), "unknown");
	CHECK_STR(sign_status_name(-1), "unknown");
}

int
main(void)
{
	test_layout();
	test_turns();
	test_bytes();
	test_partial();
	test_full();
	test_too_long();
	test_write();
	test_write_many();
	test_read_interrupted();
	test_write_closed();
	test_request_valid();
	test_reply_valid();
	test_names();
	return (test_done());
}
