/*
 * One process of a signer set.  It serves one store: all key files together,
 * or the keys of one PKCS#11 token (keyless-signer), or those of an account in
 * a cloud (keyless-signer-cloud).
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
#include "sandbox.h"
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

/*
 * A store that is more than key files: what the parent says of it.  The
 * descriptors are -1 where there is none; whoever takes one puts -1 there.
 */
struct store {
	int			 has_module;
	struct msg_module	 module;
	int			 pin_fd;
	int			 has_cloud;
	struct msg_cloud	 cloud;
	int			 ca_fd;
};

/*
 * What a program can serve: p11backend.c for key files and tokens,
 * keyless-signer-cloud/cloud.c for key services.  Those that return an int
 * return 0, or -1 with the failure filled.
 */
struct backend {
	const char	*name;		/* of the process, in logs */
	int		 clouds;	/* it takes a struct msg_cloud */

	/* Load the key in a file; NULL: it takes no files. */
	int		 (*load_file)(struct key *, int fd);

	/*
	 * Before sandbox_isolate(): say what the sandbox is to be, and make
	 * room for secrets.
	 */
	void		 (*view)(struct store *, struct sandbox *);

	/*
	 * Between sandbox_isolate() and sandbox_confine(), or with
	 * SANDBOX_LATE after both: what needs no privilege, but libraries.
	 */
	int		 (*prepare)(struct store *, struct msg_failure *);

	/* After sandbox_confine(); close() is due whatever it returns. */
	int		 (*open)(struct store *, struct msg_failure *);

	/*
	 * Load the key that a URI names; cert_fd is the file with its public
	 * part, or -1.  0, or -1 after key_refuse(); but when there is a
	 * failure() then, the key is not to blame.
	 */
	int		 (*load_uri)(struct key *, const char *uri,
			    int cert_fd);

	/* Why this process cannot serve any longer; NULL while it can. */
	const struct msg_failure *(*failure)(void);

	/*
	 * Whether the parent is to be told something new of the store, which
	 * then is in the message; and how long to wait before asking again,
	 * for poll(2).
	 */
	int		 (*report)(struct msg_token *);
	int		 (*report_wait)(void);

	/* What errors came; whether any since this was asked last. */
	int		 (*errors)(struct msg_errors *);

	void		 (*close)(void);
};
extern const struct backend	 backend;

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

/* view.c: what the process of a module or a cloud will see */

/* Take one of the store's `paths': an absolute path, perhaps with ":rw". */
void		 view_add(const char *);

/* Add a path (copied) with flags of struct sandbox_path. */
void		 view_see(struct sandbox *s, const char *path, uint32_t flags);

/* Add the store's `paths'. */
void		 view_given(struct sandbox *s);

/*
 * Fill needs and paths for the module in this file, by its profile, the
 * environment and the store's `paths'; as the user of s, when there is one:
 * it may have to look into the module's own configuration.
 */
void		 view_make(struct sandbox *s, const char *module);

/* key.c */

/* Padding and hash of an RSA operation, after EVP_PKEY_*_init(); -1: refused */
int		 key_rsa_params(EVP_PKEY_CTX *, const struct opcode_info *);

/* orphan.c */

/*
 * From now on the process ends within a second of the end of the parent, at
 * the other end of fd, even while a module does not return; also if the parent
 * may not kill it.  After sandbox_confine(); it may start a thread.
 */
void		 orphan_watch(int fd, int no_kill);

/*
 * Around a call in which a token writes, and would be lost if that were cut
 * off: when the parent ends meanwhile, it has most of that second left.
 * SIGALRM is taken for it.
 */
void		 orphan_hold(void);
void		 orphan_release(void);

/* serve.c */

/*
 * Obey the parent and answer the request channel that it hands over, until it
 * says stop or is gone, or the backend has a failure().
 */
void		 serve(struct ipc *parent, struct keyring *);

/*
 * The id that the frontend has given the request that is being answered: by
 * it, a line of its log that has the client's own name for the request and
 * ours can be put together.
 */
extern uint64_t	 serve_request;

/*
 * Obey one message of the parent that may come at any time after
 * MSG_SIGNER_START.  Returns 1 when this process is to leave.
 */
int		 serve_order(struct ipc *parent, struct ipc_msg *);

#endif
