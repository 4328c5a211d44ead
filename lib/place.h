/*
 * A file that is replaced as a whole, and its companions: the same name with a
 * suffix, in the same directory, which is opened once so that nobody swaps it
 * meanwhile.
 *
 * Functions return 0 or what they say, or -1 (NULL) with errno, and with the
 * reason for people in err.
 */
#ifndef PLACE_H
#define PLACE_H

#include <sys/types.h>
#include <sys/stat.h>

#include <limits.h>
#include <stddef.h>

#define PLACE_FILE_MAX	65536		/* bytes of a file */
#define PLACE_NAME_SIZE	(NAME_MAX + 8)	/* of a name with its suffix */

struct place {
	int	 dir;			/* -1: not open */
	char	 path[PATH_MAX];	/* for messages */
	char	 name[NAME_MAX + 1];
};

int	 place_open(struct place *, const char *path, char *err,
	    size_t errsize);
void	 place_close(struct place *);

/* Nobody else does anything here, until place_close(). */
int	 place_lock(const struct place *, char *err, size_t errsize);

/* Whether there is something, 1 or 0; a link counts by itself. */
int	 place_has(const struct place *, const char *suffix, struct stat *);

/* A regular file, for freezero() with *len + 1: a NUL follows it. */
char	*place_read(const struct place *, const char *suffix, size_t *len,
	    char *err, size_t errsize);

/* Write a text, which appears under its name when all of it is on disk. */
int	 place_write(const struct place *, const char *suffix, mode_t,
	    const char *, char *err, size_t errsize);
int	 place_rename(const struct place *, const char *from, const char *to,
	    char *err, size_t errsize);
int	 place_unlink(const struct place *, const char *suffix, char *err,
	    size_t errsize);

/* What was renamed is on disk. */
int	 place_sync(const struct place *, char *err, size_t errsize);

/*
 * Give what is there a second name with .old, as long as there is something.
 * What is a link is refused: the file that it leads to would stay as it is.
 */
int	 place_keep(const struct place *, char *err, size_t errsize);

#endif
