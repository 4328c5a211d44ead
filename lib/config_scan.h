/*
 * A YAML file before it is parsed: libyaml's parser, and a look at whether
 * anything is to be made of the file.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include <yaml.h>

/* What is wrong with the file, and where, counted from 0. */
struct conf_problem {
	size_t	 line;
	size_t	 column;
	char	 text[256];
};

/*
 * On bytes that stay the caller's; -1 without memory.  The end wipes its
 * buffers.
 */
int	 conf_parser_begin(yaml_parser_t *, const uint8_t *, size_t);
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

#endif
