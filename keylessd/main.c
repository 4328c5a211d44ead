/* keylessd: options; parent, frontend (-F), launcher (-L), enroller (-E). */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "compat.h"
#include "config_env.h"
#include "enroll.h"
#include "frontend.h"
#include "launch.h"
#include "log.h"
#include "parent.h"
#include "paths.h"
#include "sandbox.h"
#include "version.h"

struct options {
	const char	*path;
	const char	*signer;
	int		 verbose;
};

static void __attribute__((noreturn))
usage(void)
{
	fprintf(stderr,
	    "usage: keylessd [-dnVv] [-f file] [-s path]\n");
	exit(2);
}

/* Children are named by absolute paths: the daemon's directory changes. */
static const char *
absolute(const char *path)
{
	char	*full;

	if ((full = realpath(path, NULL)) == NULL)
		err(1, "%s", path);
	return (full);
}

/*
 * The same for the configuration file, but links in its path are followed at
 * each reload anew.
 */
static const char *
absolute_config(const char *path)
{
	char	*cwd, *full;

	if (*path == '/')
		return (path);
	if ((cwd = realpath(".", NULL)) == NULL ||
	    asprintf(&full, "%s/%s", cwd, path) == -1)
		err(1, "%s", path);
	free(cwd);
	return (full);
}

static void
parse_options(int argc, char *argv[], struct options *o)
{
	int	 ch;

	o->path = CONFIG_PATH;
	o->signer = LIBEXECDIR "/keyless-signer";
	while ((ch = getopt(argc, argv, "df:ns:Vv")) != -1) {
		switch (ch) {
		case 'd':
			parent_options.foreground = 1;
			break;
		case 'f':
			o->path = optarg;
			break;
		case 'n':
			parent_options.check = 1;
			break;
		case 's':
			o->signer = optarg;
			break;
		case 'V':
			printf("keylessd %s\n", KEYLESSD_VERSION);
			exit(0);
		case 'v':
			o->verbose++;
			break;
		default:
			if (optopt == '-')
				fprintf(stderr, "keylessd: options of "
				    "gokeyless are keys of the configuration "
				    "here, see keyless-migration(7)\n");
			usage();
		}
	}
	if (optind != argc)
		usage();
}

/*
 * Leave the terminal: the caller's process waits until the daemon serves (or
 * fails, with its exit status), the daemon goes on in a session of its own.
 */
static void
daemonize(void)
{
	int	 fds[2];
	char	 byte;

	if (pipe2(fds, O_CLOEXEC) == -1)
		fatal("pipe2");
	switch (fork()) {
	case -1:
		fatal("fork");
	case 0:
		break;
	default:
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(fds[0]);
	parent_options.ready_fd = fds[1];
	if (setsid() == -1)
		fatal("setsid");
	if (chdir("/") == -1)
		fatal("chdir path=/");
}

/* Key files stay open: allow as many descriptors as the system does. */
static void
raise_file_limit(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("getrlimit RLIMIT_NOFILE");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		log_warn("setrlimit RLIMIT_NOFILE");
}

/* The program for keys in clouds is beside the other; it may be missing. */
static const char *
cloud_program(const char *signer)
{
	char	*path;

	if (asprintf(&path, "%s-cloud", signer) == -1)
		err(1, NULL);
	return (path);
}

/* So is the one that asks for certificates. */
static const char *
enroll_program(const char *signer)
{
	const char	*slash = strrchr(signer, '/');
	char		*path;

	if (asprintf(&path, "%.*s/keyless-enroll", (int)(slash - signer),
	    signer) == -1)
		err(1, NULL);
	return (path);
}

static enum log_level
level_of(const struct config *conf, const struct options *o)
{
	if (o->verbose > 1 || conf->loglevel == LOG_LEVEL_DEBUG)
		return (LOG_LEVEL_DEBUG);
	if ((o->verbose == 1 || parent_options.check) &&
	    conf->loglevel > LOG_LEVEL_INFO)
		return (LOG_LEVEL_INFO);
	return ((enum log_level)conf->loglevel);
}

static int
parent_main(int argc, char *argv[])
{
	struct options	 o = { 0 };
	struct config	*conf;
	struct setup	*setup;
	int		 status;

	parent_options.ready_fd = -1;
	parse_options(argc, argv, &o);
	log_init("parent", LOG_TO_STDERR);
	sandbox_harden();
	config_env_warn();
	notify_open();
	activated_init();
	if ((conf = config_load(o.path)) == NULL)
		return (1);
	parent_options.config = absolute_config(o.path);
	if (parent_options.check && o.verbose > 0)
		config_print(conf, stdout);
	fflush(stdout);
	log_setlevel(level_of(conf, &o));
	parent_options.self = absolute(strchr(argv[0], '/') != NULL ? argv[0] :
	    SBINDIR "/keylessd");
	parent_options.signer = absolute(o.signer);
	parent_options.cloud = cloud_program(parent_options.signer);
	parent_options.enroll = enroll_program(parent_options.signer);
	parent_options.log_to = LOG_TO_STDERR;
	if (!parent_options.foreground && !parent_options.check) {
		parent_options.log_to = LOG_TO_SYSLOG;
		log_init("parent", LOG_TO_STDERR | LOG_TO_SYSLOG |
		    LOG_RECONNECT);
		daemonize();
	}
	/* Until parent_run() there is nothing to be read again. */
	signal(SIGHUP, SIG_IGN);
	raise_file_limit();
	if (geteuid() != 0)
		log_warnx("not started as root: the processes run without "
		    "chroot and as the same user uid=%u",
		    (unsigned int)geteuid());
	sandbox_fence();
	launchproc_start(conf);
	if (enroll_at_start(conf) == -1)
		return (1);
	if ((setup = setup_open(conf,
	    parent_options.check ? 0 : SETUP_SOCKETS, NULL)) == NULL)
		return (1);
	status = parent_run(setup);
	log_info("stopped status=%d", status);
	return (status);
}

int
main(int argc, char *argv[])
{
	/* Never a descriptor of ours where the standard ones belong. */
	while (1) {
		int fd = open("/dev/null", O_RDWR);
		if (fd == -1)
			err(1, "/dev/null");
		if (fd > STDERR_FILENO) {
			close(fd);
			break;
		}
	}
	if (argc == 2 && strcmp(argv[1], "-F") == 0)
		frontend_main();
	if (argc == 2 && strcmp(argv[1], "-L") == 0)
		launcher_main();
	if (argc == 2 && strcmp(argv[1], "-E") == 0)
		enroller_main();
	config_env_take();
	return (parent_main(argc, argv));
}
