/* Parent: tells systemd(1) how it goes, by the protocol of sd_notify(3). */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "notify.h"
#include "parent.h"

#define START_MORE	60	/* s for the start itself */

static struct sockaddr_un	 address;
static socklen_t		 address_length;	/* 0: nobody listens */
static int			 fd = -1;
static uint64_t			 watchdog;		/* us; 0: none */
static struct event		*timer;

/* The address of NOTIFY_SOCKET: a path, or an abstract name after "@". */
static int
take_address(const char *path)
{
	size_t	 len = strlen(path);

	if ((*path != '/' && *path != '@') || len < 2 ||
	    len >= sizeof(address.sun_path))
		return (-1);
	address.sun_family = AF_UNIX;
	memcpy(address.sun_path, path, len);
	address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    len);
	if (*path == '@')
		address.sun_path[0] = '\0';
	else
		address_length++;
	return (0);
}

/* How often a sign of life is wanted, if it is wanted from this process. */
static void
take_watchdog(void)
{
	const char	*usec = getenv("WATCHDOG_USEC");
	const char	*pid = getenv("WATCHDOG_PID");
	const char	*errstr;
	long long	 us;

	if (usec == NULL ||
	    (pid != NULL && strtonum(pid, 1, INT32_MAX, &errstr) != getpid()))
		return;
	us = strtonum(usec, 1000, INT64_MAX, &errstr);
	if (errstr == NULL)
		watchdog = (uint64_t)us;
}

void
notify_open(void)
{
	const char	*path = getenv("NOTIFY_SOCKET");

	if (path != NULL && take_address(path) == -1)
		log_warnx("no state for systemd socket=%s "
		    "reason=\"neither a path nor an abstract name\"", path);
	if (address_length != 0 &&
	    (fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0)) == -1)
		fatal("socket");
	/* An abstract name cannot be had later: see sandbox_parent(). */
	if (fd != -1 && address.sun_path[0] == '\0' && connect(fd,
	    (struct sockaddr *)&address, address_length) == -1)
		log_warn("no state for systemd socket=%s", path);
	take_watchdog();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* One message of NAME=value lines. */
static void __attribute__((format(printf, 1, 2)))
tell(const char *fmt, ...)
{
	char	 text[1024];
	va_list	 ap;
	int	 n;

	if (fd == -1)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text))
		return;
	if (sendto(fd, text, (size_t)n, MSG_NOSIGNAL,
	    (struct sockaddr *)&address, address_length) == -1)
		log_debug("cannot tell systemd reason=\"%s\"",
		    strerror(errno));
}

/* The frontend lives too, if it has answered since the last time. */
static void
watchdog_tick(evutil_socket_t unused, short what, void *arg)
{
	(void)unused;
	(void)what;
	(void)arg;
	if (frontproc_answers())
		tell("WATCHDOG=1");
}

static void
start_watchdog(void)
{
	struct timeval	 tv;

	/* Half the time, as sd_watchdog_enabled(3) recommends. */
	tv.tv_sec = (time_t)(watchdog / 2 / 1000000);
	tv.tv_usec = (suseconds_t)(watchdog / 2 % 1000000);
	timer = event_new(parent_base, -1, EV_PERSIST, watchdog_tick, NULL);
	if (timer == NULL || event_add(timer, &tv) == -1)
		fatalx("event_new");
	(void)frontproc_answers();
}

void
notify_ready(void)
{
	if (fd == -1)
		return;
	tell("READY=1\nMAINPID=%d", (int)getpid());
	notify_status();
	if (watchdog != 0 && timer == NULL)
		start_watchdog();
}

void
notify_status(void)
{
	struct key_counts	 n;

	if (fd == -1)
		return;
	parent_count_keys(parent_setup, &n, 0);
	tell("STATUS=%s, %u keys ready, %u failed",
	    parent_drained ? "Drained" : "Serving", n.usable, n.failed);
}

void
notify_enrolling(unsigned int seconds)
{
	tell("EXTEND_TIMEOUT_USEC=%" PRIu64 "\nSTATUS=Enrolling",
	    (uint64_t)(seconds + START_MORE) * 1000000);
}

void
notify_reloading(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	tell("RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reloading",
	    (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

void
notify_stopping(void)
{
	tell("STOPPING=1\nSTATUS=Stopping");
}

void
notify_close(void)
{
	if (timer != NULL)
		event_free(timer);
	if (fd != -1)
		close(fd);
}
