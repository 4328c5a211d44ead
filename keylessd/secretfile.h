/*
 * Files that hold secrets.
 */
#ifndef SECRETFILE_H
#define SECRETFILE_H

#include <sys/types.h>

#include <stddef.h>

/*
 * Open a file that holds a secret: regular, not accessible to the world, to a
 * group only if that is gid.  Returns a descriptor, or -1 with the reason in
 * err, and errno set (0: it is not the system that refuses it).
 */
int	 secret_open(const char *path, gid_t gid, char *err, size_t errsize);

#endif
