/* Signer of a token: ends when its parent is gone, even if its module hangs. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "signer.h"

#define STACK	(64 * 1024)	/* bytes: two system calls */
#define GRACE	700		/* ms to leave the token properly */

static int	 parent_fd;

/*
 * Linux: a table of descriptors of its own, with the parent's end and nothing
 * after it.  While threads share one, each system call with a descriptor counts
 * its users, which made a signature of SoftHSM 1.4 % slower.
 */
static void
unshare_descriptors(void)
{
#ifdef CLOSE_RANGE_UNSHARE
	(void)close_range((unsigned int)parent_fd + 1, UINT_MAX,
	    CLOSE_RANGE_UNSHARE);
#endif
}

/*
 * The main thread reads the end of the channel too, and leaves by itself; but
 * not while it is inside the module.  _exit() ends all threads.
 */
static void *
watch(void *arg)
{
	const struct timespec	 grace = { 0, GRACE * 1000000 };
	struct pollfd		 pfd;

	(void)arg;
	unshare_descriptors();
	memset(&pfd, 0, sizeof(pfd));
	pfd.fd = parent_fd;
	while (poll(&pfd, 1, -1) == -1 && errno == EINTR)
		;
	nanosleep(&grace, NULL);
	_exit(1);
}

void
orphan_watch(int fd)
{
	pthread_attr_t	 attr;
	pthread_t	 thread;
	sigset_t	 all, old;
	int		 error;

	parent_fd = fd;
	/* Signals are the main thread's. */
	sigfillset(&all);
	if ((error = pthread_sigmask(SIG_SETMASK, &all, &old)) != 0 ||
	    (error = pthread_attr_init(&attr)) != 0 ||
	    (error = pthread_attr_setstacksize(&attr, STACK)) != 0 ||
	    (error = pthread_attr_setdetachstate(&attr,
	    PTHREAD_CREATE_DETACHED)) != 0 ||
	    (error = pthread_create(&thread, &attr, watch, NULL)) != 0 ||
	    (error = pthread_sigmask(SIG_SETMASK, &old, NULL)) != 0)
		fatalx("cannot watch the parent: %s", strerror(error));
	pthread_attr_destroy(&attr);
}
