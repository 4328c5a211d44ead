/*
 * A daemon for the tests of keylessctl that tells what it is told to tell:
 * fixed rows, or lies.
 */
#ifndef FAKE_H
#define FAKE_H

#include "ipc.h"
#include "msg.h"

/* Answer one request; 0: close the connection now. */
typedef int	 answer_function(struct ipc *, const struct ipc_msg *);

/* honest.c */
answer_function	 chatty_answer, honest_answer, mortal_answer, refuse_answer,
		 upgraded_answer;

void	fake_send(struct ipc *, uint32_t type, const void *, size_t length);
void	fake_result(struct ipc *, uint32_t status, const char *text);

/* Rows that are right, for liars to start from. */
void	fake_store(struct msg_store_row *);
void	fake_connection(struct msg_connection *);
void	fake_version(struct msg_version *);

/* lies.c: what a liar answers, and the command that finds him out */
struct lie {
	const char	*name;
	const char	*command;
	const char	*says;		/* keylessctl, of it */
	answer_function	*answer;
};
extern const struct lie	 lies[];	/* the last one has no name */

#endif
