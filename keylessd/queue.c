/* Frontend: queues of requests, and the signers that they go to. */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "frontend.h"
#include "log.h"
#include "loglimit.h"

/*
 * A signer holds SIGNMSG_AHEAD at most, or one operation that takes longer.
 * For a request whose turn is before that of others that it holds there is room
 * still, as long as no more than OVERTAKE is before it.  That of a cloud holds
 * one, whatever it takes: behind another a request would wait for its answer
 * from afar.
 *
 * Of several frontends each treats like that the signers that are its own, by
 * their places in the set, and gives others no more than its part of that much
 * work, or one operation: so what a signer holds of all frontends together is
 * less than twice as much.  Where there are fewer signers than frontends, they
 * are nobody's own.
 */
#define OVERTAKE	1000			/* us of work */
#define RESERVED	(SIGNMSG_BATCH / 4)	/* requests, for those */

struct fe_sets	 fe_sets = TAILQ_HEAD_INITIALIZER(fe_sets);

static struct loglimit	 given_up_limit = { .what = "request given up" };
static struct fe_sets	 dirty_sets = TAILQ_HEAD_INITIALIZER(dirty_sets);

static void	signer_write(struct fe_signer *);

/* How much a signer holds of this frontend. */
static void
signer_share(struct fe_signer *s, uint32_t slot)
{
	uint32_t	 n = fe_place.frontends, nsigners = s->set->nsigners;

	s->ahead = SIGNMSG_AHEAD;
	if (n == 1 || (nsigners >= n && (uint64_t)slot * n / nsigners ==
	    fe_place.number))
		return;
	s->ahead /= n;
}

/* Its own signers, and the others after them: the first of equals is chosen. */
static void
set_order(struct fe_set *set)
{
	uint32_t	 i, n = set->nsigners, first;

	first = (uint32_t)(((uint64_t)fe_place.number * n +
	    fe_place.frontends - 1) / fe_place.frontends);
	for (i = 0; i < n; i++)
		set->order[i] = &set->signers[(first + i) % n];
}

struct fe_set *
queue_set_new(const struct msg_set *m, uint32_t generation)
{
	struct fe_set	*set;
	uint32_t	 i;

	if ((set = calloc(1, sizeof(*set))) == NULL ||
	    (set->name = strdup(m->name)) == NULL)
		fatal("queue_set_new");
	set->id = m->set;
	set->generation = generation;
	set->nsigners = m->nsigners;
	set->single = m->single != 0;
	LIST_INIT(&set->flows);
	if (m->nsigners != 0) {
		set->signers = calloc(m->nsigners, sizeof(*set->signers));
		set->order = calloc(m->nsigners, sizeof(*set->order));
		if (set->signers == NULL || set->order == NULL)
			fatal("calloc");
		set_order(set);
	}
	for (i = 0; i < set->nsigners; i++) {
		set->signers[i].set = set;
		set->signers[i].fd = -1;
		set->signers[i].info.set = set->id;
		set->signers[i].info.slot = i;
		TAILQ_INIT(&set->signers[i].inflight);
		signer_share(&set->signers[i], i);
	}
	TAILQ_INSERT_TAIL(&fe_sets, set, entry);
	return (set);
}

struct fe_set *
queue_set_find(uint32_t id)
{
	struct fe_set	*set;

	TAILQ_FOREACH(set, &fe_sets, entry)
		if (set->id == id)
			return (set);
	return (NULL);
}

struct fe_set *
queue_set_from(uint32_t id)
{
	struct fe_set	*set;

	TAILQ_FOREACH(set, &fe_sets, entry)
		if (set->id >= id)
			return (set);
	return (NULL);
}

/* The signer; NULL if its set has been retired and is through. */
static struct fe_signer *
signer_of(const struct msg_signer *m)
{
	struct fe_set	*set;

	if ((set = queue_set_find(m->set)) == NULL)
		return (NULL);
	if (m->slot >= set->nsigners)
		fatalx("parent names an unknown signer set=%u slot=%u", m->set,
		    m->slot);
	return (&set->signers[m->slot]);
}

static void
set_dirty(struct fe_set *set)
{
	if (set->dirty)
		return;
	set->dirty = 1;
	TAILQ_INSERT_TAIL(&dirty_sets, set, dirty_entry);
}

int
queue_add(struct pending *p)
{
	if (flow_add(p) == -1)
		return (-1);
	set_dirty(p->set);
	return (0);
}

