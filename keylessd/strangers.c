/* Frontend: log lines about who connects and is no client, few of them. */
#include <string.h>

#include "compat.h"
#include "frontend.h"
#include "log.h"
#include "strangers.h"

static unsigned long long	 count;		/* since the last line */
static uint64_t			 reported;	/* ms; 0: never */
static char			 last_peer[NETADDR_SIZE];
static char			 last_reason[256];

void
strangers_report(void)
{
	if (count == 0)
		return;
	log_info("connections without a client certificate count=%llu "
	    "peer=%s reason=\"%s\"", count, last_peer, last_reason);
	count = 0;
	reported = frontend_now();
}

void
stranger_left(const char *peer, const char *reason)
{
	log_debug("handshake failed peer=%s reason=\"%s\"", peer, reason);
	strlcpy(last_peer, peer, sizeof(last_peer));
	strlcpy(last_reason, reason, sizeof(last_reason));
	count++;
	if (reported == 0 || frontend_now() - reported >= STRANGERS_EVERY)
		strangers_report();
}
