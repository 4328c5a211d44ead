/* Test: framed messages over a local socket, and their descriptors. */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "ipc.h"
#include "test.h"

#define HEADER_SIZE	12	/* type, peer: 4 each; length, flags: 2 each */
#define MANY		5

struct pair {
	struct ipc	*a;
	struct ipc	*b;
};

static uint8_t	 pattern[IPC_DATA_MAX + 1];

/* How many descriptors this process has open. */
static int
count_fds(void)
{
	int	 fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			n++;
	return (n);
}

static void
open_pair(struct pair *p, int flags)
{
	int	 fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1)
		abort();
	p->a = ipc_new(fd[0], flags);
	p->b = ipc_new(fd[1], flags);
	if (p->a == NULL || p->b == NULL)
		abort();
}

static void
close_pair(struct pair *p)
{
	ipc_free(p->a);
	ipc_free(p->b);
}

/* A descriptor of a file that holds one number. */
static int
numbered_fd(int number)
{
	int	 fd = compat_anonfd();

	if (fd == -1 || write(fd, &number, sizeof(number)) != sizeof(number))
		abort();
	return (fd);
}

static int
fd_number(int fd)
{
	int	 number = -1;

	if (fd == -1 || pread(fd, &number, sizeof(number), 0) !=
	    sizeof(number))
		return (-1);
	return (number);
}

static void
test_one(void)
{
	struct ipc_msg	 m;
	struct pair	 p;
	uint32_t	 value = 0xfeedface, got = 0;

	open_pair(&p, 0);
	CHECK(ipc_queued(p.a) == 0);
	CHECK(ipc_send(p.a, 42, 7, -1, &value, sizeof(value)) == 0);
	CHECK(ipc_queued(p.a) == HEADER_SIZE + sizeof(value));
	CHECK(ipc_flush(p.a) == 0);
	CHECK(ipc_queued(p.a) == 0);
	CHECK(ipc_next(p.b, &m) == 0);
	CHECK(ipc_read(p.b) == 1);
	CHECK(ipc_next(p.b, &m) == 1);
	CHECK(m.type == 42 && m.peer == 7 && m.fd == -1);
	CHECK(m.length == sizeof(value));
	/* Another size than the message has is refused. */
	CHECK(ipc_get(&m, &got, sizeof(got) - 1) == -1);
	CHECK(ipc_get(&m, &got, sizeof(got) + 1) == -1);
	CHECK(ipc_get(&m, &got, 0) == -1 && got == 0);
	CHECK(ipc_get(&m, &got, sizeof(got)) == 0 && got == value);
	CHECK(ipc_next(p.b, &m) == 0);
	close_pair(&p);
}

static void
test_sizes(void)
{
	static const size_t	 sizes[] = {
		0, 1, 2, 11, 12, 13, 4096, IPC_DATA_MAX - 1, IPC_DATA_MAX
	};
	struct ipc_msg		 m;
	struct pair		 p;
	size_t			 i;

	open_pair(&p, 0);
	for (i = 0; i < nitems(sizes); i++) {
		CHECK(ipc_send(p.a, (uint32_t)i, 0, -1, pattern, sizes[i]) ==
		    0);
		CHECK(ipc_flush(p.a) == 0);
		CHECK(ipc_wait(p.b, &m) == 1);
		CHECK(m.type == i && m.length == sizes[i]);
		CHECK(memcmp(m.data, pattern, sizes[i]) == 0);
	}
	CHECK(ipc_send(p.a, 1, 0, -1, pattern, IPC_DATA_MAX + 1) == -1);
	CHECK(errno == EINVAL && ipc_queued(p.a) == 0);
	close_pair(&p);
}

