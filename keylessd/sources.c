/* Frontend: limits for each source address. */
#include <sys/queue.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "compat.h"
#include "figures.h"
#include "frontend.h"
#include "sources.h"

#define BUCKETS		4096	/* of the hash table; a power of two */
#define SOURCES_MAX	65536	/* known at once */
#define KEY_SIZE	9	/* family, then the address or its prefix */

/*
 * A source without connections is remembered, oldest first, while it would be
 * wrong to forget how fast it opened its last ones.
 */
struct source {
	LIST_ENTRY(source)	 hash;
	TAILQ_ENTRY(source)	 idle;		/* when nconns is 0 */
	uint8_t			 key[KEY_SIZE];
	uint32_t		 nconns;
	struct bucket		 handshakes;
};

static LIST_HEAD(, source)	 table[BUCKETS];
static TAILQ_HEAD(, source)	 idle = TAILQ_HEAD_INITIALIZER(idle);
static size_t			 nsources;
static uint64_t			 seed[2];	/* unknown to strangers */

static void
make_key(const struct sockaddr *sa, uint8_t key[KEY_SIZE])
{
	const struct sockaddr_in	*v4 = (const void *)sa;
	const struct sockaddr_in6	*v6 = (const void *)sa;

	memset(key, 0, KEY_SIZE);
	key[0] = (uint8_t)sa->sa_family;
	if (sa->sa_family == AF_INET)
		memcpy(key + 1, &v4->sin_addr, 4);
	else if (sa->sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		/* A socket that was passed may serve both. */
		key[0] = AF_INET;
		memcpy(key + 1, &v6->sin6_addr.s6_addr[12], 4);
	} else if (sa->sa_family == AF_INET6)
		memcpy(key + 1, &v6->sin6_addr, 8);
}

/* Multiplicative, with a secret multiplier: nobody can aim at one list. */
static size_t
hash(const uint8_t key[KEY_SIZE])
{
	uint64_t	 n;

	if (seed[0] == 0)
		arc4random_buf(seed, sizeof(seed));
	memcpy(&n, key + 1, sizeof(n));
	n = (n ^ seed[1] ^ key[0]) * (seed[0] | 1);
	n ^= n >> 29;
	n *= seed[1] | 1;
	return ((size_t)(n >> 40) & (BUCKETS - 1));
}

static void
source_free(struct source *s)
{
	LIST_REMOVE(s, hash);
	TAILQ_REMOVE(&idle, s, idle);
	nsources--;
	free(s);
}

/* Forget what need not be remembered, and more when there is too much. */
static void
forget(void)
{
	struct source	*s;

	while ((s = TAILQ_FIRST(&idle)) != NULL &&
	    (nsources >= SOURCES_MAX || bucket_full(&s->handshakes,
	    fe_conf.handshake_rate, frontend_now())))
		source_free(s);
}

static struct source *
find(const uint8_t key[KEY_SIZE])
{
	struct source	*s;

	LIST_FOREACH(s, &table[hash(key)], hash)
		if (memcmp(s->key, key, KEY_SIZE) == 0)
			return (s);
	return (NULL);
}

/* The source, with one connection more than before; NULL: no memory. */
static struct source *
hold(const struct sockaddr *sa)
{
	uint8_t		 key[KEY_SIZE];
	struct source	*s;

	make_key(sa, key);
	if ((s = find(key)) == NULL) {
		forget();
		if ((s = calloc(1, sizeof(*s))) == NULL)
			return (NULL);
		memcpy(s->key, key, sizeof(s->key));
		LIST_INSERT_HEAD(&table[hash(key)], s, hash);
		nsources++;
	} else if (s->nconns == 0)
		TAILQ_REMOVE(&idle, s, idle);
	s->nconns++;
	return (s);
}

struct source *
source_admit(const struct sockaddr *sa, const char **reason)
{
	struct source	*s;

	if ((s = hold(sa)) == NULL) {
		*reason = "out of memory";
		return (NULL);
	}
	if (s->nconns > fe_conf.max_connections_per_source) {
		fe_figures.limits[LIMIT_CONNECTIONS_PER_SOURCE]++;
		*reason = "limit of max_connections_per_source reached";
	} else if (!bucket_take(&s->handshakes, fe_conf.handshake_rate,
	    frontend_now())) {
		fe_figures.limits[LIMIT_HANDSHAKE_RATE]++;
		*reason = "limit of handshake_rate reached";
	} else
		return (s);
	source_release(s);
	return (NULL);
}

void
source_release(struct source *s)
{
	if (--s->nconns == 0)
		TAILQ_INSERT_TAIL(&idle, s, idle);
}
