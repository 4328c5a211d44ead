/* Fuzzer: an address as text is the same address when it is read again. */
#include <sys/types.h>
#include <sys/socket.h>

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "fuzz.h"
#include "netaddr.h"

/* Cut "host:port" or "[host]:port" in two. */
static char *
cut(char *text, char **port)
{
	char	*end;

	REQUIRE((end = strrchr(text, ':')) != NULL);
	*end = '\0';
	*port = end + 1;
	if (*text != '[')
		return (text);
	REQUIRE(end[-1] == ']');
	end[-1] = '\0';
	return (text + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockaddr_storage	 ss;
	struct sockaddr_in6	*sin6 = (struct sockaddr_in6 *)&ss, *again;
	struct addrinfo		 hints, *ai;
	char			 text[NETADDR_SIZE], *host, *port;
	socklen_t		 len;

	memset(&ss, 0, sizeof(ss));
	memcpy(&ss, data, size < sizeof(ss) ? size : sizeof(ss));
	if (size > 0)
		ss.ss_family = data[0] & 1 ? AF_INET : data[0] & 2 ? AF_INET6 :
		    ss.ss_family;
	len = ss.ss_family == AF_INET ? sizeof(struct sockaddr_in) :
	    sizeof(struct sockaddr_in6);
	sin6->sin6_scope_id = 0;
	netaddr_text((struct sockaddr *)&ss, len, text);
	REQUIRE(memchr(text, '\0', sizeof(text)) != NULL);
	if (ss.ss_family != AF_INET && ss.ss_family != AF_INET6) {
		REQUIRE(strcmp(text, "?") == 0 || ss.ss_family == AF_UNIX);
		return (0);
	}
	memset(&hints, 0, sizeof(hints));
	hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	hints.ai_socktype = SOCK_STREAM;
	host = cut(text, &port);
	REQUIRE(getaddrinfo(host, port, &hints, &ai) == 0);
	REQUIRE(ai->ai_family == ss.ss_family);
	again = (struct sockaddr_in6 *)ai->ai_addr;
	if (ss.ss_family == AF_INET)
		REQUIRE(memcmp(ai->ai_addr, &ss, 8) == 0);
	else {
		REQUIRE(again->sin6_port == sin6->sin6_port);
		REQUIRE(memcmp(&again->sin6_addr, &sin6->sin6_addr, 16) == 0);
	}
	freeaddrinfo(ai);
	return (0);
}
