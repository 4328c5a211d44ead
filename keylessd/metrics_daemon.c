/* Frontend: metrics of the daemon, its requests, connections and reloads. */
#include <openssl/crypto.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "metrics.h"
#include "version.h"

static void
put_build_info(struct promtext *p, const struct scrape *s, size_t which)
{
	char	 libtls[32];

	(void)s;
	(void)which;
	snprintf(libtls, sizeof(libtls), "%d", TLS_API);
	promtext_number(p, 1, "version", KEYLESSD_VERSION, "libtls", libtls,
	    "libcrypto", OpenSSL_version(OPENSSL_VERSION),
	    "libevent", event_get_version(), NULL);
}

static void
put_start_time(struct promtext *p, const struct scrape *s, size_t which)
{
	(void)s;
	(void)which;
	promtext_number(p, fe_conf.started, NULL);
}

static void
put_cpu_time(struct promtext *p, const struct scrape *s, size_t which)
{
	(void)which;
	promtext_seconds(p, s->all.cpu, PROMTEXT_MICRO, NULL);
}

static void
put_draining(struct promtext *p, const struct scrape *s, size_t which)
{
	(void)s;
	(void)which;
	promtext_number(p, frontend_draining() != 0, NULL);
}

/* The number at that offset of what the frontend counts. */
static void
put_stat(struct promtext *p, const struct scrape *s, size_t which)
{
	uint64_t	 n;

	memcpy(&n, (const char *)&s->all.stats + which, sizeof(n));
	promtext_number(p, n, NULL);
}

static void
put_figure(struct promtext *p, const struct scrape *s, size_t which)
{
	uint64_t	 n;

	memcpy(&n, (const char *)&s->all.figures + which, sizeof(n));
	promtext_number(p, n, NULL);
}

/* A limit of the configuration. */
static void
put_limit(struct promtext *p, const struct scrape *s, size_t which)
{
	uint32_t	 n;

	(void)s;
	memcpy(&n, (const char *)&fe_conf + which, sizeof(n));
	promtext_number(p, n, NULL);
}

/* The same of one that is divided among the frontends. */
static void
put_divided(struct promtext *p, const struct scrape *s, size_t which)
{
	uint32_t	 n;

	(void)s;
	memcpy(&n, (const char *)&fe_conf + which, sizeof(n));
	promtext_number(p, (uint64_t)n * fe_place.frontends, NULL);
}

static void
put_errors(struct promtext *p, const struct scrape *s, size_t which)
{
	int	 error;

	(void)which;
	for (error = WIRE_OK + 1; error <= WIRE_ERR_MAX; error++)
		promtext_number(p, s->all.stats.error_codes[error], "error",
		    figure_error_name(error), NULL);
}

static void
put_connections(struct promtext *p, const struct scrape *s, size_t which)
{
	uint64_t	 all = s->all.stats.connections;
	uint64_t	 handshakes = s->all.stats.handshakes;

	(void)which;
	/* Another frontend may have begun one between the two. */
	promtext_number(p, handshakes, "state", "handshake", NULL);
	promtext_number(p, all > handshakes ? all - handshakes : 0, "state",
	    "open", NULL);
}

static void
put_handshake_failures(struct promtext *p, const struct scrape *s,
    size_t which)
{
	int	 i;

	(void)which;
	for (i = 0; i < HANDSHAKE_FAILURES; i++)
		promtext_number(p, s->all.figures.handshake_failures[i],
		    "reason", handshake_failure_name(
		    (enum handshake_failure)i), NULL);
}

static void
put_limit_hits(struct promtext *p, const struct scrape *s, size_t which)
{
	int	 i;

	(void)which;
	for (i = 0; i < FIGURE_LIMITS; i++)
		promtext_number(p, s->all.figures.limits[i], "limit",
		    figure_limit_name((enum figure_limit)i), NULL);
}

static void
put_reloads(struct promtext *p, const struct scrape *s, size_t which)
{
	const struct msg_parent	*c = &fe_parent_counts;

	(void)s;
	(void)which;
	promtext_number(p, c->reloads, "result", "done", NULL);
	promtext_number(p, c->reloads_failed, "result", "failed", NULL);
	promtext_number(p, c->reloads_refused, "result", "refused", NULL);
}

static void
put_renewals(struct promtext *p, const struct scrape *s, size_t which)
{
	(void)s;
	(void)which;
	promtext_number(p, fe_enroll.successes, "result", "done", NULL);
	promtext_number(p, fe_enroll.failures, "result", "failed", NULL);
}

/* The time at that offset of what the parent says of renewals, if any. */
static void
put_renewal_time(struct promtext *p, const struct scrape *s, size_t which)
{
	uint64_t	 t;

	(void)s;
	memcpy(&t, (const char *)&fe_enroll + which, sizeof(t));
	if (t != 0)
		promtext_number(p, t, NULL);
}

