/* Test: rates out of two samples of counters. */
#include "../../keylessctl/rate.h"
#include "test.h"

#define SECOND	UINT64_C(1000000000)

static struct sample	 before, after;
static struct rates	 rates;

static void
start(uint64_t elapsed)
{
	memset(&before, 0, sizeof(before));
	before.when = 5 * SECOND;
	before.requests = 1000;
	before.errors = 10;
	before.opcodes[OP_PING] = 1000;
	before.latency[latency_bucket(100000)] = 1000;
	after = before;
	after.when += elapsed;
}

static void
test_idle(void)
{
	start(SECOND);
	rates_between(&before, &after, &rates);
	CHECK(rates.requests == 0);
	CHECK(rates.errors == 0);
	CHECK(rates.opcodes[OP_PING] == 0);
	CHECK(rates.p50 == 0);
	CHECK(rates.p99 == 0);
}

/* What happened before does not count: it would have been slower. */
static void
test_busy(void)
{
	start(SECOND);
	after.requests += 100;
	after.errors += 2;
	after.opcodes[OP_PING] += 60;
	after.opcodes[OP_ECDSA_SIGN_SHA256] += 40;
	after.latency[latency_bucket(100)] += 98;
	after.latency[latency_bucket(800)] += 2;
	rates_between(&before, &after, &rates);
	CHECK(rates.requests == 100);
	CHECK(rates.errors == 2);
	CHECK(rates.opcodes[OP_PING] == 60);
	CHECK(rates.opcodes[OP_ECDSA_SIGN_SHA256] == 40);
	CHECK(rates.opcodes[OP_RSA_SIGN_SHA256] == 0);
	CHECK(rates.p50 == 100);
	CHECK(rates.p99 == 800);
}

static void
test_other_spans(void)
{
	start(SECOND / 2);
	after.requests += 100;
	rates_between(&before, &after, &rates);
	CHECK(rates.requests == 200);
	start(4 * SECOND);
	after.requests += 102;
	after.errors += 1;
	rates_between(&before, &after, &rates);
	CHECK(rates.requests == 26);
	CHECK(rates.errors == 1);
	/* A clock that stands still. */
	start(0);
	after.requests += 1;
	rates_between(&before, &after, &rates);
	CHECK(rates.requests == SECOND);
}

/* Counters that cannot be. */
static void
test_lies(void)
{
	start(SECOND);
	after.requests = 5;
	after.latency[latency_bucket(100000)] = 0;
	rates_between(&before, &after, &rates);
	CHECK(rates.requests == 0);
	CHECK(rates.p50 == 0);
	start(SECOND / 1000);
	after.requests = UINT64_MAX;
	rates_between(&before, &after, &rates);
	CHECK(rates.requests == UINT64_MAX);
	start(SECOND);
	after.when = 0;
	after.requests += 1;
	rates_between(&before, &after, &rates);
	CHECK(rates.requests == SECOND);
}

int
main(void)
{
	test_idle();
	test_busy();
	test_other_spans();
	test_lies();
	return (test_done());
}
