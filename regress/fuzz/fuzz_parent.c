/*
 * Fuzzer: what signers and the frontend may say to the parent, die of and
 * close, in any order.  Processes and channels are played here; the parent's
 * own code sees messages, ends of processes, timers and signals.
 *
 * A signer must not end the parent, whatever it says.  A lying frontend may.
 */
#include <sys/types.h>

#include <signal.h>

static int	fuzz_kill(pid_t, int);

#define kill	fuzz_kill
#include "../../keylessd/parent.c"
#include "../../keylessd/signers.c"
#include "../../keylessd/signer_recv.c"
#include "../../keylessd/frontproc.c"
#include "../../keylessd/frontproc_life.c"
#include "../../keylessd/frontproc_recv.c"

#include "fuzz.h"

#define STEPS		96
#define PROCESSES	24	/* alive at a time */
#define SETS		2
#define URI		"pkcs11:token=t?module-path=/m.so"

struct channel {
	const struct channel_handler	*handler;
	void				*arg;
	int				 fd;	/* of the message under way */
};

/* A process that was started and has not been waited for. */
static struct process {
	pid_t		 pid;
	struct channel	*channel;	/* the parent's end, or NULL */
	int		 killed;
	/* of a frontend, as an honest one would be: */
	int		 offered;	/* a configuration is being sent */
	int		 checked;	/* ... and is to be checked */
	int		 drained;
} processes[PROCESSES];

/* The sockets that stay open until the parent has ended. */
static int		 witness_fds[WITNESSES_MAX];

static struct fuzz	 input;
static struct channel	*under_way;	/* its message is being handled */
static int		 signer_speaks;
static pid_t		 last_pid = 1000;
static struct pk11uri	*token_uri;
static struct pk11uri	*other_uri;

static void		 say_over(void);

/* ---- what the parent calls */

static struct process *
process_find(pid_t pid)
{
	size_t	 i;

	for (i = 0; i < PROCESSES; i++)
		if (processes[i].pid == pid)
			return (&processes[i]);
	return (NULL);
}

static struct process *
process_of(const struct channel *ch)
{
	size_t	 i;

	for (i = 0; i < PROCESSES; i++)
		if (processes[i].channel == ch)
			return (&processes[i]);
	abort();
}

static int
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
	struct process	*p = process_find(0);

	(void)root;
	REQUIRE(child->pid == 0 && child->channel == NULL && *name != '\0');
	if (p == NULL) {
		signer_speaks = 0;
		fuzz_end();
	}
	memset(p, 0, sizeof(*p));
	REQUIRE((p->channel = calloc(1, sizeof(*p->channel))) != NULL);
	p->channel->handler = handler;
	p->channel->arg = arg;
	p->pid = child->pid = ++last_pid;
	child->channel = p->channel;
	REQUIRE((role == LAUNCH_FRONTEND) == (handler == &frontproc_handler));
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
	size_t	 i;

	if (ch == NULL)
		return;
	for (i = 0; i < PROCESSES; i++)
		if (processes[i].channel == ch)
			processes[i].channel = NULL;
	if (under_way == ch)
		say_over();
	free(ch);
}

/* What the frontend gets must make sense to it. */
static void
to_frontend(struct process *p, uint32_t type, int fd, const void *data,
    size_t length)
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
		REQUIRE(under_way != NULL && under_way != p->channel);
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
	REQUIRE(type != MSG_SIGNER_CHANNEL || to < nfrontends);
	if (ch->handler == &frontproc_handler)
		to_frontend(process_of(ch), type, fd, data, length);
	else
		REQUIRE((type == MSG_SIGNER_CHANNEL) == (fd != -1));
	if (fd != -1)
		close(fd);
}

/* Now and then it has enough until it is drained. */
size_t
channel_queued(const struct channel *ch)
{
	static unsigned int	 calls;

	REQUIRE(ch != NULL);
	return (++calls % 3 == 0 ? 65536 : 0);
}

int
channel_take_fd(struct channel *ch, struct ipc_msg *msg)
{
	int	 fd = ch->fd;

	REQUIRE(fd == msg->fd);
	ch->fd = -1;
	if (witnesses < WITNESSES_MAX)
		witness_fds[witnesses] = fd;
	return (fd);
}

