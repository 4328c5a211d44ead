/*
 * Memory for keys and PINs: not swapped out as far as RLIMIT_MEMLOCK allows,
 * in no core file, and not in the child of a fork(2).  A sandboxed process
 * makes it beforehand: locking is not among what it may do.
 */
#ifndef SECMEM_H
#define SECMEM_H

#include <stddef.h>

/* Zeroed memory, whole pages of its own.  Exits when there is none. */
void	*secmem_new(size_t size);

/* Wipe and give back.  NULL is fine. */
void	 secmem_free(void *, size_t size);

/* The same for memory that the caller has mapped, but for forks. */
void	 secmem_protect(void *, size_t size);

/*
 * Lock all that this process has and will have, after raising the limit if it
 * may.  With a limit that stays, nothing is locked but what secmem_new() did:
 * a process that reached it later would get no memory at all.
 */
void	 secmem_lock_process(void);

#endif
