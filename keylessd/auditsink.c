/* Frontend: writes audit lines without ever waiting for who reads them. */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auditsink.h"
#include "compat.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL	0
#endif

static uint64_t
count_lines(const char *p, size_t n)
{
	const char	*end = p + n;
	uint64_t	 lines = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	return (lines);
}

/* The other end takes nothing more, for ever or for long. */
static void
lose_all(struct auditsink *s)
{
	uint64_t	 n = count_lines(s->lines, s->used);

	s->lost += n;
	s->lost_total += n;
	s->used = 0;
}

void
auditsink_close(struct auditsink *s)
{
	lose_all(s);
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
}

void
auditsink_open(struct auditsink *s, int fd, size_t (*head)(char *, size_t))
{
	struct stat	 st;
	socklen_t	 len = sizeof(int);
	int		 type = 0;

	auditsink_close(s);
	s->fd = fd;
	s->head = head;
	s->error = 0;
	s->torn = 0;
	s->is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
	s->datagrams = s->is_socket && type == SOCK_DGRAM;
	s->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* Append a line with its head; -1: there is no room. */
static int
append(struct auditsink *s, const char *line)
{
	size_t	 n = strnlen(line, AUDITSINK_LINE);
	char	*p = s->lines + s->used;

	if (sizeof(s->lines) - s->used < 2 * AUDITSINK_LINE)
		return (-1);
	if (s->used == 0 && s->torn)
		*p++ = '\n';	/* what is torn off stays so */
	if (s->head != NULL)
		p += s->head(p, AUDITSINK_LINE / 2);
	memcpy(p, line, n);
	p[n] = '\n';
	s->used = (size_t)(p - s->lines) + n + 1;
	return (0);
}

/* Of lines that were left out: that there were some, and how many. */
static void
confess(struct auditsink *s)
{
	char	 text[64];

	if (s->used > sizeof(s->lines) / 2)
		return;
	snprintf(text, sizeof(text), "lines left out count=%llu",
	    (unsigned long long)s->lost);
	if (append(s, text) == 0)
		s->lost = 0;
}

int
auditsink_add(struct auditsink *s, const char *line)
{
	if (s->fd != -1 && s->lost != 0)
		confess(s);
	if (s->fd != -1 && s->lost == 0 && append(s, line) == 0)
		return (0);
	s->lost++;
	s->lost_total++;
	return (-1);
}

/*
 * Write n bytes or less; -1 with errno, EAGAIN where it would wait.  A pipe
 * that polls as writable has room for PIPE_BUF bytes.
 */
static ssize_t
write_some(struct auditsink *s, const char *bytes, size_t n)
{
	struct pollfd	 pfd;

	if (s->is_socket)
		return (send(s->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL));
	if (!s->is_file) {
		pfd.fd = s->fd;
		pfd.events = POLLOUT;
		pfd.revents = 0;
		if (poll(&pfd, 1, 0) != 1 || pfd.revents != POLLOUT) {
			errno = pfd.revents == 0 ? EAGAIN : EPIPE;
			return (-1);
		}
		if (n > PIPE_BUF)
			n = PIPE_BUF;
	}
	return (write(s->fd, bytes, n));
}

/* Write one piece that begins at from; the bytes that are done, or -1. */
static ssize_t
write_piece(struct auditsink *s, size_t from)
{
	const char	*p = s->lines + from, *lf;
	ssize_t		 n;

	if (!s->datagrams)
		return (write_some(s, p, s->used - from));
	lf = memchr(p, '\n', s->used - from);
	n = write_some(s, p, (size_t)(lf - p));
	return (n == -1 ? -1 : lf - p + 1);
}

/* Whether an error passes: the line may be taken later. */
static int
passes(int error)
{
	return (error == EAGAIN || error == EWOULDBLOCK || error == EINTR ||
	    error == ENOBUFS || error == ENOSPC || error == EDQUOT);
}

int
auditsink_flush(struct auditsink *s)
{
	size_t	 done = 0;
	ssize_t	 n;

	while (done < s->used && s->fd != -1) {
		if ((n = write_piece(s, done)) == -1) {
			s->error = errno;
			break;
		}
		s->error = 0;
		done += (size_t)n;
		s->torn = s->lines[done - 1] != '\n';
	}
	memmove(s->lines, s->lines + done, s->used - done);
	s->used -= done;
	if (s->used != 0 && !passes(s->error))
		lose_all(s);
	return (s->used != 0);
}
