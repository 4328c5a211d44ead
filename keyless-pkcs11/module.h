/*
 * keyless-pkcs11: the PKCS#11 side.  C_* functions are where the table at the
 * end says; all of them may be called by any thread at any time.
 */
#ifndef MODULE_H
#define MODULE_H

#include <sys/queue.h>

#include <openssl/evp.h>

#include <pkcs11-helper-1.0/pkcs11.h>

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "log.h"
#include "object.h"
#include "remote.h"

/* PKCS#11 3.0; not in the header of pkcs11-helper 1.29. */
#ifndef CKR_OPERATION_CANCEL_FAILED
#define CKR_OPERATION_CANCEL_FAILED	0x202UL
#endif

#define SESSIONS_MAX	65535

/* What can be done with a key: a row of the table in mech.c. */
struct mech;

/* Signing or decrypting, between its C_*Init and its end. */
struct operation {
	const struct mech	*mech;		/* NULL: none */
	enum hash_type		 hash;		/* as from mech_check() */
	const struct object	*key;
	EVP_MD_CTX		*md;		/* mechanisms that hash */
	int			 updated;	/* C_SignUpdate was called */
	size_t			 length;
	uint8_t			 data[REMOTE_DATA_MAX];
};

struct slot {
	CK_SLOT_ID		 id;
	const struct conf_slot	*conf;
	struct remote		*remote;
	CK_ULONG		 sessions;	/* under the sessions' lock */
	CK_ULONG		 rw_sessions;
	int			 logged_in;
};

struct session {
	CK_SESSION_HANDLE	 handle;
	struct slot		*slot;
	CK_FLAGS		 flags;
	unsigned int		 users;		/* under the sessions' lock */
	int			 closed;

	pthread_mutex_t		 lock;		/* of all that follows */
	struct operation	 sign;
	struct operation	 decrypt;
	int			 finding;
	CK_OBJECT_HANDLE	*found;
	size_t			 nfound;
	size_t			 next_found;
};

/* What there is between C_Initialize and C_Finalize. */
struct module {
	struct module		*ancestor;	/* inherited, by init.c */
	const struct conf	*conf;
	struct slot		 slots[CONF_SLOTS_MAX];
	size_t			 nslots;

	pthread_mutex_t		 lock;		/* of the sessions */
	struct session		**sessions;	/* NULL: free */
	size_t			 size;
	uint32_t		 serial;	/* makes handles differ */
};

/* log.c */

/* Where lines go: "syslog", "stderr", "none" or a path. */
void		 module_log(const char *to, enum log_level);
void		 module_log_lock(void);		/* around a fork */
void		 module_log_unlock(void);

/* init.c: the life of the module */

/*
 * What there is, until module_leave(); NULL: C_Initialize was not called, or
 * only before a fork.
 */
struct module	*module_enter(void);
void		 module_leave(void);

/* slot.c */
struct slot	*slot_find(struct module *, CK_SLOT_ID);

/* Copy a text to a field that is padded with blanks. */
void		 slot_text(unsigned char *, size_t, const char *);

/* session.c */

/*
 * A session with its lock held, for session_put().  NULL: there is none, or
 * it is being closed.
 */
struct session	*session_get(struct module *, CK_SESSION_HANDLE);
void		 session_put(struct module *, struct session *);

/* Enter the module and a session; CKR_OK or why not. */
CK_RV		 session_enter(CK_SESSION_HANDLE, struct module **,
		    struct session **);
void		 session_leave(struct module *, struct session *);

void		 session_close_all(struct module *, const struct slot *);

/* find.c */
void		 find_end(struct session *);	/* also if none goes on */

/* mech.c: mechanisms, and how their input becomes a request */

size_t		 mech_count(void);
const struct mech *mech_at(size_t);
const struct mech *mech_find(CK_MECHANISM_TYPE);
CK_MECHANISM_TYPE mech_type(const struct mech *);
void		 mech_info(const struct mech *, CK_MECHANISM_INFO *);

/*
 * The mechanism, for CKF_SIGN or CKF_DECRYPT with a key, and the hash that it
 * or its parameter names (HASH_NONE: neither).  CKR_OK, or what is wrong with
 * it, with its parameter or with the key.
 */
CK_RV		 mech_check(const CK_MECHANISM *, CK_FLAGS purpose,
		    const struct object *key, const struct mech **,
		    enum hash_type *);

/* The hash that is taken of the input; NULL: none. */
const EVP_MD	*mech_md(const struct mech *);

/* Bytes of a signature, or of decrypted data at most. */
size_t		 mech_output_size(const struct mech *, const struct key *);

/*
 * Sign data, or its hash if mech_md() says so; out has mech_output_size()
 * bytes.
 */
CK_RV		 mech_sign(const struct mech *, enum hash_type,
		    const struct key *, struct remote *, const uint8_t *data,
		    size_t, uint8_t *out);

/* out has mech_output_size() bytes; *outlen is set. */
CK_RV		 mech_decrypt(const struct mech *, const struct key *,
		    struct remote *, const uint8_t *data, size_t, uint8_t *out,
		    size_t *outlen);

/* encode.c */

/*
 * r and s of n bytes each from an ECDSA-Sig-Value (RFC 3279 section 2.2.3)
 * in DER; -1: it is none, or r or s is zero or longer.
 */
int		 encode_ecdsa_raw(const uint8_t *der, size_t, uint8_t *raw,
		    size_t n);

/*
 * Remove the padding of EME-PKCS1-v1_5 (RFC 8017 section 7.2.2) from em of
 * size bytes, in a time that depends on size alone: out, of size bytes, gets
 * the message and zeros.  Returns its length, or -1, which is as slow.
 */
int		 encode_unpad(const uint8_t *em, size_t size, uint8_t *out);

/* operation.c: what signing and decrypting have in common */

CK_RV		 operation_begin(struct session *, struct operation *,
		    const CK_MECHANISM *, CK_OBJECT_HANDLE, CK_FLAGS purpose);

/* Take in more input.  Not CKR_OK: the operation has ended. */
CK_RV		 operation_update(struct operation *, const uint8_t *,
		    CK_ULONG);

/*
 * PKCS#11 2.40 section 5.2: whether *len bytes at out are enough for size.
 * CKR_OK: they are; CKR_BUFFER_TOO_SMALL, or out is NULL and *done is set:
 * *len is now size, and the operation goes on.
 */
CK_RV		 operation_room(const uint8_t *out, CK_ULONG *len,
		    size_t size, int *done);
void		 operation_end(struct operation *);

/*
 *	module.c	C_GetFunctionList, C_GetInterfaceList, C_GetInterface,
 *			C_GetInfo
 *	init.c		C_Initialize, C_Finalize
 *	slot.c		C_GetSlot*, C_GetTokenInfo, C_GetMechanism*,
 *			C_WaitForSlotEvent
 *	session.c	C_OpenSession, C_Close*, C_GetSessionInfo
 *	login.c		C_Login, C_LoginUser, C_Logout
 *	find.c		C_FindObjects*, C_GetAttributeValue, C_GetObjectSize
 *	sign.c		C_Sign*, C_SessionCancel
 *	decrypt.c	C_Decrypt*
 *	stub.c		all others
 */

#endif
