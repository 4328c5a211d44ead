/*
 * keyless-signer-cloud: one process of a signer set whose keys are in a
 * cloud's key service.  It does one request at a time.
 *
 *	cloud.c	  the store: keys, operations, what the parent is told
 *	azure.c, google.c, aws.c	what each cloud wants to hear
 *	*auth.c	  how each cloud lets us in
 */
#ifndef CLOUD_H
#define CLOUD_H

#include <stddef.h>
#include <stdint.h>

#include "call.h"
#include "clouduri.h"
#include "digest.h"
#include "enc.h"
#include "json.h"
#include "signer.h"

/* file.c */

/*
 * Read a text file of less than size bytes; blanks and line ends at its end
 * are cut off when trim.  Returns 0, or -1 with the error filled.
 */
int	 file_read(const char *path, int trim, char *, size_t size,
	    struct call_error *);

/* The value of a variable of the store's environment; NULL: not set, empty. */
const char	*env(const char *name);

/* token.c */

#define TOKEN_SIZE	16384	/* bytes of an access token */

/*
 * A bearer token.  Fetch writes a new one and the seconds that it lasts.
 */
struct token {
	int		(*fetch)(uint64_t deadline, char *token, size_t size,
			    int64_t *lifetime, struct call_error *);
	uint64_t	 renew_at;	/* now_ms; 0: there is none */
	uint64_t	 expires_at;
	char		 header[TOKEN_SIZE + 32];	/* Authorization: ... */
};

/* Add the header, after a renewal if one is due. */
int	 token_authorize(struct token *, struct http_request *,
	    uint64_t deadline, struct call_error *);
void	 token_forget(struct token *);

/*
 * An error of the service that gives credentials is not the answer to what
 * they are for: take its status out, into the text when there is nothing else.
 */
void	 token_blame(struct call_error *);

/*
 * Until when (now_ms) a renewal may take, of credentials that end at
 * expires_at: those that are still good need time to be used.
 */
uint64_t token_deadline(uint64_t now, uint64_t expires_at,
	    uint64_t deadline);

/*
 * Ask an OAuth 2.0 token endpoint (RFC 6749 section 4) with a form, or by
 * GET without one.
 */
int	 token_ask(const struct http_request *, uint64_t deadline,
	    char *token, size_t size, int64_t *lifetime, struct call_error *);

/* view.c: as in struct backend */
void	 cloud_view(struct store *, struct sandbox *);

/* cloud.c */

/* A key, as its provider describes it. */
struct cloud_key {
	struct clouduri	 uri;
	char		 name[CLOUDURI_MAX + 1];	/* for requests */
	/* The service's name for what an opcode asks; NULL: refused. */
	const char	*algorithm[OPCODE_COUNT];
	const void	*detail;	/* the provider's own */
	size_t		 digest;	/* EC: bytes that the service takes */
	size_t		 field;		/* EC: bytes of a coordinate */
	char		 last_code[64];	/* of its last error, logged */
	uint64_t	 logged_at;
};

/* What one cloud does.  Functions return 0, or -1 with the error filled. */
struct provider {
	/* Choose how to authenticate, by the environment. */
	int	 (*open)(const struct clouduri *, struct call_error *);

	/* How that is, in a word or two. */
	const char *(*credential)(void);

	/* Wipe what was got by it. */
	void	 (*forget)(void);

	/* The public key; fills name and algorithm. */
	int	 (*get_key)(struct cloud_key *, uint64_t deadline,
		    EVP_PKEY **, struct call_error *);

	/*
	 * Sign a hash (or message) with key->algorithm[op->index].  outlen as
	 * in struct key_method; ECDSA as DER.
	 */
	int	 (*sign)(struct cloud_key *, const struct opcode_info *,
		    const uint8_t *in, size_t inlen, uint8_t *out,
		    size_t *outlen, uint64_t deadline, struct call_error *);
};
extern const struct provider	 azure_provider;
extern const struct provider	 google_provider;
extern const struct provider	 aws_provider;

/*
 * Offer all operations of an RSA key with this padding and hash, or of another
 * key with this hash, by the service's name for the algorithm.
 */
void	 cloud_offer_rsa(struct cloud_key *, int pss, enum hash_type,
	    const char *algorithm);
void	 cloud_offer_ed25519(struct cloud_key *, const char *algorithm);

/*
 * Offer ECDSA over SHA-256, SHA-384 and SHA-512, for which the service takes
 * digests of a length that fits the curve: key->digest is set.
 */
void	 cloud_offer_ecdsa(struct cloud_key *, size_t digest,
	    const char *algorithm);

/* "https://HOST", or what `endpoint' says instead. */
const char	*cloud_base(void);

/* For the figures: a token was fetched. */
void	 cloud_count_login(void);

/* azureauth.c, googleauth.c: a bearer token */
int	 azureauth_open(const struct clouduri *, struct call_error *);
const char *azureauth_credential(void);
int	 azureauth_authorize(struct http_request *, uint64_t deadline,
	    struct call_error *);
void	 azureauth_forget(void);

/* What gcloud leaves in the directory CLOUDSDK_CONFIG. */
#define GOOGLE_USER_FILE	"application_default_credentials.json"

int	 googleauth_open(struct call_error *);
const char *googleauth_credential(void);
int	 googleauth_authorize(struct http_request *, uint64_t deadline,
	    struct call_error *);
void	 googleauth_forget(void);

/* awsauth.c: keys for SigV4 */
struct aws_keys {
	uint64_t	 renew_at;	/* now_ms; 0: there are none */
	uint64_t	 expires_at;	/* UINT64_MAX: never */
	char		 id[128];
	char		 secret[128];
	char		 session[TOKEN_SIZE];	/* empty: none */
};
int	 awsauth_open(const struct clouduri *, struct call_error *);
const char *awsauth_credential(void);
const struct aws_keys *awsauth_keys(uint64_t deadline, struct call_error *);
void	 awsauth_forget(void);

#endif
