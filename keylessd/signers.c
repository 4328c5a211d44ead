/* Parent: starts, connects, replaces and stops signers. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "signers.h"

#define PAUSE_FIRST	100	/* ms before the first new start */
#define PAUSE_SERVED	1000	/* longest, of one that had been serving */
#define PAUSE_MAX	60000	/* longest, of one that never got so far */
#define SERVED_LONG	10	/* s: what died before does not count */
#define START_DEATHS	3	/* while starting up: then the set failed */

static void	signer_start(struct signer *);
static void	signer_message(struct channel *, struct ipc_msg *, void *);
static void	signer_gone(struct channel *, void *);

static const struct channel_handler	 signer_handler = {
	.message = signer_message,
	.gone = signer_gone
};

static time_t
monotonic_seconds(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

static void
signer_end(struct signer *s)
{
	s->kill_sent = 1;
	kill(s->child.pid, SIGKILL);
}

static void
signer_set_state(struct signer *s, enum signer_state state)
{
	s->info.state = state;
	frontproc_signer_state(&s->info);
}

/* Whether another member of a PKCS#11 set is starting now. */
static int
set_busy(const struct signer_set *set)
{
	uint32_t	 i;

	if (set->kind != SET_PKCS11)
		return (0);
	for (i = 0; i < set->nsigners; i++)
		if (set->signers[i].info.state == SIGNER_STARTING)
			return (1);
	return (0);
}

static void
set_start_next(struct signer_set *set)
{
	uint32_t	 i;

	for (i = 0; i < set->nsigners && !set_busy(set); i++)
		if (set->signers[i].due)
			signer_start(&set->signers[i]);
}

static void
signer_due(struct signer *s)
{
	s->due = 1;
	set_start_next(s->set);
}

static void
signer_timeout(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	signer_due(arg);
}

static void
send_environment(struct signer *s)
{
	const struct conf_store	*store, *last = NULL;
	const struct conf_text	*env;
	struct msg_text		 m;
	uint32_t		 i;

	for (i = 0; i < s->set->nkeys; i++) {
		if ((store = s->set->keys[i].store) == last)
			continue;
		last = store;
		TAILQ_FOREACH(env, &store->environment, entry) {
			memset(&m, 0, sizeof(m));
			strlcpy(m.text, env->text, sizeof(m.text));
			channel_send(s->child.channel, MSG_SIGNER_ENV, 0, -1,
			    &m, sizeof(m));
		}
	}
}

static void
send_module(struct signer *s)
{
	struct msg_module	 m;

	memset(&m, 0, sizeof(m));
	strlcpy(m.path, s->set->token->module_path, sizeof(m.path));
	strlcpy(m.uri, s->set->token_uri, sizeof(m.uri));
	m.user_type = 1;		/* CKU_USER */
	channel_send(s->child.channel, MSG_SIGNER_MODULE, 0, -1, &m,
	    sizeof(m));
	if (s->set->pin_fd != -1)
		child_send_fd(&s->child, MSG_SIGNER_PIN, 0, s->set->pin_fd,
		    NULL, 0);
}

static void
send_file_key(struct signer *s, uint32_t index, enum msg_type type, int fd)
{
	struct msg_key_file	 m;

	memset(&m, 0, sizeof(m));
	m.index = index;
	strlcpy(m.path, s->set->keys[index].name, sizeof(m.path));
	child_send_fd(&s->child, type, 0, fd, &m, sizeof(m));
}

static void
send_token_key(struct signer *s, uint32_t index)
{
	struct set_key		*key = &s->set->keys[index];
	struct msg_key_uri	 m;

	memset(&m, 0, sizeof(m));
	m.index = index;
	strlcpy(m.uri, key->name, sizeof(m.uri));
	channel_send(s->child.channel, MSG_SIGNER_URI, 0, -1, &m, sizeof(m));
	if (key->cert_fd != -1)
		send_file_key(s, index, MSG_SIGNER_CERT, key->cert_fd);
}

static void
send_store(struct signer *s)
{
	struct signer_set	*set = s->set;
	uint32_t		 i;

	send_environment(s);
	if (set->kind == SET_PKCS11)
		send_module(s);
	for (i = 0; i < set->nkeys; i++) {
		if (set->keys[i].lost)
			continue;
		if (set->kind == SET_PKCS11)
			send_token_key(s, i);
		else
			send_file_key(s, i, MSG_SIGNER_FILE, set->keys[i].fd);
	}
	channel_send(s->child.channel, MSG_SIGNER_START, 0, -1, NULL, 0);
}

static void
signer_start(struct signer *s)
{
	static uint32_t		 last_id;
	const struct config	*conf = s->set->setup->conf;
	char			 title[MSG_NAME_SIZE + 32];

	s->due = 0;
	s->reported = 0;
	s->mismatch = 0;
	s->kill_sent = 0;
	s->info.harmless = 0;
	s->info.id = ++last_id;
	snprintf(title, sizeof(title), "keyless-signer: %s", s->set->name);
	if (child_start(&s->child, parent_options.signer, title, NULL,
	    &signer_handler, s) == -1)
		fatalx("cannot go on without processes");
	s->info.pid = s->child.pid;
	child_init(&s->child, s->set->name, conf->signer_user, s->set->chroot);
	send_store(s);
	signer_set_state(s, SIGNER_STARTING);
}

void
signers_start(struct setup *setup)
{
	struct signer_set	*set;
	struct signer		*s;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		if (set->nsigners == 0)
			continue;
		set->signers = calloc(set->nsigners, sizeof(*set->signers));
		if (set->signers == NULL)
			fatal("calloc");
		for (i = 0; i < set->nsigners; i++) {
			s = &set->signers[i];
			s->set = set;
			s->info.set = set->id;
			s->info.slot = i;
			s->info.state = SIGNER_WAITING;
			s->timer = evtimer_new(parent_base, signer_timeout, s);
			if (s->timer == NULL)
				fatal("evtimer_new");
			s->due = 1;
		}
		set_start_next(set);
	}
}

