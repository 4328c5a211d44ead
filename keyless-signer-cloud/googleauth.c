/* Cloud signer: tokens for Google Cloud, by Application Default Credentials. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloud.h"
#include "compat.h"
#include "jwt.h"
#include "log.h"

#define FILE_SIZE	32768
#define ASSERTION_LIFE	3600	/* s; the longest that is allowed */
#define IMPERSONATE_LIFE "3600s"
#define METADATA_HOST	"169.254.169.254"
#define TOKEN_URI	"https://oauth2.googleapis.com/token"
#define SCOPE		"https://www.googleapis.com/auth/cloudkms"
#define SCOPE_STS	"https://www.googleapis.com/auth/cloud-platform"

/* What each kind of credentials file makes of a token request. */
typedef int fetch_file(json_t *, uint64_t, char *, size_t, int64_t *,
    struct call_error *);

static fetch_file	fetch_service_account;
static fetch_file	fetch_user;
static fetch_file	fetch_external;
static int	fetch(uint64_t, char *, size_t, int64_t *, struct call_error *);

static const struct kind {
	const char	*type;		/* in the file */
	const char	*name;		/* for people */
	fetch_file	*fetch;
} kinds[] = {
	{ "service_account", "service account", fetch_service_account },
	{ "authorized_user", "authorized user", fetch_user },
	{ "external_account", "workload identity", fetch_external },
};

static char		 path[1024];	/* of the file; empty: none */
static const char	*credential;
static char		 project[160];	/* header of whose quota; or empty */
static struct token	 token = { .fetch = fetch };

const char *
googleauth_credential(void)
{
	return (credential);
}

int
googleauth_authorize(struct http_request *req, uint64_t deadline,
    struct call_error *err)
{
	if (token_authorize(&token, req, deadline, err) == -1)
		return (-1);
	if (*project != '\0')
		http_add_header(req, project);
	return (0);
}

void
googleauth_forget(void)
{
	token_forget(&token);
}

/* The file that is named; else that of gcloud, if its directory is named. */
int
googleauth_open(struct call_error *err)
{
	const char	*file = env("GOOGLE_APPLICATION_CREDENTIALS");
	const char	*dir = env("CLOUDSDK_CONFIG");
	int		 n = 0;

	path[0] = '\0';
	credential = "metadata server";
	if (file != NULL)
		n = snprintf(path, sizeof(path), "%s", file);
	else if (dir != NULL)
		n = snprintf(path, sizeof(path),
		    "%s/" GOOGLE_USER_FILE, dir);
	if ((size_t)n >= sizeof(path))
		return (call_fail(err, CALL_REFUSED,
		    "the name of the credentials file is too long"));
	if (*path != '\0')
		credential = "credentials file";
	return (0);
}

/* A member that must be there. */
static const char *
member(json_t *root, const char *name, struct call_error *err)
{
	const char	*text = json_text(root, name, NULL);

	if (text == NULL)
		call_fail(err, CALL_UNAUTHORIZED, "%s: no %s", path, name);
	return (text);
}

/* The same for a place that is sent secrets. */
static const char *
member_url(json_t *root, const char *name, const char *without,
    struct call_error *err)
{
	const char	*url = json_text(root, name, NULL);

	if (url == NULL && (url = without) == NULL)
		return (member(root, name, err));
	if (strncmp(url, "https://", 8) == 0)
		return (url);
	call_fail(err, CALL_UNAUTHORIZED, "%s: %s does not begin with "
	    "https://", path, name);
	return (NULL);
}

static int
post(const char *url, const struct text *body, uint64_t deadline, char *out,
    size_t size, int64_t *lifetime, struct call_error *err)
{
	struct http_request	 req;

	if (body->over)
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "%s: too long", path));
	memset(&req, 0, sizeof(req));
	req.method = "POST";
	req.url = url;
	req.body = body->s;
	req.body_len = body->len;
	return (token_ask(&req, deadline, out, size, lifetime, err));
}

