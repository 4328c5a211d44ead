/* Signer: the requests that wait, in the order of their turns. */
#include <string.h>

#include "compat.h"
#include "waiting.h"

void
waiting_init(struct waiting *w)
{
	size_t	 i;

	w->n = 0;
	for (i = 0; i < SIGNMSG_BATCH; i++)
		w->order[i] = (uint8_t)i;
}

int
waiting_take(struct waiting *w, struct signmsg_in *in)
{
	uint8_t			 slot = w->order[w->n];
	struct sign_request	*r = &w->slots[slot];
	size_t			 place;

	if (signmsg_request(in, r) == -1)
		return (-1);
	for (place = w->n; place != 0; place--) {
		if (!sign_turn_before(r->turn,
		    w->slots[w->order[place - 1]].turn))
			break;
		w->order[place] = w->order[place - 1];
	}
	w->order[place] = slot;
	w->overtook[slot] = place != w->n++;
	return (0);
}

struct sign_request *
waiting_first(struct waiting *w, int *overtook)
{
	*overtook = w->overtook[w->order[0]];
	return (&w->slots[w->order[0]]);
}

void
waiting_done(struct waiting *w)
{
	uint8_t	 slot = w->order[0];

	w->n--;
	memmove(w->order, w->order + 1, w->n);
	w->order[w->n] = slot;
}
