/* Test: limits of events a second. */
#include "../../keylessd/bucket.h"
#include "test.h"

/* How many events pass at the time now. */
static unsigned int
passing(struct bucket *b, uint32_t rate, uint64_t now)
{
	unsigned int	 n = 0;

	while (n < 100000 && bucket_take(b, rate, now))
		n++;
	return (n);
}

int
main(void)
{
	struct bucket	 b = { 0, 0 };
	uint64_t	 now;
	unsigned int	 n = 0;

	CHECK(passing(&b, 0, 1) == 100000);
	CHECK(bucket_wait(&b, 0, 1) == 0);

	/* A burst of two seconds' worth, then the rate. */
	CHECK(bucket_full(&b, 10, 1000));
	CHECK(passing(&b, 10, 1000) == 20);
	CHECK(!bucket_full(&b, 10, 1000));
	CHECK(bucket_wait(&b, 10, 1000) == 100);
	CHECK(passing(&b, 10, 1099) == 0);
	CHECK(bucket_wait(&b, 10, 1099) == 1);
	CHECK(passing(&b, 10, 1100) == 1);
	for (now = 1101; now <= 11100; now++)
		n += passing(&b, 10, now);
	CHECK(n == 100);

	/* It fills up, and not more. */
	CHECK(!bucket_full(&b, 10, 13099));
	CHECK(bucket_full(&b, 10, 13100));
	CHECK(passing(&b, 10, UINT64_MAX / 2) == 20);

	/* One event a second, and many, at a clock that stands still. */
	b.last = 0;
	CHECK(passing(&b, 1, 5) == 2);
	CHECK(bucket_wait(&b, 1, 5) == 1000);
	b.last = 0;
	CHECK(passing(&b, 40000, 5) == 80000);
	return (test_done());
}
