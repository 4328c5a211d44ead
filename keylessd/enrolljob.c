/* Parent: one enrolment, carried out by two children. */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "enroll.h"
#include "enrollmsg.h"
#include "log.h"
#include "pair.h"
#include "parent.h"

/*
 *	parent         enroller               keyless-enroll
 *	  | JOB ---------->| repair, look           .
 *	  |<-------- STATE |                        .
 *	  |                | key, request           .
 *	  |<---------- CSR |                        .
 *	  | token, CSR, room for the answer: ASK -->| HTTPS
 *	  |<------------------------------- ANSWER -|
 *	  | CERT --------->| check, put in place
 *	  |<--------- DONE |
 *
 * Both end when their channel does.
 */

static const struct config	*conf;
static struct child		 enroller;
static struct child		 asker;
static int			 cert_fd = -1;	/* for the answer */
static int			 busy;
static int			 wanted;	/* JOB_* */
static struct job		 job;
static void			(*job_done)(const struct job *);

static void	enroller_message(struct channel *, struct ipc_msg *, void *);
static void	enroller_gone(struct channel *, void *);
static void	asker_message(struct channel *, struct ipc_msg *, void *);
static void	asker_gone(struct channel *, void *);

static const struct channel_handler	 enroller_handler = {
	.message = enroller_message,
	.gone = enroller_gone
};
static const struct channel_handler	 asker_handler = {
	.message = asker_message,
	.gone = asker_gone
};

/* A child that is not needed any more ends by itself. */
static void
let_go(struct child *child)
{
	channel_free(child->channel);
	child->channel = NULL;
}

static void
job_clear(void)
{
	let_go(&enroller);
	let_go(&asker);
	if (cert_fd != -1)
		close(cert_fd);
	cert_fd = -1;
	busy = 0;
}

static void
job_end(enum job_result result)
{
	char	*p;

	/* It is in part what the API has said. */
	for (p = job.reason; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	job.result = result;
	job_clear();
	job_done(&job);
}

static void __attribute__((format(printf, 1, 2)))
job_fail(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(job.reason, sizeof(job.reason), fmt, ap);
	va_end(ap);
	job_end(JOB_FAILED);
}

int
job_busy(void)
{
	return (busy);
}

void
job_config(const struct config *now)
{
	conf = now;
}

void
job_start(const struct config *now, int flags,
    void (*done)(const struct job *))
{
	struct msg_enroller_job	 m;

	if (busy)
		fatalx("two enrolments at once");
	conf = now;
	memset(&job, 0, sizeof(job));
	job_done = done;
	busy = 1;
	wanted = flags;
	if (child_start(&enroller, LAUNCH_ENROLLER, "enroller", NULL,
	    &enroller_handler, NULL) == -1)
		fatalx("cannot go on without processes");
	memset(&m, 0, sizeof(m));
	m.repair = (flags & JOB_REPAIR) != 0;
	m.enroll = (flags & JOB_ENROLL) != 0;
	strlcpy(m.cert, conf->auth_cert, sizeof(m.cert));
	strlcpy(m.key, conf->auth_key, sizeof(m.key));
	strlcpy(m.csr, conf->auth_csr, sizeof(m.csr));
	if (conf->hostname != NULL)
		strlcpy(m.hostname, conf->hostname, sizeof(m.hostname));
	channel_send(enroller.channel, MSG_ENROLLER_JOB, 0, -1, &m,
	    sizeof(m));
}

/* The variables that name a proxy. */
static void
send_proxies(void)
{
	struct msg_text	 m;
	const char	*value;
	size_t		 i;

	for (i = 0; enroll_proxies[i] != NULL; i++) {
		if ((value = getenv(enroll_proxies[i])) == NULL)
			continue;
		memset(&m, 0, sizeof(m));
		if ((size_t)snprintf(m.text, sizeof(m.text), "%s=%s",
		    enroll_proxies[i], value) >= sizeof(m.text))
			log_warnx("variable too long name=%s",
			    enroll_proxies[i]);
		else
			channel_send(asker.channel, MSG_ENROLL_ENV, 0, -1, &m,
			    sizeof(m));
		explicit_bzero(&m, sizeof(m));
	}
}

/* Descriptors for keyless-enroll; -1 with the reason in the job. */
static int
open_all(int *ca, int *token)
{
	gid_t	 gid;

	*ca = *token = -1;
	if (setup_user_gid(conf->user, &gid) == -1) {
		snprintf(job.reason, sizeof(job.reason), "no user %s",
		    conf->user);
		return (-1);
	}
	if (conf->init_ca != NULL && (*ca = open(conf->init_ca,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) == -1) {
		snprintf(job.reason, sizeof(job.reason), "cannot open init_ca "
		    "%s: %s", conf->init_ca, strerror(errno));
		return (-1);
	}
	*token = config_enroll_token(conf, gid, job.reason,
	    sizeof(job.reason));
	if (*token != -1 && (cert_fd = compat_anonfd()) != -1)
		return (0);
	if (*token != -1) {
		snprintf(job.reason, sizeof(job.reason), "no memory for the "
		    "certificate: %s", strerror(errno));
		close(*token);
	}
	if (*ca != -1)
		close(*ca);
	return (-1);
}

/* Have the request answered; csr is taken over. */
static void
ask(int csr)
{
	struct msg_enroll_ask	 m;
	int			 ca, token;

	if (config_enroll_missing(conf) != NULL) {
		snprintf(job.reason, sizeof(job.reason), "there is no %s any "
		    "more", config_enroll_missing(conf));
		ca = token = -1;
	}
	if (config_enroll_missing(conf) != NULL ||
	    open_all(&ca, &token) == -1) {
		close(csr);
		job_end(JOB_FAILED);
		return;
	}
	config_enroll_ask(conf, &m);
	if (m.old_key)
		log_warnx("origin_ca_api_key is used reason=\"Cloudflare has "
		    "retired these keys on 30 September 2026; use "
		    "api_token_file\"");
	if (child_start(&asker, LAUNCH_ENROLL, "enroll", NULL,
	    &asker_handler, NULL) == -1)
		fatalx("cannot go on without processes");
	send_proxies();
	if (ca != -1)
		channel_send(asker.channel, MSG_ENROLL_CA, 0, ca, NULL, 0);
	channel_send(asker.channel, MSG_ENROLL_TOKEN, 0, token, NULL, 0);
	channel_send(asker.channel, MSG_ENROLL_CSR, 0, csr, NULL, 0);
	child_send_fd(&asker, MSG_ENROLL_CERT, 0, cert_fd, NULL, 0);
	channel_send(asker.channel, MSG_ENROLL_ASK, 0, -1, &m, sizeof(m));
}

/* What the enroller says of the pair; 0 when it is no such message. */
static int
take_state(const struct ipc_msg *msg)
{
	struct msg_enroller_state	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || m.state > PAIR_STATE_MAX ||
	    m.repaired > 1 || !ipc_text_ok(m.reason, sizeof(m.reason)))
		return (0);
	job.state = m.state;
	job.end = m.end;
	job.repaired |= (int)m.repaired;
	strlcpy(job.reason, m.reason, sizeof(job.reason));
	return (1);
}

static void
take_failure(const struct ipc_msg *msg)
{
	struct msg_result	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text)))
		fatalx("bad message from enroller type=%u", msg->type);
	job_fail("%s", m.text);
}

