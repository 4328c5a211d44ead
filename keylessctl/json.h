/*
 * A JSON writer (RFC 8259), one line, to a stdio stream.
 *
 * Every value takes the name it has in the object around it; NULL in an array
 * and for the outermost value.  Write errors stay with the stream.
 */
#ifndef JSON_H
#define JSON_H

#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_MAX	8	/* objects and arrays within one another */

struct json {
	FILE		*file;
	size_t		 depth;
	struct {
		char	 close;		/* '}' or ']' */
		int	 comma;		/* a value stands before the next */
	} level[JSON_DEPTH_MAX];
};

void	json_init(struct json *, FILE *);

void	json_object(struct json *, const char *name);
void	json_array(struct json *, const char *name);

/* Close the innermost object or array; the outermost one ends the line. */
void	json_end(struct json *);

/*
 * Text is taken as UTF-8; what is not becomes U+FFFD, one for each maximal
 * part of a character.  Controls are escaped, DEL and C1 included, so the
 * line can be looked at on a terminal.
 */
void	json_string(struct json *, const char *name, const char *text);
void	json_number(struct json *, const char *name, uint64_t);
void	json_bool(struct json *, const char *name, int);
void	json_null(struct json *, const char *name);

/* A string, or null when it is empty. */
void	json_text(struct json *, const char *name, const char *);

#endif
