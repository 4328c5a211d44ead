/* Network process: runs chrooted as _keylessd; never sees a customer's key. */
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "compat.h"
#include "frontend.h"
#include "log.h"
#include "sandbox.h"
#include "siblings.h"
#include "started.h"
#include "strangers.h"

#define STOP_MORE	2000	/* ms for the last connections to close */
#define MALLOC_KEEP	(1024 * 1024)	/* bytes: see compat.h */

struct event_base	*fe_base;
struct channel		*fe_parent;
struct msg_front_conf	 fe_conf;
struct msg_enroll	 fe_enroll;
struct msg_parent	 fe_parent_counts;
struct msg_place	 fe_place = { .number = 0, .frontends = 1 };

static uint64_t			 now_us;	/* 0: not read this turn */
static uint64_t			 now_ms;	/* the same */
static uint64_t			 started;	/* ms: the first one */
static struct event		*deadline_timer;
static uint64_t			 look_again;	/* ms: it is set for then */
static struct event		*stop_timer;
static int			 draining;
static int			 drained;	/* and told that it is */
static uint32_t			 drain_serial;	/* of who asked last */
static int			 stopping;
static int			 stop_late;	/* no more time to stop */

static void
read_clock(void)
{
	struct timespec	 ts;

	if (now_us != 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	now_us = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
	now_ms = now_us / 1000;
}

uint64_t
frontend_now(void)
{
	read_clock();
	return (now_ms);
}

uint64_t
frontend_now_us(void)
{
	read_clock();
	return (now_us);
}

int
frontend_draining(void)
{
	return (draining || stopping);
}

void
frontend_figures(struct counts *all)
{
	struct msg_stats	*m = &all->stats;
	size_t			 i;

	shared_total(all);
	m->uptime = (frontend_now() - started) / 1000;
	for (i = 0; i < frontend_nkeys(); i++) {
		if (frontend_key(i)->info.state == KEY_READY)
			m->keys_ready++;
		else
			m->keys_failed++;
	}
	m->signer_restarts = fe_parent_counts.signer_restarts;
}

void
frontend_bad_message(const struct ipc_msg *msg)
{
	fatalx("bad message from parent type=%u length=%zu", msg->type,
	    msg->length);
}

/* The first message: become what it says, before anything else comes in. */
static void
become_frontend(struct ipc_msg *msg)
{
	struct msg_sandbox	 report;
	struct sandbox		 box;
	struct msg_init		 m;
	static int		 done;

	if (done || ipc_get(msg, &m, sizeof(m)) == -1 ||
	    m.log_level > LOG_LEVEL_FATAL ||
	    !ipc_text_ok(m.user, sizeof(m.user)) ||
	    !ipc_text_ok(m.chroot, sizeof(m.chroot)) ||
	    !ipc_text_ok(m.name, sizeof(m.name)))
		frontend_bad_message(msg);
	done = 1;
	log_init(m.name, (int)m.log_to);
	log_setlevel((enum log_level)m.log_level);
	if (tls_init() == -1)
		fatalx("tls_init");
	memset(&box, 0, sizeof(box));
	box.role = SANDBOX_FRONTEND;
	box.user = m.separate ? m.user : "";
	box.root = m.separate ? m.chroot : "";
	sandbox_isolate(&box);
	sandbox_confine(&box);
	sandbox_report(&report);
	channel_send(fe_parent, MSG_SANDBOX, 0, -1, &report, sizeof(report));
}

/* Which one of the frontends, and where it counts. */
static void
take_place(struct ipc_msg *msg)
{
	struct msg_place	 m;
	int			 fd;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    m.frontends > MSG_FRONTENDS_MAX || m.number >= m.frontends ||
	    (fd = channel_take_fd(fe_parent, msg)) == -1)
		frontend_bad_message(msg);
	if (shared_open(fd, &m) == -1)
		fatal("memory that the frontends share");
	close(fd);
	fe_place = m;
	started = shared_since(started);
}

static void
take_sibling(struct ipc_msg *msg)
{
	int	 fd;

	if (msg->length != 0 || msg->peer >= fe_place.frontends ||
	    (fd = channel_take_fd(fe_parent, msg)) == -1)
		frontend_bad_message(msg);
	if (fe_place.number == 0)
		siblings_connect(msg->peer, fd);
	else
		control_sibling(fd);
}

