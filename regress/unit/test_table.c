/* Test: tables and visible texts of keylessctl. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../keylessctl/table.h"
#include "../../keylessctl/text.h"
#include "test.h"

/* What a table prints; freed with the next call. */
static const char *
printed(const struct table *t, int colour)
{
	static char	*out;
	size_t		 len;
	FILE		*f;

	free(out);
	f = open_memstream(&out, &len);
	table_print(t, f, colour);
	fclose(f);
	return (out);
}

static void
test_align(void)
{
	struct table	*t = table_new();

	table_column(t, "LEFT", TABLE_LEFT);
	table_column(t, "N", TABLE_RIGHT);
	table_column(t, "LAST", TABLE_LEFT);
	CHECK_STR(printed(t, 0), "LEFT  N\n");
	table_text(t, "a");
	table_number(t, 1);
	table_text(t, "x");
	CHECK_STR(printed(t, 0), "LEFT  N  LAST\na     1  x\n");
	table_text(t, "longer");
	table_number(t, 100);
	table_text(t, "last is not padded");
	table_text(t, "");
	table_text(t, "");
	table_text(t, "");
	CHECK_STR(printed(t, 0),
	    "LEFT      N  LAST\n"
	    "a         1  x\n"
	    "longer  100  last is not padded\n"
	    "-         -\n");
	table_free(t);
}

/* A last column without content goes, and so do headings that are empty. */
static void
test_left_out(void)
{
	struct table	*t = table_new();

	table_column(t, "NAME", TABLE_LEFT);
	table_column(t, "REASON", TABLE_LEFT);
	table_text(t, "a");
	table_text(t, "");
	CHECK_STR(printed(t, 0), "NAME\na\n");
	table_text(t, "b");
	table_text(t, "why");
	CHECK_STR(printed(t, 0), "NAME  REASON\na\nb     why\n");
	table_free(t);

	t = table_new();
	table_column(t, "", TABLE_LEFT);
	table_column(t, "", TABLE_RIGHT);
	CHECK_STR(printed(t, 0), "");
	table_text(t, "name");
	table_number(t, 7);
	table_text(t, "longer");
	table_number(t, 12);
	CHECK_STR(printed(t, 0), "name     7\nlonger  12\n");
	table_free(t);
}

static void
test_mark(void)
{
	struct table	*t = table_new();

	table_column(t, "STATE", TABLE_LEFT);
	table_column(t, "KEY", TABLE_LEFT);
	table_text(t, "bad");
	table_mark(t);
	table_text(t, "k");
	CHECK_STR(printed(t, 0), "STATE  KEY\nbad    k\n");
	CHECK_STR(printed(t, 1), "STATE  KEY\n\033[31mbad\033[m    k\n");
	table_free(t);
}

/* Aligned by what the terminal shows: wide, combining, escaped characters. */
static void
test_width(void)
{
	struct table	*t = table_new();

	table_column(t, "NAME", TABLE_LEFT);
	table_column(t, "N", TABLE_RIGHT);
	table_text(t, "caf\xc3\xa9s!");
	table_number(t, 1);
	table_text(t, "e\xcc\x81");
	table_number(t, 2);
	table_text(t, "\xe6\x97\xa5\xe6\x9c\xac");
	table_number(t, 3);
	table_text(t, "\n");
	table_number(t, 4);
	CHECK_STR(printed(t, 0),
	    "NAME    N\n"
	    "caf\xc3\xa9s!  1\n"
	    "e\xcc\x81       2\n"
	    "\xe6\x97\xa5\xe6\x9c\xac    3\n"
	    "\\x0a    4\n");
	table_free(t);
}

static void
test_visible(void)
{
	char	 dst[64];

	CHECK(text_visible(dst, sizeof(dst), "") == 0);
	CHECK_STR(dst, "");
	CHECK(text_visible(dst, sizeof(dst), "\033[2Jx\x7f\x80") == 16);
	CHECK_STR(dst, "\\x1b[2Jx\\x7f\\x80");
	/* a C1 control, a right-to-left override */
	text_visible(dst, sizeof(dst), "\xc2\x9b" "31m \xe2\x80\xae.");
	CHECK_STR(dst, "\\xc2\\x9b31m \\xe2\\x80\\xae.");
	/* overlong, surrogate, cut short */
	text_visible(dst, sizeof(dst), "\xc0\xaf\xed\xa0\x80\xe2\x82");
	CHECK_STR(dst, "\\xc0\\xaf\\xed\\xa0\\x80\\xe2\\x82");
}

static void
test_cut(void)
{
	char	 dst[6];

	memset(dst, 'X', sizeof(dst));
	CHECK(text_visible(dst, 4, "abcdef") == 3);
	CHECK_STR(dst, "abc");
	/* neither an escape nor a character is cut in its middle */
	text_visible(dst, 5, "a\001");
	CHECK_STR(dst, "a");
	text_visible(dst, 4, "ab\xc3\xa9");
	CHECK_STR(dst, "ab");
	text_visible(dst, 5, "ab\xc3\xa9");
	CHECK_STR(dst, "ab\xc3\xa9");
	text_visible(dst, 1, "a");
	CHECK_STR(dst, "");
	CHECK(dst[5] == 'X');
}

/* A locale without UTF-8 shows the bytes. */
static void
test_c_locale(void)
{
	char	 dst[64];

	setlocale(LC_CTYPE, "C");
	text_visible(dst, sizeof(dst), "caf\xc3\xa9");
	CHECK_STR(dst, "caf\\xc3\\xa9");
}

int
main(void)
{
	test_align();
	test_left_out();
	test_mark();
	CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	test_width();
	test_visible();
	test_cut();
	test_c_locale();
	return (test_done());
}
