/* Cloud signer: tokens for Azure, from Entra ID or a managed identity. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloud.h"
#include "compat.h"
#include "hex.h"
#include "jwt.h"
#include "log.h"

#define FILE_SIZE	32768
#define ASSERTION_LIFE	600	/* s */
#define IMDS_HOST	"http://169.254.169.254"

static int	add_secret(struct text *, struct call_error *);
static int	add_certificate(struct text *, struct call_error *);
static int	add_federated(struct text *, struct call_error *);
static int	fetch(uint64_t, char *, size_t, int64_t *, struct call_error *);

/*
 * The ways in, in the order in which they are looked for.  Each is there when
 * its variable is set; the last one needs none.
 */
static const struct way {
	const char	*name;
	const char	*variable;
	int		(*add)(struct text *, struct call_error *);
} ways[] = {
	{ "client secret", "AZURE_CLIENT_SECRET", add_secret },
	{ "client secret", "AZURE_CLIENT_SECRET_FILE", add_secret },
	{ "client certificate", "AZURE_CLIENT_CERTIFICATE_PATH",
	    add_certificate },
	{ "workload identity", "AZURE_FEDERATED_TOKEN_FILE", add_federated },
	{ "managed identity", NULL, NULL },
};

static const struct way	*way;
static char		 resource[128];		/* "https://vault.azure.net" */
static char		 token_url[512];	/* of Entra ID */
static struct token	 token = { .fetch = fetch };

const char *
azureauth_credential(void)
{
	return (way->name);
}

int
azureauth_authorize(struct http_request *req, uint64_t deadline,
    struct call_error *err)
{
	return (token_authorize(&token, req, deadline, err));
}

void
azureauth_forget(void)
{
	token_forget(&token);
}

static int
set_token_url(const struct clouduri *uri, struct call_error *err)
{
	const char	*host = env("AZURE_AUTHORITY_HOST");
	const char	*tenant = env("AZURE_TENANT_ID");
	struct text	 t;
	size_t		 len;

	if (tenant == NULL || env("AZURE_CLIENT_ID") == NULL)
		return (call_fail(err, CALL_REFUSED, "%s is set: it needs "
		    "AZURE_TENANT_ID and AZURE_CLIENT_ID, too",
		    way->variable));
	if (host == NULL)
		host = uri->authority;
	else if (strncmp(host, "http://", 7) == 0)
		return (call_fail(err, CALL_REFUSED,
		    "AZURE_AUTHORITY_HOST must begin with https://"));
	if (strncmp(host, "https://", 8) == 0)
		host += 8;
	for (len = strlen(host); len != 0 && host[len - 1] == '/'; len--)
		continue;
	text_init(&t);
	text_addf(&t, "https://%.*s/", (int)len, host);
	text_add_url(&t, tenant);
	text_add(&t, "/oauth2/v2.0/token");
	if (t.over || strlcpy(token_url, t.s, sizeof(token_url)) >=
	    sizeof(token_url))
		return (call_fail(err, CALL_REFUSED,
		    "AZURE_AUTHORITY_HOST or AZURE_TENANT_ID is too long"));
	return (0);
}

int
azureauth_open(const struct clouduri *uri, struct call_error *err)
{
	for (way = ways; way->variable != NULL; way++)
		if (env(way->variable) != NULL)
			break;
	snprintf(resource, sizeof(resource), "https://%s", uri->domain);
	return (way->variable == NULL ? 0 : set_token_url(uri, err));
}

static int
add_secret(struct text *t, struct call_error *err)
{
	const char	*path, *secret = env("AZURE_CLIENT_SECRET");
	char		 buf[1024];

	if (secret == NULL) {
		path = env("AZURE_CLIENT_SECRET_FILE");
		if (file_read(path, 1, buf, sizeof(buf), err) == -1)
			return (-1);
		secret = buf;
	}
	text_add(t, "&client_secret=");
	text_add_url(t, secret);
	explicit_bzero(buf, sizeof(buf));
	return (0);
}

