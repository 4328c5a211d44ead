/* Test helper: answers that keylessctl must not believe. */
#include <err.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "fake.h"

/* An answer that is done but for one row. */
static int
one_row(struct ipc *ipc, uint32_t type, const void *data, size_t length)
{
	fake_send(ipc, type, data, length);
	fake_result(ipc, 0, "");
	return (1);
}

static int
nothing(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)ipc;
	(void)msg;
	return (0);
}

static int
no_rows(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)msg;
	fake_result(ipc, 0, "");
	return (1);
}

/* Bytes that are not a whole message. */
static void
send_raw(struct ipc *ipc, const void *data, size_t length)
{
	ipc_flush(ipc);
	if (write(ipc_fd(ipc), data, length) != (ssize_t)length)
		warn("write");
}

/* A row, and the connection ends in the middle of the next message. */
static int
cut_short(struct ipc *ipc, const struct ipc_msg *msg)
{
	static const uint8_t	 header[] = { 0, 0, 0, 0, 0, 0, 0, 0, 8, 8 };
	struct msg_store_row	 m;

	(void)msg;
	fake_store(&m);
	fake_send(ipc, MSG_CTL_STORE, &m, sizeof(m));
	send_raw(ipc, header, sizeof(header));
	return (0);
}

/* The end of the connection is right, but not in the middle of something. */
static int
half_header(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)msg;
	send_raw(ipc, "keyless", 7);
	return (0);
}

static int
no_message(struct ipc *ipc, const struct ipc_msg *msg)
{
	char	 bytes[64];

	(void)msg;
	memset(bytes, 0xff, sizeof(bytes));
	send_raw(ipc, bytes, sizeof(bytes));
	return (1);
}

static int
unknown_type(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)msg;
	return (one_row(ipc, 9999, "x", 1));
}

/* Connections were not asked for. */
static int
other_rows(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_connection	 m;

	(void)msg;
	fake_connection(&m);
	return (one_row(ipc, MSG_CTL_CONNECTION, &m, sizeof(m)));
}

static int
row_size(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_store_row	 m;

	(void)msg;
	fake_store(&m);
	return (one_row(ipc, MSG_CTL_STORE, &m, sizeof(m) - 8));
}

/* A store with one field spoilt. */
#define STORE_LIE(name, field, value)					\
static int								\
name(struct ipc *ipc, const struct ipc_msg *msg)			\
{									\
	struct msg_store_row	 m;					\
									\
	(void)msg;							\
	fake_store(&m);							\
	m.field = value;						\
	return (one_row(ipc, MSG_CTL_STORE, &m, sizeof(m)));		\
}
STORE_LIE(store_kind, store.kind, STORE_KIND_MAX + 1)
STORE_LIE(store_health, health, STORE_HEALTH_MAX + 1)
STORE_LIE(store_counts, counts, 2)
STORE_LIE(store_required, store.required, UINT32_MAX)

static int
store_name(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_store_row	 m;

	(void)msg;
	fake_store(&m);
	memset(m.store.name, 'x', sizeof(m.store.name));
	return (one_row(ipc, MSG_CTL_STORE, &m, sizeof(m)));
}

static int
connection_state(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_connection	 m;

	(void)msg;
	fake_connection(&m);
	m.state = CONNECTION_STATE_MAX + 1;
	return (one_row(ipc, MSG_CTL_CONNECTION, &m, sizeof(m)));
}

static int
connection_client(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_connection	 m;

	(void)msg;
	fake_connection(&m);
	memset(m.client, 'x', sizeof(m.client));
	return (one_row(ipc, MSG_CTL_CONNECTION, &m, sizeof(m)));
}

static int
version_twice(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_version	 m;

	(void)msg;
	fake_version(&m);
	fake_send(ipc, MSG_CTL_VERSION, &m, sizeof(m));
	return (one_row(ipc, MSG_CTL_VERSION, &m, sizeof(m)));
}

static int
version_pid(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_version	 m;

	(void)msg;
	fake_version(&m);
	m.pid = -1;
	return (one_row(ipc, MSG_CTL_VERSION, &m, sizeof(m)));
}

static int
opcode_large(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_opstat	 m;

	(void)msg;
	memset(&m, 0, sizeof(m));
	m.opcode = UINT8_MAX + 1;
	return (one_row(ipc, MSG_CTL_OPSTAT, &m, sizeof(m)));
}

