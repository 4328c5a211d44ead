/*
 * What each process gives up once it has opened what it needs.  One function
 * a role; sandbox_linux.c and sandbox_openbsd.c implement the same functions.
 *
 * The order in a child: sandbox_harden(), privdrop() while still root, then
 * its role's function, and only then the first byte from a peer it does not
 * trust.  Each function logs and exits when what it does cannot be had.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

/*
 * In every process, at its start and (a change of user resets it) after
 * privdrop(): no core file, no ptrace and no /proc access by others of the
 * same user, no new privileges through exec, where the system has them.
 */
void	sandbox_harden(void);

void	sandbox_parent(void);
void	sandbox_frontend(void);
void	sandbox_signer_files(void);	/* key files: no file, no socket */
void	sandbox_signer_pkcs11(void);	/* whatever the module needs */

#endif
