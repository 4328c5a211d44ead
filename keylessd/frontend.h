/*
 * The frontend: one process, unprivileged, that faces the network.  TLS, the
 * wire protocol, the tables of keys and of pending requests, the queues to
 * the signers, the control socket.  It never sees a customer's key or PIN.
 * Of several, the first one has the control socket and HTTP.
 *
 * Nothing here waits.  Each turn of the event loop first handles everything
 * that has come, then hands the gathered requests to the signers in batches
 * and the gathered responses to the connections, one TLS write each.
 */
#ifndef FRONTEND_H
#define FRONTEND_H

#include <sys/types.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <stdint.h>
#include <tls.h>

#include "buf.h"
#include "channel.h"
#include "keyinfo.h"
#include "msg.h"
#include "netaddr.h"
#include "opcode.h"
#include "reqid.h"
#include "shared.h"
#include "signmsg.h"
#include "wire.h"

struct conn;
struct fe_set;
struct fe_signer;
struct fe_store;
struct flow;
struct keytab;
struct pending;
struct source;
TAILQ_HEAD(pending_list, pending);
LIST_HEAD(flow_list, flow);

/* frontend.c */
extern struct event_base	*fe_base;
extern struct channel		*fe_parent;
extern struct msg_front_conf	 fe_conf;	/* in force */
extern struct msg_enroll	 fe_enroll;	/* as the parent last said */
extern struct msg_parent	 fe_parent_counts;
extern struct msg_place		 fe_place;	/* among the frontends */

/* The frontend process, on fd 3; does not return. */
void		 frontend_main(void) __attribute__((noreturn));

/* A message of the parent that is none: ends the process. */
void		 frontend_bad_message(const struct ipc_msg *)
		    __attribute__((noreturn));

/* What is done with a message of the parent; a list of them ends with NULL. */
struct front_message {
	uint32_t	 type;			/* enum msg_type */
	void		(*take)(struct ipc_msg *);
};

/* frontconf.c: the configuration */
extern const struct front_message	 frontconf_messages[];

/* The keys of the configuration in force: those that can be used, all. */
struct keytab	*frontend_keytab(void);
struct fe_key	*frontend_key(size_t);
size_t		 frontend_nkeys(void);
size_t		 frontend_key_number(const struct fe_key *);

/*
 * A signer's answer tells whether its store lets the key be used; the other
 * frontends are told of a change.
 */
void		 frontend_key_answered(struct fe_set *, uint32_t index,
		    enum sign_status);

/* What it is now: also KEY_LOST and KEY_DISABLED. */
enum key_state	 frontend_key_state(const struct fe_key *);

/* Of the configuration in force, as in struct fe_set. */
uint32_t	 frontend_generation(void);

/* What all frontends count, and what is counted when asked for. */
void		 frontend_figures(struct counts *);

/* Milliseconds of the monotonic clock, read once a turn of the loop. */
uint64_t	 frontend_now(void);

/* The same in microseconds. */
uint64_t	 frontend_now_us(void);

/* Whether nothing is accepted, or the end is near. */
int		 frontend_draining(void);

/* tlsserver.c: the TLS server context, one for all connections */

/* The files of a configuration, as descriptors that the caller keeps. */
struct tls_files {
	int	 cert;
	int	 key;
	int	 ca;
	int	 crl;		/* -1: none */
	char	 cert_path[MSG_PATH_SIZE];	/* to be shown */
	char	 ca_path[MSG_PATH_SIZE];
	char	 crl_path[MSG_PATH_SIZE];
};

/*
 * Check that the files and settings make a TLS server.  Returns it, or NULL
 * with the reason in err.
 */
struct tls	*tlsserver_new(const struct tls_files *,
		    const struct msg_front_conf *, char *err, size_t errsize);

/*
 * The whole of such a file, from its start, to be wiped and freed; its length
 * in *size.  NULL with the reason in err.
 */
uint8_t		*tlsserver_file(int fd, size_t *size, char *err,
		    size_t errsize);

/* The serial number of the peer's certificate in hexadecimal; or "-". */
void		 tlsserver_peer_serial(struct tls *conn, char *, size_t);

/* Whether the peer's certificate has the extended key usage clientAuth. */
int		 tlsserver_client_auth(struct tls *conn);

/* Whether it has that common name or subject alternative name. */
int		 tlsserver_peer_named(struct tls *conn, const char *name);

