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
#include "signmsg.h"

#define PAUSE_FIRST	100	/* ms before the first new start */
#define PAUSE_SERVED	1000	/* longest, of one that had been serving */
#define PAUSE_LOST	1000	/* longest, while the token is away */
#define PAUSE_CLOUD	15000	/* longest, while the cloud is */
#define PAUSE_KILLED	500	/* longest, of one that somebody else killed */
#define PAUSE_MAX	60000	/* longest, of one that never got so far */
#define SERVED_LONG	10	/* s: what died before does not count */
#define LEAVE_MAX	10000	/* ms to leave, when it is told to or says so */
#define START_DEATHS	3	/* while starting up: then the set is away */

static void	signer_start(struct signer *);
static void	signer_timer(evutil_socket_t, short, void *);

static time_t
monotonic_seconds(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

void
signer_end(struct signer *s)
{
	s->kill_sent = 1;
	if (!s->ended)
		kill(s->child.pid, SIGKILL);
}

const char *
signer_store_noun(const struct signer_set *set)
{
	return (set->kind == SET_CLOUD ? "cloud" : "token");
}

void
signer_set_state(struct signer *s, enum signer_state state)
{
	s->info.state = state;
	frontproc_signer_state(s->set, &s->info);
}

/* Run the timer once, after ms milliseconds. */
static void
signer_after(struct signer *s, unsigned int ms)
{
	struct timeval	 tv;

	tv.tv_sec = ms / 1000;
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	evtimer_add(s->timer, &tv);
}

void
signer_leaves(struct signer *s)
{
	s->leaving = 1;
	if (!s->ended)
		signer_after(s, LEAVE_MAX);
}

/*
 * Whether another member of a token's or cloud's set is starting or leaving
 * now.
 */
static int
set_busy(const struct signer_set *set)
{
	uint32_t	 i;

	if (set->kind == SET_FILES)
		return (0);
	for (i = 0; i < set->nsigners; i++)
		if (set->signers[i].child.pid != 0 &&
		    set->signers[i].info.state != SIGNER_READY)
			return (1);
	return (0);
}

static void
set_start_next(struct signer_set *set)
{
	uint32_t	 i;

	if (parent_state == PARENT_STOPPING || set->done)
		return;
	for (i = 0; i < set->nsigners && !set_busy(set); i++)
		if (set->signers[i].due)
			signer_start(&set->signers[i]);
}

static void
signer_start(struct signer *s)
{
	static uint32_t		 last_id;
	const struct config	*conf = s->set->setup->conf;

	s->due = s->leaving = s->mismatch = s->kill_sent = 0;
	s->no_session = 0;
	s->reported = s->next_key = 0;
	s->sandbox.pid = 0;
	s->info.harmless = 0;
	s->info.id = ++last_id;
	if (child_start(&s->child, s->set->kind == SET_CLOUD ? LAUNCH_CLOUD :
	    LAUNCH_SIGNER, s->set->name, s->set->chroot, &signer_handler, s) ==
	    -1)
		fatalx("cannot go on without processes");
	s->info.pid = s->child.pid;
	signer_send_store(s);
	signer_set_state(s, s->lost ? SIGNER_LOST : SIGNER_STARTING);
	/* Key files load as long as it takes; a module may hang. */
	if (s->set->kind != SET_FILES)
		signer_after(s, conf->start_timeout);
}

static void
signer_new(struct signer_set *set, uint32_t slot)
{
	struct signer	*s = &set->signers[slot];

	s->set = set;
	s->info.set = set->id;
	s->info.slot = slot;
	s->info.state = SIGNER_WAITING;
	s->due = 1;
	if ((s->timer = evtimer_new(parent_base, signer_timer, s)) == NULL)
		fatal("evtimer_new");
}

void
signers_start(struct setup *setup)
{
	struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		if (set->nsigners == 0)
			continue;
		set->signers = calloc(set->nsigners, sizeof(*set->signers));
		if (set->signers == NULL)
			fatal("calloc");
		for (i = 0; i < set->nsigners; i++)
			signer_new(set, i);
		set_start_next(set);
	}
}

