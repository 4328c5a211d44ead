/*
 * The fuzzer of connections, in parts:
 *
 *	fuzz_conn.c	the connections; the steps, and what holds after each
 *	conn_front.c	what frontend.c has: keys and their sets, a clock
 *	conn_tls.c	libtls, without encryption
 *	conn_clients.c	clients, and the answers that they may get
 *	conn_signers.c	signers, honest or not
 *
 * What takes a struct fuzz uses up bytes of the input.
 */
#ifndef CONN_PLAYED_H
#define CONN_PLAYED_H

#include "../../keylessd/frontend.h"
#include "fuzz.h"

/* conn_front.c */

#define KEYS		3	/* EC and RSA of set 1, Ed25519 of set 2 */
#define SET_KEYS	2	/* most that one set has */

/* The sets and their keys; and all is over: they are given back. */
void		 front_begin(void);
void		 front_end(void);

/* Time passes. */
void		 front_wait(uint64_t ms);

/* What the frontend's loop does when it has woken up. */
void		 front_turn(void);

/* conn_tls.c */

/* Connections show this certificate from now on, by its fingerprint. */
void		 tls_show(const char *cert);

/* conn_clients.c */

#define CLIENTS		3
#define CLIENT_CERTS	2	/* the first and the third share one */

struct client;

extern const char *const client_certs[CLIENT_CERTS];

void		 clients_begin(void);
struct client	*client_number(size_t);

/* Does nothing if it is connected, or if nobody is accepted. */
void		 client_open(struct client *);
void		 client_close(struct client *);

/* So many requests; or bytes of any kind. */
void		 client_ask(struct client *, struct fuzz *, size_t n);
void		 client_rave(struct client *, struct fuzz *);

/*
 * Take what there is: nothing but answers to what was asked, each of which is
 * due, and an end only when it may be.  Returns whether there was any.
 */
int		 client_read(struct client *);
int		 clients_read(void);

/* A drain begins: their connections may end now, with all answered so far. */
void		 clients_drain(void);

/* It is late: what has not been read by now is never answered. */
void		 clients_late(void);

/* Answers that were taken on the connections that are open. */
size_t		 clients_answered(void);

/* Nothing happens any more: all is answered that must be. */
void		 clients_end(void);

/* conn_signers.c */

#define SIGNERS		3	/* two of set 1, one of set 2 */

struct signer;

void		 signers_begin(void);
struct signer	*signer_number(size_t);

/* Each does nothing if it is not connected; or, the first, if it is. */
void		 signer_connect(struct signer *);
void		 signer_die(struct signer *, struct fuzz *, int harmless,
		    enum signer_state);
void		 signer_read(struct signer *);

/*
 * Go on with the answer that is under way, or else answer a request, the
 * oldest or one that was left for later; whether there was anything to do.
 */
int		 signer_answer(struct signer *, enum sign_status);

/* Answer all requests. */
int		 signer_serve(struct signer *);

/* The same for all signers, which are connected if they are not. */
int		 signers_serve(void);

/* Bytes of its answer again, or further ones; or of one to nobody. */
void		 signer_repeat(struct signer *, struct fuzz *);
void		 signer_lie(struct signer *, struct fuzz *);

/* They end for good. */
void		 signers_end(struct fuzz *);

#endif
