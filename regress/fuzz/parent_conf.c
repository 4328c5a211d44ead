/*
 * Fuzzer of the parent: configurations, without a file.  Each has two sets,
 * one of key files and one of a token, which may be another token's in the
 * next one.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../keylessd/config_access.h"
#include "compat.h"
#include "log.h"
#include "parent_played.h"

#define URI		"pkcs11:token=t?module-path=/m.so"
#define OTHER_URI	"pkcs11:token=u?module-path=/m.so"

static struct key_file	 stdin_file = { STDIN_FILENO, 1 };
static struct pk11uri	*token_uri;
static struct pk11uri	*other_uri;

void
conf_init(void)
{
	char	 err[128];

	token_uri = pk11uri_parse(URI, err, sizeof(err));
	other_uri = pk11uri_parse(OTHER_URI, err, sizeof(err));
	REQUIRE(token_uri != NULL && other_uri != NULL);
}

static char *
copy(const char *text)
{
	char	*s;

	REQUIRE((s = strdup(text)) != NULL);
	return (s);
}

/* ---- the words of it */

static void
store_add(struct config *conf, enum store_kind kind, struct pk11uri *uri)
{
	struct conf_store	*store = calloc(1, sizeof(*store));

	REQUIRE(store != NULL);
	store->kind = kind;
	store->uri = uri;
	store->name = copy("name");
	store->required = fuzz_byte(&input) == 1;
	TAILQ_INIT(&store->environment);
	TAILQ_INSERT_TAIL(&conf->stores, store, entry);
}

struct config *
config_load(const char *path)
{
	struct config	*conf;

	(void)path;
	if (fuzz_byte(&input) == 1) {
		log_errx("config is bad");
		return (NULL);
	}
	REQUIRE((conf = calloc(1, sizeof(*conf))) != NULL);
	TAILQ_INIT(&conf->listen);
	TAILQ_INIT(&conf->metrics_listen);
	TAILQ_INIT(&conf->stores);
	TAILQ_INIT(&conf->clients);
	conf->control_socket = copy("/nonexistent/control");
	conf->user = copy("u");
	conf->signer_user = copy("s");
	conf->start_timeout = 1000;
	conf->frontends = 1 + fuzz_byte(&input) % 3U;
	store_add(conf, STORE_FILE, NULL);
	store_add(conf, STORE_PKCS11, fuzz_byte(&input) == 1 ? other_uri :
	    token_uri);
	return (conf);
}

static void
config_drop(struct config *conf)
{
	struct conf_store	*store;

	while ((store = TAILQ_FIRST(&conf->stores)) != NULL) {
		TAILQ_REMOVE(&conf->stores, store, entry);
		free(store->name);
		free(store);
	}
	free(conf->control_socket);
	free(conf->user);
	free(conf->signer_user);
	free(conf);
}

/* As long as the input says: it is sent in portions. */
void
config_print(const struct config *conf, FILE *f)
{
	size_t	 n = fuzz_u16(&input);

	REQUIRE(conf == parent_setup->conf);
	while (n-- > 0)
		putc('a', f);
}

uint32_t
config_key_opcodes(const struct config *conf, const struct conf_store *store,
    const uint8_t *ski, const char *label)
{
	REQUIRE(conf != NULL && store != NULL && ski != NULL && label != NULL);
	return (OPCODES_ALL);
}

/* ---- what it names, opened */

static void
key_add(struct signer_set *set, uint32_t i, const struct conf_store *store)
{
	struct set_key	*key = &set->keys[i];

	key->store = store;
	key->name = copy("name");
	key->file = set->kind == SET_FILES ? &stdin_file : NULL;
	key->cert_fd = -1;
	if (i == 0 || fuzz_byte(&input) != 1)
		return;
	key->lost = 1;
	REQUIRE(keyinfo_fail(&key->info, "name", "lost") == 0);
}

static void
set_add(struct setup *setup, const struct conf_store *store)
{
	static uint32_t		 last_id;
	struct signer_set	*set = calloc(1, sizeof(*set));
	uint32_t		 i;

	REQUIRE(set != NULL);
	set->setup = setup;
	set->id = ++last_id;
	set->kind = store->kind == STORE_FILE ? SET_FILES : SET_PKCS11;
	strlcpy(set->name, "set", sizeof(set->name));
	set->uri = store->uri;
	set->uri_text = store->uri == other_uri ? OTHER_URI : URI;
	set->pin_fd = -1;
	set->nkeys = 1 + fuzz_byte(&input) % 3;
	set->nsigners = 1 + fuzz_byte(&input) % 3;
	set->keys = calloc(set->nkeys, sizeof(*set->keys));
	REQUIRE(set->keys != NULL);
	for (i = 0; i < set->nkeys; i++)
		key_add(set, i, store);
	TAILQ_INSERT_TAIL(&setup->sets, set, entry);
}

struct setup *
setup_open(struct config *conf, int flags, const struct setup *old)
{
	const struct conf_store	*store;
	struct setup		*setup = calloc(1, sizeof(*setup));

	(void)old;
	REQUIRE(!(flags & SETUP_DRAINED) == !parent_drained);
	REQUIRE(setup != NULL);
	setup->conf = conf;
	setup->control_fd = setup->cert_fd = setup->key_fd = -1;
	setup->ca_fd = setup->crl_fd = -1;
	TAILQ_INIT(&setup->sets);
	TAILQ_FOREACH(store, &conf->stores, entry)
		set_add(setup, store);
	return (setup);
}

int
setup_undrain(struct setup *setup)
{
	REQUIRE(setup == parent_setup && parent_drained);
	if (fuzz_byte(&input) != 1)
		return (0);
	log_errx("cannot listen");
	return (-1);
}

static void
set_drop(struct signer_set *set)
{
	uint32_t	 i;

	REQUIRE(set->signers == NULL);
	for (i = 0; i < set->nkeys; i++) {
		keyinfo_free(&set->keys[i].info);
		free(set->keys[i].name);
	}
	free(set->keys);
	free(set);
}

void
setup_close(struct setup *setup)
{
	struct signer_set	*set;

	while ((set = TAILQ_FIRST(&setup->sets)) != NULL) {
		TAILQ_REMOVE(&setup->sets, set, entry);
		set_drop(set);
	}
	config_drop(setup->conf);
	free(setup);
}
