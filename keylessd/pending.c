/* Frontend: the table of requests that wait for a signer. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "figures.h"
#include "frontend.h"
#include "hex.h"
#include "log.h"

#define SLAB_SIZE	256	/* entries allocated at a time */

/*
 * A request id is {use count, place}: a late reply to a place that was used
 * again does not match.
 */
static struct pending		**slabs;
static size_t			  nslabs;
static struct pending_list	  free_list = TAILQ_HEAD_INITIALIZER(free_list);
static struct pending_list	  by_age = TAILQ_HEAD_INITIALIZER(by_age);

static int
slab_add(void)
{
	struct pending	**grown, *slab;
	size_t		  i;

	grown = reallocarray(slabs, nslabs + 1, sizeof(*slabs));
	if (grown == NULL)
		return (-1);
	slabs = grown;
	if ((slab = calloc(SLAB_SIZE, sizeof(*slab))) == NULL)
		return (-1);
	for (i = 0; i < SLAB_SIZE; i++) {
		slab[i].req.id = nslabs * SLAB_SIZE + i;
		TAILQ_INSERT_TAIL(&free_list, &slab[i], queue);
	}
	slabs[nslabs++] = slab;
	return (0);
}

/* By deadline: one that came later is due earlier after some reloads. */
static void
age_insert(struct pending *p)
{
	struct pending	*q = TAILQ_LAST(&by_age, pending_list);

	while (q != NULL && q->deadline > p->deadline)
		q = TAILQ_PREV(q, pending_list, age);
	if (q == NULL)
		TAILQ_INSERT_HEAD(&by_age, p, age);
	else
		TAILQ_INSERT_AFTER(&by_age, q, p, age);
}

/* An entry for an operation with key, for nobody yet. */
static struct pending *
pending_take(const struct fe_key *key, const struct opcode_info *op)
{
	struct pending	*p;

	if (fe_now.pending >= fe_conf.max_pending) {
		fe_figures.limits[LIMIT_PENDING]++;
		return (NULL);
	}
	if (TAILQ_EMPTY(&free_list) && slab_add() == -1)
		return (NULL);
	p = TAILQ_FIRST(&free_list);
	TAILQ_REMOVE(&free_list, p, queue);
	fe_stats.pending = ++fe_now.pending;
	p->conn = NULL;
	p->store = NULL;
	p->set = key->set;
	p->flow = NULL;
	p->signer = NULL;
	p->cost = cost_of(&key->set->costs, &key->info);
	p->op = op;
	p->arrived = frontend_now_us();
	p->deadline = frontend_now() + fe_conf.sign_timeout;
	p->wire_id = 0;
	p->deaths = 0;
	p->avoid = NULL;
	p->req.flags = 0;
	p->req.id += (uint64_t)1 << 32;
	p->req.key = key->index;
	p->req.opcode = op->code;
	p->req.length = 0;
	memcpy(p->ski, key->info.ski, sizeof(p->ski));
	p->request_id[0] = '-';
	p->request_id[1] = '\0';
	age_insert(p);
	return (p);
}

struct pending *
pending_new(struct conn *conn, uint32_t wire_id, const struct fe_key *key,
    const struct opcode_info *op, const struct wire_body *body)
{
	const struct wire_bytes	*payload = &body->payload;
	struct pending		*p;

	if ((p = pending_take(key, op)) == NULL)
		return (NULL);
	if (body->req_context.data != NULL)
		reqid_take(p->request_id, &body->req_context);
	p->wire_id = wire_id;
	p->req.length = (uint16_t)payload->length;
	if (payload->length != 0)
		memcpy(p->req.data, payload->data, payload->length);
	p->conn = conn;
	conn_hold(conn, p);
	return (p);
}

struct pending *
pending_test(struct fe_store *store, const struct fe_key *key)
{
	static const struct opcode_info	 test = {
		.code = SIGNMSG_OP_TEST,
		.class = OPC_SIGN,
		.name = "test"
	};
	struct pending	*p;

	if ((p = pending_take(key, &test)) != NULL)
		p->store = store;
	return (p);
}

int
pending_wanted(const struct pending *p)
{
	return (p->conn != NULL || p->store != NULL);
}

const char *
pending_peer(const struct pending *p)
{
	return (p->conn != NULL ? conn_peer(p->conn) : "check");
}

const char *
pending_ski(const struct pending *p)
{
	static char	 text[2 * WIRE_SKI_SIZE + 1];

	hex_encode(p->ski, sizeof(p->ski), text);
	return (text);
}

void
pending_detach(struct pending *p)
{
	if (!pending_wanted(p))
		return;
	if (p->conn != NULL)
		conn_release(p->conn, p);
	p->conn = NULL;
	p->store = NULL;
	TAILQ_REMOVE(&by_age, p, age);
}

void
pending_free(struct pending *p)
{
	pending_detach(p);
	p->set = NULL;
	fe_stats.pending = --fe_now.pending;
	TAILQ_INSERT_HEAD(&free_list, p, queue);
}

void
pending_abandon(struct pending *p)
{
	if (p->signer != NULL) {
		pending_detach(p);
		return;
	}
	flow_drop(p);
	pending_free(p);
}

uint64_t
pending_expire(void)
{
	struct pending	*p;

	while ((p = TAILQ_FIRST(&by_age)) != NULL) {
		if (p->deadline > frontend_now())
			return (p->deadline);
		request_expire(p);
	}
	return (0);
}

struct pending *
pending_find(uint64_t id)
{
	size_t		 place = (uint32_t)id;
	struct pending	*p;

	if (place / SLAB_SIZE >= nslabs)
		return (NULL);
	p = &slabs[place / SLAB_SIZE][place % SLAB_SIZE];
	return (p->req.id == id && p->set != NULL ? p : NULL);
}

uint64_t
pending_due(void)
{
	struct pending	*p = TAILQ_FIRST(&by_age);

	return (p == NULL ? 0 : p->deadline);
}

size_t
pending_count(void)
{
	return ((size_t)fe_now.pending);
}
