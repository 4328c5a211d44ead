/* Test of keylessd/sources.c: what one source is. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "../../keylessd/frontend.h"
#include "../../keylessd/sources.h"
#include "test.h"

struct msg_front_conf	 fe_conf;

static struct shared	 counts;
struct shared		*fe_shared = &counts;

uint64_t
frontend_now(void)
{
	return (1000);
}

/* A connection from there, or NULL when it is one too many. */
static struct source *
from(const char *text)
{
	struct sockaddr_in	 v4;
	struct sockaddr_in6	 v6;
	const char		*reason = NULL;
	struct source		*s;

	memset(&v4, 0, sizeof(v4));
	memset(&v6, 0, sizeof(v6));
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		v4.sin_family = AF_INET;
		s = source_admit((struct sockaddr *)&v4, &reason);
	} else {
		CHECK(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
		v6.sin6_family = AF_INET6;
		s = source_admit((struct sockaddr *)&v6, &reason);
	}
	CHECK((s == NULL) == (reason != NULL));
	return (s);
}

int
main(void)
{
	struct source	*s;

	fe_conf.max_connections_per_source = 1;

	/* An IPv4 address, and the first half of an IPv6 one. */
	CHECK(from("192.0.2.1") != NULL && from("192.0.2.1") == NULL);
	CHECK(from("192.0.2.2") != NULL);
	CHECK((s = from("2001:db8::1")) != NULL);
	CHECK(from("2001:db8::2") == NULL);
	CHECK(from("2001:db8:0:1::1") != NULL);
	source_release(s);
	CHECK(from("2001:db8::2") != NULL);

	/* An IPv4 address as a socket for IPv6 shows it is the same one. */
	CHECK(from("::ffff:192.0.2.2") == NULL);
	CHECK(from("::ffff:192.0.2.3") != NULL);
	CHECK(from("::ffff:192.0.2.4") != NULL && from("192.0.2.4") == NULL);
	CHECK(counts.counts.figures.limits[LIMIT_CONNECTIONS_PER_SOURCE] == 4);
	return (test_done());
}
