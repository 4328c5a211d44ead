/* Parent: hears what frontends say.  One that lies ends the daemon. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "enroll.h"
#include "frontproc.h"
#include "log.h"
#include "signers.h"

#define WITNESSES_MAX	16

static unsigned int	 witnesses;	/* sockets that close when we end */

static void __attribute__((noreturn))
frontend_lies(const struct frontend *f, const struct ipc_msg *msg)
{
	fatalx("bad message from frontend number=%u type=%u length=%zu",
	    f->number, msg->type, msg->length);
}

/* What it says may be of something that it was offered before. */
static void
frontend_ready(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	(void)ch;
	if (msg->peer == f->check)
		frontproc_checked(f);
}

static void
frontend_failed(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	struct msg_text	 m;

	(void)ch;
	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text)))
		frontend_lies(f, msg);
	if (msg->peer == f->check)
		frontproc_failed(f, m.text);
}

static void
frontend_kill(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	struct msg_signer	 m;

	(void)ch;
	if (ipc_get(msg, &m, sizeof(m)) == -1)
		frontend_lies(f, msg);
	signers_kill(m.id);
}

static void
frontend_log_level(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	uint32_t	 level;

	(void)ch;
	if (ipc_get(msg, &level, sizeof(level)) == -1 ||
	    level > LOG_LEVEL_FATAL)
		frontend_lies(f, msg);
	parent_set_log_level(level);
}

static void
frontend_reload(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	(void)f;
	(void)ch;
	reload_begin(msg->peer);
}

static void
frontend_set_done(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	uint32_t	 id;

	(void)ch;
	if (ipc_get(msg, &id, sizeof(id)) == -1)
		frontend_lies(f, msg);
	reload_set_done(f->number, id);
}

static void
frontend_ask_drain(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	(void)f;
	(void)ch;
	drain_begin(msg->peer);
}

static void
frontend_ask_undrain(struct frontend *f, struct channel *ch,
    struct ipc_msg *msg)
{
	(void)f;
	(void)ch;
	drain_end(msg->peer);
}

/*
 * Who asks sees the end of its socket when this process has ended: until then
 * it stays open, and nothing is ever read from it.
 */
static void
frontend_ask_stop(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	int	 fd;

	if (msg->length != 0 || (fd = channel_take_fd(ch, msg)) == -1)
		frontend_lies(f, msg);
	if (witnesses < WITNESSES_MAX)
		witnesses++;
	else
		close(fd);
	log_info("stopping reason=\"asked by keylessctl\"");
	parent_stop(0);
}

/* The configuration in force, in portions. */
static void
frontend_ask_config(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	char	*text;
	size_t	 len, n, sent;
	FILE	*stream;

	(void)f;
	(void)ch;
	if ((stream = open_memstream(&text, &len)) == NULL)
		fatal("open_memstream");
	config_print(parent_setup->conf, stream);
	enroll_print(stream);
	if (fclose(stream) == EOF)
		fatal("open_memstream");
	for (sent = 0; sent < len; sent += n) {
		n = len - sent < IPC_DATA_MAX ? len - sent : IPC_DATA_MAX;
		frontproc_text(msg->peer, text + sent, n);
	}
	free(text);
	frontproc_result(msg->peer, 0, "");
}

static void
frontend_empty(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	(void)ch;
	frontproc_empty(f, msg->peer);
}

static void
frontend_switched(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	(void)ch;
	if (f->switching == 0)
		frontend_lies(f, msg);
	f->switching--;
	parent_advance();
}

/* What one frontend has learnt of a key is the others' business, too. */
static void
frontend_refused(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	struct msg_refused	 m;

	(void)ch;
	if (ipc_get(msg, &m, sizeof(m)) == -1 || !msg_refused_valid(&m))
		frontend_lies(f, msg);
	frontproc_refused(f, &m);
}

static void
frontend_pong(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	(void)ch;
	(void)msg;
	f->answers = 1;
}

static void
frontend_sandbox(struct frontend *f, struct channel *ch, struct ipc_msg *msg)
{
	(void)ch;
	if (sandboxes_frontend(msg, f) == -1)
		frontend_lies(f, msg);
}

/* Who may say what: what comes from the control socket, only the first. */
static const struct {
	uint32_t	 type;
	int		 first;
	void		 (*take)(struct frontend *, struct channel *,
			    struct ipc_msg *);
} messages[] = {
	{ MSG_FRONT_READY,		0,	frontend_ready },
	{ MSG_FRONT_FAILED,		0,	frontend_failed },
	{ MSG_FRONT_KILL,		0,	frontend_kill },
	{ MSG_FRONT_SET_DONE,		0,	frontend_set_done },
	{ MSG_FRONT_SWITCHED,		0,	frontend_switched },
	{ MSG_FRONT_EMPTY,		0,	frontend_empty },
	{ MSG_FRONT_PONG,		0,	frontend_pong },
	{ MSG_FRONT_REFUSED,		0,	frontend_refused },
	{ MSG_SANDBOX,			0,	frontend_sandbox },
	{ MSG_FRONT_LOG_LEVEL,		1,	frontend_log_level },
	{ MSG_FRONT_RELOAD,		1,	frontend_reload },
	{ MSG_FRONT_ASK_DRAIN,		1,	frontend_ask_drain },
	{ MSG_FRONT_ASK_UNDRAIN,	1,	frontend_ask_undrain },
	{ MSG_FRONT_ASK_STOP,		1,	frontend_ask_stop },
	{ MSG_FRONT_ASK_CONFIG,		1,	frontend_ask_config },
};

static void
frontend_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	struct frontend	*f = arg;
	size_t		 i;

	for (i = 0; i < nitems(messages); i++)
		if (messages[i].type == msg->type)
			break;
	if (i == nitems(messages) || (messages[i].first && f->number != 0))
		frontend_lies(f, msg);
	messages[i].take(f, ch, msg);
}

/* One that closes its channel and lives on could never be told anything. */
static void
frontend_gone(struct channel *ch, void *arg)
{
	struct frontend	*f = arg;

	(void)ch;
	frontproc_lost(f);
	if (f->child.pid != 0)
		kill(f->child.pid, SIGKILL);
}

const struct channel_handler	 frontproc_handler = {
	.message = frontend_message,
	.gone = frontend_gone
};
