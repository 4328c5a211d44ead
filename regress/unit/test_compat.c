/* Test: what this system's libc lacks. */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "test.h"

static void
test_strlcpy(void)
{
	char	 buf[8];

	memset(buf, 'x', sizeof(buf));
	CHECK(strlcpy(buf, "abc", sizeof(buf)) == 3);
	CHECK_STR(buf, "abc");
	CHECK(buf[4] == 'x');
	CHECK(strlcpy(buf, "abcdefg", sizeof(buf)) == 7);
	CHECK_STR(buf, "abcdefg");
	CHECK(strlcpy(buf, "abcdefgh", sizeof(buf)) == 8);
	CHECK_STR(buf, "abcdefg");
	CHECK(strlcpy(buf, "", sizeof(buf)) == 0);
	CHECK_STR(buf, "");
	CHECK(strlcpy(buf, "zz", 1) == 2);
	CHECK_STR(buf, "");
	buf[0] = 'q';
	CHECK(strlcpy(buf, "zz", 0) == 2);
	CHECK(buf[0] == 'q');
}

static void
test_strlcat(void)
{
	char	 buf[8] = "";

	CHECK(strlcat(buf, "abc", sizeof(buf)) == 3);
	CHECK(strlcat(buf, "def", sizeof(buf)) == 6);
	CHECK_STR(buf, "abcdef");
	CHECK(strlcat(buf, "gh", sizeof(buf)) == 8);
	CHECK_STR(buf, "abcdefg");
	CHECK(strlcat(buf, "", sizeof(buf)) == 7);
	/* No NUL within size: nothing is written. */
	CHECK(strlcat(buf, "xy", 4) == 6);
	CHECK_STR(buf, "abcdefg");
	CHECK(strlcat(buf, "xy", 0) == 2);
}

static void
test_strtonum(void)
{
	static const struct {
		const char	*text;
		long long	 min, max, value;
		const char	*error;
	} cases[] = {
		{ "0", 0, 10, 0, NULL },
		{ "10", 0, 10, 10, NULL },
		{ "11", 0, 10, 0, "too large" },
		{ "-1", 0, 10, 0, "too small" },
		{ "-5", -10, 10, -5, NULL },
		{ "", 0, 10, 0, "invalid" },
		{ "x", 0, 10, 0, "invalid" },
		{ "1x", 0, 10, 0, "invalid" },
		{ "1 ", 0, 10, 0, "invalid" },
		{ "0x1", 0, 10, 0, "invalid" },
		{ "9223372036854775807", 0, LLONG_MAX, LLONG_MAX, NULL },
		{ "9223372036854775808", 0, LLONG_MAX, 0, "too large" },
		{ "-9223372036854775808", LLONG_MIN, 0, LLONG_MIN, NULL },
		{ "-9223372036854775809", LLONG_MIN, 0, 0, "too small" },
	};
	const char	*error;
	long long	 value;
	size_t		 i;

	for (i = 0; i < nitems(cases); i++) {
		value = strtonum(cases[i].text, cases[i].min, cases[i].max,
		    &error);
		CHECK(value == cases[i].value);
		if (cases[i].error == NULL)
			CHECK(error == NULL);
		else
			CHECK_STR(error, cases[i].error);
	}
}

static void
test_recallocarray(void)
{
	uint32_t	*p, *q;
	size_t		 i, zero = 0;

	p = recallocarray(NULL, 0, 10, sizeof(*p));
	CHECK(p != NULL);
	if (p == NULL)
		return;
	for (i = 0; i < 10; i++) {
		CHECK(p[i] == 0);
		p[i] = (uint32_t)i + 1;
	}
	p = recallocarray(p, 10, 1000, sizeof(*p));
	CHECK(p != NULL);
	if (p == NULL)
		return;
	for (i = 0; i < 1000; i++)
		CHECK(p[i] == (i < 10 ? i + 1 : 0));
	p = recallocarray(p, 1000, 4, sizeof(*p));
	CHECK(p != NULL && p[3] == 4);
	/* Too much: an error, and the old memory stays. */
	errno = 0;
	q = recallocarray(p, 4, SIZE_MAX / 2 + zero, sizeof(*p));
	CHECK(q == NULL && errno == ENOMEM && p[3] == 4);
	errno = 0;
	q = recallocarray(p, SIZE_MAX / 2 + zero, 4, sizeof(*p));
	CHECK(q == NULL && errno != 0 && p[3] == 4);
	freezero(p, 4 * sizeof(*p));
	freezero(NULL, 10);
}

static void
test_getpeereid(void)
{
	uid_t	 uid = (uid_t)-1;
	gid_t	 gid = (gid_t)-1;
	int	 fd[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	CHECK(getpeereid(fd[0], &uid, &gid) == 0);
	CHECK(uid == geteuid() && gid == getegid());
	close(fd[0]);
	close(fd[1]);
	CHECK(getpeereid(fd[0], &uid, &gid) == -1);
}

/* An empty file that no path leads to and no exec inherits. */
static void
test_anonfd(void)
{
	struct stat	 st;
	char		 buf[8];
	int		 a = compat_anonfd(), b = compat_anonfd();

	CHECK(a != -1 && b != -1 && a != b);
	CHECK(fstat(a, &st) == 0 && st.st_size == 0);
	CHECK((fcntl(a, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK(write(a, "secret", 6) == 6);
	CHECK(pread(a, buf, sizeof(buf), 0) == 6);
	CHECK(memcmp(buf, "secret", 6) == 0);
	CHECK(fstat(b, &st) == 0 && st.st_size == 0);
	close(a);
	close(b);
}

struct element {
	TAILQ_ENTRY(element)	 entry;
};
TAILQ_HEAD(elements, element);

static void
test_queue(void)
{
	struct element	*e, *next;
	struct elements	 all = TAILQ_HEAD_INITIALIZER(all);
	int		 i, n = 0;

	for (i = 0; i < 3; i++) {
		if ((e = calloc(1, sizeof(*e))) == NULL)
			abort();
		TAILQ_INSERT_TAIL(&all, e, entry);
	}
	TAILQ_FOREACH_SAFE(e, &all, entry, next) {
		TAILQ_REMOVE(&all, e, entry);
		free(e);
		n++;
	}
	CHECK(n == 3 && TAILQ_EMPTY(&all));
}

int
main(void)
{
	int	 five[5];

	test_strlcpy();
	test_strlcat();
	test_strtonum();
	test_recallocarray();
	test_getpeereid();
	test_anonfd();
	test_queue();
	CHECK(nitems(five) == 5);
	CHECK(compat_ncpu() >= 1);
	return (test_done());
}
