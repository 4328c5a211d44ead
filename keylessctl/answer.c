/* keylessctl: a request to the daemon, and its answer checked. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "ipc.h"
#include "keylessctl.h"

/* The most likely reason is two versions that do not fit together. */
static void __attribute__((noreturn))
unexpected(const struct ipc_msg *msg)
{
	errx(1, "keylessd sent what was not expected (message %u of %zu bytes):"
	    " are keylessctl and keylessd of the same version?",
	    (unsigned int)msg->type, msg->length);
}

/* Room for n more rows of the size given. */
static void *
rows_add(struct rows *rows, size_t n, size_t size)
{
	uint8_t	*data;
	size_t	 room = rows->room;

	while (rows->count + n > room)
		room = room == 0 ? 16 : 2 * room;
	if (room != rows->room) {
		if ((data = reallocarray(rows->data, room, size)) == NULL)
			err(1, NULL);
		rows->data = data;
		rows->room = room;
	}
	data = rows->data + size * rows->count;
	rows->count += n;
	return (data);
}

static void
take_row(const struct kind *kind, const struct ipc_msg *msg, struct rows *rows)
{
	void	*row;

	if (kind->once && rows->count == 1)
		unexpected(msg);
	row = rows_add(rows, 1, kind->size);
	if (ipc_get(msg, row, kind->size) == -1 ||
	    (kind->check != NULL && !kind->check(row)))
		unexpected(msg);
}

/* Append a part; a NUL follows, which the next part overwrites. */
static void
take_text(const struct ipc_msg *msg, struct rows *rows)
{
	uint8_t	*text;

	if (msg->length == 0 || memchr(msg->data, '\0', msg->length) != NULL)
		unexpected(msg);
	if (rows->count + msg->length > TEXT_MAX)
		errx(1, "keylessd sent a text of more than %d bytes", TEXT_MAX);
	text = rows_add(rows, msg->length + 1, 1);
	memcpy(text, msg->data, msg->length);
	text[msg->length] = '\0';
	rows->count--;
}

static void
take(const struct request *request, const struct ipc_msg *msg,
    struct answer *answer)
{
	const struct kind	*kind;
	size_t			 i;

	for (i = 0; i < KINDS_MAX; i++) {
		if ((kind = request->kinds[i]) == NULL ||
		    kind->type != msg->type)
			continue;
		if (kind->size == 0)
			take_text(msg, &answer->rows[i]);
		else
			take_row(kind, msg, &answer->rows[i]);
		return;
	}
	unexpected(msg);
}

static void
take_result(const struct request *request, const struct ipc_msg *msg,
    struct msg_result *result)
{
	if (ipc_get(msg, result, sizeof(*result)) == -1 ||
	    result->status > 1 ||
	    !ipc_text_ok(result->text, sizeof(result->text)))
		unexpected(msg);
	/* What ends with the connection has no result but a refusal. */
	if (request->closes && result->status == 0)
		unexpected(msg);
}

/* A refusal may come at any point; anything else only when all is there. */
static void
check_complete(const struct request *request, const struct answer *answer)
{
	const struct kind	*kind;
	size_t			 i;

	if (answer->result.status != 0)
		return;
	for (i = 0; i < KINDS_MAX; i++) {
		kind = request->kinds[i];
		if (kind != NULL && kind->once && answer->rows[i].count != 1)
			errx(1, "keylessd sent no message %u: are keylessctl "
			    "and keylessd of the same version?",
			    (unsigned int)kind->type);
	}
}

/*
 * The next message; 0 when the connection was closed, cleanly, and that is an
 * answer.  The daemon may close before it has read the request.
 */
static int
next_message(struct ipc *ipc, const struct request *request,
    struct ipc_msg *msg)
{
	int	 n;

	if ((n = ipc_wait(ipc, msg)) == 1)
		return (1);
	if (n == 0 && request->closes && ipc_unread(ipc) == 0)
		return (0);
	if (n == 0 || errno == ECONNRESET || errno == EPIPE)
		errx(1, "keylessd closed the connection: it stopped, or has "
		    "too many clients; try again, or see its log");
	if (errno == EBADMSG)
		errx(1, "what keylessd sent is no message: are keylessctl and "
		    "keylessd of the same version?");
	err(1, "reading from keylessd");
}

void
answer_ask(struct ipc *ipc, const struct request *request)
{
	size_t	 length = request->level == NULL ? 0 : sizeof(*request->level);

	if (ipc_send(ipc, request->type, 0, -1, request->level, length) == -1)
		err(1, NULL);
	/* A daemon that is too busy answers unasked and closes: read on. */
	if (ipc_flush(ipc) == -1 && errno != EPIPE && errno != ECONNRESET)
		err(1, "writing to keylessd");
}

int
answer_wait(struct ipc *ipc, int milliseconds)
{
	struct pollfd	 pfd;
	int		 n;

	pfd.fd = ipc_fd(ipc);
	pfd.events = POLLIN;
	if ((n = poll(&pfd, 1, milliseconds)) == -1 && errno != EINTR)
		err(1, "poll");
	return (n == 1);
}

int
answer_take(struct ipc *ipc, const struct request *request,
    struct answer *answer)
{
	struct ipc_msg	 msg;

	memset(answer, 0, sizeof(*answer));
	while (next_message(ipc, request, &msg)) {
		if (msg.type == MSG_CTL_RESULT) {
			take_result(request, &msg, &answer->result);
			check_complete(request, answer);
			return (1);
		}
		take(request, &msg, answer);
	}
	return (0);
}

const void *
answer_row(const struct request *request, const struct answer *answer,
    size_t kind, size_t row)
{
	return (answer->rows[kind].data + row * request->kinds[kind]->size);
}

void
answer_free(struct answer *answer)
{
	size_t	 i;

	for (i = 0; i < KINDS_MAX; i++)
		free(answer->rows[i].data);
}
