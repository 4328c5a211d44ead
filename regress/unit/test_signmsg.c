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

static void
make_pair(int *fd)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1)
		abort();
}

/* A request whose every byte follows from its number. */
static void
make_request(struct sign_request *r, uint32_t number)
{
	memset(r, 0, sizeof(*r));
	r->id = 0x0102030400000000 + number;
	r->key = number;
	r->opcode = 0x05;
	r->length = SIGNMSG_DATA_MAX;
	memset(r->data, (int)number, sizeof(r->data));
}

static int
is_request(const struct sign_request *r, uint32_t number)
{
	struct sign_request	 want;

	make_request(&want, number);
	return (memcmp(r, &want, sizeof(want)) == 0);
}

static void
put(int fd, const void *bytes, size_t n)
{
	if (send(fd, bytes, n, 0) != (ssize_t)n)
		abort();
}

static void
test_layout(void)
{
	CHECK(SIGNMSG_RECORD == 1040);
	CHECK(sizeof(struct sign_reply) == SIGNMSG_RECORD);
	CHECK(sizeof(in.buf.bytes) == SIGNMSG_BATCH * SIGNMSG_RECORD);
}

/* One record a byte at a time: it is there with its last byte. */
static void
test_bytes(void)
{
	struct sign_request	 r;
	size_t			 i, n;
	int			 fd[2];

	make_pair(fd);
	memset(&in, 0, sizeof(in));
	make_request(&r, 7);
	for (i = 0; i < sizeof(r); i++) {
		put(fd[0], (const uint8_t *)&r + i, 1);
		CHECK(signmsg_read(&in, fd[1], 0, &n) == 1);
		CHECK(n == (i == sizeof(r) - 1));
	}
	CHECK(is_request(&in.buf.request[0], 7));
	close(fd[0]);
	close(fd[1]);
}

/* Records in pieces that never end where a record ends. */
static void
test_partial(void)
{
	struct sign_request	*all;
	size_t			 at = 0, i, n, piece = 2 * SIGNMSG_RECORD + 17;
	uint32_t		 next = 0;
	int			 fd[2];

	make_pair(fd);
	memset(&in, 0, sizeof(in));
	if ((all = calloc(50, sizeof(*all))) == NULL)
		abort();
	for (i = 0; i < 50; i++)
		make_request(&all[i], (uint32_t)i);
	while (at < 50 * sizeof(*all)) {
		if (piece > 50 * sizeof(*all) - at)
			piece = 50 * sizeof(*all) - at;
		put(fd[0], (const uint8_t *)all + at, piece);
		at += piece;
		CHECK(signmsg_read(&in, fd[1], 0, &n) == 1);
		for (i = 0; i < n; i++)
			CHECK(is_request(&in.buf.request[i], next++));
		CHECK(next == at / SIGNMSG_RECORD);
	}
	CHECK(next == 50);
	free(all);
	close(fd[0]);
	close(fd[1]);
}

/* More than a batch waits: a read brings a batch and no more. */
static void
test_batches(void)
{
	struct sign_request	 r;
	size_t			 i, k, n;
	uint32_t		 next = 0;
	int			 fd[2], size = 1 << 20;

	make_pair(fd);
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	memset(&in, 0, sizeof(in));
	/* A half record in front moves all boundaries. */
	make_request(&r, 0);
	put(fd[0], &r, 500);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 1 && n == 0);
	put(fd[0], (const uint8_t *)&r + 500, sizeof(r) - 500);
	for (i = 1; i < 2 * SIGNMSG_BATCH + 3; i++) {
		make_request(&r, (uint32_t)i);
		put(fd[0], &r, sizeof(r));
	}
	for (k = 0; k < 3; k++) {
		CHECK(signmsg_read(&in, fd[1], 0, &n) == 1);
		CHECK(n == (k < 2 ? SIGNMSG_BATCH : 3));
		for (i = 0; i < n; i++)
			CHECK(is_request(&in.buf.request[i], next++));
	}
	CHECK(next == 2 * SIGNMSG_BATCH + 3);
	/* Nothing is there now; what was returned is dropped all the same. */
	CHECK(signmsg_read(&in, fd[1], MSG_DONTWAIT, &n) == -1);
	CHECK((errno == EAGAIN || errno == EWOULDBLOCK) && n == 0);
	CHECK(in.end == 0);
	/* The end of the stream, with a record cut short before it. */
	put(fd[0], &r, 10);
	close(fd[0]);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 1 && n == 0);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 0 && n == 0);
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

/*
 * Replies to all that a frontend may have in flight, and SIGN_BEGUN for each,
 * fit even if they go one by one and nobody reads; then there is no waiting.
 */
static void
test_write(void)
{
	struct sign_reply	 r;
	size_t			 i, j, n, next = 0;
	int			 fd[2], room = SIGNMSG_ROOM;

	make_pair(fd);
	CHECK(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &room,
	    sizeof(room)) == 0);
	for (i = 0; i < 2 * SIGNMSG_BATCH; i++) {
		memset(&r, (int)i, sizeof(r));
		r.id = i;
		CHECK(signmsg_write(fd[0], &r, 1) == 0);
	}
	memset(&in, 0, sizeof(in));
	while (next < i && signmsg_read(&in, fd[1], 0, &n) == 1)
		for (j = 0; j < n; j++, next++) {
			memset(&r, (int)next, sizeof(r));
			r.id = next;
			CHECK(memcmp(&in.buf.reply[j], &r, sizeof(r)) == 0);
		}
	CHECK(next == i);
	for (i = 0; i < 100000 && signmsg_write(fd[0], &r, 1) == 0; i++)
		;
	CHECK(i < 100000 && errno == EAGAIN);
	close(fd[0]);
	close(fd[1]);
}

/* A signal does not end a read that waits. */
static void
test_read_interrupted(void)
{
	struct sign_request	 r;
	size_t			 n;
	pid_t			 pid;
	int			 fd[2], status = -1;

	make_pair(fd);
	make_request(&r, 3);
	if ((pid = fork()) == -1)
		abort();
	if (pid == 0) {
		usleep(30000);
		put(fd[0], &r, sizeof(r));
		_exit(0);
	}
	memset(&in, 0, sizeof(in));
	interrupt(1);
	CHECK(signmsg_read(&in, fd[1], 0, &n) == 1 && n == 1);
	interrupt(0);
	CHECK(is_request(&in.buf.request[0], 3));
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	close(fd[0]);
	close(fd[1]);
}

/* The reader is gone: an error, and no signal. */
static void
test_write_closed(void)
{
	struct sign_reply	 r;
	int			 fd[2];

	memset(&r, 0, sizeof(r));
	make_pair(fd);
	close(fd[1]);
	CHECK(signmsg_write(fd[0], &r, 1) == -1 && errno == EPIPE);
	CHECK(signmsg_write(fd[0], &r, 0) == 0);
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
	r.suspect = 1;
	CHECK(sign_request_valid(&r));
	r.suspect = 2;
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
	test_bytes();
	test_partial();
	test_batches();
	test_write();
	test_read_interrupted();
	test_write_closed();
	test_request_valid();
	test_reply_valid();
	test_names();
	return (test_done());
}
