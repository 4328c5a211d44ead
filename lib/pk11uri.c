/* Any process: PKCS#11 URIs (RFC 7512). */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compat.h"
#include "pk11uri.h"

#define SCHEME		"pkcs11:"
#define SCHEME_LEN	(sizeof(SCHEME) - 1)
#define FOLD_PASSES	4	/* of percent-decoding, when redacting */

enum component {
	IN_PATH,
	IN_QUERY
};

enum kind {
	TEXT,			/* char * */
	BYTES,			/* id and id_len */
	SLOT,			/* slot_id and has_slot_id */
	SESSIONS,		/* max_sessions */
	VERSION,		/* char *: major[.minor] */
	TYPE,			/* char *: a word of section 2.3 */
	PIN_SOURCE		/* char *: path of a file: URI */
};

/*
 * The attributes of sections 2.3 and 2.4, and max-sessions.  Names are
 * compared as they stand, case included.
 */
static const struct attribute {
	const char	*name;
	enum component	 where;
	enum kind	 kind;
	size_t		 offset;	/* of a char * in struct pk11uri */
	int		 token;		/* tells modules and tokens apart */
} attributes[] = {
#define FIELD(f)	offsetof(struct pk11uri, f)
	{ "token", IN_PATH, TEXT, FIELD(token), 1 },
	{ "manufacturer", IN_PATH, TEXT, FIELD(manufacturer), 1 },
	{ "serial", IN_PATH, TEXT, FIELD(serial), 1 },
	{ "model", IN_PATH, TEXT, FIELD(model), 1 },
	{ "library-manufacturer", IN_PATH, TEXT,
	    FIELD(library_manufacturer), 1 },
	{ "library-description", IN_PATH, TEXT,
	    FIELD(library_description), 1 },
	{ "library-version", IN_PATH, VERSION, FIELD(library_version), 1 },
	{ "slot-description", IN_PATH, TEXT, FIELD(slot_description), 1 },
	{ "slot-manufacturer", IN_PATH, TEXT, FIELD(slot_manufacturer), 1 },
	{ "slot-id", IN_PATH, SLOT, 0, 0 },
	{ "object", IN_PATH, TEXT, FIELD(object), 0 },
	{ "type", IN_PATH, TYPE, FIELD(type), 0 },
	{ "id", IN_PATH, BYTES, 0, 0 },
	{ "module-path", IN_QUERY, TEXT, FIELD(module_path), 1 },
	{ "module-name", IN_QUERY, TEXT, FIELD(module_name), 0 },
	{ "pin-value", IN_QUERY, TEXT, FIELD(pin_value), 0 },
	{ "pin-source", IN_QUERY, PIN_SOURCE, FIELD(pin_source), 0 },
	{ "max-sessions", IN_QUERY, SESSIONS, 0, 0 },
#undef FIELD
};

struct parse {
	struct pk11uri	*uri;
	char		*err;
	size_t		 errsize;
	uint32_t	 seen;		/* bit i: attributes[i] was there */
	int		 pin_seen;	/* what follows may be a PIN's tail */
};

static int	refuse(struct parse *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* Note the reason; -1 for the caller to return. */
static int
refuse(struct parse *p, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(p->err, p->errsize, fmt, ap);
	va_end(ap);
	return (-1);
}

static char **
text_of(const struct pk11uri *uri, const struct attribute *a)
{
	return ((char **)((char *)(uintptr_t)uri + a->offset));
}

static int
has_text(const struct attribute *a)
{
	return (a->kind != BYTES && a->kind != SLOT && a->kind != SESSIONS);
}

static const struct attribute *
attribute_find(const char *name, size_t len)
{
	size_t	 i;

	for (i = 0; i < nitems(attributes); i++)
		if (strlen(attributes[i].name) == len &&
		    memcmp(attributes[i].name, name, len) == 0)
			return (&attributes[i]);
	return (NULL);
}

static int
hex_value(char c)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*p;

	if (c == '\0' || (p = strchr(digits, tolower((unsigned char)c))) ==
	    NULL)
		return (-1);
	return ((int)(p - digits));
}

/*
 * The byte that %NN at s stands for; -1 when there is no such triplet.  What
 * ends s, a delimiter or a NUL, is no digit.
 */