/* The number at that offset of what the parent counts. */
static void
put_parent(struct promtext *p, const struct scrape *s, size_t which)
{
	uint64_t	 n;

	(void)s;
	memcpy(&n, (const char *)&fe_parent_counts + which, sizeof(n));
	promtext_number(p, n, NULL);
}

static void
put_lists(struct promtext *p, const struct scrape *s, size_t which)
{
	const struct dated	*d;
	size_t			 i;

	(void)s;
	(void)which;
	for (i = 0; (d = expiry_at(i)) != NULL; i++)
		if (d->is_list && d->shown && d->end >= 0)
			promtext_number(p, (uint64_t)d->end, "source",
			    d->source, "issuer", d->subject, NULL);
}

#define STAT(field)	put_stat, offsetof(struct msg_stats, field)
#define FIGURE(field)	put_figure, offsetof(struct figures, field)
#define LIMIT(field)	put_limit, offsetof(struct msg_front_conf, field)
#define DIVIDED(field)	put_divided, offsetof(struct msg_front_conf, field)
#define PARENT(field)	put_parent, offsetof(struct msg_parent, field)
#define RENEWAL(field)	put_renewal_time, offsetof(struct msg_enroll, field)

const struct metric	 metrics_daemon[] = {
	{ "keylessd_build_info", "gauge",
	    "1; its labels tell the versions of keylessd and its libraries.",
	    put_build_info, 0 },
	{ "process_start_time_seconds", "gauge",
	    "When the daemon was started.", put_start_time, 0 },
	{ "keylessd_frontend_cpu_seconds_total", "counter",
	    "Processor time of the processes that face the network.",
	    put_cpu_time, 0 },
	{ "keylessd_frontend_restarts_total", "counter",
	    "Frontends that were started in the place of one that died.",
	    PARENT(frontend_restarts) },
	{ "keylessd_draining", "gauge",
	    "1 if nothing is accepted, else 0.", put_draining, 0 },
	{ "keylessd_request_errors_total", "counter",
	    "Requests that were answered with an error.", put_errors, 0 },
	{ "keylessd_request_retries_total", "counter",
	    "Requests that were given to another signer.", STAT(retries) },
	{ "keylessd_request_timeouts_total", "counter",
	    "Requests that no signer answered within sign_timeout.",
	    STAT(timeouts) },
	{ "keylessd_requests_denied_total", "counter",
	    "Requests that clients or policy do not allow.", STAT(denied) },
	{ "keylessd_requests_pending", "gauge",
	    "Requests that are not answered yet.", STAT(pending) },
	{ "keylessd_requests_pending_limit", "gauge",
	    "How many may be pending: max_pending.", DIVIDED(max_pending) },
	{ "keylessd_responses_total", "counter",
	    "Responses, errors among them.", STAT(responses) },
	{ "keylessd_late_replies_total", "counter",
	    "Replies of signers that nobody waited for.",
	    STAT(late_replies) },
	{ "keylessd_connections", "gauge",
	    "Connections of clients, by state.", put_connections, 0 },
	{ "keylessd_connections_limit", "gauge",
	    "How many there may be: max_connections.",
	    LIMIT(max_connections) },
	{ "keylessd_connections_accepted_total", "counter",
	    "Connections that were accepted and not refused at once.",
	    STAT(connections_total) },
	{ "keylessd_connections_refused_total", "counter",
	    "Connections that were refused at once because of a limit.",
	    STAT(refused) },
	{ "keylessd_handshakes_total", "counter",
	    "TLS handshakes that succeeded.", FIGURE(handshakes) },
	{ "keylessd_handshake_failures_total", "counter",
	    "TLS handshakes that failed, by reason.",
	    put_handshake_failures, 0 },
	{ "keylessd_write_timeouts_total", "counter",
	    "Connections that were closed because the client did not read.",
	    STAT(write_timeouts) },
	{ "keylessd_limit_hits_total", "counter",
	    "How often a limit took effect, by its name.",
	    put_limit_hits, 0 },
	{ "keylessd_reloads_total", "counter",
	    "Reloads of the configuration, by result.", put_reloads, 0 },
	{ "keylessd_last_reload_successful", "gauge",
	    "1 if the last reload was done, or none was tried, else 0.",
	    PARENT(last_reload_ok) },
	{ "keylessd_config_timestamp_seconds", "gauge",
	    "When the configuration in force was loaded.",
	    PARENT(config_time) },
	{ "keylessd_crl_next_update_timestamp_seconds", "gauge",
	    "When the revocation lists of the configuration end.",
	    put_lists, 0 },
	{ "keylessd_certificate_renewals_total", "counter",
	    "Enrolments and renewals of auth_cert, by result.",
	    put_renewals, 0 },
	{ "keylessd_certificate_last_renewal_timestamp_seconds", "gauge",
	    "When auth_cert was last enrolled or renewed.",
	    RENEWAL(last_success) },
	{ "keylessd_certificate_next_renewal_timestamp_seconds", "gauge",
	    "When auth_cert will be renewed.", RENEWAL(next) },
	{ NULL, NULL, NULL, NULL, 0 }
};
