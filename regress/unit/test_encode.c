/* keyless-pkcs11: signatures and padded blocks. */
#include <stdlib.h>
#include <string.h>

#include "../../keyless-pkcs11/module.h"
#include "test.h"

#define SIZE	256

/* What encode_unpad() has to say, written plainly. */
static int
plain_unpad(const uint8_t *em, size_t size, uint8_t *out)
{
	size_t	 i;

	memset(out, 0, size);
	for (i = 2; i < size && em[i] != 0; i++)
		;
	if (em[0] != 0 || em[1] != 2 || i == size || i < 10)
		return (-1);
	memcpy(out, em + i + 1, size - i - 1);
	return ((int)(size - i - 1));
}

static void
check_unpad(const uint8_t *em, size_t size)
{
	uint8_t	 out[SIZE], want[SIZE];

	CHECK(encode_unpad(em, size, out) == plain_unpad(em, size, want));
	CHECK(memcmp(out, want, size) == 0);
}

/* A zero at each place, or none; bad bytes in front; all sizes. */
static void
test_unpad(void)
{
	uint8_t	 em[SIZE];
	size_t	 i, size;

	for (size = SIZE - 3; size <= SIZE; size++)
		for (i = 2; i <= size; i++) {
			memset(em, 0x55, sizeof(em));
			em[0] = 0;
			em[1] = 2;
			if (i < size)
				em[i] = 0;
			check_unpad(em, size);
			em[0] = 1;
			check_unpad(em, size);
			em[0] = 0;
			em[1] = 0x80;
			check_unpad(em, size);
		}
	for (i = 0; i < 2000; i++) {
		for (size = 2; size < SIZE; size++)
			em[size] = (uint8_t)(random() % 50);
		em[0] = 0;
		em[1] = 2;
		check_unpad(em, SIZE);
	}
}

static const struct {
	const char	*what;
	size_t		 length;
	uint8_t		 der[24];
	int		 ok;
	uint8_t		 raw[8];
} signatures[] = {
	{ "short", 8, { 0x30, 6, 2, 1, 1, 2, 1, 2 }, 1,
	    { 0, 0, 0, 1, 0, 0, 0, 2 } },
	{ "whole", 14, { 0x30, 12, 2, 4, 1, 2, 3, 4, 2, 4, 5, 6, 7, 8 }, 1,
	    { 1, 2, 3, 4, 5, 6, 7, 8 } },
	{ "top bit", 15,
	    { 0x30, 13, 2, 5, 0, 0x81, 2, 3, 4, 2, 4, 5, 6, 7, 8 }, 1,
	    { 0x81, 2, 3, 4, 5, 6, 7, 8 } },
	{ "nothing", 0, { 0 }, 0, { 0 } },
	{ "one byte", 1, { 0x30 }, 0, { 0 } },
	{ "zero", 8, { 0x30, 6, 2, 1, 0, 2, 1, 2 }, 0, { 0 } },
	{ "empty", 7, { 0x30, 5, 2, 0, 2, 1, 2 }, 0, { 0 } },
	{ "negative", 8, { 0x30, 6, 2, 1, 0x80, 2, 1, 2 }, 0, { 0 } },
	{ "not shortest", 9, { 0x30, 7, 2, 2, 0, 1, 2, 1, 2 }, 0, { 0 } },
	{ "too long", 12, { 0x30, 10, 2, 5, 1, 2, 3, 4, 5, 2, 1, 1 }, 0,
	    { 0 } },
	{ "trailing", 9, { 0x30, 6, 2, 1, 1, 2, 1, 2, 0 }, 0, { 0 } },
	{ "trailing inside", 9, { 0x30, 7, 2, 1, 1, 2, 1, 2, 0 }, 0, { 0 } },
	{ "cut", 7, { 0x30, 6, 2, 1, 1, 2, 1 }, 0, { 0 } },
	{ "one number", 5, { 0x30, 3, 2, 1, 1 }, 0, { 0 } },
	{ "other tag", 8, { 0x31, 6, 2, 1, 1, 2, 1, 2 }, 0, { 0 } },
	{ "long form", 9, { 0x30, 0x81, 6, 2, 1, 1, 2, 1, 2 }, 0, { 0 } },
	{ "over the end", 8, { 0x30, 6, 2, 0x7f, 1, 2, 1, 2 }, 0, { 0 } },
};

static void
test_ecdsa(void)
{
	uint8_t	 raw[8], *exact;
	size_t	 i;
	int	 ok;

	for (i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		/* Of its own size, so that a sanitizer sees a byte more. */
		if ((exact = malloc(signatures[i].length + 1)) == NULL)
			return;
		memcpy(exact + 1, signatures[i].der, signatures[i].length);
		ok = encode_ecdsa_raw(exact + 1, signatures[i].length, raw,
		    4) == 0;
		CHECK(ok == signatures[i].ok);
		if (ok)
			CHECK(memcmp(raw, signatures[i].raw, 8) == 0);
		if (ok != signatures[i].ok)
			printf("%s\n", signatures[i].what);
		free(exact);
	}
}

int
main(void)
{
	test_unpad();
	test_ecdsa();
	return (test_done());
}
