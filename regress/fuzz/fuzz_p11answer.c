/*
 * Fuzzer: a key server that lies to keyless-pkcs11.  Whatever it answers, an
 * operation ends in time, with a result of the right size that the server has
 * sent, all of it written and nothing beyond, or without one; asked again and
 * answered the same, it ends the same.
 *
 * There is no network: this file stands in for libtls, for poll(2) and for the
 * clock, which only goes on while there is nothing to read.  Input: a byte
 * that chooses the operation, then pieces of what the server sends, a byte of
 * length before each.  The ping has id 0, the requests 1, 2, 3 ...
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <tls.h>

#include "compat.h"
#include "fuzz.h"
#include "p11.h"

#define TIMEOUT		100	/* ms, of the clock here */
#define PING_SIZE	(WIRE_HEADER_SIZE + WIRE_ITEM_SIZE + 1)

static const uint8_t	*input;		/* what the server has not sent yet */
static size_t		 left;
static size_t		 pong;		/* ... until it is pinged ... */
static size_t		 answer;	/* ... or asked ... */
static size_t		 second;	/* ... and once more */
static uint64_t		 now = 1000;
static struct conf_slot	 conf;
static unsigned int	 connections;	/* opened */
static unsigned int	 mute;		/* this one of them says nothing ... */
static int		 mute_rest;	/* ... nor do those after it */
static unsigned int	 polls;		/* with something to read */

/* What was read of the input, and from which connection. */
static struct piece {
	unsigned int	 number;
	const uint8_t	*data;
	size_t		 length;
}			*pieces;
static size_t		 npieces;
static char		 here[] = "127.0.0.1", port[] = "1";
static char		 label[] = "fuzz";
static pthread_mutex_t	 hang = PTHREAD_MUTEX_INITIALIZER;
static unsigned int	 lookups;	/* of names */
static int		 looking_up;	/* in a thread that will be done */

/* ---- the clock and the network */

uint64_t
remote_now(void)
{
	return (now);
}

int
poll(struct pollfd *pfds, nfds_t n, int timeout)
{
	const struct timespec	 patience = { 60, 0 };
	int			 ready = left != 0;
	nfds_t			 i;

	for (i = 0; i < n; i++) {
		pfds[i].revents = pfds[i].events;
		ready |= pfds[i].events & POLLOUT;	/* connected */
	}
	if (n == 1 && pfds[0].events == POLLOUT)
		return (1);		/* connected */
	if (looking_up) {
		looking_up = 0;
		return (ppoll(pfds, 1, &patience, NULL));
	}
	pfds[0].revents = 0;		/* nobody wakes this thread */
	if (!ready || n == 1)
		now += timeout > 0 ? (uint64_t)timeout : 1;
	else if (++polls % 64 == 0)
		now++;
	return ((int)n - 1);
}

int
connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	(void)fd;
	(void)sa;
	(void)len;
	return (0);
}

/* The first name is known at once, the second one only after the test. */
int
getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **found)
{
	static struct sockaddr_in	 sin = { .sin_family = AF_INET };
	static struct addrinfo		 ai = {
		.ai_family = AF_INET,
		.ai_addr = (struct sockaddr *)&sin,
		.ai_addrlen = sizeof(sin)
	};

	(void)host;
	(void)service;
	if ((hints->ai_flags & AI_NUMERICHOST) == 0 &&
	    __atomic_add_fetch(&lookups, 1, __ATOMIC_SEQ_CST) > 1) {
		pthread_mutex_lock(&hang);
		pthread_mutex_unlock(&hang);
	}
	*found = &ai;
	return (0);
}

void
freeaddrinfo(struct addrinfo *ai)
{
	(void)ai;
}

/* ---- libtls */

struct tls {
	unsigned int	 number;
};

struct tls_config {
	int	 unused;
};

