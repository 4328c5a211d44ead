/* keylessctl: the commands, as tables of words. */
#include <string.h>

#include "compat.h"
#include "parser.h"
#include "text.h"

#define LINE_SIZE	64	/* of a command in the help */

/* A word and what may follow it.  Adding a command is adding one row. */
struct token {
	const char		*word;		/* NULL ends a table */
	enum action		 action;	/* when next is NULL */
	const char		*help;
	const struct token	*next;
};

static const struct token show_words[] = {
	{ "keys",	ACTION_SHOW_KEYS,
	    "the keys, ready or failed and why", NULL },
	{ "signers",	ACTION_SHOW_SIGNERS,
	    "the processes that hold the keys", NULL },
	{ "stats",	ACTION_SHOW_STATS,
	    "counters since the start", NULL },
	{ "tokens",	ACTION_SHOW_TOKENS,
	    "the PKCS#11 tokens, their sessions and errors", NULL },
	{ NULL, 0, NULL, NULL }
};

static const struct token log_words[] = {
	{ "brief",	ACTION_LOG_BRIEF,
	    "log level info", NULL },
	{ "verbose",	ACTION_LOG_VERBOSE,
	    "log level debug", NULL },
	{ NULL, 0, NULL, NULL }
};

static const struct token commands[] = {
	{ "help",	ACTION_HELP,
	    "this list", NULL },
	{ "log",	0, NULL, log_words },
	{ "reload",	ACTION_RELOAD,
	    "read the configuration again, all or nothing", NULL },
	{ "show",	0, NULL, show_words },
	{ NULL, 0, NULL, NULL }
};

/*
 * The only token that word can mean, or NULL; *count is then the number of
 * those it could mean.
 */
static const struct token *
match(const struct token *table, const char *word, size_t *count)
{
	const struct token	*t, *found = NULL;

	*count = 0;
	if (*word == '\0')
		return (NULL);
	for (t = table; t->word != NULL; t++) {
		if (strcmp(t->word, word) == 0)
			return (t);
		if (strncmp(t->word, word, strlen(word)) == 0) {
			found = t;
			(*count)++;
		}
	}
	return (*count == 1 ? found : NULL);
}

/* The words of a table that begin with prefix: " a, b, c". */
static void
list_words(const struct token *table, const char *prefix, FILE *f)
{
	const struct token	*t;
	const char		*sep = " ";

	for (t = table; t->word != NULL; t++) {
		if (strncmp(t->word, prefix, strlen(prefix)) != 0)
			continue;
		fprintf(f, "%s%s", sep, t->word);
		sep = ", ";
	}
	fprintf(f, "\n");
}

static void
word_missing(const struct token *table, const struct token *last, FILE *f)
{
	if (last == NULL)
		fprintf(f, "keylessctl: no command; one of:");
	else
		fprintf(f, "keylessctl: a word is missing after \"%s\", "
		    "one of:", last->word);
	list_words(table, "", f);
}

static void
word_wrong(const struct token *table, const char *word, size_t count, FILE *f)
{
	const char	*shown = text_show(word);

	if (count == 0) {
		fprintf(f, "keylessctl: unknown word \"%s\", not one of:",
		    shown);
		list_words(table, "", f);
	} else {
		fprintf(f, "keylessctl: \"%s\" can mean:", shown);
		list_words(table, word, f);
	}
}

int
parse_command(int argc, char *const argv[], enum action *action, FILE *f)
{
	const struct token	*table = commands, *t = NULL;
	size_t			 count;
	int			 i;

	for (i = 0; i < argc; i++) {
		if (table == NULL) {
			fprintf(f, "keylessctl: nothing may follow \"%s\", "
			    "but \"%s\" does\n", t->word,
			    text_show(argv[i]));
			return (-1);
		}
		if ((t = match(table, argv[i], &count)) == NULL) {
			word_wrong(table, argv[i], count, f);
			return (-1);
		}
		table = t->next;
	}
	if (table != NULL) {
		word_missing(table, t, f);
		return (-1);
	}
	*action = t->action;
	return (0);
}

/* One line for each command below a table; before is what leads to it. */
static void
help_table(const struct token *table, const char *before, FILE *f)
{
	const struct token	*t;
	char			 line[LINE_SIZE];

	for (t = table; t->word != NULL; t++) {
		strlcpy(line, before, sizeof(line));
		strlcat(line, t->word, sizeof(line));
		if (t->next == NULL) {
			fprintf(f, "\t%-16s%s\n", line, t->help);
			continue;
		}
		strlcat(line, " ", sizeof(line));
		help_table(t->next, line, f);
	}
}

void
parse_help(FILE *f)
{
	fprintf(f, "commands:\n");
	help_table(commands, "", f);
}
