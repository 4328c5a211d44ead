/* Parent: privileged; starts the others, serves no network and no key. */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "enroll.h"
#include "log.h"
#include "sandbox.h"
#include "signers.h"

/*
 * A stop has two parts, each with a time limit: first the frontends end their
 * connections, which they limit themselves to drain_timeout and sign_timeout
 * and little more; then the signers leave their tokens.
 */
#define FRONTEND_MORE	5000	/* ms */
#define SIGNERS_TIME	10000	/* ms */

struct event_base	*parent_base;
struct parent_options	 parent_options;
enum parent_state	 parent_state;
time_t			 parent_started;
struct setup		*parent_setup;
struct setup		*parent_next;
struct setups		 parent_left = TAILQ_HEAD_INITIALIZER(parent_left);

static int		 exit_status;
static int		 signers_told;	/* to stop */
static struct event	*stop_timer;

void
parent_count_keys(const struct setup *setup, struct key_counts *counts,
    int say)
{
	const struct signer_set	*set;
	const struct set_key	*key;
	uint32_t		 i;

	memset(counts, 0, sizeof(*counts));
	TAILQ_FOREACH(set, &setup->sets, entry) {
		for (i = 0; i < set->nkeys; i++) {
			key = &set->keys[i];
			if (key->info.state == KEY_READY) {
				counts->usable++;
				continue;
			}
			if (say)
				log_errx("key not usable key=\"%s\" "
				    "reason=\"%s\"", key->name,
				    key->info.reason);
			counts->failed++;
			counts->missing += key->store->required != 0;
		}
	}
}

/* Tell whoever started the daemon that it serves, and let go of them. */
static void
say_ready(void)
{
	int	 null;

	if (parent_options.ready_fd == -1)
		return;
	log_init("parent", LOG_TO_SYSLOG | LOG_RECONNECT);
	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1)
		fatal("/dev/null");
	close(null);
	if (write(parent_options.ready_fd, "", 1) != 1)
		log_warn("nobody waits for the start");
	close(parent_options.ready_fd);
	parent_options.ready_fd = -1;
}

static void
start_serving(void)
{
	struct key_counts	 n;
	size_t			 i;

	parent_count_keys(parent_setup, &n, 1);
	if (n.usable == 0) {
		log_errx("no usable key, not starting keys=%u", n.failed);
		parent_stop(1);
		return;
	}
	if (n.missing != 0) {
		log_errx("required keys are not usable, not starting keys=%u",
		    n.missing);
		parent_stop(1);
		return;
	}
	pidfile_write();
	parent_state = PARENT_SERVING;
	frontproc_commit(parent_setup);
	for (i = 0; i < parent_setup->edge.count; i++)
		log_info("listening address=%s",
		    parent_setup->edge.list[i].address);
	for (i = 0; i < parent_setup->http.count; i++)
		log_info("metrics address=%s",
		    parent_setup->http.list[i].address);
	enroll_plan(parent_setup->conf);
	log_info("ready keys=%u failed=%u", n.usable, n.failed);
	say_ready();
	notify_ready();
}

/* Whether a process of any setup is alive. */
static int
any_signer_alive(void)
{
	const struct setup	*setup;

	TAILQ_FOREACH(setup, &parent_left, entry)
		if (signers_alive(setup))
			return (1);
	return (signers_alive(parent_setup) ||
	    (parent_next != NULL && signers_alive(parent_next)));
}

/* All setups, for functions that take one. */
static void
each_setup(void (*function)(struct setup *))
{
	struct setup	*setup;

	function(parent_setup);
	if (parent_next != NULL)
		function(parent_next);
	TAILQ_FOREACH(setup, &parent_left, entry)
		function(setup);
}

static void
stop_after(uint32_t ms)
{
	struct timeval	 tv;

	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	if (evtimer_add(stop_timer, &tv) == -1)
		fatalx("evtimer_add");
}

static void
advance_stop(void)
{
	if (frontproc_alive())
		return;
	if (!signers_told) {
		signers_told = 1;
		each_setup(signers_stop);
		stop_after(SIGNERS_TIME);
	}
	if (!any_signer_alive())
		event_base_loopbreak(parent_base);
}

