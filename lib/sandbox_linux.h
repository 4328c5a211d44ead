/*
 * The parts of the sandbox on Linux.  Private to sandbox_linux*.c.
 */
#ifndef SANDBOX_LINUX_H
#define SANDBOX_LINUX_H

#include "privdrop.h"
#include "sandbox.h"

/* sandbox_linux.c */

/* Something that the system does not have or does not grant. */
void	sandbox_degrade(const char *, ...)
	    __attribute__((format(printf, 1, 2)));

/* sandbox_linux_ns.c: name spaces and root directories */

/*
 * Name spaces of its own, and the root directory in them.  Not root, a user
 * name space as well.  A module's paths are opened with the rights of the user
 * that it will have, when there is to be a change.  Returns where to chroot to
 * after the module is loaded, or NULL: nothing is left to be done.
 */
const char *ns_enter(const struct sandbox *, const struct privdrop *);

/* NS_* that this process has for itself. */
uint32_t ns_mine(void);

/* sandbox_linux_caps.c: capabilities */

#define CAPS_NONE	0
#define CAPS_CHROOT	1	/* CAP_SYS_CHROOT, until caps_set(CAPS_NONE) */
#define CAPS_PARENT	2
#define CAPS_LAUNCHER	3	/* what processes need to become themselves */
#define CAPS_PLACE	4	/* files in any directory */

/*
 * Nobody executed from here on has more than these (the bounding set), and
 * this process has no more.
 */
void	caps_bound(int);
void	caps_set(int);

/* Keep them over the next change of user. */
void	caps_keep(void);

/*
 * Whether it has any.  The bounding set does not count: it is what could be
 * had by executing a file, and nothing can.
 */
int	caps_any(void);

/* Whether this process may do that to itself. */
int	caps_has_admin(void);
int	caps_has_kill(void);
int	caps_has_setpcap(void);

/* sandbox_linux_landlock.c: files, TCP, signals */

/* Returns the ABI that is in force, 0: none. */
int	landlock_enter(const struct sandbox *);

/* Signals stay among this process and its children to be. */
void	landlock_fence(void);

/* sandbox_linux_seccomp.c: system calls */

void	seccomp_enter(enum sandbox_role, uint32_t needs);

#endif
