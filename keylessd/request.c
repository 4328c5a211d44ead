/* Frontend: from a client's message to its answer. */
#include <string.h>
#include <time.h>

#include "audit.h"
#include "compat.h"
#include "figures.h"
#include "frontend.h"
#include "health.h"
#include "log.h"
#include "loglimit.h"
#include "missing.h"

#define LOOKUP_SAMPLE	64	/* look-ups, of which one is timed */

static struct loglimit	 failed_limit = { .what = "operation failed" };
static struct loglimit	 deadline_limit = { .what = "deadline passed" };

static struct msg_opstat *
opstat(const struct opcode_info *op)
{
	struct msg_opstat	*stat = &fe_opstats[op->index];

	stat->opcode = op->code;
	return (stat);
}

/*
 * The client of p gets its answer now, give or take patience().  A signer
 * worked on it for so many microseconds.
 */
static void
count_latency(const struct pending *p, enum wire_error error, uint64_t worked)
{
	uint64_t	 us = frontend_now_us() - p->arrived;

	fe_latency.count[latency_bucket(us)]++;
	figures_answered(p->op, error, worked, us);
}

/* A message of a client, as far as it is understood. */
struct request {
	struct conn			*conn;
	uint32_t			 id;
	const struct opcode_info	*op;	/* NULL: not known */
	const struct fe_key		*key;	/* NULL: not known */
	struct wire_body		 body;
};

static void
refuse(const struct request *r, enum wire_error error, const char *why)
{
	char	 id[REQID_SIZE];

	if (r->op != NULL) {
		opstat(r->op)->errors++;
		if (AUDIT_ON)
			audit_refused(r->conn, r->op, r->key, &r->body, why);
	}
	figures_answered(r->op, error, 0, 0);
	if (log_getlevel() == LOG_LEVEL_DEBUG) {
		reqid_take(id, &r->body.req_context);
		log_debug("request refused peer=%s opcode=%s error=%d "
		    "request_id=%s reason=\"%s\"", conn_peer(r->conn),
		    r->op == NULL ? "-" : r->op->name, error, reqid_clean(id),
		    why);
	}
	conn_error(r->conn, r->id, error);
}

static const struct fe_key *
look_up(const struct wire_body *body)
{
	if (body->ski != NULL)
		return (keytab_by_ski(frontend_keytab(), body->ski));
	return (keytab_by_digest(frontend_keytab(), body->digest));
}

/* To look at the clock takes as long as to look for a key. */
static const struct fe_key *
timed_look_up(const struct wire_body *body)
{
	static unsigned int	 n;
	struct timespec		 begin, end;
	const struct fe_key	*key;

	if (n++ % LOOKUP_SAMPLE != 0)
		return (look_up(body));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	key = look_up(body);
	clock_gettime(CLOCK_MONOTONIC, &end);
	figures_looked_up((uint64_t)(end.tv_sec - begin.tv_sec) * 1000000000 +
	    (uint64_t)end.tv_nsec - (uint64_t)begin.tv_nsec);
	return (key);
}

/* Find the key that the request names; -1 after the error was sent. */
static int
find_key(struct request *r)
{
	const struct wire_body	*body = &r->body;

	if (body->ski == NULL && body->digest == NULL) {
		refuse(r, WIRE_ERR_INTERNAL, "no key identifier");
		return (-1);
	}
	if ((r->key = timed_look_up(body)) != NULL)
		return (0);
	missing_key(r->conn, r->op, body);
	refuse(r, WIRE_ERR_KEY_NOT_FOUND, "no such key");
	return (-1);
}

/* An operation with a key: check what can be checked here, then queue it. */
static void
use_key(struct request *r)
{
	size_t			 length = r->body.payload.length;
	struct pending		*p;
	enum wire_error		 error;

	if (find_key(r) == -1)
		return;
	if ((error = conn_may(r->conn, r->key, r->op,
	    &r->body)) != WIRE_OK) {
		refuse(r, error, "denied by a rule");
		return;
	}
	if (length > SIGNMSG_DATA_MAX) {
		refuse(r, WIRE_ERR_FORMAT, "payload too long");
		return;
	}
	if (r->key->info.type != r->op->key_type) {
		refuse(r, WIRE_ERR_CRYPTO, "opcode does not fit the key");
		return;
	}
	if (!opcode_length_ok(r->op, length, r->key->block)) {
		refuse(r, WIRE_ERR_CRYPTO, "wrong payload length");
		return;
	}
	p = pending_new(r->conn, r->id, r->key, r->op, &r->body);
	if (p == NULL) {
		refuse(r, WIRE_ERR_INTERNAL, "too many requests pending");
		return;
	}
	if (queue_add(p) == -1) {
		refuse(r, WIRE_ERR_INTERNAL, "out of memory");
		pending_free(p);
	}
}

