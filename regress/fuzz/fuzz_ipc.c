/*
 * Fuzzer: framing of messages and their descriptors, against a model of what
 * must come out.  The sender is hostile: it writes what it likes in pieces of
 * any size, with descriptors anywhere.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "fuzz.h"
#include "ipc.h"

#define STEPS		16
#define STREAM_MAX	65536
#define FDS_MAX		8	/* as ipc.c keeps them */
#define HEADER		12	/* type, peer, length, flags */

static int	 files[4];	/* what is sent, told apart by inode */
static ino_t	 inodes[4];

struct model {
	uint8_t		 bytes[STREAM_MAX];
	size_t		 start, end;
	unsigned int	 fds[FDS_MAX];	/* waiting, as index of files */
	size_t		 nfds;
	int		 descriptors;	/* the channel takes them */
	int		 broken;	/* no more can come */
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct stat	 st;
	size_t		 i;

	(void)argc;
	(void)argv;
	for (i = 0; i < nitems(files); i++) {
		REQUIRE((files[i] = compat_anonfd()) != -1);
		REQUIRE(fstat(files[i], &st) == 0);
		inodes[i] = st.st_ino;
	}
	return (0);
}

/* Write a piece with n descriptors. */
static void
send_piece(int fd, const uint8_t *bytes, size_t length,
    const unsigned int *which, size_t n)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int) * FDS_MAX * 2)];
	} control;
	struct cmsghdr	*cm;
	struct iovec	 iov;
	struct msghdr	 mh;
	int		 fds[FDS_MAX * 2];
	size_t		 i;

	memset(&mh, 0, sizeof(mh));
	iov.iov_base = (void *)(uintptr_t)bytes;
	iov.iov_len = length;
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	if (n != 0) {
		for (i = 0; i < n; i++)
			fds[i] = files[which[i]];
		memset(&control, 0, sizeof(control));
		mh.msg_control = control.buf;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		cm = CMSG_FIRSTHDR(&mh);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(cm), fds, sizeof(int) * n);
	}
	REQUIRE(sendmsg(fd, &mh, MSG_NOSIGNAL) == (ssize_t)length);
}

/* What the model says of the next message: as ipc_next(). */
static int
model_next(struct model *m, struct ipc_msg *msg, int *which)
{
	uint16_t	 length, flags;
	uint8_t		*p = m->bytes + m->start;
	size_t		 have = m->end - m->start;

	if (have < HEADER)
		return (0);
	memcpy(&msg->type, p, 4);
	memcpy(&msg->peer, p + 4, 4);
	memcpy(&length, p + 8, 2);
	memcpy(&flags, p + 10, 2);
	if (length > IPC_DATA_MAX || flags > 1)
		return (-1);
	if (have < HEADER + (size_t)length)
		return (0);
	*which = -1;
	if (flags == 1) {
		if (m->nfds == 0)
			return (-1);
		*which = (int)m->fds[0];
		memmove(m->fds, m->fds + 1, --m->nfds * sizeof(m->fds[0]));
	}
	msg->length = length;
	msg->data = p + HEADER;
	m->start += HEADER + length;
	return (1);
}

