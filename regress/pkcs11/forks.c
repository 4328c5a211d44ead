/*
 * Test program: children that go on after a fork, while threads of the parent
 * sign, and the parent after that.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "edge.h"

#define FD_LAST	255

static volatile int	 stop;
static volatile int	 begun;		/* the thread has signed */

/*
 * The allocator of AddressSanitizer is locked for ever in a child, if another
 * thread was inside it at the fork: with it, and it alone, the thread waits
 * meanwhile.
 */
#if defined(__SANITIZE_ADDRESS__)
#define WAITS	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WAITS	1
#endif
#endif
#ifndef WAITS
#define WAITS	0
#endif

static pthread_mutex_t	 forking = PTHREAD_MUTEX_INITIALIZER;

static pid_t
fork_now(void)
{
	pid_t	 pid;

	if (!WAITS)
		return (fork());
	pthread_mutex_lock(&forking);
	pid = fork();
	pthread_mutex_unlock(&forking);
	return (pid);
}

static void
sign_beside(CK_SESSION_HANDLE s, unsigned int n)
{
	if (WAITS)
		pthread_mutex_lock(&forking);
	must("C_Sign beside forks", sign_once(s, &keys[0], n));
	if (WAITS)
		pthread_mutex_unlock(&forking);
}

/* How many sockets are open, and the sum of what identifies them. */
static int
sockets(unsigned long *sum)
{
	struct stat	 st;
	int		 fd, n = 0;

	for (*sum = 0, fd = 3; fd <= FD_LAST; fd++)
		if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode)) {
			n++;
			*sum += (unsigned long)st.st_ino;
		}
	return (n);
}

static void *
signer(void *arg)
{
	CK_SESSION_HANDLE	 s = open_session(keys[0].slot);
	unsigned int		 n;

	(void)arg;
	for (n = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); n++) {
		sign_beside(s, n);
		__atomic_store_n(&begun, 1, __ATOMIC_RELAXED);
	}
	must("C_CloseSession", f->C_CloseSession(s));
	return (NULL);
}

/* In a child: nothing is left of the parent's, and all begins anew. */
static void
child(CK_SESSION_HANDLE parents)
{
	CK_SESSION_INFO		 info;
	unsigned long		 sum;

	if (sockets(&sum) != 0)
		die("the child holds a connection of its parent");
	if (f->C_GetSessionInfo(parents, &info) !=
	    CKR_CRYPTOKI_NOT_INITIALIZED)
		die("the child is initialized");
	must("C_Initialize in the child", initialize());
	must("C_Sign in the child",
	    sign_once(open_session(keys[0].slot), &keys[0], 1));
	must("C_Finalize in the child", f->C_Finalize(NULL));
}

int
fork_main(int argc, char **argv)
{
	CK_SESSION_HANDLE	 s;
	pthread_t		 thread;
	unsigned long		 before, after;
	pid_t			 pid;
	int			 i, n, status;

	n = argc < 1 ? 1 : atoi(argv[0]);
	s = open_session(keys[0].slot);
	must("C_Sign", sign_once(s, &keys[0], 0));
	if (sockets(&before) == 0)
		die("no connection");
	if (pthread_create(&thread, NULL, signer, NULL) != 0)
		die("no thread");
	while (!__atomic_load_n(&begun, __ATOMIC_RELAXED))
		usleep(1000);
	for (i = 0; i < n; i++) {
		if ((pid = fork_now()) == -1)
			die("fork");
		if (pid == 0) {
			child(s);
			_exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || status != 0)
			die("child: status 0x%x", status);
		must("C_Sign after the child", sign_once(s, &keys[0], 2));
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	sockets(&after);
	if (before != after)
		die("a child has cost its parent the connection");
	must("C_Finalize", f->C_Finalize(NULL));
	printf("fork children=%d\n", n);
	return (0);
}
