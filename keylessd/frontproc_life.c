/* Parent: the life of the frontends: started, replaced, stopped. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "frontproc.h"
#include "log.h"
#include "shared.h"
#include "signers.h"

#define PAUSE		100	/* ms before a dead frontend is replaced */
#define PAUSE_LONG	10000	/* of one that never gets so far as to serve */
#define CPUS		6	/* that one frontend keeps busy, with P-256 */

struct frontend	*frontends;
uint32_t	 nfrontends;

static int	 shared_fd = -1;	/* memory, of all of them */

void
frontproc_introduce(struct frontend *f)
{
	int	 sv[2];

	if (!frontends->serves || !f->serves || f == frontends)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1) {
		log_err("socketpair frontend=%u", f->number);
		return;
	}
	channel_send(frontends->child.channel, MSG_FRONT_SIBLING, f->number,
	    sv[0], NULL, 0);
	channel_send(f->child.channel, MSG_FRONT_SIBLING, 0, sv[1], NULL, 0);
}

void
frontproc_name(const struct frontend *f, char *name, size_t size)
{
	if (nfrontends == 1)
		strlcpy(name, "frontend", size);
	else
		snprintf(name, size, "frontend %u", f->number);
}

static void
frontend_start(struct frontend *f)
{
	struct msg_place	 m;
	char			 name[32];

	frontproc_name(f, name, sizeof(name));
	if (child_start(&f->child, LAUNCH_FRONTEND, name, NULL,
	    &frontproc_handler, f) == -1)
		fatalx("cannot go on without processes");
	f->answers = 1;		/* it has not been asked yet */
	memset(&m, 0, sizeof(m));
	m.number = f->number;
	m.frontends = nfrontends;
	child_send_fd(&f->child, MSG_FRONT_PLACE, 0, shared_fd, &m,
	    sizeof(m));
	frontproc_offer_one(f, parent_setup);
}

static void
frontend_restart(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (parent_state == PARENT_STOPPING)
		return;
	frontproc_counts.frontend_restarts++;
	frontproc_figures();
	frontend_start(arg);
}

/* How many the configuration wants; a check needs no more than one. */
static uint32_t
count(const struct config *conf)
{
	if (parent_options.check)
		return (1);
	if (conf->frontends != FRONTENDS_AUTO)
		return (conf->frontends);
	return (((uint32_t)compat_ncpu() + CPUS - 1) / CPUS);
}

void
frontproc_start(void)
{
	struct frontend	*f;

	nfrontends = count(parent_setup->conf);
	if (nfrontends > MSG_FRONTENDS_MAX)
		nfrontends = MSG_FRONTENDS_MAX;
	if ((frontends = calloc(nfrontends, sizeof(*frontends))) == NULL)
		fatal("calloc");
	if ((shared_fd = compat_anonfd()) == -1 ||
	    ftruncate(shared_fd, (off_t)sizeof(struct shared_memory)) == -1)
		fatal("memory that the frontends share");
	FOREACH(f) {
		f->number = (uint32_t)(f - frontends);
		if ((f->timer = evtimer_new(parent_base,
		    frontend_restart, f)) == NULL)
			fatal("evtimer_new");
		frontend_start(f);
	}
}

void
frontproc_free(void)
{
	struct frontend	*f;

	FOREACH(f)
		event_free(f->timer);
	free(frontends);
	frontends = NULL;
	nfrontends = 0;
	close(shared_fd);
	shared_fd = -1;
}

int
frontproc_ready(void)
{
	const struct frontend	*f;

	FOREACH(f)
		if (!f->ready &&
		    (f->serves || parent_state == PARENT_STARTING))
			return (0);
	return (1);
}

int
frontproc_switched(void)
{
	const struct frontend	*f;

	FOREACH(f)
		if (f->serves && f->switching != 0)
			return (0);
	return (1);
}

int
frontproc_alive(void)
{
	const struct frontend	*f;

	FOREACH(f)
		if (f->child.pid != 0)
			return (1);
	return (0);
}

int
frontproc_serves(void)
{
	const struct frontend	*f;

	FOREACH(f)
		if (f->serves)
			return (1);
	return (0);
}

void
frontproc_kill(void)
{
	const struct frontend	*f;

	FOREACH(f)
		if (f->child.pid != 0)
			kill(f->child.pid, SIGKILL);
}

void
frontproc_checked(struct frontend *f)
{
	f->ready = 1;
	/* A replacement goes on where the last one ended. */
	if (parent_state == PARENT_SERVING && !f->serves) {
		frontproc_commit_one(f, parent_setup);
		if (parent_next != NULL)
			frontproc_offer_one(f, parent_next);
	}
	parent_advance();
}

/* A replacement that fails is tried again, as long as there are others. */
void
frontproc_failed(struct frontend *f, const char *reason)
{
	log_errx("configuration not usable reason=\"%s\"", reason);
	if (parent_next != NULL && f->serves)
		reload_fail(reason);
	else if (frontproc_serves())
		kill(f->child.pid, SIGKILL);
	else
		parent_stop(1);
}

void
frontproc_lost(struct frontend *f)
{
	int	 served = f->serves;

	channel_free(f->child.channel);
	f->child.channel = NULL;
	f->ready = f->serves = 0;
	f->switching = 0;
	/* With it went all that was pending, and what it was to check. */
	reload_frontend_gone(f->number);
	if (parent_state == PARENT_STOPPING)
		return;
	if (parent_next != NULL && served)
		reload_fail("the frontend died");
	frontproc_check_empty();
	reload_advance();
}

static struct frontend *
frontend_find(pid_t pid)
{
	struct frontend	*f;

	FOREACH(f)
		if (f->child.pid == pid)
			return (f);
	return (NULL);
}

/* Start it again after a pause that grows if it never serves. */
static void
frontend_replace(struct frontend *f)
{
	struct timeval	 tv;
	unsigned int	 i, ms = PAUSE;

	for (i = 0; i < f->deaths && ms < PAUSE_LONG; i++)
		ms *= 2;
	if (ms < PAUSE_LONG)
		f->deaths++;
	else
		ms = PAUSE_LONG;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	evtimer_add(f->timer, &tv);
}

int
frontproc_exited(pid_t pid, int status)
{
	struct frontend	*f;

	if ((f = frontend_find(pid)) == NULL)
		return (0);
	f->child.pid = 0;
	frontproc_lost(f);
	if (parent_state == PARENT_STOPPING) {
		parent_advance();
		return (1);
	}
	log_errx("frontend died pid=%d %s=%d number=%u", (int)pid,
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	    f->number);
	if (parent_state == PARENT_STARTING)
		parent_stop(1);
	else
		frontend_replace(f);
	return (1);
}
