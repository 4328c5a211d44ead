/* Fuzzer of connections: what frontend.c has. */
#include <string.h>

#include "compat.h"
#include "conn_played.h"

struct event_base	*fe_base;
struct channel		*fe_parent;
struct msg_front_conf	 fe_conf;
struct msg_place	 fe_place = { .number = 0, .frontends = 1 };

static struct keytab	*keytab;
static struct fe_key	 keys[KEYS];
static uint64_t		 clock_ms = 1000;

struct keytab *
frontend_keytab(void)
{
	return (keytab);
}

uint64_t
frontend_now(void)
{
	return (clock_ms);
}

uint64_t
frontend_now_us(void)
{
	return (clock_ms * 1000);
}

struct fe_key *
frontend_key(size_t i)
{
	REQUIRE(i < KEYS);
	return (&keys[i]);
}

size_t
frontend_key_number(const struct fe_key *key)
{
	return ((size_t)(key - keys));
}

size_t
frontend_nkeys(void)
{
	return (KEYS);
}

uint32_t
frontend_generation(void)
{
	return (1);
}

void
frontend_key_answered(struct fe_set *set, uint32_t index,
    enum sign_status status)
{
	(void)set;
	(void)index;
	(void)status;
}

void
channel_send(struct channel *ch, uint32_t type, uint32_t peer, int fd,
    const void *data, size_t length)
{
	(void)ch;
	(void)peer;
	(void)data;
	(void)length;
	REQUIRE(fd == -1);
	REQUIRE(type == MSG_FRONT_KILL || type == MSG_FRONT_SET_DONE);
}

void
front_wait(uint64_t ms)
{
	clock_ms += ms;
}

void
front_turn(void)
{
	event_base_loop(fe_base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	while (conn_handshakes())
		;
	while (queue_flush() + conn_flush() != 0)
		;
}

static void
add_set(uint32_t id, uint32_t n)
{
	struct msg_set	 m;

	memset(&m, 0, sizeof(m));
	m.set = id;
	m.nsigners = n;
	strlcpy(m.name, "set", sizeof(m.name));
	queue_set_new(&m, frontend_generation());
}

void
front_begin(void)
{
	static const enum key_type	 types[KEYS] = {
		KEY_TYPE_EC, KEY_TYPE_RSA, KEY_TYPE_ED25519
	};
	static char			 label[] = "label";
	uint32_t			 i;

	REQUIRE((keytab = keytab_new(KEYS)) != NULL);
	add_set(1, 2);
	add_set(2, 1);
	for (i = 0; i < KEYS; i++) {
		keys[i].info.state = KEY_READY;
		keys[i].info.type = types[i];
		keys[i].info.label = label;
		memset(keys[i].info.ski, (int)i + 1, WIRE_SKI_SIZE);
		memset(keys[i].info.digest, (int)i + 1, WIRE_DIGEST_SIZE);
		keys[i].set = queue_set_find(1 + i / SET_KEYS);
		keys[i].index = i % SET_KEYS;
		keys[i].block = 256;
		keys[i].opcodes = OPCODES_ALL;
		keytab_add(keytab, &keys[i]);
	}
}

void
front_end(void)
{
	front_turn();
	REQUIRE(pending_count() == 0);
	REQUIRE(fe_now.connections == 0);
	queue_retire(frontend_generation() + 1);
	front_turn();
	REQUIRE(TAILQ_EMPTY(&fe_sets));
	keytab_free(keytab);
}