void
config_print(const struct config *conf, FILE *f)
{
	size_t	 n = fuzz_u16(&input);

	REQUIRE(conf == parent_setup->conf);
	while (n-- > 0)
		putc('a', f);
}

uint32_t
config_key_opcodes(const struct config *conf, const struct conf_store *store,
    const uint8_t *ski, const char *label)
{
	REQUIRE(conf != NULL && store != NULL && ski != NULL && label != NULL);
	return (OPCODES_ALL);
}

int
setup_undrain(struct setup *setup)
{
	REQUIRE(setup == parent_setup && parent_drained);
	if (fuzz_byte(&input) != 1)
		return (0);
	log_errx("cannot listen");
	return (-1);
}

/* Enrolment has processes of its own, which are not played here. */
void
enroll_plan(const struct config *conf)
{
	REQUIRE(conf == parent_setup->conf);
}

void
enroll_reloaded(int status, const char *text)
{
	REQUIRE((status == 0 || status == 1) && text != NULL);
}

void
enroll_print(FILE *f)
{
	REQUIRE(f != NULL);
}

void
enroll_tell(void)
{
}

void
enroll_stop(void)
{
}

int
job_exited(pid_t pid)
{
	(void)pid;
	return (0);
}

void
sandbox_fence(void)
{
}

void
sandbox_parent(const struct sandbox *box)
{
	(void)box;
}

void
launchproc_start(const struct config *conf)
{
	(void)conf;
}

int
launchproc_exited(pid_t pid, int status)
{
	(void)pid;
	(void)status;
	return (0);
}

void
launchproc_stop(void)
{
}

void
sandbox_report(struct msg_sandbox *m)
{
	memset(m, 0, sizeof(*m));
}

void
check_run(struct setup *setup)
{
	(void)setup;
}

/* ---- a configuration, without a file */

static struct key_file	 stdin_file = { STDIN_FILENO, 1 };

static void
store_add(struct config *conf, enum store_kind kind, struct pk11uri *uri)
{
	struct conf_store	*store = calloc(1, sizeof(*store));

	REQUIRE(store != NULL);
	store->kind = kind;
	store->uri = uri;
	REQUIRE((store->name = strdup("name")) != NULL);
	store->required = fuzz_byte(&input) == 1;
	TAILQ_INIT(&store->environment);
	TAILQ_INSERT_TAIL(&conf->stores, store, entry);
}

struct config *
config_load(const char *path)
{
	struct config	*conf;

	(void)path;
	if (fuzz_byte(&input) == 1) {
		log_errx("config is bad");
		return (NULL);
	}
	REQUIRE((conf = calloc(1, sizeof(*conf))) != NULL);
	TAILQ_INIT(&conf->listen);
	TAILQ_INIT(&conf->metrics_listen);
	TAILQ_INIT(&conf->stores);
	TAILQ_INIT(&conf->clients);
	conf->control_socket = strdup("/nonexistent/control");
	conf->user = strdup("u");
	conf->signer_user = strdup("s");
	conf->start_timeout = 1000;
	conf->frontends = 1 + fuzz_byte(&input) % 3U;
	store_add(conf, STORE_FILE, NULL);
	store_add(conf, STORE_PKCS11, fuzz_byte(&input) == 1 ? other_uri :
	    token_uri);
	return (conf);
}

