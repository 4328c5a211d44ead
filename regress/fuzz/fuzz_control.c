/*
 * Fuzzer: what anybody may write to the control socket, and when he reads,
 * while a drain or a look at the stores is under way.
 * Whoever asks nothing gets nothing, every whole request has one result, the
 * end of its answer, nothing is done for those who may not, and no client makes
 * the frontend hold more than a bounded number of bytes.
 */
#include "../../keylessd/control.c"
#include "../../keylessd/control_show.c"

#include "fuzz.h"

#define STEPS		48
#define CLIENTS		3
#define KEYS		40
#define STORES		30

struct event_base	*fe_base;
struct channel		*fe_parent;
struct msg_front_conf	 fe_conf;
struct msg_place	 fe_place = { .number = 0, .frontends = 1 };
struct fe_sets		 fe_sets = TAILQ_HEAD_INITIALIZER(fe_sets);

static struct fe_key	 keys[KEYS];
static struct fe_set	 sets[2];
static struct fe_signer	 signer;
static struct fuzz	 input;
static int		 may;		/* the clients are privileged */
static int		 draining;

/* A look at the stores that is under way, for one client. */
struct health_wait {
	health_done		 done;
	void			*arg;
};

static struct health_wait	*looks[CLIENTS];

/* A channel that is played: it holds what the client has not read. */
struct channel {
	const struct channel_handler	*handler;
	void				*arg;
	size_t				 queued;
	unsigned int			 asked;
	unsigned int			 results;
	unsigned int			 stops;	/* the end is their answer */
	int				 busy;
	int				 freed;
};

static struct channel	*channels[CLIENTS];
static struct channel	*asker;		/* whose request is under way */

struct fe_key *
frontend_key(size_t i)
{
	REQUIRE(i < KEYS);
	return (&keys[i]);
}

int
expiry_line(size_t i, char *text, size_t size)
{
	snprintf(text, size, "# line %zu", i);
	return (i < 3 ? 0 : -1);
}

size_t
frontend_nkeys(void)
{
	return (KEYS);
}

void
frontend_figures(struct counts *all)
{
	memset(all, 0, sizeof(*all));
	all->opstats[3].requests = 1;
}

enum key_state
frontend_key_state(const struct fe_key *key)
{
	return (key - keys < 2 ? KEY_DISABLED : key->info.state);
}

int
frontend_draining(void)
{
	return (draining);
}

const struct msg_sandbox *
sandboxtab_row(size_t i)
{
	static const struct msg_sandbox	 row = { .name = "files" };

	return (i < 3 ? &row : NULL);
}

/* No more connections than a few, or no memory for them. */
struct msg_connection *
conn_rows(size_t *n)
{
	*n = fuzz_byte(&input) % 100;
	return (*n == 99 ? NULL : calloc(*n + 1,
	    sizeof(struct msg_connection)));
}

int
health_row(size_t i, struct msg_store_row *row)
{
	if (i >= STORES)
		return (-1);
	memset(row, 0, sizeof(*row));
	row->counts = i % 2;
	return (0);
}

struct health_wait *
health_ask(health_done done, void *arg)
{
	struct health_wait	*w;
	size_t			 i;

	for (i = 0; i < CLIENTS && looks[i] != NULL; i++)
		;
	REQUIRE(i < CLIENTS);		/* one for each client */
	if (fuzz_byte(&input) & 1) {
		done(arg, fuzz_byte(&input) & 1, "played");
		return (NULL);
	}
	REQUIRE((w = calloc(1, sizeof(*w))) != NULL);
	w->done = done;
	w->arg = arg;
	return (looks[i] = w);
}

