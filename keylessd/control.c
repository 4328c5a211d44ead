/* Frontend: answers keylessctl on the control socket. */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "control.h"
#include "expiry.h"
#include "log.h"

#define CLIENTS_MAX	32
#define ROWS_QUEUED	65536	/* bytes of rows that wait to be written */
#define QUEUED_MAX	131072	/* bytes for one who asks and does not read */
#define PAUSE		1	/* s without accepting when that fails */

static TAILQ_HEAD(, client)	 clients = TAILQ_HEAD_INITIALIZER(clients);
static size_t			 nclients;
static int			 listen_fd = -1;
static int			 offered_fd = -1;
static struct event		*acceptable;
static struct event		*resume;

static void
client_free(struct client *cl)
{
	TAILQ_REMOVE(&clients, cl, entry);
	nclients--;
	if (cl->health != NULL)
		health_cancel(cl->health);
	if (cl->siblings != NULL)
		siblings_cancel(cl->siblings);
	control_show_end(cl);
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
void
control_rows(struct client *cl)
{
	while (cl->next_row != NULL &&
	    channel_queued(cl->channel) < ROWS_QUEUED) {
		if (cl->next_row(cl))
			continue;
		cl->next_row = NULL;
		control_show_end(cl);
		result(cl, cl->status, cl->reason);
	}
}

/* Commands that change something are root's and the daemon's own user's. */
static int
refuse_unprivileged(struct client *cl)
{
	if (cl->privileged)
		return (0);
	result(cl, 1, "permission denied: only root and the user that "
	    "keylessd runs as may do that; what show and check say is for "
	    "its group too");
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

/* Ask the parent, whose result goes to the client. */
static void
ask_parent(struct client *cl, enum msg_type type)
{
	cl->waits = WAIT_PARENT;
	channel_send(fe_parent, type, cl->id, -1, NULL, 0);
}

/* The parent keeps the client's socket until it has ended. */
static void
ask_stop(struct client *cl)
{
	int	 fd;

	if ((fd = channel_copy_fd(cl->channel)) == -1) {
		result(cl, 1, "out of descriptors; try again, or kill(1)");
		return;
	}
	channel_send(fe_parent, MSG_FRONT_ASK_STOP, 0, fd, NULL, 0);
}

/* The parent may refuse; else it lets us drain, see control_draining(). */
static void
drain(struct client *cl)
{
	ask_parent(cl, MSG_FRONT_ASK_DRAIN);
	cl->waits = WAIT_DRAIN;
	cl->drain_from = shared_connections();
}

/* The stores have been asked: their rows, then the result. */
static void
checked(void *arg, int ok, const char *reason)
{
	struct client	*cl = arg;

	cl->health = NULL;
	cl->status = !ok;
	strlcpy(cl->reason, ok ? "ready" : reason, sizeof(cl->reason));
	cl->next_row = control_check_row;
	control_rows(cl);
}

static int
is_busy(const struct client *cl)
{
	return (cl->next_row != NULL || cl->waits != WAIT_NOTHING ||
	    cl->health != NULL || cl->siblings != NULL);
}

/* Requests that change something. */
static void
change(struct client *cl, struct ipc_msg *msg)
{
	switch (msg->type) {
	case MSG_CTL_LOG_LEVEL:
		set_log_level(cl, msg);
		break;
	case MSG_CTL_RELOAD:
		ask_parent(cl, MSG_FRONT_RELOAD);
		break;
	case MSG_CTL_DRAIN:
		drain(cl);
		break;
	case MSG_CTL_UNDRAIN:
		ask_parent(cl, MSG_FRONT_ASK_UNDRAIN);
		break;
	case MSG_CTL_STOP:
		ask_stop(cl);
		break;
	default:
		result(cl, 1, "unknown request: keylessctl and keylessd are "
		    "of different versions");
	}
}

static void
client_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	struct client	*cl = arg;

	if (channel_queued(ch) >= QUEUED_MAX) {
		log_warnx("control client dropped reason=\"it asks on and on "
		    "and does not read\"");
		client_free(cl);
		return;
	}
	if (is_busy(cl)) {
		result(cl, 1, "one request at a time");
		return;
	}
	cl->row = 0;
	cl->set = 0;
	cl->status = 0;
	cl->reason[0] = '\0';
	if (msg->type == MSG_CTL_CHECK)
		cl->health = health_ask(checked, cl);
	else if (msg->type == MSG_CTL_SHOW_CONFIG) {
		cl->shows_config = 1;
		ask_parent(cl, MSG_FRONT_ASK_CONFIG);
	} else if (control_show(cl, msg->type) == 0)
		control_rows(cl);
	else if (!refuse_unprivileged(cl))
		change(cl, msg);
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
	control_rows(arg);
}

static const struct channel_handler	 client_handler = {
	.message = client_message,
	.gone = client_gone,
	.drained = client_drained
};

static void
client_new(int fd, int privileged)
{
	static uint32_t	 last_id;
	struct client	*cl;

	if ((cl = calloc(1, sizeof(*cl))) == NULL) {
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
	cl->privileged = privileged;
	TAILQ_INSERT_TAIL(&clients, cl, entry);
	if (++nclients == CLIENTS_MAX && listen_fd != -1)
		event_del(acceptable);
}

void
control_sibling(int fd)
{
	client_new(fd, 0);
}

static void
client_accepted(int fd)
{
	uid_t	 uid;
	gid_t	 gid;

	if (getpeereid(fd, &uid, &gid) == -1) {
		log_warn("control client refused");
		close(fd);
		return;
	}
	client_new(fd, uid == 0 || uid == geteuid());
}

/* As soon as a client has left, or now. */
static void
accept_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (listen_fd != -1 && nclients < CLIENTS_MAX)
		event_add(acceptable, NULL);
}

/* Out of descriptors: who waits would wake us up again and again. */
static void
pause_accepting(void)
{
	const struct timeval	 tv = { PAUSE, 0 };

	log_warn("control socket: accept");
	if (resume == NULL &&
	    (resume = evtimer_new(fe_base, accept_again, NULL)) == NULL)
		fatalx("evtimer_new");
	event_del(acceptable);
	evtimer_add(resume, &tv);
}

static void
control_acceptable(evutil_socket_t fd, short what, void *arg)
{
	int	 client;

	(void)what;
	(void)arg;
	client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client != -1)
		client_accepted(client);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		pause_accepting();
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
	if ((listen_fd = offered_fd) == -1)
		return;			/* a sibling of the one that does */
	offered_fd = -1;
	acceptable = event_new(fe_base, listen_fd, EV_READ | EV_PERSIST,
	    control_acceptable, NULL);
	if (acceptable == NULL ||
	    (nclients < CLIENTS_MAX && event_add(acceptable, NULL) == -1))
		fatalx("event_new");
}