static EVP_PKEY *
read_key(const char *pem)
{
	EVP_PKEY	*pkey = NULL;
	BIO		*bio;

	if ((bio = BIO_new_mem_buf(pem, -1)) != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, "");
	BIO_free(bio);
	ERR_clear_error();
	return (pkey);
}

/* RFC 7523 section 2.1: a token that the account's own key has signed. */
static int
add_assertion(struct text *t, json_t *root, const char *url,
    struct call_error *err)
{
	struct text	 header, claims;
	const char	*email, *pem, *id;
	EVP_PKEY	*pkey;
	long long	 now = (long long)time(NULL);
	int		 status;

	if ((email = member(root, "client_email", err)) == NULL ||
	    (pem = member(root, "private_key", err)) == NULL)
		return (-1);
	if ((pkey = read_key(pem)) == NULL)
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "%s: private_key is malformed", path));
	text_init(&header);
	text_add(&header, "{\"alg\":\"RS256\",\"typ\":\"JWT\"");
	if ((id = json_text(root, "private_key_id", NULL)) != NULL) {
		text_add(&header, ",\"kid\":\"");
		text_add_json(&header, id);
		text_add(&header, "\"");
	}
	text_add(&header, "}");
	text_init(&claims);
	text_add(&claims, "{\"iss\":\"");
	text_add_json(&claims, email);
	text_add(&claims, "\",\"scope\":\"" SCOPE "\",\"aud\":\"");
	text_add_json(&claims, url);
	text_addf(&claims, "\",\"iat\":%lld,\"exp\":%lld}", now,
	    now + ASSERTION_LIFE);
	if ((status = jwt_sign(t, header.s, claims.s, pkey, 0)) == -1)
		call_fail(err, CALL_UNAUTHORIZED,
		    "%s: private_key does not sign", path);
	EVP_PKEY_free(pkey);
	return (status);
}

static int
fetch_service_account(json_t *root, uint64_t deadline, char *out, size_t size,
    int64_t *lifetime, struct call_error *err)
{
	struct text	 body;
	const char	*url;
	int		 status;

	url = member_url(root, "token_uri", TOKEN_URI, err);
	if (url == NULL)
		return (-1);
	text_init(&body);
	text_add(&body, "grant_type=");
	text_add_url(&body, "urn:ietf:params:oauth:grant-type:jwt-bearer");
	text_add(&body, "&assertion=");	/* needs no escapes */
	status = add_assertion(&body, root, url, err);
	if (status == 0)
		status = post(url, &body, deadline, out, size, lifetime, err);
	text_wipe(&body);
	return (status);
}

/* RFC 6749 section 6, as `gcloud auth application-default login' has it. */
static int
fetch_user(json_t *root, uint64_t deadline, char *out, size_t size,
    int64_t *lifetime, struct call_error *err)
{
	static const char *const names[] = {
		"client_id", "client_secret", "refresh_token"
	};
	struct text	 body;
	const char	*text, *url;
	size_t		 i;
	int		 status;

	url = member_url(root, "token_uri", TOKEN_URI, err);
	if (url == NULL)
		return (-1);
	text_init(&body);
	text_add(&body, "grant_type=refresh_token");
	for (i = 0; i < nitems(names); i++) {
		if ((text = member(root, names[i], err)) == NULL) {
			text_wipe(&body);
			return (-1);
		}
		text_addf(&body, "&%s=", names[i]);
		text_add_url(&body, text);
	}
	status = post(url, &body, deadline, out, size, lifetime, err);
	text_wipe(&body);
	return (status);
}

