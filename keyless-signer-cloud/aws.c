/* Cloud signer: keys in AWS KMS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloud.h"
#include "compat.h"
#include "log.h"
#include "pubkey.h"
#include "sigv4.h"

#define TYPE	"application/x-amz-json-1.1"
#define SPKI_MAX 2048

/* Signing algorithms, as GetPublicKey lists those of a key. */
static const struct algorithm {
	const char	*name;
	enum key_type	 type;
	int		 pss;
	enum hash_type	 hash;		/* EC: the digest */
} algorithms[] = {
	{ "RSASSA_PKCS1_V1_5_SHA_256", KEY_TYPE_RSA, 0, HASH_SHA256 },
	{ "RSASSA_PKCS1_V1_5_SHA_384", KEY_TYPE_RSA, 0, HASH_SHA384 },
	{ "RSASSA_PKCS1_V1_5_SHA_512", KEY_TYPE_RSA, 0, HASH_SHA512 },
	{ "RSASSA_PSS_SHA_256", KEY_TYPE_RSA, 1, HASH_SHA256 },
	{ "RSASSA_PSS_SHA_384", KEY_TYPE_RSA, 1, HASH_SHA384 },
	{ "RSASSA_PSS_SHA_512", KEY_TYPE_RSA, 1, HASH_SHA512 },
	{ "ECDSA_SHA_256", KEY_TYPE_EC, 0, HASH_SHA256 },
	{ "ECDSA_SHA_384", KEY_TYPE_EC, 0, HASH_SHA384 },
	{ "ECDSA_SHA_512", KEY_TYPE_EC, 0, HASH_SHA512 },
	{ "ED25519_SHA_512", KEY_TYPE_ED25519, 0, HASH_NONE },
};

/* Errors whose meaning their status, mostly 400, does not tell. */
static const struct {
	const char	*code;
	enum verdict	 verdict;
	int		 throttled;
} errors[] = {
	{ "DisabledException",			CALL_DISABLED, 0 },
	{ "NotFoundException",			CALL_GONE, 0 },
	{ "ThrottlingException",		CALL_BUSY, 1 },
	{ "LimitExceededException",		CALL_BUSY, 1 },
	{ "RequestLimitExceeded",		CALL_BUSY, 1 },
	{ "TooManyRequestsException",		CALL_BUSY, 1 },
	{ "KeyUnavailableException",		CALL_BUSY, 0 },
	{ "KMSInternalException",		CALL_BUSY, 0 },
	{ "DependencyTimeoutException",		CALL_BUSY, 0 },
	{ "ServiceUnavailableException",	CALL_BUSY, 0 },
	{ "InternalFailure",			CALL_BUSY, 0 },
	{ "ExpiredTokenException",		CALL_UNAUTHORIZED, 0 },
	{ "UnrecognizedClientException",	CALL_UNAUTHORIZED, 0 },
	{ "InvalidClientTokenId",		CALL_UNAUTHORIZED, 0 },
	{ "InvalidSignatureException",		CALL_UNAUTHORIZED, 0 },
	{ "IncompleteSignatureException",	CALL_UNAUTHORIZED, 0 },
	{ "MissingAuthenticationTokenException", CALL_UNAUTHORIZED, 0 },
	{ "AccessDeniedException",		CALL_REFUSED, 0 },
};

static char	 region[32];

/* What one request is signed with; headers point into it. */
static struct {
	const char	*target;
	char		 auth[1024];
	char		 date[64];
	char		 token[TOKEN_SIZE + 32];
} signing;

/*
 * Error shape: {"__type": "DisabledException", "message"}; the type may have a
 * name space before '#', and the message a capital.
 */
static void
judge(const struct http_reply *reply, struct call_error *err)
{
	json_t		*root = json_reply(reply);
	const char	*type = json_text(root, "__type", NULL);
	const char	*hash, *message;
	size_t		 i;

	if (type != NULL && (hash = strrchr(type, '#')) != NULL)
		type = hash + 1;
	message = json_text(root, "message", NULL);
	if (message == NULL)
		message = json_text(root, "Message", NULL);
	call_explain(err, type, message);
	for (i = 0; type != NULL && i < nitems(errors); i++) {
		if (strcmp(type, errors[i].code) != 0)
			continue;
		err->verdict = errors[i].verdict;
		err->throttled |= errors[i].throttled;
	}
	/* "... is pending deletion.", or another state that may pass. */
	if (type != NULL && strcmp(type, "KMSInvalidStateException") == 0)
		err->verdict = message != NULL &&
		    strstr(message, "pending deletion") != NULL ?
		    CALL_GONE : CALL_DISABLED;
	json_decref(root);
}

