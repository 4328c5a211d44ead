/* Frontend: answers keylessctl on the control socket. */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "frontend.h"
#include "log.h"

#define CLIENTS_MAX	32
#define ROWS_QUEUED	65536	/* bytes of rows that wait to be written */

struct client;

/* A long answer, given in portions as the client takes them. */
typedef int	(*row_function)(struct client *);

struct client {
	TAILQ_ENTRY(client)	 entry;
	struct channel		*channel;
	uint32_t		 id;
	int			 privileged;
	row_function		 next_row;	/* NULL: no answer under way */
	size_t			 row;
	uint32_t		 set;		/* id; it may go meanwhile */
};

static TAILQ_HEAD(, client)	 clients = TAILQ_HEAD_INITIALIZER(clients);
static size_t			 nclients;
static int			 listen_fd = -1;
static int			 offered_fd = -1;
static struct event		*acceptable;

static void
client_free(struct client *cl)
{
	TAILQ_REMOVE(&clients, cl, entry);
	nclients--;
	channel_free(cl->channel);
	free(cl);
	if (listen_fd != -1)
		event_add(acceptable, NULL);
}

static void
result(struct client *cl, int status, const char *text)
{
	struct msg_result	 m;

	memset(&m, 0, sizeof(m));
	m.status = (uint32_t)status;
	strlcpy(m.text, text, sizeof(m.text));
	channel_send(cl->channel, MSG_CTL_RESULT, 0, -1, &m, sizeof(m));
}

/* Send rows while the client takes them. */
static void
client_rows(struct client *cl)
{
	while (cl->next_row != NULL &&
	    channel_queued(cl->channel) < ROWS_QUEUED) {
		if (cl->next_row(cl))
			continue;
		cl->next_row = NULL;
		result(cl, 0, "");
	}
}

static int
key_row(struct client *cl)
{
	struct fe_key	*key;
	struct msg_key	 m;

	if (cl->row >= frontend_nkeys())
		return (0);
	key = frontend_key(cl->row++);
	keyinfo_to_msg(&key->info, &m);
	if (m.state == KEY_READY && queue_set_lost(key->set))
		m.state = KEY_LOST;
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
	cl->next_row = opstat_row;
}

/* Commands that change something are root's and the daemon's own user's. */
static int
refuse_unprivileged(struct client *cl)
{
	if (cl->privileged)
		return (0);
	result(cl, 1, "permission denied: only root may do that");
	return (1);
}

static void
set_log_level(struct client *cl, struct ipc_msg *msg)
{
	uint32_t	 level;

	if (ipc_get(msg, &level, sizeof(level)) == -1 ||
	    level > LOG_LEVEL_FATAL) {
		result(cl, 1, "malformed request");
		return;
	}
	if (refuse_unprivileged(cl))
		return;
	channel_send(fe_parent, MSG_FRONT_LOG_LEVEL, 0, -1, &level,
	    sizeof(level));
	result(cl, 0, "");
}

static void
client_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	struct client	*cl = arg;

	(void)ch;
	if (cl->next_row != NULL) {
		result(cl, 1, "one request at a time");
		return;
	}
	cl->row = 0;
	cl->set = 0;
	switch (msg->type) {
	case MSG_CTL_SHOW_KEYS:
		cl->next_row = key_row;
		break;
	case MSG_CTL_SHOW_SIGNERS:
		cl->next_row = signer_row;
		break;
	case MSG_CTL_SHOW_TOKENS:
		cl->next_row = token_row;
		break;
	case MSG_CTL_SHOW_STATS:
		show_stats(cl);
		break;
	case MSG_CTL_LOG_LEVEL:
		set_log_level(cl, msg);
		break;
	case MSG_CTL_RELOAD:
		if (!refuse_unprivileged(cl))
			channel_send(fe_parent, MSG_FRONT_RELOAD, cl->id, -1,
			    NULL, 0);
		break;
	default:
		result(cl, 1, "unknown request: keylessctl and keylessd are "
		    "of different versions");
	}
	client_rows(cl);
}

static void
client_gone(struct channel *ch, void *arg)
{
	(void)ch;
	client_free(arg);
}

static void
client_drained(struct channel *ch, void *arg)
{
	(void)ch;
	client_rows(arg);
}

static const struct channel_handler	 client_handler = {
	.message = client_message,
	.gone = client_gone,
	.drained = client_drained
};

static void
client_new(int fd)
{
	static uint32_t	 last_id;
	struct client	*cl;
	uid_t		 uid;
	gid_t		 gid;

	if (getpeereid(fd, &uid, &gid) == -1 ||
	    (cl = calloc(1, sizeof(*cl))) == NULL) {
		log_warn("control client refused");
		close(fd);
		return;
	}
	cl->channel = channel_new(fe_base, fd, 0, &client_handler, cl);
	if (cl->channel == NULL) {
		log_warn("control client refused");
		free(cl);
		return;
	}
	cl->id = ++last_id;
	cl->privileged = uid == 0 || uid == geteuid();
	TAILQ_INSERT_TAIL(&clients, cl, entry);
	if (++nclients == CLIENTS_MAX)
		event_del(acceptable);
}

static void
control_acceptable(evutil_socket_t fd, short what, void *arg)
{
	int	 client;

	(void)what;
	(void)arg;
	client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client != -1)
		client_new(client);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		log_warn("control socket: accept");
}

void
control_offer(int fd)
{
	control_abort();
	offered_fd = fd;
}

void
control_abort(void)
{
	if (offered_fd != -1)
		close(offered_fd);
	offered_fd = -1;
}

/* Listen no more; clients that are connected stay. */
static void
stop_listening(void)
{
	if (listen_fd == -1)
		return;
	event_free(acceptable);
	close(listen_fd);
	listen_fd = -1;
}

void
control_switch(void)
{
	stop_listening();
	listen_fd = offered_fd;
	offered_fd = -1;
	acceptable = event_new(fe_base, listen_fd, EV_READ | EV_PERSIST,
	    control_acceptable, NULL);
	if (acceptable == NULL ||
	    (nclients < CLIENTS_MAX && event_add(acceptable, NULL) == -1))
		fatalx("event_new");
}

void
control_result(uint32_t id, const struct msg_result *m)
{
	struct client	*cl;

	TAILQ_FOREACH(cl, &clients, entry) {
		if (cl->id == id) {
			channel_send(cl->channel, MSG_CTL_RESULT, 0, -1, m,
			    sizeof(*m));
			return;
		}
	}
}

void
control_stop(void)
{
	struct client	*cl, *next;

	control_abort();
	stop_listening();
	TAILQ_FOREACH_SAFE(cl, &clients, entry, next)
		client_free(cl);
}