struct tls *
tls_client(void)
{
	struct tls	*t;

	if ((t = calloc(1, sizeof(*t))) != NULL)
		t->number = ++connections;
	return (t);
}

struct tls_config *
tls_config_new(void)
{
	return (calloc(1, sizeof(struct tls_config)));
}

void
tls_config_free(struct tls_config *c)
{
	free(c);
}

void
tls_free(struct tls *t)
{
	free(t);
}

const char *
tls_error(struct tls *t)
{
	(void)t;
	return ("fuzzed");
}

const char *
tls_config_error(struct tls_config *c)
{
	(void)c;
	return ("fuzzed");
}

int
tls_config_set_ca_mem(struct tls_config *c, const uint8_t *p, size_t n)
{
	(void)c;
	(void)p;
	(void)n;
	return (0);
}

int
tls_config_set_keypair_mem(struct tls_config *c, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m)
{
	(void)c;
	(void)p;
	(void)n;
	(void)q;
	(void)m;
	return (0);
}

int
tls_configure(struct tls *t, struct tls_config *c)
{
	(void)t;
	(void)c;
	return (0);
}

int
tls_connect_cbs(struct tls *t, tls_read_cb r, tls_write_cb w, void *arg,
    const char *name)
{
	(void)t;
	(void)r;
	(void)w;
	(void)arg;
	(void)name;
	return (0);
}

int
tls_handshake(struct tls *t)
{
	(void)t;
	return (0);
}

int
tls_close(struct tls *t)
{
	(void)t;
	return (0);
}

ssize_t
tls_write(struct tls *t, const void *p, size_t n)
{
	(void)t;
	(void)p;
	if (n <= PING_SIZE) {
		left += pong;
		pong = 0;
	} else {
		left += answer;
		answer = second;
		second = 0;
	}
	return ((ssize_t)n);
}

/* A piece a call; an empty one is the end of the connection. */
ssize_t
tls_read(struct tls *t, void *buf, size_t size)
{
	size_t	 n;

	if (left == 0 || t->number == mute ||
	    (mute_rest && t->number > mute))
		return (TLS_WANT_POLLIN);
	n = *input++;
	left--;
	if (n > left)
		n = left;
	if (n > size)
		n = size;
	memcpy(buf, input, n);
	if (pieces != NULL)
		pieces[npieces++] = (struct piece){ t->number, input, n };
	input += n;
	left -= n;
	return ((ssize_t)n);
}

/* ---- operations */

static const struct object *
key_of(enum key_type type)
{
	const struct object	*o;
	size_t			 i;

	for (i = 0; i < conf.objects.n; i++) {
		o = conf.objects.list[i];
		if (o->class == CKO_PRIVATE_KEY && o->key.id.type == type)
			return (o);
	}
	fuzz_fail(__FILE__, __LINE__, "a key of each type");
}

/* Append a message to an input, in pieces. */
static size_t
append(uint8_t *to, uint32_t id, uint8_t opcode, size_t length)
{
	uint8_t	 message[WIRE_PADDED_SIZE], payload[64] = { 0 };
	size_t	 size, done, n, used = 0;

	size = wire_response_encode(message, id, opcode, payload, length);
	for (done = 0; done < size; done += n) {
		n = size - done > 255 ? 255 : size - done;
		to[used++] = (uint8_t)n;
		memcpy(to + used, message + done, n);
		used += n;
	}
	return (used);
}

/* It must succeed, and take in all input; returns ms. */
static uint64_t
sign_ed25519(struct remote *remote)
{
	static uint8_t		 out[64];
	const struct object	*o = key_of(KEY_TYPE_ED25519);
	uint64_t		 begun = now;

	REQUIRE(mech_sign(mech_find(CKM_EDDSA), HASH_NONE, &o->key, remote,
	    out, 1, out) == CKR_OK);
	REQUIRE(left == 0);
	return (now - begun);
}

/*
 * A server that does not lie is believed, and soon: else all that follows
 * would test nothing.
 */
