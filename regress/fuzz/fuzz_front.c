/*
 * Fuzzer: what the parent may say to the frontend.  It may end it, but not
 * make it do what no parent could mean, nor keep a descriptor that nobody
 * needs any more.  Sockets, TLS and connections are played; sets, keys, queues
 * and the table of sandboxes are real.
 */
#include "../../keylessd/frontend.c"
#include "../../keylessd/frontconf.c"
#include "../../keylessd/sandboxtab.c"

#include <sys/stat.h>

#include "fuzz.h"

#define STEPS	64

struct channel {
	int	 fd;		/* of the message that is under way; or -1 */
};

static struct channel	 parent;
static struct tls	*in_force;	/* a context that is not NULL */
static struct fuzz	 input;

/* The descriptors that came with messages. */
static struct given {
	int	 fd;
	ino_t	 inode;		/* a number may have come again */
}			 given[STEPS];
static size_t		 ngiven;

/* A socket whose other end is closed, to be sent. */
static int
give_fd(void)
{
	struct stat	 st;
	int		 sv[2];

	REQUIRE(ngiven < nitems(given));
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	close(sv[1]);
	REQUIRE(fstat(sv[0], &st) == 0);
	given[ngiven].inode = st.st_ino;
	return (given[ngiven++].fd = sv[0]);
}

static int
is_open(const struct given *g)
{
	struct stat	 st;

	return (fstat(g->fd, &st) == 0 && st.st_ino == g->inode);
}

/*
 * None of them may be left; but the end of a process closes those that it had
 * in hand.
 */
static void
check_given(int dead)
{
	size_t	 i;

	for (i = 0; i < ngiven; i++) {
		REQUIRE(dead || !is_open(&given[i]));
		if (is_open(&given[i]))
			close(given[i].fd);
	}
	ngiven = 0;
}

int
channel_take_fd(struct channel *ch, struct ipc_msg *msg)
{
	REQUIRE(ch == &parent && ch->fd == msg->fd);
	ch->fd = -1;
	return (msg->fd);
}

void
channel_send(struct channel *ch, uint32_t type, uint32_t peer, int fd,
    const void *data, size_t length)
{
	(void)peer;
	(void)data;
	(void)length;
	REQUIRE(ch == &parent && fd == -1);
	REQUIRE(type == MSG_FRONT_READY || type == MSG_FRONT_FAILED ||
	    type == MSG_FRONT_KILL || type == MSG_FRONT_SET_DONE ||
	    type == MSG_FRONT_PONG || type == MSG_FRONT_EMPTY ||
	    type == MSG_FRONT_SWITCHED || type == MSG_FRONT_REFUSED ||
	    type == MSG_SANDBOX);
}

struct channel *
channel_new(struct event_base *base, int fd, int flags,
    const struct channel_handler *handler, void *arg)
{
	(void)base;
	(void)fd;
	(void)flags;
	(void)handler;
	(void)arg;
	return (NULL);
}

struct tls *
tlsserver_new(const struct tls_files *files, const struct msg_front_conf *conf,
    char *err, size_t errsize)
{
	REQUIRE(files->cert > 0 && files->key > 0 && files->ca > 0);
	REQUIRE(fuzz_text_ok(conf->ciphers, sizeof(conf->ciphers)));
	if (fuzz_byte(&input) == 1) {
		strlcpy(err, "played", errsize);
		return (NULL);
	}
	return (malloc(1));
}

int
tls_init(void)
{
	return (0);
}

void
tls_free(struct tls *tls)
{
	free(tls);
}

void
conn_switch(struct tls *tls)
{
	REQUIRE(tls != NULL);
	free(in_force);
	in_force = tls;
}

static void
played_offer(int fd)
{
	REQUIRE(fd != -1);
	close(fd);
}

void
accept_offer(int fd)
{
	played_offer(fd);
}

void
control_offer(int fd)
{
	played_offer(fd);
}

