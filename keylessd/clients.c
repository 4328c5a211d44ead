/* Frontend: what each client certificate may do, and how fast. */
#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "clients.h"
#include "compat.h"
#include "health.h"
#include "log.h"

#define BUCKETS		256	/* of the hash table; a power of two */
#define HASH_SIZE	80	/* "SHA256:" and 64 digits */
#define SUBJECT_SIZE	256
#define SERIAL_SIZE	48	/* 20 bytes in hexadecimal, and some */
#define REPORT_EVERY	60000	/* ms between lines about one client */
#define IDLE_MAX	1024	/* clients without a connection */

struct rule {
	struct msg_client	 info;
	struct msg_grant	*grants;
	size_t			 ngrants;
	uint8_t			*granted;	/* by key; NULL: all */
};

struct rules {
	struct rule	*list;
	size_t		 count;
};

/*
 * Without connections it is remembered for REPORT_EVERY: who connects again
 * and again is the same client all the time.
 */
struct fe_client {
	LIST_ENTRY(fe_client)	 entry;
	TAILQ_ENTRY(fe_client)	 idle;		/* when nconns is 0 */
	uint64_t		 left;		/* ms: since when */
	char			 hash[HASH_SIZE];
	char			 subject[SUBJECT_SIZE];
	char			 serial[SERIAL_SIZE];	/* empty: not asked */
	uint32_t		 nconns;
	struct bucket		 requests;
	uint32_t		 generation;	/* of matching */
	size_t			*matching;	/* rules, by number */
	size_t			 nmatching;
	uint64_t		 denied_keys;	/* since reported */
	uint64_t		 denied_opcodes;
	uint64_t		 reported;	/* ms; 0: never */
};

static LIST_HEAD(, fe_client)	 table[BUCKETS];
static TAILQ_HEAD(, fe_client)	 idle = TAILQ_HEAD_INITIALIZER(idle);
static size_t			 nidle;
static struct rules		 current;
static struct rules		 incoming;
static uint32_t			 generation;

static void
rules_free(struct rules *rules)
{
	size_t	 i;

	for (i = 0; i < rules->count; i++) {
		free(rules->list[i].grants);
		free(rules->list[i].granted);
	}
	free(rules->list);
	memset(rules, 0, sizeof(*rules));
}

void
client_offer(const struct msg_client *m)
{
	struct rule	*list;

	if (m->rule != incoming.count)
		fatalx("parent sends rules in disorder rule=%u", m->rule);
	list = recallocarray(incoming.list, incoming.count,
	    incoming.count + 1, sizeof(*list));
	if (list == NULL)
		fatal("recallocarray");
	incoming.list = list;
	list[incoming.count++].info = *m;
}

void
client_offer_grant(const struct msg_grant *m)
{
	struct rule		*rule;
	struct msg_grant	*grants;

	if (incoming.count == 0 ||
	    incoming.list[incoming.count - 1].info.all_keys)
		fatalx("parent sends a grant without its rule");
	rule = &incoming.list[incoming.count - 1];
	grants = reallocarray(rule->grants, rule->ngrants + 1,
	    sizeof(*grants));
	if (grants == NULL)
		fatal("reallocarray");
	rule->grants = grants;
	grants[rule->ngrants++] = *m;
}

void
client_abort(void)
{
	rules_free(&incoming);
}

static int
grant_names(const struct msg_grant *g, const struct fe_key *key)
{
	switch (g->kind) {
	case GRANT_SKI:
		return (memcmp(g->ski, key->info.ski, sizeof(g->ski)) == 0);
	case GRANT_LABEL:
		return (key->info.label != NULL &&
		    strcmp(g->text, key->info.label) == 0);
	case GRANT_STORE:
		return (strcmp(g->text, health_store_name(key->place)) == 0);
	}
	return (0);
}

static int
rule_names(const struct rule *rule, const struct fe_key *key)
{
	size_t	 i;

	for (i = 0; i < rule->ngrants; i++)
		if (grant_names(&rule->grants[i], key))
			return (1);
	return (0);
}

void
client_key_changed(const struct fe_key *key)
{
	struct rule	*rule;
	size_t		 i;

	for (i = 0; i < current.count; i++) {
		rule = &current.list[i];
		if (rule->granted != NULL)
			rule->granted[frontend_key_number(key)] =
			    rule_names(rule, key) != 0;
	}
}

/* Look at each key once, instead of at each request. */
static void
rule_prepare(struct rule *rule)
{
	size_t	 i, n = frontend_nkeys();

	if (rule->info.all_keys)
		return;
	if ((rule->granted = calloc(n + 1, 1)) == NULL)
		fatal("calloc");
	for (i = 0; i < n; i++)
		rule->granted[i] = rule_names(rule, frontend_key(i)) != 0;
}

void
client_switch(void)
{
	size_t	 i;

	rules_free(&current);
	current = incoming;
	memset(&incoming, 0, sizeof(incoming));
	for (i = 0; i < current.count; i++)
		rule_prepare(&current.list[i]);
	generation++;
}

static size_t
hash(const char *text)
{
	uint32_t	 n = 0;

	/* The digits are those of a cryptographic hash already. */
	while (*text != '\0')
		n = n * 31 + (uint8_t)*text++;
	return (n & (BUCKETS - 1));
}

