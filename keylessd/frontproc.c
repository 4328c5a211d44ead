/* Parent: its side of the frontend. */
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "config_access.h"
#include "enroll.h"
#include "log.h"
#include "signers.h"

#define PAUSE		100	/* ms before a dead frontend is replaced */
#define WITNESSES_MAX	16

static struct child	 frontend;
static int		 ready;		/* said that all is usable */
static int		 answers;	/* to MSG_FRONT_PING */
static unsigned int	 witnesses;	/* sockets that close when we end */
static struct event	*timer;
struct msg_parent	 frontproc_counts = { .last_reload_ok = 1 };

static void	frontend_message(struct channel *, struct ipc_msg *, void *);
static void	frontend_gone(struct channel *, void *);

static const struct channel_handler	 frontend_handler = {
	.message = frontend_message,
	.gone = frontend_gone
};

static void
send_file(enum msg_type type, const char *path, int fd)
{
	struct msg_text	 m;

	if (fd == -1)
		return;
	memset(&m, 0, sizeof(m));
	if (path != NULL)
		strlcpy(m.text, path, sizeof(m.text));
	child_send_fd(&frontend, type, 0, fd, &m, sizeof(m));
}

static void
send_listeners(enum msg_type type, const struct listeners *ls)
{
	size_t	 i;

	for (i = 0; i < ls->count; i++)
		send_file(type, ls->list[i].address, ls->list[i].fd);
}

void
frontproc_offer(const struct setup *setup)
{
	const struct config	*conf = setup->conf;
	struct msg_front_conf	 m;

	ready = 0;
	if (frontend.channel == NULL)
		return;
	memset(&m, 0, sizeof(m));
	m.started = (uint64_t)parent_started;
	m.sign_timeout = conf->sign_timeout;
	m.sign_retry_count = conf->sign_retry_count;
	m.handshake_timeout = conf->handshake_timeout;
	m.idle_timeout = conf->idle_timeout;
	m.write_timeout = conf->write_timeout;
	m.drain_timeout = conf->drain_timeout;
	m.check_age = conf->check_age;
	m.protocols = conf->protocols;
	m.client_eku = conf->client_eku != 0;
	m.max_connections = conf->max_connections;
	m.max_connections_per_source = conf->max_connections_per_source;
	m.max_handshakes = conf->max_handshakes;
	m.handshake_rate = conf->handshake_rate;
	m.request_rate = conf->request_rate;
	m.max_buffer = conf->max_buffer;
	m.max_pending = conf->max_pending;
	m.audit = conf->audit;
	m.audit_stderr = conf->audit_file == NULL &&
	    (parent_options.log_to & LOG_TO_STDERR) != 0;
	if (conf->ciphers != NULL)
		strlcpy(m.ciphers, conf->ciphers, sizeof(m.ciphers));
	if (conf->hostname != NULL)
		strlcpy(m.hostname, conf->hostname, sizeof(m.hostname));
	channel_send(frontend.channel, MSG_FRONT_CONF, 0, -1, &m, sizeof(m));
	send_file(MSG_FRONT_CERT, conf->auth_cert, setup->cert_fd);
	send_file(MSG_FRONT_KEY, conf->auth_key, setup->key_fd);
	send_file(MSG_FRONT_CA, conf->cloudflare_ca_cert, setup->ca_fd);
	send_file(MSG_FRONT_CRL, conf->crl, setup->crl_fd);
	send_file(MSG_FRONT_AUDIT, conf->audit_file, setup->audit_fd);
	send_listeners(MSG_FRONT_LISTEN, &setup->edge);
	send_listeners(MSG_FRONT_HTTP, &setup->http);
	send_file(MSG_FRONT_CONTROL, conf->control_socket, setup->control_fd);
	channel_send(frontend.channel, MSG_FRONT_CHECK, 0, -1, NULL, 0);
}

void
frontproc_keys(const struct signer_set *set)
{
	struct msg_key	 key;
	uint32_t	 i;

	if (frontend.channel == NULL || !set->setup->committed)
		return;
	for (i = 0; i < set->nkeys; i++) {
		keyinfo_to_msg(&set->keys[i].info, &key);
		key.set = set->id;
		key.index = i;
		key.place = set->keys[i].store->place;
		key.opcodes = config_key_opcodes(set->setup->conf,
		    set->keys[i].store, key.ski, key.label);
		channel_send(frontend.channel, MSG_FRONT_KEYINFO, 0, -1, &key,
		    sizeof(key));
	}
}

