/* keylessctl: one request to the daemon, and its answer checked. */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "ipc.h"
#include "keylessctl.h"
#include "text.h"

static int	check_key(const void *);
static int	check_signer(const void *);
static int	check_token(const void *);
static int	check_opstat(const void *);
static int	check_result(const void *);

/* Which rows answer which request, and how they must look. */
static const struct rule {
	uint32_t	 type;
	uint32_t	 request;
	size_t		 size;
	int		(*check)(const void *);	/* NULL: any bytes will do */
	size_t		 offset;	/* of a struct rows in struct answer */
} rules[] = {
	{ MSG_CTL_KEY, MSG_CTL_SHOW_KEYS, sizeof(struct msg_key),
	    check_key, offsetof(struct answer, keys) },
	{ MSG_CTL_SIGNER, MSG_CTL_SHOW_SIGNERS, sizeof(struct msg_signer_row),
	    check_signer, offsetof(struct answer, signers) },
	{ MSG_CTL_TOKEN, MSG_CTL_SHOW_TOKENS, sizeof(struct msg_token_row),
	    check_token, offsetof(struct answer, tokens) },
	{ MSG_CTL_STATS, MSG_CTL_SHOW_STATS, sizeof(struct msg_stats),
	    NULL, offsetof(struct answer, stats) },
	{ MSG_CTL_OPSTAT, MSG_CTL_SHOW_STATS, sizeof(struct msg_opstat),
	    check_opstat, offsetof(struct answer, opstats) },
};

#define TEXT_OK(array)	ipc_text_ok((array), sizeof(array))

static int
check_key(const void *row)
{
	const struct msg_key	*key = row;

	return (key->state <= KEY_STATE_MAX && key->type <= KEY_TYPE_MAX &&
	    TEXT_OK(key->label) && TEXT_OK(key->store) &&
	    TEXT_OK(key->reason));
}

static int
check_signer(const void *row)
{
	const struct msg_signer_row	*signer = row;

	return (signer->signer.state <= SIGNER_STATE_MAX &&
	    TEXT_OK(signer->set_name));
}

static int
check_token(const void *data)
{
	const struct msg_token_row	*row = data;
	const struct msg_token		*token = &row->token;

	return (TEXT_OK(row->set_name) && TEXT_OK(row->module) &&
	    TEXT_OK(token->manufacturer) && TEXT_OK(token->library) &&
	    TEXT_OK(token->library_version) && TEXT_OK(token->label) &&
	    TEXT_OK(token->serial) && TEXT_OK(token->model) &&
	    TEXT_OK(token->mechanisms) && TEXT_OK(token->last_error));
}

static int
check_opstat(const void *row)
{
	const struct msg_opstat	*opstat = row;

	return (opstat->opcode <= UINT8_MAX && opstat->zero == 0);
}

static int
check_result(const void *row)
{
	const struct msg_result	*result = row;

	return (result->status <= 1 && TEXT_OK(result->text));
}

/* Room for one more row of the size given. */
static void *
rows_add(struct rows *rows, size_t size)
{
	uint8_t	*data;
	size_t	 room;

	if (rows->count == rows->room) {
		room = rows->room == 0 ? 16 : 2 * rows->room;
		if ((data = reallocarray(rows->data, room, size)) == NULL)
			err(1, NULL);
		rows->data = data;
		rows->room = room;
	}
	return (rows->data + size * rows->count++);
}

/* The most likely reason is two versions that do not fit together. */
static void __attribute__((noreturn))
unexpected(const struct ipc_msg *msg)
{
	errx(1, "keylessd sent what was not expected (message %u of %zu bytes):"
	    " are keylessctl and keylessd of the same version?",
	    (unsigned int)msg->type, msg->length);
}

static void
take_row(uint32_t request, const struct ipc_msg *msg, struct answer *answer)
{
	const struct rule	*rule = NULL;
	void			*row;
	size_t			 i;

	for (i = 0; i < nitems(rules); i++)
		if (rules[i].type == msg->type && rules[i].request == request)
			rule = &rules[i];
	if (rule == NULL)
		unexpected(msg);
	row = rows_add((struct rows *)((char *)answer + rule->offset),
	    rule->size);
	if (ipc_get(msg, row, rule->size) == -1 ||
	    (rule->check != NULL && !rule->check(row)))
		unexpected(msg);
}

/* The next message.  The daemon may close before it has read the request. */
static void
wait_message(struct ipc *ipc, struct ipc_msg *msg)
{
	int	 n;

	if ((n = ipc_wait(ipc, msg)) == 1)
		return;
	if (n == 0 || errno == ECONNRESET || errno == EPIPE)
		errx(1, "keylessd closed the connection");
	if (errno == EBADMSG)
		errx(1, "what keylessd sent is no message: are keylessctl and "
		    "keylessd of the same version?");
	err(1, "reading from keylessd");
}

void
answer_get(int fd, uint32_t request, const void *data, size_t length,
    struct answer *answer)
{
	struct ipc	*ipc;
	struct ipc_msg	 msg;

	memset(answer, 0, sizeof(*answer));
	if ((ipc = ipc_new(fd, 0)) == NULL ||
	    ipc_send(ipc, request, 0, -1, data, length) == -1)
		err(1, NULL);
	/* A daemon that is too busy answers unasked and closes: read on. */
	if (ipc_flush(ipc) == -1 && errno != EPIPE && errno != ECONNRESET)
		err(1, "writing to keylessd");
	for (;;) {
		wait_message(ipc, &msg);
		if (msg.type == MSG_CTL_RESULT)
			break;
		take_row(request, &msg, answer);
	}
	if (ipc_get(&msg, &answer->result, sizeof(answer->result)) == -1 ||
	    !check_result(&answer->result))
		unexpected(&msg);
	if (request == MSG_CTL_SHOW_STATS && answer->result.status == 0 &&
	    answer->stats.count != 1)
		errx(1, "keylessd sent %zu sets of statistics, not one",
		    answer->stats.count);
	ipc_free(ipc);
}

void
answer_free(struct answer *answer)
{
	free(answer->keys.data);
	free(answer->signers.data);
	free(answer->tokens.data);
	free(answer->stats.data);
	free(answer->opstats.data);
}
