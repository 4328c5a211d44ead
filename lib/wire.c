/* Any process: the Keyless wire protocol over memory. */
#include <assert.h>
#include <string.h>

#include "compat.h"
#include "opcode.h"
#include "wire.h"

/* How the data of a known tag is checked and where it goes. */
static const struct item_rule {
	uint8_t	 tag;
	enum { ANY, BYTE, ADDRESS } check;
	size_t	 offset;	/* of a struct wire_bytes in struct wire_body */
} rules[] = {
	{ WIRE_TAG_SNI,		ANY, offsetof(struct wire_body, sni) },
	{ WIRE_TAG_CLIENT_IP,	ADDRESS,
	    offsetof(struct wire_body, client_ip) },
	{ WIRE_TAG_SERVER_IP,	ADDRESS,
	    offsetof(struct wire_body, server_ip) },
	{ WIRE_TAG_CERT_ID,	ANY, offsetof(struct wire_body, cert_id) },
	{ WIRE_TAG_PAYLOAD,	ANY, offsetof(struct wire_body, payload) },
	{ WIRE_TAG_CUSTOM,	ANY, offsetof(struct wire_body, custom) },
	{ WIRE_TAG_EXTRA,	ANY, offsetof(struct wire_body, extra) },
	{ WIRE_TAG_JAEGER,	ANY, offsetof(struct wire_body, jaeger) },
	{ WIRE_TAG_REQ_CONTEXT,	ANY, offsetof(struct wire_body, req_context) },
	{ WIRE_TAG_REGION,	BYTE, offsetof(struct wire_body, region) },
};

static const char *const error_names[] = {
	[WIRE_OK] =			"ok",
	[WIRE_ERR_CRYPTO] =		"crypto",
	[WIRE_ERR_KEY_NOT_FOUND] =	"key not found",
	[WIRE_ERR_READ] =		"read",
	[WIRE_ERR_VERSION] =		"version mismatch",
	[WIRE_ERR_BAD_OPCODE] =		"bad opcode",
	[WIRE_ERR_UNEXPECTED] =		"unexpected opcode",
	[WIRE_ERR_FORMAT] =		"format",
	[WIRE_ERR_INTERNAL] =		"internal",
	[WIRE_ERR_CERT_NOT_FOUND] =	"certificate not found",
	[WIRE_ERR_EXPIRED] =		"expired",
	[WIRE_ERR_REMOTE_CONF] =	"remote configuration",
};

static uint16_t
get16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static void
put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void
wire_header_decode(const uint8_t *p, struct wire_header *h)
{
	h->major = p[0];
	h->minor = p[1];
	h->length = get16(p + 2);
	h->id = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 |
	    (uint32_t)p[6] << 8 | p[7];
}

void
wire_header_encode(const struct wire_header *h, uint8_t *p)
{
	p[0] = h->major;
	p[1] = h->minor;
	put16(p + 2, h->length);
	put16(p + 4, h->id >> 16);
	put16(p + 6, h->id);
}

static const uint8_t *
identifier(const uint8_t *data, size_t length, size_t want)
{
	static const uint8_t	 zero[WIRE_DIGEST_SIZE];

	if (length != want || memcmp(data, zero, want) == 0)
		return (NULL);
	return (data);
}

static int
item_store(struct wire_body *b, const struct item_rule *rule,
    const uint8_t *data, size_t length)
{
	struct wire_bytes	*bytes;

	if (rule->check == BYTE && length != 1)
		return (-1);
	if (rule->check == ADDRESS && length != 4 && length != 16)
		return (-1);
	bytes = (struct wire_bytes *)((char *)b + rule->offset);
	bytes->data = data;
	bytes->length = length;
	return (0);
}

static int
item_parse(struct wire_body *b, uint8_t tag, const uint8_t *data, size_t length)
{
	size_t	 i;

	switch (tag) {
	case WIRE_TAG_OPCODE:
		if (length != 1)
			return (-1);
		b->has_opcode = 1;
		b->opcode = data[0];
		return (0);
	case WIRE_TAG_SKI:
		b->ski = identifier(data, length, WIRE_SKI_SIZE);
		return (0);
	case WIRE_TAG_DIGEST:
		b->digest = identifier(data, length, WIRE_DIGEST_SIZE);
		return (0);
	}
	for (i = 0; i < nitems(rules); i++)
		if (rules[i].tag == tag)
			return (item_store(b, &rules[i], data, length));
	return (0);
}