static void
check_self(void)
{
	static uint8_t	 in[4 * WIRE_PADDED_SIZE];
	struct remote	*remote;

	input = in;
	left = append(in, 0, OP_PONG, 0);
	left += append(in + left, 1, OP_RESPONSE, 64);
	REQUIRE((remote = remote_new(&conf)) != NULL);
	REQUIRE(sign_ed25519(remote) < TIMEOUT);
	remote_free(remote);
}

/*
 * A server that was up at once leaves, and what listens there takes another
 * connection but says nothing: the next server is asked soon after.
 */
static void
check_silence(void)
{
	static uint8_t	 in[4 * WIRE_PADDED_SIZE];
	struct remote	*remote;

	conf.timeout = 50 * TIMEOUT;
	REQUIRE((remote = remote_new(&conf)) != NULL);
	mute = connections + 2;
	input = in;
	left = append(in, 0, OP_PONG, 0);
	left += append(in + left, 1, OP_RESPONSE, 64);
	sign_ed25519(remote);
	now += 5;
	input = in;
	answer = append(in, 2, OP_RESPONSE, 64);
	sign_ed25519(remote);
	input = in;
	in[0] = 0;			/* the end */
	left = 1;
	pong = append(in + 1, 0, OP_PONG, 0);
	answer = append(in + 1 + pong, 3, OP_RESPONSE, 64);
	REQUIRE(sign_ed25519(remote) < 50);
	remote_free(remote);
	mute = 0;
	conf.timeout = TIMEOUT;
}

/*
 * A server that has answered, in the same millisecond in which it was up, may
 * leave: there is nothing to wait for before the next connection.
 */
static void
check_idle(void)
{
	static uint8_t	 in[4 * WIRE_PADDED_SIZE];
	struct remote	*remote;

	conf.nservers = 1;
	REQUIRE((remote = remote_new(&conf)) != NULL);
	input = in;
	left = append(in, 0, OP_PONG, 0);
	answer = append(in + left, 1, OP_RESPONSE, 64);
	REQUIRE(sign_ed25519(remote) == 0);
	now += TIMEOUT;
	input = in;
	in[0] = 0;			/* the end */
	left = 1;
	pong = append(in + 1, 0, OP_PONG, 0);
	answer = append(in + 1 + pong, 2, OP_RESPONSE, 64);
	REQUIRE(sign_ed25519(remote) < 10);
	remote_free(remote);
	conf.nservers = 2;
}

/*
 * What the first server refuses waits for the other one, which says nothing;
 * but not as long again once that is known.
 */
static void
check_refused(void)
{
	static uint8_t		 in[4 * WIRE_PADDED_SIZE];
	static uint8_t		 out[64];
	const struct object	*o = key_of(KEY_TYPE_ED25519);
	struct remote		*remote;
	uint64_t		 begun;
	uint32_t		 id;

	conf.timeout = 50 * TIMEOUT;
	REQUIRE((remote = remote_new(&conf)) != NULL);
	mute = connections + 2;
	mute_rest = 1;
	for (id = 1; id <= 3; id += 2) {
		input = in;
		left = id == 1 ? append(in, 0, OP_PONG, 0) : 0;
		answer = append(in + left, id, OP_ERROR, 1);
		second = append(in + left + answer, id + 1, OP_ERROR, 1);
		begun = now;
		REQUIRE(mech_sign(mech_find(CKM_EDDSA), HASH_NONE, &o->key,
		    remote, out, 1, out) == CKR_DEVICE_ERROR);
		REQUIRE(id == 1 || now - begun < 3 * TIMEOUT);
		now += 100 * TIMEOUT;
	}
	remote_free(remote);
	mute = 0;
	mute_rest = 0;
	answer = second = 0;
	conf.timeout = TIMEOUT;
}