static void
take_token(struct ipc_msg *msg)
{
	struct msg_token_row	 m;
	struct fe_set		*set;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.set_name, sizeof(m.set_name)) ||
	    !ipc_text_ok(m.module, sizeof(m.module)) ||
	    !msg_token_valid(&m.token))
		frontend_bad_message(msg);
	if ((set = queue_set_find(m.set)) == NULL)
		return;
	if (set->token == NULL &&
	    (set->token = malloc(sizeof(*set->token))) == NULL)
		fatal("malloc");
	*set->token = m;
}

static void
take_errors(struct ipc_msg *msg)
{
	struct msg_errors	 m;
	struct fe_set		*set;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || !errcount_valid(&m.errors))
		frontend_bad_message(msg);
	if ((set = queue_set_find(m.set)) == NULL)
		return;
	if (set->errors == NULL &&
	    (set->errors = malloc(sizeof(*set->errors))) == NULL)
		fatal("malloc");
	*set->errors = m.errors;
}

static void
take_parent_counts(struct ipc_msg *msg)
{
	if (ipc_get(msg, &fe_parent_counts, sizeof(fe_parent_counts)) == -1)
		frontend_bad_message(msg);
}

static void
take_signer(struct ipc_msg *msg)
{
	struct msg_signer	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || m.state > SIGNER_STATE_MAX)
		frontend_bad_message(msg);
	if (msg->type == MSG_FRONT_SIGNER_STATE)
		queue_signer_state(&m);
	else if (msg->fd == -1)
		frontend_bad_message(msg);
	else
		queue_signer_connect(&m, channel_take_fd(fe_parent, msg));
}

static void
take_enroll(struct ipc_msg *msg)
{
	if (ipc_get(msg, &fe_enroll, sizeof(fe_enroll)) == -1)
		frontend_bad_message(msg);
}

static void
take_sandbox(struct ipc_msg *msg)
{
	struct msg_sandbox	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.name, sizeof(m.name)) ||
	    !ipc_text_ok(m.root, sizeof(m.root)) ||
	    !ipc_text_ok(m.degraded, sizeof(m.degraded)))
		frontend_bad_message(msg);
	sandboxtab_take(&m);
}

static void
take_result(struct ipc_msg *msg)
{
	struct msg_result	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text)))
		frontend_bad_message(msg);
	control_result(msg->peer, &m);
}

static void
take_log_level(struct ipc_msg *msg)
{
	uint32_t	 level;

	if (ipc_get(msg, &level, sizeof(level)) == -1 ||
	    level > LOG_LEVEL_FATAL)
		frontend_bad_message(msg);
	log_setlevel((enum log_level)level);
}

/* Accept nothing more; end what is idle.  With it the process lives on. */
static void
drain_begin(uint32_t serial)
{
	control_draining();
	drain_serial = serial;
	drained = 0;
	if (draining)
		return;
	draining = 1;
	accept_stop();
	conn_drain();
}

static void
drain(struct ipc_msg *msg)
{
	drain_begin(msg->peer);
}

static void
undrain(struct ipc_msg *msg)
{
	(void)msg;
	draining = 0;
	conn_undrain();
	accept_more();
	control_undrained();
}

static void
stop_is_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	log_warnx("stopping with connections left connections=%llu "
	    "pending=%zu", (unsigned long long)fe_now.connections,
	    pending_count());
	stop_late = 1;
}

/*
 * The same, and leave when no connection is left, or when the slowest request
 * of the last connection that was never idle must have been answered.
 */
static void
stop(struct ipc_msg *msg)
{
	uint32_t	 ms = fe_conf.drain_timeout + fe_conf.sign_timeout +
			    STOP_MORE;
	struct timeval	 tv;

	(void)msg;
	stopping = 1;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	if ((stop_timer = evtimer_new(fe_base, stop_is_late, NULL)) == NULL ||
	    evtimer_add(stop_timer, &tv) == -1)
		fatalx("evtimer_new");
	control_stop();
	drain_begin(0);
}

static void
take_text(struct ipc_msg *msg)
{
	control_text(msg->peer, msg->data, msg->length);
}

static void
take_drained(struct ipc_msg *msg)
{
	(void)msg;
	control_empty();
}

static void
answer_ping(struct ipc_msg *msg)
{
	(void)msg;
	channel_send(fe_parent, MSG_FRONT_PONG, 0, -1, NULL, 0);
}

