/* Any process: one line an event, to syslog, stderr or both. */
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

void
log_init(const char *name, int to)
{
	strlcpy(process, name, sizeof(process));
	destinations = to;
	tzset();
	if (to & LOG_TO_SYSLOG)
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
		syslog(levels[level].priority, "%s: %s", process, line);
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
