/* Parent: when an authentication certificate is got, and how it went. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "config.h"
#include "enroll.h"
#include "log.h"
#include "pair.h"
#include "parent.h"

#define DAY		86400
#define LOOK_AGAIN	3600	/* s: somebody may have set the clock */
#define START_FIRST	1	/* s after the first failure, at the start */
#define START_MAX	300
#define RETRY_FIRST	60	/* s after the first failure, of a renewal */
#define RETRY_MAX	(6 * 3600)
#define PART		16	/* of what is left, a pause takes at most */

static const struct config	*conf;
static struct event		*timer;
static struct msg_enroll	 figures;
static unsigned int		 failures;	/* in a row */
static int			 unloaded;	/* installed, not yet served */
static int			 overtaken;	/* a reload has the old */
static char			 last_reason[512];

/* At the start nothing else goes on: the result, once there is one. */
static struct job		 start_result;

static void
start_done(const struct job *j)
{
	start_result = *j;
	event_base_loopbreak(parent_base);
}

/* Carry out a job and wait for its end. */
static const struct job *
job_run(const struct config *c, int flags)
{
	if ((parent_base = event_base_new()) == NULL)
		fatalx("event_base_new");
	job_start(c, flags, start_done);
	if (event_base_dispatch(parent_base) == -1)
		fatalx("event_base_dispatch");
	job_reap();
	event_base_free(parent_base);
	parent_base = NULL;
	return (&start_result);
}

/* Line by line: each goes to the log. */
static void
log_ways(void)
{
	const char	*line = config_enroll_ways;
	char		 text[128];
	size_t		 len;

	for (; *line != '\0'; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		snprintf(text, sizeof(text), "%.*s", (int)len, line);
		log_errx("%s", text);
	}
}

/* 0: it can be served, or it is for others to say why not; 1: get one. */
static int
needed(const struct config *c, const struct job *j)
{
	const char	*missing = config_enroll_missing(c);

	if (j->repaired)
		log_warnx("interrupted enrolment finished auth_cert=%s",
		    c->auth_cert);
	if (j->state != PAIR_MISSING && j->state != PAIR_EXPIRED)
		return (0);
	log_errx("no authentication certificate auth_cert=%s reason=\"%s\"",
	    c->auth_cert, j->reason);
	if (missing != NULL) {
		log_errx("cannot get a certificate missing=%s", missing);
		log_ways();
		return (-1);
	}
	if (parent_options.check) {
		log_errx("keylessd gets one when it starts; or do it now: "
		    "keylessctl enroll");
		return (-1);
	}
	return (1);
}

/* Try until there is one, which may have come from elsewhere meanwhile. */
static const struct job *
get_first(const struct config *c)
{
	const struct job	*j;
	unsigned int		 pause = START_FIRST;

	for (;;) {
		log_info("enrolling hostname=\"%s\"", c->hostname);
		notify_enrolling(pause + c->enroll_timeout / 1000);
		j = job_run(c, JOB_REPAIR | JOB_ENROLL);
		if (j->result == JOB_DONE && j->state == PAIR_GOOD)
			break;
		log_errx("enrolment failed seconds_to_next=%u reason=\"%s\"",
		    pause, j->reason);
		figures.failures++;
		figures.last_failure = (uint64_t)time(NULL);
		strlcpy(last_reason, j->reason, sizeof(last_reason));
		sleep(pause);
		pause = pause * 2 < START_MAX ? pause * 2 : START_MAX;
		j = job_run(c, JOB_REPAIR);
		if (j->result == JOB_DONE && j->state == PAIR_GOOD) {
			log_info("somebody else has enrolled auth_cert=%s",
			    c->auth_cert);
			return (j);
		}
	}
	figures.successes++;
	figures.last_success = (uint64_t)time(NULL);
	log_info("enrolled auth_cert=%s", c->auth_cert);
	return (j);
}

int
enroll_at_start(const struct config *c)
{
	const struct job	*j;
	int			 status;

	j = job_run(c, parent_options.check ? 0 : JOB_REPAIR);
	if (j->result == JOB_FAILED) {
		log_errx("cannot look at auth_cert reason=\"%s\"", j->reason);
		return (-1);
	}
	if ((status = needed(c, j)) <= 0) {
		figures.end = (uint64_t)j->end;
		return (status);
	}
	figures.end = (uint64_t)get_first(c)->end;
	return (0);
}

static void
due_in(int64_t seconds)
{
	struct timeval	 tv;

	if (timer == NULL)		/* the daemon is stopping */
		return;
	memset(&tv, 0, sizeof(tv));
	tv.tv_sec = seconds < 0 ? 0 : seconds > LOOK_AGAIN ? LOOK_AGAIN :
	    (time_t)seconds;
	if (evtimer_add(timer, &tv) == -1)
		fatalx("evtimer_add");
}

/* At a random moment, so that many key servers do not come all at once. */
static void
choose_time(void)
{
	int64_t	 now = time(NULL), begin, left;
	char	 next[PAIR_TIME_SIZE], end[PAIR_TIME_SIZE];

	begin = (int64_t)figures.end - conf->renew;
	if (begin < now)
		begin = now;
	left = (int64_t)figures.end - begin;
	if (left > 0)
		begin += arc4random_uniform((uint32_t)(left / PART < DAY ?
		    left / PART : DAY) + 1);
	figures.next = (uint64_t)begin;
	log_info("auth_cert will be renewed at=%s ends=%s",
	    pair_time_text((time_t)figures.next, next, sizeof(next)),
	    pair_time_text((time_t)figures.end, end, sizeof(end)));
	due_in(begin - now);
}

