/* Test: times as keylessctl shows them. */
#include <stdlib.h>
#include <time.h>

#include "../../keylessctl/units.h"
#include "test.h"

static const char *
duration(uint64_t seconds)
{
	static char	 text[UNITS_SIZE];

	units_duration(seconds, text);
	return (text);
}

static const char *
micros(uint64_t us)
{
	static char	 text[UNITS_SIZE];

	units_micros(us, text);
	return (text);
}

static void
test_duration(void)
{
	CHECK_STR(duration(0), "0s");
	CHECK_STR(duration(59), "59s");
	CHECK_STR(duration(60), "1m00s");
	CHECK_STR(duration(3599), "59m59s");
	CHECK_STR(duration(3600), "1h00m");
	CHECK_STR(duration(86399), "23h59m");
	CHECK_STR(duration(86400), "1d00h00m");
	CHECK_STR(duration(90061), "1d01h01m");
	CHECK_STR(duration(UINT64_MAX), "213503982334601d07h00m");
}

static void
test_micros(void)
{
	CHECK_STR(micros(0), "0us");
	CHECK_STR(micros(999), "999us");
	CHECK_STR(micros(1000), "1.0ms");
	CHECK_STR(micros(1250), "1.2ms");
	CHECK_STR(micros(99999), "99.9ms");
	CHECK_STR(micros(100000), "100ms");
	CHECK_STR(micros(999999), "999ms");
	CHECK_STR(micros(1000000), "1.0s");
	CHECK_STR(micros(12345678), "12.3s");
	CHECK_STR(micros(600000000), "600s");
}

static void
test_date(void)
{
	char	 text[UNITS_SIZE];

	setenv("TZ", "UTC0", 1);
	tzset();
	units_date(1795293067, text);
	CHECK_STR(text, "2026-11-21 20:31:07");
	units_clock(1795293067, text);
	CHECK_STR(text, "20:31:07");
	units_date(0, text);
	CHECK_STR(text, "1970-01-01 00:00:00");
	/* A lying daemon's: anything, but it must fit. */
	units_date(UINT64_MAX, text);
	CHECK(strlen(text) < sizeof(text));
	units_date(INT64_MAX, text);
	CHECK_STR(text, "?");
}

static void
test_age(void)
{
	uint64_t	 now = (uint64_t)time(NULL);

	CHECK(units_age(now - 100) >= 100);
	CHECK(units_age(now - 100) < 1000);
	CHECK(units_age(now + 1000) == 0);
	CHECK(units_age(UINT64_MAX) == 0);
}

int
main(void)
{
	test_duration();
	test_micros();
	test_date();
	test_age();
	return (test_done());
}
