/* Test: the histogram of times. */
#include "latency.h"
#include "test.h"

static void
test_buckets(void)
{
	unsigned int	 b;
	uint64_t	 us;

	CHECK(latency_bucket(0) == 0);
	CHECK(latency_bucket(1) == 0);
	CHECK(latency_bucket(UINT64_MAX) == LATENCY_BUCKETS - 1);
	/* Each time is in the first bucket whose end it does not exceed. */
	for (us = 0; us < 100000; us++) {
		b = latency_bucket(us);
		CHECK(us <= latency_upper(b));
		CHECK(b == 0 || us > latency_upper(b - 1));
	}
	for (b = 1; b < LATENCY_BUCKETS; b++)
		CHECK(latency_upper(b) > latency_upper(b - 1));
	CHECK(latency_upper(LATENCY_BUCKETS - 1) > 600000000);
}

/* The buckets that dashboards know: 100 us, doubled again and again. */
static void
test_doubling(void)
{
	uint64_t	 us = 100;
	int		 i;

	for (i = 0; i < 15; i++, us *= 2) {
		CHECK(latency_upper(latency_bucket(us)) == us);
		CHECK(latency_bucket(us + 1) == latency_bucket(us) + 1);
	}
}

static void
test_quantile(void)
{
	uint64_t	 count[LATENCY_BUCKETS] = { 0 };

	CHECK(latency_quantile(count, 0.5) == 0);
	count[latency_bucket(100)] = 98;
	CHECK(latency_quantile(count, 0.5) == 100);
	CHECK(latency_quantile(count, 1) == 100);
	count[latency_bucket(800)] = 2;
	CHECK(latency_quantile(count, 0.98) == 100);
	CHECK(latency_quantile(count, 0.99) == 800);
}

int
main(void)
{
	test_buckets();
	test_doubling();
	test_quantile();
	return (test_done());
}
