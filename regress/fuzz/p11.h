/*
 * What the fuzzers of keyless-pkcs11 share.
 */
#ifndef FUZZ_P11_H
#define FUZZ_P11_H

#include "../../keyless-pkcs11/module.h"

#define P11_OBJECTS	9	/* three of each certificate */

/* A directory with an RSA, a P-256 and an Ed25519 certificate. */
const char	*p11_certs(void);
void		 p11_certs_remove(void);

#endif