void
frontproc_token(const struct signer_set *set)
{
	struct msg_token_row	 row;

	if (frontend.channel == NULL || !set->setup->committed)
		return;
	signer_token_row(set, &row);
	channel_send(frontend.channel, MSG_FRONT_TOKEN, 0, -1, &row,
	    sizeof(row));
}

void
frontproc_errors(const struct signer_set *set)
{
	struct msg_errors	 m;

	if (frontend.channel == NULL || !set->setup->committed)
		return;
	signer_errors(set, &m);
	channel_send(frontend.channel, MSG_FRONT_ERRORS, 0, -1, &m,
	    sizeof(m));
}

void
frontproc_figures(void)
{
	if (frontend.channel != NULL)
		channel_send(frontend.channel, MSG_FRONT_PARENT, 0, -1,
		    &frontproc_counts, sizeof(frontproc_counts));
}

void
frontproc_sandbox(const struct msg_sandbox *m)
{
	if (frontend.channel != NULL)
		channel_send(frontend.channel, MSG_SANDBOX, 0, -1, m,
		    sizeof(*m));
}

static void
send_set(const struct signer_set *set)
{
	struct msg_set	 m;
	uint32_t	 i;

	memset(&m, 0, sizeof(m));
	m.set = set->id;
	m.nsigners = set->nsigners;
	m.single = set->kind == SET_CLOUD;
	strlcpy(m.name, set->name, sizeof(m.name));
	channel_send(frontend.channel, MSG_FRONT_SET, 0, -1, &m, sizeof(m));
	frontproc_keys(set);
	if (set->kind == SET_PKCS11 || set->kind == SET_CLOUD) {
		frontproc_token(set);
		frontproc_errors(set);
	}
	for (i = 0; i < set->nsigners; i++) {
		frontproc_signer_state(set, &set->signers[i].info);
		if (set->signers[i].sandbox.pid != 0)
			frontproc_sandbox(&set->signers[i].sandbox);
	}
}

/* The set that serves a store's keys; MSG_SET_NONE: it has none. */
static uint32_t
set_of_store(const struct setup *setup, const struct conf_store *store)
{
	const struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		if (set->kind == SET_NONE)
			continue;
		for (i = 0; i < set->nkeys; i++)
			if (set->keys[i].store == store)
				return (set->id);
	}
	return (MSG_SET_NONE);
}

static void
send_stores(const struct setup *setup)
{
	const struct conf_store	*store;
	struct msg_store	 m;

	TAILQ_FOREACH(store, &setup->conf->stores, entry) {
		memset(&m, 0, sizeof(m));
		m.store = store->place;
		m.set = set_of_store(setup, store);
		m.required = store->required != 0;
		m.kind = store->kind;
		strlcpy(m.name, store->name, sizeof(m.name));
		channel_send(frontend.channel, MSG_FRONT_STORE, 0, -1, &m,
		    sizeof(m));
	}
}

static void
send_grants(const struct conf_access *a)
{
	const struct conf_grant	*g;
	struct msg_grant	 m;

	TAILQ_FOREACH(g, &a->grants, entry) {
		memset(&m, 0, sizeof(m));
		m.kind = g->kind;
		memcpy(m.ski, g->ski, sizeof(m.ski));
		if (g->text != NULL)
			strlcpy(m.text, g->text, sizeof(m.text));
		channel_send(frontend.channel, MSG_FRONT_GRANT, 0, -1, &m,
		    sizeof(m));
	}
}

static void
send_clients(const struct setup *setup)
{
	const struct conf_access	*a;
	struct msg_client		 m;
	uint32_t			 n = 0;

	TAILQ_FOREACH(a, &setup->conf->clients, entry) {
		memset(&m, 0, sizeof(m));
		m.rule = n++;
		m.opcodes = a->opcodes;
		m.fingerprint = a->fingerprint != NULL;
		m.all_keys = TAILQ_EMPTY(&a->grants);
		strlcpy(m.match, a->fingerprint != NULL ? a->fingerprint :
		    a->name, sizeof(m.match));
		channel_send(frontend.channel, MSG_FRONT_CLIENT, 0, -1, &m,
		    sizeof(m));
		send_grants(a);
	}
}

