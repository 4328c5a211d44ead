/*
 * In the host's process: the log of keyless-pkcs11, with the functions of
 * lib/log.h.  Nothing goes to the host's standard error unless asked for; the
 * host's openlog(3) is left alone; a file is opened for each line, since the
 * host may close descriptors that it does not know.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "logline.h"
#include "module.h"

#define LINE_SIZE	1024

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

static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static char		 destination[1024] = "syslog";
static enum log_level	 threshold = LOG_LEVEL_INFO;

void
module_log(const char *to, enum log_level level)
{
	pthread_mutex_lock(&lock);
	strlcpy(destination, to, sizeof(destination));
	threshold = level;
	pthread_mutex_unlock(&lock);
}

void
module_log_lock(void)
{
	pthread_mutex_lock(&lock);
}

void
module_log_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

static void
write_line(int fd, enum log_level level, const char *line)
{
	char	 stamp[LOGLINE_STAMP], out[LINE_SIZE + 128];
	int	 len;

	logline_stamp(stamp);
	len = snprintf(out, sizeof(out), "%s keyless-pkcs11[%d] %s: %s\n",
	    stamp, (int)getpid(), levels[level].name, line);
	/* One write a line, so that processes do not mix theirs. */
	if (len > 0 && write(fd, out, (size_t)len) == -1)
		return;
}

static void
write_file(enum log_level level, const char *line)
{
	int	 fd;

	/* O_NONBLOCK: a FIFO without a reader must not hold the host up. */
	if ((fd = open(destination, O_WRONLY | O_APPEND | O_CREAT |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640)) == -1)
		return;
	write_line(fd, level, line);
	close(fd);
}

static void
put(enum log_level level, const char *line)
{
	if (strcmp(destination, "syslog") == 0)
		syslog(LOG_DAEMON | levels[level].priority,
		    "keyless-pkcs11: %s", line);
	else if (strcmp(destination, "stderr") == 0)
		write_line(STDERR_FILENO, level, line);
	else if (strcmp(destination, "none") != 0)
		write_file(level, line);
}

static void
vlog(enum log_level level, int error, const char *fmt, va_list ap)
{
	char	 raw[LINE_SIZE], line[LINE_SIZE];
	int	 saved = errno, state, len;

	len = vsnprintf(raw, sizeof(raw), fmt, ap);
	if (error != 0 && len >= 0 && (size_t)len < sizeof(raw))
		snprintf(raw + len, sizeof(raw) - (size_t)len, ": %s",
		    strerror(error));
	logline_clean(line, sizeof(line), raw);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	pthread_mutex_lock(&lock);
	if (level >= threshold)
		put(level, line);
	pthread_mutex_unlock(&lock);
	pthread_setcancelstate(state, NULL);
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