/* What the parent says, but for configurations. */
static const struct front_message messages[] = {
	{ MSG_INIT,			become_frontend },
	{ MSG_FRONT_PLACE,		take_place },
	{ MSG_FRONT_SIBLING,		take_sibling },
	{ MSG_FRONT_TOKEN,		take_token },
	{ MSG_FRONT_ERRORS,		take_errors },
	{ MSG_FRONT_PARENT,		take_parent_counts },
	{ MSG_FRONT_ENROLL,		take_enroll },
	{ MSG_FRONT_SIGNER,		take_signer },
	{ MSG_FRONT_SIGNER_STATE,	take_signer },
	{ MSG_FRONT_RESULT,		take_result },
	{ MSG_FRONT_TEXT,		take_text },
	{ MSG_FRONT_DRAIN,		drain },
	{ MSG_FRONT_DRAINED,		take_drained },
	{ MSG_FRONT_UNDRAIN,		undrain },
	{ MSG_FRONT_PING,		answer_ping },
	{ MSG_SANDBOX,			take_sandbox },
	{ MSG_LOG_LEVEL,		take_log_level },
	{ MSG_STOP,			stop },
	{ 0,				NULL }
};

static const struct front_message *
message_find(const struct front_message *m, uint32_t type)
{
	while (m->take != NULL && m->type != type)
		m++;
	return (m->take == NULL ? NULL : m);
}

static void
parent_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	const struct front_message	*m;

	(void)ch;
	(void)arg;
	if ((m = message_find(messages, msg->type)) == NULL &&
	    (m = message_find(frontconf_messages, msg->type)) == NULL)
		frontend_bad_message(msg);
	m->take(msg);
}

static void
parent_gone(struct channel *ch, void *arg)
{
	(void)ch;
	(void)arg;
	log_debug("parent is gone");
	_exit(0);
}

static const struct channel_handler	 parent_handler = {
	.message = parent_message,
	.gone = parent_gone
};

/* Look at deadlines when the next one is due, and at no other time. */
static void
arm_deadline(void)
{
	struct timeval	 tv;
	uint64_t	 next, stuck, wait;

	next = pending_expire();
	stuck = queue_check_stuck();
	if (next == 0 || (stuck != 0 && stuck < next))
		next = stuck;
	if (next == 0)
		return;
	look_again = next;
	wait = next > frontend_now() ? next - frontend_now() : 1;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000) * 1000;
	evtimer_add(deadline_timer, &tv);
}

static void
deadline_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	arm_deadline();
}

/* Deadlines are looked at late enough, but not too late. */
static int
deadline_armed(void)
{
	uint64_t	 due = pending_due();

	return (evtimer_pending(deadline_timer, NULL) &&
	    (due == 0 || due >= look_again));
}

/* The parent knows when all are. */
static void
say_drained(void)
{
	drained = 1;
	channel_send(fe_parent, MSG_FRONT_EMPTY, drain_serial, -1, NULL, 0);
}

/* One turn: all that has come, then all that goes out because of it. */
static void
turn(void)
{
	static int	 more;		/* handshakes can go on */

	now_us = 0;
	if (event_base_loop(fe_base, EVLOOP_ONCE |
	    (more ? EVLOOP_NONBLOCK : 0)) == -1)
		fatalx("event_base_loop");
	more = conn_handshakes();
	if (pending_count() != 0 && !deadline_armed())
		arm_deadline();
	/* Each may make work for the other. */
	while (queue_flush() + conn_flush() != 0)
		;
	audit_flush();
	if (fe_place.frontends > 1)
		shared_publish();
	if (draining && !drained && fe_now.connections == 0)
		say_drained();
}

void
frontend_main(void)
{
	log_init("frontend", LOG_TO_STDERR);
	if (!started_by_parent())
		fatalx("keylessd -F is for keylessd itself");
	sandbox_harden();
	started_ignore_signals();
	compat_malloc_keep(MALLOC_KEEP);
	if ((fe_base = event_base_new()) == NULL)
		fatalx("event_base_new");
	deadline_timer = evtimer_new(fe_base, deadline_due, NULL);
	fe_parent = channel_new(fe_base, PARENT_FD, IPC_DESCRIPTORS,
	    &parent_handler, NULL);
	if (deadline_timer == NULL || fe_parent == NULL)
		fatalx("cannot begin");
	started = frontend_now();
	while (!stopping || (fe_now.connections != 0 && !stop_late))
		turn();
	strangers_report();
	_exit(0);
}
