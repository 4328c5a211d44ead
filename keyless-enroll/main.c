/* keyless-enroll: asks for a certificate, as an unprivileged user, once. */

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "enroll.h"
#include "http.h"
#include "ipc.h"
#include "libcrypto.h"
#include "log.h"
#include "mem.h"
#include "sandbox.h"
#include "secmem.h"
#include "started.h"

#define STACK		(64 * 1024)	/* bytes, of a thread that waits */

/* What comes before MSG_ENROLL_ASK. */
struct setup {
	struct ipc		*parent;
	int			 has_init;
	struct msg_init		 init;
	struct msg_enroll_ask	 ask;
	int			 ca_fd;
	int			 token_fd;
	int			 csr_fd;
	int			 cert_fd;
};

static void
take_init(struct setup *s, const struct ipc_msg *msg)
{
	struct msg_init	*init = &s->init;

	if (s->has_init || ipc_get(msg, init, sizeof(*init)) == -1 ||
	    !ipc_text_ok(init->user, sizeof(init->user)) ||
	    init->log_level > LOG_LEVEL_FATAL || init->separate > 1 ||
	    (init->separate && *init->user == '\0'))
		fatalx("bad MSG_INIT");
	s->has_init = 1;
	log_init("enroll", (int)init->log_to);
	log_setlevel(init->log_level);
}

/* It comes by message so that /proc does not show it: it may hold passwords. */
static void
take_env(const struct ipc_msg *msg)
{
	struct msg_text	 m;
	char		*value;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text)) ||
	    (value = strchr(m.text, '=')) == NULL)
		fatalx("bad MSG_ENROLL_ENV");
	*value++ = '\0';
	if (setenv(m.text, value, 1) == -1)
		fatal("setenv");
	explicit_bzero(&m, sizeof(m));
}

static void
take_ask(struct setup *s, const struct ipc_msg *msg)
{
	struct msg_enroll_ask	*ask = &s->ask;

	if (ipc_get(msg, ask, sizeof(*ask)) == -1 || ask->timeout == 0 ||
	    ask->old_key > 1 ||
	    !ipc_text_ok(ask->endpoint, sizeof(ask->endpoint)) ||
	    !ipc_text_ok(ask->hostname, sizeof(ask->hostname)) ||
	    !ipc_text_ok(ask->zone_id, sizeof(ask->zone_id)) ||
	    s->token_fd == -1 || s->csr_fd == -1 || s->cert_fd == -1)
		fatalx("bad MSG_ENROLL_ASK");
}

static void
take_fd(struct setup *s, struct ipc_msg *msg, int *fd)
{
	if (*fd != -1 || msg->length != 0 ||
	    (*fd = ipc_take_fd(s->parent, msg)) == -1)
		fatalx("bad descriptor type=%u", msg->type);
}

/* One message; 1 when it was the last. */
static int
take(struct setup *s, struct ipc_msg *msg)
{
	if (!s->has_init && msg->type != MSG_INIT)
		fatalx("unexpected message type=%u", msg->type);
	switch (msg->type) {
	case MSG_INIT:
		take_init(s, msg);
		return (0);
	case MSG_ENROLL_ENV:
		take_env(msg);
		return (0);
	case MSG_ENROLL_CA:
		take_fd(s, msg, &s->ca_fd);
		return (0);
	case MSG_ENROLL_TOKEN:
		take_fd(s, msg, &s->token_fd);
		return (0);
	case MSG_ENROLL_CSR:
		take_fd(s, msg, &s->csr_fd);
		return (0);
	case MSG_ENROLL_CERT:
		take_fd(s, msg, &s->cert_fd);
		return (0);
	case MSG_ENROLL_ASK:
		take_ask(s, msg);
		return (1);
	default:
		fatalx("unexpected message type=%u", msg->type);
	}
}

static void
setup_read(struct setup *s)
{
	struct ipc_msg	 msg;
	int		 n;

	do {
		if ((n = ipc_wait(s->parent, &msg)) == 0)
			_exit(0);
		if (n == -1)
			fatal("cannot read the orders");
	} while (!take(s, &msg));
}

