/* keylessctl: show signers. */
#include <stdint.h>

#include "compat.h"
#include "ipc.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"

static const char *const signer_states[] = {
	[SIGNER_STARTING] =	"starting",
	[SIGNER_READY] =	"ready",
	[SIGNER_WAITING] =	"waiting",
	[SIGNER_LOST] =		"lost",
	[SIGNER_FAILED] =	"failed",
};

static int
signer_check(const void *data)
{
	const struct msg_signer_row	*row = data;

	return (row->signer.state <= SIGNER_STATE_MAX &&
	    TEXT_OK(row->set_name));
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

static const struct kind signer_kind = {
	.type = MSG_CTL_SIGNER,
	.size = sizeof(struct msg_signer_row),
	.check = signer_check
};

static const struct view signer_view = {
	.name = "signers",
	.columns = signer_columns,
	.row = signer_row,
	.json = signer_json
};

const struct request signers_request = {
	.type = MSG_CTL_SHOW_SIGNERS,
	.kinds = { &signer_kind },
	.view = &signer_view,
	.show = show_rows
};