void
control_sibling(int fd)
{
	played_offer(fd);
}

void
siblings_connect(uint32_t number, int fd)
{
	REQUIRE(number < fe_place.frontends);
	played_offer(fd);
}

void
http_offer(int fd)
{
	played_offer(fd);
}

int
expiry_read(const struct tls_files *files, char *err, size_t errsize)
{
	REQUIRE(files->cert > 0 && files->key > 0 && files->ca > 0);
	if (fuzz_byte(&input) != 1)
		return (0);
	strlcpy(err, "played", errsize);
	return (-1);
}

void
audit_offer(int fd)
{
	played_offer(fd);
}

int
authcert_look(const struct tls_files *files, const struct msg_front_conf *conf,
    char *err, size_t errsize)
{
	(void)conf;
	(void)err;
	(void)errsize;
	REQUIRE(files->cert > 0 && files->key > 0);
	return (0);
}

#define NOTHING(name)							\
void									\
name(void)								\
{									\
}

NOTHING(accept_more)
NOTHING(accept_switch)
NOTHING(accept_abort)
NOTHING(accept_stop)
NOTHING(audit_abort)
NOTHING(audit_flush)
NOTHING(audit_switch)
NOTHING(authcert_switch)
NOTHING(strangers_report)
NOTHING(control_switch)
NOTHING(control_abort)
NOTHING(control_stop)
NOTHING(control_draining)
NOTHING(control_empty)
NOTHING(control_undrained)
NOTHING(conn_drain)
NOTHING(conn_undrain)
NOTHING(expiry_switch)
NOTHING(http_abort)
NOTHING(http_switch)
NOTHING(sandbox_harden)

void
sandbox_isolate(const struct sandbox *box)
{
	REQUIRE(box->role == SANDBOX_FRONTEND);
}

void
sandbox_confine(const struct sandbox *box)
{
	REQUIRE(box->role == SANDBOX_FRONTEND);
}

void
sandbox_report(struct msg_sandbox *m)
{
	memset(m, 0, sizeof(*m));
}

int
conn_flush(void)
{
	return (0);
}

int
conn_handshakes(void)
{
	return (0);
}

void
control_text(uint32_t client, const void *text, size_t length)
{
	(void)client;
	REQUIRE(text != NULL && length <= IPC_DATA_MAX);
}

void
control_result(uint32_t client, const struct msg_result *m)
{
	(void)client;
	REQUIRE(fuzz_text_ok(m->text, sizeof(m->text)));
}

/* Without clients there is no certificate and no request. */
#define NOT_CALLED	fuzz_fail(__FILE__, __LINE__, __func__)

const char *
tls_peer_cert_hash(struct tls *tls)
{
	(void)tls;
	NOT_CALLED;
}

const char *
tls_peer_cert_subject(struct tls *tls)
{
	(void)tls;
	NOT_CALLED;
}

int
tlsserver_peer_named(struct tls *tls, const char *name)
{
	(void)tls;
	(void)name;
	NOT_CALLED;
}

void
tlsserver_peer_serial(struct tls *tls, char *serial, size_t size)
{
	(void)tls;
	(void)serial;
	(void)size;
	NOT_CALLED;
}

enum wire_error
conn_may(struct conn *c, const struct fe_key *key,
    const struct opcode_info *op, const struct wire_body *body)
{
	(void)body;
	(void)c;
	(void)key;
	(void)op;
	NOT_CALLED;
}

const char *
conn_peer(const struct conn *c)
{
	(void)c;
	NOT_CALLED;
}

void
audit_pending(const struct pending *p, const char *reason)
{
	(void)p;
	(void)reason;
	NOT_CALLED;
}

void
audit_refused(struct conn *conn, const struct opcode_info *op,
    const struct fe_key *key, const struct wire_body *body, const char *reason)
{
	(void)conn;
	(void)op;
	(void)key;
	(void)body;
	(void)reason;
	NOT_CALLED;
}