static void
set_date(char *out, size_t size)
{
	time_t		 now = time(NULL);
	struct tm	 tm;

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(out, size, "%Y%m%dT%H%M%SZ", &tm) == 0)
		fatalx("no time");
}

/* As libcurl sends it: without the port that the scheme has anyway. */
static void
set_host(char *out, size_t size)
{
	const char	*host = strstr(cloud_base(), "://") + 3;
	const char	*port = strncmp(cloud_base(), "https:", 6) == 0 ?
			    ":443" : ":80";
	size_t		 len = strlen(host), cut = strlen(port);

	if (len > cut && strcmp(host + len - cut, port) == 0)
		len -= cut;
	snprintf(out, size, "host:%.*s", (int)len, host);
}

static int
sign_request(const struct http_request *req, const struct aws_keys *keys)
{
	struct sigv4	 s;
	char		 host[512], date[32], amz_date[48], target[64];
	char		 token[TOKEN_SIZE + 32];
	size_t		 n = 0;
	int		 status;

	set_date(date, sizeof(date));
	set_host(host, sizeof(host));
	snprintf(amz_date, sizeof(amz_date), "x-amz-date:%s", date);
	snprintf(token, sizeof(token), "x-amz-security-token:%s",
	    keys->session);
	snprintf(target, sizeof(target), "x-amz-target:%s", signing.target);
	memset(&s, 0, sizeof(s));
	s.method = req->method;
	s.path = "/";
	s.query = "";
	s.headers[n++] = "content-type:" TYPE;
	s.headers[n++] = host;
	s.headers[n++] = amz_date;
	if (*keys->session != '\0')
		s.headers[n++] = token;
	s.headers[n++] = target;
	s.body = req->body;
	s.body_len = req->body_len;
	s.region = region;
	s.service = "kms";
	s.date = date;
	s.key_id = keys->id;
	s.secret = keys->secret;
	snprintf(signing.date, sizeof(signing.date), "X-Amz-Date: %s", date);
	strlcpy(signing.auth, "Authorization: ", sizeof(signing.auth));
	status = sigv4_sign(&s, signing.auth + 15, sizeof(signing.auth) - 15);
	explicit_bzero(token, sizeof(token));
	return (status);
}

static int
authorize(struct http_request *req, uint64_t deadline, struct call_error *err)
{
	const struct aws_keys	*keys;

	if ((keys = awsauth_keys(deadline, err)) == NULL)
		return (-1);
	if (sign_request(req, keys) == -1)
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "the request cannot be signed: credentials too long?"));
	http_add_header(req, signing.date);
	http_add_header(req, signing.auth);
	if (*keys->session == '\0')
		return (0);
	snprintf(signing.token, sizeof(signing.token),
	    "X-Amz-Security-Token: %s", keys->session);
	http_add_header(req, signing.token);
	return (0);
}

/* Ask for an operation with a JSON body. */
static int
ask(const char *target, const struct text *body, uint64_t deadline,
    struct http_reply **reply, struct call_error *err)
{
	struct call	 call;
	char		 header[96], url[MSG_PATH_SIZE + 16];

	snprintf(header, sizeof(header), "X-Amz-Target: %s", target);
	snprintf(url, sizeof(url), "%s/", cloud_base());
	signing.target = target;
	memset(&call, 0, sizeof(call));
	call.http.method = "POST";
	call.http.url = url;
	call.http.body = body->s;
	call.http.body_len = body->len;
	http_add_header(&call.http, "Content-Type: " TYPE);
	http_add_header(&call.http, header);
	call.authorize = authorize;
	call.forget = awsauth_forget;
	call.judge = judge;
	return (call_run(&call, deadline, reply, err));
}

static void
offer(struct cloud_key *ck, const struct algorithm *a)
{
	switch (a->type) {
	case KEY_TYPE_EC:
		cloud_offer_ecdsa(ck, hash_length(a->hash), a->name);
		break;
	case KEY_TYPE_ED25519:
		cloud_offer_ed25519(ck, a->name);
		break;
	default:
		cloud_offer_rsa(ck, a->pss, a->hash, a->name);
	}
}

