/*
 * The PKCS#11 part of keyless-signer: one module, one token, one session.
 * Private to the p11*.c files.
 */
#ifndef P11_H
#define P11_H

#include <openssl/evp.h>

#include <pkcs11-helper-1.0/pkcs11h-core.h>

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "modprofile.h"
#include "pubkey.h"
#include "sigenc.h"
#include "signer.h"

/* PKCS#11 2.40; not in the header of pkcs11-helper 1.29. */
#ifndef CKA_PUBLIC_KEY_INFO
#define CKA_PUBLIC_KEY_INFO	0x129UL
#endif

struct p11 {
	CK_FUNCTION_LIST	*f;		/* the module's own table */
	const struct modprofile	*profile;
	CK_SLOT_ID		 slot;
	CK_SESSION_HANDLE	 session;	/* CK_INVALID_HANDLE: none */
	CK_FLAGS		 session_flags;	/* CKF_RW_SESSION, 0 */
	uint32_t		 generation;	/* of the session */
	unsigned int		 failures;	/* of operations, in a row */
	int			 testing;	/* nothing is recovered now */
	CK_RV			 trouble;	/* while looking at objects */
	uint32_t		 used;		/* mechanisms: p11mech.c */
	struct msg_token	 token;		/* what the parent is told */
	struct errcount		 errors;	/* the same */
	char			 name[64];	/* the token's, for messages */
};
extern struct p11 p11;

struct p11_op;

/* One kind of operation; outlen as in key_method. */
typedef enum sign_status p11_run(struct key *, struct p11_op *,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen);

/* How an opcode is carried out with a key, settled when the key is loaded. */
struct p11_op {
	p11_run				*run;	/* NULL: it cannot be */
	const struct opcode_info	*info;
	CK_MECHANISM			 mechanism;
	CK_RSA_PKCS_PSS_PARAMS		 pss;
};

/* Whether a key that was loaded is still on the token. */
enum p11_presence {
	P11_THERE,
	P11_DOUBTFUL,	/* not found again; the login may be lost */
	P11_GONE	/* nor after another login */
};

/* State of a key on the token. */
struct p11_key {
	CK_OBJECT_HANDLE	 object;
	uint32_t		 generation;	/* of the session it is from */
	struct pk11uri		*uri;		/* that it is found by */
	enum p11_presence	 presence;
	time_t			 looked;	/* for it in vain: when ... */
	uint32_t		 looked_in;	/* ... in which generation */
	time_t			 no_login;	/* that helped: when */
	int			 may_sign;	/* CKA_SIGN */
	int			 may_decrypt;	/* CKA_DECRYPT */
	int			 always_auth;	/* CKA_ALWAYS_AUTHENTICATE */
	uint32_t		 allowed;	/* CKA_ALLOWED_MECHANISMS */
	uint32_t		 used;		/* as p11.used */
	uint8_t			 modulus[SIGNMSG_DATA_MAX];	/* RSA */
	EVP_MD_CTX		*md;		/* for EMSA-PSS */
	CK_RV			 last_error;	/* logged already */
	struct p11_op		 ops[OPCODE_COUNT];
};

/* p11err.c: return values of the module */

/* What one says of an operation, and what can be done about it. */
enum p11_class {
	P11_REQUEST,	/* this request is refused; others are not */
	P11_SESSION,	/* session or login is lost: renew it */
	P11_OBJECT,	/* the handle is no longer that of the key: find it */
	P11_SUSPECT,	/* anything: renew the session, once */
	P11_PIN,	/* the PIN is refused: never send it again */
	P11_PROCESS	/* only a new process can help */
};

enum p11_class	 p11_class(CK_RV);

/* "CKR_PIN_INCORRECT", or the number; valid until the next call. */
const char	*p11_error(CK_RV);

/* What an operator should do about it, ": ..." or an empty string. */
const char	*p11_advice(CK_RV);

/* Fill a failure that may pass, or (permanent) may not.  Returns -1. */
int		 p11_fail(struct msg_failure *, const char *fmt, ...)
		     __attribute__((format(printf, 2, 3)));
int		 p11_fail_for_good(struct msg_failure *, const char *fmt, ...)
		     __attribute__((format(printf, 2, 3)));

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

/* What errors came; whether any since this was asked last. */
int		 p11_errors(struct msg_errors *);

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

/* p11.c */

/* This process cannot serve any longer: see p11_failure().  Returns -1. */
int		 p11_lose(const struct msg_failure *);

