/*
 * Whether keylessd signs: for each store of the configuration a test
 * signature, made by its signers, and verified by them with the public key,
 * not longer than check_age ago.  Asked for by keylessctl check and by GET
 * /ready; nobody asks, nothing is signed.
 *
 * The stores that count are those that the configuration requires; all of
 * them, when it requires none.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include "frontend.h"

struct health_wait;

/* A store of the next configuration; then switch to what came, or forget it. */
void		 health_offer(const struct msg_store *);
void		 health_switch(void);
void		 health_abort(void);

/*
 * Find out.  done is called, perhaps before this returns, with ok or with the
 * reason why not, which names the stores.  Returns what health_cancel() takes,
 * or NULL when done was called already.
 */
typedef void	(*health_done)(void *arg, int ok, const char *reason);
struct health_wait	*health_ask(health_done, void *arg);
void		 health_cancel(struct health_wait *);

/* The test request of a store is over; called before it is freed. */
void		 health_tested(struct fe_store *, const char *reason);

/* What the configuration calls the i-th store; "" when there is none. */
const char	*health_store_name(size_t i);

/* For the metrics: what is known of a store without looking at its keys. */
struct health_state {
	const char		*name;
	enum store_health	 health;
	int			 counts;	/* for the readiness */
	int			 first;		/* of those with this name */
	uint64_t		 verified_time;	/* as in msg_store_row */
};

/* Of the i-th store; -1 when there is none. */
int		 health_state(size_t i, struct health_state *);

/* All that is known of the i-th store; -1 when there is none. */
int		 health_row(size_t i, struct msg_store_row *);

#endif
