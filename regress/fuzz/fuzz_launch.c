/*
 * Fuzzer: what a captured parent may say to the launcher.  Whatever it is, a
 * process that is started is told to become the user of its role, and that
 * comes before anything that the parent could say to it.
 */
#include <sys/socket.h>
#include <sys/types.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

static int	fuzz_socketpair(int, int, int, int [2]);

#define _exit(status)	fuzz_end()
#define socketpair	fuzz_socketpair
#include "../../keylessd/launch.c"
#include "../../keylessd/launcher.c"
#undef socketpair
#undef _exit

#define STEPS		12
#define FIRST_PID	1000

static struct fuzz		 input;
static struct msg_launcher	 told;
static struct msg_launch	 asked[STEPS];	/* those that can be had */
static size_t			 nasked;
static size_t			 nmade;
static int			 made[STEPS];	/* their ends of channels */
static int			 confused;	/* it will do nothing more */

static int
fuzz_socketpair(int domain, int type, int protocol, int sv[2])
{
	REQUIRE(nmade < nasked);
	if (socketpair(domain, type, protocol, sv) == -1)
		return (-1);
	REQUIRE((made[nmade] = dup(sv[1])) != -1);
	return (0);
}

pid_t
sandbox_fork(void)
{
	REQUIRE(nmade < nasked);
	return ((pid_t)(FIRST_PID + nmade++));
}

void
sandbox_launcher(void)
{
}

void
sandbox_harden(void)
{
}

void
sandbox_report(struct msg_sandbox *m)
{
	memset(m, 0, sizeof(*m));
}

/* Text of any length, as a rule with an end and of an absolute path. */
static void
fill_text(char *text, size_t size)
{
	uint8_t	 how = fuzz_byte(&input);

	memset(text, 0, size);
	if (how == 0)
		return;
	fuzz_fill(&input, text, how < 250 ? how % size : size);
	if (how < 200)
		text[0] = '/';
	if (how < 250)
		text[size - 1] = '\0';
}

static int
is_path(const char *text, size_t size)
{
	return (fuzz_text_ok(text, size) && *text == '/');
}

static int
is_word(const char *text, size_t size)
{
	return (fuzz_text_ok(text, size) && *text != '\0');
}

/* In other words than the launcher's. */
static int
conf_can_be(const struct msg_launcher *m)
{
	return (m->log_level <= 5 && m->log_to <= 3 && m->no_kill <= 1 &&
	    is_path(m->self, sizeof(m->self)) &&
	    is_path(m->signer, sizeof(m->signer)) &&
	    is_path(m->cloud, sizeof(m->cloud)) &&
	    is_path(m->enroll, sizeof(m->enroll)) &&
	    fuzz_text_ok(m->chroot, sizeof(m->chroot)) &&
	    is_word(m->user, sizeof(m->user)) &&
	    is_word(m->signer_user, sizeof(m->signer_user)));
}

static int
launch_can_be(const struct msg_launch *m)
{
	if (m->log_level > 5 || !is_word(m->name, sizeof(m->name)))
		return (0);
	if (m->role == LAUNCH_FRONTEND)
		return (m->chroot[0] == '\0');
	if (m->role == LAUNCH_ENROLLER || m->role == LAUNCH_ENROLL)
		return (m->chroot[0] == '\0');
	return (m->role <= LAUNCH_CLOUD && (m->chroot[0] == '\0' ||
	    is_path(m->chroot, sizeof(m->chroot))));
}

static void
say(struct ipc *out, uint32_t type, int fd, const void *data, size_t length)
{
	REQUIRE(ipc_send(out, type, 0, fd, data, length) == 0);
	REQUIRE(ipc_flush(out) == 0);
}

static void
say_conf(struct ipc *out)
{
	uint8_t	 b;

	memset(&told, 0, sizeof(told));
	told.log_level = fuzz_byte(&input) % 7;
	b = fuzz_byte(&input);
	told.log_to = b % 5;
	fill_text(told.self, sizeof(told.self));
	fill_text(told.signer, sizeof(told.signer));
	fill_text(told.user, sizeof(told.user));
	fill_text(told.chroot, sizeof(told.chroot));
	fill_text(told.signer_user, sizeof(told.signer_user));
	memcpy(told.cloud, told.signer, sizeof(told.cloud));
	memcpy(told.enroll, told.self, sizeof(told.enroll));
	if (b >= 240)		/* or paths of their own, or none */
		fill_text(told.cloud, sizeof(told.cloud));
	if (b >= 248)
		fill_text(told.enroll, sizeof(told.enroll));
	if (!conf_can_be(&told))
		confused = 1;
	say(out, MSG_LAUNCHER, -1, &told, sizeof(told));
}

