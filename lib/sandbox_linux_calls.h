/*
 * The tables of system calls: who has which.  Private to sandbox_linux*.c.
 */
#ifndef SANDBOX_LINUX_CALLS_H
#define SANDBOX_LINUX_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include <seccomp.h>

/* Who has a call. */
#define PARENT	0x0001
#define FRONT	0x0002
#define FILES	0x0004	/* signers of key files */
#define MODULE	0x0008	/* signers with any module */
#define UNIX	0x0010	/* those whose module needs ... UNIX sockets */
#define INET	0x0020	/* ... TCP/IP */
#define SYSV	0x0040	/* ... System V memory */
#define THREAD	0x0080	/* ... threads with priorities */
#define LATE	0x0100	/* ... libraries later on */
#define DEVICE	0x0200	/* ... devices */
#define ANY	0x0400	/* ... nobody knows what */
#define BECOME	0x0800	/* a process before it is confined, and so the
			 * launcher, whose filter all others inherit */
#define SAN	0x1000	/* a sanitizer's runtime in any process */
#define SAN_PARENT 0x2000	/* and in the one that ends by exit(3) */
#define LAUNCH	0x10000	/* the launcher for itself */
#define CLOUD	0x20000	/* signers that ask a cloud's key service */
#define ASK	0x4000	/* keyless-enroll: HTTPS */
#define PLACE	0x8000	/* enroller: a key and a certificate in their place */

#define CHILD	(FRONT | FILES | MODULE | CLOUD | ASK | PLACE)
#define ALL	(PARENT | CHILD | LAUNCH)
#define SOCKET	(UNIX | INET | ANY)

/*
 * System calls without a look at their arguments.  What the rows of arguments
 * name is not here.  A name that this system does not know is passed over.
 */
struct call {
	const char		*name;
	uint32_t		 who;
};
extern const struct call	 calls[];
extern const size_t		 ncalls;

/* The same where one argument decides; each value has a row. */
struct argument {
	const char		*name;
	uint32_t		 who;
	unsigned int		 arg;		/* 0..5 */
	enum scmp_compare	 op;
	uint64_t		 value;		/* SCMP_CMP_MASKED_EQ: mask */
	uint64_t		 masked;
	int			 error;		/* 0: allowed; or errno */
};
extern const struct argument	 arguments[];
extern const size_t		 narguments;

#define OWN_PID		UINT64_MAX	/* as value: this process's */

/*
 * What libraries try and can do without: they get an error, and live.  A row
 * counts where no row above gives the role the call.
 */
struct refusal {
	const char		*name;
	uint32_t		 who;
	int			 error;
};
extern const struct refusal	 refusals[];
extern const size_t		 nrefusals;

#endif