void
parent_advance(void)
{
	switch (parent_state) {
	case PARENT_STARTING:
		if (!frontproc_ready() || !signers_settled(parent_setup))
			break;
		if (parent_options.check)
			check_run(parent_setup);
		else
			start_serving();
		break;
	case PARENT_SERVING:
		reload_advance();
		reload_collect();
		break;
	case PARENT_STOPPING:
		advance_stop();
		break;
	}
}

/* The part of the stop that is under way has taken its time. */
static void
stop_hurry(void)
{
	if (frontproc_alive())
		frontproc_kill();
	else {
		each_setup(signers_kill_all);
		event_base_loopbreak(parent_base);
	}
}

static void
stop_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	log_warnx("processes did not stop in time, killing them: %s",
	    frontproc_alive() ? "frontend" : "signers");
	stop_hurry();
}

void
parent_stop(int status)
{
	const struct config	*conf = parent_setup->conf;

	if (parent_state == PARENT_STOPPING)
		return;
	exit_status = status;
	parent_state = PARENT_STOPPING;
	notify_stopping();
	enroll_stop();
	stop_timer = evtimer_new(parent_base, stop_late, NULL);
	if (stop_timer == NULL)
		fatalx("evtimer_new");
	stop_after(conf->drain_timeout + conf->sign_timeout + FRONTEND_MORE);
	frontproc_stop();
	parent_advance();
}

/* Who asks twice will not wait. */
static void
stop_by_signal(int sig)
{
	if (parent_state == PARENT_STOPPING) {
		log_info("stopping at once signal=%d", sig);
		stop_hurry();
	} else {
		log_info("stopping signal=%d", sig);
		parent_stop(0);
	}
}

void
parent_set_log_level(uint32_t level)
{
	log_setlevel((enum log_level)level);
	frontproc_log_level(level);
	signers_log_level(parent_setup, level);
	if (parent_next != NULL)
		signers_log_level(parent_next, level);
	log_info("log level changed level=%u", level);
}

static void
reap(void)
{
	pid_t	 pid;
	int	 status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!launchproc_exited(pid, status) && !job_exited(pid) &&
		    !frontproc_exited(pid, status))
			signers_exited(pid, status);
}

static void
on_signal(evutil_socket_t sig, short what, void *arg)
{
	(void)what;
	(void)arg;
	switch (sig) {
	case SIGCHLD:
		reap();
		break;
	case SIGHUP:
		reload_begin(0);
		break;
	case SIGINT:
	case SIGTERM:
		stop_by_signal((int)sig);
		break;
	}
}

static void
free_setup(struct setup *setup)
{
	signers_free(setup);
	setup_close(setup);
}

static void
remove_files(void)
{
	listen_remove(parent_setup, NULL);
	if (parent_next != NULL)
		listen_remove(parent_next, NULL);
	pidfile_remove();
}

int
parent_run(struct setup *setup)
{
	static const int	 signals[] = { SIGCHLD, SIGHUP, SIGINT,
				    SIGTERM };
	struct event		*ev[nitems(signals)];
	size_t			 i;

	parent_setup = setup;
	parent_started = time(NULL);
	frontproc_counts.config_time = (uint64_t)parent_started;
	if (!parent_options.check &&
	    pidfile_open(setup->conf->pid_file) == -1) {
		remove_files();
		free_setup(setup);
		return (1);
	}
	if ((parent_base = event_base_new()) == NULL)
		fatalx("event_base_new");
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < nitems(signals); i++) {
		ev[i] = evsignal_new(parent_base, signals[i], on_signal, NULL);
		if (ev[i] == NULL || event_add(ev[i], NULL) == -1)
			fatalx("evsignal_new");
	}
	sandboxes_mine(setup);
	frontproc_start();
	signers_start(setup);
	parent_advance();
	if (event_base_dispatch(parent_base) == -1)
		fatalx("event_base_dispatch");

	launchproc_stop();
	remove_files();
	notify_close();
	frontproc_free();
	free_setup(parent_setup);
	if (parent_next != NULL)
		free_setup(parent_next);
	while ((setup = TAILQ_FIRST(&parent_left)) != NULL) {
		TAILQ_REMOVE(&parent_left, setup, entry);
		free_setup(setup);
	}
	for (i = 0; i < nitems(signals); i++)
		event_free(ev[i]);
	if (stop_timer != NULL)
		event_free(stop_timer);
	event_base_free(parent_base);
	return (exit_status);
}
