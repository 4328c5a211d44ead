/*
 * Fuzzer: what keyless-enroll and the enroller may say to the parent, in any
 * order, before and after they die.  keyless-enroll, which speaks with the
 * network, must not end the parent, whatever it says; a lying enroller may.
 * Nobody is killed but keyless-enroll, and not when it has ended already.
 */
#include <signal.h>

static int	fuzz_kill(pid_t, int);

#define kill	fuzz_kill
#include "../../keylessd/enrolljob.c"

#include "fuzz.h"

#define STEPS		16
#define FIRST_PID	1000

struct channel {
	const struct channel_handler	*handler;
	int				 fd;	/* of the message under way */
};

struct parent_options	 parent_options;

static struct fuzz	 input;
static struct channel	*channels[2];	/* enroller, keyless-enroll */
static pid_t		 alive[2];	/* the same; 0: not */
static struct channel	*under_way;
static int		 asker_speaks, ended;
static struct config	 config;

static int
fuzz_kill(pid_t pid, int sig)
{
	REQUIRE(pid == alive[1] && pid != 0 && sig == SIGKILL && asker_speaks);
	return (0);
}

int
child_start(struct child *child, enum launch_role role, const char *name,
    const char *root, const struct channel_handler *handler, void *arg)
{
	int	 i = child == &asker;

	(void)name;
	(void)root;
	(void)arg;
	REQUIRE(role == (i ? LAUNCH_ENROLL : LAUNCH_ENROLLER));
	REQUIRE(channels[i] == NULL && child->channel == NULL);
	REQUIRE((channels[i] = calloc(1, sizeof(*channels[i]))) != NULL);
	channels[i]->handler = handler;
	channels[i]->fd = -1;
	child->channel = channels[i];
	child->pid = alive[i] = FIRST_PID + i;
	return (0);
}

void
child_send_fd(struct child *child, uint32_t type, uint32_t to, int fd,
    const void *data, size_t length)
{
	(void)to;
	(void)data;
	REQUIRE(child->channel != NULL && fd == cert_fd && length == 0);
	/* The answer goes to each of them once. */
	REQUIRE(type == (child == &asker ? MSG_ENROLL_CERT :
	    MSG_ENROLLER_CERT));
}

void
channel_send(struct channel *ch, uint32_t type, uint32_t to, int fd,
    const void *data, size_t length)
{
	(void)type;
	(void)to;
	(void)data;
	REQUIRE(ch != NULL && length <= IPC_DATA_MAX);
	/* Secrets go to keyless-enroll, and nothing else does. */
	REQUIRE(fd == -1 || ch == channels[1]);
	if (fd != -1)
		close(fd);
}

void
channel_free(struct channel *ch)
{
	size_t	 i;

	for (i = 0; ch != NULL && i < nitems(channels); i++)
		if (channels[i] == ch) {
			channels[i] = NULL;
			if (ch != under_way)
				free(ch);
		}
}

int
channel_take_fd(struct channel *ch, struct ipc_msg *msg)
{
	int	 fd = ch->fd;

	REQUIRE(fd == msg->fd);
	ch->fd = -1;
	return (fd);
}

int
setup_user_gid(const char *user, gid_t *gid)
{
	REQUIRE(user == config.user);
	*gid = getegid();
	return (0);
}

static void
done(const struct job *j)
{
	const char	*p;

	REQUIRE(!ended && !job_busy());
	REQUIRE(cert_fd == -1);
	REQUIRE(enroller.channel == NULL && asker.channel == NULL);
	REQUIRE(fuzz_text_ok(j->reason, sizeof(j->reason)));
	REQUIRE(j->state <= PAIR_STATE_MAX);
	for (p = j->reason; *p != '\0'; p++)
		REQUIRE(*p >= 0x20 && *p <= 0x7e);
	ended = 1;
}

static void
say(void *arg)
{
	static const uint32_t	 types[] = { MSG_ENROLL_ANSWER,
				    MSG_ENROLLER_STATE, MSG_ENROLLER_CSR,
				    MSG_ENROLLER_DONE, MSG_ENROLLER_FAILED };
	static const size_t	 sizes[] = { sizeof(struct msg_result),
				    sizeof(struct msg_enroller_state), 0,
				    sizeof(struct msg_enroller_state),
				    sizeof(struct msg_result) };
	static uint8_t		 data[4096];
	struct channel		*ch = arg;
	struct ipc_msg		 msg;
	uint8_t			 b = fuzz_byte(&input);
	size_t			 i = b % nitems(types);

	memset(&msg, 0, sizeof(msg));
	memset(data, 0, sizeof(data));
	msg.type = b & 0x80 ? fuzz_u32(&input) : types[i];
	msg.length = b & 0x40 ? fuzz_below(&input, sizeof(data)) : sizes[i];
	msg.data = data;
	msg.fd = ch->fd = msg.type == MSG_ENROLLER_CSR && !(b & 0x20) ?
	    compat_anonfd() : -1;
	fuzz_fill(&input, data, fuzz_below(&input, 64));
	if (b & 0x20)
		memset(data, 'a', sizeof(data));
	ch->handler->message(ch, &msg, NULL);
}

/* The kernel says that one of them has ended: its messages may come later. */
static void
die(int i)
{
	int	 was = alive[i] != 0;

	alive[i] = 0;
	REQUIRE(job_exited(FIRST_PID + i) == was);
	REQUIRE(!job_exited(FIRST_PID + i));
}

/* One message, or the end, of one of them. */
static void
step(void)
{
	uint8_t		 b = fuzz_byte(&input);
	struct channel	*ch = channels[b & 1];
	int		 caught = 0;

	if (b & 0x40)
		die(b & 1);
	if (ch == NULL)
		return;
	under_way = ch;
	asker_speaks = b & 1;
	if (b & 0x80)
		ch->handler->gone(ch, NULL);
	else
		caught = fuzz_catch(say, ch);
	REQUIRE(!caught || !asker_speaks);
	if (ch->fd != -1)
		close(ch->fd);
	ch->fd = -1;
	under_way = NULL;
	if (ch != channels[b & 1])
		free(ch);
	if (caught) {
		job_stop();		/* the parent has ended */
		ended = 1;
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char	 text[] = "/nowhere/x", user[] = "u";

	(void)argc;
	(void)argv;
	config.auth_cert = config.auth_key = config.auth_csr = text;
	config.hostname = config.zone_id = text;
	config.user = user;
	config.origin_ca_api_key_fd = -1;
	config.enroll_timeout = 1000;
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int	 i, lowest;

	config.api_token_fd = -1;
	lowest = fuzz_lowest_fd();
	REQUIRE((config.api_token_fd = compat_anonfd()) != -1);
	input.p = data;
	input.left = size;
	ended = 0;
	job_start(&config, fuzz_byte(&input) & 1 ? JOB_REPAIR :
	    JOB_REPAIR | JOB_ENROLL, done);
	for (i = 0; i < STEPS && !ended && input.left != 0; i++)
		step();
	if (!ended)
		job_stop();
	REQUIRE(!job_busy() && channels[0] == NULL && channels[1] == NULL);
	for (i = 0; i < (int)nitems(alive); i++)
		die(i);
	close(config.api_token_fd);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
