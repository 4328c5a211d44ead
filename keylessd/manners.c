/*
 * Frontend: lets the signers work.  Each reply and each request wakes this
 * process up, which by rights interrupts whoever has worked longer; while the
 * signers have enough to do, that is a signer.  Then it gains nothing but the
 * cost of two more switches, and of cold caches: what it would give to the
 * signer waits there for the same processor.  So while some store has more than
 * two requests for each signer, it runs when its turn comes (SCHED_BATCH in
 * sched(7)).
 *
 * That may be milliseconds, which those who keep the store busy do not notice,
 * but others do, who have few requests.  While there are such, the signers are
 * asked to let this process have its turn more often; while there are for
 * another store, which need not wait for these signers at all, this process
 * does interrupt them, too.
 */
#include "compat.h"
#include "frontend.h"
#include "log.h"

#define BUSY	32	/* turns with that much to do, to begin */
#define CALM	20	/* ms without one, to end */
#define LOOK	50	/* ms between looks whether it has ended */
#define OTHERS	10000	/* ms that somebody is remembered */

static unsigned int	 busy;		/* turns */
static uint64_t		 last_busy;	/* ms: the last of them */
static uint64_t		 last_other;	/* ms: for a busy store; 0: never */
static uint64_t		 last_elsewhere; /* ms: for another; 0: never */
static int		 batch;
static int		 useless;	/* the system knows no such thing */
static struct event	*timer;

static int
is_recent(uint64_t when)
{
	return (when != 0 && frontend_now() - when < OTHERS);
}

static void
begin(void)
{
	const struct timeval	 tv = { 0, LOOK * 1000 };

	if (useless || is_recent(last_elsewhere))
		return;
	if (compat_batch(1) == -1) {
		useless = 1;
		return;
	}
	batch = 1;
	evtimer_add(timer, &tv);
}

static void
end(void)
{
	if (compat_batch(0) == -1)
		log_warn("cannot leave SCHED_BATCH");
	batch = 0;
	busy = 0;
}

static void
look(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval	 tv = { 0, LOOK * 1000 };

	(void)fd;
	(void)what;
	(void)arg;
	if (!batch)
		return;
	if (frontend_now() - last_busy < CALM)
		evtimer_add(timer, &tv);
	else
		end();
}

void
manners_init(void)
{
	if ((timer = evtimer_new(fe_base, look, NULL)) == NULL)
		fatalx("evtimer_new");
}

static int
is_busy(const struct fe_set *set)
{
	return (!set->single && set->nconnected != 0 &&
	    set->nqueued + set->ninflight > 2 * set->nconnected);
}

void
manners_set(const struct fe_set *set)
{
	uint64_t	 now = frontend_now();

	if (!is_busy(set))
		return;
	if (now - last_busy >= CALM)
		busy = 0;
	last_busy = now;
	if (!batch && ++busy >= BUSY)
		begin();
}

void
manners_other(const struct fe_set *set)
{
	if (frontend_now() - last_busy >= CALM)
		return;		/* nobody is in anybody's way */
	if (is_busy(set)) {
		last_other = frontend_now();
		return;
	}
	last_elsewhere = frontend_now();
	if (batch)
		end();
}

uint8_t
manners_flags(void)
{
	if (frontend_now() - last_busy >= CALM)
		return (0);
	return (is_recent(last_other) || is_recent(last_elsewhere) ?
	    SIGN_YIELD : 0);
}
