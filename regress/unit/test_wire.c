/* Test: the wire protocol, every malformed case of it too. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "opcode.h"
#include "test.h"
#include "wire.h"

static uint8_t	 body[WIRE_BODY_MAX + 16];
static size_t	 used;

/* Known tags with a length that is right for them. */
static const struct {
	uint8_t	 tag;
	size_t	 length;
} known[] = {
	{ 0x01, 32 }, { 0x02, 5 }, { 0x03, 4 }, { 0x04, 20 }, { 0x05, 16 },
	{ 0x06, 3 }, { 0x11, 1 }, { 0x12, 7 }, { 0x13, 2 }, { 0x14, 9 },
	{ 0x15, 1 }, { 0x16, 2 }, { 0x17, 1 }, { 0x20, 6 },
};

/* Append an item by hand: what wire_item_put() does is under test. */
static void
item(uint8_t tag, size_t length)
{
	size_t	 i;

	body[used++] = tag;
	body[used++] = (uint8_t)(length >> 8);
	body[used++] = (uint8_t)length;
	for (i = 0; i < length; i++)
		body[used++] = (uint8_t)(tag + i + 1);
}

/*
 * Parse a copy that ends where its memory ends, so that a sanitizer sees
 * reads past the end.  The result's pointers are not valid afterwards.
 */
static int
parse(struct wire_body *b)
{
	uint8_t	*copy = malloc(used == 0 ? 1 : used);
	int	 status;

	if (copy == NULL)
		abort();
	memcpy(copy, body, used);
	status = wire_body_parse(copy, used, b);
	free(copy);
	return (status);
}

/* One item alone: is it accepted? */
static int
parse_one(uint8_t tag, size_t length, struct wire_body *b)
{
	used = 0;
	item(tag, length);
	return (parse(b));
}

static void
test_header(void)
{
	static const uint8_t	 wire[] = {
		0x01, 0x02, 0x03, 0x04, 0xa5, 0xb6, 0xc7, 0xd8
	};
	struct wire_header	 h;
	uint8_t			 out[WIRE_HEADER_SIZE];

	wire_header_decode(wire, &h);
	CHECK(h.major == 1);
	CHECK(h.minor == 2);
	CHECK(h.length == 0x0304);
	CHECK(h.id == 0xa5b6c7d8);
	memset(out, 0, sizeof(out));
	wire_header_encode(&h, out);
	CHECK(memcmp(out, wire, sizeof(wire)) == 0);
}

static void
test_all_items(void)
{
	struct wire_body	 b;
	size_t			 i;

	used = 0;
	for (i = 0; i < nitems(known); i++)
		item(known[i].tag, known[i].length);
	CHECK(wire_body_parse(body, used, &b) == 0);
	CHECK(b.has_opcode && b.opcode == 0x12);
	CHECK(b.ski != NULL && b.ski[0] == 0x05 && b.ski[19] == 0x18);
	CHECK(b.digest != NULL && b.digest[0] == 0x02 && b.digest[31] == 0x21);
	CHECK(b.sni.length == 5 && b.sni.data[0] == 0x03);
	CHECK(b.client_ip.length == 4 && b.client_ip.data[0] == 0x04);
	CHECK(b.server_ip.length == 16 && b.server_ip.data[15] == 0x15);
	CHECK(b.cert_id.length == 3 && b.cert_id.data[0] == 0x07);
	CHECK(b.payload.length == 7 && b.payload.data[6] == 0x19);
	CHECK(b.custom.length == 2 && b.custom.data[0] == 0x14);
	CHECK(b.extra.length == 9 && b.extra.data[8] == 0x1d);
	CHECK(b.jaeger.length == 1 && b.jaeger.data[0] == 0x16);
	CHECK(b.req_context.length == 2 && b.req_context.data[0] == 0x17);
	CHECK(b.region.length == 1 && b.region.data[0] == 0x18);
	/* The fields point into the body. */
	CHECK(b.payload.data > body && b.payload.data < body + used);
}