/*
 * A server by a name, the second lookup of which hangs: it is asked at its old
 * address, and no other lookup is begun meanwhile.
 */
static void
check_resolver(void)
{
	static uint8_t	 in[4 * WIRE_PADDED_SIZE];
	struct remote	*remote;
	int		 i;

	conf.nservers = 1;
	conf.servers[0].numeric = 0;
	pthread_mutex_lock(&hang);
	looking_up = 1;
	conf.timeout = 50 * TIMEOUT;
	REQUIRE((remote = remote_new(&conf)) != NULL);
	for (i = 1; i <= 4; i++) {
		input = in;
		in[0] = 0;		/* the end of the last connection */
		left = i == 1 ? 0 : 1;
		pong = append(in + left, 0, OP_PONG, 0);
		answer = append(in + left + pong, (uint32_t)i, OP_RESPONSE,
		    64);
		REQUIRE(sign_ed25519(remote) < 10 * TIMEOUT);
		now += 1000 * TIMEOUT;
	}
	REQUIRE(lookups <= 2);
	remote_free(remote);
	pthread_mutex_unlock(&hang);
	conf.nservers = 2;
	conf.servers[0].numeric = 1;
	conf.timeout = TIMEOUT;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	REQUIRE(certs_add(&conf.objects, p11_certs(), NULL) == 0);
	REQUIRE(conf.objects.n == P11_OBJECTS);
	p11_certs_remove();
	conf.label = label;
	conf.nservers = 2;
	conf.servers[0].text = conf.servers[1].text = here;
	conf.servers[0].host = conf.servers[1].host = here;
	conf.servers[0].port = conf.servers[1].port = port;
	conf.servers[0].numeric = conf.servers[1].numeric = 1;
	conf.timeout = TIMEOUT;
	check_self();
	check_silence();
	check_idle();
	check_refused();
	check_resolver();
	return (0);
}

/* Inputs start with one of them. */
static const struct kind {
	CK_MECHANISM_TYPE	 type;
	enum key_type		 key;
	enum hash_type		 hash;
	size_t			 length;
	int			 decrypt;
	size_t			 padding;	/* that is removed, at least */
} kinds[] = {
	{ CKM_RSA_PKCS, KEY_TYPE_RSA, HASH_NONE, 256, 1, 11 },
	{ CKM_RSA_X_509, KEY_TYPE_RSA, HASH_NONE, 256, 1, 0 },
	{ CKM_RSA_PKCS, KEY_TYPE_RSA, HASH_NONE, 36, 0, 0 },
	{ CKM_SHA256_RSA_PKCS_PSS, KEY_TYPE_RSA, HASH_SHA256, 32, 0, 0 },
	{ CKM_ECDSA, KEY_TYPE_EC, HASH_NONE, 32, 0, 0 },
	{ CKM_EDDSA, KEY_TYPE_ED25519, HASH_NONE, 100, 0, 0 },
};

struct outcome {
	CK_RV		 rv;
	uint64_t	 took;		/* ms */
	size_t		 left;		/* of the input */
	uint8_t		*out;		/* of the size that may be written */
	size_t		 size, length;
};

/* Results that PKCS#11 has for an operation of which the server decides. */
static void
check_rv(CK_RV rv, int decrypt)
{
	REQUIRE(rv == CKR_OK || rv == CKR_DEVICE_ERROR ||
	    rv == CKR_FUNCTION_FAILED ||
	    (decrypt && rv == CKR_ENCRYPTED_DATA_INVALID));
}

/* Whether one connection has brought these bytes. */
static int
was_sent(const void *bytes, size_t length, size_t size)
{
	uint8_t		*all;
	unsigned int	 number;
	size_t		 i, n;
	int		 found = 0;

	REQUIRE((all = malloc(size + 1)) != NULL);
	for (number = 1; number <= connections && !found; number++) {
		for (i = n = 0; i < npieces; i++) {
			if (pieces[i].number != number)
				continue;
			memcpy(all + n, pieces[i].data, pieces[i].length);
			n += pieces[i].length;
		}
		found = memmem(all, n, bytes, length) != NULL;
	}
	free(all);
	return (found);
}

