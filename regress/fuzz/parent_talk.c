/* Fuzzer of the parent: what processes say, and hear no answer to. */
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "parent_played.h"

struct channel	*under_way;

/* Whose channel it is; NULL: a frontend's. */
static struct signer *
signer_of(const struct channel *ch)
{
	return (process_of(ch)->is_signer ? ch->arg : NULL);
}

/* Whose channel it is, if it is no signer's. */
static struct frontend *
frontend_of(const struct channel *ch)
{
	return (ch->arg);
}

void
say_over(void)
{
	if (under_way == NULL)
		return;
	if (under_way->fd != -1)
		close(under_way->fd);
	under_way->fd = -1;
	under_way = NULL;
}

static void
say(struct channel *ch, uint32_t type, const void *data, size_t length)
{
	struct ipc_msg	 msg;
	struct signer	*s = signer_of(ch);
	int		 serves, killed;

	serves = s != NULL && s->info.state == SIGNER_READY;
	killed = s != NULL && s->kill_sent;
	signer_acts = s != NULL;
	memset(&msg, 0, sizeof(msg));
	msg.type = type;
	msg.peer = fuzz_byte(&input);
	/* Mostly it answers what it was asked last. */
	if (s == NULL && msg.peer < 200 && (type == MSG_FRONT_READY ||
	    type == MSG_FRONT_FAILED))
		msg.peer = frontend_of(ch)->check;
	msg.data = data;
	msg.length = length;
	msg.fd = -1;
	if (type == MSG_FRONT_ASK_STOP && fuzz_byte(&input) != 1)
		REQUIRE((msg.fd = dup(STDERR_FILENO)) != -1);
	under_way = ch;
	ch->fd = msg.fd;
	ch->handler->message(ch, &msg, ch->arg);
	say_over();
	/* One that was caught lying, or is stuck, is not trusted any more. */
	if (killed && !serves && s->child.channel == ch)
		REQUIRE(s->info.state != SIGNER_READY);
}

/* One of the messages that it may send, filled with anything. */
void
say_anything(struct channel *ch)
{
	static const struct {
		uint32_t	 type;
		size_t		 length;
	} m[] = {
		{ MSG_SIGNER_KEY, sizeof(struct msg_key) },
		{ MSG_SIGNER_TOKEN, sizeof(struct msg_token) },
		{ MSG_SIGNER_READY, 0 },
		{ MSG_SIGNER_FAILED, sizeof(struct msg_failure) },
		{ MSG_FRONT_READY, 0 },
		{ MSG_FRONT_FAILED, sizeof(struct msg_text) },
		{ MSG_FRONT_KILL, sizeof(struct msg_signer) },
		{ MSG_FRONT_LOG_LEVEL, sizeof(uint32_t) },
		{ MSG_FRONT_RELOAD, 0 },
		{ MSG_FRONT_SET_DONE, sizeof(uint32_t) },
		{ MSG_FRONT_ASK_DRAIN, 0 },
		{ MSG_FRONT_ASK_UNDRAIN, 0 },
		{ MSG_FRONT_ASK_STOP, 0 },
		{ MSG_FRONT_ASK_CONFIG, 0 },
		{ MSG_FRONT_PONG, 0 },
		{ MSG_SIGNER_ERRORS, sizeof(struct msg_errors) },
		{ MSG_FRONT_EMPTY, 0 },
		{ MSG_FRONT_SWITCHED, 0 },
		{ MSG_FRONT_REFUSED, sizeof(struct msg_refused) },
	};
	uint8_t		 data[IPC_DATA_MAX], b = fuzz_byte(&input);
	uint32_t	 type;
	size_t		 start, length;

	if (b < 240) {
		type = m[b % nitems(m)].type;
		length = m[b % nitems(m)].length;
	} else {
		type = fuzz_u32(&input);
		length = fuzz_u16(&input) % sizeof(data);
	}
	/* Mostly zero, but for a stretch. */
	memset(data, 0, length);
	start = fuzz_u16(&input) % (length + 1);
	fuzz_fill(&input, data + start, length - start < 16 ?
	    length - start : 16);
	say(ch, type, data, length);
}

/* A key as an honest signer reports it, or nearly so. */
static void
say_key(struct channel *ch, uint32_t index)
{
	struct msg_key	 m;

	memset(&m, 0, sizeof(m));
	m.index = index;
	m.state = fuzz_byte(&input) % 8 != 1 ? KEY_READY : KEY_FAILED;
	m.type = KEY_TYPE_EC;
	m.ski[0] = fuzz_byte(&input) == 1 ? 2 : (uint8_t)(index + 1);
	say(ch, MSG_SIGNER_KEY, &m, sizeof(m));
}

/* All keys, until it is ended. */
static void
say_keys(struct channel *ch, const struct signer *s)
{
	const struct signer_set	*set = s->set;
	pid_t			 pid = s->child.pid;
	uint32_t		 i;

	for (i = 0; i < set->nkeys && s->child.pid == pid; i++)
		if (!set->keys[i].lost)
			say_key(ch, i);
	if (s->child.channel == ch)
		say(ch, MSG_SIGNER_READY, NULL, 0);
}

void
say_expected(struct channel *ch)
{
	const struct signer	*s = signer_of(ch);

	if (s != NULL)
		say_keys(ch, s);
	else
		say(ch, frontend_of(ch)->switching != 0 ?
		    MSG_FRONT_SWITCHED : MSG_FRONT_READY, NULL, 0);
}

/* A signer or a set that there is, or was. */
static void
say_signer(struct channel *ch)
{
	struct msg_signer	 m;
	struct signer_set	*set;
	struct setup		*setup;
	uint32_t		 n = fuzz_byte(&input) % 4;

	setup = fuzz_byte(&input) & 1 ? TAILQ_FIRST(&parent_left) :
	    parent_setup;
	if (setup == NULL)
		return;
	set = TAILQ_FIRST(&setup->sets);
	if (fuzz_byte(&input) & 1)
		set = TAILQ_NEXT(set, entry);
	memset(&m, 0, sizeof(m));
	if (set->signers != NULL && n < set->nsigners) {
		m.id = set->signers[n].info.id;
		say(ch, MSG_FRONT_KILL, &m, sizeof(m));
	} else
		say(ch, MSG_FRONT_SET_DONE, &set->id, sizeof(set->id));
}

void
say_name(struct channel *ch)
{
	if (signer_of(ch) != NULL)
		say_key(ch, fuzz_byte(&input) % 4);
	else if (fuzz_byte(&input) & 1)
		say(ch, parent_drained ? MSG_FRONT_ASK_UNDRAIN :
		    MSG_FRONT_ASK_DRAIN, NULL, 0);
	else
		say_signer(ch);
}
