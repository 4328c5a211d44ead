/* Tests of keyless-signer/waiting.c: which request is next. */
#include <sys/types.h>
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../keyless-signer/waiting.h"
#include "compat.h"
#include "test.h"

static struct waiting	 w;
static struct signmsg_in in;
static int		 fds[2];

static void
start(void)
{
	memset(&w, 0, sizeof(w));
	waiting_init(&w);
	memset(&in, 0, sizeof(in));
	in.header = SIGNMSG_REQUEST;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1)
		abort();
}

static void
end(void)
{
	close(fds[0]);
	close(fds[1]);
}

static int
take(uint64_t id, uint32_t turn, uint16_t length)
{
	struct sign_request	 r;
	size_t			 n, size;

	memset(&r, 0, sizeof(r));
	r.id = id;
	r.turn = turn;
	r.length = length;
	size = length > SIGNMSG_DATA_MAX ? SIGNMSG_REQUEST :
	    sign_request_size(&r);
	CHECK(write(fds[0], &r, size) == (ssize_t)size);
	CHECK(signmsg_read(&in, fds[1], MSG_DONTWAIT, &n) == 1 && n == 1);
	return (waiting_take(&w, &in));
}

/* The id of the next; 0: there is none.  It overtook others, or not. */
static uint64_t
next(int overtook)
{
	struct sign_request	*r;
	uint64_t		 id;
	int			 it_did;

	if (w.n == 0)
		return (0);
	r = waiting_first(&w, &it_did);
	id = r->id;
	CHECK(it_did == overtook);
	waiting_done(&w);
	return (id);
}

static void
test_order(void)
{
	start();
	CHECK(next(0) == 0);
	CHECK(take(1, 512, 0) == 0);
	CHECK(take(2, 512, 1) == 0);
	CHECK(take(3, 1024, 2) == 0);
	CHECK(next(0) == 1);
	/* Before all that wait; before some; after all. */
	CHECK(take(4, 0, 3) == 0);
	CHECK(take(5, 512, 4) == 0);
	CHECK(take(6, 1024, 5) == 0);
	CHECK(w.n == 5);
	CHECK(next(1) == 4);
	CHECK(next(0) == 2);
	CHECK(next(1) == 5);
	CHECK(next(0) == 3);
	CHECK(next(0) == 6);
	CHECK(next(0) == 0);
	end();
}

/* The turn after the last one is the first. */
static void
test_wrap(void)
{
	start();
	CHECK(take(1, 0, 0) == 0);
	CHECK(take(2, 0xfffffe00, 0) == 0);
	CHECK(take(3, 0xfffffc00, 0) == 0);
	CHECK(take(4, 512, 0) == 0);
	CHECK(next(1) == 3);
	CHECK(next(1) == 2);
	CHECK(next(0) == 1);
	CHECK(next(0) == 4);
	end();
}

/* As many as may be in flight, again and again, each exactly once. */
static void
test_full(void)
{
	uint64_t	 id = 1, seen[2 * SIGNMSG_BATCH], got;
	uint32_t	 turn;
	size_t		 i, round;

	start();
	for (round = 0; round < 20; round++) {
		for (; w.n < SIGNMSG_BATCH; id++) {
			/* Any order, and often the same. */
			turn = (uint32_t)(id * 7919 % 13);
			CHECK(take(id, turn, SIGNMSG_DATA_MAX) == 0);
		}
		memset(seen, 0, sizeof(seen));
		turn = 0;
		for (i = 0; i < SIGNMSG_BATCH; i++) {
			int	 overtook;

			got = waiting_first(&w, &overtook)->id;
			CHECK(waiting_first(&w, &overtook)->turn >= turn);
			turn = waiting_first(&w, &overtook)->turn;
			CHECK(got < id && id - got <= SIGNMSG_BATCH);
			CHECK(seen[id - got]++ == 0);
			waiting_done(&w);
		}
		CHECK(w.n == 0);
	}
	end();
}

/* A malformed one is not among them. */
static void
test_malformed(void)
{
	start();
	CHECK(take(1, 0, 0) == 0);
	CHECK(take(2, 0, SIGNMSG_DATA_MAX + 1) == -1);
	CHECK(w.n == 1 && next(0) == 1 && next(0) == 0);
	end();
}

int
main(void)
{
	test_order();
	test_wrap();
	test_full();
	test_malformed();
	return (test_done());
}
