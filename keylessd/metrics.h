/*
 * The metrics of the daemon, for GET /metrics: one table, each row a metric
 * with its name, type, meaning and the function that writes its samples.
 *
 * Those of the Go server keep its names and labels.  Our own begin with
 * keylessd_.  Labels are what the configuration names (stores, sets of
 * signers) or come from tables of ours: nothing that a client chooses, and
 * nothing for each key, client or source address.
 */
#ifndef METRICS_H
#define METRICS_H

#include <event2/buffer.h>

#include "expiry.h"
#include "figures.h"
#include "frontend.h"
#include "promtext.h"

/* A signer set, or several with the same name, as a scrape finds it. */
struct set_figures {
	const char	*name;
	uint64_t	 keys[KEY_STATE_MAX + 1];
	uint64_t	 signers[SIGNER_STATE_MAX + 1];
	uint64_t	 queued;
	uint64_t	 inflight;
	uint64_t	 restarts;
	uint64_t	 served;
	uint64_t	 worked;		/* us */
	int		 lost;
	int		 has_token;
	uint64_t	 logins;
	uint64_t	 reconnects;
	uint64_t	 errors;
	uint64_t	 sessions;		/* ~0: unknown */
	uint64_t	 sessions_max;		/* the same */
	struct errcount	 names;			/* of errors */
};

/* All that is read more than once while the metrics are written. */
struct scrape {
	struct counts		 all;		/* of all frontends */
	struct set_figures	*sets;
	size_t			 nsets;
};

/* Append all metrics.  Returns -1 when there is no memory for them. */
int	 metrics_write(struct evbuffer *);

/* scrape.c: read everything; -1: no memory.  Then free it. */
int	 scrape_gather(struct scrape *);
void	 scrape_free(struct scrape *);

/* A metric of a table: its samples come from put; which says what to take. */
struct metric {
	const char	*name;
	const char	*type;
	const char	*help;
	void		 (*put)(struct promtext *, const struct scrape *,
			    size_t which);
	size_t		 which;
};

/* metrics_keyless.c, metrics_daemon.c, metrics_sets.c; ends with a NULL name */
extern const struct metric	 metrics_keyless[];
extern const struct metric	 metrics_daemon[];
extern const struct metric	 metrics_sets[];

#endif
