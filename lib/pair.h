/*
 * The authentication key of a server and the certificate for it: made, looked
 * at, and put in place.  For processes that may see that key: keylessctl, and
 * the enroller of keylessd.
 *
 * A pair is replaced by two renames, and a crash may come between them.  What
 * is on disk at any moment, KEY and CERT being auth_key and auth_cert:
 *
 *	KEY CERT		the pair that is served
 *	KEY CERT KEY.new	a key that waits for its certificate
 *	KEY CERT KEY.new CERT.new	the certificate has come and is right;
 *				KEY.old and CERT.old are links to KEY and CERT
 *	KEY CERT CERT.new	KEY.new became KEY: CERT.new has to become
 *				CERT, which pair_repair() does
 *	KEY CERT		done
 *
 * All that is written is on disk (fsync) before the next step, and appears
 * under its name as a whole.
 *
 * Functions return 0 or what they say, or -1 with a reason for people in err,
 * unless they say otherwise.
 */
#ifndef PAIR_H
#define PAIR_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stddef.h>
#include <time.h>

#define PAIR_NEW	".new"	/* behind the names */
#define PAIR_OLD	".old"

/* Where it is; texts stay the caller's. */
struct pair {
	const char	*cert;		/* absolute, all three */
	const char	*key;
	const char	*csr;
	const char	*hostname;	/* that the certificate must carry */
};

enum pair_state {
	PAIR_GOOD,
	PAIR_MISSING,		/* a file is not there */
	PAIR_EXPIRED,
	PAIR_BAD		/* cannot be read, or they do not match */
};
#define PAIR_STATE_MAX	PAIR_BAD

/* pair_key.c: keys and requests; no files */

/* A new P-384 key, for EVP_PKEY_free(); NULL: libcrypto has failed. */
EVP_PKEY	*pair_key_new(void);

/* The private key of a PEM text; NULL: there is none. */
EVP_PKEY	*pair_key_parse(const char *pem, size_t len);

/*
 * A request for a certificate as PEM, for free(): the subject that key servers
 * have, and the hostname.  NULL: libcrypto has failed.
 */
char		*pair_csr_new(EVP_PKEY *, const char *hostname);

/* Whether a PEM text is a request that is made by this key for this name. */
int		 pair_csr_matches(const char *pem, size_t len, EVP_PKEY *,
		    const char *hostname);

/* pair_check.c: certificates */

/*
 * Check what came as a certificate: it can be parsed, is for this key, carries
 * the hostname (NULL: whatever), is valid now; certificates behind it are its
 * chain.  Returns it all as PEM again, for free(), and the second at which the
 * first ends; or NULL with the reason in err.
 */
char		*pair_check(const char *pem, size_t len, EVP_PKEY *,
		    const char *hostname, time_t *end, char *err,
		    size_t errsize);

/* Whether it is a certificate for this key, whatever else is wrong with it. */
int		 pair_is_for(const char *pem, size_t len, EVP_PKEY *);

/* Seconds since the Epoch; -1: it is no time. */
time_t		 pair_time(const ASN1_TIME *);

/* As log lines and messages have it: 2026-11-21T20:16:29Z. */
const char	*pair_time_text(time_t, char *, size_t);
#define PAIR_TIME_SIZE	32

/* pair_place.c: the pair that is there */

/*
 * Nobody else replaces it until the descriptor returned is closed.  For
 * everything below but pair_look().
 */
int		 pair_lock(const struct pair *, char *err, size_t errsize);

/*
 * Finish a replacement that a crash has interrupted.  Returns 1 when there was
 * one, 0 when there was none.
 */
int		 pair_repair(const struct pair *, char *err, size_t errsize);

/*
 * Look at it; never fails.  The end of the certificate is 0 when it is not
 * known; err says why it is not good.
 */
enum pair_state	 pair_look(const struct pair *, time_t *end, char *err,
		    size_t errsize);

/*
 * A key that waits for its certificate (KEY.new) and the request for that: new
 * ones, unless there are some that match (then *kept is 1).  Returns the key,
 * for EVP_PKEY_free(), and the request, for free(); or NULL.
 */
EVP_PKEY	*pair_prepare(const struct pair *, char **csr, int *kept,
		    char *err, size_t errsize);

/*
 * Check a certificate that has come, for the key that waits or else for the
 * one in place, and put it there.  The pair that was there is kept as .old.
 * Until the first rename nothing has changed; of a failure later err says so.
 */
int		 pair_install(const struct pair *, const char *pem, size_t len,
		    time_t *end, char *err, size_t errsize);

#endif
