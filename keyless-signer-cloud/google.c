/* Cloud signer: keys in Google Cloud KMS. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud.h"
#include "compat.h"
#include "emsa.h"
#include "log.h"

#define URL_MAX	2048

/*
 * A version of a key has one algorithm for ever; it says padding and hash, and
 * by which member a request gives what is to be signed.
 */
static const struct algorithm {
	const char	*name;
	enum key_type	 type;
	int		 pss;
	enum hash_type	 hash;		/* HASH_NONE: any; EC: the digest */
	const char	*member;	/* of "digest"; NULL: "data" itself */
} algorithms[] = {
	{ "RSA_SIGN_PKCS1_2048_SHA256", KEY_TYPE_RSA, 0, HASH_SHA256,
	    "sha256" },
	{ "RSA_SIGN_PKCS1_3072_SHA256", KEY_TYPE_RSA, 0, HASH_SHA256,
	    "sha256" },
	{ "RSA_SIGN_PKCS1_4096_SHA256", KEY_TYPE_RSA, 0, HASH_SHA256,
	    "sha256" },
	{ "RSA_SIGN_PKCS1_4096_SHA512", KEY_TYPE_RSA, 0, HASH_SHA512,
	    "sha512" },
	{ "RSA_SIGN_PSS_2048_SHA256", KEY_TYPE_RSA, 1, HASH_SHA256,
	    "sha256" },
	{ "RSA_SIGN_PSS_3072_SHA256", KEY_TYPE_RSA, 1, HASH_SHA256,
	    "sha256" },
	{ "RSA_SIGN_PSS_4096_SHA256", KEY_TYPE_RSA, 1, HASH_SHA256,
	    "sha256" },
	{ "RSA_SIGN_PSS_4096_SHA512", KEY_TYPE_RSA, 1, HASH_SHA512,
	    "sha512" },
	{ "RSA_SIGN_RAW_PKCS1_2048", KEY_TYPE_RSA, 0, HASH_NONE, NULL },
	{ "RSA_SIGN_RAW_PKCS1_3072", KEY_TYPE_RSA, 0, HASH_NONE, NULL },
	{ "RSA_SIGN_RAW_PKCS1_4096", KEY_TYPE_RSA, 0, HASH_NONE, NULL },
	{ "EC_SIGN_P256_SHA256", KEY_TYPE_EC, 0, HASH_SHA256, "sha256" },
	{ "EC_SIGN_P384_SHA384", KEY_TYPE_EC, 0, HASH_SHA384, "sha384" },
	{ "EC_SIGN_ED25519", KEY_TYPE_ED25519, 0, HASH_NONE, NULL },
};

