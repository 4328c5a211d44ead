/* Test: the JSON writer of keylessctl. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../keylessctl/json.h"
#include "test.h"

#define FFFD	"\xef\xbf\xbd"

/* Texts and how they are to look between the quotes. */
static const struct {
	const char	*text;
	const char	*json;
} strings[] = {
	{ "", "" },
	{ "plain text /", "plain text /" },
	{ "\" \\", "\\\" \\\\" },
	{ "\b\f\n\r\t", "\\b\\f\\n\\r\\t" },
	{ "\x01\x1b[31m\x1f", "\\u0001\\u001b[31m\\u001f" },
	{ "\x7f \xc2\x80 \xc2\x9f", "\\u007f \\u0080 \\u009f" },
	/* the smallest and largest character of each length */
	{ "\xc2\xa0\xdf\xbf", "\xc2\xa0\xdf\xbf" },
	{ "\xe0\xa0\x80\xef\xbf\xbf", "\xe0\xa0\x80\xef\xbf\xbf" },
	{ "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80" },
	{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
	{ FFFD, FFFD },
	/* not UTF-8: a lone continuation, octets that never occur */
	{ "a\x80z", "a" FFFD "z" },
	{ "\xc0\xc1\xf5\xff", FFFD FFFD FFFD FFFD },
	/* overlong forms, a surrogate, beyond U+10FFFF */
	{ "\xc0\xaf", FFFD FFFD },
	{ "\xe0\x80\xaf", FFFD FFFD FFFD },
	{ "\xed\xa0\x80", FFFD FFFD FFFD },
	{ "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD },
	/* cut short: one replacement for the part that was right */
	{ "\xc3", FFFD },
	{ "\xe2\x82", FFFD },
	{ "\xf0\x9f\x98", FFFD },
	{ "\xf0\x9f\x98z", FFFD "z" },
	{ "\xe2\x82\"", FFFD "\\\"" },
	{ "\xe2\xc3\xa9", FFFD "\xc3\xa9" },
};

static void
test_strings(void)
{
	struct json	 j;
	FILE		*f;
	char		*out, want[256];
	size_t		 i, len;

	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		f = open_memstream(&out, &len);
		json_init(&j, f);
		json_string(&j, NULL, strings[i].text);
		fclose(f);
		snprintf(want, sizeof(want), "\"%s\"", strings[i].json);
		CHECK_STR(out, want);
		free(out);
	}
}

static void
test_structure(void)
{
	struct json	 j;
	FILE		*f;
	char		*out;
	size_t		 len;

	f = open_memstream(&out, &len);
	json_init(&j, f);
	json_object(&j, NULL);
	json_array(&j, "none");
	json_end(&j);
	json_array(&j, "li\"st");
	json_number(&j, NULL, 0);
	json_number(&j, NULL, UINT64_MAX);
	json_object(&j, NULL);
	json_end(&j);
	json_object(&j, NULL);
	json_null(&j, "n");
	json_bool(&j, "yes", 2);
	json_bool(&j, "no", 0);
	json_string(&j, "s", "t");
	json_end(&j);
	json_end(&j);
	json_number(&j, "last", 1);
	json_end(&j);
	fclose(f);
	CHECK_STR(out, "{\"none\":[],\"li\\\"st\":[0,18446744073709551615,{},"
	    "{\"n\":null,\"yes\":true,\"no\":false,"
	    "\"s\":\"t\"}],\"last\":1}\n");
	free(out);
}

int
main(void)
{
	test_strings();
	test_structure();
	return (test_done());
}
