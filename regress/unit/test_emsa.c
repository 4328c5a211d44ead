/* EMSA-PKCS1-v1_5. */
#include <string.h>

#include "emsa.h"
#include "test.h"

static void
check_hash(enum hash_type hash)
{
	uint8_t	 in[64], info[EMSA_INFO_MAX + 1] = { 0 };
	size_t	 n, len = hash_length(hash);

	memset(in, (int)hash, sizeof(in));
	n = emsa_digestinfo(hash, in, len, info);
	CHECK(n >= len && n <= EMSA_INFO_MAX);
	CHECK(memcmp(info + n - len, in, len) == 0);
	CHECK(emsa_hash(info, n) == hash);
	/* A byte more or less, or another one in front, is none. */
	CHECK(emsa_hash(info, n - 1) == HASH_NONE);
	/* 36 bytes of anything may be MD5 and SHA-1. */
	CHECK(emsa_hash(info, n + 1) == (hash == HASH_SHA1 ? HASH_MD5SHA1 :
	    HASH_NONE));
	if (hash != HASH_MD5SHA1) {
		info[n - len - 1] ^= 1;
		CHECK(emsa_hash(info, n) == HASH_NONE);
		CHECK(info[1] == n - 2);	/* it is a SEQUENCE of that */
	}
}

int
main(void)
{
	uint8_t	 em[32], info[21] = { 7 };
	int	 hash;
	size_t	 i;

	for (hash = HASH_MD5SHA1; hash <= HASH_TYPE_MAX; hash++)
		check_hash((enum hash_type)hash);
	CHECK(emsa_hash(info, 0) == HASH_NONE);

	CHECK(emsa_pkcs1(info, sizeof(info), em, sizeof(em)) == 0);
	CHECK(em[0] == 0 && em[1] == 1 && em[10] == 0 && em[11] == 7);
	for (i = 2; i < 10; i++)
		CHECK(em[i] == 0xff);
	CHECK(emsa_pkcs1(info, sizeof(info), em, sizeof(em) - 1) == -1);
	return (test_done());
}
