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

#include "signer.h"

/* PKCS#11 2.40; not in the header of pkcs11-helper 1.29. */
#ifndef CKA_PUBLIC_KEY_INFO
#define CKA_PUBLIC_KEY_INFO	0x129UL
#endif

struct p11 {
	CK_FUNCTION_LIST	*f;		/* the module's own table */
	CK_SLOT_ID		 slot;
	CK_SESSION_HANDLE	 session;	/* CK_INVALID_HANDLE: none */
	int			 logged_in;
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

/* State of a key on the token. */
struct p11_key {
	CK_OBJECT_HANDLE	 object;
	int			 may_sign;	/* CKA_SIGN */
	int			 may_decrypt;	/* CKA_DECRYPT */
	int			 always_auth;	/* CKA_ALWAYS_AUTHENTICATE */
	uint8_t			 modulus[SIGNMSG_DATA_MAX];	/* RSA */
	EVP_MD_CTX		*md;		/* for EMSA-PSS */
	CK_RV			 last_error;	/* logged already */
	struct p11_op		 ops[OPCODE_COUNT];
};

/* p11.c */

/* Whether the token lists the mechanism, and for use (CKF_SIGN, ...). */
int	 p11_has_mechanism(CK_MECHANISM_TYPE, CK_FLAGS use);

/*
 * Copy the len bytes of a PKCS#11 text without the blanks or NULs that pad
 * it; cut at the end of dst.
 */
void	 p11_text(char *dst, size_t size, const uint8_t *, size_t len);

/* Whether text, NULL for any, is what such a field says. */
int	 p11_same(const char *text, const uint8_t *, size_t len);
#define P11_SAME(text, field)	p11_same((text), (field), sizeof(field))

/* Names of things for a message: "a, b and 3 more". */
#define P11_LIST_MAX	5

struct p11_list {
	size_t	 n;
	char	 text[384];
};

void	 p11_list_add(struct p11_list *, const char *fmt, ...)
	     __attribute__((format(printf, 2, 3)));
void	 p11_list_end(struct p11_list *);

/* p11login.c */

/*
 * Read the PIN from the start of a file, a newline at its end not included.
 * Returns 0, or -1 with the reason in err.
 */
int	 p11_pin_read(int fd, char *err, size_t errsize);
void	 p11_pin_wipe(void);

/* Keep the PIN after p11_ready(); -1 when there is none. */
int	 p11_pin_keep(void);

/*
 * Log in to the token of p11.slot, once and never again: tokens count wrong
 * PINs.  Returns 0, or -1 with the reason in err.
 */
int	 p11_login(const CK_TOKEN_INFO *, char *err, size_t errsize);

/*
 * The login that an always-authenticate key wants between the start of each
 * operation and the operation.  A PIN that the token did not accept is never
 * sent again.
 */
CK_RV	 p11_reauthenticate(void);

/* p11err.c: return values */

/* "CKR_PIN_INCORRECT", or the number; valid until the next call. */
const char	*p11_error(CK_RV);

/* SIGN_OK, SIGN_REFUSED, or SIGN_UNAVAILABLE: session or token is gone. */
enum sign_status p11_status(CK_RV);

/* What to do about a login that failed, ": ..." or an empty string. */
const char	*p11_login_advice(CK_RV);

/* p11op.c */
extern const struct key_method p11_key_method;

/*
 * Settle how each opcode is carried out, and say what cannot be.  Returns -1
 * after key_refuse() when nothing can.
 */
int	 p11op_prepare(struct key *);

/* p11pub.c: public keys from what tokens and files say of them */

/* From a big-endian modulus and exponent; NULL: not an RSA key. */
EVP_PKEY	*p11pub_rsa(const uint8_t *n, size_t nlen, const uint8_t *e,
		     size_t elen);

/*
 * From CKA_EC_PARAMS and CKA_EC_POINT.  NULL when they do not name a point
 * on a curve of the protocol; *why then says so (static text).
 */
EVP_PKEY	*p11pub_ec(const uint8_t *params, size_t params_len,
		     const uint8_t *point, size_t point_len,
		     const char **why);

/* Whether a key can be on that curve; yes if the curve is unknown. */
int		 p11pub_on_curve(EVP_PKEY *, const uint8_t *params, size_t);

/* From the DER of a SubjectPublicKeyInfo or of an X.509 certificate. */
EVP_PKEY	*p11pub_spki(const uint8_t *, size_t);
EVP_PKEY	*p11pub_certificate(const uint8_t *, size_t);

/* From the first certificate or public key in a PEM or DER file. */
EVP_PKEY	*p11pub_file(int fd);

int		 p11pub_same(EVP_PKEY *, EVP_PKEY *);

/* The modulus of an RSA key, in exactly len bytes; -1 if that cannot be. */
int		 p11pub_modulus(EVP_PKEY *, uint8_t *, size_t len);

#endif
