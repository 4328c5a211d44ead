/*
 * The Keyless wire protocol, version 1: header, items, requests, responses.
 * Pure functions over memory; nothing here reads, writes or allocates.
 *
 * Message: major (1), minor (1), length of body (2), id (4), body; all big
 * endian.  Body: items of tag (1), length (2), data.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_MAJOR		1
#define WIRE_HEADER_SIZE	8
#define WIRE_ITEM_SIZE		3	/* tag and length */
#define WIRE_BODY_MAX		65535
#define WIRE_MESSAGE_MAX	(WIRE_HEADER_SIZE + WIRE_BODY_MAX)
#define WIRE_PADDED_SIZE	1024	/* responses are padded to this */
/* Largest payload of a message with an opcode item and nothing else. */
#define WIRE_PAYLOAD_MAX	(WIRE_BODY_MAX - 4 - WIRE_ITEM_SIZE)

#define WIRE_SKI_SIZE		20
#define WIRE_DIGEST_SIZE	32

enum wire_tag {
	WIRE_TAG_DIGEST =	0x01,
	WIRE_TAG_SNI =		0x02,
	WIRE_TAG_CLIENT_IP =	0x03,
	WIRE_TAG_SKI =		0x04,
	WIRE_TAG_SERVER_IP =	0x05,
	WIRE_TAG_CERT_ID =	0x06,
	WIRE_TAG_OPCODE =	0x11,
	WIRE_TAG_PAYLOAD =	0x12,
	WIRE_TAG_CUSTOM =	0x13,
	WIRE_TAG_EXTRA =	0x14,
	WIRE_TAG_JAEGER =	0x15,
	WIRE_TAG_REQ_CONTEXT =	0x16,
	WIRE_TAG_REGION =	0x17,
	WIRE_TAG_PADDING =	0x20
};

enum wire_error {
	WIRE_OK =		0,	/* not on the wire */
	WIRE_ERR_CRYPTO =	1,
	WIRE_ERR_KEY_NOT_FOUND = 2,
	WIRE_ERR_READ =		3,
	WIRE_ERR_VERSION =	4,
	WIRE_ERR_BAD_OPCODE =	5,
	WIRE_ERR_UNEXPECTED =	6,
	WIRE_ERR_FORMAT =	7,
	WIRE_ERR_INTERNAL =	8,
	WIRE_ERR_CERT_NOT_FOUND = 9,
	WIRE_ERR_EXPIRED =	10,
	WIRE_ERR_REMOTE_CONF =	11
};
#define WIRE_ERR_MAX	WIRE_ERR_REMOTE_CONF

struct wire_header {
	uint8_t		 major;
	uint8_t		 minor;
	uint16_t	 length;	/* of the body */
	uint32_t	 id;
};

/* A stretch of the message it was parsed from; data is NULL when absent. */
struct wire_bytes {
	const uint8_t	*data;
	size_t		 length;
};

/*
 * The items of a body.  Identifiers of a wrong length or all zero count as
 * absent, so ski and digest are NULL or of their full size.
 */
struct wire_body {
	int			 has_opcode;
	uint8_t			 opcode;
	const uint8_t		*ski;		/* WIRE_SKI_SIZE or NULL */
	const uint8_t		*digest;	/* WIRE_DIGEST_SIZE or NULL */
	struct wire_bytes	 payload;
	struct wire_bytes	 sni;
	struct wire_bytes	 client_ip;
	struct wire_bytes	 server_ip;
	struct wire_bytes	 cert_id;
	struct wire_bytes	 custom;
	struct wire_bytes	 extra;
	struct wire_bytes	 jaeger;
	struct wire_bytes	 req_context;
	struct wire_bytes	 region;
};

/* Decode WIRE_HEADER_SIZE bytes. */
void	wire_header_decode(const uint8_t *, struct wire_header *);
void	wire_header_encode(const struct wire_header *, uint8_t *);

/*
 * Split a body into its items; out points into body.  Returns 0, or -1 when
 * the body is malformed (an item over the end, trailing bytes, a known tag
 * twice, a wrong length where the protocol fixes one).  A missing opcode is
 * the caller's to judge: it is malformed in every request and response.
 */
int	wire_body_parse(const uint8_t *body, size_t length, struct wire_body *);

/*
 * Append an item at offset *used of a message buffer of size bytes.  Returns
 * 0 and moves *used, or -1 when it does not fit (nothing is written).
 */
int	wire_item_put(uint8_t *buf, size_t size, size_t *used,
	    enum wire_tag, const void *data, size_t length);

/*
 * Write a whole response to buf: header, opcode, payload (when length is not
 * 0), padding up to WIRE_PADDED_SIZE where the content leaves room for an
 * item.  length is at most WIRE_PAYLOAD_MAX.  Returns the size written, at
 * most wire_response_size(length).
 */
size_t	wire_response_encode(uint8_t *buf, uint32_t id, uint8_t opcode,
	    const void *payload, size_t length);

/* Size in bytes of the response that carries length bytes of payload. */
size_t	wire_response_size(size_t length);

/* The response with opcode OP_ERROR: always WIRE_PADDED_SIZE bytes. */
size_t	wire_error_encode(uint8_t *buf, uint32_t id, enum wire_error);

/* "crypto", "key not found", ...; "unknown" for codes not in the protocol. */
const char *wire_error_name(int);

#endif
