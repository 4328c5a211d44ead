/*
 * What the two halves of the control socket share: control.c takes requests,
 * control_show.c gives long answers.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "frontend.h"
#include "health.h"
#include "siblings.h"

struct client;
struct show;

/*
 * Sends the next row of a long answer.  Returns 0 when there was none left.
 * Called again and again as the client takes what was sent.
 */
typedef int	(*row_function)(struct client *);

/* What a client waits for, beside rows. */
enum client_wait {
	WAIT_NOTHING,
	WAIT_PARENT,		/* a result that the parent sends */
	WAIT_DRAIN,		/* that, or that the drain begins */
	WAIT_DRAINED		/* until no connection is left */
};

struct client {
	TAILQ_ENTRY(client)	 entry;
	struct channel		*channel;
	uint32_t		 id;
	int			 privileged;
	enum client_wait	 waits;
	int			 shows_config;	/* it is on its way */
	struct health_wait	*health;	/* asked; or NULL */
	struct siblings_ask	*siblings;	/* the same */
	uint64_t		 drain_from;	/* connections at its begin */
	/* a long answer under way; all NULL and 0 when there is none */
	const struct show	*show;
	row_function		 next_row;
	size_t			 row;
	uint32_t		 set;		/* id; it may go meanwhile */
	struct msg_connection	*conns;		/* as they were, of all */
	size_t			 nconns;
	void			*gathered;	/* rows, what siblings said */
	size_t			 ngathered;
	int			 status;	/* of the result after it */
	char			 reason[MSG_REASON_SIZE];
};

/*
 * Begin a long answer of the kind that a MSG_CTL_SHOW_* asks for; -1 when
 * there is none of that kind.
 */
int		 control_show(struct client *, uint32_t type);

/* Forget what a long answer had gathered. */
void		 control_show_end(struct client *);

/* The siblings have been asked: send rows. */
void		 control_rows(struct client *);

/* Rows of the stores that count. */
int		 control_check_row(struct client *);

#endif
