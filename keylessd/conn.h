/*
 * What the two halves of a client's connection share: conn.c moves its bytes,
 * connlife.c begins and ends it.
 *
 *	accepted      handshake done       idle too long, drained
 *	-----> HANDSHAKE ---------> OPEN ------------> CLOSING
 *	           |                  |                   |
 *	           | fails, is late   | breaks, does not  | the client closed
 *	           v                  v read              v too, or LINGER
 *	          DEAD: freed by conn_flush(), when nobody works on it
 *
 * A connection that is OPEN and waits for nothing ends by way of CLOSING: TLS
 * is closed (close_notify) and our end of TCP, and what the client still sends
 * is thrown away until it closes too.  Closed at once, with something unread,
 * the socket would send a reset, which may overtake the last responses.
 */
#ifndef CONN_H
#define CONN_H

#include "frontend.h"

#define RECORD_SIZE	16384	/* plaintext of one TLS record */

enum conn_state {
	CONN_HANDSHAKE,
	CONN_OPEN,
	CONN_CLOSING,
	CONN_DEAD
};

TAILQ_HEAD(conn_list, conn);

struct server;			/* connlife.c */

struct conn {
	TAILQ_ENTRY(conn)	 entry;		/* of its state's list */
	TAILQ_ENTRY(conn)	 dirty_entry;
	TAILQ_ENTRY(conn)	 blocked_entry;
	TAILQ_ENTRY(conn)	 ready_entry;
	TAILQ_ENTRY(conn)	 throttled_entry;
	TAILQ_ENTRY(conn)	 waiting_entry;
	struct conn_list	*waiting;	/* NULL: not in one */
	struct source		*source;
	struct fe_client	*client;	/* once it is known */
	struct server		*server;
	uint64_t		 id;		/* ascending */
	enum conn_state		 state;
	int			 fd;
	int			 dirty;		/* conn_flush() has work */
	int			 paused;	/* reading, until it has room */
	int			 deaf;		/* reads no more: drained */
	int			 blocked;	/* the client does not read */
	int			 ready;		/* its handshake can go on */
	int			 throttled;	/* asks faster than it may */
	int			 ended;		/* close_notify is said */
	int			 shut;		/* and our end is closed */
	struct tls		*tls;
	struct event		*readable;
	struct event		*writable;
	uint64_t		 begun;		/* ms */
	uint64_t		 last_use;	/* ms; since when in CLOSING */
	uint64_t		 blocked_since;	/* ms: last byte it took */
	uint64_t		 requests;
	uint64_t		 errors;
	unsigned int		 npending;
	unsigned int		 burst;		/* since it had none */
	unsigned int		 small;		/* bursts in a row, of few */
	struct pending_list	 pending;
	struct flow_list	 flows;
	/* ciphertext that TLS has not taken: at src, or saved in in */
	const uint8_t		*src;
	size_t			 src_length;
	struct buf		 in;
	struct buf		 message;	/* plaintext not yet handled */
	struct buf		 plain;		/* responses, not encrypted */
	uint64_t		 due;		/* us: when plain has to go */
	unsigned int		 patience;	/* its list, if it waits */
	struct buf		 out;		/* encrypted, not sent */
	char			 peer[NETADDR_SIZE];
};

/* conn.c */

/* The callbacks of tls_accept_cbs(3); arg is the struct conn. */
ssize_t	 conn_tls_wants(struct tls *, void *, size_t, void *arg);
ssize_t	 conn_tls_gives(struct tls *, const void *, size_t, void *arg);

/* The event of its socket; and take what is there to be read. */
void	 conn_readable(evutil_socket_t, short, void *);
void	 conn_receive(struct conn *);
void	 conn_writable(evutil_socket_t, short, void *);

/* conn_flush() has something to do for it. */
void	 conn_dirty(struct conn *);
void	 conn_clean(struct conn *);

/* gather.c: responses that wait for others to the same client */

void	 gather_init(void);

/*
 * A response is about to be added to plain, and may wait for so many
 * microseconds.  Of several, the first one says how long, but one that may
 * not wait at all takes all with it.
 */
void	 gather_until(struct conn *, uint64_t patience);

/* Whether what is in plain stays there; and wait no more. */
int	 gather_waits(struct conn *);
void	 gather_leave(struct conn *);

/* Those that have waited long enough are dirty now, or (all) every one. */
void	 gather_end(int all);

/* Wake up for those that wait.  As a rule something else comes before. */
void	 gather_arm(void);

/* connlife.c */

/* Give it up; conn_flush() frees it when nobody is working on it. */
void	 conn_kill(struct conn *);
void	 conn_free(struct conn *);

/* Something came for its handshake: it waits for conn_handshakes(). */
void	 conn_ready(struct conn *);

/* Its handshake is done; a request came. */
void	 conn_opened(struct conn *);
void	 conn_used(struct conn *);

/* The client takes no more bytes; it took some; it took all. */
void	 conn_blocked(struct conn *);
void	 conn_unblocked(struct conn *);

/* Do nothing for it for so many ms; no more of that. */
void	 conn_throttle(struct conn *, uint64_t ms);
void	 conn_unthrottle(struct conn *);

/* End it, if it is open, being drained, and waits for nothing. */
void	 conn_drained(struct conn *);

/* The context that accepted it, for the reason of a failed handshake. */
struct tls	*conn_server(const struct conn *);

#endif
