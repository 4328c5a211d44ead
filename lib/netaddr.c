/* Parent and frontend: socket addresses as text. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "netaddr.h"

void
netaddr_text(const struct sockaddr *sa, socklen_t len, char *text)
{
	char	 host[54], port[6];

	if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		strlcpy(text, "?", NETADDR_SIZE);
	else if (sa->sa_family == AF_INET6)
		snprintf(text, NETADDR_SIZE, "[%s]:%s", host, port);
	else
		snprintf(text, NETADDR_SIZE, "%s:%s", host, port);
}
