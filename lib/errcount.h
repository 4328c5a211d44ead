/*
 * How often each error of a store's module came, by its name.  The names are
 * few and short; what does not fit is counted as "other".
 */
#ifndef ERRCOUNT_H
#define ERRCOUNT_H

#include <stdint.h>

#define ERRCOUNT_MAX	32
#define ERRCOUNT_NAME	48
#define ERRCOUNT_OTHER	"other"

/* All zero is empty. */
struct errcount {
	uint32_t	 n;
	uint32_t	 zero;
	struct {
		char		 name[ERRCOUNT_NAME];
		uint64_t	 count;
	} list[ERRCOUNT_MAX];
};

void	errcount_count(struct errcount *, const char *name, uint64_t);

/* Add all that another one has. */
void	errcount_add(struct errcount *, const struct errcount *);

/* The sum of all. */
uint64_t errcount_sum(const struct errcount *);

/* Whether what came in a message is one, of names like CKR_DEVICE_ERROR. */
int	errcount_valid(const struct errcount *);

#endif