/* p11token.c: which token, and what is told of it */

/*
 * Copy the len bytes of a PKCS#11 text without the blanks or NULs that pad
 * it; cut at the end of dst.
 */
void		 p11_text(char *dst, size_t size, const uint8_t *, size_t len);

/* Whether text, NULL for any, is what such a field says. */
int		 p11_same(const char *text, const uint8_t *, size_t len);
#define P11_SAME(text, field)	p11_same((text), (field), sizeof(field))

/* Names of things for a message: "a, b and 3 more". */
#define P11_LIST_MAX	5

struct p11_list {
	size_t	 n;
	char	 text[384];
};

void		 p11_list_add(struct p11_list *, const char *fmt, ...)
		     __attribute__((format(printf, 2, 3)));
void		 p11_list_end(struct p11_list *);

/*
 * Set p11.slot, p11.name and p11.token by the one token that the URI names.
 * Returns 0, or -1 with the failure filled.
 */
int		 p11_token_select(const struct pk11uri *,
		     struct msg_failure *);

/*
 * Note an error of the token for the parent; or only that it came, where the
 * token is not open.
 */
void		 p11_token_error(CK_RV);
void		 p11_error_seen(CK_RV);

/* p11session.c */

/* A lock for logins, one at a time of all processes with this module. */
void		 p11_lock_open(const char *module_path);
void		 p11_lock(void);
void		 p11_unlock(void);

/*
 * C_OpenSession with p11.session_flags added, and once more for a read/write
 * session, if that is what the token wants.  Sets p11.session.
 */
CK_RV		 p11_session_open(CK_SLOT_ID, CK_FLAGS, void *app, CK_NOTIFY,
		     CK_SESSION_HANDLE *);

/* Open the session unless it is.  0, or -1 with the failure filled. */
int		 p11_session_start(struct msg_failure *);

/* Close the session if it was not pkcs11-helper that opened it. */
void		 p11_session_end(void);

/* Trade a read-only session for a read/write one.  CKR_OK when done. */
CK_RV		 p11_session_upgrade(void);

/*
 * Open a new session and log in, because of an error.  At most one login.
 * Returns 0, or -1 after p11_lose().
 */
int		 p11_session_renew(CK_RV);

/* p11login.c */

/*
 * Choose how to log in: the user type of struct msg_module, and the file with
 * the PIN (owned from now on) or -1.  Returns 0, or -1 with the failure filled
 * when no PIN is in it.
 */
int		 p11_login_prepare(uint64_t user_type, int pin_fd,
		     struct msg_failure *);

/* In the table that pkcs11-helper gets: log in as the user chosen. */
CK_RV		 p11_login_session(CK_SESSION_HANDLE, CK_USER_TYPE,
		     CK_UTF8CHAR *pin, CK_ULONG len);

/*
 * Log in if a login is wanted, once: through pkcs11-helper (first, which
 * opens the session, too) or in p11.session.  Returns 0, or -1 with the
 * failure filled.
 */
int		 p11_login(int first, struct msg_failure *);

int		 p11_logged_in(void);
int		 p11_has_pin(void);
void		 p11_login_forget(void);

/*
 * The login that an always-authenticate key wants between the start of each
 * operation and the operation.  A PIN that the token does not accept makes
 * this process leave: p11_lose().
 */
CK_RV		 p11_login_context(void);

/* p11setup.c */

/*
 * Append to a failure's text what of the module's files, sockets and devices
 * is missing or out of reach, and how to mend it.
 */
void		 p11_setup_advice(struct msg_failure *);

/* p11obj.c: objects and attributes */

#define P11_OBJECTS_MAX	4096	/* looked at in one search */

struct p11_objects {
	CK_OBJECT_HANDLE	 handles[P11_OBJECTS_MAX];
	size_t			 n;
};

/* An attribute's value in memory of its own; NULL: the object shows none. */
struct p11_value {
	uint8_t	*data;
	size_t	 len;
};

struct p11_value p11_attribute(CK_OBJECT_HANDLE, CK_ATTRIBUTE_TYPE);
void		 p11_value_free(struct p11_value *);

/* The value of a CK_BBOOL or CK_ULONG attribute, or what is said instead. */
int		 p11_flag(CK_OBJECT_HANDLE, CK_ATTRIBUTE_TYPE, int unknown);
CK_ULONG	 p11_number(CK_OBJECT_HANDLE, CK_ATTRIBUTE_TYPE,
		     CK_ULONG unknown);

