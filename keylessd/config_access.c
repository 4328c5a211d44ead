/* Parent: the config file's rules, who may ask what. */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compat.h"
#include "config_access.h"
#include "config_store.h"
#include "hex.h"
#include "log.h"

#define NO		"no-"
#define FINGERPRINT	"SHA256:"
#define ANY_HASH	(-1)
#define ANY_PADDING	(-1)

/* Words for groups of operations; a name as "OpRSASignSHA256" is one too. */
static const struct word {
	const char	*name;
	int		 sign;
	int		 decrypt;
	enum key_type	 type;		/* KEY_TYPE_NONE: any */
	int		 hash;		/* enum hash_type */
	int		 pss;
} words[] = {
	{ "all",	1, 1, KEY_TYPE_NONE, ANY_HASH, ANY_PADDING },
	{ "sign",	1, 0, KEY_TYPE_NONE, ANY_HASH, ANY_PADDING },
	{ "decrypt",	0, 1, KEY_TYPE_NONE, ANY_HASH, ANY_PADDING },
	{ "rsa",	1, 1, KEY_TYPE_RSA, ANY_HASH, ANY_PADDING },
	{ "ecdsa",	1, 0, KEY_TYPE_EC, ANY_HASH, ANY_PADDING },
	{ "ed25519",	1, 0, KEY_TYPE_ED25519, ANY_HASH, ANY_PADDING },
	{ "pkcs1",	1, 0, KEY_TYPE_RSA, ANY_HASH, 0 },
	{ "pss",	1, 0, KEY_TYPE_RSA, ANY_HASH, 1 },
	{ "md5sha1",	1, 0, KEY_TYPE_NONE, HASH_MD5SHA1, ANY_PADDING },
	{ "sha1",	1, 0, KEY_TYPE_NONE, HASH_SHA1, ANY_PADDING },
	{ "sha224",	1, 0, KEY_TYPE_NONE, HASH_SHA224, ANY_PADDING },
	{ "sha256",	1, 0, KEY_TYPE_NONE, HASH_SHA256, ANY_PADDING },
	{ "sha384",	1, 0, KEY_TYPE_NONE, HASH_SHA384, ANY_PADDING },
	{ "sha512",	1, 0, KEY_TYPE_NONE, HASH_SHA512, ANY_PADDING },
};

static int
word_has(const struct word *w, const struct opcode_info *op)
{
	return (((op->class == OPC_SIGN && w->sign) ||
	    (op->class == OPC_DECRYPT && w->decrypt)) &&
	    (w->type == KEY_TYPE_NONE || w->type == op->key_type) &&
	    (w->hash == ANY_HASH || w->hash == (int)op->hash) &&
	    (w->pss == ANY_PADDING || w->pss == op->pss));
}

/* The operations that a word stands for, as bits; 0: it is no word. */
static uint32_t
word_bits(const char *name)
{
	const struct opcode_info	*op = opcode_by_name(name);
	uint32_t			 bits = 0;
	size_t				 i, j;

	if (op != NULL && (op->class == OPC_SIGN || op->class == OPC_DECRYPT))
		return (OPCODE_BIT(op));
	for (i = 0; i < nitems(words); i++) {
		if (strcmp(words[i].name, name) != 0)
			continue;
		for (j = 0; j < OPCODE_COUNT; j++)
			if (word_has(&words[i], opcode_at(j)))
				bits |= OPCODE_BIT(opcode_at(j));
	}
	return (bits);
}

/* The words so far. */
struct opcodes {
	uint32_t	 bits;
	int		 begun;
};

static void
add_word(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	static const char	 expected[] = "words as sign, decrypt, rsa, "
				    "ecdsa, ed25519, pkcs1, pss, sha1, sha256, "
				    "names as OpRSASignSHA256, or no- and one "
				    "of them";
	struct opcodes		*o = base;
	const char		*s;
	uint32_t		 bits;
	int			 no;

	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	if ((no = strncmp(s, NO, strlen(NO)) == 0))
		s += strlen(NO);
	if ((bits = word_bits(s)) == 0) {
		conf_error(file, node, "%s: expected %s", key->name, expected);
		return;
	}
	/* What is only taken away is taken away from all. */
	if (no && !o->begun)
		o->bits = word_bits("all");
	o->begun = 1;
	if (no)
		o->bits &= ~bits;
	else
		o->bits |= bits;
}

void
config_set_opcodes(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	unsigned int	 before = conf_file_errors(file);
	struct opcodes	 o = { 0, 0 };

	conf_list(file, node, key, add_word, &o);
	if (!o.begun && conf_file_errors(file) == before)
		conf_error(file, node, "%s: expected at least one word",
		    key->name);
	memcpy((char *)base + key->offset, &o.bits, sizeof(o.bits));
}

