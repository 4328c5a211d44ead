/*
 * The operations of the Keyless protocol, as one table.
 */
#ifndef OPCODE_H
#define OPCODE_H

#include <stddef.h>
#include <stdint.h>

enum opcode {
	OP_RSA_DECRYPT =		0x01,
	OP_RSA_SIGN_MD5SHA1 =		0x02,
	OP_RSA_SIGN_SHA1 =		0x03,
	OP_RSA_SIGN_SHA224 =		0x04,
	OP_RSA_SIGN_SHA256 =		0x05,
	OP_RSA_SIGN_SHA384 =		0x06,
	OP_RSA_SIGN_SHA512 =		0x07,
	OP_RSA_DECRYPT_RAW =		0x08,
	OP_ECDSA_SIGN_MD5SHA1 =		0x12,
	OP_ECDSA_SIGN_SHA1 =		0x13,
	OP_ECDSA_SIGN_SHA224 =		0x14,
	OP_ECDSA_SIGN_SHA256 =		0x15,
	OP_ECDSA_SIGN_SHA384 =		0x16,
	OP_ECDSA_SIGN_SHA512 =		0x17,
	OP_ED25519_SIGN =		0x18,
	OP_SEAL =			0x21,
	OP_UNSEAL =			0x22,
	OP_RPC =			0x23,
	OP_CUSTOM =			0x24,
	OP_PSS_SIGN_SHA256 =		0x35,
	OP_PSS_SIGN_SHA384 =		0x36,
	OP_PSS_SIGN_SHA512 =		0x37,
	OP_RESPONSE =			0xf0,
	OP_PING =			0xf1,
	OP_PONG =			0xf2,
	OP_ERROR =			0xff
};

/* What the server does with a request that carries the opcode. */
enum opcode_class {
	OPC_SIGN,		/* a signer's work: sign a hash or message */
	OPC_DECRYPT,		/* a signer's work: raw RSA */
	OPC_PING,
	OPC_SEAL,		/* error 8: no sealing configured */
	OPC_UNSUPPORTED,	/* error 5 */
	OPC_UNEXPECTED		/* error 6: never valid in a request */
};

enum key_type {
	KEY_TYPE_NONE,
	KEY_TYPE_RSA,
	KEY_TYPE_EC,
	KEY_TYPE_ED25519
};
#define KEY_TYPE_MAX	KEY_TYPE_ED25519

enum hash_type {
	HASH_NONE,		/* Ed25519: the message itself; decrypt */
	HASH_MD5SHA1,
	HASH_SHA1,
	HASH_SHA224,
	HASH_SHA256,
	HASH_SHA384,
	HASH_SHA512
};
#define HASH_TYPE_MAX	HASH_SHA512

struct opcode_info {
	uint8_t			 code;
	uint8_t			 index;		/* 0..OPCODE_COUNT-1, dense */
	enum opcode_class	 class;
	enum key_type		 key_type;	/* that the opcode needs */
	enum hash_type		 hash;
	int			 pss;		/* RSASSA-PSS, else PKCS#1 */
	const char		*name;		/* as the Go server prints it */
};

#define OPCODE_COUNT	26	/* opcodes that the protocol names */

/* Sets of opcodes, as bits of a uint32_t. */
#define OPCODE_BIT(op)	((uint32_t)1 << (op)->index)
#define OPCODES_ALL	UINT32_MAX

/* The row of an opcode, or NULL when the protocol does not know it. */
const struct opcode_info	*opcode_find(uint8_t);

/* The row with this dense index, 0..OPCODE_COUNT-1. */
const struct opcode_info	*opcode_at(size_t);

/* The row with this name ("OpRSASignSHA256"), or NULL. */
const struct opcode_info	*opcode_by_name(const char *);

/*
 * Whether length bytes of payload can be right for the opcode with an RSA key
 * of modulus_len bytes (ignored for other keys): the hash's length, or the
 * modulus length for decryption; any length for Ed25519.
 */
int		 opcode_length_ok(const struct opcode_info *, size_t length,
		    size_t modulus_len);

/* "RSA", "EC", "Ed25519", "-". */
const char	*key_type_name(enum key_type);

/* Length of a hash in bytes; 0 for HASH_NONE. */
size_t		 hash_length(enum hash_type);

#endif
