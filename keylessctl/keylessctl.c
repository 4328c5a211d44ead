/*
 * keylessctl: an operator's client.  Runs as whoever starts it and trusts
 * neither the words it is given nor what the daemon sends.
 */
#include <err.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "keylessctl.h"
#include "parser.h"

static void __attribute__((noreturn))
usage(void)
{
	fprintf(stderr, "usage: keylessctl [-jnv] [-f file] [-s socket] "
	    "command [argument ...]\n");
	parse_help(stderr);
	exit(2);
}

static void
parse_options(int argc, char *argv[], struct options *o)
{
	int	 c;

	memset(o, 0, sizeof(*o));
	while ((c = getopt(argc, argv, OPTIONS)) != -1) {
		switch (c) {
		case 'f':
			o->config = optarg;
			break;
		case 'j':
			o->style.json = 1;
			break;
		case 'n':
			o->check = 1;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 'v':
			o->style.verbose = 1;
			break;
		default:
			usage();
		}
	}
}

/* NO_COLOR as no-color.org has it: set and not empty. */
static int
want_colour(void)
{
	const char	*no = getenv("NO_COLOR"), *term = getenv("TERM");

	return ((no == NULL || *no == '\0') && term != NULL &&
	    strcmp(term, "dumb") != 0);
}

int
main(int argc, char *argv[])
{
	struct options	 o;
	struct call	 call;
	int		 status;

	setlocale(LC_CTYPE, "");
	parse_options(argc, argv, &o);
	o.style.terminal = isatty(STDOUT_FILENO);
	o.style.colour = o.style.terminal && want_colour();
	argc -= optind;
	argv += optind;
	if (argc == 0)
		usage();
	if (parse_command(argc, argv, &call, stderr) == -1)
		return (2);
	if (o.check)
		return (0);
	call.options = &o;
	status = call.token->run(&call);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "standard output");
	return (status);
}
