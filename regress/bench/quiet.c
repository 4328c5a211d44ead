/*
 * How quiet the machine is: the same work on every processor at once, with
 * memory that the nearest cache does not hold.  Prints the microseconds of
 * processor time that the slowest took.  They are more than usual when
 * something that cannot be seen from here wants the same processor: another
 * virtual machine, or the same core's other thread.
 */
#include <sys/wait.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"

#define STEPS	2000000
#define WORDS	32768		/* 256 kB */
#define MAXCPU	1024

/* Microseconds for the work: a random walk. */
static uint64_t
work(void)
{
	static uint64_t	 words[WORDS];
	struct timespec	 ts;
	uint64_t	 x = 1;
	int		 i;

	for (i = 0; i < STEPS; i++) {
		x = x * 6364136223846793005 + 1442695040888963407;
		words[x >> 49] += x;
		x ^= words[x >> 30 & (WORDS - 1)];
	}
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == -1)
		err(1, "clock_gettime");
	/* So that nothing of it can be left out. */
	if (x == 0)
		errx(1, "the walk is over");
	return ((uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

int
main(void)
{
	uint64_t	 us, most = 0;
	int		 fd[2], i, n = compat_ncpu(), status;

	if (n > MAXCPU)
		n = MAXCPU;
	if (pipe(fd) == -1)
		err(1, "pipe");
	for (i = 0; i < n; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			us = work();
			_exit(write(fd[1], &us, sizeof(us)) != sizeof(us));
		}
	}
	for (i = 0; i < n; i++) {
		if (wait(&status) == -1 || status != 0 ||
		    read(fd[0], &us, sizeof(us)) != sizeof(us))
			errx(1, "a process failed");
		if (us > most)
			most = us;
	}
	printf("%llu\n", (unsigned long long)most);
	return (0);
}
