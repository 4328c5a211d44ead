/* Test client: options, and one command after the other. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "compat.h"

static void
vcomplain(const char *fmt, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "keyless-client: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
}

void
complain(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
}

void
die(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
	exit(1);
}

void *
must_alloc(size_t n)
{
	void	*p;

	if ((p = calloc(1, n == 0 ? 1 : n)) == NULL)
		die("no memory");
	return (p);
}

uint64_t
now_ms(void)
{
	struct timespec	 ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		die("clock: %s", strerror(errno));
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

static void
usage(void)
{
	fprintf(stderr, "usage: keyless-client [-1BbHNRrvx] -a host:port "
	    "[-C ca] [-c cert -k key]\n"
	    "    [-d depth] [-e error] [-i ski|digest|both|none|unknown] "
	    "[-n name]\n"
	    "    [-p name=pid,...] [-s sample] [-T 1.2|1.3] [-t seconds] "
	    "[-w ms]\n"
	    "    command [argument ...] [, command ...]\n"
	    "-1  one TLS record per request\n"
	    "-B  one byte per TCP segment      "
	    "-b  one byte per TLS record\n"
	    "-d  requests in flight            "
	    "-e  code of the error to expect\n"
	    "-H  the server must refuse us     "
	    "-N  any name of the server\n"
	    "-p  load: whose processor time    "
	    "-w  load: time to warm up\n"
	    "-R  load: the same, and ask again "
	    "-r  load: connect again\n"
	    "-s  load: verify one answer of so many\n"
	    "-t  patience                      "
	    "-x  send every item there is\n"
	    "commands:\n");
	command_list();
	exit(2);
}

static int
parse_number(const char *text, int max)
{
	const char	*error;
	int		 n;

	n = (int)strtonum(text, 1, max, &error);
	if (error != NULL)
		die("%s: number is %s", text, error);
	return (n);
}

static enum identify
parse_identify(const char *text)
{
	static const char *const names[] = {
		[IDENTIFY_SKI] =	"ski",
		[IDENTIFY_DIGEST] =	"digest",
		[IDENTIFY_BOTH] =	"both",
		[IDENTIFY_NONE] =	"none",
		[IDENTIFY_UNKNOWN] =	"unknown",
	};
	size_t	 i;

	for (i = 0; i < nitems(names); i++)
		if (strcmp(names[i], text) == 0)
			return ((enum identify)i);
	die("%s: no way to identify a key", text);
}

/* host:port, or [host]:port for an IPv6 address; cut apart in place. */
static void
parse_address(struct options *o, char *text)
{
	char	*colon = strrchr(text, ':');

	if (colon == NULL)
		die("%s: no port", text);
	*colon = '\0';
	o->port = colon + 1;
	o->host = text;
	if (*text == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		o->host = text + 1;
	}
}

static uint32_t
parse_protocol(const char *text)
{
	if (strcmp(text, "1.2") == 0)
		return (TLS_PROTOCOL_TLSv1_2);
	if (strcmp(text, "1.3") == 0)
		return (TLS_PROTOCOL_TLSv1_3);
	die("%s: no TLS version", text);
}

static void
parse_options(struct options *o, int *refused, int argc, char **argv)
{
	int	 ch;

	while ((ch = getopt(argc, argv,
	    "+1a:BbC:c:d:e:Hi:k:Nn:p:Rrs:T:t:vw:x")) != -1) {
		switch (ch) {
		case '1':
			o->single = 1;
			break;
		case 'a':
			parse_address(o, optarg);
			break;
		case 'B':
			o->byte_segments = 1;
			break;
		case 'b':
			o->byte_records = 1;
			break;
		case 'C':
			o->ca = optarg;
			break;
		case 'c':
			o->cert = optarg;
			break;
		case 'd':
			o->depth = (size_t)parse_number(optarg, 65536);
			break;
		case 'e':
			o->expect = parse_number(optarg, 255);
			break;
		case 'H':
			*refused = 1;
			break;
		case 'i':
			o->identify = parse_identify(optarg);
			break;
		case 'k':
			o->key = optarg;
			break;
		case 'N':
			o->any_name = 1;
			break;
		case 'n':
			o->servername = optarg;
			break;
		case 'p':
			if (o->ngroups == nitems(o->groups))
				die("too many groups of processes");
			o->groups[o->ngroups++] = optarg;
			break;
		case 'R':
			o->reconnect = o->resend = 1;
			break;
		case 'r':
			o->reconnect = 1;
			break;
		case 's':
			o->sample = (size_t)parse_number(optarg, 65536);
			break;
		case 'T':
			o->protocols = parse_protocol(optarg);
			break;
		case 't':
			o->timeout = 1000 * parse_number(optarg, 3600);
			break;
		case 'v':
			o->verbose = 1;
			break;
		case 'w':
			o->warm_up = parse_number(optarg, 60000);
			break;
		case 'x':
			o->all_items = 1;
			break;
		default:
			usage();
		}
	}
}

/*
 * -H: succeed only if the server refuses us.  With TLS 1.3 our side of the
 * handshake is over before the server has seen our certificate, so ask for
 * something: an answer means that we were let in, silence proves nothing.
 */
static int
refused_run(const struct options *o)
{
	struct answer	 a;
	struct conn	*c;
	struct request	*r;

	if ((c = conn_open(o)) == NULL)
		die("%s port %s: %s", o->host, o->port, strerror(errno));
	if (conn_handshake(c, o->timeout) == 0) {
		r = request_ping(0);
		request_encode(r, o);
		conn_queue(c, r->message, r->message_length);
		request_free(r);
		while (conn_work(c) == 0) {
			if (conn_next(c, &a) != 0)
				die("not refused: the server answers");
			if (conn_wait(c, o->timeout) == -1)
				die("not refused: the server is silent");
		}
	}
	printf("refused: %s\n", conn_error(c));
	conn_close(c);
	return (0);
}

/* A comma as a word of its own ends a command. */
static int
run_commands(const struct options *o, int argc, char **argv)
{
	struct run	*run = run_new(o);
	int		 n, status = 0;

	while (argc > 0) {
		for (n = 0; n < argc && strcmp(argv[n], ",") != 0; n++)
			;
		if (command(run, o, n, argv) == -1) {
			complain("%s failed", argv[0]);
			status = 1;
		}
		if (n < argc)
			n++;
		argc -= n;
		argv += n;
	}
	run_free(run);
	return (status);
}

int
main(int argc, char **argv)
{
	struct options	 o;
	int		 refused = 0, status;

	memset(&o, 0, sizeof(o));
	o.protocols = TLS_PROTOCOL_TLSv1_2 | TLS_PROTOCOL_TLSv1_3;
	o.timeout = 20000;
	o.depth = 1;
	o.sample = 16;
	parse_options(&o, &refused, argc, argv);
	argc -= optind;
	argv += optind;
	if ((o.cert == NULL) != (o.key == NULL) || (argc == 0) != refused)
		usage();
	if (o.host == NULL && (refused || strcmp(argv[0], "ski") != 0))
		usage();
	if (tls_init() == -1)
		die("tls_init failed");
	status = refused ? refused_run(&o) : run_commands(&o, argc, argv);
	pubkey_free_all();
	return (status);
}