static int
triplet(const char *s)
{
	int	 hi, lo;

	if (s[0] != '%' || (hi = hex_value(s[1])) == -1 ||
	    (lo = hex_value(s[2])) == -1)
		return (-1);
	return (hi << 4 | lo);
}

/* pk11-pchar and pk11-qchar of section 2.3, without pct-encoded. */
static int
char_allowed(char c, enum component where)
{
	if (c == '\0')
		return (0);
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9'))
		return (1);
	if (strchr("-._~:[]@!$'()*+,=", c) != NULL)
		return (1);
	return (strchr(where == IN_PATH ? "&" : "/?|", c) != NULL);
}

static int
refuse_char(struct parse *p, const struct attribute *a, char c)
{
	if (c == '%')
		return (refuse(p, "%s holds a %% that two hexadecimal digits "
		    "do not follow", a->name));
	if (p->pin_seen)
		return (refuse(p, "%s holds a character that must be "
		    "percent-encoded", a->name));
	if (isgraph((unsigned char)c))
		return (refuse(p, "%s holds a '%c', which must be written "
		    "%%%02X", a->name, c, (unsigned char)c));
	return (refuse(p, "%s holds a character that must be written %%%02X",
	    a->name, (unsigned char)c));
}

/* The value decoded, with a NUL behind it, to be freed by the caller. */
static uint8_t *
decode(struct parse *p, const struct attribute *a, const char *s, size_t len,
    size_t *outlen)
{
	uint8_t	*out;
	size_t	 i, n = 0;
	int	 byte;

	if ((out = calloc(1, len + 1)) == NULL) {
		refuse(p, "%s", strerror(errno));
		return (NULL);
	}
	for (i = 0; i < len; i++) {
		if ((byte = triplet(s + i)) != -1)
			i += 2;
		else if (char_allowed(s[i], a->where))
			byte = (uint8_t)s[i];
		else {
			refuse_char(p, a, s[i]);
			goto fail;
		}
		if (byte == '\0' && a->kind != BYTES) {
			refuse(p, "%s holds a NUL", a->name);
			goto fail;
		}
		out[n++] = (uint8_t)byte;
	}
	*outlen = n;
	return (out);
 fail:
	freezero(out, len + 1);
	return (NULL);
}

static size_t
digits_len(const char *s)
{
	return (strspn(s, "0123456789"));
}

/* 1*DIGIT, at most max. */
static int
parse_number(struct parse *p, const struct attribute *a, const char *s,
    unsigned long max, unsigned long *n)
{
	if (digits_len(s) == 0 || s[digits_len(s)] != '\0')
		return (refuse(p, "%s is no number", a->name));
	errno = 0;
	*n = strtoul(s, NULL, 10);
	if (errno == ERANGE || *n > max)
		return (refuse(p, "%s is more than %lu", a->name, max));
	return (0);
}

/* 1*DIGIT [ "." 1*DIGIT ] */
static int
check_version(struct parse *p, const char *s)
{
	size_t	 major = digits_len(s), minor;

	if (major > 0 && s[major] == '\0')
		return (0);
	if (major > 0 && s[major] == '.') {
		minor = digits_len(s + major + 1);
		if (minor > 0 && s[major + 1 + minor] == '\0')
			return (0);
	}
	return (refuse(p, "library-version is not of the form MAJOR or "
	    "MAJOR.MINOR"));
}

static int
check_type(struct parse *p, const char *s)
{
	static const char *const types[] = {
		"public", "private", "cert", "secret-key", "data"
	};
	size_t	 i;

	for (i = 0; i < nitems(types); i++)
		if (strcmp(s, types[i]) == 0)
			return (0);
	return (refuse(p, "type is none of public, private, cert, "
	    "secret-key, data"));
}

/*
 * Cut a pin-source down to its path: file:/path, file:///path (RFC 8089) or
 * the bare path.  The path is not decoded a second time.
 */
static int
check_pin_source(struct parse *p, char *s)
{
	char	*path = s;

	if (*s == '|')
		return (refuse(p, "pin-source runs a command, which is not "
		    "supported: name a file"));
	if (strncasecmp(path, "file:", 5) == 0) {
		path += 5;
		if (strncmp(path, "//", 2) == 0)
			path += 2;
	}
	if (*path != '/' || path[1] == '/' || path[1] == '\0')
		return (refuse(p, "pin-source is neither file:/PATH nor an "
		    "absolute path"));
	memmove(s, path, strlen(path) + 1);
	return (0);
}

