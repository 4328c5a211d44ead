/* keylessctl: what a command does. */
#include <stdio.h>
#include <unistd.h>

#include "compat.h"
#include "ipc.h"
#include "keylessctl.h"
#include "parser.h"

#define PATIENCE	1000	/* milliseconds until a user is told why */

int
run_help(const struct call *call)
{
	(void)call;
	parse_help(stdout);
	return (0);
}

int
run_completion(const struct call *call)
{
	(void)call;
	completion_bash(stdout);
	return (0);
}

/* Nobody at a terminal should wonder what takes so long. */
static void
explain_waiting(struct ipc *ipc, const struct request *request)
{
	if (request->waiting != NULL && isatty(STDERR_FILENO) &&
	    !answer_wait(ipc, PATIENCE))
		fprintf(stderr, "keylessctl: %s\n", request->waiting);
}

int
run_request(const struct call *call)
{
	const struct request	*request = call->token->request;
	const struct style	*style = &call->options->style;
	struct answer		 answer;
	struct ipc		*ipc;
	int			 failed;

	ipc = connect_daemon(call->options);
	answer_ask(ipc, request);
	explain_waiting(ipc, request);
	answer_take(ipc, request, &answer);
	failed = answer.result.status != 0;
	if (!failed)
		request->show(request, &answer, style);
	else if (request->refused != NULL)
		request->refused(request, &answer, style);
	else
		show_refusal(request, &answer, style);
	answer_free(&answer);
	ipc_free(ipc);
	return (failed);
}
