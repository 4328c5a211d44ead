/*
 * p11edge: calls keyless-pkcs11.so directly, as a program does that loads it.
 * See usage() in main.c.
 */
#ifndef EDGE_H
#define EDGE_H

#include <openssl/evp.h>

#include <pkcs11-helper-1.0/pkcs11.h>

#include <stddef.h>
#include <stdint.h>

#define KEYS_MAX	16

/* A private key of the module, and its public key. */
struct edge_key {
	CK_SLOT_ID		 slot;
	CK_OBJECT_HANDLE	 object;
	CK_KEY_TYPE		 type;
	EVP_PKEY		*pub;
};

/* main.c */
extern CK_FUNCTION_LIST	*f;
extern CK_FUNCTION_LIST_3_0 *f3;
extern struct edge_key	 keys[KEYS_MAX];
extern size_t		 nkeys;

void	die(const char *, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));
void	must(const char *, CK_RV);		/* CKR_OK, or die */
CK_RV	initialize(void);			/* with OS locking */
CK_SESSION_HANDLE open_session(CK_SLOT_ID);
double	now_ms(void);

/* sign.c */

/*
 * Sign something with the n-th way that a key has, in a session of its slot,
 * and verify it.  CKR_OK, or what the module said; a wrong signature is fatal.
 */
CK_RV	sign_once(CK_SESSION_HANDLE, const struct edge_key *, unsigned int n);

/* What may be asked, and how: one command each. */
int	load_main(int, char **);		/* load.c */
int	fork_main(int, char **);		/* forks.c */
int	args_main(int, char **);		/* args.c */
int	decrypt_main(int, char **);		/* decrypt.c */

#endif
