/* Frontend: how long operations take, as the signers measure it. */
#include "compat.h"
#include "frontend.h"

#define UNKNOWN		250	/* us, until one is measured */
#define BITS_PER_PLACE	128	/* all sizes of one key type differ so */

uint32_t *
cost_of(struct fe_costs *costs, const struct keyinfo *key)
{
	size_t	 place = key->bits / BITS_PER_PLACE;

	if (place >= nitems(costs->us[0]))
		place = nitems(costs->us[0]) - 1;
	return (&costs->us[key->type][place]);
}

uint32_t
cost_now(const uint32_t *cost)
{
	return (*cost == 0 ? UNKNOWN : *cost);
}

/*
 * A moving average.  A signer that lost its processor for a while measures
 * too much: what is far above the average counts as twice the average, so
 * that only many such measurements move it up.
 */
void
cost_learn(uint32_t *cost, uint32_t us)
{
	uint32_t	 most = *cost > UINT32_MAX / 4 ? *cost : 2 * *cost + 8;

	if (us == 0)
		us = 1;
	if (*cost == 0) {
		*cost = us;
		return;
	}
	if (us > most)
		us = most;
	if (us >= *cost)
		*cost += (us - *cost + 7) / 8;
	else
		*cost -= (*cost - us + 7) / 8;
}
