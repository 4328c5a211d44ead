/* keylessctl: show sandbox. */
#include <sys/types.h>

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "ipc.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"

static const struct {
	uint32_t	 bit;
	const char	*name;
} name_spaces[] = {
	{ MSG_NS_MOUNT,	"mount" },
	{ MSG_NS_NET,	"net" },
	{ MSG_NS_IPC,	"ipc" },
	{ MSG_NS_USER,	"user" },
};

static int
sandbox_check(const void *data)
{
	const struct msg_sandbox	*row = data;

	return (row->namespaces <= MSG_NS_ALL && TEXT_OK(row->name) &&
	    TEXT_OK(row->root) && TEXT_OK(row->degraded));
}

static void
sandbox_columns(struct table *t, int verbose)
{
	table_column(t, "PROCESS", TABLE_LEFT);
	table_column(t, "PID", TABLE_RIGHT);
	table_column(t, "USER", TABLE_LEFT);
	table_column(t, "ROOT", TABLE_LEFT);
	table_column(t, "CALLS", TABLE_LEFT);
	table_column(t, "FILES", TABLE_LEFT);
	table_column(t, "NAMESPACES", TABLE_LEFT);
	table_column(t, "PRIVILEGES", TABLE_LEFT);
	if (verbose) {
		table_column(t, "NEW-PRIVILEGES", TABLE_LEFT);
		table_column(t, "DUMPABLE", TABLE_LEFT);
		table_column(t, "SETID", TABLE_RIGHT);
		table_column(t, "SLOT", TABLE_RIGHT);
	}
	table_column(t, "MISSING", TABLE_LEFT);
}

/* The user's name, or the number of one who has none. */
static const char *
user_text(uint32_t uid)
{
	static char	 text[64];
	struct passwd	*pw;

	if ((pw = getpwuid((uid_t)uid)) != NULL)
		strlcpy(text, pw->pw_name, sizeof(text));
	else
		snprintf(text, sizeof(text), "%" PRIu32, uid);
	return (text);
}

static const char *
calls_text(const struct msg_sandbox *row)
{
	return (row->pledge ? "pledge" : row->seccomp != 0 ? "seccomp" :
	    "all");
}

static const char *
files_text(const struct msg_sandbox *row)
{
	static char	 text[32];

	if (row->pledge)
		return ("unveil");
	if (row->landlock == 0)
		return ("by mode");
	snprintf(text, sizeof(text), "landlock %" PRIu32, row->landlock);
	return (text);
}

static const char *
name_spaces_text(uint32_t bits)
{
	static char	 text[64];
	size_t		 i;

	text[0] = '\0';
	for (i = 0; i < nitems(name_spaces); i++) {
		if (!(bits & name_spaces[i].bit))
			continue;
		if (text[0] != '\0')
			strlcat(text, ",", sizeof(text));
		strlcat(text, name_spaces[i].name, sizeof(text));
	}
	return (text);
}

static void
sandbox_row(struct table *t, const void *data, int verbose)
{
	const struct msg_sandbox	*row = data;

	table_text(t, row->name);
	table_number(t, (uint64_t)row->pid);
	table_text(t, user_text(row->uid));
	table_text(t, row->root);
	table_text(t, calls_text(row));
	table_text(t, files_text(row));
	table_text(t, name_spaces_text(row->namespaces));
	table_text(t, row->capabilities || row->uid == 0 ? "some" : "none");
	if (verbose) {
		table_text(t, row->no_new_privs ? "no" : "yes");
		table_text(t, row->dumpable ? "yes" : "no");
		table_number(t, row->set);
		table_number(t, row->slot);
	}
	table_text(t, row->degraded);
	if (row->degraded[0] != '\0')
		table_mark(t);
}

static void
sandbox_json(struct json *j, const void *data)
{
	const struct msg_sandbox	*row = data;
	size_t				 i;

	json_object(j, NULL);
	json_string(j, "process", row->name);
	json_number(j, "pid", (uint64_t)row->pid);
	json_number(j, "set", row->set);
	json_number(j, "slot", row->slot);
	json_number(j, "uid", row->uid);
	json_number(j, "gid", row->gid);
	json_string(j, "root", row->root);
	json_number(j, "seccomp", row->seccomp);
	json_number(j, "landlock", row->landlock);
	json_number(j, "pledge", row->pledge);
	json_array(j, "namespaces");
	for (i = 0; i < nitems(name_spaces); i++)
		if (row->namespaces & name_spaces[i].bit)
			json_string(j, NULL, name_spaces[i].name);
	json_end(j);
	json_number(j, "no_new_privs", row->no_new_privs);
	json_number(j, "dumpable", row->dumpable);
	json_number(j, "capabilities", row->capabilities);
	json_text(j, "missing", row->degraded);
	json_end(j);
}

static const struct kind sandbox_kind = {
	.type = MSG_CTL_SANDBOX,
	.size = sizeof(struct msg_sandbox),
	.check = sandbox_check
};

static const struct view sandbox_view = {
	.name = "processes",
	.columns = sandbox_columns,
	.row = sandbox_row,
	.json = sandbox_json
};

const struct request sandbox_request = {
	.type = MSG_CTL_SHOW_SANDBOX,
	.kinds = { &sandbox_kind },
	.view = &sandbox_view,
	.show = show_rows
};
