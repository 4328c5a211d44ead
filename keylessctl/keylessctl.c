/*
 * keylessctl: an operator's client.  Runs as whoever starts it and trusts
 * neither the words it is given nor what the daemon sends.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "keylessctl.h"
#include "log.h"
#include "parser.h"
#include "paths.h"
#include "text.h"

struct options {
	const char	*config;	/* -f, or NULL */
	const char	*socket;	/* -s, or NULL */
	int		 check;		/* -n */
	struct style	 style;
};

static const uint32_t	 level_debug = LOG_LEVEL_DEBUG;
static const uint32_t	 level_info = LOG_LEVEL_INFO;

/* What is sent for an action, and what shows the answer. */
static const struct request {
	enum action	 action;
	uint32_t	 type;
	const uint32_t	*level;		/* NULL: no data */
	void		(*show)(const struct answer *, const struct style *);
} requests[] = {
	{ ACTION_SHOW_KEYS, MSG_CTL_SHOW_KEYS, NULL, show_keys },
	{ ACTION_SHOW_SIGNERS, MSG_CTL_SHOW_SIGNERS, NULL, show_signers },
	{ ACTION_SHOW_STATS, MSG_CTL_SHOW_STATS, NULL, show_stats },
	{ ACTION_SHOW_TOKENS, MSG_CTL_SHOW_TOKENS, NULL, show_tokens },
	{ ACTION_LOG_BRIEF, MSG_CTL_LOG_LEVEL, &level_info, show_result },
	{ ACTION_LOG_VERBOSE, MSG_CTL_LOG_LEVEL, &level_debug, show_result },
	{ ACTION_RELOAD, MSG_CTL_RELOAD, NULL, show_result },
};

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
	while ((c = getopt(argc, argv, "f:jns:v")) != -1) {
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

	return (isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0);
}

/*
 * The socket that the configuration names, which the caller frees; NULL when
 * it names none.  A file that was not asked for may be missing, unreadable to
 * this user, or wrong just now.
 */
static char *
configured_socket(const char *config)
{
	const char	*path = config == NULL ? CONFIG_PATH : config;
	FILE		*f;
	char		*name, error[256];
	int		 found;

	if ((f = fopen(path, "re")) == NULL) {
		if (config != NULL)
			err(1, "%s", text_show(path));
		return (NULL);
	}
	found = conf_control_socket(f, path, &name, error, sizeof(error));
	fclose(f);
	if (found == -1 && config != NULL)
		errx(1, "%s: %s", text_show(path), error);
	if (found == -1)
		warnx("%s: %s; trying %s", path, error, CONTROL_SOCKET);
	return (name);
}

/* The name of the group that may use the socket, if that can be known. */
static const char *
socket_group(const char *path)
{
	struct stat	 st;
	struct group	*gr;

	if (stat(path, &st) == -1 || (gr = getgrgid(st.st_gid)) == NULL)
		return ("that its control socket belongs to");
	return (gr->gr_name);
}

static void __attribute__((noreturn))
connect_failed(const char *path)
{
	switch (errno) {
	case ENOENT:
		errx(1, "keylessd is not running (no socket %s)",
		    text_show(path));
	case ECONNREFUSED:
		errx(1, "keylessd is not running (nobody listens on %s)",
		    text_show(path));
	case EACCES:
		errx(1, "permission denied: %s (are you in the group %s?)",
		    text_show(path), socket_group(path));
	default:
		err(1, "cannot connect to %s", text_show(path));
	}
}

static int
connect_path(const char *path)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(1, "the path of the socket is too long: %s",
		    text_show(path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		connect_failed(path);
	return (fd);
}

static int
connect_daemon(const struct options *o)
{
	char	*name;
	int	 fd;

	if (o->socket != NULL)
		return (connect_path(o->socket));
	name = configured_socket(o->config);
	fd = connect_path(name == NULL ? CONTROL_SOCKET : name);
	free(name);
	return (fd);
}

static const struct request *
find_request(enum action action)
{
	size_t	 i;

	for (i = 0; i < nitems(requests); i++)
		if (requests[i].action == action)
			return (&requests[i]);
	return (NULL);
}

/* Ask the daemon and show what it says.  Returns the exit status. */
static int
run(const struct request *request, const struct options *o)
{
	struct answer	 answer;
	int		 failed;

	answer_get(connect_daemon(o), request->type, request->level,
	    request->level == NULL ? 0 : sizeof(*request->level), &answer);
	failed = answer.result.status != 0;
	if (failed)
		show_result(&answer, &o->style);
	else
		request->show(&answer, &o->style);
	answer_free(&answer);
	return (failed);
}

int
main(int argc, char *argv[])
{
	const struct request	*request;
	struct options		 o;
	enum action		 action;
	int			 status = 0;

	setlocale(LC_CTYPE, "");
	parse_options(argc, argv, &o);
	o.style.colour = want_colour();
	argc -= optind;
	argv += optind;
	if (argc == 0)
		usage();
	if (parse_command(argc, argv, &action, stderr) == -1)
		return (2);
	if (o.check)
		return (0);
	if ((request = find_request(action)) == NULL)
		parse_help(stdout);
	else
		status = run(request, &o);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "standard output");
	return (status);
}
