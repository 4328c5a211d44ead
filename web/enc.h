/*
 * Encodings of web services' interfaces.  Nothing here allocates.
 */
#ifndef ENC_H
#define ENC_H

#include <stddef.h>
#include <stdint.h>

/*
 * A text that grows in place.  What does not fit sets over, which is for the
 * caller to look at in the end; it may hold secrets: text_wipe() it.
 */
#define TEXT_MAX	32768

struct text {
	size_t	 len;
	int	 over;
	char	 s[TEXT_MAX];		/* NUL-terminated */
};

void	text_init(struct text *);
void	text_add(struct text *, const char *);
void	text_addf(struct text *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	text_add_n(struct text *, const char *, size_t);
void	text_wipe(struct text *);

/* With all but RFC 3986's unreserved characters as %XX. */
void	text_add_url(struct text *, const char *);

/* As the contents of a JSON string (RFC 8259 section 7), without quotes. */
void	text_add_json(struct text *, const char *);

/* RFC 4648: section 4 with padding; section 5 without. */
void	text_add_base64(struct text *, const uint8_t *, size_t);
void	text_add_base64url(struct text *, const uint8_t *, size_t);

/*
 * Decode either alphabet, padded or not, into at most size bytes.  Returns
 * the length, or -1 for anything else.
 */
int	base64_decode(const char *, uint8_t *, size_t size);

/*
 * Days, hours ... of a time as RFC 3339 or ISO 8601 write it in UTC
 * (2026-11-21T20:16:29Z, a fraction is passed over) to seconds since the
 * Epoch; -1 for anything else.
 */
int64_t	time_parse(const char *);

/* A number of digits only, at most max; -1 for anything else. */
int64_t	number_parse(const char *, int64_t max);

#endif
