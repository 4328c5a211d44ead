/* Who may see the authentication key: files that are replaced as a whole. */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "place.h"

#define TMP	".tmp"		/* being written; nobody reads it */

static int
fail(char *err, size_t errsize, const char *what, const struct place *p,
    const char *suffix)
{
	int	 saved = errno;

	snprintf(err, errsize, "%s %s%s: %s", what, p->path, suffix,
	    strerror(errno));
	errno = saved;
	return (-1);
}

int
place_open(struct place *p, const char *path, char *err, size_t errsize)
{
	const char	*slash = strrchr(path, '/');
	char		 dir[PATH_MAX];

	p->dir = -1;
	if (slash == NULL || slash[1] == '\0' ||
	    strlcpy(p->path, path, sizeof(p->path)) >= sizeof(p->path) ||
	    strlcpy(p->name, slash + 1, sizeof(p->name)) >=
	    sizeof(p->name)) {
		snprintf(err, errsize, "no name for a file: %s", path);
		errno = EINVAL;
		return (-1);
	}
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1), path);
	if ((p->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) != -1)
		return (0);
	return (fail(err, errsize, "cannot open the directory of", p, ""));
}

void
place_close(struct place *p)
{
	if (p->dir != -1)
		close(p->dir);
	p->dir = -1;
}

static const char *
place_name(const struct place *p, const char *suffix, char *buf, size_t size)
{
	strlcpy(buf, p->name, size);
	strlcat(buf, suffix, size);
	return (buf);
}

int
place_has(const struct place *p, const char *suffix, struct stat *st)
{
	char	 name[PLACE_NAME_SIZE];

	return (fstatat(p->dir, place_name(p, suffix, name, sizeof(name)), st,
	    AT_SYMLINK_NOFOLLOW) == 0);
}

char *
place_read(const struct place *p, const char *suffix, size_t *len, char *err,
    size_t errsize)
{
	struct stat	 st;
	char		*text = NULL, name[PLACE_NAME_SIZE];
	ssize_t		 n = -1;
	int		 fd, saved;

	fd = openat(p->dir, place_name(p, suffix, name, sizeof(name)),
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		;
	else if (!S_ISREG(st.st_mode) || st.st_size >= PLACE_FILE_MAX)
		errno = EFBIG;
	else if ((text = calloc(1, (size_t)st.st_size + 1)) != NULL &&
	    (n = pread(fd, text, (size_t)st.st_size, 0)) != st.st_size) {
		freezero(text, (size_t)st.st_size + 1);
		text = NULL;
		errno = n == -1 ? errno : EIO;
	}
	saved = errno;
	if (fd != -1)
		close(fd);
	*len = n == -1 ? 0 : (size_t)n;
	errno = saved;
	if (text == NULL)
		fail(err, errsize, "cannot read", p, suffix);
	return (text);
}

static int
write_all(int fd, const char *data, size_t len)
{
	ssize_t	 n;

	for (; len != 0; data += n, len -= (size_t)n)
		if ((n = write(fd, data, len)) == -1)
			return (-1);
	return (0);
}

/* The new one belongs to whom the old one does, as far as that can be had. */
static void
take_owner(const struct place *p, int fd)
{
	struct stat	 old, new;

	if (place_has(p, "", &old) && S_ISREG(old.st_mode) &&
	    fstat(fd, &new) == 0 && (old.st_uid != new.st_uid ||
	    old.st_gid != new.st_gid))
		(void)!fchown(fd, old.st_uid, old.st_gid);
}

int
place_sync(const struct place *p, char *err, size_t errsize)
{
	if (fsync(p->dir) == -1)
		return (fail(err, errsize, "cannot write the directory of", p,
		    ""));
	return (0);
}

int
place_rename(const struct place *p, const char *from, const char *to,
    char *err, size_t errsize)
{
	char	 old[PLACE_NAME_SIZE], new[PLACE_NAME_SIZE];

	if (renameat(p->dir, place_name(p, from, old, sizeof(old)), p->dir,
	    place_name(p, to, new, sizeof(new))) == -1)
		return (fail(err, errsize, "cannot rename", p, from));
	return (0);
}

int
place_unlink(const struct place *p, const char *suffix, char *err,
    size_t errsize)
{
	char	 name[PLACE_NAME_SIZE];

	if (unlinkat(p->dir, place_name(p, suffix, name, sizeof(name)),
	    0) == -1 && errno != ENOENT)
		return (fail(err, errsize, "cannot remove", p, suffix));
	return (0);
}

int
place_write(const struct place *p, const char *suffix, mode_t mode,
    const char *data, char *err, size_t errsize)
{
	char	 name[PLACE_NAME_SIZE];
	int	 fd, saved, status;

	if (place_unlink(p, TMP, err, errsize) == -1)
		return (-1);
	fd = openat(p->dir, place_name(p, TMP, name, sizeof(name)),
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return (fail(err, errsize, "cannot make", p, TMP));
	status = write_all(fd, data, strlen(data)) == -1 ||
	    fchmod(fd, mode) == -1 ? -1 : 0;
	take_owner(p, fd);
	if (status == 0)
		status = fsync(fd);
	saved = errno;
	close(fd);
	errno = saved;
	if (status == -1) {
		fail(err, errsize, "cannot write", p, TMP);
		(void)unlinkat(p->dir, name, 0);
		return (-1);
	}
	if (place_rename(p, TMP, suffix, err, errsize) == -1)
		return (-1);
	return (place_sync(p, err, errsize));
}

int
place_keep(const struct place *p, char *err, size_t errsize)
{
	struct stat	 st;
	char		 old[PLACE_NAME_SIZE];

	if (!place_has(p, "", &st))
		return (0);
	if (!S_ISREG(st.st_mode)) {
		snprintf(err, errsize, "%s is a link, or no file: name the "
		    "file itself in the configuration", p->path);
		return (-1);
	}
	if (place_unlink(p, ".old", err, errsize) == -1)
		return (-1);
	if (linkat(p->dir, p->name, p->dir, place_name(p, ".old", old,
	    sizeof(old)), 0) == -1)
		return (fail(err, errsize, "cannot keep", p, ""));
	return (place_sync(p, err, errsize));
}

int
place_lock(const struct place *p, char *err, size_t errsize)
{
	if (flock(p->dir, LOCK_EX | LOCK_NB) == 0)
		return (0);
	if (errno == EWOULDBLOCK) {
		snprintf(err, errsize, "somebody else replaces %s now",
		    p->path);
		return (-1);
	}
	return (fail(err, errsize, "cannot lock the directory of", p, ""));
}