/* Many at once (few enough for the socket), all out of a few reads. */
static void
test_coalesced(void)
{
	struct ipc_msg	 m;
	struct pair	 p;
	uint32_t	 i, got = 0;

	open_pair(&p, 0);
	for (i = 0; i < 100; i++)
		CHECK(ipc_send(p.a, i, ~i, -1, pattern, i % 40) == 0);
	CHECK(ipc_flush(p.a) == 0);
	while (got < 100 && ipc_read(p.b) == 1) {
		for (; ipc_next(p.b, &m) == 1; got++) {
			CHECK(m.type == got && m.peer == ~got);
			CHECK(m.length == got % 40);
			CHECK(memcmp(m.data, pattern, m.length) == 0);
		}
	}
	CHECK(got == 100);
	close_pair(&p);
}

/* Bytes as they are on the socket of one message. */
static size_t
capture(uint8_t *bytes, size_t size, size_t length)
{
	struct ipc	*ipc;
	ssize_t		 n;
	int		 fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1 ||
	    (ipc = ipc_new(fd[0], 0)) == NULL)
		abort();
	CHECK(ipc_send(ipc, 9, 8, -1, pattern, length) == 0);
	CHECK(ipc_flush(ipc) == 0);
	n = read(fd[1], bytes, size);
	CHECK(n == (ssize_t)(HEADER_SIZE + length));
	ipc_free(ipc);
	close(fd[1]);
	return (n < 0 ? 0 : (size_t)n);
}

static void
test_byte_by_byte(void)
{
	struct ipc_msg	 m;
	struct ipc	*ipc;
	uint8_t		 bytes[256];
	size_t		 i, n;
	int		 fd[2];

	n = capture(bytes, sizeof(bytes), 100);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1 ||
	    (ipc = ipc_new(fd[1], 0)) == NULL)
		abort();
	for (i = 0; i < n; i++) {
		CHECK(ipc_next(ipc, &m) == 0);
		CHECK(write(fd[0], bytes + i, 1) == 1);
		CHECK(ipc_read(ipc) == 1);
	}
	CHECK(ipc_next(ipc, &m) == 1);
	CHECK(m.type == 9 && m.peer == 8 && m.length == 100);
	CHECK(memcmp(m.data, pattern, 100) == 0);
	/* The end in the middle of a message. */
	CHECK(write(fd[0], bytes, n - 1) == (ssize_t)(n - 1));
	close(fd[0]);
	CHECK(ipc_wait(ipc, &m) == 0);
	CHECK(ipc_next(ipc, &m) == 0);
	ipc_free(ipc);
}

/* Feed bytes to a channel: what does ipc_next() say? */
static int
feed(const uint8_t *bytes, size_t n, int flags)
{
	struct ipc_msg	 m;
	struct ipc	*ipc;
	int		 fd[2], status;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1 ||
	    (ipc = ipc_new(fd[1], flags)) == NULL)
		abort();
	CHECK(write(fd[0], bytes, n) == (ssize_t)n);
	CHECK(ipc_read(ipc) == 1);
	errno = 0;
	status = ipc_next(ipc, &m);
	CHECK(status != -1 || errno == EBADMSG);
	ipc_free(ipc);
	close(fd[0]);
	return (status);
}

static void
test_lying_headers(void)
{
	struct {
		uint32_t	 type, peer;
		uint16_t	 length, flags;
	} h;
	uint8_t		 bytes[HEADER_SIZE];

	CHECK(sizeof(h) == HEADER_SIZE);
	memset(&h, 0, sizeof(h));
	memcpy(bytes, &h, sizeof(h));
	CHECK(feed(bytes, sizeof(bytes), 0) == 1);
	/* Too long: known at once, before the data is there. */
	h.length = IPC_DATA_MAX;
	memcpy(bytes, &h, sizeof(h));
	CHECK(feed(bytes, sizeof(bytes), 0) == 0);
	h.length = IPC_DATA_MAX + 1;
	memcpy(bytes, &h, sizeof(h));
	CHECK(feed(bytes, sizeof(bytes), 0) == -1);
	h.length = UINT16_MAX;
	memcpy(bytes, &h, sizeof(h));
	CHECK(feed(bytes, sizeof(bytes), 0) == -1);
	/* A descriptor is announced, none came. */
	h.length = 0;
	h.flags = 1;
	memcpy(bytes, &h, sizeof(h));
	CHECK(feed(bytes, sizeof(bytes), IPC_DESCRIPTORS) == -1);
	CHECK(feed(bytes, sizeof(bytes), 0) == -1);
	/* Flags that there are not. */
	h.flags = 2;
	memcpy(bytes, &h, sizeof(h));
	CHECK(feed(bytes, sizeof(bytes), IPC_DESCRIPTORS) == -1);
	h.flags = 0x8000;
	memcpy(bytes, &h, sizeof(h));
	CHECK(feed(bytes, sizeof(bytes), 0) == -1);
}

