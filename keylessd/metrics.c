/* Frontend: GET /metrics. */
#include <stddef.h>
#include <time.h>

#include "compat.h"
#include "metrics.h"

static const struct metric *const tables[] = {
	metrics_keyless, metrics_daemon, metrics_sets
};

static uint64_t
clock_ns(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec);
}

/* All others are written; so this is how long that has taken. */
static void
put_own_time(struct promtext *p, uint64_t begun)
{
	promtext_begin(p, "keylessd_metrics_write_seconds", "gauge",
	    "How long it took to gather and write these metrics.");
	promtext_seconds(p, clock_ns() - begun, PROMTEXT_NANO, NULL);
}

int
metrics_write(struct evbuffer *out)
{
	const struct metric	*m;
	struct promtext		 p;
	struct scrape		 s;
	uint64_t		 begun = clock_ns();
	size_t			 i;

	if (scrape_gather(&s) == -1)
		return (-1);
	promtext_init(&p, out);
	for (i = 0; i < nitems(tables); i++) {
		for (m = tables[i]; m->name != NULL; m++) {
			promtext_begin(&p, m->name, m->type, m->help);
			m->put(&p, &s, m->which);
		}
	}
	put_own_time(&p, begun);
	scrape_free(&s);
	return (promtext_finish(&p));
}