static int
latency_twice(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_latency	 m;

	(void)msg;
	memset(&m, 0, sizeof(m));
	fake_send(ipc, MSG_CTL_LATENCY, &m, sizeof(m));
	return (one_row(ipc, MSG_CTL_LATENCY, &m, sizeof(m)));
}

static int
no_latency(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_stats	 m;

	(void)msg;
	memset(&m, 0, sizeof(m));
	return (one_row(ipc, MSG_CTL_STATS, &m, sizeof(m)));
}

/* Parts up to the limit, and one byte. */
static int
config_long(struct ipc *ipc, const struct ipc_msg *msg)
{
	static char	 part[8192];
	size_t		 sent;

	(void)msg;
	memset(part, 'x', sizeof(part));
	for (sent = 0; sent < 1024 * 1024; sent += sizeof(part))
		fake_send(ipc, MSG_CTL_TEXT, part, sizeof(part));
	return (one_row(ipc, MSG_CTL_TEXT, part, 1));
}

static int
config_nul(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)msg;
	return (one_row(ipc, MSG_CTL_TEXT, "a\0b", 3));
}

static int
config_empty(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)msg;
	return (one_row(ipc, MSG_CTL_TEXT, NULL, 0));
}

static int
result_status(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)msg;
	fake_result(ipc, 2, "");
	return (1);
}

static int
result_text(struct ipc *ipc, const struct ipc_msg *msg)
{
	struct msg_result	 m;

	(void)msg;
	memset(&m, 0, sizeof(m));
	memset(m.text, 'x', sizeof(m.text));
	fake_send(ipc, MSG_CTL_RESULT, &m, sizeof(m));
	return (1);
}

#define CLOSED		"closed the connection"
#define MISSING		"sent no message"
#define NO_MESSAGE	"is no message"
#define TOO_LONG	"more than 1048576 bytes"
#define UNEXPECTED	"not expected"

const struct lie lies[] = {
	{ "closes", "show stores", CLOSED,
	    nothing },
	{ "closes", "drain", CLOSED,
	    nothing },
	{ "closes", "undrain", CLOSED,
	    nothing },
	{ "cut-short", "show stores", CLOSED,
	    cut_short },
	{ "cut-short", "check", CLOSED,
	    cut_short },
	{ "no-message", "show stores", NO_MESSAGE,
	    no_message },
	{ "unknown-type", "show stores", UNEXPECTED,
	    unknown_type },
	{ "other-rows", "show stores", UNEXPECTED,
	    other_rows },
	{ "other-rows", "drain", UNEXPECTED,
	    other_rows },
	{ "other-rows", "stop", UNEXPECTED,
	    other_rows },
	{ "row-size", "show stores", UNEXPECTED,
	    row_size },
	{ "row-size", "check", UNEXPECTED,
	    row_size },
	{ "store-kind", "show stores", UNEXPECTED,
	    store_kind },
	{ "store-health", "show stores", UNEXPECTED,
	    store_health },
	{ "store-counts", "show stores", UNEXPECTED,
	    store_counts },
	{ "store-required", "check", UNEXPECTED,
	    store_required },
	{ "store-name", "check", UNEXPECTED,
	    store_name },
	{ "connection-state", "show connections", UNEXPECTED,
	    connection_state },
	{ "connection-client", "show connections", UNEXPECTED,
	    connection_client },
	{ "no-rows", "show version", MISSING,
	    no_rows },
	{ "version-twice", "show version", UNEXPECTED,
	    version_twice },
	{ "version-pid", "show version", UNEXPECTED,
	    version_pid },
	{ "no-rows", "show stats", MISSING,
	    no_rows },
	{ "no-latency", "show stats", MISSING,
	    no_latency },
	{ "no-latency", "monitor 1", MISSING,
	    no_latency },
	{ "latency-twice", "show stats", UNEXPECTED,
	    latency_twice },
	{ "opcode-large", "show stats", UNEXPECTED,
	    opcode_large },
	{ "opcode-large", "monitor 1", UNEXPECTED,
	    opcode_large },
	{ "config-long", "show config", TOO_LONG,
	    config_long },
	{ "config-nul", "show config", UNEXPECTED,
	    config_nul },
	{ "config-empty", "show config", UNEXPECTED,
	    config_empty },
	{ "result-status", "undrain", UNEXPECTED,
	    result_status },
	{ "result-text", "undrain", UNEXPECTED,
	    result_text },
	{ "no-rows", "stop", UNEXPECTED,
	    no_rows },
	{ "half-header", "stop", CLOSED,
	    half_header },
	{ NULL, NULL, NULL, NULL }
};
