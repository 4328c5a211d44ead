/* Test client: the commands of its command line. */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client.h"
#include "compat.h"
#include "hex.h"

struct command {
	const char	*name;
	int		 min;		/* words after the name */
	int		 max;
	int		(*run)(struct run *, const struct options *, char **);
	const char	*help;
};

static long
number(const char *text, long max)
{
	const char	*error;
	long		 n;

	n = (long)strtonum(text, 0, max, &error);
	if (error != NULL)
		die("%s: number is %s", text, error);
	return (n);
}

/* How often to do something: an optional word. */
static long
times(const char *text)
{
	return (text == NULL ? 1 : number(text, 10000000));
}

/* "OpRSASignSHA256", "rsa-sha256" ... all become "rsasha256". */
static void
normalize(const char *name, char *out, size_t size)
{
	size_t	 n = 0;

	if (strncmp(name, "Op", 2) == 0)
		name += 2;
	for (; *name != '\0' && n < size - 1; name++) {
		if (strncasecmp(name, "sign", 4) == 0 && n != 0) {
			name += 3;
			continue;
		}
		if (isalnum((unsigned char)*name))
			out[n++] = (char)tolower((unsigned char)*name);
	}
	out[n] = '\0';
}

static int
in_group(const struct opcode_info *op, const char *group)
{
	if (op->class != OPC_SIGN)
		return (0);
	if (strcmp(group, "pkcs1") == 0)
		return (op->key_type == KEY_TYPE_RSA && !op->pss);
	if (strcmp(group, "pss") == 0)
		return (op->pss);
	if (strcmp(group, "ecdsa") == 0)
		return (op->key_type == KEY_TYPE_EC);
	return (0);
}

/* Does the word name the operation, or a group that it belongs to? */
static int
op_matches(const struct opcode_info *op, const char *word)
{
	char	 a[64], b[64];

	normalize(op->name, a, sizeof(a));
	normalize(word, b, sizeof(b));
	return (strcmp(a, b) == 0 || in_group(op, word));
}

static uint8_t
op_code(const char *word)
{
	char	*end;
	long	 n;
	size_t	 i;

	for (i = 0; i < OPCODE_COUNT; i++)
		if (op_matches(opcode_at(i), word))
			return (opcode_at(i)->code);
	n = strtol(word, &end, 0);
	if (end == word || *end != '\0' || n < 0 || n > 255)
		die("%s: no such operation", word);
	return ((uint8_t)n);
}

static const struct pubkey *
load_key(const struct options *o, const char *path)
{
	const struct pubkey	*key = pubkey_load(path);

	if (o->identify == IDENTIFY_DIGEST &&
	    key->id.type == KEY_TYPE_ED25519)
		die("%s: an Ed25519 key has no digest", path);
	return (key);
}

static void
add(struct run *run, struct request *r, int expect)
{
	r->expect = expect;
	run_add(run, r);
}

static int
finish(struct run *run)
{
	return (run_all(run) == 0 ? 0 : -1);
}

static int
cmd_sign(struct run *run, const struct options *o, char **arg)
{
	const struct pubkey	*key = load_key(o, arg[1]);
	long			 i, n = times(arg[2]);
	size_t			 k;
	int			 found = 0;

	for (k = 0; k < OPCODE_COUNT; k++) {
		if (opcode_at(k)->class != OPC_SIGN ||
		    !op_matches(opcode_at(k), arg[0]))
			continue;
		found = 1;
		for (i = 0; i < n; i++)
			add(run, request_sign(opcode_at(k), key), o->expect);
	}
	if (!found)
		die("%s: no such signature", arg[0]);
	return (finish(run));
}

/* Every kind of block with both opcodes. */
static void
add_decrypts(struct run *run, const struct pubkey *key, int expect)
{
	int	 kind;

	for (kind = 0; kind < BLOCK_KINDS; kind++) {
		add(run, request_decrypt(opcode_find(OP_RSA_DECRYPT), key,
		    (enum block)kind), expect);
		add(run, request_decrypt(opcode_find(OP_RSA_DECRYPT_RAW), key,
		    (enum block)kind), expect);
	}
}

static int
cmd_decrypt(struct run *run, const struct options *o, char **arg)
{
	const struct pubkey	*key = load_key(o, arg[0]);
	long			 i, n = times(arg[1]);

	if (key->id.type != KEY_TYPE_RSA)
		die("%s: no RSA key", arg[0]);
	for (i = 0; i < n; i++)
		add_decrypts(run, key, o->expect);
	return (finish(run));
}

static int
cmd_ping(struct run *run, const struct options *o, char **arg)
{
	size_t	 length = (size_t)number(arg[0], WIRE_PAYLOAD_MAX);
	long	 i, n = times(arg[1]);

	for (i = 0; i < n; i++)
		add(run, request_ping(length), o->expect);
	return (finish(run));
}