static void
inflight_remove(struct fe_signer *s, struct pending *p)
{
	TAILQ_REMOVE(&s->inflight, p, queue);
	s->ninflight--;
	s->set->ninflight--;
	s->work -= p->work;
	p->signer = NULL;
}

static void
queue_again(struct pending *p)
{
	fe_stats.retries++;
	flow_put_back(p);
	set_dirty(p->set);
}

/*
 * A request whose signer died goes to another.  If it may have been the cause
 * of the death it is a suspect from now on and travels alone (see
 * signer_may_take), so that the cause is found without harm to others, and is
 * given up after sign_retry_count further deaths.  Other frontends may have
 * requests there, too: what kills now counts for a suspect only if the signer
 * had begun with it.
 */
static void
request_orphaned(struct fe_signer *s, struct pending *p, int suspect)
{
	inflight_remove(s, p);
	if (!pending_wanted(p)) {
		pending_free(p);
		return;
	}
	if (p->deaths != 0)
		suspect = suspect && p->begun;
	if (suspect && ++p->deaths > fe_conf.sign_retry_count) {
		if (loglimit_ok(&given_up_limit, frontend_now()))
			log_warnx("request given up peer=%s opcode=%s "
			    "set=\"%s\" ski=%s deaths=%u request_id=%s "
			    "reason=\"signers died while they had it\"",
			    pending_peer(p), p->op->name, s->set->name,
			    pending_ski(p), p->deaths,
			    reqid_clean(p->request_id));
		request_fail(p, WIRE_ERR_CRYPTO, "its signers died");
		return;
	}
	queue_again(p);
}

/* The process has left.  Its requests wait for the parent to say why. */
static void
signer_disconnect(struct fe_signer *s)
{
	event_free(s->readable);
	event_free(s->writable);
	close(s->fd);
	s->fd = -1;
	free(s->in);
	s->in = NULL;
	s->lost = 1;
	s->set->nconnected--;
}

static void
signer_bury(struct fe_signer *s, int harmless)
{
	struct pending	*p;

	s->lost = 0;
	/* From the last to the first, so that the queue keeps their order. */
	while ((p = TAILQ_LAST(&s->inflight, pending_list)) != NULL)
		request_orphaned(s, p, (p->sent || (p == s->unsent &&
		    s->written != 0)) && !harmless);
	s->unsent = NULL;
	s->written = 0;
	set_dirty(s->set);
}

/* Ask for the end of the process that is connected; it may be gone. */
static void
signer_kill(struct fe_signer *s)
{
	struct msg_signer	 m = s->info;

	m.id = s->process;
	s->kill_asked = 1;
	channel_send(fe_parent, MSG_FRONT_KILL, 0, -1, &m, sizeof(m));
}

static void
signer_reply(struct fe_signer *s, const struct sign_reply *r)
{
	struct pending	*p = pending_find(r->id);

	if (p == NULL || p->signer != s || !p->sent) {
		fe_stats.late_replies++;
		log_warnx("unknown reply dropped set=\"%s\" pid=%d id=%llx",
		    s->set->name, s->info.pid, (unsigned long long)r->id);
		return;
	}
	if (r->status == SIGN_BEGUN) {
		p->begun = 1;
		return;
	}
	inflight_remove(s, p);
	flow_served(p);
	if (!pending_wanted(p))
		fe_stats.late_replies++;
	s->alive = frontend_now();
	if (r->status == SIGN_UNAVAILABLE && p->avoid == NULL &&
	    pending_wanted(p)) {
		p->avoid = s;
		queue_again(p);
		return;
	}
	s->served++;
	frontend_key_answered(s->set, p->req.key, (enum sign_status)r->status);
	s->worked += r->us;
	if (r->status == SIGN_OK && p->req.opcode != SIGNMSG_OP_TEST)
		cost_learn(p->cost, r->us);
	request_finish(p, r);
}

/*
 * Take what the signer has written: 1 if there was something, 0 if not, -1 when
 * it is gone or lies.
 */
static int
signer_take(struct fe_signer *s)
{
	struct sign_reply	 r;
	size_t			 n;
	int			 status;

	status = signmsg_read(s->in, s->fd, MSG_DONTWAIT, &n);
	if (status == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return (0);
	if (status != 1)
		return (-1);
	while (n-- > 0) {
		if (signmsg_reply(s->in, &r) == -1) {
			log_errx("malformed reply from signer set=\"%s\" "
			    "pid=%d", s->set->name, s->info.pid);
			signer_kill(s);
			return (-1);
		}
		signer_reply(s, &r);
	}
	set_dirty(s->set);
	return (1);
}

static void
signer_readable(evutil_socket_t fd, short what, void *arg)
{
	struct fe_signer	*s = arg;

	(void)fd;
	(void)what;
	if (signer_take(s) == -1)
		signer_disconnect(s);
}

static void
signer_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	signer_write(arg);
}