static void
add_assertion(struct text *t, const char *jwt)
{
	text_add(t, "&client_assertion_type=");
	text_add_url(t,
	    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
	text_add(t, "&client_assertion=");
	text_add_url(t, jwt);
}

/* Read anew each time: it lasts for a day at most. */
static int
add_federated(struct text *t, struct call_error *err)
{
	char	 buf[TOKEN_SIZE];

	if (file_read(env("AZURE_FEDERATED_TOKEN_FILE"), 1, buf, sizeof(buf),
	    err) == -1)
		return (-1);
	add_assertion(t, buf);
	explicit_bzero(buf, sizeof(buf));
	return (0);
}

/* For an encrypted key: the password, or none. */
static int
password(char *buf, int size, int writing, void *arg)
{
	const char	*text = env("AZURE_CLIENT_CERTIFICATE_PASSWORD");

	(void)writing;
	(void)arg;
	if (text == NULL || strlen(text) >= (size_t)size)
		return (-1);
	return ((int)strlcpy(buf, text, (size_t)size));
}

/* The header of an assertion: the certificate by its SHA-256. */
static int
assertion_header(struct text *t, BIO *bio)
{
	X509		*cert;
	uint8_t		 hash[EVP_MAX_MD_SIZE];
	unsigned int	 len;
	int		 ok;

	if ((cert = PEM_read_bio_X509(bio, NULL, password, NULL)) == NULL)
		return (-1);
	ok = X509_digest(cert, EVP_sha256(), hash, &len) == 1;
	X509_free(cert);
	if (!ok)
		return (-1);
	text_init(t);
	text_add(t, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"");
	text_add_base64url(t, hash, len);
	text_add(t, "\"}");
	return (0);
}

static void
assertion_claims(struct text *t)
{
	uint8_t		 id[16];
	char		 hex[2 * sizeof(id) + 1];
	long long	 now = (long long)time(NULL);

	if (RAND_bytes(id, sizeof(id)) != 1)
		fatalx("random number generator failed");
	hex_encode(id, sizeof(id), hex);
	text_init(t);
	text_add(t, "{\"aud\":\"");
	text_add_json(t, token_url);
	text_add(t, "\",\"iss\":\"");
	text_add_json(t, env("AZURE_CLIENT_ID"));
	text_add(t, "\",\"sub\":\"");
	text_add_json(t, env("AZURE_CLIENT_ID"));
	text_addf(t, "\",\"jti\":\"%s\",\"iat\":%lld,\"nbf\":%lld,"
	    "\"exp\":%lld}", hex, now, now - 60, now + ASSERTION_LIFE);
}

/* An assertion signed by the key in the same file as its certificate. */
static int
make_assertion(const char *pem, struct text *jwt)
{
	struct text	 header, claims;
	BIO		*bio;
	EVP_PKEY	*pkey;
	int		 status = -1;

	if ((bio = BIO_new_mem_buf(pem, -1)) == NULL)
		return (-1);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, password, NULL);
	BIO_free(bio);
	bio = BIO_new_mem_buf(pem, -1);
	if (pkey != NULL && bio != NULL &&
	    assertion_header(&header, bio) == 0) {
		assertion_claims(&claims);
		text_init(jwt);
		status = jwt_sign(jwt, header.s, claims.s, pkey, 1);
	}
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	ERR_clear_error();
	return (status);
}

static int
add_certificate(struct text *t, struct call_error *err)
{
	const char	*path = env("AZURE_CLIENT_CERTIFICATE_PATH");
	struct text	 jwt;
	char		 pem[FILE_SIZE];
	int		 status;

	if (file_read(path, 0, pem, sizeof(pem), err) == -1)
		return (-1);
	if ((status = make_assertion(pem, &jwt)) == 0)
		add_assertion(t, jwt.s);
	else
		call_fail(err, CALL_UNAUTHORIZED, "%s: expected PEM with an "
		    "RSA key and its certificate", path);
	explicit_bzero(pem, sizeof(pem));
	text_wipe(&jwt);
	return (status);
}

/* A managed identity, of a virtual machine or (with its variables) an app. */
static int
fetch_managed(uint64_t deadline, char *out, size_t size, int64_t *lifetime,
    struct call_error *err)
{
	struct http_request	 req;
	struct text		 url;
	const char		*host =
				    env("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	const char		*app = env("IDENTITY_ENDPOINT");
	const char		*secret = env("IDENTITY_HEADER");
	char			 header[512];
	int			 status;

	memset(&req, 0, sizeof(req));
	text_init(&url);
	if (app != NULL && secret != NULL) {
		text_addf(&url, "%s?api-version=2019-08-01&resource=", app);
		snprintf(header, sizeof(header), "X-IDENTITY-HEADER: %s",
		    secret);
	} else {
		text_addf(&url, "%s/metadata/identity/oauth2/token"
		    "?api-version=2018-02-01&resource=",
		    host == NULL ? IMDS_HOST : host);
		strlcpy(header, "Metadata: true", sizeof(header));
	}
	text_add_url(&url, resource);
	if (env("AZURE_CLIENT_ID") != NULL) {
		text_add(&url, "&client_id=");
		text_add_url(&url, env("AZURE_CLIENT_ID"));
	}
	req.method = "GET";
	req.url = url.s;
	req.direct = 1;
	http_add_header(&req, header);
	status = token_ask(&req, deadline, out, size, lifetime, err);
	explicit_bzero(header, sizeof(header));
	return (status);
}

/* RFC 6749 section 4.4, with RFC 7523 section 2.2 for assertions. */
static int
fetch(uint64_t deadline, char *out, size_t size, int64_t *lifetime,
    struct call_error *err)
{
	struct http_request	 req;
	struct text		 body;
	int			 status;

	if (way->add == NULL)
		return (fetch_managed(deadline, out, size, lifetime, err));
	memset(&req, 0, sizeof(req));
	text_init(&body);
	text_add(&body, "grant_type=client_credentials&client_id=");
	text_add_url(&body, env("AZURE_CLIENT_ID"));
	text_add(&body, "&scope=");
	text_add_url(&body, resource);
	text_add_url(&body, "/.default");
	if ((status = way->add(&body, err)) == 0) {
		req.method = "POST";
		req.url = token_url;
		req.body = body.s;
		req.body_len = body.len;
		status = token_ask(&req, deadline, out, size, lifetime, err);
	}
	text_wipe(&body);
	return (status);
}
