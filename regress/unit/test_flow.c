/* Tests of keylessd/flow.c and keylessd/cost.c: whose turn it is. */
#include <stdlib.h>

#include "../../keylessd/frontend.h"
#include "compat.h"
#include "test.h"

struct conn {
	struct flow_list	 flows;
};

static struct fe_set	 set;

struct flow_list *
conn_flows(struct conn *c)
{
	return (&c->flows);
}

static void
start(struct conn *c, size_t n)
{
	size_t	 i;

	memset(&set, 0, sizeof(set));
	LIST_INIT(&set.flows);
	for (i = 0; i < n; i++)
		LIST_INIT(&c[i].flows);
}

/* Requests of the connection, each of which costs so much. */
static void
add(struct conn *c, struct pending *p, size_t n, uint32_t *cost)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		memset(&p[i], 0, sizeof(p[i]));
		p[i].conn = c;
		p[i].set = &set;
		p[i].cost = cost;
		CHECK(flow_add(&p[i]) == 0);
		CHECK(p[i].req.turn == (uint32_t)p[i].turn);
	}
}

/* Give the next request to a signer. */
static struct pending *
take(void)
{
	struct pending	*p = flow_first(&set);

	if (p != NULL)
		flow_remove(p);
	return (p);
}

static struct pending *
serve(void)
{
	struct pending	*p = take();

	if (p != NULL)
		flow_served(p);
	return (p);
}

static uint32_t	 long_one = 1000, short_one = 20, middle = 250;

/*
 * One request is not behind a thousand of another connection, nor, in the
 * signer, behind those that are ahead there.
 */
static void
test_many_and_one(void)
{
	static struct pending	 many[1000], one;
	struct conn		 c[2];
	size_t			 i;

	start(c, 2);
	add(&c[0], many, 1000, &long_one);
	CHECK(set.nqueued == 1000);
	CHECK(serve() == &many[0]);
	CHECK(serve() == &many[1]);
	for (i = 2; i < 10; i++)
		CHECK(take() == &many[i]);
	add(&c[1], &one, 1, &long_one);
	CHECK(take() == &one);
	CHECK(one.turn >= many[1].turn && one.turn < many[2].turn);
	CHECK(set.nqueued == 990);
	/* What goes before it is ahead of all that comes now. */
	flow_served(&one);
	flow_served(&many[2]);
	add(&c[1], &one, 1, &long_one);
	CHECK(one.turn >= many[2].turn && one.turn < many[3].turn);
	for (i = 0; take() != NULL; i++)
		;
	CHECK(i == 991 && set.nqueued == 0);
	flow_free_set(&set);
	CHECK(LIST_EMPTY(&c[0].flows) && LIST_EMPTY(&c[1].flows));
}

/*
 * Turns of short operations have many; of equal work, not number, for each
 * connection.
 */
static void
test_turns(void)
{
	static struct pending	 a[200], b[200];
	const struct pending	*p;
	struct conn		 c[2];
	uint32_t		 us[2] = { 0, 0 };
	size_t			 i, who, changes = 0, last = 0;

	start(c, 2);
	add(&c[0], a, 200, &short_one);
	add(&c[1], b, 200, &middle);
	CHECK(serve() == &a[0]);
	CHECK(serve() == &a[1]);
	for (i = 0; i < 100; i++) {
		p = serve();
		who = p->conn == &c[1];
		us[who] += *p->cost;
		changes += who != last;
		last = who;
	}
	CHECK(us[0] + 1000 >= us[1] && us[1] + 1000 >= us[0]);
	CHECK(changes < 20);
	flow_free_set(&set);
}

/* Many connections with one each: all in the order in which they came. */
static void
test_crowd(void)
{
	static struct pending	 p[1000][3];
	static struct conn	 c[1000];
	const struct pending	*q;
	uint64_t		 turn = 0;
	size_t			 i;

	start(c, 1000);
	for (i = 0; i < 1000; i++)
		add(&c[i], p[i], 1, &middle);
	for (i = 0; i < 1000; i++)
		CHECK(serve() == p[i]);
	/* Of several each, and some that go before their turn. */
	for (i = 0; i < 1000; i++)
		add(&c[i], p[i], 1 + i % 3, &long_one);
	for (i = 0; i < 1000; i += 7)
		flow_remove(&p[i][0]);
	while ((q = serve()) != NULL) {
		CHECK(q->turn >= turn);
		turn = q->turn;
	}
	CHECK(set.nqueued == 0);
	flow_free_set(&set);
}

