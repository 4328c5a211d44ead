/* Test helper: the answers of an imaginary daemon. */
#include <string.h>
#include <time.h>

#include "compat.h"
#include "fake.h"
#include "version.h"

void
fake_send(struct ipc *ipc, uint32_t type, const void *data, size_t length)
{
	ipc_send(ipc, type, 0, -1, data, length);
}

void
fake_result(struct ipc *ipc, uint32_t status, const char *text)
{
	struct msg_result	 m;

	memset(&m, 0, sizeof(m));
	m.status = status;
	strlcpy(m.text, text, sizeof(m.text));
	fake_send(ipc, MSG_CTL_RESULT, &m, sizeof(m));
}

/* Verified twelve seconds ago. */
void
fake_store(struct msg_store_row *m)
{
	memset(m, 0, sizeof(*m));
	m->store.store = 0;
	m->store.set = 3;
	m->store.required = 1;
	m->store.kind = STORE_DIR;
	strlcpy(m->store.name, "/etc/keyless/keys", sizeof(m->store.name));
	m->health = STORE_SIGNS;
	m->counts = 1;
	m->keys_ready = 4;
	m->signers_ready = 2;
	m->signers = 2;
	m->tests = 9;
	m->verified_time = (uint64_t)time(NULL) - 12;
}

static void
fake_bad_store(struct msg_store_row *m)
{
	memset(m, 0, sizeof(*m));
	m->store.store = 1;
	m->store.set = MSG_SET_NONE;
	m->store.kind = STORE_PKCS11;
	strlcpy(m->store.name, "pkcs11:token=hsm", sizeof(m->store.name));
	m->health = STORE_FAILS;
	m->counts = 1;
	m->keys_failed = 1;
	m->signers = 2;
	m->tests = 5;
	m->failures = 5;
	strlcpy(m->reason, "CKR_DEVICE_ERROR\033[2J", sizeof(m->reason));
}

void
fake_connection(struct msg_connection *m)
{
	memset(m, 0, sizeof(*m));
	m->id = 7;
	m->state = CONNECTION_OPEN;
	m->pending = 2;
	m->requests = 4021;
	m->errors = 3;
	m->age = 3723;
	m->idle = 5;
	strlcpy(m->peer, "192.0.2.1:40112", sizeof(m->peer));
	strlcpy(m->version, "TLSv1.3", sizeof(m->version));
	strlcpy(m->cipher, "TLS_AES_256_GCM_SHA384", sizeof(m->cipher));
	strlcpy(m->client, "/O=Edge/CN=edge 1", sizeof(m->client));
}

void
fake_version(struct msg_version *m)
{
	memset(m, 0, sizeof(*m));
	m->started = (uint64_t)time(NULL) - 90061;
	m->pid = 4120;
	strlcpy(m->version, KEYLESSD_VERSION, sizeof(m->version));
	strlcpy(m->libtls, "3.7.0", sizeof(m->libtls));
}

static void
send_stores(struct ipc *ipc)
{
	struct msg_store_row	 m;

	fake_store(&m);
	fake_send(ipc, MSG_CTL_STORE, &m, sizeof(m));
	fake_bad_store(&m);
	fake_send(ipc, MSG_CTL_STORE, &m, sizeof(m));
}

static void
send_connections(struct ipc *ipc)
{
	struct msg_connection	 m;

	fake_connection(&m);
	fake_send(ipc, MSG_CTL_CONNECTION, &m, sizeof(m));
	memset(&m, 0, sizeof(m));
	m.id = 8;
	m.state = CONNECTION_HANDSHAKE;
	strlcpy(m.peer, "[2001:db8::1]:9", sizeof(m.peer));
	fake_send(ipc, MSG_CTL_CONNECTION, &m, sizeof(m));
}

