/* keylessctl: times for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "compat.h"
#include "units.h"

void
units_duration(uint64_t s, char text[UNITS_SIZE])
{
	if (s >= 86400)
		snprintf(text, UNITS_SIZE, "%" PRIu64 "d%02uh%02um", s / 86400,
		    (unsigned int)(s / 3600 % 24),
		    (unsigned int)(s / 60 % 60));
	else if (s >= 3600)
		snprintf(text, UNITS_SIZE, "%uh%02um", (unsigned int)(s / 3600),
		    (unsigned int)(s / 60 % 60));
	else if (s >= 60)
		snprintf(text, UNITS_SIZE, "%um%02us", (unsigned int)(s / 60),
		    (unsigned int)(s % 60));
	else
		snprintf(text, UNITS_SIZE, "%us", (unsigned int)s);
}

void
units_micros(uint64_t us, char text[UNITS_SIZE])
{
	static const char *const	 units[] = { "us", "ms", "s" };
	uint64_t			 tenths = 0;
	size_t				 i;

	for (i = 0; i < nitems(units) - 1 && us >= 1000; i++) {
		tenths = us % 1000 / 100;
		us /= 1000;
	}
	if (i != 0 && us < 100)
		snprintf(text, UNITS_SIZE, "%" PRIu64 ".%" PRIu64 "%s", us,
		    tenths, units[i]);
	else
		snprintf(text, UNITS_SIZE, "%" PRIu64 "%s", us, units[i]);
}

/* strftime(3) of a time that may be beyond what it can tell. */
static void
format_time(uint64_t seconds, const char *format, char text[UNITS_SIZE])
{
	struct tm	*tm;
	time_t		 t = (time_t)seconds;

	if ((tm = localtime(&t)) == NULL ||
	    strftime(text, UNITS_SIZE, format, tm) == 0)
		strlcpy(text, "?", UNITS_SIZE);
}

void
units_date(uint64_t seconds, char text[UNITS_SIZE])
{
	format_time(seconds, "%Y-%m-%d %H:%M:%S", text);
}

void
units_clock(uint64_t seconds, char text[UNITS_SIZE])
{
	format_time(seconds, "%H:%M:%S", text);
}

uint64_t
units_age(uint64_t seconds)
{
	uint64_t	 now = (uint64_t)time(NULL);

	return (seconds < now ? now - seconds : 0);
}
