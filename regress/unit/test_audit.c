/* Test: audit lines never wait, are whole, and those left out are counted. */
#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../keylessd/auditsink.h"
#include "../../keylessd/reqid.h"
#include "test.h"

static struct auditsink	 sink = { .fd = -1 };

static size_t
head(char *text, size_t size)
{
	return ((size_t)snprintf(text, size, "<86>"));
}

/* Add lines "N" until one is left out; how many were taken. */
static unsigned int
fill(void)
{
	char		 line[16];
	unsigned int	 n;

	for (n = 0;; n++) {
		snprintf(line, sizeof(line), "%u", n);
		if (auditsink_add(&sink, line) == -1)
			return (n);
		(void)auditsink_flush(&sink);
	}
}

/* Read all that is there: lines, each of them whole. */
static unsigned int
drain(int fd, char *last, size_t size)
{
	static char	 buf[65536];
	static char	 line[2048];	/* its beginning, from the last call */
	static size_t	 used;
	unsigned int	 lines = 0;
	ssize_t		 i, n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++) {
			if (buf[i] != '\n') {
				CHECK(used < sizeof(line) - 1);
				line[used++] = buf[i];
				continue;
			}
			line[used] = '\0';
			snprintf(last, size, "%.200s", line);
			used = 0;
			lines++;
		}
	CHECK(used == 0 || sink.used != 0);
	return (lines);
}

/* A pipe that nobody reads, then somebody, then nobody ever. */
static void
test_pipe(void)
{
	char		 last[256] = "";
	unsigned int	 taken, got;
	int		 fds[2];

	CHECK(pipe(fds) == 0);
	CHECK(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
	auditsink_open(&sink, fds[1], NULL);
	taken = fill();
	CHECK(taken > 1000);
	CHECK(auditsink_add(&sink, "too much") == -1);
	CHECK(sink.lost_total == 2);
	got = drain(fds[0], last, sizeof(last));
	while (auditsink_flush(&sink) || sink.used != 0)
		got += drain(fds[0], last, sizeof(last));
	got += drain(fds[0], last, sizeof(last));
	CHECK(got == taken);
	CHECK(auditsink_add(&sink, "after") == 0);
	CHECK(!auditsink_flush(&sink));
	CHECK(drain(fds[0], last, sizeof(last)) == 2);
	CHECK_STR(last, "after");
	CHECK(sink.lost == 0);
	close(fds[0]);
	CHECK(auditsink_add(&sink, "to nobody") == 0);
	CHECK(!auditsink_flush(&sink));
	CHECK(sink.lost_total == 3);
	auditsink_close(&sink);
	CHECK(sink.lost == 1);
	sink.lost = 0;
}

/* A datagram a line, none of them too much for who reads slowly. */
static void
test_datagrams(void)
{
	char		 text[256];
	unsigned int	 n, taken;
	ssize_t		 len;
	int		 sv[2];

	CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv) == 0);
	auditsink_open(&sink, sv[0], head);
	taken = fill();
	for (n = 0; n < taken; n++) {
		len = recv(sv[1], text, sizeof(text) - 1, MSG_DONTWAIT);
		if (len == -1) {
			(void)auditsink_flush(&sink);
			len = recv(sv[1], text, sizeof(text) - 1,
			    MSG_DONTWAIT);
		}
		if (len <= 0)
			break;
		text[len] = '\0';
		CHECK(strncmp(text, "<86>", 4) == 0);
		CHECK((unsigned int)atoi(text + 4) == n);
	}
	CHECK(n == taken);
	close(sv[1]);
	auditsink_close(&sink);
	sink.lost = 0;
}

/* A disk that is full for some time: the file has whole lines only. */
static void
test_full(void)
{
	int	 fd;

	if ((fd = open("/dev/full", O_WRONLY)) == -1)
		return;			/* there is none on this system */
	auditsink_open(&sink, fd, NULL);
	sink.is_file = 1;
	CHECK(auditsink_add(&sink, "waits") == 0);
	CHECK(auditsink_flush(&sink));
	CHECK(sink.used == strlen("waits") + 1 && sink.error != 0);
	auditsink_close(&sink);
}

static const char *
take(const char *context)
{
	static char		 id[REQID_SIZE];
	struct wire_bytes	 bytes;

	bytes.data = (const uint8_t *)context;
	bytes.length = context == NULL ? 0 : strlen(context);
	reqid_take(id, &bytes);
	return (reqid_clean(id));
}

static void
test_request_id(void)
{
	char	 text[200];

	CHECK_STR(take(NULL), "-");
	CHECK_STR(take(""), "-");
	CHECK_STR(take("{}"), "-");
	CHECK_STR(take("{\"request_id\":\"abc-1\"}"), "abc-1");
	CHECK_STR(take("{\"a\":1, \"request_id\" :\n \"7f\" , \"b\":2}"), "7f");
	CHECK_STR(take("{\"request_id\":\"\"}"), "-");
	CHECK_STR(take("{\"request_id\":7}"), "-");
	CHECK_STR(take("{\"request_id\""), "-");
	CHECK_STR(take("\"request_id\":\"x\""), "x");
	CHECK_STR(take("{\"request_id\":"), "-");
	CHECK_STR(take("{\"request_id\""), "-");
	CHECK_STR(take("{\"request_id\":\"never ends"), "-");
	CHECK_STR(take("{\"request_id\":\"a b=c\\n\x01\xff\"}"), "a_b_c_n__");
	snprintf(text, sizeof(text), "{\"request_id\":\"%0100d\"}", 0);
	CHECK(strlen(take(text)) == REQID_SIZE - 1);
}

int
main(void)
{
	test_pipe();
	test_datagrams();
	test_full();
	test_request_id();
	return (test_done());
}
