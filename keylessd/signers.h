/*
 * The life of the signer processes, as the parent sees it.
 *
 *	          start                READY
 *	WAITING --------> STARTING ----------> READY: connected, serving
 *	   ^                 |                   |
 *	   |   after a pause |  dies, killed     |  dies, or is stuck and killed
 *	   +-----------------+-------------------+
 *	                     |                   |
 *	   after a pause     v    says FAILED    v
 *	LOST <---------------+-------------------+
 *	   |  its token is away: the same as WAITING and STARTING, but what is
 *	   |  asked of its keys is refused at once while all of the set are lost
 *	   +--------> READY when the token is back
 *
 *	FAILED: says that trying again may do harm (a wrong PIN): given up, and
 *	no other process of the set is started any more
 *
 * The members of a token's set start one after another: some modules lose the
 * token when two processes log in at the same moment.  So do those of a cloud,
 * which would only send more requests to what does not answer.
 *
 * A set is LOADING until a first signer has reported its keys, which makes it
 * LOADED for ever.  A set whose first signer says FAILED, dies or is late is
 * AWAY: the daemon starts without its keys, and they are added once a signer
 * succeeds.
 */
#ifndef SIGNERS_H
#define SIGNERS_H

#include "parent.h"

struct signer {
	struct signer_set	*set;
	struct child		 child;
	struct msg_signer	 info;		/* id, set, slot, state, pid */
	struct msg_token	 token;		/* as it reported last */
	struct errcount		 errors;	/* the same */
	struct msg_sandbox	 sandbox;	/* as it reported; pid 0: not */
	struct event		*timer;		/* to start, or for its start */
	int			 due;		/* waits for its turn */
	int			 leaving;	/* said FAILED */
	int			 lost;		/* because of its token */
	int			 no_session;	/* its token had none left */
	int			 kill_sent;	/* by us */
	int			 ended;		/* its pid is nobody's now */
	unsigned int		 deaths;	/* in a row */
	uint32_t		 reported;	/* keys of this start */
	uint32_t		 next_key;	/* lowest not yet reported */
	int			 mismatch;	/* keys that changed */
	uint32_t		 next_file;	/* of the set's, to be sent */
	int			 files_left;	/* or MSG_SIGNER_LAST */
	time_t			 ready_at;	/* seconds, monotonic */
};

/* signers.c: starting, replacing, stopping */

/* Start the processes of all sets of a setup. */
void	 signers_start(struct setup *);

/* Whether every set has loaded its keys, failed, or is away. */
int	 signers_settled(const struct setup *);

/* Give every ready signer a request channel to the frontend of this number. */
void	 signers_connect(struct setup *, uint32_t frontend);

/* A socket for requests to a signer that is ready; or -1. */
int	 signer_open_channel(struct signer *, uint32_t frontend);

/* The frontend says that the process with this id is stuck. */
void	 signers_kill(uint32_t id);

void	 signers_log_level(struct setup *, uint32_t);

/*
 * Tell all of a set, or of all sets, to stop; whether any is still alive; kill
 * those that are.
 */
void	 signers_stop_set(struct signer_set *);
void	 signers_stop(struct setup *);
int	 signers_alive(const struct setup *);
void	 signers_kill_all(struct setup *);

/*
 * Those that had no session try again now, also those that were given up for
 * that: others have been closed.
 */
void	 signers_hurry(struct setup *);

/* A signer's process may have ended; takes note of it. */
void	 signers_exited(pid_t, int status);

/* Free what signers_start() made; all processes must be gone. */
void	 signers_free(struct setup *);

/* signers.c, for what signer_recv.c hears */
void	 signer_is_ready(struct signer *);
void	 signer_end(struct signer *);		/* kill it */

/* It says that it leaves; one that hangs then is killed. */
void	 signer_leaves(struct signer *);

void	 signer_set_state(struct signer *, enum signer_state);

/* What the set's keys are lost with, for messages: "token" or "cloud". */
const char *signer_store_noun(const struct signer_set *);

/* The set's keys cannot be had, for now or (permanent) for ever. */
void	 signer_set_fails(struct signer_set *, const char *reason,
	    int permanent);

/* signer_send.c: all that a new process must be told */
void	 signer_send_store(struct signer *);

/* It has taken what was sent: more key files, if there are any. */
void	 signer_send_files(struct signer *);

/* signer_recv.c: what the processes say */
extern const struct channel_handler	 signer_handler;

/* Add the counts of one to those of another. */
void	 signer_token_add(struct msg_token *, const struct msg_token *);

/* The token of a set as all its processes see it; the errors they met. */
void	 signer_token_row(const struct signer_set *, struct msg_token_row *);
void	 signer_errors(const struct signer_set *, struct msg_errors *);

#endif
