/* Who asks web services: looking into JSON. */
#include <stdarg.h>

#include "enc.h"
#include "json.h"

static json_t *
vat(json_t *at, va_list ap)
{
	const char	*name;

	while (at != NULL && (name = va_arg(ap, const char *)) != NULL)
		at = json_object_get(at, name);
	return (at);
}

json_t *
json_at(json_t *root, ...)
{
	json_t	*at;
	va_list	 ap;

	va_start(ap, root);
	at = vat(root, ap);
	va_end(ap);
	return (at);
}

const char *
json_text(json_t *root, ...)
{
	json_t	*at;
	va_list	 ap;

	va_start(ap, root);
	at = vat(root, ap);
	va_end(ap);
	return (json_string_value(at));
}

int64_t
json_int(json_t *at, int64_t max)
{
	int64_t	 n = -1;

	if (json_is_integer(at))
		n = json_integer_value(at);
	else if (json_is_string(at))
		n = number_parse(json_string_value(at), max);
	return (n < 0 || n > max ? -1 : n);
}

json_t *
json_reply(const struct http_reply *reply)
{
	json_t	*root;

	root = json_loadb(reply->body, reply->len, JSON_REJECT_DUPLICATES,
	    NULL);
	if (root != NULL && !json_is_object(root)) {
		json_decref(root);
		root = NULL;
	}
	return (root);
}
