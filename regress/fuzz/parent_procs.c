/* Fuzzer of the parent: processes and channels, as the parent has them. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent_played.h"

static struct process	 processes[PROCESSES];
static unsigned int	 looks;		/* at what is queued */

struct process *
process_pick(void)
{
	return (&processes[fuzz_below(&input, PROCESSES)]);
}

struct process *
process_find(pid_t pid)
{
	size_t	 i;

	for (i = 0; i < PROCESSES; i++)
		if (processes[i].pid == pid)
			return (&processes[i]);
	return (NULL);
}

struct process *
process_of(const struct channel *ch)
{
	size_t	 i;

	REQUIRE(ch != NULL);
	for (i = 0; i < PROCESSES && processes[i].channel != ch; i++)
		;
	REQUIRE(i < PROCESSES);
	return (&processes[i]);
}

void
processes_forget(void)
{
	memset(processes, 0, sizeof(processes));
	looks = 0;
}

int
fuzz_kill(pid_t pid, int sig)
{
	struct process	*p;

	/* Neither a group nor a process that is not its child. */
	REQUIRE(pid > 1 && sig == SIGKILL);
	REQUIRE((p = process_find(pid)) != NULL);
	p->killed = 1;
	return (0);
}

int
child_start(struct child *child, enum launch_role role, const char *name,
    const char *root, const struct channel_handler *handler, void *arg)
{
	static pid_t	 last_pid = 1000;
	struct process	*p = process_find(0);

	(void)root;
	REQUIRE(child->pid == 0 && child->channel == NULL && *name != '\0');
	REQUIRE((role == LAUNCH_FRONTEND) == (handler == &frontproc_handler));
	if (p == NULL) {
		signer_acts = 0;	/* nobody's fault: there is no room */
		fuzz_end();
	}
	memset(p, 0, sizeof(*p));
	REQUIRE((p->channel = calloc(1, sizeof(*p->channel))) != NULL);
	p->channel->handler = handler;
	p->channel->arg = arg;
	p->channel->fd = -1;
	p->is_signer = role != LAUNCH_FRONTEND;
	p->pid = child->pid = ++last_pid;
	child->channel = p->channel;
	return (0);
}

void
child_send_fd(struct child *child, uint32_t type, uint32_t to, int fd,
    const void *data, size_t length)
{
	REQUIRE(fd != -1);
	channel_send(child->channel, type, to, -1, data, length);
}

void
channel_free(struct channel *ch)
{
	if (ch == NULL)
		return;
	process_of(ch)->channel = NULL;
	if (under_way == ch)
		say_over();
	free(ch);
}

/* All that it had to say is said. */
void
channel_finish(struct channel *ch)
{
	ch->handler->gone(ch, ch->arg);
}

/* What the frontend gets must come when it makes sense ... */
static void
check_order(struct process *p, uint32_t type)
{
	switch (type) {
	case MSG_FRONT_CONF:
		p->offered = 1;
		p->checked = 0;
		break;
	case MSG_FRONT_CHECK:
		REQUIRE(p->offered && !p->checked);
		p->checked = 1;
		break;
	case MSG_FRONT_ABORT:
		p->offered = p->checked = 0;
		break;
	case MSG_FRONT_COMMIT:
		REQUIRE(p->checked);
		p->offered = p->checked = 0;
		break;
	case MSG_FRONT_DRAIN:
		p->drained = 1;
		break;
	case MSG_FRONT_UNDRAIN:
		REQUIRE(p->drained);
		p->drained = 0;
		break;
	case MSG_FRONT_REFUSED:
		/* Not to who said it. */
		REQUIRE(under_way != NULL && under_way != p->channel);
		break;
	}
}

/* ... and be well formed, too. */
static void
check_content(uint32_t type, int fd, const void *data, size_t length)
{
	switch (type) {
	case MSG_FRONT_TEXT:
		REQUIRE(length != 0 && length <= IPC_DATA_MAX);
		break;
	case MSG_FRONT_KEYINFO:
		REQUIRE(length == sizeof(struct msg_key) &&
		    msg_key_valid(data));
		break;
	case MSG_FRONT_TOKEN:
		REQUIRE(length == sizeof(struct msg_token_row) &&
		    msg_token_valid(&((const struct msg_token_row *)
		    data)->token));
		break;
	case MSG_FRONT_ERRORS:
		REQUIRE(length == sizeof(struct msg_errors) &&
		    errcount_valid(&((const struct msg_errors *)
		    data)->errors));
		break;
	case MSG_FRONT_REFUSED:
		REQUIRE(length == sizeof(struct msg_refused) &&
		    msg_refused_valid(data));
		break;
	case MSG_FRONT_PARENT:
		REQUIRE(length == sizeof(struct msg_parent));
		break;
	case MSG_FRONT_SIGNER:
		REQUIRE(fd != -1);
		/* FALLTHROUGH */
	case MSG_FRONT_SIGNER_STATE:
		REQUIRE(length == sizeof(struct msg_signer));
		REQUIRE(((const struct msg_signer *)data)->state <=
		    SIGNER_STATE_MAX);
		break;
	}
}

void
channel_send(struct channel *ch, uint32_t type, uint32_t to, int fd,
    const void *data, size_t length)
{
	REQUIRE(ch != NULL);
	if (process_of(ch)->is_signer) {
		REQUIRE((type == MSG_SIGNER_CHANNEL) == (fd != -1));
		REQUIRE(type != MSG_SIGNER_CHANNEL || to < nfrontends);
	} else {
		check_order(process_of(ch), type);
		check_content(type, fd, data, length);
	}
	if (fd != -1)
		close(fd);
}

/* Now and then it has enough until it is drained. */
size_t
channel_queued(const struct channel *ch)
{
	REQUIRE(ch != NULL);
	return (++looks % 3 == 0 ? 65536 : 0);
}
