/* keylessctl: keys, signers and tokens, for people and as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "hex.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"
#include "text.h"

static const char *const key_states[] = {
	[KEY_FAILED] =		"failed",
	[KEY_READY] =		"ready",
	[KEY_LOST] =		"lost",
};

static const char *const signer_states[] = {
	[SIGNER_STARTING] =	"starting",
	[SIGNER_READY] =	"ready",
	[SIGNER_WAITING] =	"waiting",
	[SIGNER_LOST] =		"lost",
	[SIGNER_FAILED] =	"failed",
};

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
	table_text(t, key->state == KEY_FAILED ? key->reason : "");
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

static void
signer_columns(struct table *t, int verbose)
{
	table_column(t, "ID", TABLE_RIGHT);
	table_column(t, "PID", TABLE_RIGHT);
	if (verbose)
		table_column(t, "SETID", TABLE_RIGHT);
	table_column(t, "SET", TABLE_LEFT);
	table_column(t, "SLOT", TABLE_RIGHT);
	table_column(t, "STATE", TABLE_LEFT);
	table_column(t, "RESTARTS", TABLE_RIGHT);
	table_column(t, "INFLIGHT", TABLE_RIGHT);
	table_column(t, "QUEUED", TABLE_RIGHT);
	table_column(t, "SERVED", TABLE_RIGHT);
}

static void
signer_row(struct table *t, const void *data, int verbose)
{
	const struct msg_signer_row	*row = data;
	const struct msg_signer		*signer = &row->signer;

	table_number(t, signer->id);
	if (signer->pid > 0)
		table_number(t, (uint64_t)signer->pid);
	else
		table_text(t, "");
	if (verbose)
		table_number(t, signer->set);
	table_text(t, row->set_name);
	table_number(t, signer->slot);
	table_text(t, signer_states[signer->state]);
	if (signer->state == SIGNER_FAILED || signer->state == SIGNER_LOST)
		table_mark(t);
	table_number(t, signer->restarts);
	table_number(t, row->inflight);
	table_number(t, row->queued);
	table_number(t, row->served);
}

static void
signer_json(struct json *j, const void *data)
{
	const struct msg_signer_row	*row = data;
	const struct msg_signer		*signer = &row->signer;

	json_object(j, NULL);
	json_number(j, "id", signer->id);
	if (signer->pid > 0)
		json_number(j, "pid", (uint64_t)signer->pid);
	else
		json_null(j, "pid");
	json_number(j, "set", signer->set);
	json_string(j, "set_name", row->set_name);
	json_number(j, "slot", signer->slot);
	json_string(j, "state", signer_states[signer->state]);
	json_number(j, "restarts", signer->restarts);
	json_number(j, "inflight", row->inflight);
	json_number(j, "queued", row->queued);
	json_number(j, "served", row->served);
	json_end(j);
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
	if (verbose)
		table_column(t, "MECHANISMS", TABLE_LEFT);
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
	if (verbose)
		table_text(t, token->mechanisms);
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
	json_text(j, "last_error", token->last_error);
	json_number(j, "last_error_time", token->last_error_time);
	json_end(j);
}

/* How rows of one kind are shown. */
struct view {
	const char	*name;		/* of the array in JSON */
	size_t		 size;		/* of a row */
	void		(*columns)(struct table *, int verbose);
	void		(*row)(struct table *, const void *, int verbose);
	void		(*json)(struct json *, const void *);
};

static const struct view key_view = {
	"keys", sizeof(struct msg_key), key_columns, key_row, key_json
};
static const struct view signer_view = {
	"signers", sizeof(struct msg_signer_row), signer_columns, signer_row,
	signer_json
};
static const struct view token_view = {
	"tokens", sizeof(struct msg_token_row), token_columns, token_row,
	token_json
};

static void
show_rows(const struct view *view, const struct rows *rows,
    const struct style *style)
{
	struct json	 j;
	struct table	*t;
	size_t		 i;

	if (style->json) {
		json_init(&j, stdout);
		json_object(&j, NULL);
		json_array(&j, view->name);
		for (i = 0; i < rows->count; i++)
			view->json(&j, rows->data + i * view->size);
		json_end(&j);
		json_end(&j);
		return;
	}
	t = table_new();
	view->columns(t, style->verbose);
	for (i = 0; i < rows->count; i++)
		view->row(t, rows->data + i * view->size, style->verbose);
	table_print(t, stdout, style->colour);
	table_free(t);
}

void
show_keys(const struct answer *answer, const struct style *style)
{
	show_rows(&key_view, &answer->keys, style);
}

void
show_signers(const struct answer *answer, const struct style *style)
{
	show_rows(&signer_view, &answer->signers, style);
}

void
show_tokens(const struct answer *answer, const struct style *style)
{
	show_rows(&token_view, &answer->tokens, style);
}
