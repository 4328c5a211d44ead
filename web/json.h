/* Looking into the JSON of an answer. */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>

#include <stdint.h>

#include "http.h"

/* The object that a reply holds, for json_decref(); NULL: it holds none. */
json_t		*json_reply(const struct http_reply *);

/* A member below an object: json_at(root, "error", "code", NULL); or NULL. */
json_t		*json_at(json_t *, ...);

/* The same, if it is a string; or NULL. */
const char	*json_text(json_t *, ...);

/* A number, or a string of digits, of 0 to max; -1: neither. */
int64_t		 json_int(json_t *, int64_t max);

#endif
