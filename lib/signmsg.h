/*
 * Requests and replies between the frontend and a signer: records over a
 * SOCK_STREAM socketpair, in host byte order, read and written in batches.  A
 * record is its header, which has a constant size, and as many bytes of data as
 * it says.  Bytes of data past length never leave their process.
 *
 * Each frontend has a channel of its own to each signer.  A signer answers
 * every well-formed request with exactly one reply; of a suspect it says
 * SIGN_BEGUN before that.  Of the requests of a channel that wait, that of the
 * earliest turn is next, and of the same turn, that which came first.  So much
 * work can be ahead of a signer, and a client that sends little need not wait
 * for it.  A frontend has at most SIGNMSG_BATCH requests in flight on a
 * channel, for whose replies there is room in the socket: a signer waits for no
 * frontend.
 *
 * A record whose length exceeds SIGNMSG_DATA_MAX, that has unknown flags, or
 * whose zero fields are not zero is malformed: whichever end reads it ends the
 * channel.
 */
#ifndef SIGNMSG_H
#define SIGNMSG_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define SIGNMSG_REQUEST		20	/* bytes of a request before its data */
#define SIGNMSG_REPLY		16	/* and of a reply */
#define SIGNMSG_DATA_MAX	1024	/* bytes: an RSA-8192 block */
#define SIGNMSG_RECORD_MAX	(SIGNMSG_REQUEST + SIGNMSG_DATA_MAX)
#define SIGNMSG_BATCH		64	/* requests in flight on a channel */

/*
 * Microseconds of work that a signer is given ahead, as near as whole
 * operations come to it: long enough that it need not sleep, and that requests
 * and replies travel in batches.
 */
#define SIGNMSG_AHEAD		6000

/*
 * Opcode for readiness checks, not of the wire protocol: the signer signs a
 * random message with the key named, verifies the signature with the public
 * key, and answers without data.
 */
#define SIGNMSG_OP_TEST		0xfe

enum sign_status {
	SIGN_OK,
	SIGN_NO_KEY,		/* no such key index, or it is not usable now */
	SIGN_BAD_OPCODE,	/* the operation does not fit the key */
	SIGN_BAD_LENGTH,	/* wrong hash or ciphertext length */
	SIGN_REFUSED,		/* library or HSM refused the operation */
	SIGN_UNAVAILABLE,	/* token gone; it may come back */
	SIGN_DISABLED,		/* the key is disabled in its store */
	SIGN_GONE,		/* the key is deleted from its store */
	SIGN_BEGUN		/* no answer: the suspect is next */
};
#define SIGN_STATUS_MAX	SIGN_BEGUN

enum sign_flag {
	SIGN_SUSPECT = 1,	/* a signer died that had it */
	SIGN_YIELD = 2		/* look up, and yield, four times a ms */
};

struct sign_request {
	uint64_t	 id;		/* chosen by the frontend, echoed */
	uint32_t	 key;		/* index in the signer's set */
	uint8_t		 opcode;	/* wire opcode or SIGNMSG_OP_TEST */
	uint8_t		 flags;		/* enum sign_flag */
	uint16_t	 length;	/* of data, bytes */
	uint32_t	 turn;		/* see sign_turn_before() */
	uint8_t		 data[SIGNMSG_DATA_MAX];
};

struct sign_reply {
	uint64_t	 id;
	uint32_t	 us;		/* microseconds that it took */
	uint8_t		 status;	/* enum sign_status */
	uint8_t		 zero;
	uint16_t	 length;	/* of data; 0 unless SIGN_OK */
	uint8_t		 data[SIGNMSG_DATA_MAX];
};

int		 sign_request_valid(const struct sign_request *);
int		 sign_reply_valid(const struct sign_reply *);

/*
 * Whether the first turn is earlier.  They count modulo 2^32; those of requests
 * that wait at the same time are less than 2^31 apart.
 */
int		 sign_turn_before(uint32_t, uint32_t);

/* Bytes of the record. */
size_t		 sign_request_size(const struct sign_request *);

/* "ok", "no such key", ... for logs; "unknown" for anything else. */
const char	*sign_status_name(int);

/*
 * Bytes for SO_SNDBUF at the signer's end: a full batch and as many SIGN_BEGUN,
 * each with as much of the kernel's own.
 */
#define SIGNMSG_ROOM	((int)(4 * SIGNMSG_BATCH * SIGNMSG_RECORD_MAX))

/* What was read and not taken yet; all zero at first, but for header. */
struct signmsg_in {
	size_t	 header;	/* SIGNMSG_REQUEST or SIGNMSG_REPLY */
	size_t	 start;
	size_t	 end;
	uint8_t	 bytes[SIGNMSG_BATCH * SIGNMSG_RECORD_MAX];
};

/*
 * Read once with recv(2) and the flags given (0 or MSG_DONTWAIT).  Returns 1
 * and in *n how many records can be taken now (may be 0, and more than
 * SIGNMSG_BATCH; after a malformed one they mean nothing); 0 at the end of the
 * stream; -1 with errno set.  All that could be taken before must have been.
 */
int		 signmsg_read(struct signmsg_in *, int fd, int flags,
		    size_t *n);

/*
 * Take the next of the records that signmsg_read() counted.  Returns 0, or -1
 * if it is malformed.  Data past its length stays as it was.
 */
int		 signmsg_request(struct signmsg_in *, struct sign_request *);
int		 signmsg_reply(struct signmsg_in *, struct sign_reply *);

/* Replies that wait to be written; all zero at first. */
struct signmsg_out {
	size_t	 n;		/* replies, of at most SIGNMSG_BATCH */
	size_t	 length;	/* bytes */
	uint8_t	 bytes[SIGNMSG_BATCH * SIGNMSG_RECORD_MAX];
};

void		 signmsg_add(struct signmsg_out *, const struct sign_reply *);

/*
 * Write all replies of out, and have none in it.  Returns 0, or -1 with errno
 * set: EAGAIN when the frontend has left no room for them.
 */
int		 signmsg_write(struct signmsg_out *, int fd);

#endif
