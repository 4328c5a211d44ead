/* Cloud signer: keys in Azure Key Vault and Azure Managed HSM. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud.h"
#include "compat.h"
#include "jwt.h"
#include "log.h"
#include "sigenc.h"

#define API	"?api-version=7.4"
#define URL_MAX	2048

/* The curves, and the one algorithm that each of them has. */
static const struct {
	int		 bits;
	const char	*algorithm;
	size_t		 digest;
	size_t		 field;
} curves[] = {
	{ 256, "ES256", 32, 32 },
	{ 384, "ES384", 48, 48 },
	{ 521, "ES512", 64, 66 },
};

/*
 * Error shapes: {"error": {"code", "message", "innererror": {"code"}}}; the
 * inner code is what tells a disabled key from a missing permission.
 */
static void
judge(const struct http_reply *reply, struct call_error *err)
{
	json_t		*root = json_reply(reply);
	const char	*code, *inner;
	char		 both[128];

	code = json_text(root, "error", "code", NULL);
	inner = json_text(root, "error", "innererror", "code", NULL);
	if (inner == NULL)
		inner = json_text(root, "error", "innerError", "code", NULL);
	snprintf(both, sizeof(both), "%s%s%s", code == NULL ? "" : code,
	    inner == NULL ? "" : "/", inner == NULL ? "" : inner);
	call_explain(err, both, json_text(root, "error", "message", NULL));
	if (inner != NULL)
		code = inner;
	if (code != NULL && (strcmp(code, "KeyDisabled") == 0 ||
	    strcmp(code, "KeyExpired") == 0 ||
	    strcmp(code, "KeyNotYetValid") == 0))
		err->verdict = CALL_DISABLED;
	else if (code != NULL &&
	    strcmp(code, "ObjectIsDeletedButRecoverable") == 0)
		err->verdict = CALL_GONE;
	json_decref(root);
}

static void
prepare(struct call *call, const char *method, const char *url)
{
	memset(call, 0, sizeof(*call));
	call->http.method = method;
	call->http.url = url;
	call->authorize = azureauth_authorize;
	call->forget = azureauth_forget;
	call->judge = judge;
}

/*
 * The version that the service answers with is the one that signs from now
 * on, even if the URI names none: other processes must have the same key.
 */
static int
take_name(struct cloud_key *ck, const char *kid, struct call_error *err)
{
	const char	*name;

	if (kid == NULL || (name = strstr(kid, "/keys/")) == NULL ||
	    strlen(name += 6) >= sizeof(ck->name) ||
	    strchr(name, '/') == NULL ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/")] != '\0' ||
	    strncmp(name, ck->uri.key, strlen(ck->uri.key)) != 0)
		return (call_fail(err, CALL_REFUSED,
		    "the service answers with another key"));
	strlcpy(ck->name, name, sizeof(ck->name));
	return (0);
}

/* "key_ops", RFC 7517 section 4.3; without it anything is allowed. */
static int
may_sign(json_t *ops)
{
	json_t	*op;
	size_t	 i;

	if (ops == NULL)
		return (1);
	json_array_foreach(ops, i, op)
		if (json_is_string(op) &&
		    strcmp(json_string_value(op), "sign") == 0)
			return (1);
	return (0);
}

static void
offer(struct cloud_key *ck, EVP_PKEY *pkey)
{
	size_t	 i;

	if (EVP_PKEY_base_id(pkey) == EVP_PKEY_RSA) {
		cloud_offer_rsa(ck, 0, HASH_SHA256, "RS256");
		cloud_offer_rsa(ck, 0, HASH_SHA384, "RS384");
		cloud_offer_rsa(ck, 0, HASH_SHA512, "RS512");
		cloud_offer_rsa(ck, 1, HASH_SHA256, "PS256");
		cloud_offer_rsa(ck, 1, HASH_SHA384, "PS384");
		cloud_offer_rsa(ck, 1, HASH_SHA512, "PS512");
		return;
	}
	for (i = 0; i < nitems(curves); i++) {
		if (EVP_PKEY_bits(pkey) != curves[i].bits)
			continue;
		cloud_offer_ecdsa(ck, curves[i].digest, curves[i].algorithm);
		ck->field = curves[i].field;
	}
}

