/* Test: the command words of keylessctl. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../keylessctl/parser.h"
#include "test.h"

#define WORDS_MAX	4

static const struct {
	const char	*words[WORDS_MAX];
	enum action	 action;
} right[] = {
	{ { "help" },			ACTION_HELP },
	{ { "show", "keys" },		ACTION_SHOW_KEYS },
	{ { "show", "signers" },	ACTION_SHOW_SIGNERS },
	{ { "show", "stats" },		ACTION_SHOW_STATS },
	{ { "log", "verbose" },		ACTION_LOG_VERBOSE },
	{ { "log", "brief" },		ACTION_LOG_BRIEF },
	{ { "reload" },			ACTION_RELOAD },
	/* cut short */
	{ { "s", "k" },			ACTION_SHOW_KEYS },
	{ { "sho", "si" },		ACTION_SHOW_SIGNERS },
	{ { "show", "st" },		ACTION_SHOW_STATS },
	{ { "l", "v" },			ACTION_LOG_VERBOSE },
	{ { "rel" },			ACTION_RELOAD },
};

static const struct {
	const char	*words[WORDS_MAX];
	const char	*error;
} wrong[] = {
	{ { NULL },
	    "no command; one of: help, log, reload, show" },
	{ { "shows" },
	    "unknown word \"shows\", not one of: help, log, reload, show" },
	{ { "" },
	    "unknown word \"\", not one of: help, log, reload, show" },
	{ { "Show" },
	    "unknown word \"Show\", not one of: help, log, reload, show" },
	{ { "show" },
	    "a word is missing after \"show\", one of: "
	    "keys, signers, stats, tokens" },
	{ { "sh", "s" },
	    "\"s\" can mean: signers, stats" },
	{ { "show", "keyss" },
	    "unknown word \"keyss\", not one of: "
	    "keys, signers, stats, tokens" },
	{ { "log", "\033[2J" },
	    "unknown word \"\\x1b[2J\", not one of: brief, verbose" },
	{ { "rel", "now" },
	    "nothing may follow \"reload\", but \"now\" does" },
	{ { "show", "st", "all" },
	    "nothing may follow \"stats\", but \"all\" does" },
};

/* Parse; the error goes to *error, which the caller frees. */
static int
parse(const char *const words[], enum action *action, char **error)
{
	char	*argv[WORDS_MAX];
	FILE	*f;
	size_t	 len;
	int	 argc, status;

	for (argc = 0; words[argc] != NULL; argc++)
		argv[argc] = strdup(words[argc]);
	f = open_memstream(error, &len);
	status = parse_command(argc, argv, action, f);
	fclose(f);
	while (argc-- > 0)
		free(argv[argc]);
	return (status);
}

static void
test_right(void)
{
	enum action	 action;
	char		*error;
	size_t		 i;

	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		CHECK(parse(right[i].words, &action, &error) == 0);
		CHECK(action == right[i].action);
		CHECK_STR(error, "");
		free(error);
	}
}

static void
test_wrong(void)
{
	enum action	 action;
	char		*error, want[256];
	size_t		 i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK(parse(wrong[i].words, &action, &error) == -1);
		snprintf(want, sizeof(want), "keylessctl: %s\n",
		    wrong[i].error);
		CHECK_STR(error, want);
		free(error);
	}
}

/* The help has each command, and each line of it is one. */
static void
test_help(void)
{
	FILE	*f;
	char	*help, *line;
	size_t	 len;
	int	 commands = 0;

	f = open_memstream(&help, &len);
	parse_help(f);
	fclose(f);
	for (line = strchr(help, '\t'); line != NULL;
	    line = strchr(line + 1, '\t'))
		commands++;
	CHECK(commands == 8);
	CHECK(strstr(help, "\tlog verbose") != NULL);
	CHECK(strstr(help, "\treload ") != NULL);
	CHECK(strstr(help, "\tshow keys ") != NULL);
	free(help);
}

int
main(void)
{
	test_right();
	test_wrong();
	test_help();
	return (test_done());
}
