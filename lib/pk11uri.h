/*
 * PKCS#11 URIs (RFC 7512), as they stand in `private_key_stores'.
 *
 * A store's URI names the module by module-path, the token by exactly one of
 * token, serial and slot-id, and the key by id, object, or both.  All other
 * attributes of the RFC are known and, where they describe token, module or
 * slot, compared too.  The one vendor attribute is max-sessions.  A plus sign
 * is a plus sign; values may hold '='.
 */
#ifndef PK11URI_H
#define PK11URI_H

#include <stddef.h>
#include <stdint.h>

#define PK11URI_MAX	4096	/* characters of a URI, NUL included */

/* Decoded texts are NUL-terminated; NULL when the attribute is absent. */
struct pk11uri {
	/* path attributes, RFC 7512 section 2.3 */
	char		*token;
	char		*manufacturer;
	char		*serial;
	char		*model;
	char		*library_manufacturer;
	char		*library_description;
	char		*library_version;	/* "major[.minor]" */
	char		*slot_description;
	char		*slot_manufacturer;
	int		 has_slot_id;
	unsigned long	 slot_id;
	char		*object;
	char		*type;			/* "private" or absent */
	uint8_t		*id;			/* NULL when absent */
	size_t		 id_len;
	/* query attributes, section 2.4 */
	char		*module_path;
	char		*module_name;
	char		*pin_value;		/* secret */
	char		*pin_source;		/* the path of a file: URI */
	uint32_t	 max_sessions;		/* 0: absent */
};

/*
 * Parse text into a new structure, which pk11uri_free() wipes and frees.
 * Returns NULL when text is no PKCS#11 URI; err then holds the reason, which
 * never quotes the value of pin-value.
 */
struct pk11uri	*pk11uri_parse(const char *text, char *err, size_t errsize);

/*
 * Whether the URI can stand in a store (see above): 0, or -1 with the reason
 * in err.
 */
int		 pk11uri_check(const struct pk11uri *, char *err,
		    size_t errsize);

/* Whether two URIs name the same module and token, attribute by attribute. */
int		 pk11uri_same_token(const struct pk11uri *,
		    const struct pk11uri *);

/*
 * The text of a URI without the value of pin-value (and without pin-source),
 * for logs and other processes.  Works on any text, well-formed or not.
 * Returns the length that dst needed, as strlcpy(3).
 */
size_t		 pk11uri_redact(const char *text, char *dst, size_t size);

/* Wipe and free.  NULL is fine. */
void		 pk11uri_free(struct pk11uri *);

#endif