/*
 * Why the last handshake of a connection failed; clears it.  The reason of a
 * bad client certificate is on the server's context; *certificate is whether
 * it is of that kind.
 */
const char	*tlsserver_reason(struct tls *server, struct tls *conn,
		    int *certificate);

/* keytab.c: public key identifiers to keys */

struct fe_key {
	struct keyinfo	 info;
	struct fe_set	*set;
	uint32_t	 index;		/* in the set */
	uint32_t	 place;		/* of its store */
	uint32_t	 opcodes;	/* that the policy allows, as bits */
	size_t		 block;		/* RSA: modulus bytes */
	enum sign_status refused;	/* SIGN_DISABLED, SIGN_GONE, or OK */
};

/* A table for up to n keys; NULL: no memory. */
struct keytab	*keytab_new(size_t n);

/* Add a ready key.  Of keys with the same identifier the first one counts. */
void		 keytab_add(struct keytab *, struct fe_key *);

/* By SKI (WIRE_SKI_SIZE bytes) or digest (WIRE_DIGEST_SIZE); or NULL. */
struct fe_key	*keytab_by_ski(const struct keytab *, const uint8_t *);
struct fe_key	*keytab_by_digest(const struct keytab *, const uint8_t *);
void		 keytab_free(struct keytab *);

/* pending.c: requests that wait for a signer */

struct pending {
	TAILQ_ENTRY(pending)	 queue;		/* of its flow or signer */
	TAILQ_ENTRY(pending)	 age;		/* by deadline */
	TAILQ_ENTRY(pending)	 mine;		/* of its connection */
	struct conn		*conn;		/* NULL: answered, or gone */
	struct fe_store		*store;		/* whose test it is; NULL: no
						 * test, or answered */
	struct fe_set		*set;
	struct flow		*flow;		/* it queues in */
	struct fe_signer	*signer;	/* that holds it; or NULL */
	const struct opcode_info *op;
	uint64_t		 arrived;	/* us */
	uint64_t		 deadline;	/* ms */
	uint64_t		 turn;		/* us of work: see flow.c */
	uint32_t		*cost;		/* see cost_now() */
	uint32_t		 work;		/* us: that, queued or sent */
	uint32_t		 wire_id;
	uint8_t			 deaths;	/* of signers that held it */
	uint8_t			 begun;		/* a suspect: was worked on */
	uint8_t			 sent;		/* to signer, as a whole */
	const struct fe_signer	*avoid;		/* its token was away */
	uint8_t			 ski[WIRE_SKI_SIZE];	/* of the key */
	char			 request_id[REQID_SIZE];	/* or "-" */
	struct sign_request	 req;
};

/* A new entry, all but conn's list and queue linked; NULL: table full. */
struct pending	*pending_new(struct conn *, uint32_t wire_id,
		    const struct fe_key *, const struct opcode_info *,
		    const struct wire_body *);

/* The same for a test signature of a store. */
struct pending	*pending_test(struct fe_store *, const struct fe_key *);

/* Whether somebody waits for the answer. */
int		 pending_wanted(const struct pending *);

/* The client's address, or who else asks; for log lines. */
const char	*pending_peer(const struct pending *);

/* The SKI of its key in hexadecimal, until this is called again. */
const char	*pending_ski(const struct pending *);

/* Cut the tie to who asked: it was answered, or has left. */
void		 pending_detach(struct pending *);
void		 pending_free(struct pending *);

/* Nobody waits for it any more: free it, now or when its signer is done. */
void		 pending_abandon(struct pending *);

/* Answer what is past its deadline; when to look again, 0: never. */
uint64_t	 pending_expire(void);

/* The entry with that id of a request; NULL: there is none now. */
struct pending	*pending_find(uint64_t id);

/* The first deadline of all, in ms; 0: none. */
uint64_t	 pending_due(void);
size_t		 pending_count(void);

/* flow.c: requests that wait, a queue for each connection and set */

struct flow {
	LIST_ENTRY(flow)	 mine;		/* of its connection */
	LIST_ENTRY(flow)	 all;		/* of its set */
	struct fe_set		*set;
	struct pending_list	 requests;
	uint64_t		 end;		/* of all its turns */
	/* While it has requests: */
	uint64_t		 turn;		/* of the first one */
	uint64_t		 order;		/* among others of that turn */
	size_t			 place;		/* in the set's heap */
};

/* At the end of its connection's queue; -1: no memory. */
int		 flow_add(struct pending *);