/* Those of the key that are of use here; their number. */
static size_t
offer_listed(struct cloud_key *ck, json_t *list)
{
	const char	*name;
	json_t		*item;
	size_t		 i, j, n = 0;

	json_array_foreach(list, i, item) {
		name = json_string_value(item);
		for (j = 0; name != NULL && j < nitems(algorithms); j++) {
			if (strcmp(algorithms[j].name, name) != 0)
				continue;
			offer(ck, &algorithms[j]);
			n++;
		}
	}
	return (n);
}

static int
take_key(struct cloud_key *ck, json_t *root, EVP_PKEY **pkey,
    struct call_error *err)
{
	const char	*text = json_text(root, "PublicKey", NULL);
	const char	*id = json_text(root, "KeyId", NULL);
	const char	*usage = json_text(root, "KeyUsage", NULL);
	uint8_t		 der[SPKI_MAX];
	int		 len;

	if (usage == NULL || strcmp(usage, "SIGN_VERIFY") != 0)
		return (call_fail(err, CALL_REFUSED, "its usage is %s, not "
		    "SIGN_VERIFY", usage == NULL ? "(none)" : usage));
	/* From now on the key itself, even if an alias names it. */
	if (id == NULL || strlcpy(ck->name, id, sizeof(ck->name)) >=
	    sizeof(ck->name))
		return (call_fail(err, CALL_REFUSED, "no KeyId"));
	if (offer_listed(ck, json_at(root, "SigningAlgorithms", NULL)) == 0)
		return (call_fail(err, CALL_REFUSED,
		    "none of its signing algorithms is of use here"));
	if (text == NULL || (len = base64_decode(text, der,
	    sizeof(der))) <= 0 ||
	    (*pkey = pubkey_spki(der, (size_t)len)) == NULL)
		return (call_fail(err, CALL_REFUSED,
		    "the service's public key is malformed"));
	return (0);
}

static int
aws_get_key(struct cloud_key *ck, uint64_t deadline, EVP_PKEY **pkey,
    struct call_error *err)
{
	struct http_reply	*reply;
	struct text		 body;
	json_t			*root;
	int			 status;

	text_init(&body);
	text_addf(&body, "{\"KeyId\":\"%s\"}", ck->uri.key);
	if (ask("TrentService.GetPublicKey", &body, deadline, &reply,
	    err) == -1)
		return (-1);
	root = json_reply(reply);
	status = take_key(ck, root, pkey, err);
	json_decref(root);
	call_done(reply);
	return (status);
}

static int
take_signature(json_t *root, uint8_t *out, size_t *outlen,
    struct call_error *err)
{
	const char	*text = json_text(root, "Signature", NULL);
	int		 len;

	if (text == NULL ||
	    (len = base64_decode(text, out, SIGNMSG_DATA_MAX)) <= 0)
		return (call_fail(err, CALL_REFUSED,
		    "the service's answer holds no signature"));
	*outlen = (size_t)len;
	return (0);
}

static int
aws_sign(struct cloud_key *ck, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen,
    uint64_t deadline, struct call_error *err)
{
	struct http_reply	*reply;
	struct text		 body;
	json_t			*root;
	int			 status;

	text_init(&body);
	text_add(&body, "{\"KeyId\":\"");
	text_add_json(&body, ck->name);
	text_add(&body, "\",\"Message\":\"");
	text_add_base64(&body, in, inlen);
	text_addf(&body, "\",\"MessageType\":\"%s\",\"SigningAlgorithm\":"
	    "\"%s\"}", op->hash == HASH_NONE ? "RAW" : "DIGEST",
	    ck->algorithm[op->index]);
	if (ask("TrentService.Sign", &body, deadline, &reply, err) == -1)
		return (-1);
	root = json_reply(reply);
	status = take_signature(root, out, outlen, err);
	json_decref(root);
	call_done(reply);
	return (status);
}

static int
aws_open(const struct clouduri *uri, struct call_error *err)
{
	strlcpy(region, uri->region, sizeof(region));
	return (awsauth_open(uri, err));
}

static void
aws_forget(void)
{
	awsauth_forget();
	explicit_bzero(&signing, sizeof(signing));
}

const struct provider	 aws_provider = {
	.open = aws_open,
	.credential = awsauth_credential,
	.forget = aws_forget,
	.get_key = aws_get_key,
	.sign = aws_sign
};
