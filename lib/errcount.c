/* Any process: errors by name. */
#include <string.h>

#include "compat.h"
#include "errcount.h"

/* Where name is counted, a new place if there is one; the last is for others */
static uint32_t
place(struct errcount *e, const char *name)
{
	uint32_t	 i;

	for (i = 0; i < e->n; i++)
		if (strcmp(e->list[i].name, name) == 0)
			return (i);
	if (e->n == ERRCOUNT_MAX)
		return (ERRCOUNT_MAX - 1);
	if (e->n == ERRCOUNT_MAX - 1)
		name = ERRCOUNT_OTHER;
	strlcpy(e->list[e->n].name, name, sizeof(e->list[e->n].name));
	return (e->n++);
}

void
errcount_count(struct errcount *e, const char *name, uint64_t n)
{
	e->list[place(e, name)].count += n;
}

void
errcount_add(struct errcount *sum, const struct errcount *more)
{
	uint32_t	 i;

	for (i = 0; i < more->n; i++)
		errcount_count(sum, more->list[i].name, more->list[i].count);
}

uint64_t
errcount_sum(const struct errcount *e)
{
	uint64_t	 sum = 0;
	uint32_t	 i;

	for (i = 0; i < e->n; i++)
		sum += e->list[i].count;
	return (sum);
}

static int
name_valid(const char name[ERRCOUNT_NAME])
{
	static const char	 chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t			 length = strnlen(name, ERRCOUNT_NAME);

	return (length != 0 && length < ERRCOUNT_NAME &&
	    strspn(name, chars) == length);
}

int
errcount_valid(const struct errcount *e)
{
	uint32_t	 i;

	if (e->n > ERRCOUNT_MAX || e->zero != 0)
		return (0);
	for (i = 0; i < e->n; i++)
		if (!name_valid(e->list[i].name))
			return (0);
	return (1);
}
