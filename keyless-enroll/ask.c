/* keyless-enroll: the question to the API, its answer, and what that means. */
#include <curl/curl.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "compat.h"
#include "enroll.h"
#include "json.h"
#include "log.h"
#include "mem.h"

#define REQUEST_TYPE	"keyless-certificate"

#define CHECK_TOKEN	"check api_token_file (or api_token): a token of " \
			"this account, not expired, with the permission "  \
			"\"Zone: SSL and Certificates: Edit\" for the zone"
#define CHECK_NAMES	"check hostname and zone_id against the dashboard"

static char	 authorization[FILE_SIZE + 64];
static char	 told[512];	/* by the API: its errors */

static int
add_authorization(struct http_request *req, uint64_t deadline,
    struct call_error *err)
{
	(void)deadline;
	(void)err;
	http_add_header(req, authorization);
	return (0);
}

/* "1010 no such zone; 1011 ...", in ASCII without controls. */
static void
take_errors(json_t *root)
{
	json_t		*errors = json_at(root, "errors", NULL), *e;
	const char	*text;
	char		*p;
	size_t		 i, used;

	told[0] = '\0';
	json_array_foreach(errors, i, e) {
		used = strlen(told);
		text = json_text(e, "message", NULL);
		snprintf(told + used, sizeof(told) - used, "%s%lld %.200s",
		    used == 0 ? "" : "; ",
		    (long long)json_int(json_at(e, "code", NULL), INT32_MAX),
		    text == NULL ? "(no message)" : text);
	}
	for (p = told; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
}

/* The API's errors explain what its status only hints at. */
static void
judge(const struct http_reply *reply, struct call_error *err)
{
	json_t	*root;

	(void)err;
	told[0] = '\0';
	if ((root = json_reply(reply)) == NULL)
		return;
	take_errors(root);
	json_decref(root);
}

/* A server that is not the one it should be will not become it. */
static int
hopeless(int failure)
{
	return (failure == CURLE_PEER_FAILED_VERIFICATION ||
	    failure == CURLE_URL_MALFORMAT);
}

static int say(char *, size_t, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static int
say(char *why, size_t size, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return (-1);
}

/* Without an answer: what libcurl says, and what to do about it. */
static const struct {
	int		 failure;	/* CURLE_* */
	const char	*advice;
} unanswered[] = {
	{ CURLE_URL_MALFORMAT,
	    "check init_endpoint" },
	{ CURLE_COULDNT_RESOLVE_HOST,
	    "check init_endpoint and this system's name servers" },
	{ CURLE_COULDNT_RESOLVE_PROXY,
	    "check the variable https_proxy" },
	{ CURLE_COULDNT_CONNECT,
	    "check that HTTPS is let out of here, or set https_proxy" },
	{ CURLE_OPERATION_TIMEDOUT,
	    "check that HTTPS is let out of here, or raise enroll_timeout" },
	{ CURLE_PEER_FAILED_VERIFICATION,
	    "check this system's clock and its list of authorities; for a "
	    "proxy that looks into HTTPS, set init_ca" },
	{ CURLE_SSL_CONNECT_ERROR,
	    "check that init_endpoint is an HTTPS server" },
	{ CURLE_RECV_ERROR,
	    "check the proxy, if there is one; else try again" },
	{ CURLE_PARTIAL_FILE,
	    "the answer was cut off: try again" },
	{ CURLE_GOT_NOTHING,
	    "the connection was closed without an answer: try again" },
};

static int
say_unanswered(const struct http_reply *reply, const struct call_error *err,
    char *why, size_t size)
{
	const char	*advice = "try again";
	size_t		 i;

	for (i = 0; i < nitems(unanswered); i++)
		if (unanswered[i].failure == reply->failure)
			advice = unanswered[i].advice;
	return (say(why, size, "no answer from the API: %s; %s", err->text,
	    advice));
}

static const struct {
	int		 from, to;	/* status of HTTP */
	const char	*what;
	const char	*advice;
} statuses[] = {
	{ 401, 401,	"the API does not know the token", CHECK_TOKEN },
	{ 403, 403,	"the API does not let the token do this",
			CHECK_TOKEN },
	{ 404, 404,	"there is no API at that place",
			"check init_endpoint" },
	{ 407, 407,	"the proxy wants a password", "check the variable "
			"https_proxy" },
	{ 408, 408,	"the API was too slow", "try again later" },
	{ 429, 429,	"the API wants fewer requests", "try again later" },
	{ 400, 499,	"the API refuses the request", CHECK_NAMES },
	{ 500, 599,	"the API has failed", "try again later" },
	{ 0, 999,	"no answer that an API would give", "check "
			"init_endpoint" }
};

static int
say_status(const struct msg_enroll_ask *ask, const struct call_error *err,
    char *why, size_t size)
{
	size_t	 i;

	for (i = 0; i < nitems(statuses) - 1; i++)
		if (err->status >= statuses[i].from &&
		    err->status <= statuses[i].to)
			break;
	if (ask->old_key && (err->status == 401 || err->status == 403))
		return (say(why, size, "the API does not take the "
		    "origin_ca_api_key (status %d%s%s): these keys were "
		    "retired on 30 September 2026; make an API token and name "
		    "its file in api_token_file", err->status,
		    *told == '\0' ? "" : ": ", told));
	return (say(why, size, "%s (status %d%s%s); %s", statuses[i].what,
	    err->status, *told == '\0' ? "" : ": ", told,
	    statuses[i].advice));
}

static char *
request_body(const struct msg_enroll_ask *ask, const char *csr)
{
	json_t	*root;
	char	*body;

	root = json_pack("{s:s, s:[s], s:s, s:s}",
	    "request_type", REQUEST_TYPE, "hostnames", ask->hostname,
	    "zone_id", ask->zone_id, "csr", csr);
	if (root == NULL)
		return (NULL);
	body = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return (body);
}

/* What can be sent as it is, in one line. */
static int
take_token(const struct msg_enroll_ask *ask, const char *token, char *why,
    size_t size)
{
	const char	*p;
	size_t		 len;

	token += strspn(token, " \t\r\n");
	for (p = token; isgraph((unsigned char)*p); p++)
		;
	len = (size_t)(p - token);
	if (p[strspn(p, " \t\r\n")] != '\0' || len == 0)
		return (say(why, size, "the token is %s; check "
		    "api_token_file (or api_token)", len == 0 ? "empty" :
		    "more than one word of ASCII"));
	snprintf(authorization, sizeof(authorization), "%s%.*s",
	    ask->old_key ? "X-Auth-User-Service-Key: " :
	    "Authorization: Bearer ", (int)len, token);
	return (0);
}

/* A certificate, out of an answer whose status is 200. */
static char *
take_certificate(const struct http_reply *reply, char *why, size_t size)
{
	const char	*pem;
	json_t		*root;
	char		*copy = NULL;

	if ((root = json_reply(reply)) == NULL) {
		say(why, size, "what the API answers is no JSON; check "
		    "init_endpoint, and the proxy, if there is one");
		return (NULL);
	}
	take_errors(root);
	pem = json_text(root, "result", "certificate", NULL);
	if (!json_is_true(json_at(root, "success", NULL)))
		say(why, size, "the API says no: %s; " CHECK_NAMES,
		    *told == '\0' ? "without a reason" : told);
	else if (pem == NULL || *pem == '\0' || strlen(pem) >= FILE_SIZE)
		say(why, size, "the API says yes, but there is no certificate "
		    "in its answer; check init_endpoint");
	else
		copy = mem_strdup(pem);
	json_decref(root);
	return (copy);
}

char *
ask_certificate(const struct msg_enroll_ask *ask, const char *token,
    const char *csr, char *why, size_t size)
{
	struct call_error	 err;
	struct http_reply	*reply;
	struct call		 call;
	char			*body, *cert = NULL;

	if (take_token(ask, token, why, size) == -1)
		return (NULL);
	if ((body = request_body(ask, csr)) == NULL) {
		say(why, size, "hostname or zone_id is no UTF-8");
		return (NULL);
	}
	memset(&call, 0, sizeof(call));
	call.http.method = "POST";
	call.http.url = ask->endpoint;
	call.http.body = body;
	call.http.body_len = strlen(body);
	http_add_header(&call.http, "Content-Type: application/json");
	call.authorize = add_authorization;
	call.hopeless = hopeless;
	call.judge = judge;
	if (call_run(&call, now_ms() + ask->timeout, &reply, &err) == 0) {
		cert = take_certificate(reply, why, size);
		call_done(reply);
	} else if (err.status == 0)
		say_unanswered(reply, &err, why, size);
	else
		say_status(ask, &err, why, size);
	explicit_bzero(authorization, sizeof(authorization));
	mem_free(body);
	return (cert);
}