/* 40 hexadecimal digits. */
static int
parse_ski(const char *s, uint8_t *ski)
{
	char	 digits[3] = "";
	size_t	 i;

	if (strlen(s) != 2 * WIRE_SKI_SIZE ||
	    s[strspn(s, "0123456789abcdefABCDEF")] != '\0')
		return (-1);
	for (i = 0; i < WIRE_SKI_SIZE; i++) {
		memcpy(digits, s + 2 * i, 2);
		ski[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return (0);
}

/* A store is named as it stands under private_key_stores. */
static char *
store_name(struct conf_file *file, const char *name)
{
	char	*path;

	if (strchr(name, ':') != NULL || strncmp(name, "projects/", 9) == 0)
		return (conf_strdup(name));	/* a URI */
	path = conf_path(file, name);
	return (path == NULL ? conf_strdup(name) : path);
}

static const char *const grant_words[] = {
	[GRANT_SKI] = "ski:",
	[GRANT_LABEL] = "label:",
	[GRANT_STORE] = "store:"
};

static void
add_grant(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	static const char	 expected[] = "ski:HEX, label:NAME or "
				    "store:NAME";
	struct conf_grants	*list = base;
	struct conf_grant	*g;
	const char		*s;
	size_t			 kind, len;

	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	for (kind = 0; kind < nitems(grant_words); kind++)
		if (strncmp(s, grant_words[kind],
		    len = strlen(grant_words[kind])) == 0)
			break;
	if ((g = calloc(1, sizeof(*g))) == NULL)
		fatal("calloc");
	TAILQ_INSERT_TAIL(list, g, entry);
	if (kind == nitems(grant_words) || s[len] == '\0' ||
	    (kind == GRANT_SKI && parse_ski(s + len, g->ski) == -1) ||
	    strlen(s + len) >= MSG_PATH_SIZE) {
		conf_error(file, node, "%s: expected %s", key->name, expected);
		return;
	}
	g->kind = (enum grant_kind)kind;
	if (kind != GRANT_SKI)
		g->text = kind == GRANT_STORE ? store_name(file, s + len) :
		    conf_strdup(s + len);
}

static void
set_grants(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct conf_access	*a = base;
	unsigned int		 before = conf_file_errors(file);

	conf_list(file, node, key, add_grant, &a->grants);
	if (TAILQ_EMPTY(&a->grants) && conf_file_errors(file) == before)
		conf_error(file, node, "%s: expected at least one key",
		    key->name);
}

/* SHA256: and 64 digits, with or without colons, as libtls writes it. */
static void
set_fingerprint(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	static const char	 expected[] = "64 hexadecimal digits, with "
				    "or without SHA256: and colons";
	struct conf_access	*a = base;
	const char		*s;
	char			 text[sizeof(FINGERPRINT) + 64];
	size_t			 n = strlen(FINGERPRINT);

	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	if (strncasecmp(s, FINGERPRINT, n) == 0)
		s += n;
	strlcpy(text, FINGERPRINT, sizeof(text));
	for (; *s != '\0' && n < sizeof(text) - 1; s++)
		if (*s != ':')
			text[n++] = (char)tolower((unsigned char)*s);
	text[n] = '\0';
	if (*s != '\0' || n != sizeof(text) - 1 ||
	    strspn(text + strlen(FINGERPRINT), "0123456789abcdef") != 64) {
		conf_error(file, node, "%s: expected %s", key->name, expected);
		return;
	}
	a->fingerprint = conf_strdup(text);
}

#define FIELD(f)	offsetof(struct conf_access, f)

static const struct conf_key access_keys[] = {
	{ "name", conf_set_text, FIELD(name), 0, 255, NULL },
	{ "fingerprint", set_fingerprint, 0, 0, 0, NULL },
	{ "keys", set_grants, 0, 0, 0, NULL },
	{ "opcodes", config_set_opcodes, FIELD(opcodes), 0, 0, NULL }
};
#define POLICY_KEYS	2		/* the first key of a policy */

static struct conf_access *
access_new(struct conf_accesses *list)
{
	struct conf_access	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		fatal("calloc");
	a->opcodes = OPCODES_ALL;
	TAILQ_INIT(&a->grants);
	TAILQ_INSERT_TAIL(list, a, entry);
	return (a);
}

static void
add_client(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct config		*conf = base;
	struct conf_access	*a = access_new(&conf->clients);
	unsigned int		 before = conf_file_errors(file);

	(void)key;
	if (conf_map(file, node, access_keys, nitems(access_keys), a) == -1 ||
	    conf_file_errors(file) != before)
		return;
	if ((a->name == NULL) == (a->fingerprint == NULL))
		conf_error(file, node, "a client needs one of name and "
		    "fingerprint");
}

void
config_set_clients(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	unsigned int	 before = conf_file_errors(file);
	struct config	*conf = base;

	conf_list(file, node, key, add_client, conf);
	if (TAILQ_EMPTY(&conf->clients) && conf_file_errors(file) == before)
		conf_error(file, node, "%s: expected at least one client",
		    key->name);
}

static void
add_policy(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	struct config		*conf = base;
	struct conf_access	*a = access_new(&conf->policy);

	(void)key;
	(void)conf_map(file, node, access_keys + POLICY_KEYS,
	    nitems(access_keys) - POLICY_KEYS, a);
}

void
config_set_policy(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	conf_list(file, node, key, add_policy, base);
}

static int
concerns(const struct conf_access *a, const struct conf_store *store,
    const uint8_t *ski, const char *label)
{
	const struct conf_grant	*g;

	if (TAILQ_EMPTY(&a->grants))
		return (1);
	TAILQ_FOREACH(g, &a->grants, entry) {
		switch (g->kind) {
		case GRANT_SKI:
			if (memcmp(g->ski, ski, WIRE_SKI_SIZE) == 0)
				return (1);
			break;
		case GRANT_LABEL:
			if (label != NULL && strcmp(g->text, label) == 0)
				return (1);
			break;
		case GRANT_STORE:
			if (strcmp(g->text, store->name) == 0)
				return (1);
			break;
		}
	}
	return (0);
}

uint32_t
config_key_opcodes(const struct config *conf, const struct conf_store *store,
    const uint8_t *ski, const char *label)
{
	const struct conf_access	*a;
	uint32_t			 bits = store->opcodes;

	TAILQ_FOREACH(a, &conf->policy, entry)
		if (concerns(a, store, ski, label))
			bits &= a->opcodes;
	return (bits);
}

void
config_print_opcodes(FILE *f, const char *indent, uint32_t bits)
{
	const struct opcode_info	*op;
	const char			*sep = "";
	size_t				 i;

	if (bits == OPCODES_ALL)
		return;
	fprintf(f, "%sopcodes: [", indent);
	if (bits == 0)
		fprintf(f, "no-all");
	for (i = 0; i < OPCODE_COUNT; i++) {
		op = opcode_at(i);
		if (!(bits & OPCODE_BIT(op)))
			continue;
		fprintf(f, "%s%s", sep, op->name);
		sep = ", ";
	}
	fprintf(f, "]\n");
}

/* begin is "- " while nothing of the item has been printed. */
static void
print_grants(FILE *f, const char **begin, const struct conf_grants *list)
{
	const struct conf_grant	*g;
	char			 hex[2 * WIRE_SKI_SIZE + 1];

	if (TAILQ_EMPTY(list))
		return;
	fprintf(f, "%skeys:\n", *begin);
	*begin = "  ";
	TAILQ_FOREACH(g, list, entry) {
		hex_encode(g->ski, sizeof(g->ski), hex);
		fprintf(f, "  - ");
		config_print_text(f, "%s%s", grant_words[g->kind],
		    g->kind == GRANT_SKI ? hex : g->text);
	}
}

static void
print_accesses(FILE *f, const char *name, const struct conf_accesses *list)
{
	const struct conf_access	*a;
	const char			*begin;

	if (!TAILQ_EMPTY(list))
		fprintf(f, "%s:\n", name);
	TAILQ_FOREACH(a, list, entry) {
		begin = "- ";
		if (a->name != NULL) {
			fprintf(f, "- name: ");
			config_print_text(f, "%s", a->name);
			begin = "  ";
		}
		if (a->fingerprint != NULL) {
			fprintf(f, "- fingerprint: %s\n", a->fingerprint);
			begin = "  ";
		}
		print_grants(f, &begin, &a->grants);
		if (*begin == '-' && a->opcodes == OPCODES_ALL)
			fprintf(f, "- {}\n");
		config_print_opcodes(f, begin, a->opcodes);
	}
}

void
config_print_access(const struct config *conf, FILE *f)
{
	if (conf->client_eku)
		fprintf(f, "client_eku: yes\n");
	print_accesses(f, "clients", &conf->clients);
	print_accesses(f, "policy", &conf->policy);
}

void
config_access_free(struct conf_accesses *list)
{
	struct conf_access	*a;
	struct conf_grant	*g;

	while ((a = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, a, entry);
		while ((g = TAILQ_FIRST(&a->grants)) != NULL) {
			TAILQ_REMOVE(&a->grants, g, entry);
			free(g->text);
			free(g);
		}
		free(a->name);
		free(a->fingerprint);
		free(a);
	}
}
