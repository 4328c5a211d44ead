/*
 * Is auth_cert what it should be: the certificate of this key server?  The
 * usual mistake is the certificate of a site, which the edge should have.
 */
#ifndef AUTHCERT_H
#define AUTHCERT_H

#include "frontend.h"

/*
 * Look at the files of a configuration.  Returns -1 with the reason in err
 * when auth_key is not the key of auth_cert; logs what else is not as it
 * should be.  What cannot be parsed is tlsserver_new()'s to refuse.
 */
int	 authcert_look(const struct tls_files *, const struct msg_front_conf *,
	    char *err, size_t errsize);

/* The keys are known: warn if auth_cert is of one of them. */
void	 authcert_switch(void);

#endif
