/* Parent and frontend: what they remember of a key; nothing secret. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "ipc.h"
#include "keyinfo.h"
#include "signmsg.h"

int
msg_key_valid(const struct msg_key *m)
{
	return (m->state <= KEY_STATE_MAX &&
	    m->type <= KEY_TYPE_MAX &&
	    ipc_text_ok(m->label, sizeof(m->label)) &&
	    ipc_text_ok(m->store, sizeof(m->store)) &&
	    ipc_text_ok(m->reason, sizeof(m->reason)));
}

int
msg_refused_valid(const struct msg_refused *m)
{
	return (m->status == SIGN_OK || m->status == SIGN_DISABLED ||
	    m->status == SIGN_GONE);
}

int
msg_token_valid(const struct msg_token *m)
{
	return (ipc_text_ok(m->manufacturer, sizeof(m->manufacturer)) &&
	    ipc_text_ok(m->library, sizeof(m->library)) &&
	    ipc_text_ok(m->library_version, sizeof(m->library_version)) &&
	    ipc_text_ok(m->label, sizeof(m->label)) &&
	    ipc_text_ok(m->serial, sizeof(m->serial)) &&
	    ipc_text_ok(m->model, sizeof(m->model)) &&
	    ipc_text_ok(m->mechanisms, sizeof(m->mechanisms)) &&
	    ipc_text_ok(m->last_error, sizeof(m->last_error)));
}

int
keyinfo_set(struct keyinfo *info, const struct msg_key *m)
{
	keyinfo_free(info);
	info->state = (enum key_state)m->state;
	info->type = (enum key_type)m->type;
	info->bits = m->bits;
	memcpy(info->ski, m->ski, sizeof(info->ski));
	memcpy(info->digest, m->digest, sizeof(info->digest));
	if ((info->label = strdup(m->label)) == NULL ||
	    (info->store = strdup(m->store)) == NULL ||
	    (m->state == KEY_FAILED &&
	    (info->reason = strdup(m->reason)) == NULL)) {
		keyinfo_free(info);
		return (-1);
	}
	return (0);
}

int
keyinfo_fail(struct keyinfo *info, const char *store, const char *reason)
{
	struct msg_key	 m;

	memset(&m, 0, sizeof(m));
	m.state = KEY_FAILED;
	strlcpy(m.store, store, sizeof(m.store));
	strlcpy(m.reason, reason, sizeof(m.reason));
	return (keyinfo_set(info, &m));
}

void
keyinfo_to_msg(const struct keyinfo *info, struct msg_key *m)
{
	memset(m, 0, sizeof(*m));
	m->state = info->state;
	m->type = info->type;
	m->bits = info->bits;
	memcpy(m->ski, info->ski, sizeof(m->ski));
	memcpy(m->digest, info->digest, sizeof(m->digest));
	if (info->label != NULL)
		strlcpy(m->label, info->label, sizeof(m->label));
	if (info->store != NULL)
		strlcpy(m->store, info->store, sizeof(m->store));
	if (info->reason != NULL)
		strlcpy(m->reason, info->reason, sizeof(m->reason));
}

int
keyinfo_same(const struct keyinfo *a, const struct keyinfo *b)
{
	return (a->state == KEY_READY && b->state == KEY_READY &&
	    a->type == b->type && a->bits == b->bits &&
	    memcmp(a->ski, b->ski, sizeof(a->ski)) == 0);
}

void
keyinfo_free(struct keyinfo *info)
{
	free(info->label);
	free(info->store);
	free(info->reason);
	memset(info, 0, sizeof(*info));
}
