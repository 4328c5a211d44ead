/* Signer of a store: ends when its parent is gone, even if its module hangs. */
#include <sys/time.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "sandbox.h"
#include "signer.h"

#define STACK	(64 * 1024)	/* bytes: two system calls */
#define GRACE	700		/* ms for what must not be cut off */

static int	 parent_fd;
static int	 by_system;	/* no thread: it sends a signal */
static volatile sig_atomic_t told;	/* in orphan_hold() */

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
	memset(&pfd, 0, sizeof(pfd));
	pfd.fd = parent_fd;
	while (poll(&pfd, 1, -1) == -1 && errno == EINTR)
		;
	nanosleep(&grace, NULL);
	_exit(1);
}

static void
start_watch(int fd)
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

/*
 * Rather no thread: where there are two, system calls count the users of each
 * descriptor and malloc(3) takes locks, by which a signature of SoftHSM was
 * 1.6 % slower.  But the signal in its place comes from the parent, as it ends,
 * and only if it may send it.
 */
void
orphan_watch(int fd, int no_kill)
{
	struct pollfd	 pfd;

	if (no_kill || sandbox_end_with_parent(SIGKILL) == -1) {
		start_watch(fd);
		return;
	}
	by_system = 1;
	/* It may have ended already. */
	memset(&pfd, 0, sizeof(pfd));
	pfd.fd = fd;
	if (poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP))
		_exit(1);
}

static void
parent_ended(int signo)
{
	const struct itimerval	 grace = { { 0, 0 }, { 0, GRACE * 1000 } };

	(void)signo;
	if (told)
		_exit(1);
	told = 1;
	setitimer(ITIMER_REAL, &grace, NULL);
}

void
orphan_hold(void)
{
	sigset_t	 set;

	if (!by_system)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	signal(SIGALRM, parent_ended);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)sandbox_end_with_parent(SIGALRM);
}

void
orphan_release(void)
{
	if (!by_system)
		return;
	(void)sandbox_end_with_parent(SIGKILL);
	if (told)
		_exit(1);
}