void
health_cancel(struct health_wait *w)
{
	size_t	 i;

	for (i = 0; i < CLIENTS && looks[i] != w; i++)
		;
	REQUIRE(i < CLIENTS);
	looks[i] = NULL;
	free(w);
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

/* All but the configuration is for those who may. */
static void
to_parent(uint32_t type, int fd)
{
	REQUIRE(may || type == MSG_FRONT_ASK_CONFIG);
	REQUIRE((type == MSG_FRONT_ASK_STOP) == (fd != -1));
	switch (type) {
	case MSG_FRONT_ASK_STOP:
		REQUIRE(asker != NULL);
		asker->stops++;
		close(fd);
		break;
	case MSG_FRONT_ASK_CONFIG:
	case MSG_FRONT_ASK_DRAIN:
	case MSG_FRONT_ASK_UNDRAIN:
	case MSG_FRONT_LOG_LEVEL:
	case MSG_FRONT_RELOAD:
		break;
	default:
		REQUIRE(0);
	}
}

int
channel_copy_fd(const struct channel *ch)
{
	int	 fd;

	REQUIRE(ch->busy);
	if (!(fuzz_byte(&input) & 1))
		return (-1);
	REQUIRE((fd = dup(STDERR_FILENO)) != -1);
	return (fd);
}

void
channel_send(struct channel *ch, uint32_t type, uint32_t peer, int fd,
    const void *data, size_t length)
{
	(void)peer;
	(void)data;
	if (ch == NULL) {		/* fe_parent */
		to_parent(type, fd);
		return;
	}
	REQUIRE(ch->busy && fd == -1);
	ch->queued += 12 + length;
	/* The last request's answer may be a text and a result. */
	REQUIRE(ch->queued <= QUEUED_MAX + IPC_DATA_MAX + 1024);
	/* Rows, too, are of a request that has no result yet. */
	REQUIRE(ch->results + ch->stops < ch->asked);
	if (type == MSG_CTL_RESULT)
		ch->results++;
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
	client_new(sv[0], may);
	close(sv[1]);
	for (cl = TAILQ_FIRST(&clients); TAILQ_NEXT(cl, entry) != NULL;)
		cl = TAILQ_NEXT(cl, entry);
	channels[i] = cl->channel;
}

static void
client_ask(struct channel *ch, unsigned int copies)
{
	uint8_t		 data[64];
	struct ipc_msg	 msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = MSG_CTL_SHOW_KEYS + fuzz_byte(&input) %
	    (MSG_CTL_STOP - MSG_CTL_SHOW_KEYS + 1);
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
	asker = ch;
	while (copies-- > 0 && !ch->freed) {
		ch->asked++;
		ch->handler->message(ch, &msg, ch->arg);
	}
	asker = NULL;
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

/* What is said to all clients at once. */
static void
to_all(void (*function)(void))
{
	size_t	 i;

	for (i = 0; i < CLIENTS; i++)
		if (channels[i] != NULL)
			channels[i]->busy = 1;
	function();
	for (i = 0; i < CLIENTS; i++)
		if (channels[i] != NULL)
			leave(channels[i]);
}

/* The stores have been asked: all who wait hear of it. */
static void
looked(void)
{
	struct health_wait	*w;
	size_t			 i;

	for (i = 0; i < CLIENTS; i++) {
		if ((w = looks[i]) == NULL)
			continue;
		looks[i] = NULL;
		w->done(w->arg, fuzz_byte(&input) & 1, "played");
		free(w);
	}
}

/* The parent answers, perhaps to nobody. */
static void
parent_answers(struct channel *ch, uint8_t what)
{
	static const uint8_t	 text[IPC_DATA_MAX];
	struct client		*cl = ch->arg;
	struct msg_result	 result;
	enum client_wait	 waits = cl->waits;
	unsigned int		 before = ch->results;

	memset(&result, 0, sizeof(result));
	result.status = what & 1;
	ch->busy = 1;
	/* A text ends with a result, so that it cannot go on for ever. */
	if (what & 2) {
		control_text(cl->id, text, fuzz_u16(&input) % sizeof(text));
		control_text(0, text, 1);
	}
	control_result(cl->id, &result);
	control_result(0, &result);
	leave(ch);
	REQUIRE(ch->results - before ==
	    (waits == WAIT_PARENT || waits == WAIT_DRAIN));
}

static void
step_drain(uint8_t what)
{
	switch (what % 3) {
	case 0:
		draining = 1;
		to_all(control_draining);
		break;
	case 1:
		if (draining)
			to_all(control_empty);
		break;
	case 2:
		draining = 0;
		to_all(control_undrained);
	}
}

static void
step(void)
{
	uint8_t		 what = fuzz_byte(&input);
	struct channel	*ch = channels[what / 8 % CLIENTS];

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
	case 3:
		if (what & 128)
			step_drain(what / 8 % 16);
		else if (what & 64)
			to_all(looked);
		/* a set goes, or comes back */
		else if (TAILQ_NEXT(&sets[0], entry) != NULL)
			TAILQ_REMOVE(&fe_sets, &sets[1], entry);
		else
			TAILQ_INSERT_TAIL(&fe_sets, &sets[1], entry);
		break;
	case 4:
		parent_answers(ch, what / 64);
		break;
	case 5:
		client_ask(ch, what == 0xfd ? 2000 : 20);
		break;
	default:
		client_ask(ch, 1);
	}
}

/* All that is under way ends, and the client reads to the end. */
static void
settle(struct channel *ch)
{
	static const struct msg_result	 none;
	struct client			*cl = ch->arg;

	ch->busy = 1;
	control_result(cl->id, &none);
	do {
		ch->queued = 0;
		ch->handler->drained(ch, ch->arg);
	} while (ch->queued != 0);
	REQUIRE(!ch->freed && !is_busy(cl));
	REQUIRE(ch->results + ch->stops == ch->asked);
	leave(ch);
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
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int	 i, fd, lowest = fuzz_lowest_fd();

	input.p = data;
	input.left = size;
	may = fuzz_byte(&input) & 1;
	draining = 0;
	TAILQ_INIT(&fe_sets);
	TAILQ_INSERT_TAIL(&fe_sets, &sets[0], entry);
	TAILQ_INSERT_TAIL(&fe_sets, &sets[1], entry);
	REQUIRE((fd = socket(AF_UNIX, SOCK_STREAM, 0)) != -1);
	control_offer(fd);
	control_switch();
	client_open(0);
	for (i = 0; i < STEPS && input.left != 0; i++)
		step();
	to_all(looked);
	to_all(control_undrained);
	for (i = 0; i < CLIENTS; i++)
		if (channels[i] != NULL)
			settle(channels[i]);
	control_stop();
	REQUIRE(nclients == 0 && TAILQ_EMPTY(&clients));
	for (i = 0; i < CLIENTS; i++)
		REQUIRE(looks[i] == NULL);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
