/* Parent, keylessctl: opens files that hold secrets, never reads them. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "secretfile.h"

/* Whether the file is safe to take a secret from; the reason if not. */
static int
secret_check(const struct stat *st, gid_t gid, char *err, size_t errsize)
{
	unsigned int	 mode = (unsigned int)st->st_mode & 07777;

	if (!S_ISREG(st->st_mode)) {
		snprintf(err, errsize, "not a regular file");
		return (-1);
	}
	if (mode & S_IRWXO) {
		snprintf(err, errsize, "mode %04o: accessible to everyone; "
		    "chmod o-rwx", mode);
		return (-1);
	}
	if ((mode & S_IRWXG) && st->st_gid != gid) {
		snprintf(err, errsize, "mode %04o: accessible to group %u, "
		    "which is not the group of the process that reads it; "
		    "chmod g-rwx, or chgrp %u", mode, (unsigned int)st->st_gid,
		    (unsigned int)gid);
		return (-1);
	}
	return (0);
}

int
secret_open(const char *path, gid_t gid, char *err, size_t errsize)
{
	struct stat	 st;
	int		 error, fd;

	/* O_NONBLOCK: a FIFO must not hold the parent up. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		error = errno;
		snprintf(err, errsize, "%s", strerror(error));
		errno = error;
		return (-1);
	}
	if (fstat(fd, &st) == -1) {
		snprintf(err, errsize, "fstat: %s", strerror(errno));
		close(fd);
		return (-1);
	}
	if (secret_check(&st, gid, err, errsize) == -1) {
		close(fd);
		errno = 0;
		return (-1);
	}
	return (fd);
}
