/*
 * Frontend: the requests that wait for a signer of a set, in one queue for
 * each connection that has any.  The connections take turns, so that one with
 * a thousand requests does not keep another's only one waiting.
 *
 * A turn is an amount of work, not of requests: short operations that came
 * together stay together, and their answers leave in one TLS record.
 */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "frontend.h"

#define TURN		(SIGNMSG_WORK / 2)	/* us */

/* The queues of the requests that no connection made: tests of stores. */
static struct flow_list	 tests = LIST_HEAD_INITIALIZER(tests);

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
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (NULL);
	f->set = set;
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

	mine = p->conn != NULL ? conn_flows(p->conn) : &tests;
	if ((f = flow_get(mine, set)) == NULL)
		return (-1);
	if (TAILQ_EMPTY(&f->requests)) {
		TAILQ_INSERT_TAIL(&set->turns, f, turn);
		f->spent = 0;
	}
	p->flow = f;
	TAILQ_INSERT_TAIL(&f->requests, p, queue);
	set->nqueued++;
	return (0);
}

void
flow_put_back(struct pending *p)
{
	struct flow	*f = p->flow;

	if (!TAILQ_EMPTY(&f->requests))
		TAILQ_REMOVE(&f->set->turns, f, turn);
	TAILQ_INSERT_HEAD(&f->set->turns, f, turn);
	f->spent = 0;
	TAILQ_INSERT_HEAD(&f->requests, p, queue);
	f->set->nqueued++;
}

struct pending *
flow_first(const struct fe_set *set)
{
	const struct flow	*f = TAILQ_FIRST(&set->turns);

	return (f == NULL ? NULL : TAILQ_FIRST(&f->requests));
}

void
flow_remove(struct pending *p)
{
	struct flow	*f = p->flow;

	TAILQ_REMOVE(&f->requests, p, queue);
	f->set->nqueued--;
	if (TAILQ_EMPTY(&f->requests))
		TAILQ_REMOVE(&f->set->turns, f, turn);
}

void
flow_charge(struct flow *f, uint32_t us)
{
	f->spent += us;
	if (f->spent < TURN || TAILQ_EMPTY(&f->requests))
		return;
	f->spent = 0;
	TAILQ_REMOVE(&f->set->turns, f, turn);
	TAILQ_INSERT_TAIL(&f->set->turns, f, turn);
}

static void
flow_free(struct flow *f)
{
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
}
