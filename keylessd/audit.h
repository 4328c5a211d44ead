/*
 * A line for each operation with a key that somebody asked for: when, who,
 * with which key, what came of it.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "frontend.h"

/* Whether lines are written at all: looked at before anything is put up. */
#define AUDIT_ON	(fe_conf.audit != AUDIT_OFF)

/*
 * The operation ended; reason is why it failed, or NULL.  Nothing is written
 * for nobody, nor for tests of stores.
 */
void	audit_pending(const struct pending *, const char *reason);

/* It was refused, before or after the key (or NULL) was found. */
void	audit_refused(struct conn *, const struct opcode_info *,
	    const struct fe_key *, const struct wire_body *,
	    const char *reason);

/* What comes as MSG_FRONT_AUDIT; then write there, or forget it. */
void	audit_offer(int fd);
void	audit_switch(void);
void	audit_abort(void);

/* End of a turn: write what was gathered, without waiting. */
void	audit_flush(void);

#endif
