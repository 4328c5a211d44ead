/* Parent: what its processes say of their sandboxes, for the frontend. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "frontproc.h"
#include "log.h"
#include "sandbox.h"
#include "signers.h"

/* Slots of those that belong to no set. */
#define SLOT_PARENT	0
#define SLOT_FRONTEND	1	/* of the first one; the others follow */
#define SLOT_LAUNCHER	1000

static struct msg_sandbox	 mine;
static struct msg_sandbox	 launcher;
static struct msg_sandbox	 fronts[MSG_FRONTENDS_MAX];

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

static void
path_add(struct sandbox *box, const char *path, uint32_t flags)
{
	struct sandbox_path	*p = &box->paths[box->npaths];

	if (path == NULL || box->npaths == nitems(box->paths))
		return;
	p->path = path;
	p->flags = flags;
	box->npaths++;
}

/* The directory that a file is in. */
static void
directory_add(struct sandbox *box, const char *file, uint32_t flags)
{
	char	*path, *slash;

	if (file == NULL || (slash = strrchr(file, '/')) == NULL)
		return;
	if ((path = strdup(slash == file ? "/" : file)) == NULL)
		fatal("strdup");
	if (slash != file)
		path[slash - file] = '\0';
	path_add(box, path, flags);
}

/*
 * All that the parent ever writes to: a reload can name sockets and a pid file
 * in these directories, and in no others.
 */
static void
box_fill(struct sandbox *box, const struct setup *setup)
{
	const struct conf_listen	*cl;

	box->role = SANDBOX_PARENT;
	box->user = box->root = "";
	path_add(box, "/dev/null", SANDBOX_WRITE);
	path_add(box, parent_options.self, SANDBOX_PROGRAM);
	path_add(box, parent_options.signer, SANDBOX_PROGRAM);
	path_add(box, parent_options.cloud, SANDBOX_PROGRAM);
	path_add(box, parent_options.enroll, SANDBOX_PROGRAM);
	directory_add(box, setup->conf->pid_file, SANDBOX_NAMES);
	directory_add(box, setup->conf->audit_file,
	    SANDBOX_NAMES | SANDBOX_WRITE);
	directory_add(box, setup->conf->control_socket, SANDBOX_SOCKETS);
	TAILQ_FOREACH(cl, &setup->conf->metrics_listen, entry)
		directory_add(box, cl->path, SANDBOX_SOCKETS);
}

static void
box_free(struct sandbox *box)
{
	size_t	 i;

	for (i = 0; i < box->npaths; i++)
		if (box->paths[i].flags & (SANDBOX_NAMES | SANDBOX_SOCKETS))
			free((void *)(uintptr_t)box->paths[i].path);
}

void
sandboxes_mine(const struct setup *setup)
{
	static struct sandbox	 box;
	static int		 said;

	box_fill(&box, setup);
	sandbox_parent(&box);
	box_free(&box);
	sandbox_report(&mine);
	mine.slot = SLOT_PARENT;
	mine.pid = (int32_t)getpid();
	strlcpy(mine.name, "parent", sizeof(mine.name));
	say_degraded(&mine, &said);
}

int
sandboxes_launcher(struct ipc_msg *msg, pid_t pid)
{
	static int	 said;

	if (ipc_get(msg, &launcher, sizeof(launcher)) == -1 ||
	    !msg_sandbox_valid(&launcher))
		return (-1);
	launcher.set = 0;
	launcher.slot = SLOT_LAUNCHER;
	launcher.pid = (int32_t)pid;
	strlcpy(launcher.name, "launcher", sizeof(launcher.name));
	say_degraded(&launcher, &said);
	return (0);
}

/* The first frontend hears of all, the others of none. */
int
sandboxes_frontend(struct ipc_msg *msg, const struct frontend *f)
{
	static int		 said;
	struct msg_sandbox	 m;
	size_t			 i;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || !msg_sandbox_valid(&m))
		return (-1);
	m.set = 0;
	m.slot = SLOT_FRONTEND + f->number;
	m.pid = (int32_t)f->child.pid;
	frontproc_name(f, m.name, sizeof(m.name));
	fronts[f->number] = m;
	say_degraded(&m, &said);
	if (f->number != 0) {
		frontproc_sandbox(&m);
		return (0);
	}
	frontproc_sandbox(&mine);
	if (launcher.pid != 0)
		frontproc_sandbox(&launcher);
	for (i = 0; i < nitems(fronts); i++)
		if (fronts[i].pid != 0)
			frontproc_sandbox(&fronts[i]);
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
	if (s->set->users & 1)
		frontproc_sandbox(&m);
	return (0);
}
