/* Signer of a token: what an operator may have forgotten to set up. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "p11.h"

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

	if (modprofile_locate(p, i, path, size) == -1 ||
	    access(path, mode) == 0)
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

	if (p->flags & MOD_UNKNOWN)
		advise(f, "nothing is known of this module: the files that it "
		    "needs must be in the store's `paths'");
	for (i = 0; i < nitems(p->paths) && p->paths[i].kind != MOD_NONE &&
	    advised < ADVICE_MAX; i++) {
		first = i;
		while (has_alternative(p, i))
			i++;
		advised += look_at(f, p, first, i);
	}
}
