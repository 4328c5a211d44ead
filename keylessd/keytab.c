/* Frontend: public key identifiers to keys, by open addressing. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "frontend.h"

/*
 * Identifiers are hashes, but of keys that a stranger may have chosen only
 * where the operator serves them; lookups of others cost a compare.  So the
 * first bytes of the identifier are the hash.
 */
struct slot {
	const uint8_t	*id;		/* in the key; NULL: empty */
	struct fe_key	*key;
};

struct index {
	size_t		 mask;		/* slots - 1 */
	size_t		 id_size;
	struct slot	*slots;
};

struct keytab {
	struct index	 ski;
	struct index	 digest;
};

static size_t
id_hash(const uint8_t *id)
{
	uint64_t	 h;

	memcpy(&h, id, sizeof(h));
	return ((size_t)h);
}

static int
index_init(struct index *index, size_t n, size_t id_size)
{
	size_t	 slots = 16;

	while (slots < 2 * n)
		slots *= 2;
	index->mask = slots - 1;
	index->id_size = id_size;
	index->slots = calloc(slots, sizeof(*index->slots));
	return (index->slots == NULL ? -1 : 0);
}

/* The slot that holds id, or the empty one where it would go. */
static struct slot *
index_slot(const struct index *index, const uint8_t *id)
{
	size_t	 i = id_hash(id) & index->mask;

	while (index->slots[i].id != NULL &&
	    memcmp(index->slots[i].id, id, index->id_size) != 0)
		i = (i + 1) & index->mask;
	return (&index->slots[i]);
}

static void
index_add(struct index *index, const uint8_t *id, struct fe_key *key)
{
	static const uint8_t	 none[WIRE_DIGEST_SIZE];
	struct slot		*slot;

	if (memcmp(id, none, index->id_size) == 0)
		return;
	slot = index_slot(index, id);
	if (slot->id != NULL)
		return;
	slot->id = id;
	slot->key = key;
}

struct keytab *
keytab_new(size_t n)
{
	struct keytab	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	if (index_init(&t->ski, n, WIRE_SKI_SIZE) == -1 ||
	    index_init(&t->digest, n, WIRE_DIGEST_SIZE) == -1) {
		keytab_free(t);
		return (NULL);
	}
	return (t);
}

void
keytab_add(struct keytab *t, struct fe_key *key)
{
	index_add(&t->ski, key->info.ski, key);
	index_add(&t->digest, key->info.digest, key);
}

struct fe_key *
keytab_by_ski(const struct keytab *t, const uint8_t *ski)
{
	return (index_slot(&t->ski, ski)->key);
}

struct fe_key *
keytab_by_digest(const struct keytab *t, const uint8_t *digest)
{
	return (index_slot(&t->digest, digest)->key);
}

void
keytab_free(struct keytab *t)
{
	if (t == NULL)
		return;
	free(t->ski.slots);
	free(t->digest.slots);
	free(t);
}