static void
test_empty(void)
{
	struct wire_body	 b;

	memset(&b, 0xff, sizeof(b));
	used = 0;
	CHECK(parse(&b) == 0);
	CHECK(!b.has_opcode);
	CHECK(b.ski == NULL && b.digest == NULL);
	CHECK(b.payload.data == NULL && b.payload.length == 0);
	CHECK(b.req_context.data == NULL && b.region.data == NULL);
	/* A body of nothing but padding has no opcode either. */
	CHECK(parse_one(0x20, 100, &b) == 0);
	CHECK(!b.has_opcode);
	/* An empty payload is there, but empty. */
	CHECK(parse_one(0x12, 0, &b) == 0);
	CHECK(b.payload.data != NULL && b.payload.length == 0);
}

/* A known tag that occurs twice is malformed, whatever lies between. */
static void
test_twice(void)
{
	struct wire_body	 b;
	size_t			 i;

	for (i = 0; i < nitems(known); i++) {
		used = 0;
		item(known[i].tag, known[i].length);
		CHECK(parse(&b) == 0);
		item(known[i].tag, known[i].length);
		CHECK(parse(&b) == -1);
		used = 0;
		item(known[i].tag, known[i].length);
		item(0x7f, 4);
		item(known[i].tag, known[i].length);
		CHECK(parse(&b) == -1);
	}
}

static void
test_unknown_tags(void)
{
	struct wire_body	 b;
	size_t			 i;
	unsigned int		 tag;
	int			 is_known;

	for (tag = 0; tag < 256; tag++) {
		is_known = 0;
		for (i = 0; i < nitems(known); i++)
			is_known |= known[i].tag == tag;
		if (is_known)
			continue;
		used = 0;
		item((uint8_t)tag, 5);
		item(0x11, 1);
		item((uint8_t)tag, 0);
		CHECK(parse(&b) == 0);
		CHECK(b.has_opcode && b.ski == NULL && b.payload.data == NULL);
	}
}

static void
test_past_the_end(void)
{
	struct wire_body	 b;
	size_t			 i, whole;

	/* Every cut of a body of three items, but between items. */
	used = 0;
	item(0x11, 1);
	item(0x12, 32);
	item(0x7f, 3);
	whole = used;
	for (i = 0; i <= whole; i++) {
		used = i;
		CHECK(parse(&b) == (i == 0 || i == 4 || i == 39 ||
		    i == whole ? 0 : -1));
	}
	/* One trailing byte, two trailing bytes. */
	used = 0;
	item(0x11, 1);
	body[used++] = 0x20;
	CHECK(parse(&b) == -1);
	body[used++] = 0x00;
	CHECK(parse(&b) == -1);
	body[used++] = 0x00;
	CHECK(parse(&b) == 0);
	/* A length that says 65,535. */
	used = 0;
	item(0x11, 1);
	item(0x12, 3);
	body[5] = body[6] = 0xff;
	CHECK(parse(&b) == -1);
	/* One byte less and one more than there is. */
	body[5] = 0;
	body[6] = 4;
	CHECK(parse(&b) == -1);
	body[6] = 2;
	CHECK(parse(&b) == -1);
	body[6] = 3;
	CHECK(parse(&b) == 0);
}

static void
test_fixed_lengths(void)
{
	struct wire_body	 b;
	size_t			 n;

	for (n = 0; n <= 33; n++) {
		CHECK(parse_one(0x03, n, &b) == (n == 4 || n == 16 ? 0 : -1));
		CHECK(parse_one(0x05, n, &b) == (n == 4 || n == 16 ? 0 : -1));
		CHECK(parse_one(0x11, n, &b) == (n == 1 ? 0 : -1));
		CHECK(parse_one(0x17, n, &b) == (n == 1 ? 0 : -1));
	}
	CHECK(parse_one(0x11, 257, &b) == -1);
}

