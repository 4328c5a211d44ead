/* Network process: runs chrooted as _keylessd; never sees a customer's key. */
#include <sys/socket.h>
#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "authcert.h"
#include "clients.h"
#include "compat.h"
#include "expiry.h"
#include "frontend.h"
#include "health.h"
#include "http.h"
#include "log.h"
#include "sandbox.h"
#include "siblings.h"
#include "strangers.h"

#define PARENT_FD	3
#define STOP_MORE	2000	/* ms for the last connections to close */

struct event_base	*fe_base;
struct channel		*fe_parent;
struct msg_front_conf	 fe_conf;
struct msg_enroll	 fe_enroll;
struct msg_parent	 fe_parent_counts;
struct msg_place	 fe_place = { .number = 0, .frontends = 1 };

/* A configuration: being received, then in force. */
struct configuration {
	uint32_t		 generation;	/* 0: none */
	struct msg_front_conf	 conf;
	struct tls_files	 files;
	struct tls		*server;
	struct fe_key		*keys;
	size_t			 nkeys;
	struct keytab		*keytab;
};

static struct configuration	 current;
static struct configuration	 incoming;
static uint64_t			 now_us;	/* 0: not read this turn */
static uint64_t			 now_ms;	/* the same */
static uint64_t			 started;	/* ms */
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

struct keytab *
frontend_keytab(void)
{
	return (current.keytab);
}

struct fe_key *
frontend_key(size_t i)
{
	return (&current.keys[i]);
}

size_t
frontend_key_number(const struct fe_key *key)
{
	return ((size_t)(key - current.keys));
}

uint32_t
frontend_generation(void)
{
	return (current.generation);
}

size_t
frontend_nkeys(void)
{
	return (current.nkeys);
}

enum key_state
frontend_key_state(const struct fe_key *key)
{
	if (key->info.state != KEY_READY)
		return (key->info.state);
	if (queue_set_lost(key->set))
		return (KEY_LOST);
	return (key->refused != SIGN_OK ? KEY_DISABLED : KEY_READY);
}

void
frontend_key_answered(struct fe_set *set, uint32_t index,
    enum sign_status status)
{
	struct fe_key	*key;
	int		 refused = status == SIGN_DISABLED ||
			    status == SIGN_GONE;

	/* Most answers change nothing; a retired set's keys are gone. */
	if ((!refused && (status != SIGN_OK || set->nrefused == 0)) ||
	    set->generation != current.generation || index >= set->nkeys)
		return;
	key = &current.keys[set->first_key + index];
	if (key->refused == status)
		return;
	set->nrefused -= key->refused != SIGN_OK;
	set->nrefused += refused;
	key->refused = status;
	if (refused)
		log_errx("key not usable key=\"%s\" reason=\"%s\"",
		    key->info.store, sign_status_name((int)status));
	else
		log_info("key usable again key=\"%s\"", key->info.store);
}

void
frontend_figures(struct counts *all)
{
	struct msg_stats	*m = &all->stats;
	const struct fe_set	*set;
	uint32_t		 s;
	size_t			 i;

	shared_total(all);
	m->uptime = (frontend_now() - started) / 1000;
	for (i = 0; i < current.nkeys; i++) {
		if (current.keys[i].info.state == KEY_READY)
			m->keys_ready++;
		else
			m->keys_failed++;
	}
	TAILQ_FOREACH(set, &fe_sets, entry)
		for (s = 0; s < set->nsigners; s++)
			m->signer_restarts += set->signers[s].info.restarts;
}

static void __attribute__((noreturn))
bad_message(const struct ipc_msg *msg)
{
	fatalx("bad message from parent type=%u length=%zu", msg->type,
	    msg->length);
}

static void
send_reason(uint32_t check, const char *reason)
{
	struct msg_text	 m;

	memset(&m, 0, sizeof(m));
	strlcpy(m.text, reason, sizeof(m.text));
	channel_send(fe_parent, MSG_FRONT_FAILED, check, -1, &m, sizeof(m));
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
		bad_message(msg);
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
		bad_message(msg);
	if (shared_open(fd, &m) == -1)
		fatal("memory that the frontends share");
	close(fd);
	fe_place = m;
}

static void
take_sibling(struct ipc_msg *msg)
{
	int	 fd;

	if (msg->length != 0 || msg->peer >= fe_place.frontends ||
	    (fd = channel_take_fd(fe_parent, msg)) == -1)
		bad_message(msg);
	if (fe_place.number == 0)
		siblings_connect(msg->peer, fd);
	else
		control_sibling(fd);
}

