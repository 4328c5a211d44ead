/*
 * The life of the signer processes, as the parent sees it.
 *
 *	          start                READY             connect
 *	WAITING --------> STARTING ----------> READY ---------------> (serving)
 *	   ^                 | FAILED            |
 *	   |  after a pause  v                   | dies, or is killed when stuck
 *	   +------------- (dead) <---------------+
 *	                     | FAILED, or died too often before serving began
 *	                     v
 *	                  FAILED: given up
 *
 * The members of a PKCS#11 set start one after another: some modules lose the
 * token when two processes log in at the same moment.
 */
#ifndef SIGNERS_H
#define SIGNERS_H

#include "parent.h"

struct signer {
	struct signer_set	*set;
	struct child		 child;
	struct msg_signer	 info;		/* id, set, slot, state, pid */
	struct event		*timer;		/* of WAITING */
	int			 due;		/* waits for its turn */
	unsigned int		 deaths;	/* in a row */
	uint32_t		 reported;	/* keys of this start */
	int			 mismatch;	/* keys that changed */
	int			 kill_sent;	/* by us */
	time_t			 ready_at;	/* seconds, monotonic */
};

/* Start the processes of all sets of a setup. */
void	 signers_start(struct setup *);

/* Whether every set has loaded its keys or failed. */
int	 signers_settled(const struct setup *);

/* Give every ready signer a request channel to the frontend. */
void	 signers_connect(struct setup *);

/* A socket for requests to a signer that is ready; or -1. */
int	 signer_open_channel(struct signer *);

/* The frontend says that the process with this id is stuck. */
void	 signers_kill(struct setup *, uint32_t id);

void	 signers_log_level(struct setup *, uint32_t);

/* Tell all to stop; whether any is still alive; kill those that are. */
void	 signers_stop(struct setup *);
int	 signers_alive(const struct setup *);
void	 signers_kill_all(struct setup *);

/* Whether pid was one of them; takes note of its end. */
int	 signers_exited(struct setup *, pid_t, int status);

/* Free what signers_start() made; all processes must be gone. */
void	 signers_free(struct setup *);

#endif