void
queue_signer_state(const struct msg_signer *m)
{
	struct fe_signer	*s = signer_of(m);
	int			 dead;

	if (s == NULL)
		return;
	s->info = *m;
	set_dirty(s->set);
	dead = m->state == SIGNER_WAITING || m->state == SIGNER_LOST ||
	    m->state == SIGNER_FAILED;
	if (!dead || s->process != m->id)
		return;
	if (s->fd != -1) {
		/* Take its last answers before they are lost. */
		while (signer_take(s) == 1)
			;
		signer_disconnect(s);
	}
	if (s->lost)
		signer_bury(s, m->harmless != 0);
}

void
queue_signer_connect(const struct msg_signer *m, int fd)
{
	struct fe_signer	*s = signer_of(m);

	if (s == NULL) {
		close(fd);
		return;
	}
	if (s->fd != -1 || s->lost)
		fatalx("parent connects a signer twice set=%u slot=%u", m->set,
		    m->slot);
	s->info = *m;
	s->process = m->id;
	s->kill_asked = 0;
	s->fd = fd;
	s->set->nconnected++;
	if (evutil_make_socket_nonblocking(fd) == -1 ||
	    (s->in = calloc(1, sizeof(*s->in))) == NULL)
		fatal("queue_signer_connect");
	s->in->header = SIGNMSG_REPLY;
	s->readable = event_new(fe_base, fd, EV_READ | EV_PERSIST,
	    signer_readable, s);
	s->writable = event_new(fe_base, fd, EV_WRITE, signer_writable, s);
	if (s->readable == NULL || s->writable == NULL ||
	    event_add(s->readable, NULL) == -1)
		fatalx("event_new");
	set_dirty(s->set);
}

/*
 * Write all that is unsent, as many records at a time as go.  A signer that
 * is gone is noticed by reading.
 */
static void
signer_write(struct fe_signer *s)
{
	struct iovec	 iov[SIGNMSG_BATCH];
	struct msghdr	 mh;
	struct pending	*p;
	ssize_t		 n;
	int		 i;

	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = iov;
	while (s->unsent != NULL) {
		for (i = 0, p = s->unsent; p != NULL && i < SIGNMSG_BATCH;
		    i++, p = TAILQ_NEXT(p, queue)) {
			iov[i].iov_base = &p->req;
			iov[i].iov_len = sign_request_size(&p->req);
		}
		iov[0].iov_base = (uint8_t *)iov[0].iov_base + s->written;
		iov[0].iov_len -= s->written;
		mh.msg_iovlen = (size_t)i;
		if ((n = sendmsg(s->fd, &mh, MSG_NOSIGNAL)) == -1) {
			if (errno == EAGAIN || errno == EWOULDBLOCK)
				event_add(s->writable, NULL);
			return;
		}
		s->written += (size_t)n;
		while (s->unsent != NULL &&
		    s->written >= sign_request_size(&s->unsent->req)) {
			s->written -= sign_request_size(&s->unsent->req);
			s->unsent->sent = 1;
			s->unsent = TAILQ_NEXT(s->unsent, queue);
		}
	}
}

/* How much of its work the signer will do before p. */
static uint32_t
work_before(const struct fe_signer *s, const struct pending *p)
{
	const struct pending	*q;
	uint32_t		 work = 0;

	if (p->turn >= s->latest)
		return (s->work);
	TAILQ_FOREACH(q, &s->inflight, queue)
		if (q->turn <= p->turn)
			work += q->work;
	return (work);
}

/* Whether the signer, which has so much to do before p, may be given p now. */
static int
signer_may_take(const struct fe_signer *s, const struct pending *p,
    uint32_t before)
{
	const struct pending	*head = TAILQ_FIRST(&s->inflight);
	uint32_t		 work = cost_now(p->cost);

	if (s->fd == -1 || s->kill_asked ||
	    (s == p->avoid && s->set->nconnected > 1))
		return (0);
	if (head == NULL)
		return (1);
	if (p->deaths != 0 || head->deaths != 0 || s->set->single ||
	    s->ninflight == SIGNMSG_BATCH)
		return (0);
	if (before < s->work && (before == 0 || before + work <= OVERTAKE))
		return (1);
	return (s->work + work <= s->ahead &&
	    s->ninflight < SIGNMSG_BATCH - RESERVED);
}