/* The answer; then there is nothing left to do. */
static void __attribute__((noreturn))
answer(struct setup *s, int status, const char *text)
{
	struct msg_result	 m;

	memset(&m, 0, sizeof(m));
	m.status = (uint32_t)status;
	strlcpy(m.text, text, sizeof(m.text));
	if (ipc_send(s->parent, MSG_ENROLL_ANSWER, 0, -1, &m,
	    sizeof(m)) == -1 || ipc_flush(s->parent) == -1)
		log_warn("cannot answer");
	_exit(status);
}

/* Nobody waits for the answer any more.  _exit() ends all threads. */
static void *
watch(void *arg)
{
	struct pollfd	 pfd;

	(void)arg;
	memset(&pfd, 0, sizeof(pfd));
	pfd.fd = PARENT_FD;
	while (poll(&pfd, 1, -1) == -1 && errno == EINTR)
		;
	_exit(1);
}

static void
watch_parent(void)
{
	pthread_attr_t	 attr;
	pthread_t	 thread;
	int		 error;

	if ((error = pthread_attr_init(&attr)) != 0 ||
	    (error = pthread_attr_setstacksize(&attr, STACK)) != 0 ||
	    (error = pthread_attr_setdetachstate(&attr,
	    PTHREAD_CREATE_DETACHED)) != 0 ||
	    (error = pthread_create(&thread, &attr, watch, NULL)) != 0)
		fatalx("cannot watch the parent: %s", strerror(error));
	pthread_attr_destroy(&attr);
}

/* What getaddrinfo(3) reads; all that will be there. */
static const char *const	 resolver[] = {
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
	"/etc/host.conf", "/etc/gai.conf", "/etc/services"
};

static void
enter_sandbox(const struct setup *s)
{
	static struct sandbox	 box;
	size_t			 i;

	box.role = SANDBOX_ASK;
	box.needs = SANDBOX_INET;
	box.user = s->init.separate ? s->init.user : "";
	box.root = "";
	for (i = 0; i < nitems(resolver); i++)
		box.paths[box.npaths++].path = resolver[i];
	sandbox_isolate(&box);
	sandbox_confine(&box);
}

/* All of a small file into FILE_SIZE bytes, NUL-terminated. */
static void
read_all(int fd, char *text, const char *what)
{
	ssize_t	 n;
	size_t	 len = 0;

	while ((n = pread(fd, text + len, FILE_SIZE - 1 - len,
	    (off_t)len)) > 0)
		len += (size_t)n;
	if (n == -1)
		fatal("cannot read %s", what);
	text[len] = '\0';
	close(fd);
}

static void
give(struct setup *s, const char *cert)
{
	size_t	 len = strlen(cert), done;
	ssize_t	 n;

	for (done = 0; done < len; done += (size_t)n)
		if ((n = pwrite(s->cert_fd, cert + done, len - done,
		    (off_t)done)) == -1)
			fatal("cannot hand over the certificate");
}

int
main(void)
{
	static struct setup	 s;
	static char		 csr[FILE_SIZE];
	char			*token, *cert, why[MSG_REASON_SIZE];

	log_init("enroll", LOG_TO_STDERR);
	sandbox_harden();
	if (!started_by_parent())
		errx(1, "started by keylessd and keylessctl only");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("signal");
	s.ca_fd = s.token_fd = s.csr_fd = s.cert_fd = -1;
	if ((s.parent = ipc_new(PARENT_FD, IPC_DESCRIPTORS)) == NULL)
		fatal("ipc_new");
	setup_read(&s);

	libcrypto_init();
	if (http_init(s.ca_fd, why, sizeof(why)) == -1)
		answer(&s, 1, why);
	token = secmem_new(FILE_SIZE);
	enter_sandbox(&s);
	watch_parent();
	read_all(s.token_fd, token, "the token");
	read_all(s.csr_fd, csr, "the request");
	cert = ask_certificate(&s.ask, token, csr, why, sizeof(why));
	secmem_free(token, FILE_SIZE);
	if (cert == NULL)
		answer(&s, 1, why);
	give(&s, cert);
	answer(&s, 0, "");
}