/* A bit for each known tag, all of which are below 64; 0 for unknown ones. */
static uint64_t
tag_bit(uint8_t tag)
{
	static const uint64_t	 known =
	    1ULL << WIRE_TAG_DIGEST | 1ULL << WIRE_TAG_SNI |
	    1ULL << WIRE_TAG_CLIENT_IP | 1ULL << WIRE_TAG_SKI |
	    1ULL << WIRE_TAG_SERVER_IP | 1ULL << WIRE_TAG_CERT_ID |
	    1ULL << WIRE_TAG_OPCODE | 1ULL << WIRE_TAG_PAYLOAD |
	    1ULL << WIRE_TAG_CUSTOM | 1ULL << WIRE_TAG_EXTRA |
	    1ULL << WIRE_TAG_JAEGER | 1ULL << WIRE_TAG_REQ_CONTEXT |
	    1ULL << WIRE_TAG_REGION | 1ULL << WIRE_TAG_PADDING;

	return (tag < 64 ? known & 1ULL << tag : 0);
}

int
wire_body_parse(const uint8_t *body, size_t length, struct wire_body *b)
{
	const uint8_t	*p = body, *end = body + length;
	uint64_t	 bit, seen = 0;
	size_t		 n;
	uint8_t		 tag;

	memset(b, 0, sizeof(*b));
	while (p != end) {
		if (end - p < WIRE_ITEM_SIZE)
			return (-1);
		tag = p[0];
		n = get16(p + 1);
		p += WIRE_ITEM_SIZE;
		if ((size_t)(end - p) < n)
			return (-1);
		bit = tag_bit(tag);
		if (seen & bit)
			return (-1);
		seen |= bit;
		if (item_parse(b, tag, p, n) == -1)
			return (-1);
		p += n;
	}
	return (0);
}

int
wire_item_put(uint8_t *buf, size_t size, size_t *used, enum wire_tag tag,
    const void *data, size_t length)
{
	uint8_t	*p = buf + *used;

	if (length > UINT16_MAX || *used > size ||
	    size - *used < WIRE_ITEM_SIZE + length)
		return (-1);
	p[0] = (uint8_t)tag;
	put16(p + 1, length);
	if (length != 0)
		memcpy(p + WIRE_ITEM_SIZE, data, length);
	*used += WIRE_ITEM_SIZE + length;
	return (0);
}

/* Size without padding. */
static size_t
content_size(size_t length)
{
	size_t	 size = WIRE_HEADER_SIZE + WIRE_ITEM_SIZE + 1;

	return (length == 0 ? size : size + WIRE_ITEM_SIZE + length);
}

size_t
wire_response_size(size_t length)
{
	size_t	 size = content_size(length);

	return (size + WIRE_ITEM_SIZE <= WIRE_PADDED_SIZE ?
	    WIRE_PADDED_SIZE : size);
}

size_t
wire_response_encode(uint8_t *buf, uint32_t id, uint8_t opcode,
    const void *payload, size_t length)
{
	struct wire_header	 h;
	size_t			 size, used = WIRE_HEADER_SIZE;

	assert(length <= WIRE_PAYLOAD_MAX);
	size = wire_response_size(length);
	h.major = WIRE_MAJOR;
	h.minor = 0;
	h.length = (uint16_t)(size - WIRE_HEADER_SIZE);
	h.id = id;
	wire_header_encode(&h, buf);
	wire_item_put(buf, size, &used, WIRE_TAG_OPCODE, &opcode, 1);
	if (length != 0)
		wire_item_put(buf, size, &used, WIRE_TAG_PAYLOAD, payload,
		    length);
	if (used != size) {
		buf[used] = WIRE_TAG_PADDING;
		put16(buf + used + 1, size - used - WIRE_ITEM_SIZE);
		memset(buf + used + WIRE_ITEM_SIZE, 0,
		    size - used - WIRE_ITEM_SIZE);
	}
	return (size);
}

size_t
wire_error_encode(uint8_t *buf, uint32_t id, enum wire_error error)
{
	uint8_t	 code = (uint8_t)error;

	return (wire_response_encode(buf, id, OP_ERROR, &code, 1));
}

const char *
wire_error_name(int error)
{
	if (error < 0 || (size_t)error >= nitems(error_names))
		return ("unknown");
	return (error_names[error]);
}
