/* Test: the command words of keylessctl. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../keylessctl/parser.h"
#include "test.h"

#define WORDS_MAX	4
#define FIRST	"check, completion, convert, drain, enroll, help, log, " \
		"monitor, " \
		"reload, show, stop, undrain"
#define SHOW	"config, connections, keys, sandbox, signers, stats, " \
		"stores, tokens, version"

static const struct {
	const char	*words[WORDS_MAX];
	int		(*run)(const struct call *);
	const struct request	*request;
} right[] = {
	{ { "help" },
	    run_help, NULL },
	{ { "show", "keys" },
	    run_request, &keys_request },
	{ { "show", "signers" },
	    run_request, &signers_request },
	{ { "show", "stats" },
	    run_request, &stats_request },
	{ { "log", "verbose" },
	    run_request, &log_verbose_request },
	{ { "log", "brief" },
	    run_request, &log_brief_request },
	{ { "reload" },
	    run_request, &reload_request },
	{ { "check" },
	    run_request, &check_request },
	{ { "enroll" },
	    run_enroll, NULL },
	{ { "drain" },
	    run_request, &drain_request },
	{ { "undrain" },
	    run_request, &undrain_request },
	{ { "stop" },
	    run_request, &stop_request },
	{ { "show", "version" },
	    run_version, &version_request },
	{ { "completion", "bash" },
	    run_completion, NULL },
	{ { "monitor" },
	    run_monitor, NULL },
	{ { "convert", "/etc/keyless/gokeyless.yaml" },
	    run_convert, NULL },
	/* cut short */
	{ { "sh", "k" },
	    run_request, &keys_request },
	{ { "sho", "si" },
	    run_request, &signers_request },
	{ { "show", "sta" },
	    run_request, &stats_request },
	{ { "show", "conn" },
	    run_request, &connections_request },
	{ { "l", "v" },
	    run_request, &log_verbose_request },
	{ { "rel" },
	    run_request, &reload_request },
};

static const struct {
	const char	*words[WORDS_MAX];
	const char	*error;
} wrong[] = {
	{ { NULL },
	    "no command; one of: " FIRST },
	{ { "shows" },
	    "unknown word \"shows\", not one of: " FIRST },
	{ { "" },
	    "unknown word \"\", not one of: " FIRST },
	{ { "Show" },
	    "unknown word \"Show\", not one of: " FIRST },
	{ { "show" },
	    "a word is missing after \"show\", one of: "
	    SHOW },
	{ { "s", "k" },
	    "\"s\" can mean: show, stop" },
	{ { "sh", "s" },
	    "\"s\" can mean: sandbox, signers, stats, stores" },
	{ { "sh", "con" },
	    "\"con\" can mean: config, connections" },
	{ { "show", "keyss" },
	    "unknown word \"keyss\", not one of: "
	    SHOW },
	{ { "log", "\033[2J" },
	    "unknown word \"\\x1b[2J\", not one of: brief, verbose" },
	{ { "rel", "now" },
	    "nothing may follow \"reload\", but \"now\" does" },
	{ { "show", "sta", "all" },
	    "nothing may follow \"stats\", but \"all\" does" },
	{ { "monitor", "0" },
	    "count \"0\" is too small" },
	{ { "monitor", "4294967296" },
	    "count \"4294967296\" is too large" },
	{ { "monitor", "\033" },
	    "count \"\\x1b\" is invalid" },
	{ { "monitor", "5", "6" },
	    "nothing may follow \"5\", but \"6\" does" },
};

/* Parse; the error goes to *error, which the caller frees. */
static int
parse(const char *const words[], struct call *call, char **error)
{
	char	*argv[WORDS_MAX];
	FILE	*f;
	size_t	 len;
	int	 argc, status;

	for (argc = 0; words[argc] != NULL; argc++)
		argv[argc] = strdup(words[argc]);
	f = open_memstream(error, &len);
	status = parse_command(argc, argv, call, f);
	fclose(f);
	while (argc-- > 0)
		free(argv[argc]);
	return (status);
}

static void
test_right(void)
{
	struct call	 call;
	char		*error;
	size_t		 i;

	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		CHECK(parse(right[i].words, &call, &error) == 0);
		CHECK(call.token->run == right[i].run);
		CHECK(call.token->request == right[i].request);
		CHECK(call.number == 0);
		CHECK_STR(error, "");
		free(error);
	}
}

static void
test_number(void)
{
	static const char *const	 words[] = { "mon", "4294967295",
					    NULL };
	struct call			 call;
	char				*error;

	CHECK(parse(words, &call, &error) == 0);
	CHECK(call.token->run == run_monitor);
	CHECK(call.number == UINT32_MAX);
	free(error);
}

static void
test_wrong(void)
{
	struct call	 call;
	char		*error, want[256];
	size_t		 i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK(parse(wrong[i].words, &call, &error) == -1);
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
	int	 lines = 0;

	f = open_memstream(&help, &len);
	parse_help(f);
	fclose(f);
	for (line = strchr(help, '\t'); line != NULL;
	    line = strchr(line + 1, '\t'))
		lines++;
	CHECK(lines == 21);
	CHECK(strstr(help, "\tmonitor [count] ") != NULL);
	CHECK(strstr(help, "\tlog verbose") != NULL);
	CHECK(strstr(help, "\treload ") != NULL);
	CHECK(strstr(help, "\tshow keys ") != NULL);
	free(help);
}

int
main(void)
{
	test_right();
	test_number();
	test_wrong();
	test_help();
	return (test_done());
}
