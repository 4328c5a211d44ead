/* Fuzzer: the wire codec, against a second reader and against itself. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "fuzz.h"
#include "opcode.h"
#include "wire.h"

/* PROTOCOL: known tags, and the lengths that the protocol fixes. */
static const struct {
	uint8_t	 tag;
	size_t	 length[2];	/* {0, 0}: any */
} tags[] = {
	{ WIRE_TAG_DIGEST, { 0, 0 } }, { WIRE_TAG_SNI, { 0, 0 } },
	{ WIRE_TAG_CLIENT_IP, { 4, 16 } }, { WIRE_TAG_SKI, { 0, 0 } },
	{ WIRE_TAG_SERVER_IP, { 4, 16 } }, { WIRE_TAG_CERT_ID, { 0, 0 } },
	{ WIRE_TAG_OPCODE, { 1, 1 } }, { WIRE_TAG_PAYLOAD, { 0, 0 } },
	{ WIRE_TAG_CUSTOM, { 0, 0 } }, { WIRE_TAG_EXTRA, { 0, 0 } },
	{ WIRE_TAG_JAEGER, { 0, 0 } }, { WIRE_TAG_REQ_CONTEXT, { 0, 0 } },
	{ WIRE_TAG_REGION, { 1, 1 } }, { WIRE_TAG_PADDING, { 0, 0 } },
};

/* Whether a body is well formed, by another way than wire_body_parse(). */
static int
well_formed(const uint8_t *p, size_t left)
{
	unsigned int	 seen[nitems(tags)] = { 0 };
	size_t		 i, n;

	for (; left != 0; p += 3 + n, left -= 3 + n) {
		if (left < 3 || left - 3 < (n = (size_t)p[1] * 256 + p[2]))
			return (0);
		for (i = 0; i < nitems(tags) && tags[i].tag != p[0]; i++)
			;
		if (i == nitems(tags))
			continue;
		if (seen[i]++ || (tags[i].length[0] != 0 &&
		    n != tags[i].length[0] && n != tags[i].length[1]))
			return (0);
	}
	return (1);
}

/* The stretches of a body by tag, for comparing and writing. */
static struct wire_bytes
item(const struct wire_body *b, size_t i)
{
	const struct wire_bytes	 all[] = {
		{ b->digest, b->digest == NULL ? 0 : WIRE_DIGEST_SIZE },
		b->sni, b->client_ip,
		{ b->ski, b->ski == NULL ? 0 : WIRE_SKI_SIZE },
		b->server_ip, b->cert_id,
		{ b->has_opcode ? &b->opcode : NULL, b->has_opcode != 0 },
		b->payload, b->custom, b->extra, b->jaeger, b->req_context,
		b->region
	};

	return (all[i]);
}

#define ITEMS	(nitems(tags) - 1)	/* all but the padding */

/* Write what was read in the order of the tags; the size is returned. */
static size_t
write_body(const struct wire_body *b, uint8_t *out, size_t size)
{
	struct wire_bytes	 bytes;
	size_t			 i, used = 0;

	for (i = 0; i < ITEMS; i++) {
		bytes = item(b, i);
		if (bytes.data != NULL)
			REQUIRE(wire_item_put(out, size, &used,
			    (enum wire_tag)tags[i].tag, bytes.data,
			    bytes.length) == 0);
	}
	return (used);
}

static void
check_body(const uint8_t *body, size_t length)
{
	struct wire_body	 a, b;
	struct wire_bytes	 x, y;
	uint8_t			*once, *twice;
	size_t			 i, n, used;

	REQUIRE((wire_body_parse(body, length, &a) == 0) ==
	    well_formed(body, length));
	if (!well_formed(body, length))
		return;
	REQUIRE((once = malloc(length + 1)) != NULL);
	REQUIRE((twice = malloc(length + 1)) != NULL);
	n = write_body(&a, once, length);
	REQUIRE(wire_body_parse(once, n, &b) == 0);
	for (i = 0; i < ITEMS; i++) {
		x = item(&a, i);
		y = item(&b, i);
		REQUIRE((x.data == NULL) == (y.data == NULL));
		REQUIRE(x.length == y.length && (x.length == 0 ||
		    memcmp(x.data, y.data, x.length) == 0));
	}
	REQUIRE(write_body(&b, twice, n) == n && memcmp(once, twice, n) == 0);
	/* In room that is a byte short not even an empty item fits. */
	used = n;
	REQUIRE(wire_item_put(twice, n + WIRE_ITEM_SIZE - 1, &used,
	    WIRE_TAG_SNI, NULL, 0) == -1 && used == n);
	free(once);
	free(twice);
}

static void
check_response(const uint8_t *payload, size_t length)
{
	struct wire_header	 h;
	struct wire_body	 b;
	size_t			 size = wire_response_size(length);
	uint8_t			*buf, opcode, again[8];

	REQUIRE((buf = malloc(size)) != NULL);
	opcode = length == 0 ? (uint8_t)OP_PONG : payload[0];
	REQUIRE(wire_response_encode(buf, 0x01020304, opcode, payload,
	    length) == size);
	wire_header_decode(buf, &h);
	REQUIRE(h.major == WIRE_MAJOR && h.id == 0x01020304 &&
	    (size_t)h.length + WIRE_HEADER_SIZE == size);
	wire_header_encode(&h, again);
	REQUIRE(memcmp(again, buf, sizeof(again)) == 0);
	REQUIRE(size >= WIRE_PADDED_SIZE - 2);
	REQUIRE(well_formed(buf + WIRE_HEADER_SIZE, h.length));
	REQUIRE(wire_body_parse(buf + WIRE_HEADER_SIZE, h.length, &b) == 0);
	REQUIRE(b.has_opcode && b.opcode == opcode);
	REQUIRE(b.payload.length == length && (length == 0 ||
	    memcmp(b.payload.data, payload, length) == 0));
	free(buf);
}

static void
check_opcode(uint8_t code, size_t length)
{
	const struct opcode_info	*op = opcode_find(code);

	if (op == NULL)
		return;
	REQUIRE(op->code == code && op->index < OPCODE_COUNT);
	REQUIRE(opcode_at(op->index) == op && opcode_by_name(op->name) == op);
	if (opcode_length_ok(op, length, 256) && op->class == OPC_DECRYPT)
		REQUIRE(length == 256);
}

/* The input is a header and a body, as long as they are. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_header	 h;
	uint8_t			 again[WIRE_HEADER_SIZE], *body;
	size_t			 length;

	if (size < WIRE_HEADER_SIZE || size > WIRE_MESSAGE_MAX)
		return (0);
	wire_header_decode(data, &h);
	wire_header_encode(&h, again);
	REQUIRE(memcmp(data, again, sizeof(again)) == 0);
	REQUIRE(*wire_error_name(h.major) != '\0');
	/* A copy of its exact size, so that its ends are guarded. */
	length = size - WIRE_HEADER_SIZE;
	REQUIRE((body = malloc(length == 0 ? 1 : length)) != NULL);
	memcpy(body, data + WIRE_HEADER_SIZE, length);
	check_body(body, length);
	if (length <= WIRE_PAYLOAD_MAX)
		check_response(body, length);
	check_opcode(h.minor, h.length);
	free(body);
	return (0);
}