/* Identifiers of another length, or all zero, count as absent. */
static void
test_identifiers(void)
{
	struct wire_body	 b;
	size_t			 n;

	for (n = 0; n <= 64; n++) {
		CHECK(parse_one(0x04, n, &b) == 0);
		CHECK((b.ski != NULL) == (n == 20));
		CHECK(b.digest == NULL);
		CHECK(parse_one(0x01, n, &b) == 0);
		CHECK((b.digest != NULL) == (n == 32));
		CHECK(b.ski == NULL);
	}
	used = 0;
	item(0x04, 20);
	memset(body + 3, 0, 20);
	CHECK(parse(&b) == 0 && b.ski == NULL);
	body[22] = 1;
	CHECK(parse(&b) == 0 && b.ski != NULL);
	used = 0;
	item(0x01, 32);
	memset(body + 3, 0, 32);
	CHECK(parse(&b) == 0 && b.digest == NULL);
	body[34] = 1;
	CHECK(parse(&b) == 0 && b.digest != NULL);
}

static void
test_largest_body(void)
{
	struct wire_body	 b;

	used = 0;
	item(0x11, 1);
	item(0x12, WIRE_PAYLOAD_MAX);
	CHECK(used == WIRE_BODY_MAX);
	CHECK(parse(&b) == 0);
	CHECK(b.payload.length == WIRE_PAYLOAD_MAX);
	CHECK(WIRE_PAYLOAD_MAX == 65528);
}

static void
test_item_put(void)
{
	static const uint8_t	 want[] = { 0x12, 0, 3, 'a', 'b', 'c' };
	uint8_t			 buf[16], *big;
	size_t			 n = 0;

	memset(buf, 0xee, sizeof(buf));
	CHECK(wire_item_put(buf, 6, &n, WIRE_TAG_PAYLOAD, "abc", 3) == 0);
	CHECK(n == 6 && memcmp(buf, want, 6) == 0 && buf[6] == 0xee);
	/* No room: nothing is written, nothing moves. */
	CHECK(wire_item_put(buf, 8, &n, WIRE_TAG_PAYLOAD, NULL, 0) == -1);
	CHECK(n == 6 && buf[6] == 0xee);
	CHECK(wire_item_put(buf, 9, &n, WIRE_TAG_PAYLOAD, NULL, 0) == 0);
	CHECK(n == 9);
	n = 0;
	CHECK(wire_item_put(buf, 5, &n, WIRE_TAG_PAYLOAD, "xyz", 3) == -1);
	CHECK(n == 0 && memcmp(buf, want, 6) == 0);
	n = 17;
	CHECK(wire_item_put(buf, 16, &n, WIRE_TAG_PAYLOAD, NULL, 0) == -1);
	/* A length that 16 bits do not hold. */
	if ((big = calloc(1, 70000)) == NULL)
		abort();
	n = 0;
	CHECK(wire_item_put(big, 70000, &n, WIRE_TAG_PAYLOAD, NULL, 65536) ==
	    -1);
	CHECK(n == 0);
	CHECK(wire_item_put(big, 70000, &n, WIRE_TAG_PAYLOAD, body, 65535) ==
	    0);
	CHECK(n == 65538 && big[1] == 0xff && big[2] == 0xff);
	free(big);
}

/* Encode into memory of the exact size, take apart by hand. */
static void
check_response(size_t length, size_t size)
{
	struct wire_header	 h;
	struct wire_body	 b;
	uint8_t			*buf, *payload;
	size_t			 i;

	buf = malloc(size);
	payload = malloc(length + 1);
	if (buf == NULL || payload == NULL)
		abort();
	for (i = 0; i < length; i++)
		payload[i] = (uint8_t)(i * 7 + 1);
	memset(buf, 0xee, size);
	CHECK(wire_response_size(length) == size);
	CHECK(wire_response_encode(buf, 0x01020304, OP_RESPONSE, payload,
	    length) == size);
	wire_header_decode(buf, &h);
	CHECK(h.major == 1 && h.minor == 0 && h.id == 0x01020304);
	CHECK((size_t)h.length + WIRE_HEADER_SIZE == size);
	CHECK(wire_body_parse(buf + WIRE_HEADER_SIZE, h.length, &b) == 0);
	CHECK(b.has_opcode && b.opcode == OP_RESPONSE);
	CHECK(b.payload.length == length);
	CHECK((b.payload.data != NULL) == (length != 0));
	if (b.payload.data != NULL)
		CHECK(memcmp(b.payload.data, payload, length) == 0);
	/* Opcode first, then the payload; padding is zero. */
	CHECK(buf[8] == 0x11 && buf[9] == 0 && buf[10] == 1);
	CHECK(length == 0 || buf[12] == 0x12);
	i = length == 0 ? 12 : 15 + length;
	if (i != size) {
		CHECK(buf[i] == 0x20);
		for (i += 3; i < size; i++)
			if (buf[i] != 0)
				break;
		CHECK(i == size);
	}
	free(buf);
	free(payload);
}