/* What stands in the file of somebody else's token, as text or in JSON. */
static int
subject_token(json_t *root, char *buf, size_t size, struct call_error *err)
{
	json_t		*source = json_at(root, "credential_source", NULL);
	const char	*file = json_text(source, "file", NULL);
	const char	*type = json_text(source, "format", "type", NULL);
	const char	*name, *text;
	json_t		*doc;
	int		 status = 0;

	if (file == NULL)
		return (call_fail(err, CALL_UNAUTHORIZED, "%s: the only "
		    "credential_source that is supported is a file", path));
	if (file_read(file, 1, buf, size, err) == -1) {
		/* Unlike those of the environment, nobody could know of it. */
		strlcat(err->text, " (is its directory among the store's "
		    "`paths'?)", sizeof(err->text));
		return (-1);
	}
	if (type == NULL || strcmp(type, "text") == 0)
		return (0);
	name = json_text(source, "format", "subject_token_field_name", NULL);
	doc = json_loads(buf, 0, NULL);
	text = name == NULL ? NULL : json_text(doc, name, NULL);
	if (text == NULL || strlcpy(buf, text, size) >= size)
		status = call_fail(err, CALL_UNAUTHORIZED,
		    "%s: no token where %s says", file, path);
	json_decref(doc);
	return (status);
}

static void
judge_impersonation(const struct http_reply *reply, struct call_error *err)
{
	json_t	*root = json_reply(reply);

	call_explain(err, json_text(root, "error", "status", NULL),
	    json_text(root, "error", "message", NULL));
	if (err->verdict == CALL_REFUSED || err->verdict == CALL_GONE)
		err->verdict = CALL_UNAUTHORIZED;
	json_decref(root);
}

static int
take_impersonation(const struct http_reply *reply, char *out, size_t size,
    int64_t *lifetime, struct call_error *err)
{
	json_t		*root = json_reply(reply);
	const char	*text = json_text(root, "accessToken", NULL);
	const char	*expiry = json_text(root, "expireTime", NULL);
	int64_t		 at = expiry == NULL ? -1 : time_parse(expiry);
	int		 status = 0;

	*lifetime = at - (int64_t)time(NULL);
	if (text == NULL || *lifetime <= 0 ||
	    strlcpy(out, text, size) >= size)
		status = call_fail(err, CALL_UNAUTHORIZED,
		    "the answer to the impersonation holds no token");
	json_decref(root);
	return (status);
}

/* Trade the token in out for one of a service account. */
static int
impersonate(const char *url, uint64_t deadline, char *out, size_t size,
    int64_t *lifetime, struct call_error *err)
{
	static const char	 body[] = "{\"scope\":[\"" SCOPE "\"],"
				    "\"lifetime\":\"" IMPERSONATE_LIFE "\"}";
	struct call		 call;
	struct http_reply	*reply;
	char			 header[TOKEN_SIZE + 32];
	int			 status;

	snprintf(header, sizeof(header), "Authorization: Bearer %s", out);
	memset(&call, 0, sizeof(call));
	call.http.method = "POST";
	call.http.url = url;
	call.http.body = body;
	call.http.body_len = sizeof(body) - 1;
	http_add_header(&call.http, "Content-Type: application/json");
	http_add_header(&call.http, header);
	call.judge = judge_impersonation;
	status = call_run(&call, deadline, &reply, err);
	if (status == 0) {
		status = take_impersonation(reply, out, size, lifetime, err);
		call_done(reply);
	} else
		token_blame(err);
	explicit_bzero(header, sizeof(header));
	return (status);
}

/* RFC 8693 section 2.1. */
static int
add_exchange(struct text *t, json_t *root, const char *scope,
    struct call_error *err)
{
	const char	*audience, *type;
	char		 subject[TOKEN_SIZE];

	if ((audience = member(root, "audience", err)) == NULL ||
	    (type = member(root, "subject_token_type", err)) == NULL ||
	    subject_token(root, subject, sizeof(subject), err) == -1)
		return (-1);
	text_add(t, "grant_type=");
	text_add_url(t, "urn:ietf:params:oauth:grant-type:token-exchange");
	text_add(t, "&requested_token_type=");
	text_add_url(t, "urn:ietf:params:oauth:token-type:access_token");
	text_add(t, "&audience=");
	text_add_url(t, audience);
	text_add(t, "&scope=");
	text_add_url(t, scope);
	text_add(t, "&subject_token_type=");
	text_add_url(t, type);
	text_add(t, "&subject_token=");
	text_add_url(t, subject);
	explicit_bzero(subject, sizeof(subject));
	return (0);
}