/* Where it was: its turn has come before. */
void		 flow_put_back(struct pending *);

/* Whose turn it is, or NULL. */
struct pending	*flow_first(const struct fe_set *);
void		 flow_remove(struct pending *);

/* The same for one that no signer will get: it has not had its turn. */
void		 flow_drop(struct pending *);

/* It was answered: its turn is now, or has been. */
void		 flow_served(const struct pending *);

/* When a connection or set goes; no request is in them any more. */
void		 flow_free_conn(struct flow_list *);
void		 flow_free_set(struct fe_set *);

/* cost.c: the time that operations take */

struct fe_costs {
	uint32_t	 us[KEY_TYPE_MAX + 1][8192 / 128 + 1];	/* 0: unknown */
};

/* Where the cost of a key is, which all keys of its type and size share. */
uint32_t	*cost_of(struct fe_costs *, const struct keyinfo *);
uint32_t	 cost_now(const uint32_t *cost);		/* us */
void		 cost_learn(uint32_t *cost, uint32_t us);

/* queue.c: the signer sets, their queues and processes */

struct fe_signer {
	struct msg_signer	 info;		/* as the parent says */
	struct fe_set		*set;
	uint32_t		 process;	/* id of the one connected */
	int			 fd;		/* -1: not connected */
	struct event		*readable;
	struct event		*writable;
	struct pending_list	 inflight;	/* in the order of sending */
	unsigned int		 ninflight;
	uint32_t		 ahead;		/* us of work: see queue.c */
	uint32_t		 work;		/* us, of all in flight */
	uint64_t		 latest;	/* turn that it was given */
	struct pending		*unsent;	/* first not fully written */
	size_t			 written;	/* bytes of it */
	uint64_t		 alive;		/* ms: its last sign of life */
	int			 kill_asked;
	int			 lost;		/* gone; why is not yet known */
	uint64_t		 served;
	uint64_t		 worked;	/* us, for what it served */
	struct signmsg_in	*in;
};

struct fe_set {
	TAILQ_ENTRY(fe_set)	 entry;
	uint32_t		 id;		/* ascending in fe_sets */
	uint32_t		 generation;	/* of the configuration */
	char			*name;
	uint32_t		 nsigners;
	int			 single;	/* as in struct msg_set */
	struct fe_signer	*signers;
	struct fe_signer	**order;	/* in which they are chosen */
	unsigned int		 nconnected;
	struct flow_list	 flows;
	size_t			 nflows;
	struct flow		**turns;	/* those that have requests */
	size_t			 nturns;
	size_t			 maxturns;	/* room, for all flows */
	uint64_t		 norders;
	uint64_t		 now;		/* latest turn served */
	unsigned int		 nqueued;	/* not yet given to a signer */
	unsigned int		 ninflight;	/* given to all its signers */
	struct fe_costs		 costs;
	size_t			 first_key;	/* in the array of all */
	uint32_t		 nkeys;
	uint32_t		 nrefused;	/* keys that are refused */
	struct msg_token_row	*token;		/* NULL: none */
	struct errcount		*errors;	/* of it; NULL: none */
	int			 published;	/* see shared_sets.c */
	uint64_t		 served_before;	/* by a predecessor of ours */
	uint64_t		 worked_before;	/* us, the same */
	int			 retired;	/* goes when it is idle */
	int			 dirty;		/* queue_flush() has work */
	TAILQ_ENTRY(fe_set)	 dirty_entry;
};
TAILQ_HEAD(fe_sets, fe_set);

extern struct fe_sets	 fe_sets;

struct fe_set	*queue_set_new(const struct msg_set *, uint32_t generation);
struct fe_set	*queue_set_find(uint32_t id);

/* The first set whose id is at least that; NULL: none. */
struct fe_set	*queue_set_from(uint32_t id);

/* Sets of other generations go when nothing of theirs is pending. */
void		 queue_retire(uint32_t generation);

/* What the parent says of a signer; of a dead one, why it died. */
void		 queue_signer_state(const struct msg_signer *);

/* Serve the set through fd too; takes fd over. */
void		 queue_signer_connect(const struct msg_signer *, int fd);

/* Whether no signer of the set serves, nor will before its token is back. */
int		 queue_set_lost(const struct fe_set *);

int		 queue_add(struct pending *);	/* -1: no memory */

/*
 * End of a turn: give queued requests to the least busy signers and write
 * them.  Returns whether there were any.
 */
int		 queue_flush(void);

