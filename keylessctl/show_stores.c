/* keylessctl: show stores; check. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "compat.h"
#include "ipc.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"
#include "text.h"
#include "units.h"

static const char *const store_kinds[] = {
	[STORE_DIR] =		"dir",
	[STORE_FILE] =		"file",
	[STORE_PKCS11] =	"pkcs11",
	[STORE_CLOUD] =		"cloud",
};

static const char *const store_healths[] = {
	[STORE_UNTESTED] =	"untested",
	[STORE_SIGNS] =		"signs",
	[STORE_FAILS] =		"fails",
};

static int
store_check(const void *data)
{
	const struct msg_store_row	*row = data;

	return (row->store.kind <= STORE_KIND_MAX &&
	    row->store.required <= 1 && row->counts <= 1 &&
	    row->health <= STORE_HEALTH_MAX && TEXT_OK(row->store.name) &&
	    TEXT_OK(row->reason));
}

/* When a test signature was last found right: "12s ago", "never". */
static void
verified_cell(struct table *t, const struct msg_store_row *row)
{
	char	 text[UNITS_SIZE + sizeof(" ago")];

	strlcpy(text, "never", sizeof(text));
	if (row->verified_time != 0) {
		units_duration(units_age(row->verified_time), text);
		strlcat(text, " ago", sizeof(text));
	}
	table_text(t, text);
}

static void
health_cell(struct table *t, const struct msg_store_row *row)
{
	table_text(t, store_healths[row->health]);
	if (row->health == STORE_FAILS)
		table_mark(t);
}

static void
store_columns(struct table *t, int verbose)
{
	table_column(t, "HEALTH", TABLE_LEFT);
	table_column(t, "COUNTS", TABLE_LEFT);
	table_column(t, "VERIFIED", TABLE_LEFT);
	table_column(t, "KEYS", TABLE_RIGHT);
	table_column(t, "FAILED", TABLE_RIGHT);
	table_column(t, "SIGNERS", TABLE_LEFT);
	if (verbose) {
		table_column(t, "TESTS", TABLE_RIGHT);
		table_column(t, "FAILURES", TABLE_RIGHT);
		table_column(t, "NUMBER", TABLE_RIGHT);
		table_column(t, "SETID", TABLE_RIGHT);
		table_column(t, "KIND", TABLE_LEFT);
		table_column(t, "REQUIRED", TABLE_LEFT);
	}
	table_column(t, "STORE", TABLE_LEFT);
	table_column(t, "REASON", TABLE_LEFT);
}

static void
store_more(struct table *t, const struct msg_store_row *row)
{
	table_number(t, row->tests);
	table_number(t, row->failures);
	table_number(t, row->store.store);
	if (row->store.set == MSG_SET_NONE)
		table_text(t, "");
	else
		table_number(t, row->store.set);
	table_text(t, store_kinds[row->store.kind]);
	table_text(t, row->store.required ? "yes" : "no");
}

static void
store_row(struct table *t, const void *data, int verbose)
{
	const struct msg_store_row	*row = data;
	char				 text[UNITS_SIZE];

	health_cell(t, row);
	table_text(t, row->counts ? "yes" : "no");
	verified_cell(t, row);
	table_number(t, row->keys_ready);
	table_number(t, row->keys_failed);
	if (row->keys_failed != 0)
		table_mark(t);
	snprintf(text, sizeof(text), "%u of %u",
	    (unsigned int)row->signers_ready, (unsigned int)row->signers);
	table_text(t, text);
	if (verbose)
		store_more(t, row);
	table_text(t, row->store.name);
	table_text(t, row->reason);
}

static void
store_json(struct json *j, const void *data)
{
	const struct msg_store_row	*row = data;

	json_object(j, NULL);
	json_number(j, "number", row->store.store);
	json_string(j, "name", row->store.name);
	json_string(j, "kind", store_kinds[row->store.kind]);
	if (row->store.set == MSG_SET_NONE)
		json_null(j, "set");
	else
		json_number(j, "set", row->store.set);
	json_bool(j, "required", row->store.required != 0);
	json_bool(j, "counts", row->counts != 0);
	json_string(j, "health", store_healths[row->health]);
	if (row->verified_time == 0)
		json_null(j, "verified_time");
	else
		json_number(j, "verified_time", row->verified_time);
	json_number(j, "tests", row->tests);
	json_number(j, "failures", row->failures);
	json_number(j, "keys_ready", row->keys_ready);
	json_number(j, "keys_failed", row->keys_failed);
	json_number(j, "signers_ready", row->signers_ready);
	json_number(j, "signers", row->signers);
	json_text(j, "reason", row->reason);
	json_end(j);
}

static const struct kind store_kind = {
	.type = MSG_CTL_STORE,
	.size = sizeof(struct msg_store_row),
	.check = store_check
};

static const struct view store_view = {
	.name = "stores",
	.columns = store_columns,
	.row = store_row,
	.json = store_json
};

const struct request stores_request = {
	.type = MSG_CTL_SHOW_STORES,
	.kinds = { &store_kind },
	.view = &store_view,
	.show = show_rows
};

static void
check_columns(struct table *t, int verbose)
{
	if (verbose) {
		store_columns(t, verbose);
		return;
	}
	table_column(t, "HEALTH", TABLE_LEFT);
	table_column(t, "VERIFIED", TABLE_LEFT);
	table_column(t, "STORE", TABLE_LEFT);
	table_column(t, "REASON", TABLE_LEFT);
}

static void
check_row(struct table *t, const void *data, int verbose)
{
	const struct msg_store_row	*row = data;

	if (verbose) {
		store_row(t, data, verbose);
		return;
	}
	health_cell(t, row);
	verified_cell(t, row);
	table_text(t, row->store.name);
	table_text(t, row->reason);
}

static void
check_json(const struct request *request, const struct answer *answer)
{
	struct json	 j;

	json_init(&j, stdout);
	json_object(&j, NULL);
	json_bool(&j, "ready", answer->result.status == 0);
	json_text(&j, "reason",
	    answer->result.status == 0 ? "" : answer->result.text);
	show_json_array(&j, request, answer);
	json_end(&j);
}

/* The stores that count and, as the last line, what they come to. */
static void
show_check(const struct request *request, const struct answer *answer,
    const struct style *style)
{
	if (style->json) {
		check_json(request, answer);
		return;
	}
	if (answer->rows[0].count != 0)
		show_rows(request, answer, style);
	if (answer->result.status == 0)
		printf("ready\n");
	else
		printf("not ready: %s\n", text_show(answer->result.text));
}

static const struct view check_view = {
	.name = "stores",
	.columns = check_columns,
	.row = check_row,
	.json = store_json
};

const struct request check_request = {
	.type = MSG_CTL_CHECK,
	.waiting = "waiting for test signatures",
	.kinds = { &store_kind },
	.view = &check_view,
	.show = show_check,
	.refused = show_check
};
