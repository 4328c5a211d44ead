/* Frontend: the sandboxes of all processes, for keylessctl. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "frontend.h"
#include "log.h"

static struct msg_sandbox	*table;		/* sorted by set, slot */
static size_t			 count;

/* Whether the process is there, as far as the frontend knows. */
static int
is_there(const struct msg_sandbox *m)
{
	const struct fe_set	*set;

	if (m->set == 0)
		return (1);
	return ((set = queue_set_find(m->set)) != NULL &&
	    m->slot < set->nsigners &&
	    set->signers[m->slot].info.pid == m->pid);
}

/* Those of processes that are gone make room. */
static void
sweep(void)
{
	size_t	 i, n;

	for (i = n = 0; i < count; i++)
		if (is_there(&table[i]))
			table[n++] = table[i];
	count = n;
}

void
sandboxtab_take(const struct msg_sandbox *m)
{
	struct msg_sandbox	*t;
	size_t			 i;

	sweep();
	for (i = 0; i < count; i++)
		if (table[i].set > m->set || (table[i].set == m->set &&
		    table[i].slot >= m->slot))
			break;
	if (i < count && table[i].set == m->set && table[i].slot == m->slot) {
		table[i] = *m;
		return;
	}
	if ((t = reallocarray(table, count + 1, sizeof(*table))) == NULL)
		fatal("reallocarray");
	table = t;
	memmove(&table[i + 1], &table[i], (count - i) * sizeof(*table));
	table[i] = *m;
	count++;
}

const struct msg_sandbox *
sandboxtab_row(size_t i)
{
	if (i == 0)
		sweep();
	return (i < count ? &table[i] : NULL);
}
