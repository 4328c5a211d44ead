/* Frontend: what requests call themselves, for log lines. */
#include <string.h>

#include "compat.h"
#include "reqid.h"

#define KEY	"\"request_id\""

/* Whether the byte is part of a word, and nothing else, in a log line. */
static int
is_plain(uint8_t c)
{
	return (c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=');
}

/* Copy to dst, which has room for a byte at least, up to the end of p. */
static void
copy_word(char *dst, size_t size, const uint8_t *p, const uint8_t *end)
{
	char	*last = dst + size - 1;

	while (p < end && dst < last) {
		*dst++ = is_plain(*p) ? (char)*p : '_';
		p++;
	}
	*dst = '\0';
}

static const uint8_t *
skip_blanks(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' ||
	    *p == '\r'))
		p++;
	return (p);
}

/*
 * The string behind the key; NULL: there is none.  This is no JSON parser: of
 * an object that a client made up to look like another one it takes what comes
 * first, which is a name as good as any.
 */
static const uint8_t *
find_value(const uint8_t *p, const uint8_t *end)
{
	size_t	 n = strlen(KEY);

	/* As a rule it is the first member. */
	if ((size_t)(end - p) > n && memcmp(p + 1, KEY, n) == 0)
		p++;
	else if ((p = memmem(p, (size_t)(end - p), KEY, n)) == NULL)
		return (NULL);
	p = skip_blanks(p + n, end);
	if (p == end || *p++ != ':')
		return (NULL);
	p = skip_blanks(p, end);
	return (p == end || *p != '"' ? NULL : p + 1);
}

void
reqid_take(char id[REQID_SIZE], const struct wire_bytes *context)
{
	const uint8_t	*p, *quote, *end;
	size_t		 n;

	id[0] = '-';
	id[1] = '\0';
	if (context->data == NULL)
		return;
	end = context->data + context->length;
	if ((p = find_value(context->data, end)) == NULL ||
	    (quote = memchr(p, '"', (size_t)(end - p))) == NULL || quote == p)
		return;
	n = (size_t)(quote - p);
	if (n > REQID_SIZE - 1)
		n = REQID_SIZE - 1;
	memcpy(id, p, n);
	id[n] = '\0';
}

char *
reqid_clean(char id[REQID_SIZE])
{
	char	*p;

	for (p = id; *p != '\0'; p++)
		if (!is_plain((uint8_t)*p))
			*p = '_';
	return (id);
}

void
reqid_word(char *word, size_t size, const struct wire_bytes *text)
{
	strlcpy(word, "-", size);
	if (text->data != NULL && text->length != 0)
		copy_word(word, size, text->data, text->data + text->length);
}
