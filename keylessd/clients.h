/*
 * Who asks: one entry for each client certificate that has a connection, with
 * what the rules of the configuration (clients, policy) let it do and how fast
 * it may ask.  Without rules every verified client may use every key.
 */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "frontend.h"

struct fe_client;

/*
 * The client at the other end of a connection whose handshake is done; one
 * connection more of it, given back with client_release().  Exits when there
 * is no memory.
 */
struct fe_client	*client_hold(struct tls *);
void			 client_release(struct fe_client *);

/* Of its certificate; tls is any connection of the client. */
const char	*client_subject(const struct fe_client *);
const char	*client_serial(struct fe_client *, struct tls *);

/*
 * Whether the client may have the operation with the key: WIRE_OK, or the
 * error for it: 2 (key not found) for a key that is not the client's, 5 (bad
 * opcode) for an operation that is not.  Refusals are counted and logged, once
 * a minute, with the name of the last one out of its context.  tls is any
 * connection of the client.
 */
enum wire_error	 client_may(struct fe_client *, struct tls *,
		    const struct fe_key *, const struct opcode_info *,
		    const char *peer, const struct wire_bytes *context);

/*
 * Whether one more request is within request_rate, and count it if so; how
 * many ms until one will be.
 */
int		 client_take(struct fe_client *);
uint64_t	 client_wait(struct fe_client *);

/* Rules of the next configuration; then use what came, or forget it. */
void		 client_offer(const struct msg_client *);
void		 client_offer_grant(const struct msg_grant *);
void		 client_switch(void);
void		 client_abort(void);

/* A key of the configuration in force was loaded or replaced. */
void		 client_key_changed(const struct fe_key *);

#endif
