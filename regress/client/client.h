/*
 * keyless-client: sends any request of the Keyless protocol to a key server
 * and verifies every answer.  For tests; see usage() in main.c.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <sys/types.h>
#include <sys/queue.h>

#include <openssl/evp.h>
#include <tls.h>

#include <stddef.h>
#include <stdint.h>

#include "keyid.h"
#include "opcode.h"
#include "wire.h"

/* How a request names its key. */
enum identify {
	IDENTIFY_SKI,
	IDENTIFY_DIGEST,
	IDENTIFY_BOTH,
	IDENTIFY_NONE,
	IDENTIFY_UNKNOWN	/* by a random SKI */
};

/* Instead of an error code, WIRE_OK for success: no matter which. */
#define EXPECT_ANY	(-1)

struct options {
	char			*host;
	const char		*port;
	const char		*cert;		/* of the client; NULL: none */
	const char		*key;
	const char		*ca;
	const char		*servername;	/* NULL: host */
	int			 any_name;	/* do not check the name */
	uint32_t		 protocols;	/* TLS_PROTOCOL_* */
	int			 byte_records;	/* one byte per TLS record */
	int			 byte_segments;	/* one byte per TCP segment */
	int			 expect;	/* enum wire_error or ANY */
	enum identify		 identify;
	int			 all_items;
	int			 reconnect;	/* load: when one is lost */
	int			 resend;	/* load: what is unanswered */
	int			 small_window;	/* room for few answers */
	int			 verbose;
	int			 timeout;	/* ms without progress */
	size_t			 depth;		/* requests in flight */
	size_t			 sample;	/* load: verify 1 of so many */
	int			 single;	/* a TLS record for each */
	int			 warm_up;	/* load: ms, not measured */
	const char		*groups[4];	/* load: NAME=PID,PID */
	size_t			 ngroups;
};

struct pubkey {
	LIST_ENTRY(pubkey)	 entry;
	const char		*path;
	EVP_PKEY		*key;
	struct keyid		 id;
	size_t			 block;		/* RSA: modulus bytes, else 0 */
};

/* A request, its encoding, and what its answer has to be. */
struct request {
	LIST_ENTRY(request)	 entry;		/* while in flight */
	uint32_t		 id;
	uint64_t		 sent;		/* load: when, ns */
	uint8_t			 opcode;
	const struct opcode_info *op;		/* NULL: not in the protocol */
	const struct pubkey	*key;		/* NULL: none named */
	int			 expect;	/* enum wire_error or ANY */
	int			 verify;	/* look into the payload */
	uint8_t			*payload;
	size_t			 length;
	uint8_t			*want;		/* exact answer, or NULL */
	size_t			 want_length;
	uint8_t			*message;
	size_t			 message_length;
};

#define PENDING_BUCKETS	256

/* What an RSA ciphertext holds: all must come back as they are. */
enum block {
	BLOCK_PKCS1,		/* padded as for encryption, RFC 8017 7.2.1 */
	BLOCK_RANDOM,		/* no padding at all */
	BLOCK_SMALL		/* a small number: leading zeros */
};
#define BLOCK_KINDS	3

struct pending {
	LIST_HEAD(, request)	 buckets[PENDING_BUCKETS];
	size_t			 count;
};

/* An answer taken apart; points into the connection's buffer. */
struct answer {
	struct wire_header	 header;
	struct wire_body	 body;
	size_t			 size;		/* of the whole message */
};

struct conn;
struct measure;
struct run;

/* main.c */
/* Print "keyless-client: ..." to standard error. */
void		 complain(const char *, ...)
		    __attribute__((format(printf, 1, 2)));
/* The same, then exit 1. */
void		 die(const char *, ...)
		    __attribute__((noreturn, format(printf, 1, 2)));
void		*must_alloc(size_t);	/* zeroed; never NULL */
uint64_t	 now_ms(void);

