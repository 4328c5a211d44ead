/*
 * The configuration file before it is parsed: secrets are taken out of it, so
 * that libyaml, which leaves copies of what it reads in memory that it frees,
 * never sees them in this process.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include <yaml.h>

struct conf_secrets;

/* What is wrong with the file, and where, counted from 0. */
struct conf_problem {
	size_t	 line;
	size_t	 column;
	char	 text[256];
};

/* config_scan.c: libyaml's parser */

/* On bytes that stay the caller's.  The end wipes its buffers. */
void	 conf_parser_begin(yaml_parser_t *, const uint8_t *, size_t);
void	 conf_parser_end(yaml_parser_t *);

/* What the parser, which has failed, did not like. */
void	 conf_problem_of(struct conf_problem *, const yaml_parser_t *,
	    const uint8_t *, size_t);

/*
 * Go through the file without making anything of it.  Returns 0, or -1 with
 * the first thing that is wrong: what libyaml does not like, or what would
 * take it time that grows with the square of its size.
 */
int	 conf_scan(const uint8_t *, size_t, struct conf_problem *);

/* config_secret.c */

/*
 * Have conf_scan() and a look at all scalars done by a process of its own,
 * which ends with all its memory.  Each that is a secret (a URI with a PIN;
 * what stands behind the name of a secret) is replaced by the letter x and
 * blanks, in bytes, whose number *size may become smaller; everything else
 * stays in its line and column.  Returns 0, or -1 with what is wrong, which
 * includes that there are no processes to be had; bytes are wiped then.
 */
int	 conf_secrets_take(struct conf_secrets **, uint8_t *bytes,
	    size_t *size, struct conf_problem *);

/*
 * The secret whose replacement ends at this index (in characters), as text
 * with a NUL behind its *length bytes; NULL: none does.  NULL secrets are
 * fine.
 */
const uint8_t *conf_secrets_find(const struct conf_secrets *, size_t index,
	    size_t *length);

/* Wipes them.  NULL is fine. */
void	 conf_secrets_free(struct conf_secrets *);

#endif
