/* Frontend: Prometheus' text format. */
#include <event2/buffer.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "promtext.h"

#define REPLACEMENT	"\357\277\275"	/* U+FFFD */

/* The bounds of the buckets, in seconds. */
static const char *const bounds[HISTOGRAM_BUCKETS] = {
	"0.0001", "0.0002", "0.0004", "0.0008", "0.0016", "0.0032", "0.0064",
	"0.0128", "0.0256", "0.0512", "0.1024", "0.2048", "0.4096", "0.8192",
	"1.6384", "+Inf"
};

void
promtext_init(struct promtext *p, struct evbuffer *out)
{
	p->out = out;
	p->name = "";
	p->failed = 0;
	p->length = 0;
}

int
promtext_finish(struct promtext *p)
{
	if (p->length != 0 && evbuffer_add(p->out, p->text, p->length) == -1)
		p->failed = 1;
	p->length = 0;
	return (p->failed ? -1 : 0);
}

static void
put(struct promtext *p, const char *bytes, size_t length)
{
	size_t	 n;

	while (length != 0) {
		if (p->length == sizeof(p->text))
			(void)promtext_finish(p);
		n = sizeof(p->text) - p->length;
		if (n > length)
			n = length;
		memcpy(p->text + p->length, bytes, n);
		p->length += n;
		bytes += n;
		length -= n;
	}
}

static void
put_text(struct promtext *p, const char *text)
{
	put(p, text, strlen(text));
}

/*
 * The bytes of the character at s in UTF-8 (RFC 3629, section 4), 0 if it is
 * none: Prometheus takes no others.
 */
static size_t
utf8_length(const unsigned char *s)
{
	size_t		 i, n;
	unsigned char	 low = 0x80, high = 0xbf;

	if (s[0] < 0x80)
		return (1);
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return (0);
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	/* No longer forms than needed, no surrogates, nothing over U+10FFFF. */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	for (i = 1; i < n; i++) {
		if (s[i] < low || s[i] > high)
			return (0);
		low = 0x80;
		high = 0xbf;
	}
	return (n);
}

/* A text in which backslashes, newlines and maybe quotes have to be escaped. */
static void
put_escaped(struct promtext *p, const char *text, int quotes)
{
	const char	*s = text;
	size_t		 n;

	for (; *s != '\0'; s += n) {
		n = utf8_length((const unsigned char *)s);
		if (n != 0 && *s != '\\' && *s != '\n' &&
		    (*s != '"' || !quotes))
			continue;
		put(p, text, (size_t)(s - text));
		if (n == 0) {
			put_text(p, REPLACEMENT);
			n = 1;
		} else
			put_text(p, *s == '\n' ? "\\n" : *s == '"' ? "\\\"" :
			    "\\\\");
		text = s + n;
	}
	put(p, text, (size_t)(s - text));
}

void
promtext_begin(struct promtext *p, const char *name, const char *type,
    const char *help)
{
	p->name = name;
	put_text(p, "# HELP ");
	put_text(p, name);
	put_text(p, " ");
	put_escaped(p, help, 0);
	put_text(p, "\n# TYPE ");
	put_text(p, name);
	put_text(p, " ");
	put_text(p, type);
	put_text(p, "\n");
}

static void
put_label(struct promtext *p, char before, const char *name, const char *value)
{
	put(p, &before, 1);
	put_text(p, name);
	put_text(p, "=\"");
	put_escaped(p, value, 1);
	put_text(p, "\"");
}

/* All of a sample before its value; le is NULL unless it is of a bucket. */
static void
put_name(struct promtext *p, const char *suffix, const char *le, va_list ap)
{
	const char	*name;
	char		 before = '{';

	put_text(p, p->name);
	put_text(p, suffix);
	while ((name = va_arg(ap, const char *)) != NULL) {
		put_label(p, before, name, va_arg(ap, const char *));
		before = ',';
	}
	if (le != NULL) {
		put_label(p, before, "le", le);
		before = ',';
	}
	put_text(p, before == '{' ? " " : "} ");
}

static void
put_number(struct promtext *p, uint64_t n)
{
	char	 text[32];

	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)n);
	put_text(p, text);
}

static void
put_seconds(struct promtext *p, uint64_t n, enum promtext_unit unit)
{
	char	 text[48];

	snprintf(text, sizeof(text), unit == PROMTEXT_MICRO ?
	    "%llu.%06llu\n" : "%llu.%09llu\n", (unsigned long long)(n / unit),
	    (unsigned long long)(n % unit));
	put_text(p, text);
}

void
promtext_number(struct promtext *p, uint64_t n, ...)
{
	va_list	 ap;

	va_start(ap, n);
	put_name(p, "", NULL, ap);
	va_end(ap);
	put_number(p, n);
}

void
promtext_seconds(struct promtext *p, uint64_t n, enum promtext_unit unit, ...)
{
	va_list	 ap;

	va_start(ap, unit);
	put_name(p, "", NULL, ap);
	va_end(ap);
	put_seconds(p, n, unit);
}

/* The same labels serve each of its samples. */
static void
put_part(struct promtext *p, const char *suffix, const char *le, va_list ap)
{
	va_list	 copy;

	va_copy(copy, ap);
	put_name(p, suffix, le, copy);
	va_end(copy);
}

void
promtext_histogram(struct promtext *p, const struct histogram *h,
    enum promtext_unit unit, ...)
{
	va_list		 ap;
	uint64_t	 sum = 0;
	unsigned int	 i;

	va_start(ap, unit);
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		sum += h->count[i];
		put_part(p, "_bucket", bounds[i], ap);
		put_number(p, sum);
	}
	put_part(p, "_sum", NULL, ap);
	put_seconds(p, h->sum, unit);
	put_part(p, "_count", NULL, ap);
	put_number(p, sum);
	va_end(ap);
}