/* r or s of a signature: not 0, and behind its zeros as it was sent. */
static void
check_number(const uint8_t *p, size_t length, size_t size)
{
	for (; length != 0 && *p == 0; length--)
		p++;
	REQUIRE(length != 0 && was_sent(p, length, size));
}

/* As the payload of a response, or of its end; size is of the input. */
static void
check_sent(const struct kind *k, const struct outcome *o, size_t size)
{
	uint8_t	 item[WIRE_ITEM_SIZE + REMOTE_DATA_MAX];
	size_t	 half = o->size / 2;

	if (k->key == KEY_TYPE_EC) {
		check_number(o->out, half, size);
		check_number(o->out + half, half, size);
		return;
	}
	if (k->padding != 0) {
		item[0] = 0;		/* that ends the padding */
		memcpy(item + 1, o->out, o->length);
		REQUIRE(was_sent(item, o->length + 1, size));
		return;
	}
	item[0] = WIRE_TAG_PAYLOAD;
	item[1] = (uint8_t)(o->length >> 8);
	item[2] = (uint8_t)o->length;
	memcpy(item + WIRE_ITEM_SIZE, o->out, o->length);
	REQUIRE(was_sent(item, WIRE_ITEM_SIZE + o->length, size));
}

/* What comes of an operation in room that holds a pattern. */
static void
operate(const struct kind *k, const uint8_t *data, size_t size,
    int pattern, struct outcome *o)
{
	static const uint8_t	 in[REMOTE_DATA_MAX];
	const struct mech	*mech = mech_find(k->type);
	const struct object	*key = key_of(k->key);
	struct remote		*remote;
	uint64_t		 begun;

	input = data;
	left = size;
	begun = now = 1000;
	connections = polls = 0;
	pong = answer = 0;
	npieces = 0;
	o->size = o->length = mech_output_size(mech, &key->key);
	REQUIRE((o->out = malloc(o->size)) != NULL);
	memset(o->out, pattern, o->size);
	REQUIRE((remote = remote_new(&conf)) != NULL);
	if (k->decrypt)
		o->rv = mech_decrypt(mech, &key->key, remote, in, k->length,
		    o->out, &o->length);
	else
		o->rv = mech_sign(mech, k->hash, &key->key, remote, in,
		    k->length, o->out);
	o->took = now - begun;
	o->left = left;
	remote_free(remote);
}

static void
check_outcome(const struct kind *k, const struct outcome *o, size_t size)
{
	check_rv(o->rv, k->decrypt);
	REQUIRE(o->took <= 2 * TIMEOUT);
	if (o->rv != CKR_OK)
		return;
	REQUIRE(o->length <= o->size - k->padding);
	if (k->padding == 0)
		REQUIRE(o->length == o->size);
	check_sent(k, o, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct kind	*k;
	struct outcome		 a, b;

	if (size == 0)
		return (0);
	k = &kinds[data[0] % nitems(kinds)];
	conf.balance = data[0] & 0x80 ? BALANCE_ROUND_ROBIN : BALANCE_ORDER;
	REQUIRE((pieces = calloc(size, sizeof(*pieces))) != NULL);
	operate(k, data + 1, size - 1, 0x55, &a);
	operate(k, data + 1, size - 1, 0xaa, &b);
	check_outcome(k, &a, size);
	REQUIRE(a.rv == b.rv && a.took == b.took && a.left == b.left);
	REQUIRE(a.length == b.length);
	if (a.rv == CKR_OK)
		REQUIRE(memcmp(a.out, b.out, a.length) == 0);
	free(a.out);
	free(b.out);
	free(pieces);
	pieces = NULL;
	return (0);
}
