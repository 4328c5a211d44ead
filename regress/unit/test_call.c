/* Unit test: when a service is asked again, by a clock that only waits. */
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "call.h"
#include "compat.h"
#include "test.h"

#define DEADLINE	4500	/* ms that each call has */

/* What the services answer, in turn; the last one goes on. */
struct answer {
	const char	*url;		/* NULL: after the last one */
	int		 status;
	int64_t		 retry_after;	/* s; -1: not said */
};

static uint64_t			 clock_ms = 1000;
static const struct answer	*answers;
static unsigned int		 asked_token, asked_service;

uint64_t
now_ms(void)
{
	return (clock_ms);
}

int
nanosleep(const struct timespec *ts, struct timespec *rest)
{
	(void)rest;
	clock_ms += (uint64_t)ts->tv_sec * 1000 +
	    (uint64_t)ts->tv_nsec / 1000000;
	return (0);
}

int
http_ask(const struct http_request *req, uint64_t deadline,
    struct http_reply *reply, char *err, size_t errsize)
{
	(void)deadline;
	(void)err;
	(void)errsize;
	CHECK_STR(req->url, answers->url);
	if (strcmp(req->url, "token") == 0)
		asked_token++;
	else
		asked_service++;
	clock_ms += 10;
	reply->len = 0;
	reply->failure = 0;
	reply->status = answers->status;
	reply->retry_after = answers->retry_after;
	if (answers[1].url != NULL)
		answers++;
	return (0);
}

static void
judge(const struct http_reply *reply, struct call_error *err)
{
	(void)reply;
	(void)err;
}

static int
get_token(struct http_request *req, uint64_t deadline, struct call_error *err)
{
	struct call		 call;
	struct http_reply	*reply;

	(void)req;
	memset(&call, 0, sizeof(call));
	call.http.url = "token";
	call.judge = judge;
	if (call_run(&call, deadline, &reply, err) == 0)
		return (0);
	err->status = 0;
	return (-1);
}

/* One request with a token for it; what it takes is left in *ms. */
static int
ask(const struct answer *list, uint64_t *ms, struct call_error *err)
{
	struct call		 call;
	struct http_reply	*reply;
	uint64_t		 begun = clock_ms;
	int			 status;

	answers = list;
	asked_token = asked_service = 0;
	memset(&call, 0, sizeof(call));
	call.http.url = "service";
	call.authorize = get_token;
	call.judge = judge;
	status = call_run(&call, clock_ms + DEADLINE, &reply, err);
	*ms = clock_ms - begun;
	return (status);
}

static const struct answer	 good[] = {
	{ "token", 200, -1 }, { "service", 200, -1 }, { NULL, 0, 0 }
};

/* More than any clock can count, in milliseconds at least. */
static void
test_for_ever(void)
{
	static const struct answer	 list[] = {
		{ "token", 200, -1 }, { "service", 429, INT64_MAX },
		{ NULL, 0, 0 }
	};
	struct call_error		 err;
	uint64_t			 ms;

	CHECK(ask(list, &ms, &err) == -1);
	CHECK(err.verdict == CALL_BUSY);
	CHECK(ms < DEADLINE);
	CHECK(asked_service == 1);
	CHECK(ask(good, &ms, &err) == -1);
	CHECK(asked_service == 0);
	clock_ms += 61000;
	CHECK(ask(good, &ms, &err) == 0);
}

/* Who gives tokens is left alone as well, by this request and by the next. */
static void
test_token(void)
{
	static const struct answer	 busy[] = {
		{ "token", 429, 20 }, { NULL, 0, 0 }
	};
	static const struct answer	 wait[] = {
		{ "token", 503, 2 }, { "token", 200, -1 },
		{ "service", 200, -1 }, { NULL, 0, 0 }
	};
	struct call_error		 err;
	uint64_t			 ms;

	CHECK(ask(busy, &ms, &err) == -1);
	CHECK(err.verdict == CALL_BUSY);
	CHECK(asked_token == 1);
	CHECK(ms < 1000);
	CHECK(ask(busy, &ms, &err) == -1);
	CHECK(asked_token == 0);
	CHECK(ms == 0);
	clock_ms += 21000;
	CHECK(ask(wait, &ms, &err) == 0);
	CHECK(ms >= 2000);
}

/* No more than six times, even if nothing is said about the time. */
static void
test_tries(void)
{
	static const struct answer	 failing[] = {
		{ "token", 500, -1 }, { NULL, 0, 0 }
	};
	struct call_error		 err;
	uint64_t			 ms;

	CHECK(ask(failing, &ms, &err) == -1);
	CHECK(asked_token == 6);
	CHECK(ask(good, &ms, &err) == 0);
}

int
main(void)
{
	test_for_ever();
	test_token();
	test_tries();
	return (test_done());
}
