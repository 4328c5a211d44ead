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
 * asked to let this process have its turn more often.
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
static uint64_t		 last_other;	/* ms; 0: never */
static int		 batch;
static int		 useless;	/* the system knows no such thing */
static struct event	*timer;

static void
begin(void)
{
	const struct timeval	 tv = { 0, LOOK * 1000 };

	if (useless || compat_batch(1) == -1) {
		useless = 1;
		return;
	}
	batch = 1;
	evtimer_add(timer, &tv);
}

static void
look(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval	 tv = { 0, LOOK * 1000 };

	(void)fd;
	(void)what;
	(void)arg;
	if (frontend_now() - last_busy < CALM) {
		evtimer_add(timer, &tv);
		return;
	}
	if (compat_batch(0) == -1)
		log_warn("cannot leave SCHED_BATCH");
	batch = 0;
	busy = 0;
}

void
manners_init(void)
{
	if ((timer = evtimer_new(fe_base, look, NULL)) == NULL)
		fatalx("evtimer_new");
}

void
manners_busy(void)
{
	uint64_t	 now = frontend_now();

	if (now - last_busy >= CALM)
		busy = 0;
	last_busy = now;
	if (!batch && ++busy >= BUSY)
		begin();
}

void
manners_other(void)
{
	if (batch)
		last_other = frontend_now();
}

uint8_t
manners_flags(void)
{
	return (batch && last_other != 0 &&
	    frontend_now() - last_other < OTHERS ? SIGN_YIELD : 0);
}