static struct fe_client *
client_new(const char *fingerprint, const char *subject)
{
	struct fe_client	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		fatal("calloc");
	strlcpy(c->hash, fingerprint, sizeof(c->hash));
	strlcpy(c->subject, subject == NULL ? "" : subject,
	    sizeof(c->subject));
	c->generation = generation - 1;
	LIST_INSERT_HEAD(&table[hash(c->hash)], c, entry);
	return (c);
}

struct fe_client *
client_hold(struct tls *tls)
{
	const char		*fingerprint = tls_peer_cert_hash(tls);
	struct fe_client	*c;

	if (fingerprint == NULL)
		fingerprint = "";
	LIST_FOREACH(c, &table[hash(fingerprint)], entry)
		if (strcmp(c->hash, fingerprint) == 0)
			break;
	if (c == NULL)
		c = client_new(fingerprint, tls_peer_cert_subject(tls));
	else if (c->nconns == 0) {
		TAILQ_REMOVE(&idle, c, idle);
		nidle--;
	}
	c->nconns++;
	return (c);
}

const char *
client_subject(const struct fe_client *c)
{
	return (c->subject);
}

const char *
client_serial(struct fe_client *c, struct tls *tls)
{
	if (c->serial[0] == '\0')
		tlsserver_peer_serial(tls, c->serial, sizeof(c->serial));
	return (c->serial);
}

static void
report(struct fe_client *c, const char *peer, char id[REQID_SIZE])
{
	log_warnx("requests denied client=\"%s\" peer=%s keys=%llu "
	    "opcodes=%llu request_id=%s reason=\"%s\"", c->subject, peer,
	    (unsigned long long)c->denied_keys,
	    (unsigned long long)c->denied_opcodes, reqid_clean(id),
	    c->nmatching == 0 &&
	    current.count != 0 ? "no rule of clients matches its certificate" :
	    "the rules of clients and policy");
	c->denied_keys = c->denied_opcodes = 0;
	c->reported = frontend_now();
}

static void
client_forget(struct fe_client *c)
{
	char	 nobody[REQID_SIZE] = "-";

	if (c->denied_keys + c->denied_opcodes != 0)
		report(c, "-", nobody);
	TAILQ_REMOVE(&idle, c, idle);
	nidle--;
	LIST_REMOVE(c, entry);
	free(c->matching);
	free(c);
}

void
client_release(struct fe_client *c)
{
	if (--c->nconns != 0)
		return;
	c->left = frontend_now();
	TAILQ_INSERT_TAIL(&idle, c, idle);
	nidle++;
	while ((c = TAILQ_FIRST(&idle)) != NULL && (nidle > IDLE_MAX ||
	    frontend_now() - c->left >= REPORT_EVERY))
		client_forget(c);
}

static int
rule_matches(const struct rule *rule, const struct fe_client *c,
    struct tls *tls)
{
	if (rule->info.fingerprint)
		return (strcmp(rule->info.match, c->hash) == 0);
	return (tlsserver_peer_named(tls, rule->info.match));
}

/* Find its rules, which may be others after a reload. */
static void
client_match(struct fe_client *c, struct tls *tls)
{
	size_t	 i;

	free(c->matching);
	c->nmatching = 0;
	if ((c->matching = calloc(current.count + 1, sizeof(size_t))) == NULL)
		fatal("calloc");
	for (i = 0; i < current.count; i++)
		if (rule_matches(&current.list[i], c, tls))
			c->matching[c->nmatching++] = i;
	c->generation = generation;
}

/* The operations that the client's rules allow with the key, as bits. */
static uint32_t
client_opcodes(const struct fe_client *c, const struct fe_key *key)
{
	const struct rule	*rule;
	uint32_t		 bits = 0;
	size_t			 i;

	if (current.count == 0)
		return (OPCODES_ALL);
	for (i = 0; i < c->nmatching; i++) {
		rule = &current.list[c->matching[i]];
		if (rule->granted == NULL ||
		    rule->granted[frontend_key_number(key)])
			bits |= rule->info.opcodes;
	}
	return (bits);
}

static enum wire_error
deny(struct fe_client *c, enum wire_error error, const char *peer,
    const struct wire_bytes *context)
{
	char	 id[REQID_SIZE];

	fe_stats.denied++;
	if (error == WIRE_ERR_KEY_NOT_FOUND)
		c->denied_keys++;
	else
		c->denied_opcodes++;
	if (c->reported == 0 ||
	    frontend_now() - c->reported >= REPORT_EVERY) {
		reqid_take(id, context);
		report(c, peer, id);
	}
	return (error);
}

enum wire_error
client_may(struct fe_client *c, struct tls *tls, const struct fe_key *key,
    const struct opcode_info *op, const char *peer,
    const struct wire_bytes *context)
{
	uint32_t	 bits;

	if (c->generation != generation)
		client_match(c, tls);
	if ((bits = client_opcodes(c, key)) == 0)
		return (deny(c, WIRE_ERR_KEY_NOT_FOUND, peer, context));
	if (!(bits & key->opcodes & OPCODE_BIT(op)))
		return (deny(c, WIRE_ERR_BAD_OPCODE, peer, context));
	return (WIRE_OK);
}

int
client_take(struct fe_client *c)
{
	return (fe_conf.request_rate == 0 || bucket_take(&c->requests,
	    fe_conf.request_rate, frontend_now()));
}

uint64_t
client_wait(struct fe_client *c)
{
	return (bucket_wait(&c->requests, fe_conf.request_rate,
	    frontend_now()));
}