static void
test_responses(void)
{
	size_t	 n;

	/* 15 bytes come before the payload, 3 begin the padding. */
	for (n = 0; n <= 1006; n++)
		check_response(n, 1024);
	for (n = 1007; n <= 1100; n++)
		check_response(n, 15 + n);
	check_response(4096, 4111);
	check_response(WIRE_PAYLOAD_MAX, WIRE_MESSAGE_MAX);
}

static void
test_errors(void)
{
	struct wire_header	 h;
	struct wire_body	 b;
	uint8_t			 buf[WIRE_PADDED_SIZE];
	int			 code;

	for (code = 1; code <= WIRE_ERR_MAX; code++) {
		CHECK(wire_error_encode(buf, 0xdeadbeef,
		    (enum wire_error)code) == WIRE_PADDED_SIZE);
		wire_header_decode(buf, &h);
		CHECK(h.id == 0xdeadbeef && h.length == 1016);
		CHECK(wire_body_parse(buf + 8, h.length, &b) == 0);
		CHECK(b.opcode == 0xff);
		CHECK(b.payload.length == 1 && b.payload.data[0] == code);
		CHECK(strcmp(wire_error_name(code), "unknown") != 0);
	}
	CHECK_STR(wire_error_name(0), "ok");
	CHECK_STR(wire_error_name(1), "crypto");
	CHECK_STR(wire_error_name(2), "key not found");
	CHECK_STR(wire_error_name(4), "version mismatch");
	CHECK_STR(wire_error_name(5), "bad opcode");
	CHECK_STR(wire_error_name(6), "unexpected opcode");
	CHECK_STR(wire_error_name(7), "format");
	CHECK_STR(wire_error_name(8), "internal");
	CHECK_STR(wire_error_name(11), "remote configuration");
	CHECK_STR(wire_error_name(12), "unknown");
	CHECK_STR(wire_error_name(-1), "unknown");
}

/* The numbers of the protocol, as PROTOCOL.md has them. */
static void
test_numbers(void)
{
	CHECK(WIRE_TAG_DIGEST == 0x01 && WIRE_TAG_SNI == 0x02);
	CHECK(WIRE_TAG_CLIENT_IP == 0x03 && WIRE_TAG_SKI == 0x04);
	CHECK(WIRE_TAG_SERVER_IP == 0x05 && WIRE_TAG_CERT_ID == 0x06);
	CHECK(WIRE_TAG_OPCODE == 0x11 && WIRE_TAG_PAYLOAD == 0x12);
	CHECK(WIRE_TAG_CUSTOM == 0x13 && WIRE_TAG_EXTRA == 0x14);
	CHECK(WIRE_TAG_JAEGER == 0x15 && WIRE_TAG_REQ_CONTEXT == 0x16);
	CHECK(WIRE_TAG_REGION == 0x17 && WIRE_TAG_PADDING == 0x20);
	CHECK(WIRE_ERR_CRYPTO == 1 && WIRE_ERR_KEY_NOT_FOUND == 2);
	CHECK(WIRE_ERR_VERSION == 4 && WIRE_ERR_BAD_OPCODE == 5);
	CHECK(WIRE_ERR_UNEXPECTED == 6 && WIRE_ERR_FORMAT == 7);
	CHECK(WIRE_ERR_INTERNAL == 8 && WIRE_PADDED_SIZE == 1024);
}

int
main(void)
{
	test_numbers();
	test_header();
	test_all_items();
	test_empty();
	test_twice();
	test_unknown_tags();
	test_past_the_end();
	test_fixed_lengths();
	test_identifiers();
	test_largest_body();
	test_item_put();
	test_responses();
	test_errors();
	return (test_done());
}