static void
configuration_free(struct configuration *c)
{
	size_t	 i;

	for (i = 0; i < c->nkeys; i++)
		keyinfo_free(&c->keys[i].info);
	free(c->keys);
	keytab_free(c->keytab);
	memset(c, 0, sizeof(*c));
}

/* Forget the configuration that was being received. */
static void
abort_conf(void)
{
	tls_free(incoming.server);
	configuration_free(&incoming);
	accept_abort();
	audit_abort();
	control_abort();
	client_abort();
	health_abort();
	http_abort();
}

static void
take_conf(struct ipc_msg *msg)
{
	static uint32_t	 last_generation;

	abort_conf();
	incoming.generation = ++last_generation;
	incoming.files.cert = incoming.files.key = -1;
	incoming.files.ca = incoming.files.crl = -1;
	if (ipc_get(msg, &incoming.conf, sizeof(incoming.conf)) == -1 ||
	    incoming.conf.audit > AUDIT_LEVEL_MAX ||
	    !ipc_text_ok(incoming.conf.ciphers,
	    sizeof(incoming.conf.ciphers)) ||
	    !ipc_text_ok(incoming.conf.hostname,
	    sizeof(incoming.conf.hostname)))
		bad_message(msg);
}

/*
 * The descriptor of a message that must have one, and a text, which goes to
 * path, unless that is NULL.
 */
static int
take_named_file(struct ipc_msg *msg, char path[MSG_PATH_SIZE])
{
	struct msg_text	 m;
	int		 fd;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text)) ||
	    (fd = channel_take_fd(fe_parent, msg)) == -1)
		bad_message(msg);
	if (path != NULL)
		strlcpy(path, m.text, MSG_PATH_SIZE);
	return (fd);
}

static int
take_file(struct ipc_msg *msg)
{
	return (take_named_file(msg, NULL));
}

/* A file of the configuration that is being received, once. */
static void
take_tls_file(struct ipc_msg *msg, int *fd, char *path)
{
	if (incoming.generation == 0 || *fd != -1)
		bad_message(msg);
	*fd = take_named_file(msg, path);
}

static void
check_conf(struct ipc_msg *msg)
{
	struct tls_files	*files = &incoming.files;
	char			 reason[MSG_REASON_SIZE];

	if (incoming.generation == 0 || incoming.server != NULL ||
	    files->cert == -1 || files->key == -1 || files->ca == -1)
		bad_message(msg);
	if (authcert_look(files, &incoming.conf, reason,
	    sizeof(reason)) == 0)
		incoming.server = tlsserver_new(files, &incoming.conf, reason,
		    sizeof(reason));
	if (incoming.server != NULL &&
	    expiry_read(files, reason, sizeof(reason)) == -1) {
		tls_free(incoming.server);
		incoming.server = NULL;
	}
	close(files->cert);
	close(files->key);
	close(files->ca);
	if (files->crl != -1)
		close(files->crl);
	files->cert = files->key = files->ca = files->crl = -1;
	if (incoming.server == NULL)
		send_reason(msg->peer, reason);
	else
		channel_send(fe_parent, MSG_FRONT_READY, msg->peer, -1, NULL,
		    0);
}

static void
take_set(struct ipc_msg *msg)
{
	struct msg_set	 m;

	if (incoming.generation == 0 ||
	    ipc_get(msg, &m, sizeof(m)) == -1 || m.single > 1 ||
	    !ipc_text_ok(m.name, sizeof(m.name)))
		bad_message(msg);
	queue_set_new(&m, incoming.generation);
}

/* A new place for a key at the end. */
static struct fe_key *
key_append(struct configuration *c, struct fe_set *set)
{
	struct fe_key	*key;

	/* Doubles the room at each power of two. */
	if ((c->nkeys & (c->nkeys - 1)) == 0) {
		key = recallocarray(c->keys, c->nkeys,
		    c->nkeys == 0 ? 1 : c->nkeys * 2, sizeof(*key));
		if (key == NULL)
			fatal("recallocarray");
		c->keys = key;
	}
	if (set->nkeys++ == 0)
		set->first_key = c->nkeys;
	return (&c->keys[c->nkeys++]);
}

/* The table of the keys that can be used; made anew when they change. */
static void
make_keytab(struct configuration *c)
{
	size_t	 i;

	keytab_free(c->keytab);
	if ((c->keytab = keytab_new(c->nkeys)) == NULL)
		fatal("keytab_new");
	for (i = 0; i < c->nkeys; i++)
		if (c->keys[i].info.state == KEY_READY)
			keytab_add(c->keytab, &c->keys[i]);
}