int
signers_settled(const struct setup *setup)
{
	const struct signer_set	*set;

	TAILQ_FOREACH(set, &setup->sets, entry)
		if (!set->loaded && !set->failed)
			return (0);
	return (1);
}

/* No signer of the set can be had: all its keys are unusable. */
static void
set_fail(struct signer_set *set, const char *reason)
{
	uint32_t	 i;

	log_errx("store not usable set=\"%s\" reason=\"%s\"", set->name,
	    reason);
	set->failed = 1;
	for (i = 0; i < set->nkeys; i++) {
		if (set->keys[i].lost)
			continue;
		if (keyinfo_fail(&set->keys[i].info, set->keys[i].name,
		    reason) == -1)
			fatal("keyinfo_fail");
	}
	for (i = 0; i < set->nsigners; i++)
		set->signers[i].due = 0;
	parent_advance();
}

/* It costs the liar its process and nobody else anything. */
static void
signer_lies(struct signer *s, const struct ipc_msg *msg)
{
	log_errx("bad message from signer set=\"%s\" slot=%u pid=%d type=%u "
	    "length=%zu", s->set->name, s->info.slot, (int)s->child.pid,
	    msg->type, msg->length);
	signer_end(s);
}

static void
signer_key(struct signer *s, struct ipc_msg *msg)
{
	struct signer_set	*set = s->set;
	struct msg_key		 m;
	struct keyinfo		 info, *known;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || !msg_key_valid(&m) ||
	    m.index >= set->nkeys || set->keys[m.index].lost) {
		signer_lies(s, msg);
		return;
	}
	s->reported++;
	known = &set->keys[m.index].info;
	if (!set->loaded) {
		if (keyinfo_set(known, &m) == -1)
			fatal("keyinfo_set");
		return;
	}
	/* A key that the set serves must be the same in all its members. */
	memset(&info, 0, sizeof(info));
	if (keyinfo_set(&info, &m) == -1)
		fatal("keyinfo_set");
	if (known->state == KEY_READY && !keyinfo_same(known, &info)) {
		log_errx("key changed set=\"%s\" key=\"%s\" reason=\"%s\"",
		    set->name, set->keys[m.index].name,
		    info.state == KEY_FAILED ? info.reason :
		    "another public key than at the last load; reload to use");
		s->mismatch++;
	}
	keyinfo_free(&info);
}

