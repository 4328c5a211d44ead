/* keylessctl: show keys. */
#include <stdint.h>
#include <string.h>

#include "compat.h"
#include "hex.h"
#include "ipc.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"

static const char *const key_states[] = {
	[KEY_FAILED] =		"failed",
	[KEY_READY] =		"ready",
	[KEY_LOST] =		"lost",
	[KEY_DISABLED] =	"disabled",
};

static int
key_check(const void *row)
{
	const struct msg_key	*key = row;

	return (key->state <= KEY_STATE_MAX && key->type <= KEY_TYPE_MAX &&
	    TEXT_OK(key->label) && TEXT_OK(key->store) &&
	    TEXT_OK(key->reason));
}

/* The identifier in hexadecimal; empty when the key has none (all zero). */
static const char *
id_text(const uint8_t *id, size_t length)
{
	static const uint8_t	 zero[WIRE_DIGEST_SIZE];
	static char		 text[2 * WIRE_DIGEST_SIZE + 1];

	text[0] = '\0';
	if (memcmp(id, zero, length) != 0)
		hex_encode(id, length, text);
	return (text);
}

static void
key_columns(struct table *t, int verbose)
{
	table_column(t, "STATE", TABLE_LEFT);
	table_column(t, "TYPE", TABLE_LEFT);
	table_column(t, "BITS", TABLE_RIGHT);
	table_column(t, "SKI", TABLE_LEFT);
	if (verbose) {
		table_column(t, "DIGEST", TABLE_LEFT);
		table_column(t, "SETID", TABLE_RIGHT);
	}
	table_column(t, "LABEL", TABLE_LEFT);
	table_column(t, "STORE", TABLE_LEFT);
	table_column(t, "REASON", TABLE_LEFT);
}

static void
key_row(struct table *t, const void *row, int verbose)
{
	const struct msg_key	*key = row;

	table_text(t, key_states[key->state]);
	if (key->state != KEY_READY)
		table_mark(t);
	table_text(t, key_type_name(key->type));
	if (key->bits == 0)
		table_text(t, "");
	else
		table_number(t, key->bits);
	table_text(t, id_text(key->ski, sizeof(key->ski)));
	if (verbose) {
		table_text(t, id_text(key->digest, sizeof(key->digest)));
		table_number(t, key->set);
	}
	table_text(t, key->label);
	table_text(t, key->store);
	table_text(t, key->reason);
}

static void
key_json(struct json *j, const void *row)
{
	const struct msg_key	*key = row;

	json_object(j, NULL);
	json_text(j, "ski", id_text(key->ski, sizeof(key->ski)));
	json_text(j, "digest", id_text(key->digest, sizeof(key->digest)));
	json_text(j, "type",
	    key->type == KEY_TYPE_NONE ? "" : key_type_name(key->type));
	json_number(j, "bits", key->bits);
	json_string(j, "state", key_states[key->state]);
	json_string(j, "label", key->label);
	json_string(j, "store", key->store);
	json_number(j, "set", key->set);
	json_text(j, "reason", key->reason);
	json_end(j);
}

static const struct kind key_kind = {
	.type = MSG_CTL_KEY,
	.size = sizeof(struct msg_key),
	.check = key_check
};

static const struct view key_view = {
	.name = "keys",
	.columns = key_columns,
	.row = key_row,
	.json = key_json
};

const struct request keys_request = {
	.type = MSG_CTL_SHOW_KEYS,
	.kinds = { &key_kind },
	.view = &key_view,
	.show = show_rows
};
