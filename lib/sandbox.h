/*
 * What each process gives up once it has opened what it needs.
 * sandbox_linux*.c and sandbox_openbsd.c implement the same functions.
 *
 * The order in a child:
 *
 *	sandbox_harden()	first of all
 *	sandbox_isolate()	still root: name spaces, the root directory it
 *				will have, then its user, for good
 *	sandbox_confine()	the rest: the last privilege, files, system
 *				calls; then the first byte from a peer that it
 *				does not trust
 *
 * The signer of a cloud connects to its ports on any host, and asks the name
 * service: what it may resolve and reach is not known beforehand.
 *
 * A PKCS#11 module is loaded between the two, as the user and where nothing
 * but libraries can be seen; or after both, if it loads libraries whenever it
 * likes.
 *
 * What the system does not have (an old kernel) or does not grant (a
 * container, an ordinary user) is noted, see sandbox_report(), and the process
 * goes on with the rest.  Anything else that fails ends it.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "msg.h"

enum sandbox_role {
	SANDBOX_PARENT,
	SANDBOX_LAUNCHER,
	SANDBOX_FRONTEND,
	SANDBOX_FILES,		/* signer of key files: no file, no socket */
	SANDBOX_MODULE,		/* signer with a PKCS#11 module */
	SANDBOX_CLOUD,		/* signer that asks a cloud's key service */
	SANDBOX_ASK,		/* keyless-enroll: HTTPS, resolver's files */
	SANDBOX_PLACE		/* enroller: stays root, has its paths alone */
};

/* What a module needs beyond its paths. */
#define SANDBOX_UNIX		0x01	/* UNIX sockets */
#define SANDBOX_INET		0x02	/* TCP/IP and DNS */
#define SANDBOX_SYSV		0x04	/* System V memory and semaphores */
#define SANDBOX_THREADS		0x08
#define SANDBOX_LATE		0x10	/* libraries after sandbox_confine() */
#define SANDBOX_DEVICES		0x20	/* ioctl(2) */
#define SANDBOX_UNKNOWN		0x40	/* whatever libraries use to do */

/*
 * A file, directory, socket or device, absolute, that a module or a cloud's
 * signer opens; or the parent writes to.
 */
struct sandbox_path {
	const char	*path;
	uint32_t	 flags;
};

#define SANDBOX_WRITE		0x01	/* may be written */
#define SANDBOX_DEVICE		0x02	/* is a device: ioctl(2), too */
#define SANDBOX_LIBRARY		0x04	/* holds libraries; only for loading,
					 * without SANDBOX_LATE */
#define SANDBOX_SOCKETS		0x08	/* directory: sockets are made and
					 * removed */
#define SANDBOX_NAMES		0x10	/* directory: a file that is open is
					 * renamed and removed */
#define SANDBOX_PROGRAM		0x20	/* is executed, by a parent without
					 * launcher */
#define SANDBOX_PATHS_MAX	128
#define SANDBOX_PORTS_MAX	32

/* What a process is to become; all of it stays the caller's. */
struct sandbox {
	enum sandbox_role	 role;
	uint32_t		 needs;		/* SANDBOX_UNIX and so on */
	const char		*user;		/* "": not root, no change */
	const char		*root;		/* directory; "": none */
	struct sandbox_path	 paths[SANDBOX_PATHS_MAX];
	size_t			 npaths;	/* module, cloud, parent */
	uint16_t		 ports[SANDBOX_PORTS_MAX];	/* TCP */
	size_t			 nports;	/* of a cloud */
};

/*
 * In every process, at its start and (a change of user resets it) after that:
 * no core file, no ptrace and no /proc access by others of the same user, no
 * new privileges through exec, where the system has them.
 */
void	sandbox_harden(void);

void	sandbox_isolate(const struct sandbox *);
void	sandbox_confine(const struct sandbox *);

/*
 * In the parent, before it has a child: neither it nor any of its children
 * will signal a process that is not one of them.
 */
void	sandbox_fence(void);

/*
 * The launcher, in one step: it forks and executes, and its children become
 * what they are with what is left to it.
 */
void	sandbox_launcher(void);

/*
 * The parent, in one step, once the launcher runs: it reads any file, writes
 * to the paths given alone, and executes nothing.
 */
void	sandbox_parent(const struct sandbox *);

/* Whether this system has the parent's children made by a launcher. */
int	sandbox_has_launcher(void);

/*
 * fork(2), but the child is one of the caller's parent, which waits for it and
 * hears of its end; for the launcher.
 */
pid_t	sandbox_fork(void);

/* Whether this process may kill its children, whatever user they become. */
int	sandbox_may_kill(void);

/*
 * From now on the system sends this process that signal when its parent ends;
 * after sandbox_confine(), since a change of user resets it.  A parent that has
 * ended before is not noticed, and one that may not kill it does not so by its
 * end either.  Returns 0, or -1: this system does no such thing.
 */
int	sandbox_end_with_parent(int signo);

/*
 * What is in force in this process, as the system tells it; all but name, set,
 * slot and pid, which the parent knows better.
 */
void	sandbox_report(struct msg_sandbox *);

#endif
