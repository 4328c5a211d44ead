/* Unit test: encodings of the clouds' interfaces, and signatures as DER. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "digest.h"
#include "enc.h"
#include "sigenc.h"
#include "test.h"

/* RFC 4648 section 10, and what differs between the alphabets. */
static const struct {
	const char	*plain;
	const char	*std;
	const char	*url;
} base64[] = {
	{ "",		"",		"" },
	{ "f",		"Zg==",		"Zg" },
	{ "fo",		"Zm8=",		"Zm8" },
	{ "foo",	"Zm9v",		"Zm9v" },
	{ "foob",	"Zm9vYg==",	"Zm9vYg" },
	{ "fooba",	"Zm9vYmE=",	"Zm9vYmE" },
	{ "foobar",	"Zm9vYmFy",	"Zm9vYmFy" },
	{ "\xfb\xff\xfe", "+//+",	"-__-" },
};

static const char *const not_base64[] = {
	"Z", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v=", "Zg==Zg==", "Zm 9v",
	"=", "Zm9v\n", "Zg=a"
};

static void
test_base64(void)
{
	static struct text	 t;
	uint8_t			 out[64];
	const uint8_t		*plain;
	size_t			 i, len;

	for (i = 0; i < nitems(base64); i++) {
		plain = (const uint8_t *)base64[i].plain;
		len = strlen(base64[i].plain);
		text_init(&t);
		text_add_base64(&t, plain, len);
		CHECK_STR(t.s, base64[i].std);
		text_init(&t);
		text_add_base64url(&t, plain, len);
		CHECK_STR(t.s, base64[i].url);
		CHECK(base64_decode(base64[i].std, out, len) == (int)len);
		CHECK(memcmp(out, plain, len) == 0);
		CHECK(base64_decode(base64[i].url, out, len) == (int)len);
		CHECK(memcmp(out, plain, len) == 0);
		CHECK(len == 0 || base64_decode(base64[i].url, out, len - 1) ==
		    -1);
	}
	for (i = 0; i < nitems(not_base64); i++)
		CHECK(base64_decode(not_base64[i], out, sizeof(out)) == -1);
}

/* RFC 3720 appendix B.4, and the catalogue's check value. */
static void
test_crc32c(void)
{
	uint8_t	 data[32];
	size_t	 i;

	CHECK(crc32c((const uint8_t *)"123456789", 9) == 0xe3069283U);
	CHECK(crc32c(data, 0) == 0);
	memset(data, 0, sizeof(data));
	CHECK(crc32c(data, sizeof(data)) == 0x8a9136aaU);
	memset(data, 0xff, sizeof(data));
	CHECK(crc32c(data, sizeof(data)) == 0x62a8ab43U);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	CHECK(crc32c(data, sizeof(data)) == 0x46dd794eU);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(31 - i);
	CHECK(crc32c(data, sizeof(data)) == 0x113fdb5cU);
}

static void
test_text(void)
{
	static struct text	 t;
	size_t			 i;

	text_init(&t);
	text_add_url(&t, "aZ09-._~ /:?&=%+\xc3\xa4");
	CHECK_STR(t.s, "aZ09-._~%20%2F%3A%3F%26%3D%25%2B%C3%A4");
	text_init(&t);
	text_add_json(&t, "a\"b\\c\n\x01/\xc3\xa4");
	CHECK_STR(t.s, "a\\\"b\\\\c\\u000a\\u0001/\xc3\xa4");

	text_init(&t);
	for (i = 0; i < TEXT_MAX - 1; i++)
		text_add(&t, "x");
	CHECK(!t.over && t.len == TEXT_MAX - 1);
	text_add(&t, "x");
	CHECK(t.over && t.len == TEXT_MAX - 1);
	text_init(&t);
	text_addf(&t, "%*s", TEXT_MAX, "x");
	CHECK(t.over && t.len == 0 && *t.s == '\0');
	text_add(&t, "abc");
	CHECK(*t.s == '\0');
	text_wipe(&t);
	CHECK(t.len == 0 && !t.over);
}

static void
test_digest(void)
{
	static const uint8_t	 in[4] = { 1, 2, 3, 4 };
	static const uint8_t	 wider[6] = { 0, 0, 1, 2, 3, 4 };
	uint8_t			 out[6];

	digest_fit(in, 4, out, 4);
	CHECK(memcmp(out, in, 4) == 0);
	digest_fit(in, 4, out, 6);
	CHECK(memcmp(out, wider, 6) == 0);
	digest_fit(in, 4, out, 2);
	CHECK(memcmp(out, in, 2) == 0);
}

static void
test_numbers(void)
{
	CHECK(time_parse("1970-01-01T00:00:00Z") == 0);
	CHECK(time_parse("2001-09-09T01:46:40Z") == 1000000000);
	CHECK(time_parse("2001-09-09T01:46:40.123456Z") == 1000000000);
	CHECK(time_parse("2001-09-09T01:46:40+00:00") == 1000000000);
	CHECK(time_parse("2001-09-09T01:46:40+01:00") == -1);
	CHECK(time_parse("2001-09-09T01:46:40") == -1);
	CHECK(time_parse("2001-09-09") == -1);
	CHECK(time_parse("") == -1);
	CHECK(number_parse("3600", 3600) == 3600);
	CHECK(number_parse("3601", 3600) == -1);
	CHECK(number_parse("-1", 3600) == -1);
	CHECK(number_parse("+1", 3600) == -1);
	CHECK(number_parse("1 ", 3600) == -1);
	CHECK(number_parse("", 3600) == -1);
}

/* IEEE 1363 to ECDSA-Sig-Value: the shortest numbers, never negative. */
static void
test_ecdsa(void)
{
	static const uint8_t	 der_one[] = { 0x30, 6, 2, 1, 1, 2, 1, 1 };
	static const uint8_t	 der_high[] = { 0x30, 8, 2, 2, 0, 0x80, 2, 2, 0,
				    0xff };
	uint8_t			 raw[SIGENC_RAW_MAX], out[SIGENC_ECDSA_MAX];

	memset(raw, 0, sizeof(raw));
	CHECK(sigenc_ecdsa(raw, 32, out) == 0);
	raw[31] = 1;
	CHECK(sigenc_ecdsa(raw, 32, out) == 0);
	raw[63] = 1;
	CHECK(sigenc_ecdsa(raw, 32, out) == sizeof(der_one));
	CHECK(memcmp(out, der_one, sizeof(der_one)) == 0);
	raw[31] = 0x80;
	raw[63] = 0xff;
	CHECK(sigenc_ecdsa(raw, 32, out) == sizeof(der_high));
	CHECK(memcmp(out, der_high, sizeof(der_high)) == 0);
	/* The longest: the length takes a byte more. */
	memset(raw, 0xff, sizeof(raw));
	CHECK(sigenc_ecdsa(raw, 66, out) == 141);
	CHECK(out[0] == 0x30 && out[1] == 0x81 && out[2] == 138);
	CHECK(out[3] == 2 && out[4] == 67 && out[5] == 0);
}

int
main(void)
{
	test_base64();
	test_crc32c();
	test_text();
	test_digest();
	test_numbers();
	test_ecdsa();
	return (test_done());
}