static void
set_add(struct setup *setup, struct conf_store *store)
{
	static uint32_t		 last_id;
	struct signer_set	*set = calloc(1, sizeof(*set));
	uint32_t		 i;

	REQUIRE(set != NULL);
	set->setup = setup;
	set->id = ++last_id;
	set->kind = store->kind == STORE_FILE ? SET_FILES : SET_PKCS11;
	strlcpy(set->name, "set", sizeof(set->name));
	set->uri = store->uri;
	set->uri_text = URI;
	set->pin_fd = -1;
	set->nkeys = 1 + fuzz_byte(&input) % 3;
	set->nsigners = 1 + fuzz_byte(&input) % 3;
	set->keys = calloc(set->nkeys, sizeof(*set->keys));
	REQUIRE(set->keys != NULL);
	for (i = 0; i < set->nkeys; i++) {
		set->keys[i].store = store;
		REQUIRE((set->keys[i].name = strdup("name")) != NULL);
		set->keys[i].file = set->kind == SET_FILES ? &stdin_file :
		    NULL;
		set->keys[i].cert_fd = -1;
		if (i == 0 || fuzz_byte(&input) != 1)
			continue;
		set->keys[i].lost = 1;
		REQUIRE(keyinfo_fail(&set->keys[i].info, "name", "lost") == 0);
	}
	TAILQ_INSERT_TAIL(&setup->sets, set, entry);
}

struct setup *
setup_open(struct config *conf, int flags, const struct setup *old)
{
	struct conf_store	*store;
	struct setup		*setup = calloc(1, sizeof(*setup));

	(void)old;
	REQUIRE(!(flags & SETUP_DRAINED) == !parent_drained);
	REQUIRE(setup != NULL);
	setup->conf = conf;
	setup->control_fd = setup->cert_fd = setup->key_fd = -1;
	setup->ca_fd = setup->crl_fd = -1;
	TAILQ_INIT(&setup->sets);
	TAILQ_FOREACH(store, &conf->stores, entry)
		set_add(setup, store);
	return (setup);
}

static void
config_drop(struct config *conf)
{
	struct conf_store	*store;

	while ((store = TAILQ_FIRST(&conf->stores)) != NULL) {
		TAILQ_REMOVE(&conf->stores, store, entry);
		free(store->name);
		free(store);
	}
	free(conf->control_socket);
	free(conf->user);
	free(conf->signer_user);
	free(conf);
}

void
setup_close(struct setup *setup)
{
	struct signer_set	*set;
	uint32_t		 i;

	while ((set = TAILQ_FIRST(&setup->sets)) != NULL) {
		REQUIRE(set->signers == NULL);
		TAILQ_REMOVE(&setup->sets, set, entry);
		for (i = 0; i < set->nkeys; i++) {
			keyinfo_free(&set->keys[i].info);
			free(set->keys[i].name);
		}
		free(set->keys);
		free(set);
	}
	config_drop(setup->conf);
	free(setup);
}

/* ---- what must hold after each step */

static void
check_set(const struct signer_set *set)
{
	const struct keyinfo	*info;
	const struct process	*p;
	const struct signer	*s;
	uint32_t		 i;

	for (i = 0; i < set->nkeys; i++) {
		info = &set->keys[i].info;
		if (set->state != SET_LOADED && info->store == NULL)
			continue;
		REQUIRE(info->store != NULL && info->label != NULL);
		REQUIRE(info->state == KEY_READY || info->state == KEY_FAILED);
		REQUIRE((info->state == KEY_FAILED) == (info->reason != NULL));
	}
	for (i = 0; set->signers != NULL && i < set->nsigners; i++) {
		s = &set->signers[i];
		REQUIRE(s->child.channel == NULL || s->child.pid != 0);
		if (s->child.pid == 0) {
			REQUIRE(s->info.state != SIGNER_READY || set->done ||
			    parent_state == PARENT_STOPPING);
			continue;
		}
		REQUIRE((p = process_find(s->child.pid)) != NULL);
		/* Nobody is left running that cannot be told to stop. */
		REQUIRE(s->child.channel != NULL || p->killed);
	}
}

static void
check_all(void)
{
	const struct signer_set	*set;
	const struct setup	*setup;
	const struct frontend	*f;

	TAILQ_FOREACH(set, &parent_setup->sets, entry)
		check_set(set);
	if (parent_next != NULL)
		TAILQ_FOREACH(set, &parent_next->sets, entry)
			check_set(set);
	TAILQ_FOREACH(setup, &parent_left, entry)
		TAILQ_FOREACH(set, &setup->sets, entry)
			check_set(set);
	/* A frontend that serves knows whether it is to accept. */
	FOREACH(f)
		REQUIRE(!f->serves || process_of(f->child.channel)->drained ==
		    parent_drained);
}