void
frontproc_start(void)
{
	if (child_start(&frontend, LAUNCH_FRONTEND, "frontend", NULL,
	    &frontend_handler, NULL) == -1)
		fatalx("cannot go on without processes");
	parent_setup->committed = 0;
	frontproc_offer(parent_setup);
}

int
frontproc_ready(void)
{
	return (ready);
}

int
frontproc_alive(void)
{
	return (frontend.pid != 0);
}

void
frontproc_commit(struct setup *setup)
{
	const struct signer_set	*set;

	setup->committed = 1;
	frontproc_figures();
	TAILQ_FOREACH(set, &setup->sets, entry)
		send_set(set);
	send_stores(setup);
	send_clients(setup);
	channel_send(frontend.channel, MSG_FRONT_COMMIT, 0, -1, NULL, 0);
	if (parent_drained)
		frontproc_drain();
	enroll_tell();
	signers_connect(setup);
}

void
frontproc_drain(void)
{
	if (frontend.channel != NULL)
		channel_send(frontend.channel, MSG_FRONT_DRAIN, 0, -1, NULL,
		    0);
}

void
frontproc_undrain(const struct setup *setup)
{
	if (frontend.channel == NULL)
		return;
	send_listeners(MSG_FRONT_LISTEN, &setup->edge);
	channel_send(frontend.channel, MSG_FRONT_UNDRAIN, 0, -1, NULL, 0);
}

int
frontproc_answers(void)
{
	int	 answered = answers;

	if (frontend.channel == NULL)
		return (1);
	answers = 0;
	channel_send(frontend.channel, MSG_FRONT_PING, 0, -1, NULL, 0);
	return (answered);
}

void
frontproc_abort(void)
{
	if (frontend.channel != NULL)
		channel_send(frontend.channel, MSG_FRONT_ABORT, 0, -1, NULL,
		    0);
}

void
frontproc_result(uint32_t client, int status, const char *text)
{
	struct msg_result	 m;

	if (client == 0 || frontend.channel == NULL)
		return;
	memset(&m, 0, sizeof(m));
	m.status = (uint32_t)status;
	strlcpy(m.text, text, sizeof(m.text));
	channel_send(frontend.channel, MSG_FRONT_RESULT, client, -1, &m,
	    sizeof(m));
}

void
frontproc_signer(const struct msg_signer *info, int request_fd)
{
	if (frontend.channel == NULL) {
		close(request_fd);
		return;
	}
	channel_send(frontend.channel, MSG_FRONT_SIGNER, 0, request_fd, info,
	    sizeof(*info));
}

void
frontproc_signer_state(const struct signer_set *set,
    const struct msg_signer *info)
{
	if (frontend.channel != NULL && set->setup->committed)
		channel_send(frontend.channel, MSG_FRONT_SIGNER_STATE, 0, -1,
		    info, sizeof(*info));
}

void
frontproc_enroll(const struct msg_enroll *m)
{
	if (frontend.channel != NULL)
		channel_send(frontend.channel, MSG_FRONT_ENROLL, 0, -1, m,
		    sizeof(*m));
}

void
frontproc_log_level(uint32_t level)
{
	if (frontend.channel != NULL)
		channel_send(frontend.channel, MSG_LOG_LEVEL, 0, -1, &level,
		    sizeof(level));
}

void
frontproc_kill(void)
{
	if (frontend.pid != 0)
		kill(frontend.pid, SIGKILL);
}

void
frontproc_stop(void)
{
	if (frontend.channel != NULL)
		channel_send(frontend.channel, MSG_STOP, 0, -1, NULL, 0);
}

static void
frontend_ready(void)
{
	ready = 1;
	/* A replacement goes on where the last one ended. */
	if (parent_state == PARENT_SERVING && !parent_setup->committed)
		frontproc_commit(parent_setup);
	parent_advance();
}

static void
frontend_failed(struct ipc_msg *msg)
{
	struct msg_text	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text)))
		fatalx("bad message from frontend type=%u", msg->type);
	log_errx("configuration not usable reason=\"%s\"", m.text);
	if (parent_next != NULL && parent_setup->committed)
		reload_fail(m.text);
	else
		parent_stop(1);
}

static void
frontend_kill(struct ipc_msg *msg)
{
	struct msg_signer	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1)
		fatalx("bad message from frontend type=%u", msg->type);
	signers_kill(m.id);
}

static void
frontend_log_level(struct ipc_msg *msg)
{
	uint32_t	 level;

	if (ipc_get(msg, &level, sizeof(level)) == -1 ||
	    level > LOG_LEVEL_FATAL)
		fatalx("bad message from frontend type=%u", msg->type);
	parent_set_log_level(level);
}

