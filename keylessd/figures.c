/* Frontend: what is counted for the metrics while requests are answered. */
#include <assert.h>
#include <stddef.h>

#include "compat.h"
#include "figures.h"
#include "shared.h"

static_assert(sizeof(struct figures) % sizeof(uint64_t) == 0,
    "struct figures is not an array of uint64_t");

static const char *const types[] = {
	[FIGURE_RSA] =		"rsa",
	[FIGURE_ECDSA] =	"ecdsa",
	[FIGURE_ED25519] =	"ed25519",
	[FIGURE_RPC] =		"rpc",
	[FIGURE_CUSTOM] =	"custom",
	[FIGURE_OTHER] =	"other",
	[FIGURE_UNKNOWN] =	"unknown",
};

static const char *const errors[] = {
	[WIRE_OK] =		"no error",
	[WIRE_ERR_CRYPTO] =	"cryptography error",
	[WIRE_ERR_KEY_NOT_FOUND] =
	    "key not found due to no matching SKI/SNI/ServerIP",
	[WIRE_ERR_READ] =	"read failure",
	[WIRE_ERR_VERSION] =	"version mismatch",
	[WIRE_ERR_BAD_OPCODE] =	"bad opcode",
	[WIRE_ERR_UNEXPECTED] =	"unexpected opcode",
	[WIRE_ERR_FORMAT] =	"malformed message",
	[WIRE_ERR_INTERNAL] =	"internal error",
	[WIRE_ERR_CERT_NOT_FOUND] = "certificate not found",
	[WIRE_ERR_EXPIRED] =	"sealing key expired",
	[WIRE_ERR_REMOTE_CONF] = "remote configuration error",
};

static const char *const limits[] = {
	[LIMIT_CONNECTIONS] =	"max_connections",
	[LIMIT_CONNECTIONS_PER_SOURCE] = "max_connections_per_source",
	[LIMIT_HANDSHAKES] =	"max_handshakes",
	[LIMIT_HANDSHAKE_RATE] = "handshake_rate",
	[LIMIT_REQUEST_RATE] =	"request_rate",
	[LIMIT_PENDING] =	"max_pending",
	[LIMIT_PENDING_PER_CONNECTION] = "pending_per_connection",
	[LIMIT_BUFFER] =	"max_buffer",
};

static const char *const failures[] = {
	[HANDSHAKE_NO_CERTIFICATE] = "no_certificate",
	[HANDSHAKE_EXPIRED] =	"expired",
	[HANDSHAKE_NOT_YET_VALID] = "not_yet_valid",
	[HANDSHAKE_REVOKED] =	"revoked",
	[HANDSHAKE_UNTRUSTED] =	"untrusted",
	[HANDSHAKE_NOT_CLIENT] = "not_client_auth",
	[HANDSHAKE_CERTIFICATE] = "certificate",
	[HANDSHAKE_CLIENT_ALERT] = "client_alert",
	[HANDSHAKE_PROTOCOL] =	"protocol",
	[HANDSHAKE_NOT_TLS] =	"not_tls",
	[HANDSHAKE_CLOSED] =	"closed",
	[HANDSHAKE_TIMEOUT] =	"timeout",
	[HANDSHAKE_EVICTED] =	"evicted",
	[HANDSHAKE_OTHER] =	"other",
};

static_assert(nitems(types) == FIGURE_TYPES, "a type without a name");
static_assert(nitems(errors) == WIRE_ERR_MAX + 1, "an error without a name");
static_assert(nitems(limits) == FIGURE_LIMITS, "a limit without a name");
static_assert(nitems(failures) == HANDSHAKE_FAILURES,
    "a failure without a name");

unsigned int
histogram_bucket(uint64_t us)
{
	uint64_t	 firsts = us == 0 ? 0 : (us - 1) / HISTOGRAM_FIRST;
	unsigned int	 bucket = 0;

	/* A bound belongs to the bucket below it. */
	while (firsts != 0 && bucket < HISTOGRAM_BUCKETS - 1) {
		firsts >>= 1;
		bucket++;
	}
	return (bucket);
}

static enum figure_type
type_of(const struct opcode_info *op)
{
	static const enum figure_type	 by_key[] = {
		[KEY_TYPE_NONE] =	FIGURE_OTHER,
		[KEY_TYPE_RSA] =	FIGURE_RSA,
		[KEY_TYPE_EC] =		FIGURE_ECDSA,
		[KEY_TYPE_ED25519] =	FIGURE_ED25519,
	};

	if (op == NULL)
		return (FIGURE_UNKNOWN);
	if (op->class != OPC_UNSUPPORTED)
		return (by_key[op->key_type]);
	return (op->code == OP_RPC ? FIGURE_RPC : FIGURE_CUSTOM);
}

void
figures_answered(const struct opcode_info *op, enum wire_error error,
    uint64_t exec, uint64_t total)
{
	enum figure_type	 type = type_of(op);
	struct histogram	*h = &fe_figures.exec[type][error];

	h->count[histogram_bucket(exec)]++;
	h->sum += exec;
	h = &fe_figures.total[type][error];
	h->count[histogram_bucket(total)]++;
	h->sum += total;
}

void
figures_looked_up(uint64_t ns)
{
	fe_figures.key_lookup.count[histogram_bucket((ns + 999) / 1000)]++;
	fe_figures.key_lookup.sum += ns;
}

void
figures_add(struct figures *sum, const struct figures *more)
{
	uint64_t	*to = (void *)sum;
	const uint64_t	*from = (const void *)more;
	size_t		 i;

	for (i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += from[i];
}

const char *
figure_type_name(enum figure_type type)
{
	return (types[type]);
}

const char *
figure_error_name(int error)
{
	return (errors[error]);
}

const char *
figure_limit_name(enum figure_limit limit)
{
	return (limits[limit]);
}

const char *
handshake_failure_name(enum handshake_failure failure)
{
	return (failures[failure]);
}