/* A connection that was away has no better place for it, and no worse. */
static void
test_away(void)
{
	static struct pending	 a[500], b[2];
	struct conn		 c[2];
	size_t			 i, mine = 0;

	start(c, 2);
	add(&c[1], b, 1, &long_one);
	CHECK(serve() == &b[0]);
	add(&c[0], a, 500, &long_one);
	for (i = 0; i < 400; i++)
		CHECK(serve() == &a[i]);
	add(&c[1], b, 2, &long_one);
	CHECK(serve() == &b[0]);
	for (i = 0; i < 3; i++)
		mine += serve() == &b[1];
	CHECK(mine == 1);
	while (serve() != NULL)
		;
	/* And one that was all alone owes nothing. */
	add(&c[0], a, 1, &long_one);
	add(&c[1], b, 1, &long_one);
	CHECK(a[0].turn <= b[0].turn + 2 * long_one);
	while (take() != NULL)
		;
	flow_free_set(&set);
}

/* What was sent before goes first; what is taken out does not go at all. */
static void
test_again(void)
{
	struct pending	 a[3], b[2];
	struct conn	 c[2];

	start(c, 2);
	add(&c[0], a, 3, &long_one);
	add(&c[1], b, 2, &long_one);
	CHECK(take() == &a[0]);
	CHECK(take() == &b[0]);
	flow_put_back(&b[0]);
	flow_put_back(&a[0]);
	CHECK(set.nqueued == 5);
	CHECK(take() == &b[0]);
	CHECK(take() == &a[0]);
	flow_remove(&a[1]);
	CHECK(take() == &b[1]);
	CHECK(take() == &a[2]);
	CHECK(take() == NULL);
	/* Empty now, and back into the last place of an empty queue. */
	flow_put_back(&b[1]);
	CHECK(take() == &b[1]);
	CHECK(flow_first(&set) == NULL && set.nqueued == 0);
	flow_free_conn(&c[0].flows);
	flow_free_conn(&c[1].flows);
	CHECK(LIST_EMPTY(&set.flows) && set.nflows == 0);
	flow_free_set(&set);
}

/* What no signer got costs no turn. */
static void
test_dropped(void)
{
	static struct pending	 a[50], b[50];
	struct conn		 c[2];
	size_t			 i, served = 0;

	start(c, 2);
	add(&c[0], a, 1, &long_one);
	CHECK(serve() == &a[0]);
	/* The token is away for a while, which one of them does not see. */
	for (i = 0; i < 1000; i++) {
		add(&c[0], a, 3, &long_one);
		flow_drop(&a[1]);
		flow_drop(&a[0]);
		flow_drop(&a[2]);
	}
	CHECK(set.nqueued == 0 && flow_first(&set) == NULL);
	add(&c[0], a, 50, &long_one);
	add(&c[1], b, 50, &long_one);
	for (i = 0; i < 20; i++)
		served += serve()->conn == &c[0];
	CHECK(served >= 9 && served <= 11);
	/* Of one that was queued again it was not more than it cost. */
	while (take() != NULL)
		;
	add(&c[0], a, 1, &long_one);
	CHECK(take() == &a[0]);
	a[0].work = UINT32_MAX;
	flow_put_back(&a[0]);
	flow_drop(&a[0]);
	add(&c[0], a, 1, &long_one);
	CHECK(a[0].turn + 512 > set.now && a[0].turn <= set.now);
	CHECK(take() == &a[0]);
	flow_free_set(&set);
}

static void
test_cost(void)
{
	static struct fe_costs	 costs;
	struct keyinfo		 key;
	uint32_t		*p256, *rsa;
	int			 i;

	memset(&key, 0, sizeof(key));
	key.type = KEY_TYPE_EC;
	key.bits = 256;
	p256 = cost_of(&costs, &key);
	key.bits = 384;
	CHECK(cost_of(&costs, &key) != p256);
	key.type = KEY_TYPE_RSA;
	key.bits = 2048;
	rsa = cost_of(&costs, &key);
	key.bits = 4096;
	CHECK(cost_of(&costs, &key) != rsa);
	key.bits = UINT32_MAX;		/* no such key, and no harm */
	CHECK(cost_now(cost_of(&costs, &key)) > 0);

	/* The first one counts; one that was interrupted hardly. */
	cost_learn(p256, 20);
	CHECK(cost_now(p256) == 20);
	cost_learn(p256, 3000000);
	CHECK(cost_now(p256) <= 24);
	for (i = 0; i < 100; i++)
		cost_learn(p256, 20);
	CHECK(cost_now(p256) == 20);
	/* But it follows what is really so. */
	for (i = 0; i < 100; i++)
		cost_learn(p256, 5000);
	CHECK(cost_now(p256) > 4900 && cost_now(p256) <= 5000);
	for (i = 0; i < 100; i++)
		cost_learn(p256, 0);
	CHECK(cost_now(p256) == 1);
	for (i = 0; i < 300; i++)
		cost_learn(p256, UINT32_MAX);
	CHECK(cost_now(p256) > UINT32_MAX / 8);
}

int
main(void)
{
	test_many_and_one();
	test_turns();
	test_crowd();
	test_away();
	test_again();
	test_dropped();
	test_cost();
	return (test_done());
}
