/* Test: log lines, what they hold and what nobody can put into them. */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "test.h"

static int	 reader;	/* a datagram is one write to stderr */
static int	 saved_stderr;

static void
capture_start(void)
{
	int	 fd[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fd) == -1 ||
	    (saved_stderr = dup(STDERR_FILENO)) == -1 ||
	    dup2(fd[1], STDERR_FILENO) == -1)
		abort();
	close(fd[1]);
	reader = fd[0];
}

/* The next write, NUL-terminated; its length, or -1 when there is none. */
static ssize_t
next_write(char *buf, size_t size)
{
	ssize_t	 n = recv(reader, buf, size - 1, MSG_DONTWAIT);

	buf[n < 0 ? 0 : n] = '\0';
	return (n);
}

/*
 * The text of the next line after "TIME keylessd[PID] PROCESS LEVEL: ", all
 * of which is checked; NULL when there is none.
 */
static const char *
next_text(const char *process, const char *level)
{
	static char	 buf[8192];
	char		 head[128];
	char		*p;
	ssize_t		 n;

	if ((n = next_write(buf, sizeof(buf))) <= 0)
		return (NULL);
	CHECK(buf[n - 1] == '\n');
	buf[n - 1] = '\0';
	CHECK(strchr(buf, '\n') == NULL);
	/* 2026-01-31T12:34:56+0000 */
	CHECK(isdigit((unsigned char)buf[0]) && buf[4] == '-' &&
	    buf[10] == 'T' && buf[13] == ':');
	if ((p = strchr(buf, ' ')) == NULL)
		return (NULL);
	snprintf(head, sizeof(head), " keylessd[%d] %s %s: ", (int)getpid(),
	    process, level);
	CHECK(strncmp(p, head, strlen(head)) == 0);
	return (p + strlen(head));
}

static void
test_levels(void)
{
	static const struct {
		void		(*log)(const char *, ...);
		enum log_level	 level;
		const char	*name;
		int		 with_errno;
	} functions[] = {
		{ log_debug, LOG_LEVEL_DEBUG, "debug", 0 },
		{ log_info, LOG_LEVEL_INFO, "info", 0 },
		{ log_warn, LOG_LEVEL_WARNING, "warning", 1 },
		{ log_warnx, LOG_LEVEL_WARNING, "warning", 0 },
		{ log_err, LOG_LEVEL_ERROR, "error", 1 },
		{ log_errx, LOG_LEVEL_ERROR, "error", 0 },
	};
	char		 buf[256];
	const char	*want;
	size_t		 i;
	int		 level;

	for (level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_FATAL; level++) {
		log_setlevel((enum log_level)level);
		CHECK(log_getlevel() == level);
		for (i = 0; i < nitems(functions); i++) {
			errno = ENOENT;
			functions[i].log("did %s n=%d", "it", 5);
			CHECK(errno == ENOENT);
			if (functions[i].level < (enum log_level)level) {
				CHECK(next_write(buf, sizeof(buf)) == -1);
				continue;
			}
			want = functions[i].with_errno ?
			    "did it n=5: No such file or directory" :
			    "did it n=5";
			CHECK_STR(next_text("parent", functions[i].name),
			    want);
			CHECK(next_write(buf, sizeof(buf)) == -1);
		}
	}
	log_setlevel(LOG_LEVEL_DEBUG);
}

/* A peer's text cannot end the line, nor move the cursor. */
static void
test_unprintable(void)
{
	char		 text[4], want[16];
	unsigned int	 c;

	log_info("peer=%s", "evil\nkeylessd[1] parent info: all is well");
	CHECK_STR(next_text("parent", "info"),
	    "peer=evil\\x0akeylessd[1] parent info: all is well");
	for (c = 1; c < 0x80; c++) {
		snprintf(text, sizeof(text), "%c.", (int)c);
		log_info("%s", text);
		if (c < 0x20 || c == 0x7f)
			snprintf(want, sizeof(want), "\\x%02x.", c);
		else
			snprintf(want, sizeof(want), "%c.", (int)c);
		CHECK_STR(next_text("parent", "info"), want);
	}
}

/* Too long a line is cut, and still one line. */
static void
test_long(void)
{
	static char	 text[5000];
	const char	*line;
	size_t		 n;

	for (n = 1900; n < 2200; n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		log_info("%s", text);
		line = next_text("parent", "info");
		CHECK(line != NULL && strlen(line) <= n &&
		    strlen(line) >= 1900 && strspn(line, "x") == strlen(line));
		/* With an error's text, the worst case for the buffer. */
		errno = ENOENT;
		log_warn("%s", text);
		line = next_text("parent", "warning");
		CHECK(line != NULL && strspn(line, "x") >= 1900);
	}
	memset(text, '\n', sizeof(text) - 1);
	log_info("%s", text);
	line = next_text("parent", "info");
	CHECK(line != NULL && strncmp(line, "\\x0a\\x0a", 8) == 0);
	CHECK(line != NULL && strlen(line) % 4 == 0);
}

static void
test_process_name(void)
{
	char	 name[200];

	log_init("signer/softhsm", LOG_TO_STDERR);
	log_info("hello");
	CHECK_STR(next_text("signer/softhsm", "info"), "hello");
	/* One that is too long is cut. */
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	log_init(name, LOG_TO_STDERR);
	log_info("hello");
	name[63] = '\0';
	CHECK_STR(next_text(name, "info"), "hello");
	log_init("parent", LOG_TO_STDERR);
}

/* Nothing goes to standard error unless that was asked for. */
static void
test_destination(void)
{
	char	 buf[256];

	log_init("parent", 0);
	log_errx("hello");
	CHECK(next_write(buf, sizeof(buf)) == -1);
	log_init("parent", LOG_TO_STDERR);
}

/* That a line could not be written is no one's errno. */
static void
test_errno(void)
{
	int	 fd;

	if ((fd = dup(STDERR_FILENO)) == -1)
		abort();
	close(STDERR_FILENO);
	errno = ENOENT;
	log_info("hello");
	CHECK(errno == ENOENT);
	if (dup2(fd, STDERR_FILENO) == -1)
		abort();
	close(fd);
}

/* fatal() and fatalx() log at any level and leave with status 1. */
static void
test_fatal(int with_errno)
{
	char	 buf[256];
	pid_t	 pid;
	int	 status = 0;

	if ((pid = fork()) == -1)
		abort();
	if (pid == 0) {
		log_setlevel(LOG_LEVEL_FATAL);
		errno = EACCES;
		if (with_errno)
			fatal("cannot go on fd=%d", 3);
		fatalx("cannot go on fd=%d", 3);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CHECK(next_write(buf, sizeof(buf)) > 0);
	CHECK(strstr(buf, with_errno ?
	    " parent fatal: cannot go on fd=3: Permission denied\n" :
	    " parent fatal: cannot go on fd=3\n") != NULL);
	CHECK(next_write(buf, sizeof(buf)) == -1);
}

int
main(void)
{
	capture_start();
	log_init("parent", LOG_TO_STDERR);
	test_levels();
	test_unprintable();
	test_long();
	test_process_name();
	test_destination();
	test_errno();
	test_fatal(0);
	test_fatal(1);
	dup2(saved_stderr, STDERR_FILENO);
	return (test_done());
}
