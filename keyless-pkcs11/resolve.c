/*
 * In the host's process: looks up the names of key servers, each in a thread
 * that ends with the lookup, since getaddrinfo(3) takes the time it likes.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "remote.h"

/* Owned by the server and by the thread: the last one to leave frees it. */
struct resolve {
	pthread_mutex_t	 lock;
	int		 abandoned;	/* by the server */
	int		 done;
	int		 error;		/* of getaddrinfo */
	struct addrinfo	*found;
	int		 wake;		/* valid until abandoned */
	char		 host[256];
	char		 port[8];
};

static int
look_up(const char *host, const char *port, int flags,
    struct addrinfo **found)
{
	struct addrinfo	 hints;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV | flags;
	return (getaddrinfo(host, port, &hints, found));
}

static void
destroy(struct resolve *r)
{
	if (r->found != NULL)
		freeaddrinfo(r->found);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void *
resolver(void *arg)
{
	struct resolve	*r = arg;
	struct addrinfo	*found = NULL;
	int		 error, abandoned;

	error = look_up(r->host, r->port, 0, &found);
	pthread_mutex_lock(&r->lock);
	r->error = error;
	r->found = error == 0 ? found : NULL;
	r->done = 1;
	abandoned = r->abandoned;
	/* A pipe that is full wakes its reader, too. */
	if (!abandoned && write(r->wake, "", 1) == -1)
		abandoned = 0;
	pthread_mutex_unlock(&r->lock);
	if (abandoned)
		destroy(r);
	return (NULL);
}

/* None of the host's signals is handled in a thread of ours. */
static int
start_thread(struct resolve *r)
{
	pthread_attr_t	 attr;
	pthread_t	 thread;
	sigset_t	 all, saved;
	int		 error;

	if (pthread_attr_init(&attr) != 0)
		return (-1);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved);
	error = pthread_create(&thread, &attr, resolver, r);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	pthread_attr_destroy(&attr);
	return (error == 0 ? 0 : -1);
}

struct resolve *
resolve_start(const struct conf_server *conf, int wake)
{
	struct resolve	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	pthread_mutex_init(&r->lock, NULL);
	strlcpy(r->host, conf->host, sizeof(r->host));
	strlcpy(r->port, conf->port, sizeof(r->port));
	r->wake = wake;
	if (conf->numeric) {
		r->done = 1;
		r->error = look_up(r->host, r->port, AI_NUMERICHOST,
		    &r->found);
		if (r->error != 0)
			r->found = NULL;
	} else if (start_thread(r) == -1) {
		destroy(r);
		return (NULL);
	}
	return (r);
}

int
resolve_done(struct resolve *r, struct addrinfo **found, const char **why)
{
	int	 done;

	pthread_mutex_lock(&r->lock);
	if ((done = r->done)) {
		*found = r->found;
		r->found = NULL;
		*why = r->error == 0 ? NULL : gai_strerror(r->error);
	}
	pthread_mutex_unlock(&r->lock);
	return (done ? 0 : -1);
}

void
resolve_free(struct resolve *r)
{
	int	 done;

	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->abandoned = 1;
	done = r->done;
	pthread_mutex_unlock(&r->lock);
	if (done)
		destroy(r);
}
