/* Test client: requests, and whether an answer is the right one. */
#include <openssl/bn.h>
#include <openssl/rsa.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "compat.h"
#include "hex.h"

struct request *
request_new(uint8_t opcode, const struct pubkey *key, const uint8_t *payload,
    size_t length)
{
	struct request	*r = must_alloc(sizeof(*r));

	r->opcode = opcode;
	r->op = opcode_find(opcode);
	r->key = key;
	r->verify = 1;
	r->length = length;
	r->payload = must_alloc(length);
	if (length != 0)
		memcpy(r->payload, payload, length);
	return (r);
}

struct request *
request_random(uint8_t opcode, const struct pubkey *key, size_t length)
{
	struct request	*r;
	uint8_t		*payload = must_alloc(length);

	arc4random_buf(payload, length);
	r = request_new(opcode, key, payload, length);
	free(payload);
	return (r);
}

struct request *
request_sign(const struct opcode_info *op, const struct pubkey *key)
{
	size_t	 length = hash_length(op->hash);

	/* Ed25519 signs the message itself. */
	if (op->hash == HASH_NONE)
		length = arc4random_uniform(256);
	return (request_random(op->code, key, length));
}

static void
block_fill(uint8_t *b, size_t size, enum block kind)
{
	size_t	 i;

	arc4random_buf(b, size);
	b[0] = 0;		/* smaller than any modulus of this size */
	if (kind == BLOCK_SMALL)
		memset(b, 0, size - 16);
	if (kind == BLOCK_PKCS1) {
		b[1] = 0x02;
		for (i = 2; i < size - 49; i++)
			if (b[i] == 0)
				b[i] = 1;
		b[size - 49] = 0;	/* then a TLS premaster secret */
	}
}

struct request *
request_decrypt(const struct opcode_info *op, const struct pubkey *key,
    enum block kind)
{
	EVP_PKEY_CTX	*ctx;
	struct request	*r;
	uint8_t		*block, *cipher;
	size_t		 size = key->block;

	block = must_alloc(size);
	cipher = must_alloc(size);
	block_fill(block, size, kind);
	if ((ctx = EVP_PKEY_CTX_new(key->key, NULL)) == NULL ||
	    EVP_PKEY_encrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1 ||
	    EVP_PKEY_encrypt(ctx, cipher, &size, block, size) != 1)
		die("encryption failed");
	EVP_PKEY_CTX_free(ctx);
	r = request_new(op->code, key, cipher, size);
	r->want = block;
	r->want_length = size;
	free(cipher);
	return (r);
}

struct request *
request_ping(size_t length)
{
	struct request	*r = request_random(OP_PING, NULL, length);

	r->want = must_alloc(length);
	memcpy(r->want, r->payload, length);
	r->want_length = length;
	return (r);
}

static void
put(struct request *r, size_t size, uint8_t tag, const void *data,
    size_t length)
{
	if (wire_item_put(r->message, size, &r->message_length,
	    (enum wire_tag)tag, data, length) == -1)
		die("a request of %zu bytes of payload is too large",
		    r->length);
}

static void
put_key(struct request *r, size_t size, enum identify how)
{
	uint8_t	 unknown[WIRE_SKI_SIZE];

	if (r->key == NULL || how == IDENTIFY_NONE)
		return;
	if (how == IDENTIFY_UNKNOWN) {
		arc4random_buf(unknown, sizeof(unknown));
		put(r, size, WIRE_TAG_SKI, unknown, sizeof(unknown));
		return;
	}
	if (how == IDENTIFY_SKI || how == IDENTIFY_BOTH)
		put(r, size, WIRE_TAG_SKI, r->key->id.ski, WIRE_SKI_SIZE);
	if (how == IDENTIFY_DIGEST || how == IDENTIFY_BOTH)
		put(r, size, WIRE_TAG_DIGEST, r->key->id.digest,
		    WIRE_DIGEST_SIZE);
}

