/*
 * Becoming an unprivileged child.
 */
#ifndef PRIVDROP_H
#define PRIVDROP_H

/*
 * For good: take the groups of the named user, chroot to root (an absolute
 * path, or "" for none) and become that user.  Checks that there is no way
 * back.  Needs root; logs and exits on failure.
 */
void	privdrop(const char *user, const char *root);

#endif