static void
key_set(struct fe_key *key, struct fe_set *set, const struct msg_key *m)
{
	key->set = set;
	key->index = m->index;
	key->place = m->place;
	key->opcodes = m->opcodes;
	key->block = m->type == KEY_TYPE_RSA ? (m->bits + 7) / 8 : 0;
	if (keyinfo_set(&key->info, m) == -1)
		fatal("keyinfo_set");
}

/* A key of the incoming configuration, or news of one that is in force. */
static void
take_key(struct ipc_msg *msg)
{
	struct fe_set	*set;
	struct msg_key	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || !msg_key_valid(&m))
		bad_message(msg);
	if ((set = queue_set_find(m.set)) == NULL)
		return;			/* retired, and through */
	if (set->generation == incoming.generation) {
		if (m.index != set->nkeys)
			bad_message(msg);
		key_set(key_append(&incoming, set), set, &m);
	} else if (set->generation == current.generation) {
		if (m.index >= set->nkeys)
			bad_message(msg);
		key_set(&current.keys[set->first_key + m.index], set, &m);
		client_key_changed(&current.keys[set->first_key + m.index]);
		make_keytab(&current);
	}
}

static void
take_store(struct ipc_msg *msg)
{
	struct msg_store	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || m.required > 1 ||
	    !ipc_text_ok(m.name, sizeof(m.name)))
		bad_message(msg);
	health_offer(&m);
}

static void
take_client(struct ipc_msg *msg)
{
	struct msg_client	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.match, sizeof(m.match)))
		bad_message(msg);
	client_offer(&m);
}

static void
take_grant(struct ipc_msg *msg)
{
	struct msg_grant	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || m.kind > GRANT_KIND_MAX ||
	    !ipc_text_ok(m.text, sizeof(m.text)))
		bad_message(msg);
	client_offer_grant(&m);
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
		bad_message(msg);
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
		bad_message(msg);
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
		bad_message(msg);
}

/* The incoming configuration is in force from now on. */
static void
commit(struct ipc_msg *msg)
{
	if (incoming.server == NULL)
		bad_message(msg);
	make_keytab(&incoming);
	conn_switch(incoming.server);
	accept_switch();
	control_switch();
	http_switch();
	health_switch();
	configuration_free(&current);
	current = incoming;
	memset(&incoming, 0, sizeof(incoming));
	fe_conf = current.conf;
	audit_switch();
	client_switch();
	/* These warn, and once is enough. */
	if (fe_place.number == 0) {
		expiry_switch();
		authcert_switch();
	}
	queue_retire(current.generation);
	channel_send(fe_parent, MSG_FRONT_SWITCHED, 0, -1, NULL, 0);
}

static void
take_signer(struct ipc_msg *msg)
{
	struct msg_signer	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || m.state > SIGNER_STATE_MAX)
		bad_message(msg);
	if (msg->type == MSG_FRONT_SIGNER_STATE)
		queue_signer_state(&m);
	else if (msg->fd == -1)
		bad_message(msg);
	else
		queue_signer_connect(&m, channel_take_fd(fe_parent, msg));
}

static void
take_enroll(struct ipc_msg *msg)
{
	if (ipc_get(msg, &fe_enroll, sizeof(fe_enroll)) == -1)
		bad_message(msg);
}

static void
take_sandbox(struct ipc_msg *msg)
{
	struct msg_sandbox	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.name, sizeof(m.name)) ||
	    !ipc_text_ok(m.root, sizeof(m.root)) ||
	    !ipc_text_ok(m.degraded, sizeof(m.degraded)))
		bad_message(msg);
	sandboxtab_take(&m);
}

static void
take_result(struct ipc_msg *msg)
{
	struct msg_result	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text)))
		bad_message(msg);
	control_result(msg->peer, &m);
}

static void
take_log_level(struct ipc_msg *msg)
{
	uint32_t	 level;

	if (ipc_get(msg, &level, sizeof(level)) == -1 ||
	    level > LOG_LEVEL_FATAL)
		bad_message(msg);
	log_setlevel((enum log_level)level);
}

/* Accept nothing more; end what is idle.  With it the process lives on. */
static void
drain(uint32_t serial)
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
undrain(void)
{
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
	    "pending=%zu", (unsigned long long)fe_stats.connections,
	    pending_count());
	stop_late = 1;
}

/*
 * The same, and leave when no connection is left, or when the slowest request
 * of the last connection that was never idle must have been answered.
 */
static void
stop(void)
{
	uint32_t	 ms = fe_conf.drain_timeout + fe_conf.sign_timeout +
			    STOP_MORE;
	struct timeval	 tv;

	stopping = 1;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	if ((stop_timer = evtimer_new(fe_base, stop_is_late, NULL)) == NULL ||
	    evtimer_add(stop_timer, &tv) == -1)
		fatalx("evtimer_new");
	control_stop();
	drain(0);
}

