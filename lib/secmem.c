/* Any process: memory for secrets. */
#include <sys/mman.h>
#include <sys/resource.h>

#include <errno.h>
#include <string.h>

#include "compat.h"
#include "log.h"
#include "secmem.h"

/* What a system does not have changes nothing there. */
#ifndef MAP_CONCEAL
#define MAP_CONCEAL	0
#endif
#ifndef MCL_ONFAULT
#define MCL_ONFAULT	0
#endif

void
secmem_protect(void *p, size_t size)
{
	if (mlock(p, size) == -1)
		log_debug("memory for secrets not locked bytes=%zu: %s", size,
		    strerror(errno));
#ifdef MADV_DONTDUMP
	if (madvise(p, size, MADV_DONTDUMP) == -1)
		log_debug("madvise MADV_DONTDUMP: %s", strerror(errno));
#endif
}

void *
secmem_new(size_t size)
{
	void	*p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_CONCEAL, -1, 0);
	if (p == MAP_FAILED)
		fatal("mmap bytes=%zu", size);
	secmem_protect(p, size);
#ifdef MADV_WIPEONFORK
	if (madvise(p, size, MADV_WIPEONFORK) == -1)
		log_debug("madvise MADV_WIPEONFORK: %s", strerror(errno));
#endif
	return (p);
}

void
secmem_free(void *p, size_t size)
{
	if (p == NULL)
		return;
	explicit_bzero(p, size);
	munmap(p, size);
}

void
secmem_lock_process(void)
{
	struct rlimit	 rl = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &rl) == -1 &&
	    (getrlimit(RLIMIT_MEMLOCK, &rl) == -1 ||
	    rl.rlim_cur != RLIM_INFINITY))
		return;
	/* Pages that nobody touches need not come in. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == -1)
		log_debug("mlockall: %s", strerror(errno));
}