/* Descriptors and messages keep their order and stay together. */
static void
test_descriptors(void)
{
	struct ipc_msg	 m;
	struct pair	 p;
	int		 before = count_fds(), fd, i, taken[MANY];

	open_pair(&p, IPC_DESCRIPTORS);
	for (i = 0; i < MANY; i++) {
		CHECK(ipc_send(p.a, (uint32_t)i, 0, numbered_fd(i), &i,
		    sizeof(i)) == 0);
		CHECK(ipc_send(p.a, 100, 0, -1, NULL, 0) == 0);
	}
	CHECK(ipc_flush(p.a) == 0);
	/* Sent descriptors are closed here. */
	CHECK(count_fds() == before + 2);
	for (i = 0; i < MANY; i++) {
		CHECK(ipc_wait(p.b, &m) == 1);
		CHECK(m.type == (uint32_t)i && m.fd != -1);
		fd = ipc_take_fd(p.b, &m);
		CHECK(fd_number(fd) == i);
		CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
		taken[i] = fd;
		CHECK(ipc_wait(p.b, &m) == 1);
		CHECK(m.type == 100 && m.fd == -1);
		CHECK(ipc_take_fd(p.b, &m) == -1);
	}
	close_pair(&p);
	/* What was taken stays open. */
	for (i = 0; i < MANY; i++) {
		CHECK(fd_number(taken[i]) == i);
		close(taken[i]);
	}
	CHECK(count_fds() == before);
}

/* What nobody takes is closed: by the next call, or with the channel. */
static void
test_untaken(void)
{
	struct ipc_msg	 m;
	struct pair	 p;
	int		 before = count_fds(), i;

	open_pair(&p, IPC_DESCRIPTORS);
	for (i = 0; i < MANY; i++)
		CHECK(ipc_send(p.a, 1, 0, numbered_fd(i), NULL, 0) == 0);
	CHECK(ipc_flush(p.a) == 0);
	for (i = 0; i < MANY; i++) {
		CHECK(ipc_wait(p.b, &m) == 1);
		CHECK(fd_number(m.fd) == i);
	}
	CHECK(ipc_next(p.b, &m) == 0);
	CHECK(count_fds() == before + 2);
	/* Queued, received but not yet asked for, received but not taken. */
	CHECK(ipc_send(p.a, 1, 0, numbered_fd(0), NULL, 0) == 0);
	CHECK(ipc_flush(p.a) == 0);
	CHECK(ipc_wait(p.b, &m) == 1);
	CHECK(ipc_send(p.a, 1, 0, numbered_fd(1), NULL, 0) == 0);
	CHECK(ipc_flush(p.a) == 0);
	CHECK(ipc_read(p.b) == 1);
	CHECK(ipc_send(p.a, 1, 0, numbered_fd(2), NULL, 0) == 0);
	close_pair(&p);
	CHECK(count_fds() == before);
}

/* Send raw bytes with n descriptors, as no honest peer does. */
static void
send_fds(int fd, const void *bytes, size_t length, int n)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int) * 32)];
	} control;
	struct cmsghdr	*cm;
	struct iovec	 iov;
	struct msghdr	 mh;
	int		 fds[32], i;

	for (i = 0; i < n; i++)
		fds[i] = numbered_fd(i);
	memset(&mh, 0, sizeof(mh));
	memset(&control, 0, sizeof(control));
	iov.iov_base = (void *)(uintptr_t)bytes;
	iov.iov_len = length;
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	mh.msg_control = control.buf;
	mh.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n);
	cm = CMSG_FIRSTHDR(&mh);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n);
	memcpy(CMSG_DATA(cm), fds, sizeof(int) * (size_t)n);
	CHECK(sendmsg(fd, &mh, 0) == (ssize_t)length);
	for (i = 0; i < n; i++)
		close(fds[i]);
}