/* The signer that may be given p and begins it first; or NULL. */
static struct fe_signer *
signer_choose(struct fe_set *set, const struct pending *p)
{
	struct fe_signer	*s, *best = NULL;
	uint32_t		 i, before, least = 0;

	for (i = 0; i < set->nsigners; i++) {
		s = set->order[i];
		before = work_before(s, p);
		if (!signer_may_take(s, p, before))
			continue;
		if (best == NULL || before < least ||
		    (before == least && s->work < best->work)) {
			best = s;
			least = before;
		}
	}
	return (best);
}

static void
signer_give(struct fe_signer *s, struct pending *p)
{
	flow_remove(p);
	p->begun = p->sent = 0;
	p->req.flags = manners_flags();
	if (p->deaths != 0)
		p->req.flags |= SIGN_SUSPECT;
	p->work = cost_now(p->cost);
	if (s->ninflight == 0) {
		s->alive = frontend_now();
		s->latest = 0;
	}
	if (s->latest < p->turn)
		s->latest = p->turn;
	TAILQ_INSERT_TAIL(&s->inflight, p, queue);
	s->ninflight++;
	s->set->ninflight++;
	s->work += p->work;
	p->signer = s;
	if (s->unsent == NULL)
		s->unsent = p;
}

int
queue_set_lost(const struct fe_set *set)
{
	uint32_t	 i;

	for (i = 0; i < set->nsigners; i++)
		if (set->signers[i].fd != -1 ||
		    (set->signers[i].info.state != SIGNER_FAILED &&
		    set->signers[i].info.state != SIGNER_LOST))
			return (0);
	return (1);
}

static void
set_flush(struct fe_set *set)
{
	struct fe_signer	*s;
	struct pending		*p;
	uint32_t		 i;

	while ((p = flow_first(set)) != NULL) {
		if ((s = signer_choose(set, p)) == NULL)
			break;
		signer_give(s, p);
	}
	for (i = 0; i < set->nsigners; i++)
		if (set->signers[i].unsent != NULL)
			signer_write(&set->signers[i]);
	manners_set(set);
	if (p == NULL) {
		conn_release_responses();
		return;
	}
	if (!queue_set_lost(set))
		return;
	while ((p = flow_first(set)) != NULL) {
		flow_drop(p);
		request_fail(p, WIRE_ERR_CRYPTO, "the token is away");
	}
}

static int
set_is_idle(const struct fe_set *set)
{
	return (set->nqueued + set->ninflight == 0);
}

/* A retired set has answered all that it was asked. */
static void
set_done(struct fe_set *set)
{
	uint32_t	 i;

	channel_send(fe_parent, MSG_FRONT_SET_DONE, 0, -1, &set->id,
	    sizeof(set->id));
	for (i = 0; i < set->nsigners; i++)
		if (set->signers[i].fd != -1)
			signer_disconnect(&set->signers[i]);
	TAILQ_REMOVE(&fe_sets, set, entry);
	flow_free_set(set);
	free(set->signers);
	free(set->order);
	free(set->token);
	free(set->errors);
	free(set->name);
	free(set);
}

void
queue_retire(uint32_t generation)
{
	struct fe_set	*set;

	TAILQ_FOREACH(set, &fe_sets, entry) {
		if (set->generation == generation)
			continue;
		set->retired = 1;
		set_dirty(set);
	}
}

int
queue_flush(void)
{
	struct fe_set	*set;
	int		 worked = 0;

	while ((set = TAILQ_FIRST(&dirty_sets)) != NULL) {
		TAILQ_REMOVE(&dirty_sets, set, dirty_entry);
		set->dirty = 0;
		set_flush(set);
		if (set->retired && set_is_idle(set))
			set_done(set);
		worked = 1;
	}
	return (worked);
}

uint64_t
queue_check_stuck(void)
{
	struct fe_set		*set;
	struct fe_signer	*s;
	uint64_t		 due, next = 0;
	uint32_t		 i;

	TAILQ_FOREACH(set, &fe_sets, entry) {
		for (i = 0; i < set->nsigners; i++) {
			s = &set->signers[i];
			if (s->ninflight == 0 || s->kill_asked)
				continue;
			due = s->alive + fe_conf.sign_timeout;
			if (due <= frontend_now())
				signer_kill(s);
			else if (next == 0 || due < next)
				next = due;
		}
	}
	return (next);
}