static struct client *
client_find(uint32_t id)
{
	struct client	*cl;

	TAILQ_FOREACH(cl, &clients, entry)
		if (cl->id == id)
			return (cl);
	return (NULL);
}

/* Behind the configuration: when its certificates end. */
static void
send_dates(struct client *cl)
{
	char	 line[512];
	size_t	 i;

	for (i = 0; expiry_line(i, line, sizeof(line) - 1) == 0; i++) {
		strlcat(line, "\n", sizeof(line));
		channel_send(cl->channel, MSG_CTL_TEXT, 0, -1, line,
		    strlen(line));
	}
}

void
control_result(uint32_t id, const struct msg_result *m)
{
	struct client	*cl;

	if ((cl = client_find(id)) == NULL ||
	    (cl->waits != WAIT_PARENT && cl->waits != WAIT_DRAIN))
		return;
	if (cl->shows_config)
		send_dates(cl);
	cl->shows_config = 0;
	cl->waits = WAIT_NOTHING;
	result(cl, m->status != 0, m->text);
}

void
control_text(uint32_t id, const void *text, size_t length)
{
	struct client	*cl;

	if ((cl = client_find(id)) != NULL && cl->waits == WAIT_PARENT)
		channel_send(cl->channel, MSG_CTL_TEXT, 0, -1, text, length);
}

void
control_draining(void)
{
	struct client	*cl;

	TAILQ_FOREACH(cl, &clients, entry)
		if (cl->waits == WAIT_DRAIN)
			cl->waits = WAIT_DRAINED;
}

void
control_empty(void)
{
	struct client	*cl;
	char		 text[64];

	TAILQ_FOREACH(cl, &clients, entry) {
		if (cl->waits != WAIT_DRAINED)
			continue;
		cl->waits = WAIT_NOTHING;
		snprintf(text, sizeof(text), "drained: %llu connections "
		    "closed", (unsigned long long)cl->drain_from);
		result(cl, 0, text);
	}
}

void
control_undrained(void)
{
	struct client	*cl;

	TAILQ_FOREACH(cl, &clients, entry) {
		if (cl->waits != WAIT_DRAINED)
			continue;
		cl->waits = WAIT_NOTHING;
		result(cl, 1, "undrained");
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
