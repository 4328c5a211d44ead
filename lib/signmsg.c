/* Frontend and signers: the records between them. */
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "signmsg.h"

#define LENGTH_AT	14	/* of a header: the length of the data */

static_assert(offsetof(struct sign_request, data) == SIGNMSG_REQUEST &&
    offsetof(struct sign_reply, data) == SIGNMSG_REPLY,
    "no padding in a header");
static_assert(offsetof(struct sign_request, length) == LENGTH_AT &&
    offsetof(struct sign_reply, length) == LENGTH_AT,
    "both kinds of records have their length in one place");

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
	return (r->length <= SIGNMSG_DATA_MAX &&
	    (r->flags & ~(SIGN_SUSPECT | SIGN_YIELD)) == 0);
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
sign_turn_before(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) < 0);
}

size_t
sign_request_size(const struct sign_request *r)
{
	return (SIGNMSG_REQUEST + r->length);
}

/*
 * The size of the record that begins there; 0 when it is not whole.  A length
 * that no record has is no more than a header: nobody looks at what follows.
 */
static size_t
record_size(const struct signmsg_in *in, size_t at)
{
	uint16_t	 length;
	size_t		 size, there = in->end - at;

	if (there < in->header)
		return (0);
	memcpy(&length, in->bytes + at + LENGTH_AT, sizeof(length));
	if (length > SIGNMSG_DATA_MAX)
		return (in->header);
	size = in->header + length;
	return (size <= there ? size : 0);
}

/* How many records can be taken. */
static size_t
count_records(const struct signmsg_in *in)
{
	size_t	 at = in->start, n = 0, size;

	while ((size = record_size(in, at)) != 0) {
		at += size;
		n++;
	}
	return (n);
}

int
signmsg_read(struct signmsg_in *in, int fd, int flags, size_t *n)
{
	ssize_t	 got;

	*n = 0;
	memmove(in->bytes, in->bytes + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	do {
		got = recv(fd, in->bytes + in->end,
		    sizeof(in->bytes) - in->end, flags);
	} while (got == -1 && errno == EINTR);
	if (got <= 0)
		return ((int)got);
	in->end += (size_t)got;
	*n = count_records(in);
	return (1);
}

/* Copy the next record to where there is room for the longest. */
static void
take_record(struct signmsg_in *in, void *record)
{
	size_t	 size = record_size(in, in->start);

	memcpy(record, in->bytes + in->start, size);
	in->start += size;
}

int
signmsg_request(struct signmsg_in *in, struct sign_request *r)
{
	take_record(in, r);
	return (sign_request_valid(r) ? 0 : -1);
}

int
signmsg_reply(struct signmsg_in *in, struct sign_reply *r)
{
	take_record(in, r);
	return (sign_reply_valid(r) ? 0 : -1);
}

void
signmsg_add(struct signmsg_out *out, const struct sign_reply *r)
{
	size_t	 size = SIGNMSG_REPLY + r->length;

	memcpy(out->bytes + out->length, r, size);
	out->length += size;
	out->n++;
}

int
signmsg_write(struct signmsg_out *out, int fd)
{
	const uint8_t	*p = out->bytes;
	size_t		 left = out->length;
	ssize_t		 put;

	out->n = out->length = 0;
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
