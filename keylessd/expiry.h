/*
 * When the certificates and the list of revoked ones end: looked at when they
 * are loaded and once a day, and said 30, 14, 7 and 1 days before, and every
 * day after.
 */
#ifndef EXPIRY_H
#define EXPIRY_H

#include <time.h>

#include "certlabels.h"
#include "frontend.h"

/* A certificate or list of the configuration in force. */
struct dated {
	const char		*what;		/* key of the config file */
	int			 is_list;
	int			 shown;		/* no other has its labels */
	char			 source[MSG_PATH_SIZE];
	char			 subject[256];	/* of a list: its issuer */
	time_t			 end;
	long			 said;		/* see expiry_level() */
	struct certlabels	 labels;	/* not of a list */
};

/* The i-th; NULL: there are no more. */
const struct dated	*expiry_at(size_t i);

/*
 * Read the dates of the files of a configuration.  Returns 0, or -1 with the
 * reason in err when one of them ends everything: a list of revoked
 * certificates that is out of date has every client refused.
 */
int	 expiry_read(const struct tls_files *, char *err, size_t errsize);

#define EXPIRY_DAY	86400		/* seconds */
#define EXPIRY_UNSAID	100000		/* days */

/* Whole days of so many seconds; -1: it is over. */
long	 expiry_days(long seconds);

/*
 * The level of the line to be written with so many days left, or -1: none.
 * *said begins as EXPIRY_UNSAID; what was said once is not said again, and a
 * day that was slept through does no harm.
 */
int	 expiry_level(long days, long *said);

/*
 * A comment for the configuration that is shown: what the i-th of those that
 * are watched is and when it ends.  -1: there are no more.
 */
int	 expiry_line(size_t i, char *text, size_t size);

/* Watch what was read last, from now on. */
void	 expiry_switch(void);

#endif