/* Take over a decoded value; on failure it stays the caller's. */
static int
store(struct parse *p, const struct attribute *a, uint8_t *value, size_t len)
{
	char		*s = (char *)value;
	unsigned long	 n;

	switch (a->kind) {
	case BYTES:
		p->uri->id = value;
		p->uri->id_len = len;
		return (0);
	case SLOT:
		if (parse_number(p, a, s, ULONG_MAX, &p->uri->slot_id) == -1)
			return (-1);
		p->uri->has_slot_id = 1;
		free(value);
		return (0);
	case SESSIONS:
		if (parse_number(p, a, s, UINT32_MAX, &n) == -1)
			return (-1);
		p->uri->max_sessions = (uint32_t)n;
		free(value);
		return (0);
	case VERSION:
		if (check_version(p, s) == -1)
			return (-1);
		break;
	case TYPE:
		if (check_type(p, s) == -1)
			return (-1);
		break;
	case PIN_SOURCE:
		if (check_pin_source(p, s) == -1)
			return (-1);
		break;
	case TEXT:
		break;
	}
	*text_of(p->uri, a) = s;
	return (0);
}

/* Whether a name can be shown: no PIN, nor what may be the rest of one. */
static int
name_quotable(const struct parse *p, const char *name, size_t len)
{
	size_t	 i;

	if (p->pin_seen || len == 0 || len > 40)
		return (0);
	for (i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' &&
		    name[i] != '_')
			return (0);
		if (len - i >= 3 && strncasecmp(name + i, "pin", 3) == 0)
			return (0);
	}
	return (1);
}

/*
 * An attribute that is not known.  Section 2.5 lets unknown path attributes
 * match nothing, and unknown query attributes be ignored; here both are
 * refused: in a configuration they are mistakes.
 */
static int
refuse_unknown(struct parse *p, enum component where, const char *name,
    size_t len)
{
	const char	*component = where == IN_PATH ? "path" : "query";

	if (!name_quotable(p, name, len))
		return (refuse(p, "%s holds an unknown attribute", component));
	return (refuse(p, "unknown %s attribute %.*s", component, (int)len,
	    name));
}

static int
parse_attribute(struct parse *p, enum component where, const char *s,
    size_t len)
{
	const struct attribute	*a;
	const char		*eq;
	uint8_t			*value;
	size_t			 n, name_len;

	if (len == 0)
		return (refuse(p, "%s holds an empty attribute",
		    where == IN_PATH ? "path" : "query"));
	if ((eq = memchr(s, '=', len)) == NULL)
		return (refuse(p, "%s holds an attribute without '='",
		    where == IN_PATH ? "path" : "query"));
	name_len = (size_t)(eq - s);
	if ((a = attribute_find(s, name_len)) == NULL)
		return (refuse_unknown(p, where, s, name_len));
	if (strncmp(a->name, "pin-", 4) == 0)
		p->pin_seen = 1;
	if (a->where != where)
		return (refuse(p, "%s belongs %s the '?'", a->name,
		    a->where == IN_PATH ? "before" : "behind"));
	if (p->seen & (1U << (a - attributes)))
		return (refuse(p, "%s occurs twice", a->name));
	p->seen |= 1U << (a - attributes);
	if ((value = decode(p, a, eq + 1, len - name_len - 1, &n)) == NULL)
		return (-1);
	if (store(p, a, value, n) == -1) {
		freezero(value, n);
		return (-1);
	}
	return (0);
}

static int
parse_component(struct parse *p, enum component where, const char *s,
    size_t len)
{
	const char	*end = s + len, *next;
	int		 delimiter = where == IN_PATH ? ';' : '&';

	if (len == 0)
		return (0);
	for (;;) {
		if ((next = memchr(s, delimiter, (size_t)(end - s))) == NULL)
			return (parse_attribute(p, where, s,
			    (size_t)(end - s)));
		if (parse_attribute(p, where, s, (size_t)(next - s)) == -1)
			return (-1);
		s = next + 1;
	}
}