static void
take_text(struct ipc_msg *msg)
{
	control_text(msg->peer, msg->data, msg->length);
}

static void
parent_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	(void)ch;
	(void)arg;
	switch (msg->type) {
	case MSG_INIT:
		become_frontend(msg);
		break;
	case MSG_FRONT_PLACE:
		take_place(msg);
		break;
	case MSG_FRONT_SIBLING:
		take_sibling(msg);
		break;
	case MSG_FRONT_CONF:
		take_conf(msg);
		break;
	case MSG_FRONT_CERT:
		take_tls_file(msg, &incoming.files.cert,
		    incoming.files.cert_path);
		break;
	case MSG_FRONT_KEY:
		take_tls_file(msg, &incoming.files.key, NULL);
		break;
	case MSG_FRONT_CA:
		take_tls_file(msg, &incoming.files.ca,
		    incoming.files.ca_path);
		break;
	case MSG_FRONT_CRL:
		take_tls_file(msg, &incoming.files.crl,
		    incoming.files.crl_path);
		break;
	case MSG_FRONT_LISTEN:
		accept_offer(take_file(msg));
		break;
	case MSG_FRONT_AUDIT:
		audit_offer(take_file(msg));
		break;
	case MSG_FRONT_CONTROL:
		control_offer(take_file(msg));
		break;
	case MSG_FRONT_CHECK:
		check_conf(msg);
		break;
	case MSG_FRONT_SET:
		take_set(msg);
		break;
	case MSG_FRONT_KEYINFO:
		take_key(msg);
		break;
	case MSG_FRONT_STORE:
		take_store(msg);
		break;
	case MSG_FRONT_CLIENT:
		take_client(msg);
		break;
	case MSG_FRONT_GRANT:
		take_grant(msg);
		break;
	case MSG_FRONT_HTTP:
		http_offer(take_file(msg));
		break;
	case MSG_FRONT_TOKEN:
		take_token(msg);
		break;
	case MSG_FRONT_ERRORS:
		take_errors(msg);
		break;
	case MSG_FRONT_PARENT:
		take_parent_counts(msg);
		break;
	case MSG_FRONT_COMMIT:
		commit(msg);
		break;
	case MSG_FRONT_ABORT:
		abort_conf();
		break;
	case MSG_FRONT_SIGNER:
	case MSG_FRONT_SIGNER_STATE:
		take_signer(msg);
		break;
	case MSG_FRONT_RESULT:
		take_result(msg);
		break;
	case MSG_FRONT_TEXT:
		take_text(msg);
		break;
	case MSG_FRONT_DRAIN:
		drain(msg->peer);
		break;
	case MSG_FRONT_DRAINED:
		control_empty();
		break;
	case MSG_FRONT_UNDRAIN:
		undrain();
		break;
	case MSG_FRONT_PING:
		channel_send(fe_parent, MSG_FRONT_PONG, 0, -1, NULL, 0);
		break;
	case MSG_FRONT_ENROLL:
		take_enroll(msg);
		break;
	case MSG_SANDBOX:
		take_sandbox(msg);
		break;
	case MSG_LOG_LEVEL:
		take_log_level(msg);
		break;
	case MSG_STOP:
		stop();
		break;
	default:
		bad_message(msg);
	}
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
	if (draining && !drained && fe_stats.connections == 0)
		say_drained();
}

/* This process leaves when the parent says so or is gone, not by signals. */
static void
ignore_signals(void)
{
	static const int	 signals[] = { SIGHUP, SIGINT, SIGPIPE,
				    SIGTERM };
	size_t			 i;

	for (i = 0; i < nitems(signals); i++)
		signal(signals[i], SIG_IGN);
}

void
frontend_main(void)
{
	struct stat	 st;

	log_init("frontend", LOG_TO_STDERR);
	if (fstat(PARENT_FD, &st) == -1 || !S_ISSOCK(st.st_mode))
		fatalx("keylessd -F is for keylessd itself");
	sandbox_harden();
	ignore_signals();
	if ((fe_base = event_base_new()) == NULL)
		fatalx("event_base_new");
	deadline_timer = evtimer_new(fe_base, deadline_due, NULL);
	fe_parent = channel_new(fe_base, PARENT_FD, IPC_DESCRIPTORS,
	    &parent_handler, NULL);
	if (deadline_timer == NULL || fe_parent == NULL)
		fatalx("cannot begin");
	started = frontend_now();
	while (!stopping || (fe_stats.connections != 0 && !stop_late))
		turn();
	strangers_report();
	_exit(0);
}