int
signer_open_channel(struct signer *s)
{
	int	 sv[2];

	/* Blocking in the signer; the frontend makes its own end so. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1) {
		log_err("socketpair set=\"%s\"", s->set->name);
		return (-1);
	}
	channel_send(s->child.channel, MSG_SIGNER_CHANNEL, 0, sv[1], NULL, 0);
	return (sv[0]);
}

static void
signer_connect(struct signer *s)
{
	int	 fd;

	if ((fd = signer_open_channel(s)) != -1)
		frontproc_signer(&s->info, fd);
}

void
signers_connect(struct setup *setup)
{
	struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry)
		for (i = 0; i < set->nsigners; i++)
			if (set->signers[i].info.state == SIGNER_READY)
				signer_connect(&set->signers[i]);
}

static void
signer_ready(struct signer *s)
{
	uint32_t	 i, sent = 0;

	for (i = 0; i < s->set->nkeys; i++)
		sent += !s->set->keys[i].lost;
	if (s->reported != sent || s->mismatch) {
		log_errx("signer reported %u of %u keys, %d changed "
		    "set=\"%s\"", s->reported, sent, s->mismatch,
		    s->set->name);
		signer_end(s);
		return;
	}
	s->set->loaded = 1;
	s->ready_at = monotonic_seconds();
	signer_set_state(s, SIGNER_READY);
	log_debug("signer ready set=\"%s\" slot=%u pid=%d", s->set->name,
	    s->info.slot, (int)s->child.pid);
	if (parent_state == PARENT_SERVING)
		signer_connect(s);
	set_start_next(s->set);
	parent_advance();
}

static void
signer_failed(struct signer *s, struct ipc_msg *msg)
{
	struct msg_failure	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text))) {
		signer_lies(s, msg);
		return;
	}
	/* Not started again: a wrong PIN must never run into a lockout. */
	signer_set_state(s, SIGNER_FAILED);
	if (!s->set->loaded && !s->set->failed)
		set_fail(s->set, m.text);
	else
		log_errx("signer failed set=\"%s\" slot=%u reason=\"%s\"",
		    s->set->name, s->info.slot, m.text);
}

static void
signer_token(struct signer *s, struct ipc_msg *msg)
{
	struct msg_token	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.manufacturer, sizeof(m.manufacturer)) ||
	    !ipc_text_ok(m.library, sizeof(m.library)) ||
	    !ipc_text_ok(m.library_version, sizeof(m.library_version)) ||
	    !ipc_text_ok(m.label, sizeof(m.label)) ||
	    !ipc_text_ok(m.serial, sizeof(m.serial)) ||
	    !ipc_text_ok(m.model, sizeof(m.model)) ||
	    !ipc_text_ok(m.mechanisms, sizeof(m.mechanisms)) ||
	    !ipc_text_ok(m.last_error, sizeof(m.last_error))) {
		signer_lies(s, msg);
		return;
	}
	log_debug("token open set=\"%s\" label=\"%s\" serial=%s model=\"%s\" "
	    "manufacturer=\"%s\" library=%s", s->set->name, m.label, m.serial,
	    m.model, m.manufacturer, m.library_version);
}

static void
signer_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	struct signer	*s = arg;

	(void)ch;
	if (s->info.state != SIGNER_STARTING) {
		signer_lies(s, msg);
		return;
	}
	switch (msg->type) {
	case MSG_SIGNER_KEY:
		signer_key(s, msg);
		break;
	case MSG_SIGNER_TOKEN:
		signer_token(s, msg);
		break;
	case MSG_SIGNER_READY:
		signer_ready(s);
		break;
	case MSG_SIGNER_FAILED:
		signer_failed(s, msg);
		break;
	default:
		signer_lies(s, msg);
	}
}

/* The channel closes when the process ends; SIGCHLD says how. */
static void
signer_gone(struct channel *ch, void *arg)
{
	struct signer	*s = arg;

	channel_free(ch);
	s->child.channel = NULL;
	if (s->child.pid != 0 && parent_state != PARENT_STOPPING &&
	    s->info.state != SIGNER_FAILED)
		log_debug("signer closed its channel set=\"%s\" pid=%d",
		    s->set->name, (int)s->child.pid);
}