struct pk11uri *
pk11uri_parse(const char *text, char *err, size_t errsize)
{
	struct parse	 p;
	size_t		 path_len;

	memset(&p, 0, sizeof(p));
	p.err = err;
	p.errsize = errsize;
	if (strnlen(text, PK11URI_MAX) == PK11URI_MAX) {
		refuse(&p, "longer than %d characters", PK11URI_MAX - 1);
		return (NULL);
	}
	/* A scheme has no case: RFC 3986 section 3.1. */
	if (strncasecmp(text, SCHEME, SCHEME_LEN) != 0) {
		refuse(&p, "does not begin with " SCHEME);
		return (NULL);
	}
	if ((p.uri = calloc(1, sizeof(*p.uri))) == NULL) {
		refuse(&p, "%s", strerror(errno));
		return (NULL);
	}
	text += SCHEME_LEN;
	path_len = strcspn(text, "?");
	if (parse_component(&p, IN_PATH, text, path_len) == -1)
		goto fail;
	text += path_len;
	if (*text == '?' && parse_component(&p, IN_QUERY, text + 1,
	    strlen(text + 1)) == -1)
		goto fail;
	return (p.uri);
 fail:
	pk11uri_free(p.uri);
	return (NULL);
}

static int
is_empty(const char *s)
{
	return (s != NULL && *s == '\0');
}

static const char *
check_token(const struct pk11uri *uri)
{
	int	 n;

	n = (uri->token != NULL) + (uri->serial != NULL) +
	    (uri->has_slot_id != 0);
	if (n == 0)
		return ("names no token: one of token, serial, slot-id is "
		    "required");
	if (n > 1)
		return ("names the token more than once: only one of token, "
		    "serial, slot-id is allowed");
	if (is_empty(uri->token))
		return ("token is empty");
	if (is_empty(uri->serial))
		return ("serial is empty");
	return (NULL);
}

static const char *
check_key(const struct pk11uri *uri)
{
	/* Modules differ in what an empty search value finds. */
	if (uri->id != NULL && uri->id_len == 0)
		return ("id is empty");
	if (is_empty(uri->object))
		return ("object is empty");
	if (uri->id == NULL && uri->object == NULL)
		return ("names no key: id, object or both are required");
	if (uri->type != NULL && strcmp(uri->type, "private") != 0)
		return ("type is not private");
	return (NULL);
}

static const char *
check_module(const struct pk11uri *uri)
{
	const char	*base;

	if (uri->module_path == NULL)
		return ("names no module: module-path is required");
	if (uri->module_path[0] != '/')
		return ("module-path is not an absolute path");
	base = strrchr(uri->module_path, '/') + 1;
	if (*base == '\0')
		return ("module-path is a directory");
	if (uri->module_name != NULL && strstr(base, uri->module_name) == NULL)
		return ("module-name and module-path name different modules");
	return (NULL);
}

static const char *
check_pin(const struct pk11uri *uri)
{
	/* RFC 7512 section 2.4: such a URI should be refused. */
	if (uri->pin_value != NULL && uri->pin_source != NULL)
		return ("only one of pin-value and pin-source is allowed");
	if (is_empty(uri->pin_value))
		return ("pin-value is empty: leave it out for a token "
		    "without PIN");
	return (NULL);
}

int
pk11uri_check(const struct pk11uri *uri, char *err, size_t errsize)
{
	const char	*why;

	if ((why = check_module(uri)) == NULL &&
	    (why = check_token(uri)) == NULL &&
	    (why = check_key(uri)) == NULL &&
	    (why = check_pin(uri)) == NULL)
		return (0);
	strlcpy(err, why, errsize);
	return (-1);
}

int
pk11uri_same_token(const struct pk11uri *a, const struct pk11uri *b)
{
	const char	*x, *y;
	size_t		 i;

	if (a->has_slot_id != b->has_slot_id || a->slot_id != b->slot_id)
		return (0);
	for (i = 0; i < nitems(attributes); i++) {
		if (!attributes[i].token)
			continue;
		x = *text_of(a, &attributes[i]);
		y = *text_of(b, &attributes[i]);
		if ((x == NULL) != (y == NULL) ||
		    (x != NULL && strcmp(x, y) != 0))
			return (0);
	}
	return (1);
}

