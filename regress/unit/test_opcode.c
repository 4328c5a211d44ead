/* Test: the table of operations against the protocol. */
#include <string.h>

#include "compat.h"
#include "opcode.h"
#include "test.h"

/* PROTOCOL.md, Opcodes, once more: code, class, key, bytes of payload. */
static const struct {
	uint8_t			 code;
	enum opcode_class	 class;
	enum key_type		 key;
	size_t			 length;	/* of a hash */
	int			 pss;
	const char		*name;
} expected[] = {
	{ 0x01, OPC_DECRYPT, KEY_TYPE_RSA, 0, 0, "OpRSADecrypt" },
	{ 0x02, OPC_SIGN, KEY_TYPE_RSA, 36, 0, "OpRSASignMD5SHA1" },
	{ 0x03, OPC_SIGN, KEY_TYPE_RSA, 20, 0, "OpRSASignSHA1" },
	{ 0x04, OPC_SIGN, KEY_TYPE_RSA, 28, 0, "OpRSASignSHA224" },
	{ 0x05, OPC_SIGN, KEY_TYPE_RSA, 32, 0, "OpRSASignSHA256" },
	{ 0x06, OPC_SIGN, KEY_TYPE_RSA, 48, 0, "OpRSASignSHA384" },
	{ 0x07, OPC_SIGN, KEY_TYPE_RSA, 64, 0, "OpRSASignSHA512" },
	{ 0x08, OPC_DECRYPT, KEY_TYPE_RSA, 0, 0, "OpRSADecryptRaw" },
	{ 0x12, OPC_SIGN, KEY_TYPE_EC, 36, 0, "OpECDSASignMD5SHA1" },
	{ 0x13, OPC_SIGN, KEY_TYPE_EC, 20, 0, "OpECDSASignSHA1" },
	{ 0x14, OPC_SIGN, KEY_TYPE_EC, 28, 0, "OpECDSASignSHA224" },
	{ 0x15, OPC_SIGN, KEY_TYPE_EC, 32, 0, "OpECDSASignSHA256" },
	{ 0x16, OPC_SIGN, KEY_TYPE_EC, 48, 0, "OpECDSASignSHA384" },
	{ 0x17, OPC_SIGN, KEY_TYPE_EC, 64, 0, "OpECDSASignSHA512" },
	{ 0x18, OPC_SIGN, KEY_TYPE_ED25519, 0, 0, "OpEd25519Sign" },
	{ 0x21, OPC_SEAL, KEY_TYPE_NONE, 0, 0, "OpSeal" },
	{ 0x22, OPC_SEAL, KEY_TYPE_NONE, 0, 0, "OpUnseal" },
	{ 0x23, OPC_UNSUPPORTED, KEY_TYPE_NONE, 0, 0, "OpRPC" },
	{ 0x24, OPC_UNSUPPORTED, KEY_TYPE_NONE, 0, 0, "OpCustom" },
	{ 0x35, OPC_SIGN, KEY_TYPE_RSA, 32, 1, "OpRSAPSSSignSHA256" },
	{ 0x36, OPC_SIGN, KEY_TYPE_RSA, 48, 1, "OpRSAPSSSignSHA384" },
	{ 0x37, OPC_SIGN, KEY_TYPE_RSA, 64, 1, "OpRSAPSSSignSHA512" },
	{ 0xf0, OPC_UNEXPECTED, KEY_TYPE_NONE, 0, 0, "OpResponse" },
	{ 0xf1, OPC_PING, KEY_TYPE_NONE, 0, 0, "OpPing" },
	{ 0xf2, OPC_UNEXPECTED, KEY_TYPE_NONE, 0, 0, "OpPong" },
	{ 0xff, OPC_UNEXPECTED, KEY_TYPE_NONE, 0, 0, "OpError" },
};

static void
test_table(void)
{
	const struct opcode_info	*op;
	size_t				 i;

	CHECK(nitems(expected) == OPCODE_COUNT);
	for (i = 0; i < nitems(expected); i++) {
		op = opcode_find(expected[i].code);
		CHECK(op != NULL);
		if (op == NULL)
			continue;
		CHECK(op->code == expected[i].code);
		CHECK(op->class == expected[i].class);
		CHECK(op->key_type == expected[i].key);
		CHECK(hash_length(op->hash) == expected[i].length);
		CHECK(op->pss == expected[i].pss);
		CHECK_STR(op->name, expected[i].name);
		CHECK(opcode_by_name(expected[i].name) == op);
	}
}

/* Every other code is unknown. */
static void
test_unknown(void)
{
	size_t		 i;
	unsigned int	 code, found = 0;

	for (code = 0; code < 256; code++) {
		for (i = 0; i < nitems(expected); i++)
			if (expected[i].code == code)
				break;
		CHECK((opcode_find((uint8_t)code) != NULL) ==
		    (i < nitems(expected)));
		found += opcode_find((uint8_t)code) != NULL;
	}
	CHECK(found == OPCODE_COUNT);
	CHECK(opcode_by_name("") == NULL);
	CHECK(opcode_by_name("OpRSASignSHA25") == NULL);
	CHECK(opcode_by_name("opping") == NULL);
}

/* The dense index counts the rows. */
static void
test_index(void)
{
	size_t	 i;

	for (i = 0; i < OPCODE_COUNT; i++) {
		CHECK(opcode_at(i)->index == i);
		CHECK(opcode_find(opcode_at(i)->code) == opcode_at(i));
	}
}

static void
test_lengths(void)
{
	const struct opcode_info	*op;
	size_t				 i, n;

	for (i = 0; i < nitems(expected); i++) {
		op = opcode_find(expected[i].code);
		if (op == NULL || op->class != OPC_SIGN ||
		    op->hash == HASH_NONE)
			continue;
		for (n = 0; n <= 300; n++)
			CHECK(opcode_length_ok(op, n, 256) ==
			    (n == expected[i].length));
	}
	/* Decryption: the modulus length, not one byte else. */
	for (n = 0; n <= 1025; n++) {
		CHECK(opcode_length_ok(opcode_find(0x01), n, 256) ==
		    (n == 256));
		CHECK(opcode_length_ok(opcode_find(0x08), n, 1024) ==
		    (n == 1024));
	}
	/* Ed25519: any message. */
	CHECK(opcode_length_ok(opcode_find(0x18), 0, 0));
	CHECK(opcode_length_ok(opcode_find(0x18), 1024, 0));
}

static void
test_names(void)
{
	CHECK_STR(key_type_name(KEY_TYPE_NONE), "-");
	CHECK_STR(key_type_name(KEY_TYPE_RSA), "RSA");
	CHECK_STR(key_type_name(KEY_TYPE_EC), "EC");
	CHECK_STR(key_type_name(KEY_TYPE_ED25519), "Ed25519");
	CHECK(key_type_name((enum key_type)(KEY_TYPE_MAX + 1)) != NULL);
	CHECK(key_type_name((enum key_type)-1) != NULL);
	CHECK(hash_length((enum hash_type)(HASH_TYPE_MAX + 1)) == 0);
	CHECK(hash_length(HASH_NONE) == 0);
}

int
main(void)
{
	test_table();
	test_unknown();
	test_index();
	test_lengths();
	test_names();
	return (test_done());
}
