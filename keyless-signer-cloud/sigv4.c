/* Cloud signer: AWS's signatures of requests, version 4. */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "enc.h"
#include "hex.h"
#include "sigv4.h"

#define ALGORITHM	"AWS4-HMAC-SHA256"
#define HASH_SIZE	32
#define HASH_HEX	(2 * HASH_SIZE + 1)

static int
hash_hex(const void *data, size_t len, char *hex)
{
	uint8_t		 hash[EVP_MAX_MD_SIZE];
	unsigned int	 n;

	if (EVP_Digest(data, len, hash, &n, EVP_sha256(), NULL) != 1)
		return (-1);
	hex_encode(hash, n, hex);
	return (0);
}

static int
hmac(const void *key, size_t keylen, const char *data, size_t len,
    uint8_t *out)
{
	unsigned int	 n;

	return (HMAC(EVP_sha256(), key, (int)keylen, (const uint8_t *)data,
	    len, out, &n) == NULL ? -1 : 0);
}

/* "host;x-amz-date" */
static void
add_names(struct text *t, const struct sigv4 *s)
{
	size_t	 i;

	for (i = 0; s->headers[i] != NULL; i++) {
		if (i != 0)
			text_add(t, ";");
		text_add_n(t, s->headers[i], strcspn(s->headers[i], ":"));
	}
}

static int
canonical_hash(const struct sigv4 *s, char *hex)
{
	struct text	 t;
	char		 body[HASH_HEX];
	size_t		 i;
	int		 status = -1;

	text_init(&t);
	text_addf(&t, "%s\n%s\n%s\n", s->method, s->path, s->query);
	for (i = 0; s->headers[i] != NULL; i++)
		text_addf(&t, "%s\n", s->headers[i]);
	text_add(&t, "\n");
	add_names(&t, s);
	if (hash_hex(s->body, s->body_len, body) == 0) {
		text_addf(&t, "\n%s", body);
		if (!t.over)
			status = hash_hex(t.s, t.len, hex);
	}
	text_wipe(&t);		/* a session's token is among the headers */
	return (status);
}

static int
signing_key(const struct sigv4 *s, uint8_t *key)
{
	char	 first[256];
	int	 n, status = -1;

	n = snprintf(first, sizeof(first), "AWS4%s", s->secret);
	if (n > 0 && (size_t)n < sizeof(first) &&
	    hmac(first, (size_t)n, s->date, 8, key) == 0 &&
	    hmac(key, HASH_SIZE, s->region, strlen(s->region), key) == 0 &&
	    hmac(key, HASH_SIZE, s->service, strlen(s->service), key) == 0 &&
	    hmac(key, HASH_SIZE, "aws4_request", 12, key) == 0)
		status = 0;
	explicit_bzero(first, sizeof(first));
	return (status);
}

int
sigv4_sign(const struct sigv4 *s, char *out, size_t size)
{
	struct text	 t;
	uint8_t		 key[EVP_MAX_MD_SIZE], sig[EVP_MAX_MD_SIZE];
	char		 scope[128], hex[HASH_HEX];
	int		 n, status = -1;

	n = snprintf(scope, sizeof(scope), "%.8s/%s/%s/aws4_request", s->date,
	    s->region, s->service);
	if (n < 0 || (size_t)n >= sizeof(scope) ||
	    canonical_hash(s, hex) == -1)
		return (-1);
	text_init(&t);
	text_addf(&t, ALGORITHM "\n%s\n%s\n%s", s->date, scope, hex);
	if (signing_key(s, key) == 0 &&
	    hmac(key, HASH_SIZE, t.s, t.len, sig) == 0) {
		hex_encode(sig, HASH_SIZE, hex);
		text_init(&t);
		text_addf(&t, ALGORITHM " Credential=%s/%s, SignedHeaders=",
		    s->key_id, scope);
		add_names(&t, s);
		text_addf(&t, ", Signature=%s", hex);
		if (!t.over && strlcpy(out, t.s, size) < size)
			status = 0;
	}
	explicit_bzero(key, sizeof(key));
	return (status);
}