static void
dispatch(struct request *r)
{
	opstat(r->op)->requests++;
	switch (r->op->class) {
	case OPC_SIGN:
	case OPC_DECRYPT:
		use_key(r);
		break;
	case OPC_PING:
		conn_respond(r->conn, r->id, OP_PONG, r->body.payload.data,
		    r->body.payload.length, 0);
		figures_answered(r->op, WIRE_OK, 0, 0);
		break;
	case OPC_SEAL:
		refuse(r, WIRE_ERR_INTERNAL, "no sealing here");
		break;
	case OPC_UNSUPPORTED:
		refuse(r, WIRE_ERR_BAD_OPCODE, "not supported");
		break;
	case OPC_UNEXPECTED:
		refuse(r, WIRE_ERR_UNEXPECTED, "not valid in a request");
		break;
	}
}

void
request_handle(struct conn *conn, const struct wire_header *h,
    const uint8_t *bytes)
{
	struct request	 r;
	int		 malformed;

	fe_stats.requests++;
	r.conn = conn;
	r.id = h->id;
	r.op = NULL;
	r.key = NULL;
	malformed = wire_body_parse(bytes, h->length, &r.body) == -1;
	if (h->major != WIRE_MAJOR) {
		refuse(&r, WIRE_ERR_VERSION, "major version");
		return;
	}
	if (malformed) {
		refuse(&r, WIRE_ERR_FORMAT, "malformed");
		return;
	}
	if (!r.body.has_opcode) {
		refuse(&r, WIRE_ERR_FORMAT, "no opcode");
		return;
	}
	if ((r.op = opcode_find(r.body.opcode)) == NULL) {
		refuse(&r, WIRE_ERR_BAD_OPCODE, "unknown opcode");
		return;
	}
	dispatch(&r);
}

/* The answer to p is an error, if anybody waits for it. */
static void
answer_error(struct pending *p, enum wire_error error, const char *reason,
    uint64_t worked)
{
	if (p->store != NULL)
		health_tested(p->store, reason);
	if (p->conn == NULL)
		return;
	if (AUDIT_ON)
		audit_pending(p, reason);
	count_latency(p, error, worked);
	opstat(p->op)->errors++;
	conn_error(p->conn, p->wire_id, error);
}

/*
 * How long a response may wait for others, so that one record and one system
 * call carry them all: a quarter of the time that its request took, and only
 * while requests queue up for the signers.  Then they lose nothing by it, and
 * processor time is what is short.
 */
static uint64_t
patience(const struct pending *p)
{
	if (p->set->nqueued == 0)
		return (0);
	return ((frontend_now_us() - p->arrived) / 4);
}

static void
answer(struct pending *p, const struct sign_reply *r)
{
	if (p->store != NULL)
		health_tested(p->store, NULL);
	if (p->conn == NULL)
		return;
	if (AUDIT_ON)
		audit_pending(p, NULL);
	count_latency(p, WIRE_OK, r->us);
	conn_respond(p->conn, p->wire_id, OP_RESPONSE, r->data, r->length,
	    patience(p));
}

void
request_fail(struct pending *p, enum wire_error error, const char *reason)
{
	answer_error(p, error, reason, 0);
	pending_free(p);
}

void
request_finish(struct pending *p, const struct sign_reply *r)
{
	if (r->status == SIGN_OK) {
		answer(p, r);
		pending_free(p);
		return;
	}
	if (pending_wanted(p) && loglimit_ok(&failed_limit, frontend_now()))
		log_warnx("operation failed peer=%s opcode=%s set=\"%s\" "
		    "ski=%s request=%llx request_id=%s reason=\"%s\"",
		    pending_peer(p), p->op->name, p->set->name,
		    pending_ski(p), (unsigned long long)p->req.id,
		    reqid_clean(p->request_id), sign_status_name(r->status));
	answer_error(p, WIRE_ERR_CRYPTO, sign_status_name(r->status), r->us);
	pending_free(p);
}

void
request_expire(struct pending *p)
{
	fe_stats.timeouts++;
	if (loglimit_ok(&deadline_limit, frontend_now()))
		log_warnx("deadline passed peer=%s opcode=%s set=\"%s\" "
		    "ski=%s request_id=%s", pending_peer(p), p->op->name,
		    p->set->name, pending_ski(p),
		    reqid_clean(p->request_id));
	/* How long its signer has had it for itself is not known. */
	answer_error(p, WIRE_ERR_CRYPTO, "no signature within sign_timeout",
	    p->signer == NULL ? 0 : frontend_now_us() - p->arrived);
	pending_abandon(p);
}