void
conn_respond(struct conn *c, uint32_t id, uint8_t opcode, const void *payload,
    size_t length, uint64_t patience)
{
	(void)c;
	(void)id;
	(void)opcode;
	(void)payload;
	(void)length;
	(void)patience;
	NOT_CALLED;
}

void
conn_error(struct conn *c, uint32_t id, enum wire_error error)
{
	(void)c;
	(void)id;
	(void)error;
	NOT_CALLED;
}

void
conn_release_responses(void)
{
}

struct flow_list *
conn_flows(struct conn *c)
{
	(void)c;
	NOT_CALLED;
}

void
conn_hold(struct conn *c, struct pending *p)
{
	(void)c;
	(void)p;
	NOT_CALLED;
}

void
conn_release(struct conn *c, struct pending *p)
{
	(void)c;
	(void)p;
	NOT_CALLED;
}

/* What a parent may say; and whether a descriptor goes with it. */
static const struct {
	uint32_t	 type;
	size_t		 length;
	int		 has_fd;
} said[] = {
	{ MSG_FRONT_CONF, sizeof(struct msg_front_conf), 0 },
	{ MSG_FRONT_CERT, sizeof(struct msg_text), 1 },
	{ MSG_FRONT_KEY, sizeof(struct msg_text), 1 },
	{ MSG_FRONT_CA, sizeof(struct msg_text), 1 },
	{ MSG_FRONT_CHECK, 0, 0 },
	{ MSG_FRONT_SET, sizeof(struct msg_set), 0 },
	{ MSG_FRONT_KEYINFO, sizeof(struct msg_key), 0 },
	{ MSG_FRONT_COMMIT, 0, 0 },
	{ MSG_FRONT_SIGNER, sizeof(struct msg_signer), 1 },
	{ MSG_FRONT_SIGNER_STATE, sizeof(struct msg_signer), 0 },
	{ MSG_FRONT_TOKEN, sizeof(struct msg_token_row), 0 },
	{ MSG_FRONT_RESULT, sizeof(struct msg_result), 0 },
	{ MSG_FRONT_ABORT, 0, 0 },
	{ MSG_FRONT_LISTEN, sizeof(struct msg_text), 1 },
	{ MSG_FRONT_CONTROL, sizeof(struct msg_text), 1 },
	{ MSG_FRONT_CRL, sizeof(struct msg_text), 1 },
	{ MSG_LOG_LEVEL, sizeof(uint32_t), 0 },
	{ MSG_INIT, sizeof(struct msg_init), 0 },
	{ MSG_FRONT_STORE, sizeof(struct msg_store), 0 },
	{ MSG_FRONT_CLIENT, sizeof(struct msg_client), 0 },
	{ MSG_FRONT_GRANT, sizeof(struct msg_grant), 0 },
	{ MSG_FRONT_HTTP, sizeof(struct msg_text), 1 },
	{ MSG_FRONT_TEXT, 100, 0 },
	{ MSG_FRONT_DRAIN, 0, 0 },
	{ MSG_FRONT_UNDRAIN, 0, 0 },
	{ MSG_FRONT_PING, 0, 0 },
	{ MSG_FRONT_ENROLL, sizeof(struct msg_enroll), 0 },
	{ MSG_FRONT_SIBLING, 0, 1 },
	{ MSG_FRONT_DRAINED, 0, 0 },
	{ MSG_FRONT_PLACE, sizeof(struct msg_place), 0 },
	{ MSG_STOP, 0, 0 },
	{ MSG_FRONT_ERRORS, sizeof(struct msg_errors), 0 },
	{ MSG_FRONT_PARENT, sizeof(struct msg_parent), 0 },
	{ MSG_FRONT_REFUSED, sizeof(struct msg_refused), 0 },
	{ MSG_FRONT_AUDIT, sizeof(struct msg_text), 1 },
	{ MSG_SANDBOX, sizeof(struct msg_sandbox), 0 },
};

