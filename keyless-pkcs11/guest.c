/* In the host's process: descriptors, forks and manners. */
#include <sys/types.h>
#include <sys/socket.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "compat.h"
#include "guest.h"

/* What is open; locked while descriptors come and go, and during a fork. */
static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static int		*descriptors;
static size_t		 ndescriptors, size;

static void	(*host_lock)(void);
static void	(*host_unlock)(void);
static void	(*host_child)(void);

static void
before_fork(void)
{
	host_lock();
	pthread_mutex_lock(&lock);
}

static void
after_fork(void)
{
	pthread_mutex_unlock(&lock);
	host_unlock();
}

/*
 * Now, since the host may soon close descriptors and use their numbers for
 * others.  Closing a copy sends nothing.
 */
static void
in_child(void)
{
	while (ndescriptors > 0)
		close(descriptors[--ndescriptors]);
	pthread_mutex_unlock(&lock);
	host_child();
}

int
guest_atfork(void (*to_lock)(void), void (*to_unlock)(void),
    void (*child)(void))
{
	host_lock = to_lock;
	host_unlock = to_unlock;
	host_child = child;
	return (pthread_atfork(before_fork, after_fork, in_child));
}

/* Room for so many more; -1 with errno set. */
static int
reserve(size_t more)
{
	size_t	 want = size == 0 ? 16 : 2 * size;
	int	*p;

	if (size - ndescriptors >= more)
		return (0);
	if ((p = recallocarray(descriptors, size, want, sizeof(*p))) == NULL)
		return (-1);
	descriptors = p;
	size = want;
	return (0);
}

int
guest_socket(int family)
{
	int	 fd = -1;

	pthread_mutex_lock(&lock);
	if (reserve(1) == 0 && (fd = socket(family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) != -1)
		descriptors[ndescriptors++] = fd;
	pthread_mutex_unlock(&lock);
	return (fd);
}

int
guest_pipe(int fds[2])
{
	int	 status = -1;

	pthread_mutex_lock(&lock);
	if (reserve(2) == 0 &&
	    (status = pipe2(fds, O_NONBLOCK | O_CLOEXEC)) == 0) {
		descriptors[ndescriptors++] = fds[0];
		descriptors[ndescriptors++] = fds[1];
	}
	pthread_mutex_unlock(&lock);
	return (status);
}

void
guest_close(int fd)
{
	size_t	 i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < ndescriptors; i++)
		if (descriptors[i] == fd) {
			descriptors[i] = descriptors[--ndescriptors];
			close(fd);
			break;
		}
	pthread_mutex_unlock(&lock);
}

void
guest_enter(struct guest_visit *visit)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &visit->cancel_state);
	ERR_set_mark();
}

void
guest_leave(struct guest_visit *visit)
{
	ERR_pop_to_mark();
	pthread_setcancelstate(visit->cancel_state, NULL);
}

int
guest_too_late(void)
{
	return (OPENSSL_init_crypto(0, NULL) != 1);
}