/* ---- steps */

static struct process *
pick_process(void)
{
	return (&processes[fuzz_below(&input, PROCESSES)]);
}

/* Whose channel it is; NULL: the frontend's. */
static struct signer *
signer_of(const struct channel *ch)
{
	return (ch->handler == &signer_handler ? ch->arg : NULL);
}

/* The channel gives up the descriptor that was not taken. */
static void
say_over(void)
{
	if (under_way != NULL && under_way->fd != -1)
		close(under_way->fd);
	if (under_way != NULL)
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
	signer_speaks = s != NULL;
	memset(&msg, 0, sizeof(msg));
	msg.type = type;
	msg.peer = fuzz_byte(&input);
	/* Mostly it answers what it was asked last. */
	if (s == NULL && msg.peer < 200 && (type == MSG_FRONT_READY ||
	    type == MSG_FRONT_FAILED))
		msg.peer = ((struct frontend *)ch->arg)->check;
	msg.data = data;
	msg.length = length;
	msg.fd = -1;
	if (type == MSG_FRONT_ASK_STOP && fuzz_byte(&input) != 1)
		REQUIRE((msg.fd = dup(STDERR_FILENO)) != -1);
	under_way = ch;
	ch->fd = msg.fd;
	ch->handler->message(ch, &msg, ch->arg);
	say_over();
	signer_speaks = 0;
	/* One that was caught lying, or is stuck, is not trusted any more. */
	if (killed && !serves && s->child.channel == ch)
		REQUIRE(s->info.state != SIGNER_READY);
}

/* One of the messages that it may send, filled with anything. */
static void
say_something(struct channel *ch)
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
	uint8_t	 data[IPC_DATA_MAX];
	size_t	 i = fuzz_byte(&input), length;
	uint32_t type;

	if (i < 240) {
		type = m[i % nitems(m)].type;
		length = m[i % nitems(m)].length;
	} else {
		type = fuzz_u32(&input);
		length = fuzz_u16(&input) % sizeof(data);
	}
	/* Mostly zero, but for a stretch. */
	memset(data, 0, length);
	i = fuzz_u16(&input) % (length + 1);
	fuzz_fill(&input, data + i, length - i < 16 ? length - i : 16);
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

static void
say_all(struct channel *ch, struct signer *s)
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

/* The frontend names a signer or a set that there is, or was. */
static void
frontend_names(struct channel *ch)
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

/* A process closes its channel. */
static void
step_close(struct process *p)
{
	if (p->channel != NULL)
		p->channel->handler->gone(p->channel, p->channel->arg);
}

/* A process ends, and its end is noticed. */
static void
step_exit(struct process *p)
{
	pid_t	 pid = p->pid;
	int	 status = fuzz_byte(&input) & 1 ? SIGKILL : 1 << 8;

	if (pid == 0)
		return;
	if (!frontproc_exited(pid, status))
		signers_exited(pid, status);
	/* The parent knows of its end: nothing of it may be left. */
	REQUIRE(p->channel == NULL);
	p->pid = 0;
}

/* A process has taken what it was sent. */
static void
step_drained(struct process *p)
{
	if (p->channel != NULL && p->channel->handler->drained != NULL)
		p->channel->handler->drained(p->channel, p->channel->arg);
}

static void
fire(struct event *ev)
{
	if (ev == NULL || !evtimer_pending(ev, NULL))
		return;
	event_del(ev);
	event_get_callback(ev)(-1, EV_TIMEOUT, event_get_callback_arg(ev));
}

static void
step_timer(void)
{
	struct signer_set	*set;
	uint32_t		 i = fuzz_byte(&input);

	if (i == 0 || i == 1) {
		fire(i ? frontends[fuzz_below(&input, nfrontends)].timer :
		    stop_timer);
		return;
	}
	set = TAILQ_FIRST(&(i & 1 && parent_next != NULL ? parent_next :
	    parent_setup)->sets);
	if (i & 2)
		set = TAILQ_NEXT(set, entry);
	i = i / 4 % set->nsigners;
	if (set->signers != NULL)
		fire(set->signers[i].timer);
}

