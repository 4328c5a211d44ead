/*
 * The parent's side of the frontends: frontproc_life.c starts and replaces
 * them, frontproc.c tells them, frontproc_recv.c hears them.
 *
 *	         start, offer            READY, commit
 *	(none) ----------------> CHECKS ---------------> SERVES
 *	   ^                       |                       |
 *	   |    after a pause      |  dies                 |  dies
 *	   +-----------------------+-----------------------+
 *
 * A reload is between the parent and those that serve when it begins: if one
 * of them dies, it fails.  One that is being replaced meanwhile is offered what
 * is served in the end.
 */
#ifndef FRONTPROC_H
#define FRONTPROC_H

#include "parent.h"

struct frontend {
	struct child	 child;
	uint32_t	 number;	/* from 0: the first */
	uint32_t	 check;		/* what it was offered last; 0: none */
	int		 ready;		/* and it said that it is usable */
	int		 serves;	/* what is served */
	unsigned int	 switching;	/* told to, not yet done */
	int		 empty;		/* drained, and has no connection */
	int		 answers;	/* to MSG_FRONT_PING */
	unsigned int	 deaths;	/* in a row, before it served */
	struct event	*timer;		/* to start it */
};

#define FOREACH(f)							\
	for ((f) = frontends; (f) < frontends + nfrontends; (f)++)

/* frontproc_recv.c */
extern const struct channel_handler	 frontproc_handler;

/* frontproc.c */

/* What frontproc_offer() and frontproc_commit() do, for one of them. */
void	 frontproc_offer_one(struct frontend *, const struct setup *);
void	 frontproc_commit_one(struct frontend *, struct setup *);

/* Of a key, to all but the one that said it. */
void	 frontproc_refused(const struct frontend *, const struct msg_refused *);

/* If all are drained and without connections, whoever asked is told. */
void	 frontproc_check_empty(void);

/* frontproc_life.c */
extern struct frontend	*frontends;	/* the first one, and all others */
extern uint32_t		 nfrontends;	/* fixed at the start */

/* What log, ps and keylessctl call it. */
void	 frontproc_name(const struct frontend *, char *, size_t);

/* Let the first ask this one, if both serve. */
void	 frontproc_introduce(struct frontend *);

/* For what frontproc_recv.c hears: */

/* The one that was asked has found it good, or not. */
void	 frontproc_checked(struct frontend *);
void	 frontproc_failed(struct frontend *, const char *reason);

/* It is drained and has no connection, since this drain was asked for. */
void	 frontproc_empty(struct frontend *, uint32_t drain);

/* It cannot be talked to any more. */
void	 frontproc_lost(struct frontend *);

/* The next part of the configuration for a client of the control socket. */
void	 frontproc_text(uint32_t client, const char *, size_t);

#endif