/* Objects of a class; id and label narrow the search unless they are empty. */
CK_RV		 p11_find(CK_OBJECT_CLASS, const struct p11_value *id,
		     const struct p11_value *label, struct p11_objects *);

/* The private keys that a URI names, by their padded labels if no other. */
CK_RV		 p11_find_private(const struct pk11uri *,
		     struct p11_objects *);

/* "label (id 01), ..." */
void		 p11_list_keys(struct p11_list *, const struct p11_objects *);

/* p11found.c: a private key and its public part */

struct p11_found {
	CK_OBJECT_HANDLE	 object;
	CK_KEY_TYPE		 type;
	struct p11_value	 id;
	struct p11_value	 label;
	struct p11_value	 params;	/* CKA_EC_PARAMS */
	const char		*why;	/* a public part was not usable */
	int			 by_certificate;	/* it was found */
};

void		 p11found_read(struct p11_found *, CK_OBJECT_HANDLE);
void		 p11found_free(struct p11_found *);

/* The public part that private key or public key objects show; or NULL. */
EVP_PKEY	*p11found_shown(struct p11_found *);

/* The same, or that of a certificate on the token or in a file. */
EVP_PKEY	*p11found_public(struct p11_found *, int cert_fd);

/* p11key.c */

/*
 * Find the object of a key in the present session.  CKR_KEY_HANDLE_INVALID:
 * it is not there, but may only be hidden; CKR_KEY_CHANGED: it is P11_GONE;
 * anything else: what the module says.
 */
CK_RV		 p11key_again(struct key *);

/* p11mech.c: mechanisms */

/* Read what the token offers. */
void		 p11mech_read(void);

/*
 * CKA_ALLOWED_MECHANISMS as bits: all of them when there is none, or when it
 * leaves none, since it may be a default that nobody thought about.
 */
uint32_t	 p11mech_allowed(const struct key *, const struct p11_value *);

/*
 * Settle how each opcode is carried out, and say what cannot be.  Returns -1
 * after key_refuse() when nothing can.
 */
int		 p11mech_prepare(struct key *);

/* "CKM_RSA_PKCS"; "CKM_RSA_X_509(PSS)" with blanks between, from bits. */
const char	*p11mech_name(CK_MECHANISM_TYPE);
void		 p11mech_names(uint32_t used, char *, size_t);

/* p11op.c */
extern const struct key_method p11_key_method;

p11_run		 p11op_rsa;		/* the mechanism pads */
p11_run		 p11op_pkcs1;		/* DigestInfo, CKM_RSA_PKCS */
p11_run		 p11op_pkcs1_raw;	/* EMSA-PKCS1-v1_5, CKM_RSA_X_509 */
p11_run		 p11op_pss_raw;		/* EMSA-PSS, CKM_RSA_X_509 */
p11_run		 p11op_decrypt;
p11_run		 p11op_ecdsa;
p11_run		 p11op_eddsa;

/* p11enc.c: encodings */

/*
 * EMSA-PSS of a hash, the salt as long as the hash: RFC 8017 section 9.1.1.
 * em gets size bytes, the modulus' length of a key of that many bits.
 */
int		 p11enc_pss(EVP_MD_CTX *, enum hash_type, const uint8_t *hash,
		     size_t bits, uint8_t *em, size_t size);

/* The parameters of CKM_RSA_PKCS_PSS for a hash. */
void		 p11enc_pss_params(enum hash_type, CK_RSA_PKCS_PSS_PARAMS *);

/* p11pub.c: public keys from what tokens and files say of them */

/*
 * From CKA_EC_PARAMS and CKA_EC_POINT.  NULL when they do not name a point
 * on a curve of the protocol; *why then says so (static text).
 */
EVP_PKEY	*p11pub_ec(const uint8_t *params, size_t params_len,
		     const uint8_t *point, size_t point_len,
		     const char **why);

/* Whether a key can be on that curve; yes if the curve is unknown. */
int		 p11pub_on_curve(EVP_PKEY *, const uint8_t *params, size_t);

/* From the DER of an X.509 certificate. */
EVP_PKEY	*p11pub_certificate(const uint8_t *, size_t);

/* From the first certificate or public key in a PEM or DER file. */
EVP_PKEY	*p11pub_file(int fd);

int		 p11pub_same(EVP_PKEY *, EVP_PKEY *);

/* The modulus of an RSA key, in exactly len bytes; -1 if that cannot be. */
int		 p11pub_modulus(EVP_PKEY *, uint8_t *, size_t len);

#endif