/* conn.c: one TLS connection, never waiting */
struct conn	*conn_open(const struct options *);	/* NULL: no TCP */
void		 conn_close(struct conn *);
int		 conn_fd(const struct conn *);
short		 conn_events(const struct conn *);	/* for poll(2) */
const char	*conn_error(const struct conn *);	/* why it is over */
size_t		 conn_queued(const struct conn *);
/* Wait for the socket: 0, or -1 after timeout ms. */
int		 conn_wait(struct conn *, int timeout);
/* Wait until the handshake is over: 0, or -1. */
int		 conn_handshake(struct conn *, int timeout);
void		 conn_queue(struct conn *, const uint8_t *, size_t);
/* Write and read as much as goes now: 0, or -1 when it is over. */
int		 conn_work(struct conn *);
/* The same, but a socket that was read empty since then is not read again. */
int		 conn_work_on(struct conn *);
/* Write as much as goes now, read nothing: the same. */
int		 conn_work_out(struct conn *);
/* The next whole message: 1, 0 when there is none, -1 when it is none. */
int		 conn_next(struct conn *, struct answer *);

/* pubkey.c */
/* The key, or a certificate's, in a PEM or DER file; or exits. */
const struct pubkey	*pubkey_load(const char *);
void		 pubkey_free_all(void);

/* request.c: building, matching, checking */
struct request	*request_new(uint8_t opcode, const struct pubkey *,
		    const uint8_t *payload, size_t length);
struct request	*request_random(uint8_t opcode, const struct pubkey *,
		    size_t length);
/* Well-formed requests that a server has to answer with success. */
struct request	*request_sign(const struct opcode_info *,
		    const struct pubkey *);
struct request	*request_decrypt(const struct opcode_info *,
		    const struct pubkey *, enum block);
struct request	*request_ping(size_t length);
void		 request_encode(struct request *, const struct options *);
void		 request_free(struct request *);
/* Choose an id that no request in flight has, and count it as in flight. */
void		 pending_add(struct pending *, struct request *);
/* Count it as in flight under the id that its message has. */
void		 pending_put(struct pending *, struct request *);
/* The request that the answer is for, no longer in flight; or NULL. */
struct request	*pending_take(struct pending *, uint32_t id);
/* Is the answer what the request asked for?  0, or -1 after complain(). */
int		 answer_check(const struct request *, const struct answer *);
/* Is it a well-formed response, whatever it says? */
int		 answer_format(const struct answer *);
void		 answer_print(const struct answer *);

/* verify.c: 0 when the signature is right, -1 otherwise */
int		 verify_signature(const struct request *, const uint8_t *,
		    size_t);

/* run.c: requests over one connection, a limited number in flight */
struct run	*run_new(const struct options *);
void		 run_free(struct run *);
struct conn	*run_conn(struct run *);	/* connects, or exits */
void		 run_reconnect(struct run *);
void		 run_add(struct run *, struct request *);
/* Send what was added, await and check all answers: the number that failed. */
size_t		 run_all(struct run *);
/* Send bytes as they are; one answer for each whole message in them. */
size_t		 run_raw(struct run *, const uint8_t *, size_t);
/*
 * Wait: returns 1 after ms, or with something on standard input, 0 when the
 * connection is over.
 */
int		 run_hold(struct run *, int ms, int use_stdin);

/* commands.c */
/* Carry out one command of argc words; 0, or -1 when something failed. */
int		 command(struct run *, const struct options *, int, char **);
void		 command_list(void);		/* help */

/* measure.c */
uint64_t	 now_ns(void);
struct measure	*measure_new(const struct options *);
void		 measure_begin(struct measure *);
int		 measure_began(const struct measure *);
/* An answer has come to what was sent then. */
void		 measure_add(struct measure *, uint64_t sent);
/* Whether one has. */
int		 measure_answers(const struct measure *);
void		 measure_end(struct measure *);
/* " measured=... rate=... p50_us=...", and NAME_us of each group. */
void		 measure_print(const struct measure *);

/* load.c */
int		 load(const struct options *, const struct opcode_info *,
		    const struct pubkey *, size_t nconns, const char *amount);

#endif
