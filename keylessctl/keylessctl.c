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
	    "command [argument ...]\n"
	    "       keylessctl [-mnv] [-e path] [-f file] [-i file] enroll\n");
	parse_help(stderr);
	exit(2);
}

/* Options up to the next word. */
static void
parse_options(int argc, char *argv[], struct options *o)
{
	int	 c;

	while ((c = getopt(argc, argv, "+" OPTIONS)) != -1) {
		switch (c) {
		case 'e':
			o->enroll = optarg;
			break;
		case 'f':
			o->config = optarg;
			break;
		case 'i':
			o->install = optarg;
			break;
		case 'j':
			o->style.json = 1;
			break;
		case 'm':
			o->manual = 1;
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

/*
 * Options may stand behind words, too, whatever this system's getopt(3) makes
 * of that.  The words are gathered in front of argv; returns their number.
 */
static int
parse_line(int argc, char *argv[], struct options *o)
{
	int	 n = 0;

	memset(o, 0, sizeof(*o));
	o->enroll = LIBEXECDIR "/keyless-enroll";
	for (;;) {
		parse_options(argc, argv, o);
		if (optind >= argc)
			return (n);
		argv[n++] = argv[optind++];
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
	argc = parse_line(argc, argv, &o);
	o.style.terminal = isatty(STDOUT_FILENO);
	o.style.colour = o.style.terminal && want_colour();
	if (argc == 0)
		usage();
	if (parse_command(argc, argv, &call, stderr) == -1)
		return (2);
	if (call.token->run != run_enroll && (o.manual || o.install != NULL))
		errx(2, "-m and -i belong to enroll");
	if (o.manual && o.install != NULL)
		errx(2, "-m comes before -i: not both at once");
	if (o.check)
		return (0);
	call.options = &o;
	status = call.token->run(&call);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "standard output");
	return (status);
}
