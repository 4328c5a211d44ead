/*
 * What OpenBSD's libc has and glibc 2.36 lacks.  Same names, same contracts
 * as the OpenBSD manual pages; see compat.c.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#ifndef __OpenBSD__
void	*recallocarray(void *, size_t, size_t, size_t);
void	 freezero(void *, size_t);
size_t	 strlcpy(char *, const char *, size_t);
size_t	 strlcat(char *, const char *, size_t);
long long strtonum(const char *, long long, long long, const char **);
int	 getpeereid(int, uid_t *, gid_t *);
#endif

#ifndef TAILQ_FOREACH_SAFE
#define TAILQ_FOREACH_SAFE(var, head, field, tvar)			\
	for ((var) = TAILQ_FIRST(head);					\
	    (var) != NULL && ((tvar) = TAILQ_NEXT(var, field), 1);	\
	    (var) = (tvar))
#endif

#ifndef nitems
#define nitems(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/*
 * A descriptor of an empty, anonymous file that only its holders can reach:
 * memory on Linux, an unlinked shared memory object elsewhere.  Close-on-exec.
 * Returns -1 with errno set on failure.
 */
int	compat_anonfd(void);

/* Number of processors online, at least 1. */
int	compat_ncpu(void);

/*
 * Have the kernel look whether the peer of an idle TCP connection is still
 * there: after 15 seconds, where that can be said for one socket.
 */
int	compat_keepalive(int fd);

/*
 * Whether this process waits for its turn (SCHED_BATCH) when it wakes up, where
 * it would interrupt another.  Returns -1 with errno set where that cannot be
 * said.
 */
int	compat_batch(int on);

/*
 * Have malloc(3) give memory at its end back to the system only when there are
 * so many bytes of it, where it would do so earlier (glibc: 128 kB).
 */
void	compat_malloc_keep(int bytes);

/* getenv(3), but NULL in a program with another user's rights. */
char	*compat_getenv(const char *);

#endif