static int
take_key(struct cloud_key *ck, json_t *root, EVP_PKEY **pkey,
    struct call_error *err)
{
	struct jwk	 jwk;
	json_t		*key = json_at(root, "key", NULL);
	const char	*why;

	if (json_is_false(json_at(root, "attributes", "enabled", NULL)))
		return (call_fail(err, CALL_DISABLED, "the key is disabled"));
	if (!may_sign(json_at(key, "key_ops", NULL)))
		return (call_fail(err, CALL_REFUSED,
		    "the key's permitted operations do not include sign"));
	if (take_name(ck, json_text(key, "kid", NULL), err) == -1)
		return (-1);
	jwk.kty = json_text(key, "kty", NULL);
	jwk.n = json_text(key, "n", NULL);
	jwk.e = json_text(key, "e", NULL);
	jwk.crv = json_text(key, "crv", NULL);
	jwk.x = json_text(key, "x", NULL);
	jwk.y = json_text(key, "y", NULL);
	if ((*pkey = jwk_public(&jwk, &why)) == NULL)
		return (call_fail(err, CALL_REFUSED, "%s", why));
	offer(ck, *pkey);
	return (0);
}

static int
azure_get_key(struct cloud_key *ck, uint64_t deadline, EVP_PKEY **pkey,
    struct call_error *err)
{
	struct call		 call;
	struct http_reply	*reply;
	json_t			*root;
	char			 url[URL_MAX];
	int			 status;

	snprintf(url, sizeof(url), "%s/keys/%s" API, cloud_base(),
	    ck->uri.key);
	prepare(&call, "GET", url);
	if (call_run(&call, deadline, &reply, err) == -1)
		return (-1);
	root = json_reply(reply);
	status = take_key(ck, root, pkey, err);
	json_decref(root);
	call_done(reply);
	return (status);
}

/* RSA as it comes; ECDSA as IEEE 1363 has it, r and s of full length. */
static int
take_signature(const struct cloud_key *ck, const struct opcode_info *op,
    const char *value, uint8_t *out, size_t *outlen)
{
	uint8_t	 raw[SIGENC_RAW_MAX];
	int	 len;

	if (value == NULL)
		return (-1);
	if (op->key_type == KEY_TYPE_RSA) {
		len = base64_decode(value, out, SIGNMSG_DATA_MAX);
		*outlen = len < 0 ? 0 : (size_t)len;
		return (len <= 0 ? -1 : 0);
	}
	len = base64_decode(value, raw, sizeof(raw));
	if (len < 0 || (size_t)len != 2 * ck->field)
		return (-1);
	*outlen = sigenc_ecdsa(raw, ck->field, out);
	return (*outlen == 0 ? -1 : 0);
}

static int
azure_sign(struct cloud_key *ck, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen,
    uint64_t deadline, struct call_error *err)
{
	struct call		 call;
	struct http_reply	*reply;
	struct text		 body;
	json_t			*root;
	char			 url[URL_MAX];
	int			 status = 0;

	snprintf(url, sizeof(url), "%s/keys/%s/sign" API, cloud_base(),
	    ck->name);
	text_init(&body);
	text_addf(&body, "{\"alg\":\"%s\",\"value\":\"",
	    ck->algorithm[op->index]);
	text_add_base64url(&body, in, inlen);
	text_add(&body, "\"}");
	prepare(&call, "POST", url);
	http_add_header(&call.http, "Content-Type: application/json");
	call.http.body = body.s;
	call.http.body_len = body.len;
	if (call_run(&call, deadline, &reply, err) == -1)
		return (-1);
	root = json_reply(reply);
	if (take_signature(ck, op, json_text(root, "value", NULL), out,
	    outlen) == -1)
		status = call_fail(err, CALL_REFUSED,
		    "the service's answer holds no signature of this key");
	json_decref(root);
	call_done(reply);
	return (status);
}

const struct provider	 azure_provider = {
	.open = azureauth_open,
	.credential = azureauth_credential,
	.forget = azureauth_forget,
	.get_key = azure_get_key,
	.sign = azure_sign
};