static void
step_message(struct process *p, int what)
{
	struct signer	*s;

	if (p->channel == NULL)
		return;
	s = signer_of(p->channel);
	if (what == 0)
		say_something(p->channel);
	else if (what == 1 && s != NULL)
		say_all(p->channel, s);
	else if (what == 1)
		say(p->channel, ((struct frontend *)p->channel->arg)->switching
		    != 0 ? MSG_FRONT_SWITCHED : MSG_FRONT_READY, NULL, 0);
	else if (s == NULL && fuzz_byte(&input) & 1)
		say(p->channel, parent_drained ? MSG_FRONT_ASK_UNDRAIN :
		    MSG_FRONT_ASK_DRAIN, NULL, 0);
	else if (s != NULL)
		say_key(p->channel, fuzz_byte(&input) % 4);
	else
		frontend_names(p->channel);
}

static void
step(void *arg)
{
	uint8_t	 what = fuzz_byte(&input);

	(void)arg;
	switch (what % 16) {
	case 0:
		step_close(pick_process());
		break;
	case 1:
	case 2:
		step_exit(pick_process());
		break;
	case 3:
	case 4:
		step_timer();
		break;
	case 5:
		on_signal(SIGHUP, 0, NULL);
		break;
	case 6:
		if (what == 6)
			on_signal(SIGTERM, 0, NULL);
		break;
	case 7:
		if (what & 16)
			frontproc_answers();
		else if (what & 32)
			step_drained(pick_process());
		else
			parent_set_log_level(LOG_LEVEL_DEBUG);
		break;
	case 8:
	case 9:
	case 10:
		step_message(pick_process(), 0);
		break;
	case 11:
		step_message(pick_process(), 2);
		break;
	default:
		step_message(pick_process(), 1);
	}
	check_all();
}

static void
start(void *arg)
{
	struct config	*conf = NULL;

	(void)arg;
	while (conf == NULL)
		conf = config_load("");
	parent_setup = setup_open(conf, 0, NULL);
	parent_state = PARENT_STARTING;
	frontproc_start();
	signers_start(parent_setup);
	parent_advance();
}

/* Everything as before the first input. */
static void
clean(void)
{
	struct setup	*setup;
	uint32_t	 i;

	say_over();
	while (witnesses != 0)
		close(witness_fds[--witnesses]);
	parent_state = PARENT_STOPPING;
	parent_drained = 0;
	free_setup(parent_setup);
	if (parent_next != NULL)
		free_setup(parent_next);
	while ((setup = TAILQ_FIRST(&parent_left)) != NULL) {
		TAILQ_REMOVE(&parent_left, setup, entry);
		free_setup(setup);
	}
	parent_setup = parent_next = NULL;
	for (i = 0; i < nfrontends; i++) {
		channel_free(frontends[i].child.channel);
		frontends[i].child.channel = NULL;
		frontends[i].serves = 0;
	}
	reload_advance();	/* it forgets what it was to say */
	frontproc_free();
	if (stop_timer != NULL)
		event_free(stop_timer);
	event_base_free(parent_base);
	memset(processes, 0, sizeof(processes));
	stop_timer = NULL;
	signers_told = exit_status = 0;
	log_capture(NULL, 0);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char	 err[128];

	(void)argc;
	(void)argv;
	parent_options.ready_fd = -1;
	parent_options.log_to = LOG_TO_STDERR;
	token_uri = pk11uri_parse(URI, err, sizeof(err));
	other_uri = pk11uri_parse("pkcs11:token=u?module-path=/m.so", err,
	    sizeof(err));
	REQUIRE(token_uri != NULL && other_uri != NULL);
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int	 i, lowest = fuzz_lowest_fd();

	input.p = data;
	input.left = size;
	REQUIRE((parent_base = event_base_new()) != NULL);
	REQUIRE(!fuzz_catch(start, NULL));
	for (i = 0; i < STEPS && input.left != 0; i++)
		if (fuzz_catch(step, NULL)) {
			REQUIRE(!signer_speaks);
			break;
		}
	clean();
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
