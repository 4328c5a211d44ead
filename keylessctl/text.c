/* keylessctl: texts from the daemon, made fit for a terminal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "compat.h"
#include "text.h"

/*
 * Characters that print nothing but change how the rest of the line reads:
 * a label must not be able to rearrange its row.
 */
static const struct {
	wchar_t	 first;
	wchar_t	 last;
} hidden[] = {
	{ 0x061c, 0x061c },	/* Arabic letter mark */
	{ 0x200b, 0x200f },	/* zero width characters, direction marks */
	{ 0x2028, 0x202e },	/* line separators, direction embeddings */
	{ 0x2060, 0x206f },	/* invisible operators, direction isolates */
	{ 0xfeff, 0xfeff },	/* byte order mark */
};

/* Columns of a character, or -1 when it must not reach the terminal as is. */
static int
columns(wchar_t c)
{
	size_t	 i;

	for (i = 0; i < nitems(hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return (-1);
	return (wcwidth(c));
}

/*
 * The character at src: its bytes in *len, its columns as the value; -1 and
 * the bytes to write as \xNN when it cannot be shown.
 */
static int
next_char(const char *src, size_t *len)
{
	mbstate_t	 state;
	wchar_t		 c;
	size_t		 n;

	memset(&state, 0, sizeof(state));
	n = mbrtowc(&c, src, strlen(src), &state);
	if (n == (size_t)-1 || n == (size_t)-2) {
		*len = 1;
		return (-1);
	}
	*len = n;
	return (columns(c));
}

size_t
text_visible(char *dst, size_t size, const char *src)
{
	size_t	 i, len, need, used = 0, width = 0;
	int	 cols;

	for (; *src != '\0'; src += len) {
		cols = next_char(src, &len);
		need = cols == -1 ? 4 * len : len;
		if (size - used <= need)
			break;
		if (cols != -1) {
			memcpy(dst + used, src, len);
			width += (size_t)cols;
		} else {
			for (i = 0; i < len; i++)
				snprintf(dst + used + 4 * i, 5, "\\x%02x",
				    (unsigned char)src[i]);
			width += need;
		}
		used += need;
	}
	dst[used] = '\0';
	return (width);
}

const char *
text_show(const char *src)
{
	static char	 buf[2048];
	int		 saved = errno;

	text_visible(buf, sizeof(buf), src);
	errno = saved;
	return (buf);
}
