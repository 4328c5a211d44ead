/* Parent: what its processes say of their sandboxes, for the frontend. */
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "sandbox.h"
#include "signers.h"

static struct msg_sandbox	 mine;		/* set 0, slot 0 */
static struct msg_sandbox	 frontend;	/* set 0, slot 1 */

int
msg_sandbox_valid(const struct msg_sandbox *m)
{
	return (m->namespaces <= MSG_NS_ALL && m->seccomp <= 2 &&
	    m->pledge <= 1 && m->no_new_privs <= 1 && m->dumpable <= 1 &&
	    m->capabilities <= 1 && ipc_text_ok(m->name, sizeof(m->name)) &&
	    ipc_text_ok(m->root, sizeof(m->root)) &&
	    ipc_text_ok(m->degraded, sizeof(m->degraded)));
}

/*
 * Say once what is missing.  Root expects everything; an ordinary user knows
 * that it cannot be had.
 */
static void
say_degraded(const struct msg_sandbox *m, int *said)
{
	if (m->degraded[0] == '\0' || *said)
		return;
	*said = 1;
	if (geteuid() == 0)
		log_warnx("sandbox incomplete process=\"%s\" reason=\"%s\"",
		    m->name, m->degraded);
	else
		log_info("sandbox incomplete process=\"%s\" reason=\"%s\"",
		    m->name, m->degraded);
}

void
sandboxes_mine(void)
{
	static int	 said;

	sandbox_report(&mine);
	mine.pid = (int32_t)getpid();
	strlcpy(mine.name, "parent", sizeof(mine.name));
	say_degraded(&mine, &said);
}

int
sandboxes_frontend(struct ipc_msg *msg, pid_t pid)
{
	static int	 said;

	if (ipc_get(msg, &frontend, sizeof(frontend)) == -1 ||
	    !msg_sandbox_valid(&frontend))
		return (-1);
	frontend.set = 0;
	frontend.slot = 1;
	frontend.pid = (int32_t)pid;
	strlcpy(frontend.name, "frontend", sizeof(frontend.name));
	say_degraded(&frontend, &said);
	frontproc_sandbox(&mine);
	frontproc_sandbox(&frontend);
	return (0);
}

int
sandboxes_signer(struct ipc_msg *msg, struct signer *s)
{
	struct msg_sandbox	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || !msg_sandbox_valid(&m))
		return (-1);
	m.set = s->set->id;
	m.slot = s->info.slot;
	m.pid = s->info.pid;
	strlcpy(m.name, s->set->name, sizeof(m.name));
	s->sandbox = m;
	say_degraded(&m, &s->set->sandbox_said);
	if (s->set->setup->committed)
		frontproc_sandbox(&m);
	return (0);
}
