/*
 * In the host's process: requests to the key servers of a slot.  Any number of
 * threads wait here; the one that leads works for all of them.
 */
#include <sys/types.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "dispatch.h"
#include "guest.h"
#include "log.h"

/* What to poll: the pipe first.  Returns how many. */
static nfds_t
poll_set(const struct remote *r, struct pollfd *pfds)
{
	const struct server	*s;
	nfds_t			 n = 0;
	size_t			 i;

	pfds[n].fd = r->wake[0];
	pfds[n++].events = POLLIN;
	for (i = 0; i < r->nservers; i++) {
		s = &r->servers[i];
		if (s->conn == NULL)
			continue;
		pfds[n].fd = conn_fd(s->conn);
		pfds[n++].events = conn_events(s->conn);
	}
	return (n);
}

static void
drain(int fd)
{
	char	 buf[64];

	while (read(fd, buf, sizeof(buf)) == sizeof(buf))
		;
}

static int
all_done(const struct remote *r)
{
	const struct call	*call;

	TAILQ_FOREACH(call, &r->calls, entry)
		if (!call->done)
			return (0);
	return (1);
}

/* One round for all that wait: send, wait for the network, receive. */
static void
lead(struct remote *r)
{
	struct pollfd	 pfds[CONF_SERVERS_MAX + 1];
	uint64_t	 now = remote_now(), wait;
	nfds_t		 n;

	r->poll_end = dispatch_work(r, now);
	if (all_done(r))
		return;
	n = poll_set(r, pfds);
	wait = r->poll_end > now && !r->more ? r->poll_end - now : 0;
	pthread_mutex_unlock(&r->lock);
	if (poll(pfds, n, wait > 60000 ? 60000 : (int)wait) > 0 &&
	    pfds[0].revents != 0)
		drain(r->wake[0]);
	pthread_mutex_lock(&r->lock);
	r->more = dispatch_receive(r, remote_now());
}

/*
 * Send at once while another thread polls, and wake it if it has to poll
 * something else, or not as long, because of that.
 */
static void
follow(struct remote *r, struct call *call)
{
	dispatch_send(r, call, remote_now());
	if (call->server != NULL &&
	    (conn_events(call->server->conn) & POLLOUT) == 0 &&
	    dispatch_patience(r, call) >= r->poll_end)
		return;
	if (write(r->wake[1], "", 1) == -1)
		return;		/* full: it wakes anyway */
}

/* Until the call is done or the lead is free, at most to the deadline. */
static void
wait_turn(struct remote *r, struct call *call)
{
	struct timespec	 ts;

	ts.tv_sec = (time_t)(call->deadline / 1000);
	ts.tv_nsec = (long)(call->deadline % 1000) * 1000000;
	while (!call->done && r->led)
		if (pthread_cond_timedwait(&call->wake, &r->lock,
		    &ts) == ETIMEDOUT && !call->done)
			dispatch_timed_out(r, call, remote_now());
}

/* Leave the lead to another thread that waits. */
static void
pass_lead(struct remote *r)
{
	struct call	*call;

	r->led = 0;
	TAILQ_FOREACH(call, &r->calls, entry)
		if (!call->done) {
			pthread_cond_signal(&call->wake);
			return;
		}
}

/*
 * The first call after a time without any: nobody looked at the connections
 * meanwhile, and that was not the servers' fault.
 */
static void
resume(struct remote *r)
{
	uint64_t	 now = remote_now();
	size_t		 i;

	for (i = 0; i < r->nservers; i++)
		if (r->servers[i].state == SERVER_TRYING)
			r->servers[i].limit = now + r->try;
	dispatch_receive(r, now);
}

static void
wait_for(struct remote *r, struct call *call)
{
	int	 leading = 0;

	if (r->led)
		follow(r, call);
	while (!call->done) {
		if (!leading && r->led) {
			wait_turn(r, call);
			continue;
		}
		leading = r->led = 1;
		lead(r);
	}
	/* It may have been left to this one when its time was over. */
	if (leading || !r->led)
		pass_lead(r);
}