/* Ask for the end of signers that are stuck; when to look again, 0: never. */
uint64_t	 queue_check_stuck(void);

/* manners.c: when the signers are not to be interrupted */
void		 manners_init(void);

/* A set was given requests in this turn. */
void		 manners_set(const struct fe_set *);

/* Somebody who has few requests at a time has one for the set. */
void		 manners_other(const struct fe_set *);

/* Of enum sign_flag, for a request that is sent now. */
uint8_t		 manners_flags(void);

/* request.c: from a message to its answer */
void		 request_handle(struct conn *, const struct wire_header *,
		    const uint8_t *body);

/* Answer with what a signer said; frees the entry. */
void		 request_finish(struct pending *, const struct sign_reply *);

/* Answer with an error instead; frees the entry. */
void		 request_fail(struct pending *, enum wire_error,
		    const char *reason);

/*
 * The deadline has passed: answer with error 1 now.  The entry stays with its
 * signer if it has one, for nobody.
 */
void		 request_expire(struct pending *);

/* accept.c: listening sockets, which all frontends share */

/* A listening socket of the next configuration; takes fd over. */
void		 accept_offer(int fd);

/* Accept on what was offered and nothing else; or close what was offered. */
void		 accept_switch(void);
void		 accept_abort(void);

/* Accept on what was offered, beside what is there. */
void		 accept_more(void);

/* Accept what has connected already, then nothing more; close the sockets. */
void		 accept_stop(void);

/* connlife.c, conn.c: connections of clients */

/*
 * New connections use this TLS context, which conn.c owns from now on; those
 * that are open go on with theirs.
 */
void		 conn_switch(struct tls *);

/* Serve an accepted socket; takes fd over, and the source. */
void		 conn_new(int fd, const char *peer, struct source *);

/*
 * Some handshakes that can go on: they cost much more than requests, so only
 * a few are done in a turn.  Returns whether more can.
 */
int		 conn_handshakes(void);

/*
 * Queue a response for the end of this turn or, where it may wait for others
 * to the same client, for so many microseconds later at most.
 */
void		 conn_respond(struct conn *, uint32_t id, uint8_t opcode,
		    const void *, size_t, uint64_t patience);

/* The same for an error, which does not wait. */
void		 conn_error(struct conn *, uint32_t id, enum wire_error);

/* No response waits for others any more. */
void		 conn_release_responses(void);

/* The requests that the connection waits for. */
void		 conn_hold(struct conn *, struct pending *);
void		 conn_release(struct conn *, struct pending *);

/* The queues of its requests. */
struct flow_list *conn_flows(struct conn *);

/* "192.0.2.1:2407" */
const char	*conn_peer(const struct conn *);

/* The subject of the client's certificate, and its serial number. */
const char	*conn_client_name(const struct conn *);
void		 conn_client_serial(struct conn *, char *, size_t);

/* client_may() for whoever is at the other end. */
enum wire_error	 conn_may(struct conn *, const struct fe_key *,
		    const struct opcode_info *, const struct wire_body *);

/*
 * End of a turn: write what was gathered, read on, free what failed.  Returns
 * whether there was anything to do.
 */
int		 conn_flush(void);

/*
 * From now on end each connection at the first moment when it waits for
 * nothing; after drain_timeout read no more of those that always do.  Or end
 * no more of them.
 */
void		 conn_drain(void);
void		 conn_undrain(void);

/*
 * All connections as they are now, in no order: an array that the caller frees,
 * their number in *n; NULL: no memory.
 */
struct msg_connection *conn_rows(size_t *n);

/* sandboxtab.c: the sandboxes of all processes */
void		 sandboxtab_take(const struct msg_sandbox *);

/* The i-th of those that are there; NULL: there are no more. */
const struct msg_sandbox *sandboxtab_row(size_t i);

/* control.c: keylessctl's requests */

/* As accept_offer() and what follows it. */
void		 control_offer(int fd);
void		 control_switch(void);
void		 control_abort(void);

/* What the parent says to a client that asked. */
void		 control_result(uint32_t client, const struct msg_result *);
void		 control_text(uint32_t client, const void *, size_t);

/*
 * The connections are being ended; none is left; or all is as it was before.
 */
void		 control_draining(void);
void		 control_empty(void);
void		 control_undrained(void);
void		 control_stop(void);

/* Answer a sibling, which may look and nothing else; takes fd over. */
void		 control_sibling(int fd);

#endif
