/*
 * Parent: the pid file.  It is opened before the parent confines itself, which
 * can later rename and remove it, and put nothing into any other file.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "parent.h"

#define PID_MAX	32	/* bytes of a process id and what is around it */

static char	*current;	/* its path; NULL: there is none */
static int	 pid_fd = -1;	/* until it is written */
static int	 ours;		/* made or written by this daemon */

/*
 * Whether a file holds a process id, or nothing: a mistake in the configuration
 * may name one that is needed.
 */
static int
is_pid_file(int fd)
{
	struct stat	 st;
	char		 text[PID_MAX + 1];
	ssize_t		 n;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    (n = pread(fd, text, PID_MAX, 0)) == -1 || st.st_size > PID_MAX)
		return (0);
	text[n] = '\0';
	return (strspn(text, "0123456789 \r\n") == (size_t)n);
}

static int
refuse(const char *path)
{
	log_errx("cannot write pid_file file=%s reason=\"it holds something "
	    "else; name another path\"", path);
	return (-1);
}

int
pidfile_open(const char *path)
{
	if (path == NULL)
		return (0);
	/* One that is there may be of a daemon that runs, and this one fail. */
	pid_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ours = pid_fd != -1;
	if (pid_fd == -1 && errno == EEXIST)
		pid_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (pid_fd == -1) {
		log_err("cannot write pid_file file=%s", path);
		return (-1);
	}
	if (!ours && !is_pid_file(pid_fd)) {
		close(pid_fd);
		pid_fd = -1;
		return (refuse(path));
	}
	if ((current = strdup(path)) == NULL)
		fatal("strdup");
	return (0);
}

void
pidfile_write(void)
{
	if (pid_fd == -1)
		return;
	ours = 1;
	if (ftruncate(pid_fd, 0) == -1 ||
	    dprintf(pid_fd, "%d\n", (int)getpid()) < 0)
		log_warn("cannot write pid_file file=%s", current);
	close(pid_fd);
	pid_fd = -1;
}

/* The length of the path without its last part. */
static size_t
directory_length(const char *path)
{
	const char	*slash = strrchr(path, '/');

	return (slash == NULL ? 0 : (size_t)(slash - path));
}

int
pidfile_can_move(const char *path)
{
	size_t	 n;

	if (path == NULL || current == NULL)
		return (path == current);
	n = directory_length(path);
	return (n == directory_length(current) &&
	    strncmp(path, current, n) == 0);
}

/* Nothing but a pid file is there that could be lost. */
static int
may_replace(const char *path)
{
	int	 fd, may;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return (errno == ENOENT);
	may = is_pid_file(fd);
	close(fd);
	return (may);
}

void
pidfile_move(const char *path)
{
	if (path == NULL || current == NULL || !pidfile_can_move(path) ||
	    strcmp(path, current) == 0)
		return;
	if (!may_replace(path)) {
		(void)refuse(path);
		return;
	}
	if (rename(current, path) == -1) {
		log_err("cannot rename pid_file file=%s to=%s", current, path);
		return;
	}
	free(current);
	if ((current = strdup(path)) == NULL)
		fatal("strdup");
}

void
pidfile_remove(void)
{
	if (current != NULL && ours)
		(void)unlink(current);
	if (pid_fd != -1)
		close(pid_fd);
	free(current);
	current = NULL;
	pid_fd = -1;
}
