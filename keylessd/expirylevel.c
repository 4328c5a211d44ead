/* Frontend: which days before an end are worth a line. */
#include "compat.h"
#include "expiry.h"
#include "log.h"

/* From so many days on, to be said once each, then every day. */
static const struct {
	long	 days;
	int	 level;
} steps[] = {
	{ 30, LOG_LEVEL_INFO },
	{ 14, LOG_LEVEL_WARNING },
	{ 7, LOG_LEVEL_WARNING },
	{ 1, LOG_LEVEL_ERROR }
};

long
expiry_days(long left)
{
	return (left < 0 ? -1 : left / EXPIRY_DAY);
}

int
expiry_level(long days, long *said)
{
	size_t	 i;
	int	 level = -1;

	if (days < steps[nitems(steps) - 1].days)
		*said = EXPIRY_UNSAID;		/* every day now */
	for (i = 0; i < nitems(steps) && days <= steps[i].days; i++) {
		if (*said <= steps[i].days)
			continue;
		level = steps[i].level;
	}
	if (level != -1)
		*said = steps[i - 1].days;
	return (level);
}
