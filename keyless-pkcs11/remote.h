/*
 * The key servers of a slot: requests from any thread, over one connection a
 * server, many in flight on each.
 *
 * There is no thread for this.  Of the threads that wait for an answer one
 * leads: it polls the connections of the slot for all of them.  The others
 * sleep until it has their answer or leaves the lead to them.  While nobody
 * waits, nothing moves; the kernel's keepalives watch over idle connections.
 */
#ifndef REMOTE_H
#define REMOTE_H

#include <sys/types.h>
#include <sys/socket.h>

#include <netdb.h>
#include <stddef.h>
#include <stdint.h>

#include <tls.h>

#include "conf.h"
#include "signmsg.h"
#include "wire.h"

/* Payload of a request or an answer: a modulus of 8,192 bits at most. */
#define REMOTE_DATA_MAX	SIGNMSG_DATA_MAX

struct remote;

enum remote_status {
	REMOTE_OK,
	REMOTE_REFUSED,		/* a server answered with an error */
	REMOTE_UNREACHABLE,	/* no server answered in time */
	REMOTE_CANCELED,	/* by remote_cancel() */
	REMOTE_NO_MEMORY
};

struct remote_request {
	uint8_t		 opcode;
	const uint8_t	*ski;		/* WIRE_SKI_SIZE bytes */
	const uint8_t	*data;
	size_t		 length;	/* REMOTE_DATA_MAX at most */
};

struct remote_answer {
	uint8_t		 data[REMOTE_DATA_MAX];
	size_t		 length;
	int		 error;		/* enum wire_error of REMOTE_REFUSED */
};

/* remote.c: requests */

/* slot must stay as it is.  NULL after logging the reason. */
struct remote	*remote_new(const struct conf_slot *);

/*
 * Ask for one operation and wait for the answer, the slot's timeout at most.
 * Any number of threads at once.
 */
enum remote_status remote_call(struct remote *, const struct remote_request *,
		    struct remote_answer *);

/* From now on all calls end at once.  Wait for them before remote_free(). */
void		 remote_cancel(struct remote *);
void		 remote_free(struct remote *);	/* NULL is fine */

/* clock.c: milliseconds of the monotonic clock */
uint64_t	 remote_now(void);

/* conn.c: one TLS connection, never waiting */

enum conn_state {
	CONN_CONNECTING,
	CONN_HANDSHAKE,
	CONN_OPEN,
	CONN_OVER		/* conn_error() says why */
};

/* A message taken apart; points into the connection until the next call. */
struct conn_message {
	struct wire_header	 header;
	struct wire_body	 body;
};

struct conn;

/* name is what the server's certificate must be for.  NULL with errno set. */
struct conn	*conn_open(struct tls_config *, const char *name,
		    const struct sockaddr *, socklen_t);
void		 conn_close(struct conn *);	/* NULL is fine */
enum conn_state	 conn_state(const struct conn *);
int		 conn_fd(const struct conn *);
short		 conn_events(const struct conn *);	/* for poll(2) */
const char	*conn_error(const struct conn *);

/* Queue bytes, and write what goes now.  -1: it is over. */
int		 conn_send(struct conn *, const void *, size_t);

/* Go on with connecting, write and read what goes now.  -1: it is over. */
int		 conn_work(struct conn *);

/* The next whole message: 1, 0 when there is none, -1 when it is none. */
int		 conn_next(struct conn *, struct conn_message *);

/* resolve.c: names of servers, looked up in threads of their own */

struct resolve;

/*
 * Begin; a byte is written to wake when it is done.  An address is looked up
 * at once.  NULL: no thread, no memory.
 */
struct resolve	*resolve_start(const struct conf_server *, int wake);

/* -1: not yet; else 0 and the addresses, or NULL and why (static text). */
int		 resolve_done(struct resolve *, struct addrinfo **,
		    const char **why);
void		 resolve_free(struct resolve *);	/* also unfinished */

/* server.c: the servers, for remote.c */

enum server_state {
	SERVER_DOWN,		/* not before due */
	SERVER_RESOLVING,
	SERVER_TRYING,		/* until limit */
	SERVER_UP
};

/* Times are milliseconds of the monotonic clock. */
struct server {
	const struct conf_server *conf;
	const char		*name;		/* of its certificate */
	enum server_state	 state;
	struct conn		*conn;
	struct resolve		*resolve;
	struct addrinfo		*addresses;
	struct addrinfo		*address;	/* being tried; NULL: none */
	uint64_t		 asked;		/* when: the resolver ... */
	uint64_t		 resolved;	/* ... and for the addresses */
	uint64_t		 since;		/* of the state */
	uint64_t		 took;		/* ms to be UP, lately */
	int			 known;		/* it was UP once */
	uint64_t		 limit;
	uint64_t		 due;
	uint64_t		 heard;		/* last, from it */
	int			 useful;	/* it answered since it is UP */
	uint64_t		 pinged;	/* last */
	unsigned int		 failures;	/* in a row */
};

/* What happened to a server that has its turn. */
enum server_event {
	SERVER_NOTHING,
	SERVER_MESSAGE,		/* while UP: an answer to look at */
	SERVER_LOST		/* it was UP, and is not any more */
};

#define SERVER_TRY_MAX	3000	/* ms for connecting, with TLS and a ping */

/* Begin to connect, when it is DOWN; wake as in resolve_start(). */
void		 server_start(struct server *, struct tls_config *,
		    uint64_t now, uint64_t try, int wake);

/* Go on with what is going on.  Call again after SERVER_MESSAGE. */
enum server_event server_turn(struct server *, struct tls_config *,
		    uint64_t now, uint64_t try, struct conn_message *);

/* Give the connection up, for a reason that is logged. */
void		 server_fail(struct server *, uint64_t now, const char *why);

/* Ask one that is UP for a sign of life.  -1: the connection is over. */
int		 server_ping(struct server *, uint64_t now);

/* It answered a request: what came before is forgotten. */
void		 server_good(struct server *, uint64_t now);
void		 server_free(struct server *);

#endif