/* How a channel takes n descriptors with one empty message. */
static int
receive_fds(int n, int flags)
{
	static const uint8_t	 header[HEADER_SIZE];
	struct ipc		*ipc;
	int			 fd[2], status;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1 ||
	    (ipc = ipc_new(fd[1], flags)) == NULL)
		abort();
	send_fds(fd[0], header, sizeof(header), n);
	errno = 0;
	status = ipc_read(ipc);
	CHECK(status != -1 || errno == EBADMSG);
	ipc_free(ipc);
	close(fd[0]);
	return (status);
}

/* Descriptors that no message asks for do not pile up. */
static void
test_flood(void)
{
	static const uint8_t	 header[HEADER_SIZE];
	struct ipc		*ipc;
	int			 fd[2], i;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1 ||
	    (ipc = ipc_new(fd[1], IPC_DESCRIPTORS)) == NULL)
		abort();
	for (i = 0; i < 8; i++) {
		send_fds(fd[0], header, sizeof(header), 1);
		CHECK(ipc_read(ipc) == 1);
	}
	send_fds(fd[0], header, sizeof(header), 1);
	CHECK(ipc_read(ipc) == -1 && errno == EBADMSG);
	ipc_free(ipc);
	close(fd[0]);
}

static void
test_unwanted(void)
{
	struct ipc	*ipc;
	int		 before = count_fds(), fd[2];

	/* None at all on a channel without descriptors. */
	CHECK(receive_fds(1, 0) == -1);
	CHECK(receive_fds(8, 0) == -1);
	CHECK(count_fds() == before);
	/* A flood on a channel with them. */
	CHECK(receive_fds(9, IPC_DESCRIPTORS) == -1);
	CHECK(receive_fds(32, IPC_DESCRIPTORS) == -1);
	CHECK(count_fds() == before);
	test_flood();
	CHECK(count_fds() == before);
	/* Sending one where none may go: refused, and closed. */
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1 ||
	    (ipc = ipc_new(fd[0], 0)) == NULL)
		abort();
	CHECK(ipc_send(ipc, 1, 0, numbered_fd(1), NULL, 0) == -1);
	CHECK(errno == EINVAL);
	ipc_free(ipc);
	close(fd[1]);
	/* A message that is too long loses its descriptor too. */
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1 ||
	    (ipc = ipc_new(fd[0], IPC_DESCRIPTORS)) == NULL)
		abort();
	CHECK(ipc_send(ipc, 1, 0, numbered_fd(1), pattern,
	    IPC_DATA_MAX + 1) == -1);
	ipc_free(ipc);
	close(fd[1]);
	CHECK(count_fds() == before);
}

/*
 * A full socket, smaller than a message: ipc_flush() says so, goes on where it
 * stopped, and a descriptor goes once, with the first byte of its message.
 */
