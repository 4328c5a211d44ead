/*
 * Commands as tables of words: what is typed, what helps, what completes.
 */
#ifndef PARSER_H
#define PARSER_H

#include <stdio.h>

#include "keylessctl.h"

enum token_kind {
	TOKEN_END,			/* of a table */
	TOKEN_WORD,
	TOKEN_NUMBER,			/* any from 1 to 2^32 - 1 */
	TOKEN_FILE			/* a path; it is alone in its table */
};

/* A word and what may follow it.  Adding a command is adding one row. */
struct token {
	enum token_kind		 kind;
	const char		*word;	/* of a number: what it counts */
	int			(*run)(const struct call *);
					/* NULL: something must follow */
	const struct request	*request;	/* for run; or NULL */
	const char		*help;	/* NULL: that of the word before */
	const struct token	*next;	/* NULL: nothing may follow */
};

/* commands.c: what may stand first */
extern const struct token	 commands[];

/*
 * Find the command that the words of argv name; a word may be cut short as
 * long as one command only can be meant.  Fills token and number of the call.
 * Returns 0, or -1 after one line that says why and which words would be
 * right.
 */
int	parse_command(int argc, char *const argv[], struct call *, FILE *);

/* List the commands and what they do. */
void	parse_help(FILE *);

/* completion.c: a script for bash, of all that parse_command() knows. */
void	completion_bash(FILE *);

#endif
