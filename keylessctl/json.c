/* keylessctl: a JSON writer. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "compat.h"
#include "json.h"

#define REPLACEMENT	0xfffd

/*
 * The well-formed UTF-8 sequences, Unicode table 3-7: by first octet, their
 * length and the range of the second octet; all that follow are 80..bf.
 */
static const struct {
	uint8_t	 first;
	uint8_t	 last;
	uint8_t	 length;
	uint8_t	 low;
	uint8_t	 high;
} sequences[] = {
	{ 0x00, 0x7f, 1, 0x00, 0x00 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

static const struct {
	char	 c;
	char	 letter;
} escapes[] = {
	{ '"', '"' }, { '\\', '\\' }, { '\b', 'b' }, { '\f', 'f' },
	{ '\n', 'n' }, { '\r', 'r' }, { '\t', 't' },
};

void
json_init(struct json *j, FILE *file)
{
	memset(j, 0, sizeof(*j));
	j->file = file;
}

/*
 * The character at p, which moves past it; REPLACEMENT for a sequence that is
 * not well-formed, whose valid beginning p then moves past.
 */
static uint32_t
utf8_next(const uint8_t **p)
{
	const uint8_t	*s = *p;
	uint32_t	 c;
	size_t		 i, n;
	uint8_t		 high, low;

	for (i = 0; i < nitems(sequences); i++)
		if (*s >= sequences[i].first && *s <= sequences[i].last)
			break;
	*p = s + 1;
	if (i == nitems(sequences))
		return (REPLACEMENT);
	n = sequences[i].length;
	if (n == 1)
		return (*s);
	low = sequences[i].low;
	high = sequences[i].high;
	c = *s & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		/* The NUL at the end of the text is in no range. */
		if (s[i] < low || s[i] > high)
			return (REPLACEMENT);
		c = c << 6 | (s[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
		*p = s + i + 1;
	}
	return (c);
}

/* Escape an ASCII character; 0 when it needs none. */
static int
put_escape(FILE *f, uint32_t c)
{
	size_t	 i;

	for (i = 0; i < nitems(escapes); i++) {
		if (c == (uint32_t)escapes[i].c) {
			putc('\\', f);
			putc(escapes[i].letter, f);
			return (1);
		}
	}
	return (0);
}

static void
put_string(FILE *f, const char *text)
{
	const uint8_t	*p = (const uint8_t *)text, *start;
	uint32_t	 c;

	putc('"', f);
	while (*p != '\0') {
		start = p;
		c = utf8_next(&p);
		if (c == REPLACEMENT)
			fputs("\xef\xbf\xbd", f);
		else if (put_escape(f, c))
			continue;
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			fprintf(f, "\\u%04" PRIx32, c);
		else
			fwrite(start, 1, (size_t)(p - start), f);
	}
	putc('"', f);
}

/* What stands before a value: a comma, its name. */
static void
begin_value(struct json *j, const char *name)
{
	if (j->depth != 0) {
		if (j->level[j->depth - 1].comma)
			putc(',', j->file);
		j->level[j->depth - 1].comma = 1;
	}
	if (name != NULL) {
		put_string(j->file, name);
		putc(':', j->file);
	}
}

static void
open_level(struct json *j, const char *name, char open, char close)
{
	assert(j->depth < JSON_DEPTH_MAX);
	begin_value(j, name);
	putc(open, j->file);
	j->level[j->depth].close = close;
	j->level[j->depth].comma = 0;
	j->depth++;
}

void
json_object(struct json *j, const char *name)
{
	open_level(j, name, '{', '}');
}

void
json_array(struct json *j, const char *name)
{
	open_level(j, name, '[', ']');
}

void
json_end(struct json *j)
{
	assert(j->depth != 0);
	j->depth--;
	putc(j->level[j->depth].close, j->file);
	if (j->depth == 0)
		putc('\n', j->file);
}

void
json_string(struct json *j, const char *name, const char *text)
{
	begin_value(j, name);
	put_string(j->file, text);
}

void
json_number(struct json *j, const char *name, uint64_t number)
{
	begin_value(j, name);
	fprintf(j->file, "%" PRIu64, number);
}

void
json_bool(struct json *j, const char *name, int truth)
{
	begin_value(j, name);
	fputs(truth ? "true" : "false", j->file);
}

void
json_null(struct json *j, const char *name)
{
	begin_value(j, name);
	fputs("null", j->file);
}

void
json_text(struct json *j, const char *name, const char *text)
{
	if (*text == '\0')
		json_null(j, name);
	else
		json_string(j, name, text);
}