int
signers_settled(const struct setup *setup)
{
	const struct signer_set	*set;

	TAILQ_FOREACH(set, &setup->sets, entry)
		if (set->state == SET_LOADING)
			return (0);
	return (1);
}

/* No process of the set is started any more. */
static void
set_give_up(struct signer_set *set)
{
	struct signer	*s;
	uint32_t	 i;

	set->given_up = 1;
	for (i = 0; i < set->nsigners; i++) {
		s = &set->signers[i];
		s->due = 0;
		if (s->child.pid != 0)
			continue;
		evtimer_del(s->timer);
		signer_set_state(s, SIGNER_FAILED);
	}
}

void
signer_set_fails(struct signer_set *set, const char *reason, int permanent)
{
	uint32_t	 i;

	if (permanent)
		set_give_up(set);
	if (set->state == SET_LOADED && permanent)
		log_errx("store gets no new processes set=\"%s\" "
		    "reason=\"%s\"", set->name, reason);
	if (set->state == SET_LOADED || (set->state == SET_AWAY && !permanent))
		return;
	log_errx("store not usable set=\"%s\" reason=\"%s\"", set->name,
	    reason);
	set->state = permanent ? SET_FAILED : SET_AWAY;
	for (i = 0; i < set->nkeys; i++) {
		if (set->keys[i].lost)
			continue;
		if (keyinfo_fail(&set->keys[i].info, set->keys[i].name,
		    reason) == -1)
			fatal("keyinfo_fail");
	}
	frontproc_keys(set);
	parent_advance();
}

/* It took longer than start_timeout. */
static void
signer_late(struct signer *s)
{
	log_errx("signer not ready in time set=\"%s\" slot=%u pid=%d",
	    s->set->name, s->info.slot, (int)s->child.pid);
	s->lost = 1;
	signer_end(s);
	if (s->set->state == SET_LOADING)
		signer_set_fails(s->set, s->set->kind == SET_CLOUD ?
		    "its cloud did not answer within start_timeout" :
		    "its module did not answer within start_timeout", 0);
}

static void
signer_timer(evutil_socket_t fd, short what, void *arg)
{
	struct signer	*s = arg;

	(void)fd;
	(void)what;
	if (s->child.pid != 0 && (s->set->done || s->leaving)) {
		log_warnx("signer does not leave set=\"%s\" slot=%u pid=%d",
		    s->set->name, s->info.slot, (int)s->child.pid);
		signer_end(s);
		return;
	}
	if (s->child.pid != 0) {
		signer_late(s);
		return;
	}
	s->due = 1;
	set_start_next(s->set);
}

int
signer_open_channel(struct signer *s, uint32_t frontend)
{
	int	 sv[2], room = SIGNMSG_ROOM;

	if (s->child.channel == NULL)
		return (-1);		/* about to be reaped */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1) {
		log_err("socketpair set=\"%s\"", s->set->name);
		return (-1);
	}
	if (setsockopt(sv[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) ==
	    -1)
		log_warn("setsockopt SO_SNDBUF set=\"%s\"", s->set->name);
	channel_send(s->child.channel, MSG_SIGNER_CHANNEL, frontend, sv[1],
	    NULL, 0);
	return (sv[0]);
}

static void
signer_connect(struct signer *s, uint32_t frontend)
{
	int	 fd;

	if ((fd = signer_open_channel(s, frontend)) != -1)
		frontproc_signer(frontend, &s->info, fd);
}

/* To all frontends that have its set. */
static void
signer_connect_all(struct signer *s)
{
	uint32_t	 i;

	for (i = 0; i < MSG_FRONTENDS_MAX; i++)
		if (s->set->users >> i & 1)
			signer_connect(s, i);
}

