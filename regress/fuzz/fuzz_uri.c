/*
 * Fuzzer: PKCS#11 URIs.  What was parsed, written with every byte encoded,
 * parses to the same; nothing that follows a pin-value ever comes out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "fuzz.h"
#include "log.h"
#include "pk11uri.h"

#define SECRET	"S3CRET"	/* in the dictionary, too */

struct out {
	char	*text;
	size_t	 used;
	int	 begun[2];	/* path, query: an attribute stands there */
};

static void
put_value(struct out *o, const void *value, size_t length)
{
	const uint8_t	*p = value;
	size_t		 i;

	for (i = 0; i < length; i++)
		o->used += (size_t)sprintf(o->text + o->used, "%%%02x", p[i]);
}

static void
put_name(struct out *o, int query, const char *name)
{
	const char	*delimiter = query ? "?" : "";

	if (o->begun[query])
		delimiter = query ? "&" : ";";
	o->begun[query] = 1;
	o->used += (size_t)sprintf(o->text + o->used, "%s%s=", delimiter,
	    name);
}

static void
put_text(struct out *o, int query, const char *name, const char *value)
{
	if (value == NULL)
		return;
	put_name(o, query, name);
	put_value(o, value, strlen(value));
}

static void
put_number(struct out *o, int query, const char *name, unsigned long n)
{
	put_name(o, query, name);
	o->used += (size_t)sprintf(o->text + o->used, "%lu", n);
}

/* A URI's text, to be freed. */
static char *
print_uri(const struct pk11uri *u)
{
	struct out	 o = { NULL, 0, { 0, 0 } };

	REQUIRE((o.text = malloc(4 * PK11URI_MAX)) != NULL);
	o.used = (size_t)sprintf(o.text, "pkcs11:");
	put_text(&o, 0, "token", u->token);
	put_text(&o, 0, "manufacturer", u->manufacturer);
	put_text(&o, 0, "serial", u->serial);
	put_text(&o, 0, "model", u->model);
	put_text(&o, 0, "library-manufacturer", u->library_manufacturer);
	put_text(&o, 0, "library-description", u->library_description);
	put_text(&o, 0, "library-version", u->library_version);
	put_text(&o, 0, "slot-description", u->slot_description);
	put_text(&o, 0, "slot-manufacturer", u->slot_manufacturer);
	if (u->has_slot_id)
		put_number(&o, 0, "slot-id", u->slot_id);
	put_text(&o, 0, "object", u->object);
	put_text(&o, 0, "type", u->type);
	if (u->id != NULL) {
		put_name(&o, 0, "id");
		put_value(&o, u->id, u->id_len);
	}
	put_text(&o, 1, "module-path", u->module_path);
	put_text(&o, 1, "module-name", u->module_name);
	put_text(&o, 1, "pin-value", u->pin_value);
	put_text(&o, 1, "pin-source", u->pin_source);
	if (u->max_sessions != 0)
		put_number(&o, 1, "max-sessions", u->max_sessions);
	return (o.text);
}

static int
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a == b);
	return (strcmp(a, b) == 0);
}

static void
require_same(const struct pk11uri *a, const struct pk11uri *b)
{
	REQUIRE(pk11uri_same_token(a, b) && pk11uri_same_token(b, a));
	REQUIRE(same_text(a->object, b->object));
	REQUIRE(same_text(a->type, b->type));
	REQUIRE(same_text(a->module_name, b->module_name));
	REQUIRE(same_text(a->pin_value, b->pin_value));
	REQUIRE(same_text(a->pin_source, b->pin_source));
	REQUIRE(a->max_sessions == b->max_sessions);
	REQUIRE((a->id == NULL) == (b->id == NULL) && a->id_len == b->id_len);
	REQUIRE(a->id_len == 0 || memcmp(a->id, b->id, a->id_len) == 0);
}

/* Whether the secret stands behind pin-value= and nowhere else. */
static int
is_pin(const char *text)
{
	static const char	 name[] = "pin-value=";
	const char		*p = text;
	size_t			 n = sizeof(name) - 1;

	if ((p = strstr(text, SECRET)) == NULL)
		return (0);
	for (; p != NULL; p = strstr(p + 1, SECRET))
		if ((size_t)(p - text) < n || strncmp(p - n, name, n) != 0)
			return (0);
	return (1);
}

static void
check_redact(const char *text, size_t length)
{
	struct pk11uri	*uri;
	char		*once, *twice, err[256], small[16];
	size_t		 n;

	REQUIRE((once = malloc(2 * length + 2)) != NULL);
	n = pk11uri_redact(text, once, 2 * length + 2);
	REQUIRE(n <= length + 1 && strlen(once) == n);
	if (is_pin(text))
		REQUIRE(strstr(once, SECRET) == NULL);
	REQUIRE(pk11uri_redact(text, small, sizeof(small)) == n);
	REQUIRE(strncmp(once, small, sizeof(small) - 1) == 0);
	REQUIRE((twice = malloc(n + 2)) != NULL);
	REQUIRE(pk11uri_redact(once, twice, n + 2) == n);
	REQUIRE(strcmp(once, twice) == 0);
	if ((uri = pk11uri_parse(once, err, sizeof(err))) != NULL)
		REQUIRE(uri->pin_value == NULL && uri->pin_source == NULL);
	pk11uri_free(uri);
	free(once);
	free(twice);
}

static void
check_parsed(const struct pk11uri *uri)
{
	struct pk11uri	*again;
	char		*text = print_uri(uri), err[256] = "";

	/* Encoded, it may be longer than a URI may be. */
	if (strlen(text) < PK11URI_MAX) {
		again = pk11uri_parse(text, err, sizeof(err));
		REQUIRE(again != NULL);
		require_same(uri, again);
		pk11uri_free(again);
	}
	if (pk11uri_check(uri, err, sizeof(err)) == -1)
		REQUIRE(*err != '\0');
	else {
		REQUIRE(uri->module_path[0] == '/');
		REQUIRE((uri->token != NULL) + (uri->serial != NULL) +
		    uri->has_slot_id == 1);
		REQUIRE(uri->object != NULL || uri->id_len != 0);
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk11uri	*uri;
	char		*text, err[256] = "";

	if (size > 2 * PK11URI_MAX)
		return (0);
	REQUIRE((text = malloc(size + 1)) != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	if ((uri = pk11uri_parse(text, err, sizeof(err))) == NULL)
		REQUIRE(*err != '\0');
	else
		check_parsed(uri);
	if (is_pin(text))
		REQUIRE(strstr(err, SECRET) == NULL);
	check_redact(text, strlen(text));
	pk11uri_free(uri);
	free(text);
	return (0);
}