/* A message, its struct mostly zero; with a descriptor if it should. */
static void
say(void *arg)
{
	static uint8_t	 data[IPC_DATA_MAX];
	struct ipc_msg	 msg;
	uint8_t		 b = fuzz_byte(&input), n;
	uint32_t	*words = (uint32_t *)data;

	(void)arg;
	memset(&msg, 0, sizeof(msg));
	memset(data, 0, sizeof(data));
	msg.type = b < 250 ? said[b % nitems(said)].type : fuzz_u32(&input);
	msg.length = said[b % nitems(said)].length;
	msg.data = data;
	/* Small numbers at the start, as all the structs have them. */
	for (n = fuzz_byte(&input) % 6; n > 0; n--)
		words[n - 1] = fuzz_byte(&input) % 8;
	n = fuzz_byte(&input);
	if (n >= 240)
		fuzz_fill(&input, data + fuzz_u16(&input) % 4096, n - 230);
	if (msg.type == MSG_FRONT_SET)
		words[1] %= 16;		/* it has as many processes itself */
	msg.fd = -1;
	if (said[b % nitems(said)].has_fd != (n == 239))
		msg.fd = give_fd();
	parent.fd = msg.fd;
	parent_message(&parent, &msg, NULL);
	if (parent.fd != -1)
		close(parent.fd);
	parent.fd = -1;
	while (queue_flush() != 0)
		;
}

/* What the control client and the HTTP server ask of the stores. */
static void
check_stores(void)
{
	struct msg_store_row	 row;
	size_t			 i;

	for (i = 0; health_row(i, &row) == 0; i++) {
		REQUIRE(row.store.store == i);
		REQUIRE(row.signers_ready <= row.signers);
		REQUIRE(row.health <= STORE_HEALTH_MAX);
	}
	REQUIRE(*health_store_name(i) == '\0');
}

/* What the control client asks of the processes: in order, each once. */
static void
check_sandboxes(void)
{
	const struct msg_sandbox	*m, *last = NULL;
	size_t				 i;

	for (i = 0; (m = sandboxtab_row(i)) != NULL; last = m, i++) {
		REQUIRE(fuzz_text_ok(m->name, sizeof(m->name)));
		REQUIRE(last == NULL || last->set < m->set ||
		    (last->set == m->set && last->slot < m->slot));
		REQUIRE(m->set == 0 || queue_set_find(m->set) != NULL);
	}
}

static void
check_keys(void)
{
	size_t	 i;

	REQUIRE(current.generation == 0 || in_force != NULL);
	for (i = 0; i < current.nkeys; i++)
		REQUIRE(current.keys[i].set != NULL &&
		    current.keys[i].index < current.keys[i].set->nkeys);
}

/* As before the first message. */
static void
clean(int dead)
{
	abort_conf();
	health_switch();
	client_switch();
	configuration_free(&current);
	free(in_force);
	in_force = NULL;
	queue_retire(0);
	while (queue_flush() != 0)
		;
	REQUIRE(TAILQ_EMPTY(&fe_sets));
	check_given(dead);
	parent.fd = -1;
	count = 0;			/* of sandboxes */
	if (stop_timer != NULL)
		event_free(stop_timer);
	stop_timer = NULL;
	stopping = draining = 0;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fe_parent = &parent;
	parent.fd = -1;
	REQUIRE((fe_base = event_base_new()) != NULL);
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int	 i, dead = 0, lowest = fuzz_lowest_fd();

	input.p = data;
	input.left = size;
	for (i = 0; i < STEPS && input.left != 0; i++) {
		if ((dead = fuzz_catch(say, NULL)))
			break;
		check_keys();
		check_stores();
		check_sandboxes();
		if (stopping)		/* it is the parent's last word */
			break;
	}
	clean(dead);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
