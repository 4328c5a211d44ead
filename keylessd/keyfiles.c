/*
 * Parent: open key files.  Each stays open while a configuration names it, so
 * that a signer that is replaced gets what the others have, whatever became of
 * the file's name; two configurations share those that are the same.
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "setup.h"

#define SPARE	4096	/* descriptors for processes, sockets, messages */

/* The key files of a configuration, by name. */
struct key_files {
	const struct set_key	**keys;
	size_t			  n;
};

static int
by_name(const void *a, const void *b)
{
	const struct set_key *const	*x = a, *const *y = b;

	return (strcmp((*x)->name, (*y)->name));
}

struct key_files *
key_files_list(const struct setup *setup)
{
	const struct signer_set	*set;
	struct key_files	*list;
	size_t			 n = 0;
	uint32_t		 i;

	if (setup == NULL)
		return (NULL);
	TAILQ_FOREACH(set, &setup->sets, entry)
		n += set->nkeys;
	if ((list = calloc(1, sizeof(*list))) == NULL ||
	    (list->keys = calloc(n + 1, sizeof(*list->keys))) == NULL)
		fatal("calloc");
	TAILQ_FOREACH(set, &setup->sets, entry)
		for (i = 0; i < set->nkeys; i++)
			if (set->keys[i].file != NULL)
				list->keys[list->n++] = &set->keys[i];
	qsort(list->keys, list->n, sizeof(*list->keys), by_name);
	return (list);
}

void
key_files_free(struct key_files *list)
{
	if (list == NULL)
		return;
	free(list->keys);
	free(list);
}

/* What is open of that name; or NULL. */
static struct key_file *
find(const struct key_files *list, char *name)
{
	const struct set_key	 like = { .name = name }, *key = &like;
	const struct set_key	**found;

	if (list == NULL)
		return (NULL);
	found = bsearch(&key, list->keys, list->n, sizeof(*list->keys),
	    by_name);
	return (found == NULL ? NULL : (*found)->file);
}

static int
same(int a, int b)
{
	struct stat	 x, y;

	return (fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

struct key_file *
key_file_open(char *path, gid_t gid, const struct key_files *known, char *err,
    size_t errsize)
{
	struct key_file	*file;
	int		 fd;

	if ((fd = secret_open(path, gid, err, errsize)) == -1)
		return (NULL);
	if ((file = find(known, path)) != NULL && same(fd, file->fd))
		close(fd);
	else {
		if ((file = calloc(1, sizeof(*file))) == NULL)
			fatal("calloc");
		file->fd = fd;
	}
	file->users++;
	return (file);
}

void
key_file_close(struct key_file *file)
{
	if (file == NULL || --file->users != 0)
		return;
	close(file->fd);
	free(file);
}

void
key_files_limit(int on)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("getrlimit RLIMIT_NOFILE");
	rl.rlim_cur = rl.rlim_max;
	if (on)
		rl.rlim_cur -= rl.rlim_max > 4 * SPARE ? SPARE :
		    rl.rlim_max / 4;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		log_warn("setrlimit RLIMIT_NOFILE");
}
