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

#define GATHERED_MAX	1000000	/* rows, as many as max_connections may be */

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

/* Of each signer every frontend has its own view. */
static void
add_others(const struct client *cl, struct msg_signer_row *m)
{
	const struct msg_signer_row	*r;
	size_t				 i;

	for (i = 0; i < cl->ngathered; i++) {
		r = (const struct msg_signer_row *)cl->gathered + i;
		if (r->signer.set != m->signer.set ||
		    r->signer.slot != m->signer.slot)
			continue;
		m->inflight += r->inflight;
		m->queued += r->queued;
		m->served += r->served;
	}
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
	add_others(cl, &m);
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

static void
show_stats(struct client *cl)
{
	static struct counts	 all;
	size_t			 i;

	frontend_figures(&all);
	channel_send(cl->channel, MSG_CTL_STATS, 0, -1, &all.stats,
	    sizeof(all.stats));
	channel_send(cl->channel, MSG_CTL_LATENCY, 0, -1, &all.latency,
	    sizeof(all.latency));
	for (i = 0; i < OPCODE_COUNT; i++)
		if (all.opstats[i].requests != 0)
			channel_send(cl->channel, MSG_CTL_OPSTAT, 0, -1,
			    &all.opstats[i], sizeof(all.opstats[i]));
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

static int
by_id(const void *a, const void *b)
{
	const struct msg_connection	*x = a, *y = b;

	return (x->id < y->id ? -1 : x->id > y->id);
}

/* Our own and the siblings'. */
static void
show_connections(struct client *cl)
{
	struct msg_connection	*all;
	size_t			 n;

	if ((cl->conns = conn_rows(&n)) == NULL ||
	    (all = reallocarray(cl->conns, n + cl->ngathered + 1,
	    sizeof(*all))) == NULL) {
		cl->status = 1;
		strlcpy(cl->reason, "out of memory", sizeof(cl->reason));
		return;
	}
	if (cl->ngathered != 0)
		memcpy(all + n, cl->gathered, cl->ngathered * sizeof(*all));
	cl->conns = all;
	cl->nconns = n + cl->ngathered;
	qsort(all, cl->nconns, sizeof(*all), by_id);
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

/*
 * What begins an answer, and what goes on with it; before it, which rows of
 * what size the siblings are asked for.
 */
static const struct show {
	uint32_t	 type;
	void		 (*begin)(struct client *);
	row_function	 row;
	uint32_t	 row_type;	/* 0: they are not asked */
	size_t		 row_size;
} shows[] = {
	{ MSG_CTL_SHOW_KEYS,		NULL,		key_row, 0, 0 },
	{ MSG_CTL_SHOW_SIGNERS,		NULL,		signer_row,
	    MSG_CTL_SIGNER, sizeof(struct msg_signer_row) },
	{ MSG_CTL_SHOW_SANDBOX,		NULL,		sandbox_row, 0, 0 },
	{ MSG_CTL_SHOW_STATS,		show_stats,	no_row, 0, 0 },
	{ MSG_CTL_SHOW_TOKENS,		NULL,		token_row, 0, 0 },
	{ MSG_CTL_SHOW_STORES,		NULL,		store_row, 0, 0 },
	{ MSG_CTL_SHOW_CONNECTIONS,	show_connections, connection_row,
	    MSG_CTL_CONNECTION, sizeof(struct msg_connection) },
	{ MSG_CTL_SHOW_VERSION,		show_version,	no_row, 0, 0 },
};

static void
begin(struct client *cl)
{
	if (cl->show->begin != NULL)
		cl->show->begin(cl);
	cl->next_row = cl->show->row;
}

/* Another row of a sibling.  One that does not fit is left out. */
static void
gather_row(void *arg, const void *row)
{
	struct client	*cl = arg;
	size_t		 n = cl->ngathered, size = cl->show->row_size;
	void		*p;

	if (n == GATHERED_MAX)
		return;
	/* Doubles the room at each power of two. */
	if ((n & (n - 1)) == 0) {
		p = recallocarray(cl->gathered, n, n == 0 ? 1 : n * 2, size);
		if (p == NULL)
			return;
		cl->gathered = p;
	}
	memcpy((uint8_t *)cl->gathered + n * size, row, size);
	cl->ngathered++;
}

static void
gathered_all(void *arg)
{
	struct client	*cl = arg;

	cl->siblings = NULL;
	begin(cl);
	control_rows(cl);
}

int
control_show(struct client *cl, uint32_t type)
{
	size_t	 i;

	for (i = 0; i < nitems(shows); i++)
		if (shows[i].type == type)
			break;
	if (i == nitems(shows))
		return (-1);
	cl->show = &shows[i];
	if (cl->show->row_type != 0)
		cl->siblings = siblings_ask(type, cl->show->row_type,
		    cl->show->row_size, gather_row, gathered_all, cl);
	else
		begin(cl);
	return (0);
}

void
control_show_end(struct client *cl)
{
	free(cl->conns);
	free(cl->gathered);
	cl->conns = NULL;
	cl->gathered = NULL;
	cl->nconns = cl->ngathered = 0;
}