void
signers_connect(struct setup *setup, uint32_t frontend)
{
	struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry)
		for (i = 0; i < set->nsigners; i++)
			if (set->signers[i].info.state == SIGNER_READY)
				signer_connect(&set->signers[i], frontend);
}

/* A token has as many processes as it has sessions. */
static void
limit_signers(struct signer_set *set)
{
	uint64_t	 max = set->token.sessions_max, n = 0;
	uint32_t	 i;

	if (set->kind != SET_PKCS11 || max == 0 || max == UINT64_MAX)
		return;
	for (i = 0; i < set->nsigners; i++)
		n += set->signers[i].info.state != SIGNER_FAILED;
	if (n <= max)
		return;
	log_warnx("fewer processes than wanted set=\"%s\" wanted=%llu "
	    "reason=\"the token has %llu sessions\"", set->name,
	    (unsigned long long)n, (unsigned long long)max);
	for (i = set->nsigners; i-- > 0 && n > max;) {
		if (set->signers[i].child.pid != 0)
			continue;
		set->signers[i].due = 0;
		evtimer_del(set->signers[i].timer);
		signer_set_state(&set->signers[i], SIGNER_FAILED);
		n--;
	}
}

void
signer_is_ready(struct signer *s)
{
	struct signer_set	*set = s->set;
	int			 was_away = set->state == SET_AWAY;

	evtimer_del(s->timer);
	set->state = SET_LOADED;
	s->ready_at = monotonic_seconds();
	if (s->lost) {
		log_info("%s back set=\"%s\" slot=%u pid=%d",
		    signer_store_noun(set), set->name, s->info.slot,
		    (int)s->child.pid);
		s->lost = 0;
		s->deaths = 0;
		set->past.reconnects++;
	}
	set->no_session = 0;
	signer_set_state(s, SIGNER_READY);
	log_debug("signer ready set=\"%s\" slot=%u pid=%d", set->name,
	    s->info.slot, (int)s->child.pid);
	limit_signers(set);
	if (was_away)
		frontproc_keys(set);
	signer_connect_all(s);
	set_start_next(set);
	parent_advance();
}

static struct signer *
find_in(struct setup *setup, pid_t pid, uint32_t id)
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

/* The signer with this pid or, with pid 0, this id, of any setup; or NULL. */
static struct signer *
signer_find(pid_t pid, uint32_t id)
{
	struct setup	*setup;
	struct signer	*s;

	if ((s = find_in(parent_setup, pid, id)) != NULL)
		return (s);
	if (parent_next != NULL && (s = find_in(parent_next, pid, id)) != NULL)
		return (s);
	TAILQ_FOREACH(setup, &parent_left, entry)
		if ((s = find_in(setup, pid, id)) != NULL)
			return (s);
	return (NULL);
}

/* Start it again after a pause that grows as it keeps dying. */
static void
signer_wait(struct signer *s, int served)
{
	unsigned int	 pause = PAUSE_FIRST, i, longest = PAUSE_MAX;

	if (s->lost || s->leaving)
		longest = s->set->kind == SET_CLOUD ? PAUSE_CLOUD : PAUSE_LOST;
	else if (s->info.harmless)
		longest = PAUSE_KILLED;
	else if (served)
		longest = PAUSE_SERVED;
	if (served && monotonic_seconds() - s->ready_at >= SERVED_LONG)
		s->deaths = 0;
	for (i = 0; i < s->deaths && pause < longest; i++)
		pause *= 2;
	/* What makes this pause no longer must not make the next one so. */
	if (pause < longest)
		s->deaths++;
	else
		pause = longest;
	s->info.restarts++;
	frontproc_counts.signer_restarts++;
	frontproc_figures();
	signer_after(s, pause);
	signer_set_state(s, s->lost ? SIGNER_LOST : SIGNER_WAITING);
}

