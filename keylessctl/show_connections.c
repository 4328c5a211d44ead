/* keylessctl: show connections. */
#include <stdint.h>

#include "compat.h"
#include "ipc.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"
#include "units.h"

static const char *const connection_states[] = {
	[CONNECTION_HANDSHAKE] =	"handshake",
	[CONNECTION_OPEN] =		"open",
	[CONNECTION_CLOSING] =		"closing",
};

static int
connection_check(const void *row)
{
	const struct msg_connection	*c = row;

	return (c->state <= CONNECTION_STATE_MAX && TEXT_OK(c->peer) &&
	    TEXT_OK(c->version) && TEXT_OK(c->cipher) && TEXT_OK(c->client));
}

static void
connection_columns(struct table *t, int verbose)
{
	table_column(t, "ID", TABLE_RIGHT);
	table_column(t, "PEER", TABLE_LEFT);
	table_column(t, "STATE", TABLE_LEFT);
	table_column(t, "AGE", TABLE_RIGHT);
	table_column(t, "IDLE", TABLE_RIGHT);
	table_column(t, "PENDING", TABLE_RIGHT);
	table_column(t, "REQUESTS", TABLE_RIGHT);
	table_column(t, "ERRORS", TABLE_RIGHT);
	if (verbose) {
		table_column(t, "TLS", TABLE_LEFT);
		table_column(t, "CIPHER", TABLE_LEFT);
	}
	table_column(t, "CLIENT", TABLE_LEFT);
}

static void
duration_cell(struct table *t, uint64_t seconds)
{
	char	 text[UNITS_SIZE];

	units_duration(seconds, text);
	table_text(t, text);
}

static void
connection_row(struct table *t, const void *row, int verbose)
{
	const struct msg_connection	*c = row;

	table_number(t, c->id);
	table_text(t, c->peer);
	table_text(t, connection_states[c->state]);
	duration_cell(t, c->age);
	duration_cell(t, c->idle);
	table_number(t, c->pending);
	table_number(t, c->requests);
	table_number(t, c->errors);
	if (verbose) {
		table_text(t, c->version);
		table_text(t, c->cipher);
	}
	table_text(t, c->client);
}

static void
connection_json(struct json *j, const void *row)
{
	const struct msg_connection	*c = row;

	json_object(j, NULL);
	json_number(j, "id", c->id);
	json_string(j, "peer", c->peer);
	json_string(j, "state", connection_states[c->state]);
	json_number(j, "age", c->age);
	json_number(j, "idle", c->idle);
	json_number(j, "pending", c->pending);
	json_number(j, "requests", c->requests);
	json_number(j, "errors", c->errors);
	json_text(j, "version", c->version);
	json_text(j, "cipher", c->cipher);
	json_text(j, "client", c->client);
	json_end(j);
}

static const struct kind connection_kind = {
	.type = MSG_CTL_CONNECTION,
	.size = sizeof(struct msg_connection),
	.check = connection_check
};

static const struct view connection_view = {
	.name = "connections",
	.columns = connection_columns,
	.row = connection_row,
	.json = connection_json
};

const struct request connections_request = {
	.type = MSG_CTL_SHOW_CONNECTIONS,
	.kinds = { &connection_kind },
	.view = &connection_view,
	.show = show_rows
};