static const char *
when(uint64_t t, const char *none, char *buf, size_t size)
{
	if (t == 0)
		return (none);
	return (pair_time_text((time_t)t, buf, size));
}

/* Longer and longer, but there have to be some tries before the end. */
static void
choose_retry(void)
{
	int64_t	 now = time(NULL), left = (int64_t)figures.end - now;
	int64_t	 pause = RETRY_FIRST;

	figures.next = 0;
	if (conf->renew == 0 && !unloaded)	/* not wanted any more */
		return;
	pause <<= failures < 10 ? failures - 1 : 9;
	if (pause > RETRY_MAX)
		pause = RETRY_MAX;
	if (left > 0 && pause > left / PART)
		pause = left / PART;
	if (pause < 1)
		pause = 1;
	figures.next = (uint64_t)(now + pause);
	due_in(pause);
}

static void
failed(const char *reason)
{
	char	 next[PAIR_TIME_SIZE], end[PAIR_TIME_SIZE];

	failures++;
	figures.failures++;
	figures.last_failure = (uint64_t)time(NULL);
	strlcpy(last_reason, reason, sizeof(last_reason));
	choose_retry();
	log_errx("auth_cert not %s ends=%s again=%s reason=\"%s\"",
	    unloaded ? "loaded" : "renewed",
	    when(figures.end, "unknown", end, sizeof(end)),
	    when(figures.next, "never", next, sizeof(next)), reason);
	enroll_tell();
}

/* What is in place is not served until a reload has been made. */
static void
load(void)
{
	if (reload_possible())
		reload_begin(0);
	else
		due_in(1);
}

void
enroll_reloaded(int status, const char *text)
{
	if (status == 0)
		return;
	overtaken = 0;
	if (unloaded)
		failed(text);
}

static void
renewed(const struct job *j)
{
	char	 end[PAIR_TIME_SIZE];

	if (j->result == JOB_FAILED || j->state != PAIR_GOOD) {
		failed(j->reason);
		return;
	}
	unloaded = 1;		/* figures.end is of the one that is served */
	overtaken = parent_next != NULL;
	log_info("auth_cert renewed file=%s ends=%s", conf->auth_cert,
	    pair_time_text((time_t)j->end, end, sizeof(end)));
	load();
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	int64_t	 now = time(NULL);

	(void)fd;
	(void)what;
	(void)arg;
	if (parent_state != PARENT_SERVING)
		return;
	if (unloaded)
		load();
	else if (now < (int64_t)figures.next)
		due_in((int64_t)figures.next - now);
	else if (!job_busy()) {
		log_info("renewing auth_cert hostname=\"%s\"", conf->hostname);
		job_start(conf, JOB_REPAIR | JOB_ENROLL, renewed);
	}
}

/* What is there now, after a reload: somebody else may have put it there. */
static void
looked(const struct job *j)
{
	if (conf->renew == 0)		/* by now */
		return;
	if (j->result == JOB_FAILED || j->state == PAIR_BAD)
		log_warnx("cannot look at auth_cert reason=\"%s\"", j->reason);
	figures.end = (uint64_t)j->end;
	choose_time();
	enroll_tell();
}

void
enroll_plan(const struct config *now)
{
	int	 first = conf == NULL;

	conf = now;
	job_config(conf);
	/* This reload began before there was the new one: it needs another. */
	if (overtaken) {
		overtaken = 0;
		due_in(1);
		return;
	}
	if (unloaded) {
		figures.successes++;
		figures.last_success = (uint64_t)time(NULL);
	}
	unloaded = 0;
	failures = 0;
	figures.next = 0;
	if (timer == NULL &&
	    (timer = evtimer_new(parent_base, on_timer, NULL)) == NULL)
		fatalx("evtimer_new");
	evtimer_del(timer);
	if (conf->renew == 0) {
		/* Whoever replaces it does not tell when. */
		figures.end = 0;
		enroll_tell();
		return;
	}
	/* An enrolment that is under way will plan when it is through. */
	if (job_busy())
		return;
	if (first) {
		choose_time();
		enroll_tell();
	} else
		job_start(conf, 0, looked);
}

void
enroll_tell(void)
{
	if (conf != NULL)
		frontproc_enroll(&figures);
}

void
enroll_print(FILE *f)
{
	char	 a[PAIR_TIME_SIZE];

	if (conf == NULL || conf->renew == 0)
		return;
	fprintf(f, "# auth_cert renewal %s\n",
	    when(figures.next, "not planned", a, sizeof(a)));
	fprintf(f, "# renewals: %u, last %s\n",
	    (unsigned int)figures.successes,
	    when(figures.last_success, "never", a, sizeof(a)));
	fprintf(f, "# failed renewals: %u", (unsigned int)figures.failures);
	if (figures.failures != 0)
		fprintf(f, ", last %s: %s", when(figures.last_failure,
		    "never", a, sizeof(a)), last_reason);
	fprintf(f, "\n");
}

void
enroll_stop(void)
{
	job_stop();
	if (timer != NULL)
		event_free(timer);
	timer = NULL;
}