static void
log_death(const struct signer *s, int status)
{
	log_warnx("signer died set=\"%s\" slot=%u pid=%d %s=%d", s->set->name,
	    s->info.slot, (int)s->info.pid,
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* Take what the dead process counted into the set's counts. */
static void
token_bury(struct signer *s)
{
	signer_token_add(&s->set->past, &s->token);
	errcount_add(&s->set->past_names, &s->errors);
	memset(&s->token, 0, sizeof(s->token));
	memset(&s->errors, 0, sizeof(s->errors));
}

/* What becomes of a signer whose process has ended while it was wanted. */
static void
signer_died(struct signer *s, int status)
{
	int	 served = s->info.state == SIGNER_READY;

	/*
	 * SIGKILL that we did not send comes from outside.  One that left
	 * because of its token has answered what it could.
	 */
	s->info.harmless = s->leaving || (!s->kill_sent &&
	    WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	if (!s->leaving)
		log_death(s, status);
	if (s->set->given_up || s->info.state == SIGNER_FAILED) {
		signer_set_state(s, SIGNER_FAILED);
		return;
	}
	signer_wait(s, served);
	if (s->set->state == SET_LOADING && s->deaths >= START_DEATHS)
		signer_set_fails(s->set, "its process died again and again "
		    "while it loaded the keys", 0);
}

void
signers_exited(pid_t pid, int status)
{
	struct signer	*s;

	if ((s = signer_find(pid, 0)) == NULL)
		return;
	evtimer_del(s->timer);
	/* Its last words may not be read yet: that a PIN is wrong, say. */
	s->ended = 1;
	if (s->child.channel != NULL)
		channel_finish(s->child.channel);
	s->ended = 0;
	channel_free(s->child.channel);
	s->child.channel = NULL;
	s->child.pid = 0;
	token_bury(s);
	if (parent_state != PARENT_STOPPING && !s->set->done) {
		signer_died(s, status);
		set_start_next(s->set);
	}
	parent_advance();
}

void
signers_kill(uint32_t id)
{
	struct signer	*s;

	/* Several frontends may wait for it. */
	if ((s = signer_find(0, id)) == NULL || s->kill_sent)
		return;
	log_warnx("killing signer that is stuck set=\"%s\" slot=%u pid=%d",
	    s->set->name, s->info.slot, (int)s->child.pid);
	s->lost = s->set->kind == SET_PKCS11;
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
signers_stop_set(struct signer_set *set)
{
	struct signer	*s;
	uint32_t	 i;

	set->done = 1;
	for (i = 0; i < set->nsigners; i++) {
		s = &set->signers[i];
		s->due = 0;
		evtimer_del(s->timer);
		/* One that hangs in its module does not hear of it. */
		if (s->child.pid != 0)
			signer_after(s, LEAVE_MAX);
		if (s->child.channel != NULL)
			channel_send(s->child.channel, MSG_STOP, 0, -1, NULL,
			    0);
	}
}

void
signers_stop(struct setup *setup)
{
	struct signer_set	*set;

	TAILQ_FOREACH(set, &setup->sets, entry)
		if (!set->done)
			signers_stop_set(set);
}

void
signers_hurry(struct setup *setup)
{
	struct signer_set	*set;
	struct signer		*s;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		if (set->given_up)
			continue;
		for (i = 0; i < set->nsigners; i++) {
			s = &set->signers[i];
			if (s->no_session && s->info.state == SIGNER_FAILED)
				signer_set_state(s, SIGNER_WAITING);
			if ((s->no_session || set->no_session) &&
			    s->info.state == SIGNER_WAITING)
				s->due = 1;
		}
		set_start_next(set);
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
		for (i = 0; set->signers != NULL && i < set->nsigners; i++) {
			event_free(set->signers[i].timer);
			channel_free(set->signers[i].child.channel);
		}
		free(set->signers);
		set->signers = NULL;
	}
}
