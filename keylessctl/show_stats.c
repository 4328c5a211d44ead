/* keylessctl: show stats. */
#include <inttypes.h>
#include <string.h>

#include "compat.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"
#include "units.h"

/* The counters of struct msg_stats but its error codes; uptime goes first. */
static const struct {
	const char	*name;
	size_t		 offset;
} counters[] = {
	{ "connections",	offsetof(struct msg_stats, connections) },
	{ "connections_total",	offsetof(struct msg_stats, connections_total) },
	{ "refused",		offsetof(struct msg_stats, refused) },
	{ "handshakes",		offsetof(struct msg_stats, handshakes) },
	{ "handshakes_evicted",
	    offsetof(struct msg_stats, handshakes_evicted) },
	{ "handshakes_failed",	offsetof(struct msg_stats, handshakes_failed) },
	{ "write_timeouts",	offsetof(struct msg_stats, write_timeouts) },
	{ "denied",		offsetof(struct msg_stats, denied) },
	{ "requests",		offsetof(struct msg_stats, requests) },
	{ "responses",		offsetof(struct msg_stats, responses) },
	{ "errors",		offsetof(struct msg_stats, errors) },
	{ "pending",		offsetof(struct msg_stats, pending) },
	{ "retries",		offsetof(struct msg_stats, retries) },
	{ "timeouts",		offsetof(struct msg_stats, timeouts) },
	{ "late_replies",	offsetof(struct msg_stats, late_replies) },
	{ "audit_lost",		offsetof(struct msg_stats, audit_lost) },
	{ "signer_restarts",	offsetof(struct msg_stats, signer_restarts) },
	{ "keys_ready",		offsetof(struct msg_stats, keys_ready) },
	{ "keys_failed",	offsetof(struct msg_stats, keys_failed) },
};

static uint64_t
counter(const struct msg_stats *stats, size_t i)
{
	uint64_t	 value;

	memcpy(&value, (const char *)stats + counters[i].offset,
	    sizeof(value));
	return (value);
}

/* Milestones of the time that requests took. */
static const struct {
	const char	*name;
	const char	*json;
	double		 part;
} quantiles[] = {
	{ "latency p50",	"p50_us",	0.5 },
	{ "latency p99",	"p99_us",	0.99 },
	{ "latency p99.9",	"p999_us",	0.999 },
};

static void
quantile_rows(struct table *t, const struct msg_latency *latency)
{
	char		 text[UNITS_SIZE];
	uint64_t	 us;
	size_t		 i;

	for (i = 0; i < nitems(quantiles); i++) {
		us = latency_quantile(latency->count, quantiles[i].part);
		units_micros(us, text);
		table_text(t, quantiles[i].name);
		table_text(t, us == 0 ? "-" : text);
	}
}

static void
json_quantiles(struct json *j, const struct msg_latency *latency)
{
	uint64_t	 us;
	size_t		 i;

	for (i = 0; i < nitems(quantiles); i++) {
		us = latency_quantile(latency->count, quantiles[i].part);
		if (us == 0)
			json_null(j, quantiles[i].json);
		else
			json_number(j, quantiles[i].json, us);
	}
}

static void
print_counters(const struct msg_stats *stats, const struct msg_latency *latency)
{
	struct table	*t = table_new();
	char		 text[UNITS_SIZE], *p;
	size_t		 i;

	table_column(t, "", TABLE_LEFT);
	table_column(t, "", TABLE_LEFT);
	units_duration(stats->uptime, text);
	table_text(t, "uptime");
	table_text(t, text);
	for (i = 0; i < nitems(counters); i++) {
		strlcpy(text, counters[i].name, sizeof(text));
		while ((p = strchr(text, '_')) != NULL)
			*p = ' ';
		table_text(t, text);
		table_number(t, counter(stats, i));
	}
	quantile_rows(t, latency);
	table_print(t, stdout, 0);
	table_free(t);
}

/* Answers with an error, by its code; nothing when there were none. */
static void
print_errors(const struct msg_stats *stats)
{
	struct table	*t = table_new();
	int		 code, any = 0;

	table_column(t, "CODE", TABLE_RIGHT);
	table_column(t, "ERROR", TABLE_LEFT);
	table_column(t, "COUNT", TABLE_RIGHT);
	for (code = 0; code <= WIRE_ERR_MAX; code++) {
		if (stats->error_codes[code] == 0)
			continue;
		table_number(t, (uint64_t)code);
		table_text(t, wire_error_name(code));
		table_number(t, stats->error_codes[code]);
		any = 1;
	}
	if (any) {
		putchar('\n');
		table_print(t, stdout, 0);
	}
	table_free(t);
}