static int
call_init(struct call *call, const struct remote_request *req,
    struct remote_answer *answer, uint64_t timeout)
{
	pthread_condattr_t	 attr;
	int			 error;

	memset(call, 0, offsetof(struct call, message));
	call->answer = answer;
	call->deadline = remote_now() + timeout;
	call_encode(call, req);
	if (pthread_condattr_init(&attr) != 0)
		return (-1);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	error = pthread_cond_init(&call->wake, &attr);
	pthread_condattr_destroy(&attr);
	return (error == 0 ? 0 : -1);
}

enum remote_status
remote_call(struct remote *r, const struct remote_request *req,
    struct remote_answer *answer)
{
	struct guest_visit	 visit;
	struct call		 call;

	memset(answer, 0, sizeof(*answer));
	if (req->length > REMOTE_DATA_MAX)
		return (REMOTE_NO_MEMORY);
	if (call_init(&call, req, answer, r->conf->timeout) == -1)
		return (REMOTE_NO_MEMORY);
	guest_enter(&visit);
	pthread_mutex_lock(&r->lock);
	if (TAILQ_EMPTY(&r->calls))
		resume(r);
	TAILQ_INSERT_TAIL(&r->calls, &call, entry);
	if (r->canceled)
		call_finish(&call, REMOTE_CANCELED);
	wait_for(r, &call);
	TAILQ_REMOVE(&r->calls, &call, entry);
	pthread_mutex_unlock(&r->lock);
	guest_leave(&visit);
	pthread_cond_destroy(&call.wake);
	explicit_bzero(call.message, call.length);
	return (call.status);
}

struct remote *
remote_new(const struct conf_slot *conf)
{
	struct guest_visit	 visit;
	struct remote		*r;
	size_t			 i;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->wake[0] = r->wake[1] = -1;
	guest_enter(&visit);
	r->tls = remote_tls(conf);
	guest_leave(&visit);
	if (r->tls == NULL || guest_pipe(r->wake) == -1) {
		if (r->tls != NULL)
			log_err("slot refused label=\"%s\"", conf->label);
		remote_free(r);
		return (NULL);
	}
	pthread_mutex_init(&r->lock, NULL);
	TAILQ_INIT(&r->calls);
	r->conf = conf;
	r->refused_limit.what = "request refused";
	r->late_limit.what = "late answer";
	r->timeout_limit.what = "request timed out";
	r->attempt = conf->timeout / 3 + 1;
	r->try = conf->timeout / 2 + 1;
	if (r->try > SERVER_TRY_MAX)
		r->try = SERVER_TRY_MAX;
	r->nservers = conf->nservers;
	for (i = 0; i < r->nservers; i++) {
		r->servers[i].conf = &conf->servers[i];
		r->servers[i].name = conf->server_name != NULL ?
		    conf->server_name : conf->servers[i].host;
	}
	return (r);
}

void
remote_cancel(struct remote *r)
{
	struct call	*call;

	pthread_mutex_lock(&r->lock);
	r->canceled = 1;
	TAILQ_FOREACH(call, &r->calls, entry)
		if (!call->done)
			call_finish(call, REMOTE_CANCELED);
	if (write(r->wake[1], "", 1) == -1)
		log_debug("wake: full");
	pthread_mutex_unlock(&r->lock);
}

void
remote_free(struct remote *r)
{
	struct guest_visit	 visit;
	size_t			 i;

	if (r == NULL)
		return;
	guest_enter(&visit);
	for (i = 0; i < r->nservers; i++)
		server_free(&r->servers[i]);
	if (r->tls != NULL && !guest_too_late())
		tls_config_free(r->tls);
	guest_leave(&visit);
	if (r->wake[0] != -1) {
		guest_close(r->wake[0]);
		guest_close(r->wake[1]);
		pthread_mutex_destroy(&r->lock);
	}
	free(r);
}