void
pk11uri_free(struct pk11uri *uri)
{
	char	*s;
	size_t	 i;

	if (uri == NULL)
		return;
	for (i = 0; i < nitems(attributes); i++) {
		if (!has_text(&attributes[i]))
			continue;
		if ((s = *text_of(uri, &attributes[i])) != NULL)
			freezero(s, strlen(s));
	}
	free(uri->id);
	freezero(uri, sizeof(*uri));
}

/* Lower-case and percent-decode in place; returns whether that changed s. */
static int
fold_once(char *s)
{
	char	*dst = s;
	int	 byte, changed = 0;

	for (; *s != '\0'; s++) {
		if ((byte = triplet(s)) != -1) {
			s += 2;
			changed = 1;
		} else
			byte = tolower((unsigned char)*s);
		*dst++ = byte == '\0' ? '?' : (char)byte;
	}
	*dst = '\0';
	return (changed);
}

/* Whether the letters of s up to the first '=' hold "pin". */
static int
name_holds_pin(const char *s)
{
	char	 last[2] = { 0, 0 };

	for (; *s != '\0' && *s != '='; s++) {
		if (!isalpha((unsigned char)*s))
			continue;
		if (last[0] == 'p' && last[1] == 'i' && *s == 'n')
			return (1);
		last[0] = last[1];
		last[1] = *s;
	}
	return (0);
}

/*
 * Whether a stretch of a URI can be a PIN attribute.  One that stands where
 * no attribute can begin (proper is 0) must have a '=' to be one.
 */
static int
is_secret(const char *s, size_t len, int proper)
{
	char	*copy;
	int	 i, secret;

	if ((copy = strndup(s, len)) == NULL)
		return (1);
	for (i = 0; i < FOLD_PASSES && fold_once(copy); i++)
		;
	secret = i == FOLD_PASSES ||
	    strstr(copy, "pin-value=") != NULL ||
	    strstr(copy, "pin-source=") != NULL ||
	    ((proper || strchr(copy, '=') != NULL) && name_holds_pin(copy));
	freezero(copy, len);
	return (secret);
}

static int
is_known(const char *s, size_t len)
{
	const char	*eq = memchr(s, '=', len);

	return (eq != NULL && attribute_find(s, (size_t)(eq - s)) != NULL);
}

/* Append to dst as far as there is room; *used counts all the same. */
static void
append(char *dst, size_t size, size_t *used, const char *s, size_t len)
{
	size_t	 n;

	if (*used + 1 < size) {
		n = size - *used - 1 < len ? size - *used - 1 : len;
		memcpy(dst + *used, s, n);
		dst[*used + n] = '\0';
	}
	*used += len;
}

/*
 * The text is cut at every delimiter, and a piece that may be a PIN is left
 * out together with all that follows it up to the next known attribute: it
 * may be the rest of a PIN with a bare delimiter inside.  In a PKCS#11 URI
 * unknown attributes are left out too: they may be misspelt.
 */
size_t
pk11uri_redact(const char *text, char *dst, size_t size)
{
	size_t	 len, used = 0, kept[2] = { 0, 0 };
	int	 strict, proper, drop = 0, query = 0;
	char	 delimiter = '\0';

	if (size != 0)
		dst[0] = '\0';
	strict = strncasecmp(text, SCHEME, SCHEME_LEN) == 0;
	if (strict) {
		append(dst, size, &used, text, SCHEME_LEN);
		text += SCHEME_LEN;
	}
	for (;;) {
		len = strcspn(text, ";&?");
		proper = delimiter == '\0' || delimiter == (query ? '&' : ';');
		if (delimiter == '?' && !query)
			proper = query = 1;
		if (is_secret(text, len, proper))
			drop = 1;
		else if (is_known(text, len))
			drop = 0;
		else if (strict && proper)
			drop = 1;
		if (!drop) {
			if (query && kept[1] == 0)
				delimiter = '?';
			if (delimiter != '\0' &&
			    (query || delimiter != ';' || kept[0] != 0))
				append(dst, size, &used, &delimiter, 1);
			append(dst, size, &used, text, len);
			kept[query]++;
		}
		text += len;
		if (*text == '\0')
			return (used);
		delimiter = *text++;
	}
}