static void
enroller_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	int	 fd;

	(void)arg;
	switch (msg->type) {
	case MSG_ENROLLER_STATE:
		if (!take_state(msg))
			break;
		if (!(wanted & JOB_ENROLL))
			job_end(JOB_DONE);
		return;
	case MSG_ENROLLER_CSR:
		if (!(wanted & JOB_ENROLL) || asker.channel != NULL ||
		    cert_fd != -1 || (fd = channel_take_fd(ch, msg)) == -1)
			break;
		ask(fd);
		return;
	case MSG_ENROLLER_DONE:
		if (!(wanted & JOB_ENROLL) || !take_state(msg))
			break;
		job_end(JOB_DONE);
		return;
	case MSG_ENROLLER_FAILED:
		take_failure(msg);
		return;
	}
	fatalx("bad message from enroller type=%u", msg->type);
}

/*
 * This one speaks with the network: whatever it says can fail the enrolment
 * and nothing else.
 */
static void
asker_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	struct msg_result	 m;

	(void)ch;
	(void)arg;
	if (msg->type != MSG_ENROLL_ANSWER ||
	    ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text))) {
		/* It may have ended, and been waited for, already. */
		if (asker.pid != 0)
			kill(asker.pid, SIGKILL);
		job_fail("keyless-enroll has sent nonsense");
		return;
	}
	if (m.status != 0) {
		job_fail("%s", m.text);
		return;
	}
	let_go(&asker);
	child_send_fd(&enroller, MSG_ENROLLER_CERT, 0, cert_fd, NULL, 0);
}

static void
enroller_gone(struct channel *ch, void *arg)
{
	(void)ch;
	(void)arg;
	job_fail("the enroller has died");
}

static void
asker_gone(struct channel *ch, void *arg)
{
	(void)ch;
	(void)arg;
	job_fail("keyless-enroll has died");
}

void
job_stop(void)
{
	job_clear();
}

int
job_exited(pid_t pid)
{
	if (pid != enroller.pid && pid != asker.pid)
		return (0);
	if (pid == enroller.pid)
		enroller.pid = 0;
	else
		asker.pid = 0;
	return (1);
}

static void
reap(struct child *child)
{
	if (child->pid == 0)
		return;
	while (waitpid(child->pid, NULL, 0) == -1 && errno == EINTR)
		;
	child->pid = 0;
}

void
job_reap(void)
{
	reap(&enroller);
	reap(&asker);
}
