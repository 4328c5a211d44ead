/* Frontend: the metrics of the Go server, by its names. */
#include "compat.h"
#include "metrics.h"

static uint64_t
count_of(const struct histogram *h)
{
	uint64_t	 sum = 0;
	size_t		 i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum += h->count[i];
	return (sum);
}

/*
 * Those of no opcode are not what the others leave of all: while these are
 * read, another frontend counts on.
 */
static void
put_requests(struct promtext *p, const struct scrape *s, size_t which)
{
	uint64_t	 unknown = 0;
	size_t		 i;

	(void)which;
	for (i = 0; i < OPCODE_COUNT; i++)
		promtext_number(p, s->all.opstats[i].requests, "opcode",
		    opcode_at(i)->name, NULL);
	for (i = 0; i <= WIRE_ERR_MAX; i++)
		unknown += count_of(&s->all.figures.total[FIGURE_UNKNOWN][i]);
	promtext_number(p, unknown, "opcode", "unknown", NULL);
}

/* Only what has happened: that is little of all that can. */
static void
put_times(struct promtext *p,
    const struct histogram times[FIGURE_TYPES][WIRE_ERR_MAX + 1])
{
	const struct histogram	*h;
	int			 type, error;

	for (type = 0; type < FIGURE_TYPES; type++) {
		for (error = 0; error <= WIRE_ERR_MAX; error++) {
			h = &times[type][error];
			if (count_of(h) != 0)
				promtext_histogram(p, h, PROMTEXT_MICRO,
				    "type", figure_type_name(
				    (enum figure_type)type), "error",
				    figure_error_name(error), NULL);
		}
	}
}

static void
put_exec(struct promtext *p, const struct scrape *s, size_t which)
{
	(void)which;
	put_times(p, s->all.figures.exec);
}

static void
put_total(struct promtext *p, const struct scrape *s, size_t which)
{
	(void)which;
	put_times(p, s->all.figures.total);
}

static void
put_key_load(struct promtext *p, const struct scrape *s, size_t which)
{
	(void)which;
	promtext_histogram(p, &s->all.figures.key_lookup, PROMTEXT_NANO, NULL);
}

static void
put_failed(struct promtext *p, const struct scrape *s, size_t which)
{
	(void)which;
	promtext_number(p, s->all.figures.broken, NULL);
}

static void
put_certificates(struct promtext *p, const struct scrape *s, size_t which)
{
	const struct dated	*d;
	const struct certlabels	*l;
	size_t			 i;

	(void)s;
	(void)which;
	for (i = 0; (d = expiry_at(i)) != NULL; i++) {
		l = &d->labels;
		if (!d->is_list && d->shown && d->end >= 0)
			promtext_number(p, (uint64_t)d->end,
			    "source", d->source, "serial_no", l->serial,
			    "cn", l->cn, "hostnames", l->hostnames,
			    "ca", l->ca ? "1" : "0",
			    "server", l->server ? "1" : "0",
			    "client", l->client ? "1" : "0", NULL);
	}
}

const struct metric	 metrics_keyless[] = {
	{ "keyless_requests", "counter",
	    "Requests that came, by opcode.", put_requests, 0 },
	{ "keyless_request_exec_duration_per_opcode", "histogram",
	    "Seconds that a signer worked on a request, by type of operation "
	    "and error.", put_exec, 0 },
	{ "keyless_request_total_duration_per_opcode", "histogram",
	    "Seconds from a request to its response, by type of operation "
	    "and error.", put_total, 0 },
	{ "keyless_key_load_duration", "histogram",
	    "Seconds to find the key of a request, of one request in 64.",
	    put_key_load, 0 },
	{ "keyless_failed_connection", "counter",
	    "Connections that broke after the handshake.", put_failed, 0 },
	{ "certificate_expiration_timestamp_seconds", "gauge",
	    "End of the certificates that the configuration names.",
	    put_certificates, 0 },
	{ NULL, NULL, NULL, NULL, 0 }
};
