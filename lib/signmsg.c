/* Frontend and signers: the records of constant size between them. */
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "signmsg.h"

static_assert(sizeof(struct sign_request) == sizeof(struct sign_reply),
    "requests and replies share their buffers");
static_assert(sizeof(struct sign_request) == 16 + SIGNMSG_DATA_MAX,
    "no padding in a record");

static const char *const status_names[] = {
	[SIGN_OK] =		"ok",
	[SIGN_NO_KEY] =		"no such key",
	[SIGN_BAD_OPCODE] =	"operation does not fit the key",
	[SIGN_BAD_LENGTH] =	"wrong input length",
	[SIGN_REFUSED] =	"refused by library or module",
	[SIGN_UNAVAILABLE] =	"token unavailable",
	[SIGN_DISABLED] =	"key is disabled",
	[SIGN_GONE] =		"key is deleted",
	[SIGN_BEGUN] =		"begun",
};

int
sign_request_valid(const struct sign_request *r)
{
	return (r->length <= SIGNMSG_DATA_MAX && r->suspect <= 1);
}

int
sign_reply_valid(const struct sign_reply *r)
{
	return (r->length <= SIGNMSG_DATA_MAX &&
	    r->status <= SIGN_STATUS_MAX &&
	    (r->status == SIGN_OK || r->length == 0) &&
	    r->zero == 0);
}

const char *
sign_status_name(int status)
{
	if (status < 0 || (size_t)status >= nitems(status_names))
		return ("unknown");
	return (status_names[status]);
}

int
signmsg_read(struct signmsg_in *in, int fd, int flags, size_t *n)
{
	size_t	 whole = in->end / SIGNMSG_RECORD * SIGNMSG_RECORD;
	ssize_t	 got;

	*n = 0;
	if (whole != 0) {
		memmove(in->buf.bytes, in->buf.bytes + whole, in->end - whole);
		in->end -= whole;
	}
	do {
		got = recv(fd, in->buf.bytes + in->end,
		    sizeof(in->buf.bytes) - in->end, flags);
	} while (got == -1 && errno == EINTR);
	if (got <= 0)
		return ((int)got);
	in->end += (size_t)got;
	*n = in->end / SIGNMSG_RECORD;
	return (1);
}

int
signmsg_write(int fd, const struct sign_reply *replies, size_t n)
{
	const uint8_t	*p = (const uint8_t *)replies;
	size_t		 left = n * SIGNMSG_RECORD;
	ssize_t		 put;

	while (left != 0) {
		put = send(fd, p, left, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return (-1);
		p += put;
		left -= (size_t)put;
	}
	return (0);
}
