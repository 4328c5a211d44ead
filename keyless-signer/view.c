/* Signer of a token or a cloud: what of the machine it will see. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "modprofile.h"
#include "privdrop.h"
#include "sandbox.h"
#include "signer.h"

#define RW	":rw"

/* Where the dynamic linker looks. */
static const char *const libraries[] = {
	"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib",
	"/usr/local/lib64", "/etc/ld.so.cache"
};

/* The store's own paths; they come after those of the profile. */
static struct sandbox_path	 given[SANDBOX_PATHS_MAX];
static size_t			 ngiven;

void
view_add(const char *text)
{
	struct sandbox_path	*p;
	size_t			 i, len = strlen(text);
	uint32_t		 flags = 0;
	char			*path;

	if (*text != '/')
		fatalx("path not absolute path=%s", text);
	if ((path = strdup(text)) == NULL)
		fatal("strdup");
	if (len > strlen(RW) && strcmp(text + len - strlen(RW), RW) == 0) {
		path[len - strlen(RW)] = '\0';
		/* It may be a device, too. */
		flags = SANDBOX_WRITE | SANDBOX_DEVICE;
	}
	/* Each key of the set brings the paths of its store. */
	for (i = 0; i < ngiven; i++) {
		if (strcmp(given[i].path, path) == 0) {
			given[i].flags |= flags;
			free(path);
			return;
		}
	}
	if (ngiven == nitems(given))
		fatalx("too many paths, no more than %zu path=%s",
		    nitems(given), text);
	p = &given[ngiven++];
	p->path = path;
	p->flags = flags;
}

void
view_see(struct sandbox *s, const char *path, uint32_t flags)
{
	struct sandbox_path	*p;

	if (s->npaths == nitems(s->paths))
		fatalx("too many paths, no more than %zu path=%s",
		    nitems(s->paths), path);
	p = &s->paths[s->npaths++];
	if ((p->path = strdup(path)) == NULL)
		fatal("strdup");
	p->flags = flags;
}

void
view_given(struct sandbox *s)
{
	size_t	 i;

	for (i = 0; i < ngiven; i++) {
		if (access(given[i].path, F_OK) == -1)
			log_warn("path of the store is not there path=%s",
			    given[i].path);
		view_see(s, given[i].path, given[i].flags);
	}
}

static void
see_libraries(struct sandbox *s, const char *module)
{
	char	 dir[MSG_PATH_SIZE], *slash;
	size_t	 i;

	for (i = 0; i < nitems(libraries); i++)
		view_see(s, libraries[i], SANDBOX_LIBRARY);
	strlcpy(dir, module, sizeof(dir));
	if ((slash = strrchr(dir, '/')) == NULL || slash == dir)
		return;
	*slash = '\0';
	view_see(s, dir, SANDBOX_LIBRARY);
}

static void
see_common(struct sandbox *s, uint32_t flags)
{
	const struct mod_common	*row;
	size_t			 i;

	for (i = 0; (row = modprofile_common(i)) != NULL; i++)
		if (row->flags & flags)
			view_see(s, row->path, strncmp(row->path, "/dev/",
			    5) == 0 ? SANDBOX_DEVICE : 0);
}

static void
see_profile(struct sandbox *s, const struct modprofile *p)
{
	char	 path[MSG_PATH_SIZE];
	size_t	 i;

	for (i = 0; i < nitems(p->paths) && p->paths[i].kind != MOD_NONE;
	    i++) {
		if (modprofile_locate(p, i, path, sizeof(path)) == -1)
			continue;
		/* D-Bus and p11-kit write more behind a socket's name. */
		path[strcspn(path, ",;")] = '\0';
		view_see(s, path, p->paths[i].kind == MOD_RO ? 0 :
		    p->paths[i].kind == MOD_DEVICE ? SANDBOX_DEVICE :
		    SANDBOX_WRITE);
	}
}

static uint32_t
needs_of(const struct modprofile *p, uint32_t flags)
{
	uint32_t	 needs = 0;
	size_t		 i;

	for (i = 0; i < nitems(p->paths); i++) {
		if (p->paths[i].kind == MOD_SOCKET)
			needs |= SANDBOX_UNIX;
		if (p->paths[i].kind == MOD_DEVICE)
			needs |= SANDBOX_DEVICES;
	}
	if (flags & MOD_INET)
		needs |= SANDBOX_INET;
	if (flags & MOD_SYSV)
		needs |= SANDBOX_SYSV;
	if (flags & MOD_THREADS)
		needs |= SANDBOX_THREADS;
	if (flags & MOD_LIBRARIES)
		needs |= SANDBOX_LATE;
	if (flags & MOD_UNKNOWN)
		needs |= SANDBOX_UNKNOWN;
	return (needs);
}

/* Its configuration is not for root to read, who might read more. */
static void
become(const char *user)
{
	struct privdrop	 who;

	if (*user == '\0')
		return;
	privdrop_groups(&who, user);
	if (setegid(who.gid) == -1 || seteuid(who.uid) == -1)
		fatal("seteuid user=%s", user);
}

static void
become_root(const char *user)
{
	if (*user != '\0' && (seteuid(0) == -1 || setegid(0) == -1))
		fatal("seteuid");
}

void
view_make(struct sandbox *s, const char *module)
{
	const struct modprofile	*p = modprofile_find(module);
	uint32_t		 flags = modprofile_flags(p);

	s->needs = needs_of(p, flags);
	see_libraries(s, module);
	become(s->user);
	see_common(s, flags);
	see_profile(s, p);
	become_root(s->user);
	view_given(s);
}
