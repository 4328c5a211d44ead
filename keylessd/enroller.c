/*
 * Enroller: for a moment only, privileged; alone sees the new private key.  It
 * reaches the directories of key and certificate and nothing else; the
 * certificate comes from another process through the parent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "enroll.h"
#include "enrollmsg.h"
#include "ipc.h"
#include "libcrypto.h"
#include "log.h"
#include "pair.h"
#include "place.h"
#include "sandbox.h"
#include "started.h"

static struct ipc	*parent;

static void
message_wait(struct ipc_msg *msg, uint32_t type)
{
	if (ipc_wait(parent, msg) != 1)
		_exit(0);		/* the parent is gone, or will not */
	if (msg->type != type)
		fatalx("unexpected message type=%u", msg->type);
}

static void
send_parent(uint32_t type, int fd, const void *data, size_t length)
{
	if (ipc_send(parent, type, 0, fd, data, length) == -1 ||
	    ipc_flush(parent) == -1)
		_exit(0);
}

static void
read_init(void)
{
	struct msg_init	 init;
	struct ipc_msg	 msg;

	message_wait(&msg, MSG_INIT);
	if (ipc_get(&msg, &init, sizeof(init)) == -1 ||
	    init.log_level > LOG_LEVEL_FATAL)
		fatalx("bad MSG_INIT");
	log_init("enroller", (int)init.log_to);
	log_setlevel(init.log_level);
}

static void
read_job(struct msg_enroller_job *job)
{
	struct ipc_msg	 msg;

	message_wait(&msg, MSG_ENROLLER_JOB);
	if (ipc_get(&msg, job, sizeof(*job)) == -1 || job->repair > 1 ||
	    job->enroll > 1 || !ipc_text_ok(job->cert, sizeof(job->cert)) ||
	    !ipc_text_ok(job->key, sizeof(job->key)) ||
	    !ipc_text_ok(job->csr, sizeof(job->csr)) ||
	    !ipc_text_ok(job->hostname, sizeof(job->hostname)))
		fatalx("bad MSG_ENROLLER_JOB");
}

/* The directory of a path; for as long as this process lives. */
static const char *
directory(const char *path)
{
	char	*dir, *slash;

	if ((dir = strdup(path)) == NULL)
		fatal("strdup");
	if ((slash = strrchr(dir, '/')) == NULL)
		fatalx("path not absolute path=%s", path);
	slash[slash == dir] = '\0';
	return (dir);
}

static void
enter_sandbox(const struct msg_enroller_job *job)
{
	static struct sandbox	 box;
	const char *const	 files[] = { job->cert, job->key, job->csr };
	size_t			 i;

	box.role = SANDBOX_PLACE;
	box.user = box.root = "";
	for (i = 0; i < nitems(files); i++) {
		box.paths[i].path = directory(files[i]);
		box.paths[i].flags = job->repair || job->enroll ?
		    SANDBOX_WRITE : 0;
	}
	box.npaths = nitems(files);
	sandbox_isolate(&box);
	sandbox_confine(&box);
}

static void
report(uint32_t type, const struct pair *pair, int repaired)
{
	struct msg_enroller_state	 m;
	time_t				 end;

	memset(&m, 0, sizeof(m));
	m.repaired = (uint32_t)repaired;
	m.state = pair_look(pair, &end, m.reason, sizeof(m.reason));
	m.end = end;
	send_parent(type, -1, &m, sizeof(m));
}

/* Something has failed: the pair is as it was. */
static void __attribute__((noreturn))
fail(const char *reason)
{
	struct msg_result	 m;

	memset(&m, 0, sizeof(m));
	m.status = 1;
	strlcpy(m.text, reason, sizeof(m.text));
	send_parent(MSG_ENROLLER_FAILED, -1, &m, sizeof(m));
	_exit(1);
}

static void
send_request(const char *csr)
{
	size_t	 len = strlen(csr);
	int	 fd;

	if ((fd = compat_anonfd()) == -1)
		fatal("compat_anonfd");
	if (pwrite(fd, csr, len, 0) != (ssize_t)len)
		fatal("cannot hand over the request");
	send_parent(MSG_ENROLLER_CSR, fd, NULL, 0);
}

/* What has come from the API; nothing of it has been looked at. */
static void
read_certificate(char *pem, size_t size)
{
	struct ipc_msg	 msg;
	ssize_t		 n;
	int		 fd;

	message_wait(&msg, MSG_ENROLLER_CERT);
	if (msg.length != 0 || (fd = ipc_take_fd(parent, &msg)) == -1)
		fatalx("bad MSG_ENROLLER_CERT");
	if ((n = pread(fd, pem, size - 1, 0)) == -1)
		fatal("cannot read the certificate");
	pem[n] = '\0';
	close(fd);
}

static void
enroll(const struct pair *pair)
{
	static char	 pem[PLACE_FILE_MAX];
	EVP_PKEY	*key;
	char		*csr, why[MSG_REASON_SIZE];
	char		 reason[MSG_REASON_SIZE + 64];
	time_t		 end;
	int		 kept;

	if ((key = pair_prepare(pair, &csr, &kept, why, sizeof(why))) == NULL)
		fail(why);
	EVP_PKEY_free(key);
	send_request(csr);
	free(csr);
	read_certificate(pem, sizeof(pem));
	if (pair_install(pair, pem, strlen(pem), &end, why,
	    sizeof(why)) == -1) {
		snprintf(reason, sizeof(reason), "the certificate from the "
		    "API is not the right one: %s", why);
		fail(reason);
	}
	report(MSG_ENROLLER_DONE, pair, 0);
}

void
enroller_main(void)
{
	static struct msg_enroller_job	 job;
	struct pair			 pair;
	char				 why[MSG_REASON_SIZE];
	int				 locked = 0, repaired = 0;

	log_init("enroller", LOG_TO_STDERR);
	if (!started_by_parent())
		fatalx("keylessd -E is for keylessd itself");
	sandbox_harden();
	if ((parent = ipc_new(PARENT_FD, IPC_DESCRIPTORS)) == NULL)
		fatal("ipc_new");
	read_init();
	read_job(&job);
	libcrypto_init();
	enter_sandbox(&job);
	pair.cert = job.cert;
	pair.key = job.key;
	pair.csr = job.csr;
	pair.hostname = job.hostname;
	/*
	 * Who only looks must not keep others out, and who only repairs can do
	 * without: there may be no directory yet.
	 */
	if (job.repair || job.enroll)
		locked = pair_lock(&pair, why, sizeof(why)) != -1;
	if (job.enroll && !locked)
		fail(why);
	if (job.repair && locked && (repaired = pair_repair(&pair, why,
	    sizeof(why))) == -1) {
		log_warnx("interrupted enrolment not finished reason=\"%s\"",
		    why);
		repaired = 0;
	}
	report(MSG_ENROLLER_STATE, &pair, repaired);
	if (job.enroll)
		enroll(&pair);
	_exit(0);
}
