/*
 * The commands of keylessctl, as tables of words.
 */
#ifndef PARSER_H
#define PARSER_H

#include <stdio.h>

enum action {
	ACTION_HELP,
	ACTION_SHOW_KEYS,
	ACTION_SHOW_SIGNERS,
	ACTION_SHOW_STATS,
	ACTION_SHOW_TOKENS,
	ACTION_LOG_BRIEF,
	ACTION_LOG_VERBOSE,
	ACTION_RELOAD
};

/*
 * Find the command that the words of argv name; a word may be cut short as
 * long as one command only can be meant.  Returns 0, or -1 after one line
 * that says why and which words would be right.
 */
int	parse_command(int argc, char *const argv[], enum action *, FILE *);

/* List the commands and what they do. */
void	parse_help(FILE *);

#endif
