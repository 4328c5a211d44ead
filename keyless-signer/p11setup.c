/* Signer of a token: what an operator may have forgotten to set up. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "p11.h"

#define LINE_SIZE	1024
#define ADVICE_MAX	2	/* pieces: the log has one line for all */

static void	advise(struct msg_failure *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
advise(struct msg_failure *f, const char *fmt, ...)
{
	va_list	 ap;
	size_t	 used;

	strlcat(f->text, "; ", sizeof(f->text));
	used = strlen(f->text);
	va_start(ap, fmt);
	vsnprintf(f->text + used, sizeof(f->text) - used, fmt, ap);
	va_end(ap);
}

/* The value of a line "key = value", or NULL. */
static char *
line_value(char *line, const char *key)
{
	size_t	 len = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, len) != 0)
		return (NULL);
	line += len + strspn(line + len, " \t");
	if (*line != '=')
		return (NULL);
	line++;
	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	return (line);
}

/* Copy the value of key in a module's configuration file; -1: it has none. */
static int
file_value(const char *file, const char *key, char *dst, size_t size)
{
	FILE	*fp;
	char	 line[LINE_SIZE], *value = NULL;

	if ((fp = fopen(file, "re")) == NULL)
		return (-1);
	while (value == NULL && fgets(line, sizeof(line), fp) != NULL)
		value = line_value(line, key);
	fclose(fp);
	if (value == NULL || *value != '/')
		return (-1);
	strlcpy(dst, value, size);
	return (0);
}

/* Where row i is on this machine; -1: nowhere in the file system. */
static int
locate(const struct modprofile *p, size_t i, char *dst, size_t size)
{
	const struct mod_path	*row = &p->paths[i];
	const char		*value;
	char			 file[MSG_PATH_SIZE];
	size_t			 j;

	if (row->variable != NULL &&
	    (value = getenv(row->variable)) != NULL) {
		if ((value = strchr(value, '/')) == NULL)
			return (-1);
		strlcpy(dst, value, size);
		return (0);
	}
	for (j = 0; row->key != NULL && j < i; j++) {
		if (p->paths[j].kind != MOD_RO ||
		    locate(p, j, file, sizeof(file)) == -1)
			continue;
		if (file_value(file, row->key, dst, size) == 0)
			return (0);
	}
	if (row->path == NULL)
		return (-1);
	strlcpy(dst, row->path, size);
	return (0);
}

static void
advise_missing(struct msg_failure *f, const struct mod_path *row,
    const char *path)
{
	if (row->kind == MOD_SOCKET)
		advise(f, "%s does not run, or `chroot' hides its socket: "
		    "there is no %s", row->server, path);
	else
		advise(f, "there is no %s, which the module needs, or "
		    "`chroot' hides it", path);
}

static void
advise_forbidden(struct msg_failure *f, const struct mod_path *row,
    const char *path, int why)
{
	const char	*group = p11.profile->group;
	const char	*what = row->kind == MOD_RO ? "read" :
			    row->kind == MOD_RW ? "write to" : "use";

	if (why == EROFS)
		advise(f, "the module must be able to write to %s: add "
		    "\"%s:rw\" to the store's `paths'", path, path);
	else
		advise(f, "user id %u may not %s %s: give it access%s%s",
		    (unsigned int)getuid(), what, path,
		    group == NULL ? "" : ", or add the user to group ",
		    group == NULL ? "" : group);
}

/* Why row i cannot be used: an errno, or 0; path gets where it is. */
static int
try(const struct modprofile *p, size_t i, char *path, size_t size)
{
	int	 mode = p->paths[i].kind == MOD_RO ? R_OK : R_OK | W_OK;

	if (locate(p, i, path, size) == -1 || access(path, mode) == 0)
		return (0);
	return (errno);
}

static int
is_needed(const struct mod_path *row)
{
	return (!row->optional ||
	    (row->variable != NULL && getenv(row->variable) != NULL));
}

/* One of the rows from first to last must be usable; 1 when none is. */
static int
look_at(struct msg_failure *f, const struct modprofile *p, size_t first,
    size_t last)
{
	const struct mod_path	*row = &p->paths[first];
	char			 path[MSG_PATH_SIZE], worst[MSG_PATH_SIZE];
	size_t			 i;
	int			 why, error = 0;

	if (row->path == NULL && !row->optional &&
	    getenv(row->variable) == NULL) {
		advise(f, "%s is not set: add it to the store's "
		    "`environment'", row->variable);
		return (1);
	}
	for (i = first; i <= last; i++) {
		if ((why = try(p, i, path, sizeof(path))) == 0)
			return (0);
		if (error == 0 || why != ENOENT) {
			error = why;
			strlcpy(worst, path, sizeof(worst));
		}
	}
	if (error == EACCES || error == EPERM || error == EROFS)
		advise_forbidden(f, row, worst, error);
	else if (is_needed(row))
		advise_missing(f, row, worst);
	else
		return (0);
	return (1);
}

/* Whether row i + 1 is another socket of the same server. */
static int
has_alternative(const struct modprofile *p, size_t i)
{
	const struct mod_path	*row = &p->paths[i];

	return (i + 1 < nitems(p->paths) && row[0].kind == MOD_SOCKET &&
	    row[1].kind == MOD_SOCKET &&
	    strcmp(row[0].server, row[1].server) == 0);
}

void
p11_setup_advice(struct msg_failure *f)
{
	const struct modprofile	*p = p11.profile;
	size_t			 i, first;
	int			 advised = 0;

	for (i = 0; i < nitems(p->paths) && p->paths[i].kind != MOD_NONE &&
	    advised < ADVICE_MAX; i++) {
		first = i;
		while (has_alternative(p, i))
			i++;
		advised += look_at(f, p, first, i);
	}
}
