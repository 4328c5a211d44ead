/* keylessctl: finds a command in tables of words, and lists them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "parser.h"
#include "text.h"

#define LINE_SIZE	64	/* of a command in the help */

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
	for (t = table; t->kind != TOKEN_END; t++) {
		if (t->kind != TOKEN_WORD)
			continue;
		if (strcmp(t->word, word) == 0)
			return (t);
		if (strncmp(t->word, word, strlen(word)) == 0) {
			found = t;
			(*count)++;
		}
	}
	return (*count == 1 ? found : NULL);
}

/* What a row stands for, as people are told: "keys", "[count]". */
static const char *
token_name(const struct token *t)
{
	static char	 name[LINE_SIZE];

	snprintf(name, sizeof(name), t->kind == TOKEN_NUMBER ? "[%s]" : "%s",
	    t->word);
	return (name);
}

/* The words of a table that begin with prefix: " a, b, c". */
static void
list_words(const struct token *table, const char *prefix, FILE *f)
{
	const struct token	*t;
	const char		*sep = " ";

	for (t = table; t->kind != TOKEN_END; t++) {
		if (strncmp(t->word, prefix, strlen(prefix)) != 0)
			continue;
		fprintf(f, "%s%s", sep, token_name(t));
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

/* The argument of a number's row; -1 after a message. */
static int
parse_number(const struct token *t, const char *word, uint32_t *number,
    FILE *f)
{
	const char	*error;

	*number = (uint32_t)strtonum(word, 1, UINT32_MAX, &error);
	if (error == NULL)
		return (0);
	fprintf(f, "keylessctl: %s \"%s\" is %s\n", t->word, text_show(word),
	    error);
	return (-1);
}

/* The row that the word stands for; NULL after a message. */
static const struct token *
parse_word(const struct token *table, const char *word, uint32_t *number,
    FILE *f)
{
	const struct token	*t;
	size_t			 count;

	if ((t = match(table, word, &count)) != NULL)
		return (t);
	/* A table with a number or a file has nothing else. */
	if (table->kind == TOKEN_FILE)
		return (table);
	if (table->kind == TOKEN_NUMBER)
		return (parse_number(table, word, number, f) == -1 ? NULL :
		    table);
	word_wrong(table, word, count, f);
	return (NULL);
}

int
parse_command(int argc, char *const argv[], struct call *call, FILE *f)
{
	const struct token	*table = commands, *t = NULL;
	int			 i;

	call->number = 0;
	call->file = NULL;
	for (i = 0; i < argc; i++) {
		if (table == NULL) {
			fprintf(f, "keylessctl: nothing may follow \"%s\", "
			    "but \"%s\" does\n", t->kind == TOKEN_WORD ?
			    t->word : argv[i - 1], text_show(argv[i]));
			return (-1);
		}
		t = parse_word(table, argv[i], &call->number, f);
		if (t == NULL)
			return (-1);
		if (t->kind == TOKEN_FILE)
			call->file = argv[i];
		table = t->next;
	}
	if (t == NULL || t->run == NULL) {
		word_missing(table, t, f);
		return (-1);
	}
	call->token = t;
	return (0);
}

/*
 * One line for each command below a table, those without help excepted;
 * before is what leads to it.
 */
static void
help_table(const struct token *table, const char *before, FILE *f)
{
	const struct token	*t;
	char			 line[LINE_SIZE];

	for (t = table; t->kind != TOKEN_END; t++) {
		strlcpy(line, before, sizeof(line));
		strlcat(line, t->word, sizeof(line));
		if (t->next != NULL)
			strlcat(line, " ", sizeof(line));
		if (t->run == NULL) {
			help_table(t->next, line, f);
			continue;
		}
		if (t->next != NULL)
			strlcat(line, token_name(t->next), sizeof(line));
		fprintf(f, "\t%-18s%s\n", line, t->help);
	}
}

void
parse_help(FILE *f)
{
	fprintf(f, "commands:\n");
	help_table(commands, "", f);
}
