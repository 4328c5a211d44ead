/*
 * Fuzzer: key files, and identifiers of public keys.  What is loaded signs and
 * verifies; what is refused says why; no byte of the file stays behind.
 */
#include "../../keyless-signer/keyfile.c"

#include <openssl/x509.h>

#include "fuzz.h"

static int	 file;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	keyfile_memory();
	REQUIRE((file = compat_anonfd()) != -1);
	return (0);
}

static void
check_wiped(void)
{
	const uint8_t	*buf = file_buffer;
	size_t		 i;

	for (i = 0; i < FILE_MAX + 1; i++)
		REQUIRE(buf[i] == 0);
}

static void
check_id(const struct keyid *id)
{
	static const uint8_t	 zero[WIRE_DIGEST_SIZE];

	REQUIRE(id->type != KEY_TYPE_NONE && id->bits != 0);
	REQUIRE(memcmp(id->ski, zero, sizeof(id->ski)) != 0);
	REQUIRE((memcmp(id->digest, zero, sizeof(id->digest)) == 0) ==
	    (id->type == KEY_TYPE_ED25519));
}

static void
check_private(const uint8_t *data, size_t size)
{
	struct key	 key;

	REQUIRE(ftruncate(file, 0) == 0);
	REQUIRE(pwrite(file, data, size, 0) == (ssize_t)size);
	memset(&key, 0, sizeof(key));
	if (keyfile_load(&key, file) == -1) {
		REQUIRE(key.method == NULL && *key.reason != '\0');
	} else {
		REQUIRE(key.method != NULL && key.public != NULL);
		check_id(&key.id);
		REQUIRE(key_test(&key) == SIGN_OK);
		key.method->destroy(&key);
	}
	REQUIRE(ERR_peek_error() == 0);
	check_wiped();
	EVP_PKEY_free(key.public);
}

static void
check_public(const uint8_t *data, size_t size)
{
	const uint8_t	*p = data;
	const char	*why = NULL;
	EVP_PKEY	*pkey;
	struct keyid	 id;

	if ((pkey = d2i_PUBKEY(NULL, &p, (long)size)) != NULL) {
		if (keyid_from_pkey(pkey, &id, &why) == 0)
			check_id(&id);
		else
			REQUIRE(why != NULL && *why != '\0');
	}
	EVP_PKEY_free(pkey);
	ERR_clear_error();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_private(data, size);
	check_public(data, size);
	return (0);
}
