/* In the host's process: what time it is; tests have another clock. */
#include <time.h>

#include "remote.h"

uint64_t
remote_now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}
