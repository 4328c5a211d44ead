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
	TAILQ_INIT(&set.turns);
	LIST_INIT(&set.flows);
	for (i = 0; i < n; i++)
		LIST_INIT(&c[i].flows);
}

static void
add(struct conn *c, struct pending *p, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		memset(&p[i], 0, sizeof(p[i]));
		p[i].conn = c;
		p[i].set = &set;
		CHECK(flow_add(&p[i]) == 0);
	}
}

/* Take the next request, which costs so much. */
static struct pending *
take(uint32_t us)
{
	struct pending	*p = flow_first(&set);

	if (p != NULL) {
		flow_remove(p);
		flow_charge(p->flow, us);
	}
	return (p);
}

/* One request is not behind a thousand of another connection. */
static void
test_many_and_one(void)
{
	static struct pending	 many[1000], one;
	struct conn		 c[2];

	start(c, 2);
	add(&c[0], many, 1000);
	CHECK(set.nqueued == 1000);
	CHECK(take(SIGNMSG_WORK) == &many[0]);
	add(&c[1], &one, 1);
	CHECK(take(SIGNMSG_WORK) == &many[1]);
	CHECK(take(SIGNMSG_WORK) == &one);
	CHECK(take(SIGNMSG_WORK) == &many[2]);
	CHECK(set.nqueued == 997);
	while (take(1) != NULL)
		;
	CHECK(set.nqueued == 0);
	flow_free_set(&set);
	CHECK(LIST_EMPTY(&c[0].flows) && LIST_EMPTY(&c[1].flows));
}

/* Turns of short operations have many; of equal work, not number. */
static void
test_turns(void)
{
	static struct pending	 a[200], b[200];
	struct conn		 c[2];
	uint32_t		 us[2] = { 0, 0 }, spent[2] = { 20, 250 };
	size_t			 i, who;

	start(c, 2);
	add(&c[0], a, 200);
	add(&c[1], b, 200);
	CHECK(take(20) == &a[0]);
	CHECK(take(20) == &a[1]);
	for (i = 0; i < 100; i++) {
		who = flow_first(&set)->conn == &c[1];
		us[who] += spent[who];
		(void)take(spent[who]);
	}
	CHECK(us[0] + SIGNMSG_WORK >= us[1] && us[1] + SIGNMSG_WORK >= us[0]);
	flow_free_set(&set);
}

/* What was sent before goes first; what is taken out does not go at all. */
static void
test_again(void)
{
	struct pending	 a[3], b[2];
	struct conn	 c[2];

	start(c, 2);
	add(&c[0], a, 3);
	add(&c[1], b, 2);
	CHECK(take(SIGNMSG_WORK) == &a[0]);
	CHECK(take(SIGNMSG_WORK) == &b[0]);
	flow_put_back(&b[0]);
	flow_put_back(&a[0]);
	CHECK(set.nqueued == 5);
	CHECK(take(1) == &a[0]);
	flow_remove(&a[1]);
	CHECK(take(SIGNMSG_WORK) == &a[2]);
	CHECK(take(1) == &b[0]);
	CHECK(take(1) == &b[1]);
	CHECK(take(1) == NULL);
	/* Empty now, and back into the last place of an empty queue. */
	flow_put_back(&b[1]);
	CHECK(take(1) == &b[1]);
	CHECK(flow_first(&set) == NULL && set.nqueued == 0);
	flow_free_conn(&c[0].flows);
	flow_free_conn(&c[1].flows);
	CHECK(LIST_EMPTY(&set.flows));
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
	test_again();
	test_cost();
	return (test_done());
}
