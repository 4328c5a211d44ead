/*
 * Fuzzer: what signers and frontends may say to the parent, die of and close,
 * in any order.  Processes and channels are played; the parent's own code sees
 * messages, ends of processes, timers and signals.
 *
 * A signer must not end the parent, whatever it says and whenever it dies.  A
 * lying frontend may.
 *
 * parent_played.h says what else there is.
 */
#include <sys/types.h>

#include <signal.h>

#include "parent_played.h"

/* Those with kill(2), or with something static that is looked at below. */
#define kill	fuzz_kill
#include "../../keylessd/parent.c"
#include "../../keylessd/signers.c"
#include "../../keylessd/signer_recv.c"
#include "../../keylessd/frontproc_life.c"
#include "../../keylessd/frontproc_recv.c"

#define STEPS		96

struct fuzz	 input;
int		 signer_acts;

/* The sockets that stay open until the parent has ended. */
static int	 witness_fds[WITNESSES_MAX];

int
channel_take_fd(struct channel *ch, struct ipc_msg *msg)
{
	int	 fd = ch->fd;

	REQUIRE(ch == under_way && fd == msg->fd);
	ch->fd = -1;
	if (witnesses < WITNESSES_MAX)
		witness_fds[witnesses] = fd;
	return (fd);
}

/* ---- what must hold after each step */

/* It is known to be loaded or not, and why not. */
static void
check_key(const struct keyinfo *info)
{
	REQUIRE(info->store != NULL && info->label != NULL);
	REQUIRE(info->state == KEY_READY || info->state == KEY_FAILED);
	REQUIRE((info->state == KEY_FAILED) == (info->reason != NULL));
}

static void
check_signer(const struct signer *s)
{
	const struct process	*p;

	REQUIRE(s->child.channel == NULL || s->child.pid != 0);
	if (s->child.pid == 0) {
		REQUIRE(s->info.state != SIGNER_READY || s->set->done ||
		    parent_state == PARENT_STOPPING);
		return;
	}
	REQUIRE((p = process_find(s->child.pid)) != NULL);
	/* Nobody is left running that cannot be told to stop. */
	REQUIRE(s->child.channel != NULL || p->killed);
}

static void
check_setup(const struct setup *setup)
{
	const struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		for (i = 0; i < set->nkeys; i++)
			if (set->state == SET_LOADED ||
			    set->keys[i].info.store != NULL)
				check_key(&set->keys[i].info);
		for (i = 0; set->signers != NULL && i < set->nsigners; i++)
			check_signer(&set->signers[i]);
	}
}

static void
check_all(void)
{
	const struct setup	*setup;
	const struct frontend	*f;

	check_setup(parent_setup);
	if (parent_next != NULL)
		check_setup(parent_next);
	TAILQ_FOREACH(setup, &parent_left, entry)
		check_setup(setup);
	/* A frontend that serves knows whether it is to accept. */
	FOREACH(f)
		REQUIRE(!f->serves || process_of(f->child.channel)->drained ==
		    parent_drained);
}

/* ---- steps */

/* A process closes its channel. */
static void
step_close(struct process *p)
{
	if (p->channel == NULL)
		return;
	signer_acts = p->is_signer;
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
	signer_acts = p->is_signer;
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
	if (p->channel == NULL || p->channel->handler->drained == NULL)
		return;
	signer_acts = p->is_signer;
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

/* A process says something, if it still can. */
static void
step_message(void (*say)(struct channel *))
{
	struct process	*p = process_pick();

	if (p->channel != NULL)
		say(p->channel);
}

static void
step(void *arg)
{
	uint8_t	 what = fuzz_byte(&input);

	(void)arg;
	signer_acts = 0;
	switch (what % 16) {
	case 0:
		step_close(process_pick());
		break;
	case 1:
	case 2:
		step_exit(process_pick());
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
			step_drained(process_pick());
		else
			parent_set_log_level(LOG_LEVEL_DEBUG);
		break;
	case 8:
	case 9:
	case 10:
		step_message(say_anything);
		break;
	case 11:
		step_message(say_name);
		break;
	default:
		step_message(say_expected);
	}
	check_all();
}

/* ---- an input, from its beginning to its end */

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
	processes_forget();
	stop_timer = NULL;
	signers_told = exit_status = 0;
	log_capture(NULL, 0);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	parent_options.ready_fd = -1;
	parent_options.log_to = LOG_TO_STDERR;
	conf_init();
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
			REQUIRE(!signer_acts);
			break;
		}
	clean();
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
