/*
 * Fuzzer: clients and signers against the frontend, with the real connections,
 * requests, queues and pending table; TLS is played, and passes all bytes on.
 * Clients send anything and read when they like; signers answer rightly or
 * wrongly, stop halfway, die.  Rules of clients change, a rate limits them,
 * drains begin and are taken back; another frontend falsifies what is shared.
 *
 * Every whole message of a client that stays is answered exactly once, with an
 * answer to this very request; nothing else is ever sent; all is given back.
 * A drain answers all that was sent before it.
 *
 * conn_played.h says what else there is.
 */
#include "../../keylessd/conn.c"
#include "../../keylessd/connlife.c"

#include "conn_played.h"

#define STEPS		64
#define TIMEOUT		5000	/* ms: sign_timeout */
#define PATIENCE_MAX	100	/* ms: longer than responses wait */

static struct fuzz	 input;

int
frontend_draining(void)
{
	return (draining);
}

/* ---- drains and rules */

static void
begin_drain(void)
{
	if (draining)
		return;
	conn_drain();
	clients_drain();
}

static void
be_late(void)
{
	if (!draining)
		return;
	drain_late(-1, 0, NULL);
	clients_late();
}

/* None; or one, for a certificate, by name or fingerprint: all keys, or one. */
static void
set_rules(uint8_t b)
{
	struct msg_client	 m;
	struct msg_grant	 g;

	memset(&m, 0, sizeof(m));
	m.opcodes = b & 1 ? OPCODES_ALL : 0xff;
	m.fingerprint = b >> 1 & 1;
	m.all_keys = b >> 2 & 1;
	strlcpy(m.match, client_certs[b >> 3 & 1], sizeof(m.match));
	memset(&g, 0, sizeof(g));
	g.kind = GRANT_SKI;
	memset(g.ski, 1 + (b >> 4) % KEYS, sizeof(g.ski));
	if (b != 0) {
		client_offer(&m);
		if (!m.all_keys)
			client_offer_grant(&g);
	}
	client_switch();
}

/* ---- steps */

static void
check_conns(void)
{
	const struct conn	*c;

	TAILQ_FOREACH(c, &open_conns, entry) {
		REQUIRE(c->npending <= PENDING_MAX);
		REQUIRE(buf_length(&c->plain) + buf_length(&c->out) <=
		    fe_conf.max_buffer + WIRE_MESSAGE_MAX);
		REQUIRE(buf_length(&c->message) <=
		    WIRE_MESSAGE_MAX + RECORD_SIZE);
		REQUIRE(buf_length(&c->in) <= 2 * RECV_SIZE);
	}
}

static void
step_rare(uint8_t what, struct client *c)
{
	switch (what / 16) {
	case 0:
		if (fuzz_byte(&input) == 10)
			client_ask(c, &input, 1200);
		break;
	case 3:
		begin_drain();
		break;
	case 4:
		conn_undrain();
		break;
	case 5:
		be_late();
		break;
	case 6:
		set_rules(fuzz_byte(&input));
		break;
	case 7:
		throttle_over(-1, 0, NULL);
		break;
	case 8:
		/* Another frontend may write what it likes there. */
		fe_stats.connections = fe_stats.handshakes =
		    fe_stats.pending = fuzz_byte(&input);
		break;
	default:
		sweep(-1, 0, NULL);
	}
}

static void
step(void)
{
	uint8_t		 what = fuzz_byte(&input);
	struct client	*c = client_number(what / 16 % CLIENTS);
	struct signer	*s = signer_number(what / 16 % SIGNERS);

	switch (what % 16) {
	case 0:
		client_open(c);
		break;
	case 1:
		client_close(c);
		break;
	case 2:
		client_rave(c, &input);
		break;
	case 3:
		client_read(c);
		break;
	case 4:
		signer_connect(s);
		break;
	case 5:
		signer_die(s, &input, what < 128, what & 64 ?
		    SIGNER_WAITING : SIGNER_LOST);
		break;
	case 6:
		signer_lie(s, &input);
		break;
	case 7:
		signer_answer(s, fuzz_byte(&input) % (SIGN_STATUS_MAX + 1));
		break;
	case 8:
		signer_repeat(s, &input);
		break;
	case 9:
		front_wait(fuzz_byte(&input) * 40U);
		pending_expire();
		queue_check_stuck();
		break;
	case 10:
		step_rare(what, c);
		break;
	case 11:
		signer_read(s);
		break;
	case 12:
		signer_serve(s);
		break;
	default:
		client_ask(c, &input, what / 64 + 1U);
	}
	if (what & 0x80 || what % 16 < 2)
		front_turn();
	check_conns();
}

/* ---- an input, from its beginning to its end */

/* Let everybody be honest and patient until nothing is left to do. */
static void
settle(void)
{
	int	 busy, i, rounds = 0;

	do {
		busy = 0;
		if (!TAILQ_EMPTY(&throttled)) {
			busy = 1;
			front_wait(1000);
			throttle_over(-1, 0, NULL);
		}
		front_turn();
		front_wait(PATIENCE_MAX);
		front_turn();
		busy |= clients_read();
		busy |= signers_serve();
		REQUIRE(rounds++ < 10000);
	} while (busy);
	/* What a liar has not answered is over when its deadline passes. */
	front_wait(TIMEOUT + 1);
	pending_expire();
	for (i = 0; i < 3; i++)
		front_turn();
}

static void
begin(void)
{
	/* Nobody remembers how fast the last input's clients asked. */
	front_wait(120000);
	fe_conf.request_rate = fuzz_byte(&input) & 1 ? 20 : 0;
	front_begin();
	clients_begin();
	signers_begin();
	set_rules(0);
	client_open(client_number(0));
	signer_connect(signer_number(0));
}

static void
end(void)
{
	size_t	 answered;

	settle();		/* while a drain has time left */
	be_late();
	do {
		answered = clients_answered();
		settle();
		clients_read();
	} while (clients_answered() != answered);
	clients_end();
	conn_undrain();
	signers_end(&input);
	front_end();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	REQUIRE((fe_base = event_base_new()) != NULL);
	conn_switch(tls_server());
	event_del(sweeper);		/* by step() alone */
	fe_conf.sign_timeout = TIMEOUT;
	fe_conf.sign_retry_count = 1;
	fe_conf.max_connections = CLIENTS;
	fe_conf.max_pending = 2048;
	fe_conf.audit = AUDIT_ALL;		/* to nowhere */
	fe_conf.handshake_timeout = 1000000;
	fe_conf.drain_timeout = 1000000;	/* by step() alone, too */
	fe_conf.max_connections_per_source = STEPS;
	fe_conf.max_handshakes = STEPS;		/* nobody is evicted */
	fe_conf.max_buffer = 262144;
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int	 i, lowest = fuzz_lowest_fd();

	input.p = data;
	input.left = size;
	begin();
	for (i = 0; i < STEPS && input.left != 0; i++)
		step();
	end();
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