static int
fetch_external(json_t *root, uint64_t deadline, char *out, size_t size,
    int64_t *lifetime, struct call_error *err)
{
	static const char	 name[] = "service_account_impersonation_url";
	struct text		 body;
	const char		*url, *as = NULL;
	int			 status;

	if ((url = member_url(root, "token_url", NULL, err)) == NULL)
		return (-1);
	if (json_at(root, name, NULL) != NULL &&
	    (as = member_url(root, name, NULL, err)) == NULL)
		return (-1);
	text_init(&body);
	status = add_exchange(&body, root, as == NULL ? SCOPE : SCOPE_STS,
	    err);
	if (status == 0)
		status = post(url, &body, deadline, out, size, lifetime, err);
	text_wipe(&body);
	if (status == 0 && as != NULL)
		status = impersonate(as, deadline, out, size, lifetime, err);
	return (status);
}

static int
fetch_metadata(uint64_t deadline, char *out, size_t size, int64_t *lifetime,
    struct call_error *err)
{
	struct http_request	 req;
	const char		*host = env("GCE_METADATA_HOST");
	char			 url[512];

	snprintf(url, sizeof(url), "http://%s/computeMetadata/v1/instance/"
	    "service-accounts/default/token",
	    host == NULL ? METADATA_HOST : host);
	memset(&req, 0, sizeof(req));
	req.method = "GET";
	req.url = url;
	req.direct = 1;
	http_add_header(&req, "Metadata-Flavor: Google");
	return (token_ask(&req, deadline, out, size, lifetime, err));
}

/*
 * Whose quota it is: what a person asks for must say so, others may.  The
 * header is for the key service, not for those that give tokens.
 */
static int
take_project(json_t *root, struct call_error *err)
{
	const char	*id = json_text(root, "quota_project_id", NULL);
	int		 n;

	project[0] = '\0';
	if (id == NULL)
		return (0);
	n = snprintf(project, sizeof(project), "X-Goog-User-Project: %s", id);
	if (n > 0 && (size_t)n < sizeof(project) &&
	    id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-.:")] == '\0')
		return (0);
	project[0] = '\0';
	return (call_fail(err, CALL_UNAUTHORIZED,
	    "%s: quota_project_id is no name of a project", path));
}

static const struct kind *
find_kind(const char *type)
{
	size_t	 i;

	for (i = 0; type != NULL && i < nitems(kinds); i++)
		if (strcmp(kinds[i].type, type) == 0)
			return (&kinds[i]);
	return (NULL);
}

/* The file is read anew each time: it may have been replaced. */
static int
fetch(uint64_t deadline, char *out, size_t size, int64_t *lifetime,
    struct call_error *err)
{
	const struct kind	*kind;
	char			 buf[FILE_SIZE];
	json_t			*root;
	int			 status;

	if (*path == '\0')
		return (fetch_metadata(deadline, out, size, lifetime, err));
	if (file_read(path, 0, buf, sizeof(buf), err) == -1)
		return (-1);
	root = json_loads(buf, JSON_REJECT_DUPLICATES, NULL);
	explicit_bzero(buf, sizeof(buf));
	if (root == NULL)
		return (call_fail(err, CALL_UNAUTHORIZED, "%s: not JSON",
		    path));
	if ((kind = find_kind(json_text(root, "type", NULL))) == NULL)
		status = call_fail(err, CALL_UNAUTHORIZED, "%s: type is none "
		    "of service_account, authorized_user, external_account",
		    path);
	else if ((status = take_project(root, err)) == 0) {
		credential = kind->name;
		status = kind->fetch(root, deadline, out, size, lifetime, err);
	}
	json_decref(root);
	return (status);
}
