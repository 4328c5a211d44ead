/* keylessctl: starts keyless-enroll, and gets a certificate from it. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_yaml.h"
#include "compat.h"
#include "enroll.h"
#include "enrollmsg.h"
#include "ipc.h"
#include "log.h"
#include "place.h"
#include "started.h"
#include "text.h"

static void __attribute__((noreturn))
child(const char *program, int fd)
{
	char	 name[] = "keyless-enroll", *argv[] = { name, NULL };
	char	*envp[] = { NULL };
	int	 null;

	if ((null = open("/dev/null", O_RDWR)) != -1 &&
	    dup2(null, STDIN_FILENO) != -1 &&
	    dup2(null, STDOUT_FILENO) != -1 &&
	    (fd == PARENT_FD ? fcntl(fd, F_SETFD, 0) :
	    dup2(fd, PARENT_FD)) != -1) {
		closefrom(PARENT_FD + 1);
		execve(program, argv, envp);
	}
	warn("cannot start %s", text_show(program));
	_exit(1);
}

static struct ipc *
start(const char *program, pid_t *pid)
{
	struct ipc	*ipc;
	int		 sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(1, "socketpair");
	switch (*pid = fork()) {
	case -1:
		err(1, "fork");
	case 0:
		child(program, sv[1]);
	}
	close(sv[1]);
	if ((ipc = ipc_new(sv[0], IPC_DESCRIPTORS)) == NULL)
		err(1, NULL);
	return (ipc);
}

static void
tell(struct ipc *ipc, uint32_t type, int fd, const void *data, size_t len)
{
	if (ipc_send(ipc, type, 0, fd, data, len) == -1)
		err(1, "cannot speak to keyless-enroll");
}

/* As root, it becomes the user that the network process of keylessd is. */
static void
tell_init(struct ipc *ipc, const struct config *conf, int verbose)
{
	struct msg_init	 m;

	memset(&m, 0, sizeof(m));
	m.log_level = verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING;
	m.log_to = LOG_TO_STDERR;
	m.separate = geteuid() == 0;
	strlcpy(m.user, conf->user, sizeof(m.user));
	strlcpy(m.name, "enroll", sizeof(m.name));
	tell(ipc, MSG_INIT, -1, &m, sizeof(m));
}

static void
tell_proxies(struct ipc *ipc)
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
			errx(1, "the variable %s is too long",
			    enroll_proxies[i]);
		tell(ipc, MSG_ENROLL_ENV, -1, &m, sizeof(m));
	}
}

/* The group that may read the token: that of the process that will. */
static gid_t
reader_group(const struct config *conf)
{
	struct passwd	*pw;

	if (geteuid() != 0)
		return (getegid());
	if ((pw = getpwnam(conf->user)) == NULL)
		errx(1, "unknown user %s: create it, or name another with "
		    "user in %s", conf->user, text_show(conf->path));
	return (pw->pw_gid);
}

/* All that it needs; -1 with the reason. */
static int
tell_all(struct ipc *ipc, const struct config *conf, int verbose,
    const char *csr, int cert_fd, char *why, size_t size)
{
	struct msg_enroll_ask	 ask;
	int			 fd, token;

	token = config_enroll_token(conf, reader_group(conf), why, size);
	if (token == -1)
		return (-1);
	config_enroll_ask(conf, &ask);
	if (ask.old_key)
		warnx("origin_ca_api_key: Cloudflare has retired these keys on "
		    "30 September 2026; use api_token_file");
	tell_init(ipc, conf, verbose);
	tell_proxies(ipc);
	if (conf->init_ca != NULL) {
		fd = open(conf->init_ca, O_RDONLY | O_CLOEXEC);
		if (fd == -1)
			err(1, "init_ca %s", text_show(conf->init_ca));
		tell(ipc, MSG_ENROLL_CA, fd, NULL, 0);
	}
	tell(ipc, MSG_ENROLL_TOKEN, token, NULL, 0);
	if ((fd = conf_secret_fd(csr)) == -1)
		err(1, "no memory for the request");
	tell(ipc, MSG_ENROLL_CSR, fd, NULL, 0);
	if ((fd = fcntl(cert_fd, F_DUPFD_CLOEXEC, 0)) == -1)
		err(1, "fcntl");
	tell(ipc, MSG_ENROLL_CERT, fd, NULL, 0);
	tell(ipc, MSG_ENROLL_ASK, -1, &ask, sizeof(ask));
	if (ipc_flush(ipc) == -1)
		warn("cannot speak to keyless-enroll");
	return (0);
}

/* Its answer; -1 with the reason when that is no. */
static int
hear(struct ipc *ipc, char *why, size_t size)
{
	struct msg_result	 m;
	struct ipc_msg		 msg;

	if (ipc_wait(ipc, &msg) != 1 || msg.type != MSG_ENROLL_ANSWER ||
	    ipc_get(&msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text))) {
		strlcpy(why, "keyless-enroll has ended without an answer",
		    size);
		return (-1);
	}
	strlcpy(why, text_show(m.text), size);
	return (m.status == 0 ? 0 : -1);
}

/* The certificate, if it is a text of a size that certificates have. */
static char *
read_cert(int fd, char *why, size_t size)
{
	char	*pem;
	ssize_t	 n;

	if ((pem = calloc(1, PLACE_FILE_MAX)) == NULL)
		err(1, NULL);
	n = pread(fd, pem, PLACE_FILE_MAX - 1, 0);
	if (n > 0 && strlen(pem) == (size_t)n)
		return (pem);
	strlcpy(why, "keyless-enroll has brought no text", size);
	free(pem);
	return (NULL);
}

char *
enroll_query(const char *program, const struct config *conf, int verbose,
    const char *csr, char *why, size_t size)
{
	struct ipc	*ipc;
	char		*pem = NULL;
	pid_t		 pid;
	int		 cert_fd;

	signal(SIGPIPE, SIG_IGN);
	if ((cert_fd = compat_anonfd()) == -1)
		err(1, "cannot make memory for the certificate");
	ipc = start(program, &pid);
	if (tell_all(ipc, conf, verbose, csr, cert_fd, why, size) == 0 &&
	    hear(ipc, why, size) == 0)
		pem = read_cert(cert_fd, why, size);
	ipc_free(ipc);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	close(cert_fd);
	return (pem);
}
