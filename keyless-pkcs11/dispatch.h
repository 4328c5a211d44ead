/*
 * Requests of a slot and the servers that they go to; private to remote.c,
 * dispatch.c and tlsconf.c.  All of it is called with the slot's lock.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include <sys/queue.h>

#include <pthread.h>

#include "loglimit.h"
#include "remote.h"

#define CALL_MESSAGE_MAX						\
	(WIRE_HEADER_SIZE + 3 * WIRE_ITEM_SIZE + WIRE_SKI_SIZE + 1 +	\
	REMOTE_DATA_MAX)

/* A request of a thread that waits; on its stack. */
struct call {
	TAILQ_ENTRY(call)	 entry;
	uint32_t		 id;		/* while sent; never 0 */
	struct server		*server;	/* it was sent to; or NULL */
	uint32_t		 tried;		/* servers, as bits */
	unsigned int		 lost;
	unsigned int		 refused;
	uint64_t		 deadline;
	uint64_t		 sent;		/* when */
	int			 done;
	enum remote_status	 status;
	struct remote_answer	*answer;
	pthread_cond_t		 wake;		/* done, or the lead is free */
	uint8_t			 message[CALL_MESSAGE_MAX];
	size_t			 length;
};

struct remote {
	const struct conf_slot	*conf;
	struct tls_config	*tls;
	int			 wake[2];	/* pipe: the leader's poll */
	uint64_t		 attempt;	/* ms for one server */
	uint64_t		 try;		/* ms for connecting */

	pthread_mutex_t		 lock;		/* of all that follows */
	struct server		 servers[CONF_SERVERS_MAX];
	size_t			 nservers;
	size_t			 cursor;	/* BALANCE_ROUND_ROBIN */
	TAILQ_HEAD(, call)	 calls;
	int			 led;		/* a thread leads ... */
	uint64_t		 poll_end;	/* ... and polls until then */
	int			 more;		/* than one round can read */
	int			 canceled;
	uint32_t		 last_id;
	struct loglimit		 refused_limit;
	struct loglimit		 late_limit;
	struct loglimit		 timeout_limit;
};

/* dispatch.c */

/* Write a request, to be sent under an id that it gets then. */
void		 call_encode(struct call *, const struct remote_request *);

/* It is over: wake its thread. */
void		 call_finish(struct call *, enum remote_status);

/* Send one call, if there is a server for it. */
void		 dispatch_send(struct remote *, struct call *, uint64_t now);

/*
 * Let go of what has taken too long, send and connect as is due.  Returns when
 * something is due again.
 */
uint64_t	 dispatch_work(struct remote *, uint64_t now);

/* Take in what has come; returns whether there is more to do at once. */
int		 dispatch_receive(struct remote *, uint64_t now);

/* The time of a call is over: log that, and finish it. */
void		 dispatch_timed_out(struct remote *, struct call *,
		    uint64_t now);

/* When the patience with the server of a call ends; a ping prolongs it. */
uint64_t	 dispatch_patience(const struct remote *,
		    const struct call *);

/* tlsconf.c */

/* What connections are made with; NULL after logging what is wrong. */
struct tls_config *remote_tls(const struct conf_slot *);

#endif
