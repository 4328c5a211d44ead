/* Test program: threads that sign and verify at the same time. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge.h"

struct worker {
	pthread_t	 thread;
	unsigned int	 number;
	double		 end;
	unsigned long	 good;
	unsigned long	 failed;
	CK_RV		 last;
	double		 slowest;
};

static int	 stop;		/* atomic */

static void
on_signal(int sig)
{
	__atomic_store_n(&stop, sig, __ATOMIC_RELAXED);
}

/* Each with a session for each key, all keys and mechanisms in turn. */
static void *
work(void *arg)
{
	struct worker		*w = arg;
	CK_SESSION_HANDLE	 sessions[KEYS_MAX];
	const struct edge_key	*k;
	double			 begun, took;
	unsigned int		 n;
	size_t			 i;
	CK_RV			 rv;

	for (i = 0; i < nkeys; i++)
		sessions[i] = open_session(keys[i].slot);
	/* Once at least, however late it is. */
	for (n = w->number; n == w->number ||
	    (__atomic_load_n(&stop, __ATOMIC_RELAXED) == 0 &&
	    now_ms() < w->end); n++) {
		k = &keys[n % nkeys];
		begun = now_ms();
		rv = sign_once(sessions[n % nkeys], k, n / (unsigned)nkeys);
		took = now_ms() - begun;
		if (took > w->slowest)
			w->slowest = took;
		if (rv == CKR_OK)
			w->good++;
		else {
			w->failed++;
			w->last = rv;
		}
	}
	for (i = 0; i < nkeys; i++)
		must("C_CloseSession", f->C_CloseSession(sessions[i]));
	return (NULL);
}

int
load_main(int argc, char **argv)
{
	struct worker	*workers;
	unsigned long	 good = 0, failed = 0;
	double		 slowest = 0, begun = now_ms(), ms;
	CK_RV		 last = CKR_OK;
	int		 i, n;

	signal(SIGTERM, on_signal);	/* that is enough */
	if (argc < 2)
		die("load threads milliseconds [fail-ok]");
	n = atoi(argv[0]);
	ms = atof(argv[1]);
	if ((workers = calloc((size_t)n, sizeof(*workers))) == NULL)
		die("no memory");
	for (i = 0; i < n; i++) {
		workers[i].number = (unsigned int)i;
		workers[i].end = begun + ms;
		if (pthread_create(&workers[i].thread, NULL, work,
		    &workers[i]) != 0)
			die("no thread");
	}
	for (i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		good += workers[i].good;
		failed += workers[i].failed;
		if (workers[i].failed != 0)
			last = workers[i].last;
		if (workers[i].slowest > slowest)
			slowest = workers[i].slowest;
	}
	free(workers);
	must("C_Finalize", f->C_Finalize(NULL));
	printf("load signed=%lu failed=%lu last=0x%lx slowest=%.0fms "
	    "rate=%.0f/s\n", good, failed, last, slowest,
	    (double)good / ((now_ms() - begun) / 1e3));
	return (good == 0 || (failed != 0 && argc < 3));
}
