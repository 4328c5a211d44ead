/*
 * Fuzzer: what anybody may write to the control socket, and when he reads.
 * Whoever asks nothing gets nothing, every whole request is answered at least
 * once, nothing is done for those who may not, and no client makes the
 * frontend hold more than a bounded number of bytes.
 */
#include "../../keylessd/control.c"

#include "fuzz.h"

#define STEPS		48
#define CLIENTS		3
#define KEYS		40

struct event_base	*fe_base;
struct channel		*fe_parent;
struct msg_opstat	 fe_opstats[OPCODE_COUNT];
struct fe_sets		 fe_sets = TAILQ_HEAD_INITIALIZER(fe_sets);

static struct fe_key	 keys[KEYS];
static struct fe_set	 sets[2];
static struct fe_signer	 signer;
static struct fuzz	 input;
static int		 may;		/* the clients are privileged */

/* A channel that is played: it holds what the client has not read. */
struct channel {
	const struct channel_handler	*handler;
	void				*arg;
	size_t				 queued;
	unsigned int			 rows;
	unsigned int			 results;
	int				 busy;
	int				 freed;
};

static struct channel	*channels[CLIENTS];

struct fe_key *
frontend_key(size_t i)
{
	REQUIRE(i < KEYS);
	return (&keys[i]);
}

size_t
frontend_nkeys(void)
{
	return (KEYS);
}

void
frontend_stats(struct msg_stats *m)
{
	memset(m, 0, sizeof(*m));
}

struct fe_set *
queue_set_from(uint32_t id)
{
	struct fe_set	*set;

	TAILQ_FOREACH(set, &fe_sets, entry)
		if (set->id >= id)
			return (set);
	return (NULL);
}

int
queue_set_lost(const struct fe_set *set)
{
	return (set == &sets[1]);
}

struct channel *
channel_new(struct event_base *base, int fd, int flags,
    const struct channel_handler *handler, void *arg)
{
	struct channel	*ch = calloc(1, sizeof(*ch));

	(void)base;
	/* A client's descriptors are never taken. */
	REQUIRE(ch != NULL && flags == 0);
	close(fd);
	ch->handler = handler;
	ch->arg = arg;
	return (ch);
}

void
channel_free(struct channel *ch)
{
	size_t	 i;

	for (i = 0; i < CLIENTS; i++)
		if (channels[i] == ch)
			channels[i] = NULL;
	if (ch->busy)
		ch->freed = 1;
	else
		free(ch);
}

void
channel_send(struct channel *ch, uint32_t type, uint32_t peer, int fd,
    const void *data, size_t length)
{
	(void)peer;
	(void)data;
	REQUIRE(fd == -1);
	if (ch == NULL) {		/* fe_parent */
		REQUIRE(may);
		REQUIRE(type == MSG_FRONT_LOG_LEVEL ||
		    type == MSG_FRONT_RELOAD);
		return;
	}
	REQUIRE(ch->busy);
	ch->queued += 12 + length;
	REQUIRE(ch->queued <= QUEUED_MAX + IPC_DATA_MAX);
	if (type == MSG_CTL_RESULT)
		ch->results++;
	else
		ch->rows++;
}

size_t
channel_queued(const struct channel *ch)
{
	return (ch->queued);
}

static void
leave(struct channel *ch)
{
	ch->busy = 0;
	if (ch->freed)
		free(ch);
}

static void
client_open(size_t i)
{
	struct client	*cl;
	int		 sv[2];

	if (channels[i] != NULL)
		return;
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	client_new(sv[0]);
	close(sv[1]);
	for (cl = TAILQ_FIRST(&clients); TAILQ_NEXT(cl, entry) != NULL;)
		cl = TAILQ_NEXT(cl, entry);
	cl->privileged = may;
	channels[i] = cl->channel;
}

static void
client_ask(struct channel *ch, unsigned int copies)
{
	uint8_t		 data[64];
	struct ipc_msg	 msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = MSG_CTL_SHOW_KEYS + fuzz_byte(&input) % 7;
	if (fuzz_byte(&input) == 1)
		msg.type = fuzz_u32(&input);
	msg.length = fuzz_byte(&input) % sizeof(data);
	if (msg.type == MSG_CTL_LOG_LEVEL && msg.length & 1)
		msg.length = sizeof(uint32_t);
	memset(data, 0, sizeof(data));
	fuzz_fill(&input, data, sizeof(uint32_t));
	msg.data = data;
	msg.fd = -1;
	ch->busy = 1;
	while (copies-- > 0 && !ch->freed)
		ch->handler->message(ch, &msg, ch->arg);
	leave(ch);
}

/* The client reads all that is there: once more until it has the result. */
static void
client_drain(struct channel *ch)
{
	ch->busy = 1;
	ch->queued = 0;
	ch->handler->drained(ch, ch->arg);
	leave(ch);
}

static void
step(void)
{
	struct msg_result	 result;
	uint8_t			 what = fuzz_byte(&input);
	struct channel		*ch = channels[what / 8 % CLIENTS];

	if (what % 8 == 0)
		client_open(what / 8 % CLIENTS);
	if (ch == NULL)
		return;
	switch (what % 8) {
	case 1:
		ch->busy = 1;
		ch->handler->gone(ch, ch->arg);
		leave(ch);
		break;
	case 2:
		client_drain(ch);
		break;
	case 3:			/* a set goes, or comes back */
		if (TAILQ_NEXT(&sets[0], entry) != NULL)
			TAILQ_REMOVE(&fe_sets, &sets[1], entry);
		else
			TAILQ_INSERT_TAIL(&fe_sets, &sets[1], entry);
		break;
	case 4:			/* the parent answers, perhaps to nobody */
		memset(&result, 0, sizeof(result));
		ch->busy = 1;
		control_result(((struct client *)ch->arg)->id, &result);
		control_result(0, &result);
		leave(ch);
		break;
	case 5:
		client_ask(ch, what == 0xfd ? 2000 : 20);
		break;
	default:
		client_ask(ch, 1);
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct msg_key	 m;
	size_t		 i;

	(void)argc;
	(void)argv;
	REQUIRE((fe_base = event_base_new()) != NULL);
	memset(&m, 0, sizeof(m));
	for (i = 0; i < nitems(sets); i++) {
		sets[i].id = (uint32_t)(2 * i + 1);
		sets[i].name = strdup("set");
		sets[i].nsigners = 1;
		sets[i].signers = &signer;
	}
	sets[1].token = calloc(1, sizeof(*sets[1].token));
	for (i = 0; i < KEYS; i++) {
		m.state = i % 2;
		REQUIRE(keyinfo_set(&keys[i].info, &m) == 0);
		keys[i].set = &sets[i % 2];
	}
	fe_opstats[3].requests = 1;
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int	 i, fd, lowest = fuzz_lowest_fd();

	input.p = data;
	input.left = size;
	may = fuzz_byte(&input) & 1;
	TAILQ_INIT(&fe_sets);
	TAILQ_INSERT_TAIL(&fe_sets, &sets[0], entry);
	TAILQ_INSERT_TAIL(&fe_sets, &sets[1], entry);
	REQUIRE((fd = socket(AF_UNIX, SOCK_STREAM, 0)) != -1);
	control_offer(fd);
	control_switch();
	client_open(0);
	for (i = 0; i < STEPS && input.left != 0; i++)
		step();
	control_stop();
	REQUIRE(nclients == 0 && TAILQ_EMPTY(&clients));
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
