/* Who asks web services: the encodings of their interfaces. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "compat.h"
#include "enc.h"

static const char base64_std[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
text_init(struct text *t)
{
	t->len = 0;
	t->over = 0;
	t->s[0] = '\0';
}

void
text_add_n(struct text *t, const char *s, size_t n)
{
	if (t->over || n >= sizeof(t->s) - t->len) {
		t->over = 1;
		return;
	}
	memcpy(t->s + t->len, s, n);
	t->len += n;
	t->s[t->len] = '\0';
}

void
text_add(struct text *t, const char *s)
{
	text_add_n(t, s, strlen(s));
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(t->s + t->len, sizeof(t->s) - t->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(t->s) - t->len)
		t->over = 1;
	else
		t->len += (size_t)n;
	t->s[t->len] = '\0';
}

void
text_wipe(struct text *t)
{
	explicit_bzero(t, sizeof(*t));
}

void
text_add_url(struct text *t, const char *s)
{
	for (; *s != '\0'; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s) != NULL)
			text_add_n(t, s, 1);
		else
			text_addf(t, "%%%02X", (unsigned char)*s);
	}
}

void
text_add_json(struct text *t, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			text_addf(t, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			text_addf(t, "\\u%04x", (unsigned char)*s);
		else
			text_add_n(t, s, 1);
	}
}

static void
add_base64(struct text *t, const char *alphabet, int pad, const uint8_t *p,
    size_t len)
{
	uint32_t	 v;
	char		 quad[4];
	size_t		 i, n;

	for (; len != 0; p += n, len -= n) {
		n = len < 3 ? len : 3;
		v = (uint32_t)p[0] << 16;
		if (n > 1)
			v |= (uint32_t)p[1] << 8;
		if (n > 2)
			v |= p[2];
		for (i = 0; i < 4; i++)
			quad[i] = i > n ? '=' :
			    alphabet[v >> (18 - 6 * i) & 0x3f];
		text_add_n(t, quad, pad ? 4 : n + 1);
	}
}

void
text_add_base64(struct text *t, const uint8_t *p, size_t len)
{
	add_base64(t, base64_std, 1, p, len);
}

void
text_add_base64url(struct text *t, const uint8_t *p, size_t len)
{
	add_base64(t, base64_url, 0, p, len);
}

static int
base64_value(char c)
{
	const char	*at;

	if (c == '\0')
		return (-1);
	if ((at = strchr(base64_std, c)) != NULL)
		return ((int)(at - base64_std));
	if ((at = strchr(base64_url, c)) != NULL)
		return ((int)(at - base64_url));
	return (-1);
}

int
base64_decode(const char *s, uint8_t *out, size_t size)
{
	uint32_t	 v = 0;
	size_t		 n = 0, digits = 0;
	int		 bits = 0, value;

	for (; (value = base64_value(*s)) != -1; s++, digits++) {
		v = v << 6 | (uint32_t)value;
		if ((bits += 6) < 8)
			continue;
		bits -= 8;
		if (n == size)
			return (-1);
		out[n++] = (uint8_t)(v >> bits);
	}
	/* No single digit, no bits left over, padding to fours or none. */
	if (digits % 4 == 1 || (v & ((1U << bits) - 1)) != 0)
		return (-1);
	if (*s == '=' && strcmp(s, digits % 4 == 2 ? "==" :
	    digits % 4 == 3 ? "=" : "") == 0)
		return ((int)n);
	return (*s == '\0' ? (int)n : -1);
}

int64_t
time_parse(const char *s)
{
	struct tm	 tm;
	const char	*rest;

	memset(&tm, 0, sizeof(tm));
	if ((rest = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm)) == NULL)
		return (-1);
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0)
		return (-1);
	return ((int64_t)timegm(&tm));
}

int64_t
number_parse(const char *s, int64_t max)
{
	const char	*error;
	long long	 n;

	if (!isdigit((unsigned char)*s))
		return (-1);
	n = strtonum(s, 0, max, &error);
	return (error == NULL ? n : -1);
}
