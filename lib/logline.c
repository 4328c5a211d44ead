/* Any process: what the lines of every log have in common. */
#include <stdio.h>
#include <time.h>

#include "logline.h"

void
logline_clean(char *dst, size_t size, const char *text)
{
	const unsigned char	*p = (const unsigned char *)text;
	char			*end = dst + size - 5;

	for (; *p != '\0' && dst < end; p++) {
		if (*p >= 0x20 && *p < 0x7f)
			*dst++ = (char)*p;
		else
			dst += snprintf(dst, 5, "\\x%02x", *p);
	}
	*dst = '\0';
}

void
logline_stamp(char *stamp)
{
	struct timespec	 now;
	struct tm	 tm;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    localtime_r(&now.tv_sec, &tm) == NULL ||
	    strftime(stamp, LOGLINE_STAMP, "%Y-%m-%dT%H:%M:%S%z", &tm) == 0)
		stamp[0] = '\0';
}
