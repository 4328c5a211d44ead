/* Test: errors by name. */
#include "errcount.h"
#include "test.h"

int
main(void)
{
	struct errcount	 a, b;
	char		 name[32];
	int		 i;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	CHECK(errcount_valid(&a) && errcount_sum(&a) == 0);
	errcount_count(&a, "CKR_DEVICE_ERROR", 2);
	errcount_count(&a, "CKR_PIN_INCORRECT", 1);
	errcount_count(&a, "CKR_DEVICE_ERROR", 3);
	CHECK(a.n == 2 && a.list[0].count == 5 && a.list[1].count == 1);
	CHECK_STR(a.list[1].name, "CKR_PIN_INCORRECT");
	errcount_count(&b, "CKR_PIN_INCORRECT", 10);
	errcount_add(&b, &a);
	CHECK(b.n == 2 && b.list[0].count == 11 && b.list[1].count == 5);
	CHECK(errcount_sum(&b) == 16 && errcount_valid(&b));

	/* Of too many the rest is counted together, and those known apart. */
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "CKR_0x%08x", (unsigned int)i);
		errcount_count(&a, name, 1);
	}
	CHECK(a.n == ERRCOUNT_MAX && errcount_valid(&a));
	CHECK_STR(a.list[ERRCOUNT_MAX - 1].name, ERRCOUNT_OTHER);
	CHECK(a.list[ERRCOUNT_MAX - 1].count == 100 - (ERRCOUNT_MAX - 3));
	errcount_count(&a, "CKR_DEVICE_ERROR", 1);
	CHECK(a.list[0].count == 6 && errcount_sum(&a) == 107);
	errcount_add(&b, &a);
	CHECK(b.n == ERRCOUNT_MAX && errcount_sum(&b) == 123);

	/* What a process that was taken over may say. */
	b.n = ERRCOUNT_MAX + 1;
	CHECK(!errcount_valid(&b));
	b.n = 1;
	b.zero = 1;
	CHECK(!errcount_valid(&b));
	b.zero = 0;
	b.list[0].name[0] = '\0';
	CHECK(!errcount_valid(&b));
	strcpy(b.list[0].name, "a\"b");
	CHECK(!errcount_valid(&b));
	memset(b.list[0].name, 'A', sizeof(b.list[0].name));
	CHECK(!errcount_valid(&b));
	b.list[0].name[ERRCOUNT_NAME - 1] = '\0';
	CHECK(errcount_valid(&b));
	return (test_done());
}