static int
cmd_send(struct run *run, const struct options *o, char **arg)
{
	const struct pubkey	*key = NULL;
	size_t			 length;

	length = (size_t)number(arg[1], WIRE_PAYLOAD_MAX);
	if (arg[2] != NULL)
		key = load_key(o, arg[2]);
	add(run, request_random(op_code(arg[0]), key, length), o->expect);
	return (finish(run));
}

static void
add_length(struct run *run, const struct opcode_info *op,
    const struct pubkey *key, size_t length, int expect)
{
	add(run, request_random(op->code, key, length), expect);
}

/* The signer never sees more than 1,024 bytes: DESIGN, Messages. */
static int
length_error(size_t length)
{
	return (length > 1024 ? WIRE_ERR_FORMAT : WIRE_ERR_CRYPTO);
}

static void
add_fitting(struct run *run, const struct opcode_info *op,
    const struct pubkey *key)
{
	size_t	 length = op->class == OPC_DECRYPT ? key->block :
		    hash_length(op->hash);
	uint8_t	 huge[1024];

	if (op->class == OPC_DECRYPT) {
		add_decrypts(run, key, WIRE_OK);
		/* A number larger than any modulus. */
		memset(huge, 0xff, sizeof(huge));
		add(run, request_new(op->code, key, huge, length),
		    WIRE_ERR_CRYPTO);
	} else
		add(run, request_sign(op, key), WIRE_OK);
	if (op->class == OPC_SIGN && op->hash == HASH_NONE) {
		add_length(run, op, key, 0, WIRE_OK);
		add_length(run, op, key, 1024, WIRE_OK);
	} else {
		add_length(run, op, key, 0, WIRE_ERR_CRYPTO);
		add_length(run, op, key, length - 1, WIRE_ERR_CRYPTO);
		add_length(run, op, key, length + 1, length_error(length + 1));
	}
	add_length(run, op, key, 1025, WIRE_ERR_FORMAT);
}

static int
cmd_all(struct run *run, const struct options *o, char **arg)
{
	const struct opcode_info	*op;
	const struct pubkey		*key = load_key(o, arg[0]);
	size_t				 i;

	for (i = 0; i < OPCODE_COUNT; i++) {
		op = opcode_at(i);
		if (op->class != OPC_SIGN && op->class != OPC_DECRYPT)
			continue;
		if (op->key_type == key->id.type)
			add_fitting(run, op, key);
		else
			add_length(run, op, key, op->class == OPC_DECRYPT ?
			    256 : hash_length(op->hash), WIRE_ERR_CRYPTO);
	}
	return (finish(run));
}

static int
digit(char c)
{
	const char	*digits = "0123456789abcdef", *p;

	p = strchr(digits, tolower((unsigned char)c));
	return (c == '\0' || p == NULL ? -1 : (int)(p - digits));
}

static int
cmd_raw(struct run *run, const struct options *o, char **arg)
{
	const char	*p;
	uint8_t		*bytes;
	size_t		 n = 0;
	int		 high = -1, d;

	(void)o;
	bytes = must_alloc(strlen(arg[0]));
	for (p = arg[0]; *p != '\0'; p++) {
		if (isspace((unsigned char)*p) || *p == ':')
			continue;
		if ((d = digit(*p)) == -1)
			die("%c is no hexadecimal digit", *p);
		if (high == -1) {
			high = d;
			continue;
		}
		bytes[n++] = (uint8_t)(high << 4 | d);
		high = -1;
	}
	if (high != -1)
		die("half a byte");
	d = run_raw(run, bytes, n) == 0 ? 0 : -1;
	free(bytes);
	return (d);
}

static int
cmd_hold(struct run *run, const struct options *o, char **arg)
{
	(void)o;
	if (run_hold(run, (int)(atof(arg[0]) * 1000), 0) == 1)
		return (0);
	complain("hold: %s", conn_error(run_conn(run)));
	return (-1);
}

static int
cmd_closed(struct run *run, const struct options *o, char **arg)
{
	(void)o;
	if (run_hold(run, (int)(atof(arg[0]) * 1000), 0) == 0)
		return (0);
	complain("the server keeps the connection open");
	return (-1);
}

/* Enough that the server's answers fill its buffers, and ours theirs. */
#define DEAF_PINGS	4096
#define DEAF_SIZE	1024

static void
queue_pings(struct conn *c, const struct options *o)
{
	struct request	*r;
	int		 i;

	for (i = 0; i < DEAF_PINGS; i++) {
		r = request_ping(DEAF_SIZE);
		request_encode(r, o);
		conn_queue(c, r->message, r->message_length);
		request_free(r);
	}
}

/*
 * Ask, and never read an answer.  A poll(2) without POLLIN reports what breaks
 * the connection, and nothing else.
 */