/* In parts that end in the middle of lines. */
static void
send_config(struct ipc *ipc)
{
	fake_send(ipc, MSG_CTL_TEXT, "listen:\n- \"0.0.0.0", 18);
	fake_send(ipc, MSG_CTL_TEXT, ":2407\"\n", 7);
	fake_send(ipc, MSG_CTL_TEXT, "user: \033_keylessd\n", 17);
}

static void
send_version(struct ipc *ipc, const char *version)
{
	struct msg_version	 m;

	fake_version(&m);
	strlcpy(m.version, version, sizeof(m.version));
	fake_send(ipc, MSG_CTL_VERSION, &m, sizeof(m));
}

/*
 * Each time 100 requests more, 60 pings and 40 signatures of which two fail;
 * 98 took 100 microseconds, two took 800.
 */
static void
send_stats(struct ipc *ipc)
{
	static uint64_t		 n;
	struct msg_stats	 stats;
	struct msg_opstat	 ops[2];
	struct msg_latency	 latency;

	n++;
	memset(&stats, 0, sizeof(stats));
	stats.uptime = 3723;
	stats.connections = 4;
	stats.pending = 5;
	stats.requests = stats.responses = 100 * n;
	stats.errors = stats.error_codes[1] = 2 * n;
	fake_send(ipc, MSG_CTL_STATS, &stats, sizeof(stats));
	memset(ops, 0, sizeof(ops));
	ops[0].opcode = OP_ECDSA_SIGN_SHA256;
	ops[0].requests = 40 * n;
	ops[0].errors = 2 * n;
	ops[1].opcode = OP_PING;
	ops[1].requests = 60 * n;
	fake_send(ipc, MSG_CTL_OPSTAT, &ops[0], sizeof(ops[0]));
	fake_send(ipc, MSG_CTL_OPSTAT, &ops[1], sizeof(ops[1]));
	memset(&latency, 0, sizeof(latency));
	latency.count[latency_bucket(100)] = 98 * n;
	latency.count[latency_bucket(800)] = 2 * n;
	fake_send(ipc, MSG_CTL_LATENCY, &latency, sizeof(latency));
}

int
honest_answer(struct ipc *ipc, const struct ipc_msg *msg)
{
	switch (msg->type) {
	case MSG_CTL_CHECK:
		send_stores(ipc);
		fake_result(ipc, 1, "store pkcs11:token=hsm does not sign");
		return (1);
	case MSG_CTL_SHOW_STORES:
		send_stores(ipc);
		break;
	case MSG_CTL_SHOW_CONNECTIONS:
		send_connections(ipc);
		break;
	case MSG_CTL_SHOW_CONFIG:
		send_config(ipc);
		break;
	case MSG_CTL_SHOW_STATS:
		send_stats(ipc);
		break;
	case MSG_CTL_SHOW_VERSION:
		send_version(ipc, KEYLESSD_VERSION);
		break;
	case MSG_CTL_DRAIN:
		fake_result(ipc, 0, "drained: 2 connections closed");
		return (1);
	case MSG_CTL_STOP:
		return (0);
	}
	fake_result(ipc, 0, "");
	return (1);
}

/* Lives for three answers. */
int
mortal_answer(struct ipc *ipc, const struct ipc_msg *msg)
{
	static int	 n;

	return (n++ < 3 && honest_answer(ipc, msg));
}

/* Says something more, unasked. */
int
chatty_answer(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_connection	 m;

	honest_answer(ipc, msg);
	fake_connection(&m);
	fake_send(ipc, MSG_CTL_CONNECTION, &m, sizeof(m));
	return (1);
}

int
refuse_answer(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)msg;
	fake_result(ipc, 1, "permission denied: \033only root may");
	return (1);
}

/* A daemon of another version; of check it knows nothing. */
int
upgraded_answer(struct ipc *ipc, const struct ipc_msg *msg)
{
	if (msg->type == MSG_CTL_SHOW_VERSION) {
		send_version(ipc, "99.9");
		fake_result(ipc, 0, "");
	} else
		fake_result(ipc, 1, "unknown request");
	return (1);
}
