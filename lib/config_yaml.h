/*
 * Strict reading of YAML files through libyaml, for the configurations of
 * keylessd and of keyless-pkcs11: a file is described by tables of keys, and
 * every mistake in it is logged with its place.  None of the messages quotes a
 * value: it may be a secret.
 *
 * Running out of memory is one more mistake of the file: nothing here ends the
 * process, which may be another's.
 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include <stddef.h>
#include <stdint.h>

#define CONF_FILE_MAX	(1024 * 1024)	/* bytes */
#define CONF_KEYS_MAX	256		/* keys in one map */
#define CONF_TEXT_MAX	4095		/* bytes of a text */
#define CONF_ERRORS_MAX	100		/* mistakes shown */

struct conf_file;		/* a file that is being read */
struct conf_node;		/* a scalar, list or map of it */

/* A key that a map may have, and what is done with its value. */
struct conf_key {
	const char	*name;		/* a '*' at the end matches anything */
	void		(*set)(struct conf_file *, const struct conf_node *,
			    const struct conf_key *, void *base);
	size_t		 offset;	/* in base, of the field to set */
	uint32_t	 min;		/* of numbers, and of times in ms */
	uint32_t	 max;
	const char	*now;		/* an old name: what it is called now */
};

/*
 * Who keeps the secrets of a file out of libyaml, which leaves copies of what
 * it reads in memory that it frees.
 */
struct conf_secrets;
struct conf_problem;
struct conf_keeper {
	/*
	 * Do what conf_scan() does.  Each scalar that is a secret is taken out
	 * of bytes, whose number *size may become smaller; everything else
	 * stays in its line and column.  Returns 0, or -1 with what is wrong;
	 * bytes are wiped then.
	 */
	int		 (*take)(struct conf_secrets **, uint8_t *bytes,
			    size_t *size, struct conf_problem *);
	/*
	 * The secret whose replacement ends at this index (in characters), as
	 * text with a NUL behind its *length bytes; NULL: none does.
	 */
	const uint8_t	*(*find)(const struct conf_secrets *, size_t index,
			    size_t *length);
	/* Wipes them. */
	void		 (*free)(struct conf_secrets *);
	/* What an errno of open(2) means, and what to do about it. */
	const char	*(*why)(int error);
};

/* config_yaml.c: files, places, maps and lists */

/*
 * Read the file at path, which must be regular, not writable by everyone, at
 * most CONF_FILE_MAX bytes long and one YAML document in UTF-8.  A file that
 * can hold no secret needs no keeper (NULL).  Returns NULL after logging what
 * is wrong.
 */
struct conf_file *conf_file_open(const char *path, const struct conf_keeper *);

/*
 * The same for a text that comes from elsewhere and holds no secret; name is
 * for messages, relative paths count from the directory of path.
 */
struct conf_file *conf_file_text(const char *name, const char *path,
		    const char *text);

/* Wipes all values and frees.  NULL is fine. */
void		 conf_file_close(struct conf_file *);

const struct conf_node *conf_file_root(const struct conf_file *);
const char	*conf_file_path(const struct conf_file *);	/* absolute */
unsigned int	 conf_file_errors(const struct conf_file *);
int		 conf_file_world_readable(const struct conf_file *);

/* Remember something of the file; returns whether it was known before. */
#define CONF_SECRET		0x01	/* it holds a secret */
#define CONF_MEANINGLESS	0x02	/* ... a key without a meaning */
int		 conf_note(struct conf_file *, int);
int		 conf_noted(const struct conf_file *, int);

/* Log with the place of a value; an error makes the file a bad one. */
void		 conf_error(struct conf_file *, const struct conf_node *,
		    const char *, ...) __attribute__((format(printf, 3, 4)));
void		 conf_warn(struct conf_file *, const struct conf_node *,
		    const char *, ...) __attribute__((format(printf, 3, 4)));
unsigned int	 conf_line(const struct conf_node *);

/*
 * Call key->set for each key of a map that has a value; keys that are null or
 * empty count as not set.  Unknown keys, duplicates, and an old name beside
 * the new one are errors.  Returns -1 when node is no map.
 */
int		 conf_map(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, size_t nkeys, void *base);

/* The same for a map whose keys are free; what names it in messages. */
void		 conf_pairs(struct conf_file *, const struct conf_node *,
		    const char *what, void (*)(struct conf_file *,
		    const char *name, const struct conf_node *, void *base),
		    void *base);

int		 conf_is_map(const struct conf_node *);

/* Call set for each item of a list, with the key that the list belongs to. */
void		 conf_list(struct conf_file *, const struct conf_node *,
		    const struct conf_key *, void (*set)(struct conf_file *,
		    const struct conf_node *, const struct conf_key *,
		    void *base), void *base);

/* The value of a key of a map; NULL when it is not set or node is no map. */
const struct conf_node *conf_find(struct conf_file *,
		    const struct conf_node *, const char *name);

/*
 * A scalar as it stands, without control characters; NULL after logging that
 * what was expected.  Valid until the file is closed.
 */
const char	*conf_text(struct conf_file *, const struct conf_node *,
		    const char *name, const char *expected);

/* config_value.c: values, as conf_key wants them */

void	conf_set_text(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);	/* char *; max bytes */
void	conf_set_path(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);	/* char *, absolute */
void	conf_set_number(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);	/* uint32_t */
void	conf_set_bool(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);	/* int */
void	conf_set_time(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);	/* uint32_t, ms */
void	conf_set_secret(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);	/* int, a descriptor */

/* For values that are looked at in another place, or not at all. */
void	conf_set_nothing(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);

/*
 * A path made absolute against the file's directory, without "./" in front and
 * "/" behind; the caller's to free.  NULL when it is too long for a message, or
 * there is no memory.
 */
char	*conf_path(const struct conf_file *, const char *path);

/* A descriptor, at offset 0, of memory that holds the text; or -1. */
int	 conf_secret_fd(const char *);

/*
 * A duration as Go writes it ("500ms", "1m30s", "1.5s"), or in days ("30d"), in
 * milliseconds, cut off below; -1 when it is none or longer than 1000 days.
 */
int64_t	 conf_duration(const char *);

/* Whether a key can be shown in a message: it looks like a key. */
int	 conf_name_ok(const char *);

/* The key that may be meant by one that is not known, or NULL. */
const char *conf_nearest(const char *, const struct conf_key *, size_t nkeys);

#endif
