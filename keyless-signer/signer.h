/*
 * keyless-signer: one process of a signer set.  It serves one store: all key
 * files together, or the keys of one PKCS#11 token.
 */
#ifndef SIGNER_H
#define SIGNER_H

#include <openssl/evp.h>

#include <stddef.h>
#include <stdint.h>

#include "ipc.h"
#include "keyid.h"
#include "msg.h"
#include "opcode.h"
#include "signmsg.h"

struct key;

/* What a kind of key can do.  See softkey.c and p11op.c. */
struct key_method {
	/*
	 * One operation whose opcode fits the key's type and whose input
	 * length opcode_length_ok() has accepted.  Writes at most
	 * SIGNMSG_DATA_MAX bytes to out and their number to *outlen.
	 */
	enum sign_status (*operate)(struct key *, const struct opcode_info *,
	    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen);
	/* Free key->state, wiping what is secret. */
	void	(*destroy)(struct key *);
};

/* A configured key.  Unless method is NULL it is loaded and usable. */
struct key {
	const struct key_method	*method;
	void			*state;		/* the method's own */
	EVP_PKEY		*public;	/* public part, for tests */
	struct keyid		 id;
	size_t			 block;		/* RSA: modulus bytes */
	char			 label[MSG_LABEL_SIZE];
	char			 store[MSG_PATH_SIZE];	/* without PIN */
	char			 reason[MSG_REASON_SIZE];	/* not usable */
};

/* key.c: what all kinds of keys share */

/* Room for the keys of the set; index is the frontend's key number. */
struct keyring {
	struct key	*keys;
	size_t		 nkeys;
};

/* Make sure that index exists, with empty keys before it; NULL: no memory. */
struct key	*keyring_at(struct keyring *, uint32_t index);
void		 keyring_free(struct keyring *);

/* Note why a key is not usable. */
void		 key_refuse(struct key *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/*
 * Set public, id and block from a public (or private) key; -1 after
 * key_refuse() when the protocol has no use for it.  Takes a reference.
 */
int		 key_set_public(struct key *, EVP_PKEY *);

/*
 * Answer one valid request: checks key index, opcode against key type and
 * length, then operates.  The reply is zeroed first.
 */
void		 key_answer(struct keyring *, const struct sign_request *,
		    struct sign_reply *);

/* Sign something random and verify it with the public key. */
enum sign_status key_test(struct key *);

/* keyfile.c: private keys in files */

/*
 * Load the PEM or DER key that fd holds (PKCS#1, SEC1, PKCS#8) into key.  Reads
 * from offset 0, wipes its copies; does not close fd.  Returns 0, or -1 after
 * key_refuse().
 */
int		 keyfile_load(struct key *, int fd);

/* Once, before sandbox_confine(). */
void		 keyfile_memory(void);

/* keydecode.c */

/*
 * The private key of this EVP_PKEY type that len bytes of DER hold (PKCS#1,
 * SEC1, PKCS#8); NULL with libcrypto's errors.
 */
EVP_PKEY	*key_decode(int type, const uint8_t *der, size_t len);

/*
 * Whether an RSA key signs so that its public part verifies it.  What a
 * signature by softkey.c proves, too, but that prepares more of them, which
 * takes twice as long.
 */
int		 key_rsa_works(EVP_PKEY *);

/* softkey.c: operations through libcrypto */

/*
 * Make key, whose public part is set, use pkey (it takes a reference).  Returns
 * 0, or -1 after key_refuse().
 */
int		 softkey_new(struct key *, EVP_PKEY *);

/* Empty libcrypto's queue of errors; log the first one at debug level. */
void		 softkey_log_libcrypto(const struct key *, const char *what);

/* view.c: what the process of a module will see */

struct sandbox;

/* Take one of the store's `paths': an absolute path, perhaps with ":rw". */
void		 view_add(const char *);

/*
 * Fill needs and paths for the module in this file, by its profile, the
 * environment and the store's `paths'; as the user of s, when there is one:
 * it may have to look into the module's own configuration.
 */
void		 view_make(struct sandbox *s, const char *module);

/* p11.c: module and token */

/*
 * Open the module: between sandbox_isolate() and sandbox_confine(), or after
 * both.  Returns 0, or -1 with the failure filled, dlerror's text included.
 */
int		 p11_load(const char *path, struct msg_failure *);

/*
 * After sandbox_confine(): initialise the module, find the one token that the
 * URI names, open the session, log in as the user named with the PIN that
 * pin_fd holds (-1: none); pin_fd is p11_close()'s from now on.  One login
 * attempt, never more.  Returns 0, or -1 with the failure filled; p11_close()
 * is due in either case.
 */
int		 p11_open(const struct msg_module *, int pin_fd,
		    struct msg_failure *);

/* Once, before sandbox_confine(): room for the PIN. */
void		 p11_login_memory(void);

/* Why this process cannot serve its token any longer; NULL while it can. */
const struct msg_failure *p11_failure(void);

/* C_Finalize and all that goes before it.  Ends the process if that hangs. */
void		 p11_close(void);

/* p11token.c */

/*
 * Whether the parent is to be told something new of the token, which then is
 * in the message: never more than once a second, and never without a token.
 */
int		 p11_report(struct msg_token *);

/* How long to wait before p11_report() is asked again, for poll(2). */
int		 p11_report_wait(void);

/* p11key.c: keys of the token */

/*
 * Find the one private key that the URI names (id, object or both) and its
 * public part, on the token or from the certificate or public key in the PEM
 * or DER file cert_fd (-1: none).  Returns 0, or -1 after key_refuse(); but
 * when there is a p11_failure() then, the key is not to blame.
 */
int		 p11key_load(struct key *, const char *uri, int cert_fd);

/* key.c */

/* Padding and hash of an RSA operation, after EVP_PKEY_*_init(); -1: refused */
int		 key_rsa_params(EVP_PKEY_CTX *, const struct opcode_info *);

/* orphan.c */

/*
 * From now on the process ends within a second of the end of the parent, at
 * the other end of fd, even while a module does not return.  After privdrop(),
 * since it starts a thread.
 */
void		 orphan_watch(int fd);

/* serve.c */

/*
 * Obey the parent and answer the request channel that it hands over, until it
 * says stop or is gone, or there is a p11_failure().
 */
void		 serve(struct ipc *parent, struct keyring *);

/*
 * Obey one message of the parent that may come at any time after
 * MSG_SIGNER_START.  Returns 1 when this process is to leave.
 */
int		 serve_order(struct ipc *parent, struct ipc_msg *);

#endif
