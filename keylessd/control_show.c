/* Frontend: what keylessctl shows, row by row. */
#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "control.h"
#include "log.h"
#include "version.h"

static int
key_row(struct client *cl)
{
	struct fe_key	*key;
	struct msg_key	 m;

	if (cl->row >= frontend_nkeys())
		return (0);
	key = frontend_key(cl->row++);
	keyinfo_to_msg(&key->info, &m);
	m.state = frontend_key_state(key);
	if (m.state == KEY_DISABLED)
		strlcpy(m.reason, sign_status_name((int)key->refused),
		    sizeof(m.reason));
	m.set = key->set->id;
	m.index = key->index;
	channel_send(cl->channel, MSG_CTL_KEY, 0, -1, &m, sizeof(m));
	return (1);
}

static int
signer_row(struct client *cl)
{
	const struct fe_signer	*s;
	const struct fe_set	*set;
	struct msg_signer_row	 m;

	while ((set = queue_set_from(cl->set)) != NULL &&
	    (set->id != cl->set || cl->row >= set->nsigners)) {
		if (set->id == cl->set)
			cl->set++;
		else
			cl->set = set->id;
		cl->row = 0;
	}
	if (set == NULL)
		return (0);
	s = &set->signers[cl->row++];
	memset(&m, 0, sizeof(m));
	m.signer = s->info;
	m.inflight = s->ninflight;
	m.queued = set->nqueued;
	m.served = s->served;
	strlcpy(m.set_name, set->name, sizeof(m.set_name));
	channel_send(cl->channel, MSG_CTL_SIGNER, 0, -1, &m, sizeof(m));
	return (1);
}

static int
token_row(struct client *cl)
{
	const struct fe_set	*set;

	while ((set = queue_set_from(cl->set)) != NULL && set->token == NULL)
		cl->set = set->id + 1;
	if (set == NULL)
		return (0);
	channel_send(cl->channel, MSG_CTL_TOKEN, 0, -1, set->token,
	    sizeof(*set->token));
	cl->set = set->id + 1;
	return (1);
}

static int
sandbox_row(struct client *cl)
{
	const struct msg_sandbox	*m;

	if ((m = sandboxtab_row(cl->row)) == NULL)
		return (0);
	cl->row++;
	channel_send(cl->channel, MSG_CTL_SANDBOX, 0, -1, m, sizeof(*m));
	return (1);
}

static int
opstat_row(struct client *cl)
{
	while (cl->row < OPCODE_COUNT && fe_opstats[cl->row].requests == 0)
		cl->row++;
	if (cl->row == OPCODE_COUNT)
		return (0);
	channel_send(cl->channel, MSG_CTL_OPSTAT, 0, -1,
	    &fe_opstats[cl->row++], sizeof(fe_opstats[0]));
	return (1);
}

static void
show_stats(struct client *cl)
{
	struct msg_stats	 m;

	frontend_stats(&m);
	channel_send(cl->channel, MSG_CTL_STATS, 0, -1, &m, sizeof(m));
	channel_send(cl->channel, MSG_CTL_LATENCY, 0, -1, &fe_latency,
	    sizeof(fe_latency));
}

static int
store_row(struct client *cl)
{
	struct msg_store_row	 m;

	if (health_row(cl->row++, &m) == -1)
		return (0);
	channel_send(cl->channel, MSG_CTL_STORE, 0, -1, &m, sizeof(m));
	return (1);
}

int
control_check_row(struct client *cl)
{
	struct msg_store_row	 m;

	do {
		if (health_row(cl->row++, &m) == -1)
			return (0);
	} while (!m.counts);
	channel_send(cl->channel, MSG_CTL_STORE, 0, -1, &m, sizeof(m));
	return (1);
}

static int
connection_row(struct client *cl)
{
	if (cl->row >= cl->nconns)
		return (0);
	channel_send(cl->channel, MSG_CTL_CONNECTION, 0, -1,
	    &cl->conns[cl->row++], sizeof(cl->conns[0]));
	return (1);
}

static void
show_connections(struct client *cl)
{
	if ((cl->conns = conn_rows(&cl->nconns)) != NULL)
		return;
	cl->nconns = 0;
	cl->status = 1;
	strlcpy(cl->reason, "out of memory", sizeof(cl->reason));
}

static void
show_version(struct client *cl)
{
	struct msg_version	 m;

	memset(&m, 0, sizeof(m));
	m.started = fe_conf.started;
	m.pid = (int32_t)getppid();
	m.draining = frontend_draining() != 0;
	strlcpy(m.version, KEYLESSD_VERSION, sizeof(m.version));
	snprintf(m.libtls, sizeof(m.libtls), "%d", TLS_API);
	strlcpy(m.libevent, event_get_version(), sizeof(m.libevent));
	channel_send(cl->channel, MSG_CTL_VERSION, 0, -1, &m, sizeof(m));
}

static int
no_row(struct client *cl)
{
	(void)cl;
	return (0);
}

/* What begins an answer, and what goes on with it. */
static const struct {
	uint32_t	 type;
	void		 (*begin)(struct client *);
	row_function	 row;
} shows[] = {
	{ MSG_CTL_SHOW_KEYS,		NULL,			key_row },
	{ MSG_CTL_SHOW_SIGNERS,		NULL,			signer_row },
	{ MSG_CTL_SHOW_SANDBOX,		NULL,			sandbox_row },
	{ MSG_CTL_SHOW_STATS,		show_stats,		opstat_row },
	{ MSG_CTL_SHOW_TOKENS,		NULL,			token_row },
	{ MSG_CTL_SHOW_STORES,		NULL,			store_row },
	{ MSG_CTL_SHOW_CONNECTIONS,	show_connections, connection_row },
	{ MSG_CTL_SHOW_VERSION,		show_version,		no_row },
};

int
control_show(struct client *cl, uint32_t type)
{
	size_t	 i;

	for (i = 0; i < nitems(shows); i++) {
		if (shows[i].type != type)
			continue;
		if (shows[i].begin != NULL)
			shows[i].begin(cl);
		cl->next_row = shows[i].row;
		return (0);
	}
	return (-1);
}
