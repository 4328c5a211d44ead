/* Any process: one line an event, to syslog, stderr or both. */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "logline.h"
#include "paths.h"

#define LINE_SIZE	2048

static const struct {
	const char	*name;
	int		 priority;
} levels[] = {
	[LOG_LEVEL_DEBUG] =	{ "debug", LOG_DEBUG },
	[LOG_LEVEL_INFO] =	{ "info", LOG_INFO },
	[LOG_LEVEL_WARNING] =	{ "warning", LOG_WARNING },
	[LOG_LEVEL_ERROR] =	{ "error", LOG_ERR },
	[LOG_LEVEL_CRITICAL] =	{ "critical", LOG_CRIT },
	[LOG_LEVEL_FATAL] =	{ "fatal", LOG_CRIT },
};

static char		 process[64] = "keylessd";
static int		 destinations = LOG_TO_STDERR;
static char		*captured;
static size_t		 captured_size;
static enum log_level	 threshold = LOG_LEVEL_INFO;
static int		 syslog_fd = -1;	/* -1: through syslog(3) */
static unsigned long	 dropped;		/* lines that syslog left */

/*
 * syslog(3) waits when syslog does not read, and nobody here may wait.  Where
 * there is no such socket it is another syslog(3), which does not.
 */
static void
syslog_connect(void)
{
	struct sockaddr_un	 sun;

	if (syslog_fd != -1)
		return;
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	strlcpy(sun.sun_path, SYSLOG_SOCKET, sizeof(sun.sun_path));
	syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (syslog_fd == -1)
		return;
	if (connect(syslog_fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		close(syslog_fd);
		syslog_fd = -1;
	}
}

void
log_init(const char *name, int to)
{
	strlcpy(process, name, sizeof(process));
	destinations = to;
	tzset();
	if (to & LOG_TO_SYSLOG)
		syslog_connect();
	if ((to & LOG_TO_SYSLOG) && syslog_fd == -1)
		openlog("keylessd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void
log_setlevel(enum log_level level)
{
	threshold = level;
}

void
log_capture(char *text, size_t size)
{
	captured = text;
	captured_size = size;
	if (text != NULL)
		*text = '\0';
}

int
log_getlevel(void)
{
	return (threshold);
}

static void
write_stderr(enum log_level level, const char *line)
{
	char	 stamp[LOGLINE_STAMP], out[LINE_SIZE + 160];
	int	 len;

	if (destinations & LOG_PLAIN) {
		dprintf(STDERR_FILENO, "%s: %s: %s\n", process,
		    levels[level].name, line);
		return;
	}
	logline_stamp(stamp);
	len = snprintf(out, sizeof(out), "%s keylessd[%d] %s %s: %s\n", stamp,
	    (int)getpid(), process, levels[level].name, line);
	/* One write a line, so that processes do not mix theirs. */
	if (len > 0 && write(STDERR_FILENO, out, (size_t)len) == -1)
		return;
}

/* A datagram as RFC 3164 has it; -1: it was not taken. */
static int
syslog_send(int priority, const char *line)
{
	char		 stamp[32] = "", out[LINE_SIZE + 160];
	struct tm	 tm;
	time_t		 now = time(NULL);
	int		 len;

	if (localtime_r(&now, &tm) != NULL)
		strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	len = snprintf(out, sizeof(out), "<%d>%s keylessd[%d]: %s: %s",
	    LOG_DAEMON | priority, stamp, (int)getpid(), process, line);
	return (len > 0 && send(syslog_fd, out, (size_t)len,
	    MSG_DONTWAIT | MSG_NOSIGNAL) == -1 ? -1 : 0);
}

/* Once more, if syslog was started anew and this process may look for it. */
static int
syslog_again(int priority, const char *line)
{
	if (!(destinations & LOG_RECONNECT) || errno == EAGAIN ||
	    errno == EWOULDBLOCK || errno == ENOBUFS)
		return (-1);
	close(syslog_fd);
	syslog_fd = -1;
	syslog_connect();
	return (syslog_fd == -1 ? -1 : syslog_send(priority, line));
}

static void
write_syslog(int priority, const char *line)
{
	char	 text[64];

	if (syslog_fd == -1) {
		syslog(priority, "%s: %s", process, line);
		return;
	}
	if (dropped != 0) {
		snprintf(text, sizeof(text), "log lines dropped count=%lu",
		    dropped);
		if (syslog_send(LOG_WARNING, text) == 0 ||
		    syslog_again(LOG_WARNING, text) == 0)
			dropped = 0;
	}
	if (dropped != 0 || (syslog_send(priority, line) == -1 &&
	    syslog_again(priority, line) == -1))
		dropped++;
}

static void
vlog(enum log_level level, int error, const char *fmt, va_list ap)
{
	char	 raw[LINE_SIZE], line[LINE_SIZE];
	int	 saved = errno, len;

	if (level < threshold && (captured == NULL || level < LOG_LEVEL_ERROR))
		return;
	len = vsnprintf(raw, sizeof(raw), fmt, ap);
	if (error != 0 && len >= 0 && (size_t)len < sizeof(raw))
		snprintf(raw + len, sizeof(raw) - (size_t)len, ": %s",
		    strerror(error));
	logline_clean(line, sizeof(line), raw);
	if (captured != NULL && level >= LOG_LEVEL_ERROR && *captured == '\0')
		strlcpy(captured, line, captured_size);
	if (level < threshold)
		return;
	if (destinations & LOG_TO_STDERR)
		write_stderr(level, line);
	if (destinations & LOG_TO_SYSLOG)
		write_syslog(levels[level].priority, line);
	errno = saved;
}

#define LOG_FUNCTION(name, level, error)				\
void									\
name(const char *fmt, ...)						\
{									\
	va_list	 ap;							\
									\
	va_start(ap, fmt);						\
	vlog(level, error, fmt, ap);					\
	va_end(ap);							\
}

LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG, 0)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, 0)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARNING, errno)
LOG_FUNCTION(log_warnx, LOG_LEVEL_WARNING, 0)
LOG_FUNCTION(log_err, LOG_LEVEL_ERROR, errno)
LOG_FUNCTION(log_errx, LOG_LEVEL_ERROR, 0)

void
fatal(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vlog(LOG_LEVEL_FATAL, errno, fmt, ap);
	va_end(ap);
	_exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vlog(LOG_LEVEL_FATAL, 0, fmt, ap);
	va_end(ap);
	_exit(1);
}