static void
say_launch(struct ipc *out)
{
	struct msg_launch	 m;

	memset(&m, 0, sizeof(m));
	m.role = fuzz_byte(&input) & 7;
	m.log_level = fuzz_byte(&input) % 7;
	fill_text(m.name, sizeof(m.name));
	fill_text(m.chroot, sizeof(m.chroot));
	if (!launch_can_be(&m))
		confused = 1;
	else if (!confused)
		asked[nasked++] = m;
	say(out, MSG_LAUNCH, -1, &m, sizeof(m));
}

/* Anything else: another type or length, or a descriptor. */
static void
say_wrong(struct ipc *out)
{
	static const uint8_t	 zeros[sizeof(struct msg_launcher)];
	uint32_t		 type = MSG_LAUNCHER + fuzz_byte(&input) % 4;
	size_t			 length = fuzz_u16(&input) % sizeof(zeros);
	int			 fd = -1;

	if (fuzz_byte(&input) & 1)
		REQUIRE((fd = dup(STDERR_FILENO)) != -1);
	else if (length == sizeof(struct msg_launch))
		length--;
	confused = 1;
	say(out, type, fd, zeros, length);
}

static void
run(void *arg)
{
	(void)arg;
	take_conf();
	report();
	for (;;)
		serve_one();
}

/* What waits for a process in its socket. */
static void
check_init(int fd, const struct msg_launch *m)
{
	struct msg_init	 init;
	struct ipc_msg	 msg;
	struct ipc	*in;
	const char	*user, *root;

	user = m->role == LAUNCH_FRONTEND || m->role == LAUNCH_ENROLL ?
	    told.user : m->role == LAUNCH_ENROLLER ? "" : told.signer_user;
	root = m->role == LAUNCH_FRONTEND ? told.chroot : m->chroot;
	REQUIRE((in = ipc_new(fd, 0)) != NULL);
	REQUIRE(ipc_wait(in, &msg) == 1 && msg.type == MSG_INIT);
	REQUIRE(ipc_get(&msg, &init, sizeof(init)) == 0);
	REQUIRE(init.separate == (geteuid() == 0));
	REQUIRE(init.no_kill == told.no_kill);
	REQUIRE(strcmp(init.user, user) == 0);
	REQUIRE(strcmp(init.chroot, root) == 0);
	REQUIRE(strcmp(init.name, m->name) == 0);
	REQUIRE(init.log_to == told.log_to && init.log_level == m->log_level);
	ipc_free(in);
}

/* Each order that can be carried out has its answer, in turn. */
static void
check_answers(struct ipc *in)
{
	struct msg_launched	 m;
	struct ipc_msg		 msg;
	size_t			 i;
	int			 fd;

	REQUIRE(nmade == nasked);
	for (i = 0; ipc_wait(in, &msg) == 1;) {
		if (msg.type == MSG_SANDBOX && i == 0)
			continue;
		REQUIRE(msg.type == MSG_LAUNCHED && i < nmade);
		REQUIRE(ipc_get(&msg, &m, sizeof(m)) == 0);
		REQUIRE(m.pid == FIRST_PID + (int32_t)i && m.error == 0);
		REQUIRE((fd = ipc_take_fd(in, &msg)) != -1);
		close(fd);
		check_init(made[i], &asked[i]);
		i++;
	}
	REQUIRE(i == nmade);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipc	*other;
	int		 i, lowest = fuzz_lowest_fd(), sv[2];

	input.p = data;
	input.left = size;
	nasked = nmade = 0;
	confused = 0;
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	REQUIRE((parent = ipc_new(sv[0], IPC_DESCRIPTORS)) != NULL);
	REQUIRE((other = ipc_new(sv[1], IPC_DESCRIPTORS)) != NULL);
	if (fuzz_byte(&input) != 1)
		say_conf(other);
	else
		say_wrong(other);
	for (i = 0; i < STEPS && input.left != 0; i++) {
		if (fuzz_byte(&input) > 16)
			say_launch(other);
		else
			say_wrong(other);
	}
	REQUIRE(shutdown(sv[1], SHUT_WR) == 0);
	REQUIRE(fuzz_catch(run, NULL) == 1);
	ipc_free(parent);
	check_answers(other);
	ipc_free(other);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