/* Every other item of the protocol, and one of the future, twice. */
static void
put_all(struct request *r, size_t size)
{
	static const uint8_t	 address[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	static const char	 context[] = "{\"request_id\":\"regress\"}";

	put(r, size, WIRE_TAG_SNI, "www.example.com", 15);
	put(r, size, WIRE_TAG_CLIENT_IP, address, 4);
	put(r, size, WIRE_TAG_SERVER_IP, address, sizeof(address));
	put(r, size, WIRE_TAG_CERT_ID, "42", 2);
	put(r, size, WIRE_TAG_CUSTOM, "", 0);
	put(r, size, WIRE_TAG_EXTRA, "\0\1\2", 3);
	put(r, size, WIRE_TAG_JAEGER, "1:2:3:0", 7);
	put(r, size, WIRE_TAG_REQ_CONTEXT, context, sizeof(context) - 1);
	put(r, size, WIRE_TAG_REGION, "\1", 1);
	put(r, size, 0x7e, "future", 6);
	put(r, size, 0x7e, "future", 6);
	put(r, size, WIRE_TAG_PADDING, context, sizeof(context));
}

void
request_encode(struct request *r, const struct options *o)
{
	struct wire_header	 h = { WIRE_MAJOR, 0, 0, 0 };
	size_t			 size;

	size = r->length > 1024 ? WIRE_MESSAGE_MAX : 2048;
	r->message = must_alloc(size);
	r->message_length = WIRE_HEADER_SIZE;
	if (o->all_items)
		put_all(r, size);
	put_key(r, size, o->identify);
	put(r, size, WIRE_TAG_OPCODE, &r->opcode, 1);
	if (r->length != 0)
		put(r, size, WIRE_TAG_PAYLOAD, r->payload, r->length);
	h.length = (uint16_t)(r->message_length - WIRE_HEADER_SIZE);
	wire_header_encode(&h, r->message);
}

void
request_free(struct request *r)
{
	if (r == NULL)
		return;
	free(r->payload);
	free(r->want);
	free(r->message);
	free(r);
}

static struct request *
pending_find(struct pending *p, uint32_t id)
{
	struct request	*r;

	LIST_FOREACH(r, &p->buckets[id % PENDING_BUCKETS], entry)
		if (r->id == id)
			return (r);
	return (NULL);
}

void
pending_put(struct pending *p, struct request *r)
{
	struct wire_header	 h;

	wire_header_decode(r->message, &h);
	r->id = h.id;
	LIST_INSERT_HEAD(&p->buckets[h.id % PENDING_BUCKETS], r, entry);
	p->count++;
}

/* Four random bytes; arc4random(3) may be a system call each time. */
static void
random_id(uint8_t *id)
{
	static uint8_t	 pool[4096];
	static size_t	 left;

	if (left == 0) {
		arc4random_buf(pool, sizeof(pool));
		left = sizeof(pool);
	}
	left -= 4;
	memcpy(id, pool + left, 4);
}

void
pending_add(struct pending *p, struct request *r)
{
	uint8_t	*id = r->message + 4;

	do {
		random_id(id);
		r->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
		    (uint32_t)id[2] << 8 | id[3];
	} while (pending_find(p, r->id) != NULL);
	pending_put(p, r);
}

struct request *
pending_take(struct pending *p, uint32_t id)
{
	struct request	*r;

	if ((r = pending_find(p, id)) == NULL)
		return (NULL);
	LIST_REMOVE(r, entry);
	p->count--;
	return (r);
}

static const char *
opcode_name(uint8_t code)
{
	const struct opcode_info	*op = opcode_find(code);

	return (op == NULL ? "?" : op->name);
}

void
answer_print(const struct answer *a)
{
	const struct wire_bytes	*p = &a->body.payload;
	char			 hex[2 * 32 + 1];

	hex_encode(p->data, p->length < 32 ? p->length : 32, hex);
	printf("answer id=0x%08x opcode=0x%02x %s", a->header.id,
	    a->body.opcode, opcode_name(a->body.opcode));
	if (a->body.opcode == OP_ERROR && p->length == 1)
		printf(" error=%u (%s)", p->data[0],
		    wire_error_name(p->data[0]));
	printf(" size=%zu payload=%zu:%s%s\n", a->size, p->length, hex,
	    p->length > 32 ? "..." : "");
}

/*
 * Padding: up to 1,024 bytes where an item still fits.  Computed here once
 * more, not by wire_response_size(), which is the server's.
 */
static int
size_ok(const struct answer *a)
{
	size_t	 content = 8 + 3 + 1;

	if (a->body.payload.length != 0)
		content += 3 + a->body.payload.length;
	return (a->size == (content + 3 <= 1024 ? 1024 : content));
}

int
answer_format(const struct answer *a)
{
	uint8_t	 op = a->body.opcode;

	if (a->header.major != 1)
		complain("answer id=0x%08x has version %u.%u", a->header.id,
		    a->header.major, a->header.minor);
	else if (!size_ok(a))
		complain("answer id=0x%08x has %zu bytes for %zu of payload",
		    a->header.id, a->size, a->body.payload.length);
	else if (op != OP_RESPONSE && op != OP_PONG && op != OP_ERROR)
		complain("answer id=0x%08x has opcode 0x%02x",
		    a->header.id, op);
	else if (op == OP_ERROR && a->body.payload.length != 1)
		complain("answer id=0x%08x is an error of %zu bytes",
		    a->header.id, a->body.payload.length);
	else
		return (0);
	return (-1);
}

static int
complain_about(const struct request *r, const char *what)
{
	complain("%s (opcode 0x%02x, %zu bytes): %s",
	    opcode_name(r->opcode), r->opcode, r->length, what);
	return (-1);
}

static int
error_check(const struct request *r, const struct answer *a)
{
	char	 text[128];
	int	 code = WIRE_OK;

	if (a->body.opcode == OP_ERROR)
		code = a->body.payload.data[0];
	if (code == r->expect || r->expect == EXPECT_ANY)
		return (0);
	snprintf(text, sizeof(text), "error %d (%s), expected %d (%s)", code,
	    wire_error_name(code), r->expect, wire_error_name(r->expect));
	return (complain_about(r, text));
}

int
answer_check(const struct request *r, const struct answer *a)
{
	const struct wire_bytes	*p = &a->body.payload;

	if (answer_format(a) == -1 || error_check(r, a) == -1)
		return (-1);
	if (a->body.opcode == OP_ERROR)
		return (0);
	if ((a->body.opcode == OP_PONG) != (r->opcode == OP_PING))
		return (complain_about(r, "answer has the wrong opcode"));
	if (!r->verify)
		return (0);
	if (r->want != NULL) {
		if (p->length != r->want_length || (p->length != 0 &&
		    memcmp(p->data, r->want, p->length) != 0))
			return (complain_about(r, "answer differs"));
	} else if (r->op != NULL && r->op->class == OPC_SIGN) {
		if (verify_signature(r, p->data, p->length) == -1)
			return (complain_about(r, "signature is wrong"));
	}
	return (0);
}