static int
cmd_deaf(struct run *run, const struct options *o, char **arg)
{
	struct options	 mine = *o;
	struct conn	*c;
	struct pollfd	 pfd;
	uint64_t	 end = now_ms() + (uint64_t)(atof(arg[0]) * 1000), now;
	int		 status = -1;

	(void)run;
	mine.small_window = 1;
	if ((c = conn_open(&mine)) == NULL)
		die("%s port %s: %s", o->host, o->port, strerror(errno));
	if (conn_handshake(c, o->timeout) == -1)
		die("handshake: %s", conn_error(c));
	queue_pings(c, o);
	pfd.fd = conn_fd(c);
	while (status == -1 && (now = now_ms()) < end) {
		if (conn_work_out(c) == -1)
			status = 0;
		pfd.events = conn_events(c) & ~POLLIN;
		if (status == -1 && poll(&pfd, 1, (int)(end - now)) == -1 &&
		    errno != EINTR)
			die("poll: %s", strerror(errno));
		if (pfd.revents & (POLLERR | POLLHUP))
			status = 0;
	}
	if (status == -1)
		complain("the server keeps a connection that reads nothing");
	conn_close(c);
	return (status);
}

static int
cmd_wait(struct run *run, const struct options *o, char **arg)
{
	char	 line[64];

	(void)arg;
	run_conn(run);
	printf("waiting\n");
	fflush(stdout);
	if (run_hold(run, o->timeout, 1) == 0) {
		complain("wait: %s", conn_error(run_conn(run)));
		return (-1);
	}
	if (fgets(line, sizeof(line), stdin) == NULL)
		return (0);
	return (0);
}

static int
cmd_reconnect(struct run *run, const struct options *o, char **arg)
{
	(void)o;
	(void)arg;
	run_reconnect(run);
	return (0);
}

static int
cmd_load(struct run *run, const struct options *o, char **arg)
{
	(void)run;
	return (load(o, opcode_find(op_code(arg[0])),
	    strcmp(arg[1], "-") == 0 ? NULL : load_key(o, arg[1]),
	    (size_t)number(arg[2], 100000), arg[3]));
}

static int
cmd_ski(struct run *run, const struct options *o, char **arg)
{
	const struct pubkey	*key = pubkey_load(arg[0]);
	char			 ski[2 * WIRE_SKI_SIZE + 1];

	(void)run;
	(void)o;
	hex_encode(key->id.ski, WIRE_SKI_SIZE, ski);
	printf("%s\n", ski);
	return (0);
}

static const struct command commands[] = {
	{ "sign", 2, 3, cmd_sign, "OP|pkcs1|pss|ecdsa PUBKEY [COUNT]" },
	{ "decrypt", 1, 2, cmd_decrypt, "PUBKEY [COUNT]" },
	{ "ping", 1, 2, cmd_ping, "BYTES [COUNT]" },
	{ "all", 1, 1, cmd_all, "PUBKEY: all that fits, all that does not" },
	{ "send", 2, 3, cmd_send, "OP|CODE BYTES [PUBKEY]: random payload" },
	{ "raw", 1, 1, cmd_raw, "HEX: prints the answers" },
	{ "hold", 1, 1, cmd_hold, "SECONDS: idle, must stay open" },
	{ "closed", 1, 1, cmd_closed, "SECONDS: idle, must be closed in time" },
	{ "deaf", 1, 1, cmd_deaf,
	    "SECONDS: asks, reads nothing, must be closed in time" },
	{ "wait", 0, 0, cmd_wait, ": idle until a line on standard input" },
	{ "reconnect", 0, 0, cmd_reconnect, "" },
	{ "load", 4, 4, cmd_load,
	    "OP PUBKEY|- CONNECTIONS REQUESTS|SECONDSs" },
	{ "ski", 1, 1, cmd_ski, "PUBKEY: prints the identifier, no request" },
};

void
command_list(void)
{
	size_t	 i;

	for (i = 0; i < nitems(commands); i++)
		fprintf(stderr, "    %s %s\n", commands[i].name,
		    commands[i].help);
}

int
command(struct run *run, const struct options *o, int argc, char **argv)
{
	char	*arg[5] = { NULL };
	size_t	 i;
	int	 k;

	if (argc == 0)
		die("a command is missing");
	for (i = 0; i < nitems(commands); i++)
		if (strcmp(commands[i].name, argv[0]) == 0)
			break;
	if (i == nitems(commands))
		die("%s: no such command", argv[0]);
	if (argc - 1 < commands[i].min || argc - 1 > commands[i].max)
		die("%s %s", argv[0], commands[i].help);
	for (k = 1; k < argc; k++)
		arg[k - 1] = argv[k];
	return (commands[i].run(run, o, arg));
}
