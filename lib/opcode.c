/* Any process: the operations of the Keyless protocol. */
#include <assert.h>
#include <string.h>

#include "compat.h"
#include "opcode.h"

static const struct opcode_info opcodes[] = {
	{ OP_RSA_DECRYPT,	 0, OPC_DECRYPT, KEY_TYPE_RSA,
	    HASH_NONE, 0, "OpRSADecrypt" },
	{ OP_RSA_SIGN_MD5SHA1,	 1, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_MD5SHA1, 0, "OpRSASignMD5SHA1" },
	{ OP_RSA_SIGN_SHA1,	 2, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_SHA1, 0, "OpRSASignSHA1" },
	{ OP_RSA_SIGN_SHA224,	 3, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_SHA224, 0, "OpRSASignSHA224" },
	{ OP_RSA_SIGN_SHA256,	 4, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_SHA256, 0, "OpRSASignSHA256" },
	{ OP_RSA_SIGN_SHA384,	 5, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_SHA384, 0, "OpRSASignSHA384" },
	{ OP_RSA_SIGN_SHA512,	 6, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_SHA512, 0, "OpRSASignSHA512" },
	{ OP_RSA_DECRYPT_RAW,	 7, OPC_DECRYPT, KEY_TYPE_RSA,
	    HASH_NONE, 0, "OpRSADecryptRaw" },
	{ OP_ECDSA_SIGN_MD5SHA1, 8, OPC_SIGN, KEY_TYPE_EC,
	    HASH_MD5SHA1, 0, "OpECDSASignMD5SHA1" },
	{ OP_ECDSA_SIGN_SHA1,	 9, OPC_SIGN, KEY_TYPE_EC,
	    HASH_SHA1, 0, "OpECDSASignSHA1" },
	{ OP_ECDSA_SIGN_SHA224,	10, OPC_SIGN, KEY_TYPE_EC,
	    HASH_SHA224, 0, "OpECDSASignSHA224" },
	{ OP_ECDSA_SIGN_SHA256,	11, OPC_SIGN, KEY_TYPE_EC,
	    HASH_SHA256, 0, "OpECDSASignSHA256" },
	{ OP_ECDSA_SIGN_SHA384,	12, OPC_SIGN, KEY_TYPE_EC,
	    HASH_SHA384, 0, "OpECDSASignSHA384" },
	{ OP_ECDSA_SIGN_SHA512,	13, OPC_SIGN, KEY_TYPE_EC,
	    HASH_SHA512, 0, "OpECDSASignSHA512" },
	{ OP_ED25519_SIGN,	14, OPC_SIGN, KEY_TYPE_ED25519,
	    HASH_NONE, 0, "OpEd25519Sign" },
	{ OP_PSS_SIGN_SHA256,	15, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_SHA256, 1, "OpRSAPSSSignSHA256" },
	{ OP_PSS_SIGN_SHA384,	16, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_SHA384, 1, "OpRSAPSSSignSHA384" },
	{ OP_PSS_SIGN_SHA512,	17, OPC_SIGN, KEY_TYPE_RSA,
	    HASH_SHA512, 1, "OpRSAPSSSignSHA512" },
	{ OP_SEAL,		18, OPC_SEAL, KEY_TYPE_NONE,
	    HASH_NONE, 0, "OpSeal" },
	{ OP_UNSEAL,		19, OPC_SEAL, KEY_TYPE_NONE,
	    HASH_NONE, 0, "OpUnseal" },
	{ OP_RPC,		20, OPC_UNSUPPORTED, KEY_TYPE_NONE,
	    HASH_NONE, 0, "OpRPC" },
	{ OP_CUSTOM,		21, OPC_UNSUPPORTED, KEY_TYPE_NONE,
	    HASH_NONE, 0, "OpCustom" },
	{ OP_RESPONSE,		22, OPC_UNEXPECTED, KEY_TYPE_NONE,
	    HASH_NONE, 0, "OpResponse" },
	{ OP_PING,		23, OPC_PING, KEY_TYPE_NONE,
	    HASH_NONE, 0, "OpPing" },
	{ OP_PONG,		24, OPC_UNEXPECTED, KEY_TYPE_NONE,
	    HASH_NONE, 0, "OpPong" },
	{ OP_ERROR,		25, OPC_UNEXPECTED, KEY_TYPE_NONE,
	    HASH_NONE, 0, "OpError" },
};

static_assert(nitems(opcodes) == OPCODE_COUNT, "OPCODE_COUNT is stale");

static const size_t hash_lengths[] = {
	[HASH_NONE] =		0,
	[HASH_MD5SHA1] =	36,
	[HASH_SHA1] =		20,
	[HASH_SHA224] =		28,
	[HASH_SHA256] =		32,
	[HASH_SHA384] =		48,
	[HASH_SHA512] =		64,
};

static const char *const key_types[] = {
	[KEY_TYPE_NONE] =	"-",
	[KEY_TYPE_RSA] =	"RSA",
	[KEY_TYPE_EC] =		"EC",
	[KEY_TYPE_ED25519] =	"Ed25519",
};

const struct opcode_info *
opcode_find(uint8_t code)
{
	size_t	 i;

	for (i = 0; i < nitems(opcodes); i++)
		if (opcodes[i].code == code)
			return (&opcodes[i]);
	return (NULL);
}

const struct opcode_info *
opcode_at(size_t index)
{
	return (&opcodes[index]);
}

const struct opcode_info *
opcode_by_name(const char *name)
{
	size_t	 i;

	for (i = 0; i < nitems(opcodes); i++)
		if (strcmp(opcodes[i].name, name) == 0)
			return (&opcodes[i]);
	return (NULL);
}

int
opcode_length_ok(const struct opcode_info *op, size_t length,
    size_t modulus_len)
{
	if (op->class == OPC_DECRYPT)
		return (length == modulus_len);
	if (op->hash == HASH_NONE)
		return (1);
	return (length == hash_length(op->hash));
}

const char *
key_type_name(enum key_type type)
{
	return ((size_t)type < nitems(key_types) ? key_types[type] : "?");
}

size_t
hash_length(enum hash_type hash)
{
	return ((size_t)hash < nitems(hash_lengths) ? hash_lengths[hash] : 0);
}
