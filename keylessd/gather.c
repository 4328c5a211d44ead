/*
 * Frontend: responses that wait for others to the same client, so that one
 * record and one system call carry them all.
 */
#include "compat.h"
#include "conn.h"
#include "log.h"

#define PATIENCE	128	/* us: the shortest time that waiting pays */
#define PATIENCES	10	/* PATIENCE, twice that ... */
#define SLACK		1000	/* us that it may be late, if nothing comes */

/*
 * Those whose responses wait for more, by how long they may: each list is in
 * the order of due.
 */
static struct conn_list	 waiting[PATIENCES];
static struct event	*timer;

/* The turn that follows does what is due. */
static void
timer_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

void
gather_init(void)
{
	size_t	 i;

	if ((timer = evtimer_new(fe_base, timer_due, NULL)) == NULL)
		fatalx("evtimer_new");
	for (i = 0; i < PATIENCES; i++)
		TAILQ_INIT(&waiting[i]);
}

void
gather_until(struct conn *c, uint64_t patience)
{
	unsigned int	 i = 0;

	if (patience < PATIENCE) {
		c->due = 0;
		return;
	}
	if (buf_length(&c->plain) != 0)
		return;
	while (i < PATIENCES - 1 && patience >= (uint64_t)PATIENCE << (i + 1))
		i++;
	c->patience = i;
	c->due = frontend_now_us() + ((uint64_t)PATIENCE << i);
}

/* While they stay, more requests are pending and all fit in one record. */
static int
may_wait(const struct conn *c)
{
	size_t	 length = buf_length(&c->plain);

	return (c->state == CONN_OPEN && length != 0 && c->npending != 0 &&
	    length <= RECORD_SIZE - WIRE_PADDED_SIZE &&
	    c->due > frontend_now_us());
}

int
gather_waits(struct conn *c)
{
	if (!may_wait(c)) {
		gather_leave(c);
		return (0);
	}
	if (c->waiting == NULL) {
		c->waiting = &waiting[c->patience];
		TAILQ_INSERT_TAIL(c->waiting, c, waiting_entry);
	}
	return (1);
}

void
gather_leave(struct conn *c)
{
	if (c->waiting == NULL)
		return;
	TAILQ_REMOVE(c->waiting, c, waiting_entry);
	c->waiting = NULL;
}

void
gather_end(int all)
{
	struct conn	*c;
	size_t		 i;

	for (i = 0; i < PATIENCES; i++) {
		while ((c = TAILQ_FIRST(&waiting[i])) != NULL &&
		    (all || c->due <= frontend_now_us())) {
			c->due = 0;
			gather_leave(c);
			conn_dirty(c);
		}
	}
}

void
conn_release_responses(void)
{
	gather_end(1);
}

void
gather_arm(void)
{
	static uint64_t		 armed;		/* us: what for */
	const struct conn	*c;
	struct timeval		 tv = { 0, 1 };
	uint64_t		 due = 0;
	size_t			 i;

	for (i = 0; i < PATIENCES; i++) {
		c = TAILQ_FIRST(&waiting[i]);
		if (c != NULL && (due == 0 || c->due < due))
			due = c->due;
	}
	if (due == 0)
		return;
	due += SLACK;
	if (evtimer_pending(timer, NULL) && armed <= due)
		return;
	armed = due;
	if (due > frontend_now_us())
		tv.tv_usec = (suseconds_t)(due - frontend_now_us());
	evtimer_add(timer, &tv);
}
