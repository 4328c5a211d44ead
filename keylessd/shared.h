/*
 * What the frontends count, in memory that all of them share: each writes its
 * own counts there and nobody else's, so that whoever is asked can add them
 * up, and that nothing already counted goes when one of them dies.
 *
 * Who has taken over one of them can falsify the counts of all, and by them
 * keep the others from accepting; but he could as well accept every connection
 * himself.  Nothing else depends on what is in here.
 */
#ifndef SHARED_H
#define SHARED_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "figures.h"
#include "msg.h"

#define SHARED_ALIGN	64	/* so that no two processes share a line */
#define SHARED_SETS	1024	/* of signers, with counts */

/* What a frontend has given to the signers of a set. */
struct shared_set {
	uint64_t	 set;		/* its id; 0: place not in use */
	uint64_t	 served;	/* operations that were answered */
	uint64_t	 worked;	/* us; signers on them */
	uint64_t	 inflight;	/* now */
	uint64_t	 queued;	/* now */
};

struct counts {
	struct msg_stats	 stats;
	struct msg_opstat	 opstats[OPCODE_COUNT];
	struct msg_latency	 latency;	/* of answers to requests */
	struct figures		 figures;
	uint64_t		 cpu;	/* us, of it and its predecessors */
};

struct shared {
	alignas(SHARED_ALIGN)
	struct counts		 counts;
	struct shared_set	 sets[SHARED_SETS];
};

struct shared_memory {
	alignas(SHARED_ALIGN)
	atomic_uint_least64_t	 last_connection;	/* its id */
	atomic_uint_least64_t	 since;		/* ms; 0: nobody was here */
	struct shared		 each[MSG_FRONTENDS_MAX];
};

extern struct shared	*fe_shared;	/* of this process */

#define fe_stats	(fe_shared->counts.stats)
#define fe_opstats	(fe_shared->counts.opstats)
#define fe_latency	(fe_shared->counts.latency)
#define fe_figures	(fe_shared->counts.figures)

/*
 * What this process has at the moment, and goes by; in its counts is a copy for
 * the others.
 */
struct fe_now {
	uint64_t	 connections;
	uint64_t	 handshakes;
	uint64_t	 pending;
};
extern struct fe_now	 fe_now;

/* Use the struct shared_memory, zeroed at first, in fd; -1: errno is set. */
int		 shared_open(int fd, const struct msg_place *);

/* The frontend numbered i, or NULL: there are not so many. */
struct shared	*shared_of(uint32_t i);

/* Of all frontends together; gauges of those that are replaced count, too. */
void		 shared_total(struct counts *);
uint64_t	 shared_connections(void);

/* The id of the next connection of all: ascending by age. */
uint64_t	 shared_next_connection(void);

/* Since when is counted, ms of the monotonic clock; now, if nobody did yet. */
uint64_t	 shared_since(uint64_t now);

/*
 * shared_sets.c: for the siblings, once a turn of the loop: what this process
 * knows of its signers, and its processor time, which is up to a second old.
 */
void		 shared_publish(void);

/* The same, at once, before it is added up. */
void		 shared_publish_sets(void);
void		 shared_publish_cpu(void);

/* What all frontends have published of a set. */
struct fe_set;
void		 shared_set_total(const struct fe_set *, struct shared_set *);

#endif
