/*
 * Becoming an unprivileged child.  Both need root; they log and exit on
 * failure.
 */
#ifndef PRIVDROP_H
#define PRIVDROP_H

#include <sys/types.h>

struct privdrop {
	const char	*user;		/* as the caller gave it */
	uid_t		 uid;
	gid_t		 gid;
};

/*
 * Look up the user, who must not be root, and take the groups that are his.
 * Before chroot: the user database is out of reach afterwards.
 */
void	privdrop_groups(struct privdrop *, const char *user);

/* Become that user, for good.  Checks that there is no way back. */
void	privdrop_become(const struct privdrop *);

#endif
