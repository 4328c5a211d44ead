/* keylessctl: show tokens. */
#include <inttypes.h>
#include <stdio.h>

#include "compat.h"
#include "ipc.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"

static int
token_check(const void *data)
{
	const struct msg_token_row	*row = data;
	const struct msg_token		*token = &row->token;

	return (TEXT_OK(row->set_name) && TEXT_OK(row->module) &&
	    TEXT_OK(token->manufacturer) && TEXT_OK(token->library) &&
	    TEXT_OK(token->library_version) && TEXT_OK(token->label) &&
	    TEXT_OK(token->serial) && TEXT_OK(token->model) &&
	    TEXT_OK(token->mechanisms) && TEXT_OK(token->last_error));
}

static void
token_columns(struct table *t, int verbose)
{
	table_column(t, "TOKEN", TABLE_LEFT);
	table_column(t, "SERIAL", TABLE_LEFT);
	table_column(t, "MANUFACTURER", TABLE_LEFT);
	table_column(t, "LIBRARY", TABLE_LEFT);
	if (verbose) {
		table_column(t, "MODEL", TABLE_LEFT);
		table_column(t, "SLOT-ID", TABLE_RIGHT);
		table_column(t, "SETID", TABLE_RIGHT);
	}
	table_column(t, "SESSIONS", TABLE_LEFT);
	table_column(t, "LOGINS", TABLE_RIGHT);
	table_column(t, "RECONNECTS", TABLE_RIGHT);
	table_column(t, "ERRORS", TABLE_RIGHT);
	table_column(t, "LAST-ERROR", TABLE_LEFT);
	table_column(t, "MODULE", TABLE_LEFT);
	if (verbose) {
		table_column(t, "OPERATIONS", TABLE_RIGHT);
		table_column(t, "MEAN-MS", TABLE_RIGHT);
		table_column(t, "THROTTLED", TABLE_RIGHT);
		table_column(t, "RETRIES", TABLE_RIGHT);
		table_column(t, "MECHANISMS", TABLE_LEFT);
	}
}

/* Sessions as "2 of 8"; a token may know neither number, or no limit. */
static const char *
sessions_text(const struct msg_token *token)
{
	static char	 text[64];
	char		 used[24] = "?", max[24] = "?";

	if (token->sessions != UINT64_MAX)
		snprintf(used, sizeof(used), "%" PRIu64, token->sessions);
	if (token->sessions_max == 0)
		strlcpy(max, "any", sizeof(max));
	else if (token->sessions_max != UINT64_MAX)
		snprintf(max, sizeof(max), "%" PRIu64, token->sessions_max);
	snprintf(text, sizeof(text), "%s of %s", used, max);
	return (text);
}

/* What a cloud's operations took on average; a token does not count them. */
static const char *
mean_text(const struct msg_token *token)
{
	static char	 text[32];

	text[0] = '\0';
	if (token->operations != 0)
		snprintf(text, sizeof(text), "%.1f",
		    (double)token->operation_us / (double)token->operations /
		    1000);
	return (text);
}

static void
token_row(struct table *t, const void *data, int verbose)
{
	const struct msg_token_row	*row = data;
	const struct msg_token		*token = &row->token;

	table_text(t, token->label[0] == '\0' ? row->set_name : token->label);
	table_text(t, token->serial);
	table_text(t, token->manufacturer);
	table_text(t, token->library_version);
	if (verbose) {
		table_text(t, token->model);
		table_number(t, token->slot_id);
		table_number(t, row->set);
	}
	table_text(t, sessions_text(token));
	table_number(t, token->logins);
	table_number(t, token->reconnects);
	table_number(t, token->errors);
	table_text(t, token->last_error);
	table_text(t, row->module);
	if (verbose) {
		table_number(t, token->operations);
		table_text(t, mean_text(token));
		table_number(t, token->throttled);
		table_number(t, token->retries);
		table_text(t, token->mechanisms);
	}
}

/* A number that the token may not know. */
static void
json_known(struct json *j, const char *name, uint64_t value)
{
	if (value == UINT64_MAX)
		json_null(j, name);
	else
		json_number(j, name, value);
}

static void
token_json(struct json *j, const void *data)
{
	const struct msg_token_row	*row = data;
	const struct msg_token		*token = &row->token;

	json_object(j, NULL);
	json_number(j, "set", row->set);
	json_string(j, "set_name", row->set_name);
	json_string(j, "module", row->module);
	json_string(j, "label", token->label);
	json_string(j, "serial", token->serial);
	json_string(j, "manufacturer", token->manufacturer);
	json_string(j, "model", token->model);
	json_string(j, "library", token->library);
	json_string(j, "library_version", token->library_version);
	json_number(j, "slot_id", token->slot_id);
	json_known(j, "sessions", token->sessions);
	json_known(j, "sessions_max", token->sessions_max);
	json_string(j, "mechanisms", token->mechanisms);
	json_number(j, "logins", token->logins);
	json_number(j, "reconnects", token->reconnects);
	json_number(j, "errors", token->errors);
	json_number(j, "operations", token->operations);
	json_number(j, "operation_us", token->operation_us);
	json_number(j, "throttled", token->throttled);
	json_number(j, "retries", token->retries);
	json_text(j, "last_error", token->last_error);
	json_number(j, "last_error_time", token->last_error_time);
	json_end(j);
}

static const struct kind token_kind = {
	.type = MSG_CTL_TOKEN,
	.size = sizeof(struct msg_token_row),
	.check = token_check
};

static const struct view token_view = {
	.name = "tokens",
	.columns = token_columns,
	.row = token_row,
	.json = token_json
};

const struct request tokens_request = {
	.type = MSG_CTL_SHOW_TOKENS,
	.kinds = { &token_kind },
	.view = &token_view,
	.show = show_rows
};
