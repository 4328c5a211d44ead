/*
 * Frontend: the requests that wait for a signer of a set, in one queue for
 * each connection that has any, and whose turn it is.
 *
 * This is start-time fair queueing (Goyal, Vin and Cheng, 1996).  A request's
 * turn is the time, in microseconds of work, at which it would begin if all
 * that wait shared the signers evenly: when the one before it of its connection
 * ends, or now, where now is the turn of what the signers work on.  Turns are
 * steps of TURN, so that short operations that came together stay together, and
 * their answers leave in one TLS record.  The earliest is next, here and in the
 * signer: so one connection with a thousand requests does not keep another's
 * only one waiting, nor what its signer has been given ahead.
 */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "frontend.h"

#define TURN	512	/* us, a power of two */

/* The queues of the requests that no connection made: tests of stores. */
static struct flow_list	 tests = LIST_HEAD_INITIALIZER(tests);

/* ---- a binary heap of the flows that have requests */

static int
flow_before(const struct flow *a, const struct flow *b)
{
	if (a->turn != b->turn)
		return (a->turn < b->turn);
	return (a->order < b->order);
}

static void
heap_put(struct fe_set *set, size_t place, struct flow *f)
{
	set->turns[place] = f;
	f->place = place;
}

/* To where f belongs, from a place that is free. */
static void
heap_settle(struct fe_set *set, size_t place, struct flow *f)
{
	struct flow	**h = set->turns;
	size_t		  next;

	while (place != 0 && flow_before(f, h[(place - 1) / 2])) {
		heap_put(set, place, h[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	while ((next = 2 * place + 1) < set->nturns) {
		if (next + 1 < set->nturns && flow_before(h[next + 1], h[next]))
			next++;
		if (!flow_before(h[next], f))
			break;
		heap_put(set, place, h[next]);
		place = next;
	}
	heap_put(set, place, f);
}

/* Its first request is another now, or has come or gone; after its equals. */
static void
flow_moved(struct flow *f, int had_requests)
{
	struct fe_set		*set = f->set;
	const struct pending	*first = TAILQ_FIRST(&f->requests);

	if (first == NULL) {
		set->nturns--;
		if (f != set->turns[set->nturns])
			heap_settle(set, f->place, set->turns[set->nturns]);
		return;
	}
	if (had_requests && f->turn == first->turn)
		return;
	f->turn = first->turn;
	f->order = ++set->norders;
	heap_settle(set, had_requests ? f->place : set->nturns++, f);
}

/* ---- flows */

/* Room for one more flow; -1: no memory. */
static int
turns_grow(struct fe_set *set)
{
	struct flow	**grown;
	size_t		  n = set->maxturns == 0 ? 16 : 2 * set->maxturns;

	if (set->nflows < set->maxturns)
		return (0);
	if ((grown = reallocarray(set->turns, n, sizeof(*grown))) == NULL)
		return (-1);
	set->turns = grown;
	set->maxturns = n;
	return (0);
}

/* That one of the queues for the set; made when there is none yet. */
static struct flow *
flow_get(struct flow_list *mine, struct fe_set *set)
{
	struct flow	*f;

	LIST_FOREACH(f, mine, mine)
		if (f->set == set)
			break;
	/* The one used last is the first: there are few, as a rule. */
	if (f != NULL) {
		if (f != LIST_FIRST(mine)) {
			LIST_REMOVE(f, mine);
			LIST_INSERT_HEAD(mine, f, mine);
		}
		return (f);
	}
	if (turns_grow(set) == -1 || (f = calloc(1, sizeof(*f))) == NULL)
		return (NULL);
	f->set = set;
	set->nflows++;
	TAILQ_INIT(&f->requests);
	LIST_INSERT_HEAD(mine, f, mine);
	LIST_INSERT_HEAD(&set->flows, f, all);
	return (f);
}

int
flow_add(struct pending *p)
{
	struct fe_set		*set = p->set;
	struct flow_list	*mine;
	struct flow		*f;
	int			 had_requests;

	mine = p->conn != NULL ? conn_flows(p->conn) : &tests;
	if ((f = flow_get(mine, set)) == NULL)
		return (-1);
	if (f->end < set->now)
		f->end = set->now;
	p->turn = f->end - f->end % TURN;
	p->req.turn = (uint32_t)p->turn;
	p->work = cost_now(p->cost);
	f->end += p->work;
	p->flow = f;
	had_requests = !TAILQ_EMPTY(&f->requests);
	TAILQ_INSERT_TAIL(&f->requests, p, queue);
	set->nqueued++;
	if (!had_requests)
		flow_moved(f, 0);
	return (0);
}

void
flow_put_back(struct pending *p)
{
	struct flow	*f = p->flow;
	int		 had_requests = !TAILQ_EMPTY(&f->requests);

	TAILQ_INSERT_HEAD(&f->requests, p, queue);
	f->set->nqueued++;
	flow_moved(f, had_requests);
}

struct pending *
flow_first(const struct fe_set *set)
{
	return (set->nturns == 0 ? NULL :
	    TAILQ_FIRST(&set->turns[0]->requests));
}

void
flow_remove(struct pending *p)
{
	struct flow	*f = p->flow;

	TAILQ_REMOVE(&f->requests, p, queue);
	f->set->nqueued--;
	flow_moved(f, 1);
}

/*
 * Its connection would else be the later for each answer that it did not get:
 * after an hour without the token, behind all others for an hour.
 */
void
flow_drop(struct pending *p)
{
	struct flow	*f = p->flow;
	uint64_t	 now = f->set->now;

	flow_remove(p);
	f->end = f->end > now + p->work ? f->end - p->work : now;
}

void
flow_served(const struct pending *p)
{
	if (p->set->now < p->turn)
		p->set->now = p->turn;
}

static void
flow_free(struct flow *f)
{
	f->set->nflows--;
	LIST_REMOVE(f, mine);
	LIST_REMOVE(f, all);
	free(f);
}

void
flow_free_conn(struct flow_list *mine)
{
	struct flow	*f;

	while ((f = LIST_FIRST(mine)) != NULL)
		flow_free(f);
}

void
flow_free_set(struct fe_set *set)
{
	struct flow	*f;

	while ((f = LIST_FIRST(&set->flows)) != NULL)
		flow_free(f);
	free(set->turns);
	set->turns = NULL;
	set->maxturns = 0;
}
