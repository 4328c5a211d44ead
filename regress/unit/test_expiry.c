/* Test: on which days the end of a certificate is said. */
#include "../../keylessd/expiry.h"
#include "test.h"

/* Days at which a line is written, of those looked at: "30i 14w ". */
static const char *
days_said(long from, long to, long step)
{
	static const char	 letters[] = "diwe";
	static char		 text[256];
	size_t			 used = 0;
	long			 day, said = EXPIRY_UNSAID;
	int			 level;

	text[0] = '\0';
	for (day = from; day >= to; day -= step)
		if ((level = expiry_level(day, &said)) != -1)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%ld%c ", day,
			    letters[level]);
	return (text);
}

int
main(void)
{
	CHECK(expiry_days(-1) == -1);
	CHECK(expiry_days(0) == 0);
	CHECK(expiry_days(EXPIRY_DAY - 1) == 0);
	CHECK(expiry_days(EXPIRY_DAY) == 1);
	CHECK_STR(days_said(40, -3, 1), "30i 14w 7w 1e 0e -1e -2e -3e ");
	CHECK_STR(days_said(29, 2, 1), "29i 14w 7w ");
	CHECK_STR(days_said(10, 2, 1), "10w 7w ");
	/* The machine sleeps now and then. */
	CHECK_STR(days_said(33, -3, 4), "29i 13w 5w 1e -3e ");
	CHECK_STR(days_said(3, 3, 1), "3w ");
	return (test_done());
}
