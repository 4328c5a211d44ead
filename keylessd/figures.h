/*
 * What a frontend counts of requests, connections and handshakes for its
 * metrics, beside struct msg_stats.  All of it are numbers that only grow, so
 * that what several processes have counted can be added up.
 */
#ifndef FIGURES_H
#define FIGURES_H

#include <stdint.h>

#include "opcode.h"
#include "wire.h"

/* Bounds of 100 us, doubled 14 times; the last bucket takes all that's more. */
#define HISTOGRAM_BUCKETS	16
#define HISTOGRAM_FIRST		100	/* us */

struct histogram {
	uint64_t	 count[HISTOGRAM_BUCKETS];
	uint64_t	 sum;		/* in the unit of who observes */
};

/* How the Go server groups opcodes. */
enum figure_type {
	FIGURE_RSA,
	FIGURE_ECDSA,
	FIGURE_ED25519,
	FIGURE_RPC,
	FIGURE_CUSTOM,
	FIGURE_OTHER,
	FIGURE_UNKNOWN,		/* not an opcode, or no request */
	FIGURE_TYPES
};

/* Why a handshake failed.  Names are in figures.c, texts in tlsreason.c. */
enum handshake_failure {
	HANDSHAKE_NO_CERTIFICATE,
	HANDSHAKE_EXPIRED,
	HANDSHAKE_NOT_YET_VALID,
	HANDSHAKE_REVOKED,
	HANDSHAKE_UNTRUSTED,
	HANDSHAKE_NOT_CLIENT,
	HANDSHAKE_CERTIFICATE,
	HANDSHAKE_CLIENT_ALERT,
	HANDSHAKE_PROTOCOL,
	HANDSHAKE_NOT_TLS,
	HANDSHAKE_CLOSED,
	HANDSHAKE_TIMEOUT,
	HANDSHAKE_EVICTED,
	HANDSHAKE_OTHER,
	HANDSHAKE_FAILURES
};

/* Limits of the configuration, and the one that is fixed. */
enum figure_limit {
	LIMIT_CONNECTIONS,
	LIMIT_CONNECTIONS_PER_SOURCE,
	LIMIT_HANDSHAKES,
	LIMIT_HANDSHAKE_RATE,
	LIMIT_REQUEST_RATE,
	LIMIT_PENDING,
	LIMIT_PENDING_PER_CONNECTION,
	LIMIT_BUFFER,
	FIGURE_LIMITS
};

/* Nothing but uint64_t. */
struct figures {
	struct histogram exec[FIGURE_TYPES][WIRE_ERR_MAX + 1];	/* us */
	struct histogram total[FIGURE_TYPES][WIRE_ERR_MAX + 1];	/* us */
	struct histogram key_lookup;			/* ns; of a sample */
	uint64_t	 handshakes;			/* that succeeded */
	uint64_t	 handshake_failures[HANDSHAKE_FAILURES];
	uint64_t	 broken;	/* connections, after the handshake */
	uint64_t	 limits[FIGURE_LIMITS];
};

/* The bucket of a time in microseconds. */
unsigned int	 histogram_bucket(uint64_t us);

/*
 * A request got its answer: error, or WIRE_OK; microseconds that the operation
 * took, and all of it.  op is NULL where there is none.
 */
void		 figures_answered(const struct opcode_info *op,
		    enum wire_error, uint64_t exec, uint64_t total);

/* A key was looked for, so many nanoseconds. */
void		 figures_looked_up(uint64_t ns);

/* Add what another process has counted. */
void		 figures_add(struct figures *, const struct figures *);

/* The values of labels. */
const char	*figure_type_name(enum figure_type);
const char	*figure_error_name(int);	/* as the Go server prints it */
const char	*figure_limit_name(enum figure_limit);
const char	*handshake_failure_name(enum handshake_failure);

/* tlsreason.c: what libtls said of a handshake that failed */
enum handshake_failure	 tlsreason_classify(const char *);

#endif
