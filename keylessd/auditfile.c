/* Parent: opens what audit lines are written to. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "parent.h"
#include "paths.h"

/*
 * A file, made if it is not there, to be read by root alone and, once the
 * administrator has said so, by others; or a FIFO that somebody reads, where
 * a disk may hang.
 */
static int
open_file(const char *path)
{
	struct stat	 st;
	int		 fd;

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK |
	    O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0600);
	if (fd == -1 && errno == ENXIO) {
		log_errx("cannot open audit_file file=%s reason=\"a FIFO that "
		    "nobody reads: start its reader first\"", path);
		return (-1);
	}
	if (fd == -1 || fstat(fd, &st) == -1) {
		log_err("cannot open audit_file file=%s", path);
		if (fd != -1)
			close(fd);
		return (-1);
	}
	if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))
		return (fd);
	log_errx("cannot open audit_file file=%s reason=\"neither a file nor a "
	    "FIFO\"", path);
	close(fd);
	return (-1);
}

/*
 * A socket of our own to syslog: that of syslog(3) waits when syslog does,
 * and cannot be opened again from the frontend's root directory.
 */
static int
open_syslog(void)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	strlcpy(sun.sun_path, SYSLOG_SOCKET, sizeof(sun.sun_path));
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) != -1 &&
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return (fd);
	log_err("cannot reach syslog for audit lines, name an audit_file "
	    "instead socket=%s", SYSLOG_SOCKET);
	if (fd != -1)
		close(fd);
	return (-1);
}

int
audit_open(const struct config *conf, int *fd)
{
	*fd = -1;
	if (conf->audit == AUDIT_OFF)
		return (0);
	if (conf->audit_file != NULL)
		*fd = open_file(conf->audit_file);
	else if (parent_options.log_to & LOG_TO_STDERR)
		*fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		*fd = open_syslog();
	return (*fd == -1 ? -1 : 0);
}
