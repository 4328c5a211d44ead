/*
 * The fuzzer of the parent, in parts:
 *
 *	fuzz_parent.c	the parent's own code; the steps, and what holds after
 *			each
 *	parent_procs.c	processes and channels, as the parent has them
 *	parent_talk.c	what processes say
 *	parent_conf.c	configurations, without a file
 *	parent_absent.c	what is not played: the launcher, enrolment, sandboxes
 */
#ifndef PARENT_PLAYED_H
#define PARENT_PLAYED_H

#include "../../keylessd/frontproc.h"
#include "../../keylessd/signers.h"
#include "fuzz.h"

/* What is left of it.  All parts use up bytes of it. */
extern struct fuzz	 input;

/*
 * Whether what is done now was caused by a signer, for which the parent must
 * not end.
 */
extern int		 signer_acts;

/* parent_procs.c */

#define PROCESSES	24	/* alive at a time */

struct channel {
	const struct channel_handler	*handler;
	void				*arg;
	int				 fd;	/* of the message under way */
};

/* A process that was started and has not been waited for. */
struct process {
	pid_t		 pid;		/* 0: none */
	struct channel	*channel;	/* the parent's end, or NULL */
	int		 is_signer;
	int		 killed;
	/* of a frontend, as an honest one would be: */
	int		 offered;	/* a configuration is being sent */
	int		 checked;	/* ... and is to be checked */
	int		 drained;
};

/* Any of them, as the input says. */
struct process	*process_pick(void);

/* NULL: there is none. */
struct process	*process_find(pid_t);

/* Whose channel it is: it must be somebody's. */
struct process	*process_of(const struct channel *);

/* In place of kill(2). */
int		 fuzz_kill(pid_t, int sig);

/* As before the first input: there is none. */
void		 processes_forget(void);

/* parent_talk.c */

/* The channel whose message is being handled, or NULL. */
extern struct channel	*under_way;

/* Its message has been: what it came with is closed, if nobody took it. */
void		 say_over(void);

/*
 * Anything; what an honest one would say next; or, of a signer, any one key,
 * of a frontend, a signer or set that it names, or that it asks for a drain.
 */
void		 say_anything(struct channel *);
void		 say_expected(struct channel *);
void		 say_name(struct channel *);

/* parent_conf.c */

/* Before the first input. */
void		 conf_init(void);

#endif
