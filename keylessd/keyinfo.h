/*
 * What parent and frontend remember of a key: struct msg_key without its
 * spare room.
 */
#ifndef KEYINFO_H
#define KEYINFO_H

#include "msg.h"

struct keyinfo {
	enum key_state	 state;
	enum key_type	 type;
	uint32_t	 bits;
	uint8_t		 ski[WIRE_SKI_SIZE];
	uint8_t		 digest[WIRE_DIGEST_SIZE];
	char		*label;
	char		*store;
	char		*reason;	/* NULL unless KEY_FAILED */
};

/* Whether a message holds what its struct promises. */
int	msg_key_valid(const struct msg_key *);
int	msg_refused_valid(const struct msg_refused *);
int	msg_token_valid(const struct msg_token *);

/*
 * Replace what info holds.  Returns 0, or -1 when there is no memory (info is
 * empty then).
 */
int	keyinfo_set(struct keyinfo *, const struct msg_key *);

/* The same for a key that never reached a signer. */
int	keyinfo_fail(struct keyinfo *, const char *store, const char *reason);

/* Fills all but set and index. */
void	keyinfo_to_msg(const struct keyinfo *, struct msg_key *);

/* Whether both are ready and the same public key. */
int	keyinfo_same(const struct keyinfo *, const struct keyinfo *);

void	keyinfo_free(struct keyinfo *);

#endif