static void
frontend_set_done(struct ipc_msg *msg)
{
	uint32_t	 id;

	if (ipc_get(msg, &id, sizeof(id)) == -1)
		fatalx("bad message from frontend type=%u", msg->type);
	reload_set_done(id);
}

/*
 * Who asks sees the end of its socket when this process has ended: until then
 * it stays open, and nothing is ever read from it.
 */
static void
frontend_ask_stop(struct channel *ch, struct ipc_msg *msg)
{
	int	 fd;

	if (msg->length != 0 || (fd = channel_take_fd(ch, msg)) == -1)
		fatalx("bad message from frontend type=%u", msg->type);
	if (witnesses < WITNESSES_MAX)
		witnesses++;
	else
		close(fd);
	log_info("stopping reason=\"asked by keylessctl\"");
	parent_stop(0);
}

/* The configuration in force, in portions. */
static void
frontend_ask_config(uint32_t client)
{
	char	*text;
	size_t	 len, n, sent;
	FILE	*f;

	if ((f = open_memstream(&text, &len)) == NULL)
		fatal("open_memstream");
	config_print(parent_setup->conf, f);
	enroll_print(f);
	if (fclose(f) == EOF)
		fatal("open_memstream");
	for (sent = 0; sent < len; sent += n) {
		n = len - sent < IPC_DATA_MAX ? len - sent : IPC_DATA_MAX;
		channel_send(frontend.channel, MSG_FRONT_TEXT, client, -1,
		    text + sent, n);
	}
	free(text);
	frontproc_result(client, 0, "");
}

static void
frontend_sandbox(struct ipc_msg *msg)
{
	if (sandboxes_frontend(msg, frontend.pid) == -1)
		fatalx("bad message from frontend type=%u", msg->type);
}

static void
frontend_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	(void)arg;
	switch (msg->type) {
	case MSG_FRONT_READY:
		frontend_ready();
		break;
	case MSG_FRONT_FAILED:
		frontend_failed(msg);
		break;
	case MSG_FRONT_KILL:
		frontend_kill(msg);
		break;
	case MSG_FRONT_LOG_LEVEL:
		frontend_log_level(msg);
		break;
	case MSG_FRONT_RELOAD:
		reload_begin(msg->peer);
		break;
	case MSG_FRONT_SET_DONE:
		frontend_set_done(msg);
		break;
	case MSG_FRONT_ASK_DRAIN:
		drain_begin(msg->peer);
		break;
	case MSG_FRONT_ASK_UNDRAIN:
		drain_end(msg->peer);
		break;
	case MSG_FRONT_ASK_STOP:
		frontend_ask_stop(ch, msg);
		break;
	case MSG_FRONT_ASK_CONFIG:
		frontend_ask_config(msg->peer);
		break;
	case MSG_FRONT_PONG:
		answers = 1;
		break;
	case MSG_SANDBOX:
		frontend_sandbox(msg);
		break;
	default:
		fatalx("unknown message from frontend type=%u", msg->type);
	}
}

static void
frontend_gone(struct channel *ch, void *arg)
{
	(void)arg;
	channel_free(ch);
	frontend.channel = NULL;
	ready = 0;
	frontproc_kill();
}

static void
restart(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (parent_state == PARENT_STOPPING)
		return;
	frontproc_counts.frontend_restarts++;
	frontproc_start();
}

int
frontproc_exited(pid_t pid, int status)
{
	struct timeval	 tv = { 0, PAUSE * 1000 };

	if (pid != frontend.pid)
		return (0);
	frontend.pid = 0;
	channel_free(frontend.channel);
	frontend.channel = NULL;
	if (parent_state == PARENT_STOPPING) {
		parent_advance();
		return (1);
	}
	log_errx("frontend died pid=%d %s=%d", (int)pid,
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (parent_state == PARENT_STARTING) {
		parent_stop(1);
		return (1);
	}
	if (timer == NULL &&
	    (timer = evtimer_new(parent_base, restart, NULL)) == NULL)
		fatal("evtimer_new");
	evtimer_add(timer, &tv);
	/* With it went all that was pending, and what it was to check. */
	parent_setup->committed = 0;
	reload_all_done();
	if (parent_next != NULL)
		reload_fail("the frontend died");
	return (1);
}