static struct signer *
signer_find(struct setup *setup, pid_t pid, uint32_t id)
{
	struct signer_set	*set;
	struct signer		*s;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		for (i = 0; i < set->nsigners; i++) {
			s = &set->signers[i];
			if (s->child.pid != 0 && (s->child.pid == pid ||
			    (pid == 0 && s->info.id == id)))
				return (s);
		}
	}
	return (NULL);
}

/* Start it again after a pause that grows as it keeps dying. */
static void
signer_wait(struct signer *s, int served)
{
	unsigned int	 pause = PAUSE_FIRST, i;
	unsigned int	 longest = served ? PAUSE_SERVED : PAUSE_MAX;
	struct timeval	 tv;

	if (served && monotonic_seconds() - s->ready_at >= SERVED_LONG)
		s->deaths = 0;
	for (i = 0; i < s->deaths && pause < longest; i++)
		pause *= 2;
	if (pause > longest)
		pause = longest;
	s->deaths++;
	s->info.restarts++;
	tv.tv_sec = pause / 1000;
	tv.tv_usec = (pause % 1000) * 1000;
	evtimer_add(s->timer, &tv);
	signer_set_state(s, SIGNER_WAITING);
}

static void
log_death(const struct signer *s, int status)
{
	if (WIFSIGNALED(status))
		log_warnx("signer died set=\"%s\" slot=%u pid=%d signal=%d",
		    s->set->name, s->info.slot, (int)s->info.pid,
		    WTERMSIG(status));
	else
		log_warnx("signer died set=\"%s\" slot=%u pid=%d status=%d",
		    s->set->name, s->info.slot, (int)s->info.pid,
		    WEXITSTATUS(status));
}

int
signers_exited(struct setup *setup, pid_t pid, int status)
{
	struct signer	*s;
	int		 served;

	if ((s = signer_find(setup, pid, 0)) == NULL)
		return (0);
	channel_free(s->child.channel);
	s->child.channel = NULL;
	s->child.pid = 0;
	served = s->info.state == SIGNER_READY;
	s->info.harmless = !s->kill_sent && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL;
	if (parent_state == PARENT_STOPPING)
		s->info.state = SIGNER_WAITING;
	else if (s->info.state != SIGNER_FAILED) {
		log_death(s, status);
		if (s->deaths + 1 >= START_DEATHS && !s->set->loaded) {
			s->info.state = SIGNER_FAILED;
			set_fail(s->set, "its process died again and again "
			    "while it loaded the keys");
		} else
			signer_wait(s, served);
	}
	if (parent_state != PARENT_STOPPING && !s->set->failed)
		set_start_next(s->set);
	parent_advance();
	return (1);
}

void
signers_kill(struct setup *setup, uint32_t id)
{
	struct signer	*s;

	if ((s = signer_find(setup, 0, id)) == NULL)
		return;
	log_warnx("killing signer that is stuck set=\"%s\" slot=%u pid=%d",
	    s->set->name, s->info.slot, (int)s->child.pid);
	signer_end(s);
}

void
signers_log_level(struct setup *setup, uint32_t level)
{
	struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry)
		for (i = 0; i < set->nsigners; i++)
			if (set->signers[i].child.channel != NULL)
				channel_send(set->signers[i].child.channel,
				    MSG_LOG_LEVEL, 0, -1, &level,
				    sizeof(level));
}

void
signers_stop(struct setup *setup)
{
	struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		for (i = 0; i < set->nsigners; i++) {
			set->signers[i].due = 0;
			evtimer_del(set->signers[i].timer);
			if (set->signers[i].child.channel != NULL)
				channel_send(set->signers[i].child.channel,
				    MSG_STOP, 0, -1, NULL, 0);
		}
	}
}

int
signers_alive(const struct setup *setup)
{
	const struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry)
		for (i = 0; i < set->nsigners; i++)
			if (set->signers != NULL &&
			    set->signers[i].child.pid != 0)
				return (1);
	return (0);
}

void
signers_kill_all(struct setup *setup)
{
	struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry)
		for (i = 0; i < set->nsigners; i++)
			if (set->signers[i].child.pid != 0)
				kill(set->signers[i].child.pid, SIGKILL);
}

void
signers_free(struct setup *setup)
{
	struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		for (i = 0; set->signers != NULL && i < set->nsigners; i++)
			event_free(set->signers[i].timer);
		free(set->signers);
		set->signers = NULL;
	}
}