static void
test_full_socket(void)
{
	struct ipc_msg	 m;
	struct pair	 p;
	uint32_t	 i, got = 0, count = 100;
	int		 before = count_fds(), fd, full = 0, status;
	int		 size = 1;	/* the least there is */

	open_pair(&p, IPC_DESCRIPTORS);
	if (setsockopt(ipc_fd(p.a), SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)) == -1)
		abort();
	if (fcntl(ipc_fd(p.a), F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(ipc_fd(p.b), F_SETFL, O_NONBLOCK) == -1)
		abort();
	for (i = 0; i < count; i++) {
		fd = i % 10 == 0 ? numbered_fd((int)i) : -1;
		CHECK(ipc_send(p.a, i, 0, fd, pattern, IPC_DATA_MAX) == 0);
	}
	CHECK(ipc_read(p.b) == -1 && errno == EAGAIN);
	while (got < count) {
		status = ipc_flush(p.a);
		CHECK(status == 0 || status == 1);
		CHECK((ipc_queued(p.a) != 0) == (status == 1));
		full += status == 1;
		while (ipc_read(p.b) == 1) {
			for (; ipc_next(p.b, &m) == 1; got++) {
				CHECK(m.type == got);
				CHECK(m.length == IPC_DATA_MAX);
				CHECK(memcmp(m.data, pattern, m.length) == 0);
				CHECK(fd_number(m.fd) ==
				    (got % 10 == 0 ? (int)got : -1));
			}
		}
		if (status == 0 && got < count)
			break;
	}
	CHECK(got == count && full > 0);
	close_pair(&p);
	CHECK(count_fds() == before);
}

static void
test_end(void)
{
	struct ipc_msg	 m;
	struct pair	 p;

	open_pair(&p, 0);
	CHECK(ipc_send(p.a, 1, 2, -1, "x", 1) == 0);
	CHECK(ipc_flush(p.a) == 0);
	ipc_free(p.a);
	/* What was sent before the end still comes. */
	CHECK(ipc_wait(p.b, &m) == 1 && m.type == 1);
	CHECK(ipc_wait(p.b, &m) == 0);
	CHECK(ipc_read(p.b) == 0);
	/* Writing to nobody: an error, and no signal. */
	CHECK(ipc_send(p.b, 1, 2, -1, "x", 1) == 0);
	CHECK(ipc_flush(p.b) == -1 && errno == EPIPE);
	ipc_free(p.b);
	ipc_free(NULL);
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* Interrupt this process's system calls every two milliseconds. */
static void
interrupt(void)
{
	struct itimerval	 it;
	struct sigaction	 sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_alarm;	/* and no SA_RESTART */
	memset(&it, 0, sizeof(it));
	it.it_interval.tv_usec = it.it_value.tv_usec = 2000;
	if (sigaction(SIGALRM, &sa, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &it, NULL) == -1)
		abort();
}

/* Signals end neither a wait for a message nor the writing of many. */
static void
test_interrupted(void)
{
	struct ipc_msg	 m;
	struct pair	 p;
	uint32_t	 i, count = 200;
	pid_t		 pid;
	int		 status = -1;

	open_pair(&p, 0);
	if ((pid = fork()) == -1)
		abort();
	if (pid == 0) {
		interrupt();
		if (ipc_wait(p.b, &m) != 1 || m.type != 1)
			_exit(1);
		for (i = 0; i < count; i++)
			if (ipc_send(p.b, i, 0, -1, pattern,
			    IPC_DATA_MAX) == -1)
				_exit(2);
		_exit(ipc_flush(p.b) == 0 ? 0 : 3);
	}
	usleep(30000);
	CHECK(ipc_send(p.a, 1, 0, -1, NULL, 0) == 0);
	CHECK(ipc_flush(p.a) == 0);
	for (i = 0; i < count; i++) {
		CHECK(ipc_wait(p.a, &m) == 1 && m.type == i);
		CHECK(m.length == IPC_DATA_MAX &&
		    memcmp(m.data, pattern, m.length) == 0);
		/* Slow: the writer has to be found waiting. */
		usleep(500);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	close_pair(&p);
}

static void
test_text(void)
{
	static const char	 text[4] = { 'a', 'b', 'c', '\0' };

	CHECK(ipc_text_ok(text, 4));
	CHECK(!ipc_text_ok(text, 3));
	CHECK(!ipc_text_ok(text, 0));
	CHECK(ipc_text_ok("", 1));
}

int
main(void)
{
	size_t	 i;

	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 31 + i / 256);
	test_one();
	test_sizes();
	test_coalesced();
	test_byte_by_byte();
	test_lying_headers();
	test_descriptors();
	test_untaken();
	test_unwanted();
	test_full_socket();
	test_end();
	test_interrupted();
	test_text();
	return (test_done());
}
