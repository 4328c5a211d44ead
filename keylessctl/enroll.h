/*
 * keylessctl enroll: an authentication certificate, without the daemon.
 */
#ifndef ENROLL_H
#define ENROLL_H

#include <sys/types.h>

#include <stddef.h>

#include "../keylessd/config.h"

/* enroll_query.c */

/*
 * Have the program keyless-enroll ask the API for the certificate that answers
 * a request (PEM, csr).  Returns it, for free(), or NULL with the reason in
 * err.
 */
char	*enroll_query(const char *program, const struct config *, int verbose,
	    const char *csr, char *err, size_t errsize);

/* enroll_terminal.c */

/*
 * Ask at the terminal for what the configuration lacks, which is put into it.
 * Returns how many values were asked for.  Ends the program when nothing is
 * typed.
 */
int	 enroll_complete(struct config *, int token);

#endif