static const struct algorithm *
find_algorithm(const char *name)
{
	size_t	 i;

	for (i = 0; name != NULL && i < nitems(algorithms); i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return (&algorithms[i]);
	return (NULL);
}

/*
 * Error shape: {"error": {"code", "message", "status"}}.  That a version is
 * not enabled is a failed precondition; the message names its state.
 */
static void
judge(const struct http_reply *reply, struct call_error *err)
{
	json_t		*root = json_reply(reply);
	const char	*status, *message;

	status = json_text(root, "error", "status", NULL);
	message = json_text(root, "error", "message", NULL);
	call_explain(err, status, message);
	if (status != NULL && strcmp(status, "FAILED_PRECONDITION") == 0 &&
	    message != NULL) {
		if (strstr(message, "state is: DESTROY") != NULL)
			err->verdict = CALL_GONE;
		else if (strstr(message, "not enabled") != NULL)
			err->verdict = CALL_DISABLED;
	}
	json_decref(root);
}

static void
prepare(struct call *call, const char *method, const char *url)
{
	memset(call, 0, sizeof(*call));
	call->http.method = method;
	call->http.url = url;
	call->authorize = googleauth_authorize;
	call->forget = googleauth_forget;
	call->judge = judge;
}

/* Whether a member holds the checksum of these bytes. */
static int
checksum_ok(json_t *member, const uint8_t *data, size_t len)
{
	return (json_int(member, UINT32_MAX) == (int64_t)crc32c(data, len));
}

static int
name_ok(const struct cloud_key *ck, json_t *root)
{
	const char	*name = json_text(root, "name", NULL);

	return (name != NULL && strcmp(name, ck->uri.key) == 0);
}

static EVP_PKEY *
read_pem(const char *pem)
{
	EVP_PKEY	*pkey = NULL;
	BIO		*bio;

	if ((bio = BIO_new_mem_buf(pem, -1)) != NULL)
		pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return (pkey);
}

static void
offer(struct cloud_key *ck, const struct algorithm *a)
{
	int	 hash;

	ck->detail = a;
	switch (a->type) {
	case KEY_TYPE_EC:
		cloud_offer_ecdsa(ck, hash_length(a->hash), a->name);
		break;
	case KEY_TYPE_ED25519:
		cloud_offer_ed25519(ck, a->name);
		break;
	default:
		if (a->hash != HASH_NONE) {
			cloud_offer_rsa(ck, a->pss, a->hash, a->name);
			break;
		}
		for (hash = HASH_MD5SHA1; hash <= HASH_TYPE_MAX; hash++)
			cloud_offer_rsa(ck, 0, (enum hash_type)hash, a->name);
	}
}

static int
take_key(struct cloud_key *ck, json_t *root, EVP_PKEY **pkey,
    struct call_error *err)
{
	const struct algorithm	*a;
	const char		*pem = json_text(root, "pem", NULL);
	const char		*name = json_text(root, "algorithm", NULL);

	if ((a = find_algorithm(name)) == NULL)
		return (call_fail(err, CALL_REFUSED, "its algorithm %s is of "
		    "no use here", name == NULL ? "(none)" : name));
	if (!name_ok(ck, root))
		return (call_fail(err, CALL_REFUSED,
		    "the service answers with another key"));
	if (pem == NULL || !checksum_ok(json_at(root, "pemCrc32c", NULL),
	    (const uint8_t *)pem, strlen(pem)))
		return (call_fail(err, CALL_REFUSED,
		    "the public key's checksum is wrong"));
	if ((*pkey = read_pem(pem)) == NULL)
		return (call_fail(err, CALL_REFUSED,
		    "the service's public key is malformed"));
	strlcpy(ck->name, ck->uri.key, sizeof(ck->name));
	offer(ck, a);
	return (0);
}

static int
google_get_key(struct cloud_key *ck, uint64_t deadline, EVP_PKEY **pkey,
    struct call_error *err)
{
	struct call		 call;
	struct http_reply	*reply;
	json_t			*root;
	char			 url[URL_MAX];
	int			 status;

	snprintf(url, sizeof(url), "%s/v1/%s/publicKey", cloud_base(),
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

/* The digest or the data, each with its checksum. */
static void
add_body(struct text *t, const struct algorithm *a, const uint8_t *in,
    size_t inlen)
{
	if (a->member == NULL)
		text_add(t, "{\"data\":\"");
	else
		text_addf(t, "{\"digest\":{\"%s\":\"", a->member);
	text_add_base64(t, in, inlen);
	text_addf(t, a->member == NULL ? "\",\"dataCrc32c\":\"%lu\"}" :
	    "\"},\"digestCrc32c\":\"%lu\"}",
	    (unsigned long)crc32c(in, inlen));
}

static int
take_signature(const struct cloud_key *ck, json_t *root, uint8_t *out,
    size_t *outlen, struct call_error *err)
{
	const struct algorithm	*a = ck->detail;
	const char		*text = json_text(root, "signature", NULL);
	int			 len;

	if (!json_is_true(json_at(root, a->member == NULL ?
	    "verifiedDataCrc32c" : "verifiedDigestCrc32c", NULL)))
		return (call_fail(err, CALL_REFUSED,
		    "the service did not verify the request's checksum"));
	if (!name_ok(ck, root) || text == NULL ||
	    (len = base64_decode(text, out, SIGNMSG_DATA_MAX)) <= 0)
		return (call_fail(err, CALL_REFUSED,
		    "the service's answer holds no signature of this key"));
	if (!checksum_ok(json_at(root, "signatureCrc32c", NULL), out,
	    (size_t)len))
		return (call_fail(err, CALL_REFUSED,
		    "the signature's checksum is wrong"));
	*outlen = (size_t)len;
	return (0);
}

static int
google_sign(struct cloud_key *ck, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen,
    uint64_t deadline, struct call_error *err)
{
	struct call		 call;
	struct http_reply	*reply;
	struct text		 body;
	json_t			*root;
	uint8_t			 info[EMSA_INFO_MAX];
	char			 url[URL_MAX];
	int			 status;

	if (op->key_type == KEY_TYPE_RSA &&
	    ((const struct algorithm *)ck->detail)->hash == HASH_NONE) {
		inlen = emsa_digestinfo(op->hash, in, inlen, info);
		in = info;
	}
	text_init(&body);
	add_body(&body, ck->detail, in, inlen);
	snprintf(url, sizeof(url), "%s/v1/%s:asymmetricSign", cloud_base(),
	    ck->name);
	prepare(&call, "POST", url);
	http_add_header(&call.http, "Content-Type: application/json");
	call.http.body = body.s;
	call.http.body_len = body.len;
	if (call_run(&call, deadline, &reply, err) == -1)
		return (-1);
	root = json_reply(reply);
	status = take_signature(ck, root, out, outlen, err);
	json_decref(root);
	call_done(reply);
	return (status);
}

static int
google_open(const struct clouduri *uri, struct call_error *err)
{
	(void)uri;
	return (googleauth_open(err));
}

const struct provider	 google_provider = {
	.open = google_open,
	.credential = googleauth_credential,
	.forget = googleauth_forget,
	.get_key = google_get_key,
	.sign = google_sign
};