static const char *
opcode_name(uint32_t opcode)
{
	const struct opcode_info	*info = opcode_find((uint8_t)opcode);

	return (info == NULL ? "" : info->name);
}

static void
print_opstats(const struct msg_opstat *rows, size_t count)
{
	struct table	*t;
	char		 text[8];
	size_t		 i;

	if (count == 0)
		return;
	t = table_new();
	table_column(t, "OPCODE", TABLE_LEFT);
	table_column(t, "NAME", TABLE_LEFT);
	table_column(t, "REQUESTS", TABLE_RIGHT);
	table_column(t, "ERRORS", TABLE_RIGHT);
	for (i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "0x%02" PRIx32, rows[i].opcode);
		table_text(t, text);
		table_text(t, opcode_name(rows[i].opcode));
		table_number(t, rows[i].requests);
		table_number(t, rows[i].errors);
	}
	putchar('\n');
	table_print(t, stdout, 0);
	table_free(t);
}

static void
json_errors(struct json *j, const struct msg_stats *stats)
{
	int	 code;

	json_array(j, "error_codes");
	for (code = 1; code <= WIRE_ERR_MAX; code++) {
		json_object(j, NULL);
		json_number(j, "code", (uint64_t)code);
		json_string(j, "name", wire_error_name(code));
		json_number(j, "count", stats->error_codes[code]);
		json_end(j);
	}
	json_end(j);
}

static void
json_opstats(struct json *j, const struct msg_opstat *rows, size_t count)
{
	size_t	 i;

	json_array(j, "opcodes");
	for (i = 0; i < count; i++) {
		json_object(j, NULL);
		json_number(j, "opcode", rows[i].opcode);
		json_text(j, "name", opcode_name(rows[i].opcode));
		json_number(j, "requests", rows[i].requests);
		json_number(j, "errors", rows[i].errors);
		json_end(j);
	}
	json_end(j);
}

static void
json_stats(const struct msg_stats *stats, const struct msg_latency *latency,
    const struct msg_opstat *rows, size_t count)
{
	struct json	 j;
	size_t		 i;

	json_init(&j, stdout);
	json_object(&j, NULL);
	json_number(&j, "uptime", stats->uptime);
	for (i = 0; i < nitems(counters); i++)
		json_number(&j, counters[i].name, counter(stats, i));
	json_quantiles(&j, latency);
	json_errors(&j, stats);
	json_opstats(&j, rows, count);
	json_end(&j);
}

static void
show_stats(const struct request *request, const struct answer *answer,
    const struct style *style)
{
	const struct msg_stats		*stats;
	const struct msg_latency	*latency;
	const struct msg_opstat		*rows;
	size_t				 count;

	stats = answer_row(request, answer, STATS_COUNTERS, 0);
	latency = answer_row(request, answer, STATS_LATENCY, 0);
	count = answer->rows[STATS_OPCODES].count;
	rows = (const void *)answer->rows[STATS_OPCODES].data;
	if (style->json) {
		json_stats(stats, latency, rows, count);
		return;
	}
	print_counters(stats, latency);
	print_errors(stats);
	print_opstats(rows, count);
}

static int
opstat_check(const void *row)
{
	const struct msg_opstat	*opstat = row;

	return (opstat->opcode <= UINT8_MAX && opstat->zero == 0);
}

static const struct kind stats_kind = {
	.type = MSG_CTL_STATS,
	.once = 1,
	.size = sizeof(struct msg_stats)
};

static const struct kind opstat_kind = {
	.type = MSG_CTL_OPSTAT,
	.size = sizeof(struct msg_opstat),
	.check = opstat_check
};

static const struct kind latency_kind = {
	.type = MSG_CTL_LATENCY,
	.once = 1,
	.size = sizeof(struct msg_latency)
};

const struct request stats_request = {
	.type = MSG_CTL_SHOW_STATS,
	.kinds = {
		[STATS_COUNTERS] = &stats_kind,
		[STATS_OPCODES] = &opstat_kind,
		[STATS_LATENCY] = &latency_kind
	},
	.show = show_stats
};