static void
check_fd(struct ipc *ipc, struct ipc_msg *msg, int which, int take)
{
	struct stat	 st;
	int		 fd;

	REQUIRE((msg->fd == -1) == (which == -1));
	if (which == -1 || !take)
		return;
	REQUIRE((fd = ipc_take_fd(ipc, msg)) != -1 && fstat(fd, &st) == 0);
	REQUIRE(st.st_ino == inodes[which]);
	REQUIRE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

/* Everything that is whole by now, from both. */
static void
compare(struct ipc *ipc, struct model *m, struct fuzz *f)
{
	struct ipc_msg	 got, want;
	int		 n, which;

	do {
		memset(&got, 0, sizeof(got));
		n = ipc_next(ipc, &got);
		REQUIRE(n == model_next(m, &want, &which));
		if (n == -1) {
			REQUIRE(errno == EBADMSG);
			m->broken = 1;
		}
		if (n != 1)
			continue;
		REQUIRE(got.type == want.type && got.peer == want.peer &&
		    got.length == want.length &&
		    memcmp(got.data, want.data, got.length) == 0);
		check_fd(ipc, &got, which, fuzz_byte(f) & 1);
	} while (n == 1);
}

/* One piece of the stream, sent and read. */
static void
step(int fd, struct ipc *ipc, struct model *m, struct fuzz *f)
{
	unsigned int	 which[FDS_MAX * 2];
	uint8_t		*p = m->bytes + m->end;
	size_t		 i, length, n, too_many;
	int		 status;

	n = fuzz_byte(f);
	n = n < 160 ? 0 : n < 250 ? n % 3 : n % (FDS_MAX * 2);
	for (i = 0; i < n; i++)
		which[i] = fuzz_byte(f) % nitems(files);
	length = 1 + (fuzz_byte(f) & 1 ? fuzz_u16(f) % 20000 :
	    fuzz_byte(f) % 64);
	if (length > f->left)
		length = f->left == 0 ? 1 : f->left;
	if (m->end + length > sizeof(m->bytes))
		return;
	fuzz_fill(f, p, length);
	m->end += length;
	send_piece(fd, p, length, which, n);
	too_many = n > FDS_MAX;		/* the kernel cuts them off */
	for (i = 0; i < n; i++) {
		if (!m->descriptors || m->nfds == FDS_MAX)
			too_many = 1;
		else
			m->fds[m->nfds++] = which[i];
	}
	status = ipc_read(ipc);
	REQUIRE(status == (too_many ? -1 : 1));
	if (too_many) {
		REQUIRE(errno == EBADMSG);
		m->broken = 1;
		return;
	}
	compare(ipc, m, f);
}

/* What ipc_send() writes comes out of ipc_wait() unchanged. */
static void
check_send(struct fuzz *f)
{
	struct ipc	*a, *b;
	struct ipc_msg	 msg;
	uint32_t	 type = fuzz_u32(f), peer = fuzz_u32(f);
	uint8_t		*data;
	size_t		 length = fuzz_u16(f);
	int		 flags, fd, sv[2];

	REQUIRE((data = malloc(IPC_DATA_MAX + 1)) != NULL);
	flags = fuzz_byte(f) & 1 ? IPC_DESCRIPTORS : 0;
	fd = -1;
	if (fuzz_byte(f) & 1)
		REQUIRE((fd = dup(files[0])) != -1);
	length = length > IPC_DATA_MAX + 1 ? f->left % 64 : length;
	fuzz_fill(f, data, length);
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	REQUIRE((a = ipc_new(sv[0], flags)) != NULL);
	REQUIRE((b = ipc_new(sv[1], flags)) != NULL);
	if (length > IPC_DATA_MAX || (fd != -1 && !flags)) {
		REQUIRE(ipc_send(a, type, peer, fd, data, length) == -1);
		REQUIRE(ipc_queued(a) == 0);
	} else {
		REQUIRE(ipc_send(a, type, peer, fd, data, length) == 0);
		REQUIRE(ipc_queued(a) == HEADER + length);
		REQUIRE(ipc_flush(a) == 0 && ipc_wait(b, &msg) == 1);
		REQUIRE(msg.type == type && msg.peer == peer &&
		    msg.length == length && (msg.fd == -1) == (fd == -1));
		REQUIRE(memcmp(msg.data, data, length) == 0);
		REQUIRE(ipc_get(&msg, data, length + 1) == -1);
		REQUIRE(ipc_get(&msg, data, length) == 0);
	}
	ipc_free(a);
	ipc_free(b);
	free(data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz	 f = { data, size };
	struct model	*m;
	struct ipc	*ipc;
	int		 i, lowest = fuzz_lowest_fd(), sv[2];

	if (fuzz_byte(&f) & 1)
		check_send(&f);
	REQUIRE((m = calloc(1, sizeof(*m))) != NULL);
	m->descriptors = fuzz_byte(&f) & 1;
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv) == 0);
	REQUIRE((ipc = ipc_new(sv[0], m->descriptors ? IPC_DESCRIPTORS : 0)) !=
	    NULL);
	for (i = 0; i < STEPS && f.left != 0 && !m->broken; i++)
		step(sv[1], ipc, m, &f);
	close(sv[1]);
	if (!m->broken)
		REQUIRE(ipc_read(ipc) == 0);
	ipc_free(ipc);
	free(m);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
