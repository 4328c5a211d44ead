/*
 * What it costs to find a key by its SKI or digest among many.
 *
 *	lookup NUMBER
 *
 * Prints nanoseconds of a lookup by SKI, by digest, of an SKI that nobody has,
 * and the bytes that table and key take for each.
 */
#include <err.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../keylessd/frontend.h"
#include "compat.h"

#define LOOKUPS	1000000

static double
cpu_ns(void)
{
	struct timespec	 ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == -1)
		err(1, "clock_gettime");
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

/* The SKIs asked for lie in a row: reading them is not what is measured. */
static double
time_lookups(const struct keytab *t, const uint8_t *ids, size_t size,
    struct fe_key *(*find)(const struct keytab *, const uint8_t *), int there)
{
	double	 begun = cpu_ns();
	size_t	 i;

	for (i = 0; i < LOOKUPS; i++)
		if ((find(t, ids + i * size) != NULL) != there)
			errx(1, "wrong answer");
	return ((cpu_ns() - begun) / LOOKUPS);
}

int
main(int argc, char **argv)
{
	struct fe_key	*keys;
	struct keytab	*t;
	uint8_t		*skis, *digests, *nobody;
	size_t		 i, j, n, used;

	if (argc != 2 || (n = (size_t)atol(argv[1])) == 0)
		errx(1, "usage: lookup number");
	skis = calloc(LOOKUPS, WIRE_SKI_SIZE);
	digests = calloc(LOOKUPS, WIRE_DIGEST_SIZE);
	nobody = calloc(LOOKUPS, WIRE_SKI_SIZE);
	if (skis == NULL || digests == NULL || nobody == NULL)
		err(1, "calloc");
	used = mallinfo2().uordblks + mallinfo2().hblkhd;
	if ((keys = calloc(n, sizeof(*keys))) == NULL ||
	    (t = keytab_new(n)) == NULL)
		err(1, "calloc");
	used = mallinfo2().uordblks + mallinfo2().hblkhd - used;
	for (i = 0; i < n; i++) {
		arc4random_buf(keys[i].info.ski, WIRE_SKI_SIZE);
		arc4random_buf(keys[i].info.digest, WIRE_DIGEST_SIZE);
		keytab_add(t, &keys[i]);
	}
	arc4random_buf(nobody, LOOKUPS * WIRE_SKI_SIZE);
	for (i = 0; i < LOOKUPS; i++) {
		j = arc4random_uniform((uint32_t)n);
		memcpy(skis + i * WIRE_SKI_SIZE, keys[j].info.ski,
		    WIRE_SKI_SIZE);
		memcpy(digests + i * WIRE_DIGEST_SIZE, keys[j].info.digest,
		    WIRE_DIGEST_SIZE);
	}
	printf("%.0f %.0f %.0f %zu\n",
	    time_lookups(t, skis, WIRE_SKI_SIZE, keytab_by_ski, 1),
	    time_lookups(t, digests, WIRE_DIGEST_SIZE, keytab_by_digest, 1),
	    time_lookups(t, nobody, WIRE_SKI_SIZE, keytab_by_ski, 0),
	    used / n);
	keytab_free(t);
	free(keys);
	free(skis);
	free(digests);
	free(nobody);
	return (0);
}
