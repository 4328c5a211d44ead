/* Cloud signer: credentials for AWS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloud.h"
#include "compat.h"
#include "log.h"

#define FILE_SIZE	65536
#define FILE_LIFE	300000	/* ms that keys of a file are believed */
#define EARLY		300000	/* ms before the end that keys are renewed */
#define CONTAINER_HOST	"http://169.254.170.2"
#define IMDS_HOST	"http://169.254.169.254"

typedef int fetch_keys(struct aws_keys *, uint64_t, struct call_error *);

static fetch_keys	fetch_environment;
static fetch_keys	fetch_shared;
static fetch_keys	fetch_web;
static fetch_keys	fetch_container;
static fetch_keys	fetch_instance;

/*
 * The ways in, in the order in which they are looked for.  Each is there when
 * its variable is set; the last one needs none.
 */
static const struct way {
	const char	*name;
	const char	*variable;
	fetch_keys	*fetch;
} ways[] = {
	{ "environment", "AWS_ACCESS_KEY_ID", fetch_environment },
	{ "shared file", "AWS_SHARED_CREDENTIALS_FILE", fetch_shared },
	{ "web identity", "AWS_WEB_IDENTITY_TOKEN_FILE", fetch_web },
	{ "container", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	    fetch_container },
	{ "container", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	    fetch_container },
	{ "instance", NULL, fetch_instance },
};

static const struct way	*way;
static char		 sts_url[512];
static struct aws_keys	 keys;

const char *
awsauth_credential(void)
{
	return (way->name);
}

void
awsauth_forget(void)
{
	explicit_bzero(&keys, sizeof(keys));
}

int
awsauth_open(const struct clouduri *uri, struct call_error *err)
{
	const char	*sts = env("AWS_ENDPOINT_URL_STS");

	for (way = ways; way->variable != NULL; way++)
		if (env(way->variable) != NULL)
			break;
	if (sts != NULL && strncmp(sts, "https://", 8) != 0)
		return (call_fail(err, CALL_REFUSED,
		    "AWS_ENDPOINT_URL_STS must begin with https://"));
	if (sts != NULL)
		strlcpy(sts_url, sts, sizeof(sts_url));
	else
		snprintf(sts_url, sizeof(sts_url), "https://sts.%s.%s/",
		    uri->region, uri->domain);
	if (way->fetch == fetch_environment &&
	    env("AWS_SECRET_ACCESS_KEY") == NULL)
		return (call_fail(err, CALL_REFUSED, "AWS_ACCESS_KEY_ID is "
		    "set: it needs AWS_SECRET_ACCESS_KEY, too"));
	if (way->fetch == fetch_web && env("AWS_ROLE_ARN") == NULL)
		return (call_fail(err, CALL_REFUSED,
		    "AWS_WEB_IDENTITY_TOKEN_FILE is set: it needs "
		    "AWS_ROLE_ARN, too"));
	return (0);
}

/* Take the three texts, of which the session may be NULL. */
static int
set_keys(struct aws_keys *k, const char *id, const char *secret,
    const char *session, struct call_error *err)
{
	if (id == NULL || secret == NULL)
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "no access key among the credentials (%s)", way->name));
	if (session == NULL)
		session = "";
	if (strlcpy(k->id, id, sizeof(k->id)) >= sizeof(k->id) ||
	    strlcpy(k->secret, secret, sizeof(k->secret)) >=
	    sizeof(k->secret) ||
	    strlcpy(k->session, session, sizeof(k->session)) >=
	    sizeof(k->session) ||
	    id[strcspn(id, "\r\n/, ")] != '\0' ||
	    session[strcspn(session, "\r\n")] != '\0')
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "the credentials are malformed (%s)", way->name));
	return (0);
}

/* They end at a time of the clock on the wall; NULL: not said. */
static int
set_expiry(struct aws_keys *k, const char *expiry, struct call_error *err)
{
	uint64_t	 now = now_ms(), early, life;
	int64_t		 at;

	if (expiry == NULL || (at = time_parse(expiry)) == -1 ||
	    (at -= (int64_t)time(NULL)) <= 0)
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "the credentials have expired, or do not say when they "
		    "do (%s)", way->name));
	life = (uint64_t)at * 1000;
	early = life / 5 < EARLY ? life / 5 : EARLY;
	k->expires_at = now + life;
	k->renew_at = k->expires_at - early -
	    arc4random_uniform((uint32_t)(early / 4) + 1);
	return (0);
}

static int
fetch_environment(struct aws_keys *k, uint64_t deadline,
    struct call_error *err)
{
	(void)deadline;
	k->renew_at = k->expires_at = UINT64_MAX;
	return (set_keys(k, env("AWS_ACCESS_KEY_ID"),
	    env("AWS_SECRET_ACCESS_KEY"), env("AWS_SESSION_TOKEN"), err));
}

/* Cut off the blanks at both ends of a text, in place. */
static char *
trim(char *s)
{
	size_t	 len;

	s += strspn(s, " \t\r");
	for (len = strlen(s); len != 0 && strchr(" \t\r", s[len - 1]) != NULL;
	    len--)
		continue;
	s[len] = '\0';
	return (s);
}

/* "[name]" of the profile, or of another: 1, 0; no such line: -1. */
static int
section(const char *line, const char *profile)
{
	size_t	 len = strlen(profile);

	if (*line != '[')
		return (-1);
	return (strncmp(line + 1, profile, len) == 0 &&
	    strcmp(line + 1 + len, "]") == 0);
}

/* Find the keys of a profile; the text is cut apart. */
static int
parse_shared(char *text, const char *profile, struct aws_keys *k,
    struct call_error *err)
{
	static const char *const names[] = {
		"aws_access_key_id", "aws_secret_access_key",
		"aws_session_token"
	};
	char	*line, *value, *found[3] = { NULL, NULL, NULL };
	size_t	 i;
	int	 inside = 0, is;

	while ((line = strsep(&text, "\n")) != NULL) {
		line = trim(line);
		if ((is = section(line, profile)) != -1)
			inside = is;
		if (!inside || (value = strchr(line, '=')) == NULL)
			continue;
		*value++ = '\0';
		line = trim(line);
		for (i = 0; i < nitems(names); i++)
			if (strcmp(line, names[i]) == 0)
				found[i] = trim(value);
	}
	return (set_keys(k, found[0], found[1], found[2], err));
}

/* The file is read anew now and then: somebody may rotate the keys. */
static int
fetch_shared(struct aws_keys *k, uint64_t deadline, struct call_error *err)
{
	const char	*profile = env("AWS_PROFILE");
	static char	 text[FILE_SIZE];
	int		 status;

	(void)deadline;
	if (file_read(env("AWS_SHARED_CREDENTIALS_FILE"), 0, text,
	    sizeof(text), err) == -1)
		return (-1);
	status = parse_shared(text, profile == NULL ? "default" : profile, k,
	    err);
	explicit_bzero(text, sizeof(text));
	k->renew_at = now_ms() + FILE_LIFE;
	k->expires_at = UINT64_MAX;
	return (status);
}

/* The text of the first element with this name, copied; or NULL. */
static const char *
xml_text(const char *xml, const char *name, char *out, size_t size)
{
	const char	*begin, *end;
	char		 tag[64];

	snprintf(tag, sizeof(tag), "<%s>", name);
	if ((begin = strstr(xml, tag)) == NULL)
		return (NULL);
	begin += strlen(tag);
	if ((end = strchr(begin, '<')) == NULL || (size_t)(end - begin) >= size)
		return (NULL);
	memcpy(out, begin, (size_t)(end - begin));
	out[end - begin] = '\0';
	return (out);
}

/* <ErrorResponse><Error><Code>, <Message> */
static void
judge_sts(const struct http_reply *reply, struct call_error *err)
{
	char	 code[64], text[256];

	call_explain(err, xml_text(reply->body, "Code", code, sizeof(code)),
	    xml_text(reply->body, "Message", text, sizeof(text)));
	if (strcmp(err->code, "Throttling") == 0 ||
	    strcmp(err->code, "IDPCommunicationError") == 0)
		err->verdict = CALL_BUSY;
	else if (err->verdict == CALL_REFUSED || err->verdict == CALL_GONE)
		err->verdict = CALL_UNAUTHORIZED;
}

static int
take_sts(const struct http_reply *reply, struct aws_keys *k,
    struct call_error *err)
{
	char	 id[128], secret[128], session[TOKEN_SIZE], expiry[64];
	int	 status;

	status = set_keys(k,
	    xml_text(reply->body, "AccessKeyId", id, sizeof(id)),
	    xml_text(reply->body, "SecretAccessKey", secret, sizeof(secret)),
	    xml_text(reply->body, "SessionToken", session, sizeof(session)),
	    err);
	if (status == 0)
		status = set_expiry(k, xml_text(reply->body, "Expiration",
		    expiry, sizeof(expiry)), err);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(session, sizeof(session));
	return (status);
}

static int
add_web_request(struct text *t, struct call_error *err)
{
	const char	*name = env("AWS_ROLE_SESSION_NAME");
	char		 token[TOKEN_SIZE];

	if (file_read(env("AWS_WEB_IDENTITY_TOKEN_FILE"), 1, token,
	    sizeof(token), err) == -1)
		return (-1);
	text_add(t, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
	    "&RoleArn=");
	text_add_url(t, env("AWS_ROLE_ARN"));
	text_add(t, "&RoleSessionName=");
	text_add_url(t, name == NULL ? "keylessd" : name);
	text_add(t, "&WebIdentityToken=");
	text_add_url(t, token);
	explicit_bzero(token, sizeof(token));
	return (0);
}

static int
fetch_web(struct aws_keys *k, uint64_t deadline, struct call_error *err)
{
	struct call		 call;
	struct http_reply	*reply;
	struct text		 body;
	int			 status;

	text_init(&body);
	if (add_web_request(&body, err) == -1)
		return (-1);
	memset(&call, 0, sizeof(call));
	call.http.method = "POST";
	call.http.url = sts_url;
	call.http.body = body.s;
	call.http.body_len = body.len;
	http_add_header(&call.http,
	    "Content-Type: application/x-www-form-urlencoded");
	call.judge = judge_sts;
	status = call_run(&call, deadline, &reply, err);
	if (status == 0) {
		status = take_sts(reply, k, err);
		call_done(reply);
	}
	text_wipe(&body);
	return (status);
}

/* What container and instance say: JSON with an Expiration. */
static int
take_json(const struct http_reply *reply, struct aws_keys *k,
    struct call_error *err)
{
	json_t	*root = json_reply(reply);
	int	 status;

	status = set_keys(k, json_text(root, "AccessKeyId", NULL),
	    json_text(root, "SecretAccessKey", NULL),
	    json_text(root, "Token", NULL), err);
	if (status == 0)
		status = set_expiry(k, json_text(root, "Expiration", NULL),
		    err);
	json_decref(root);
	return (status);
}

static void
judge_local(const struct http_reply *reply, struct call_error *err)
{
	json_t	*root = json_reply(reply);

	call_explain(err, json_text(root, "code", NULL),
	    json_text(root, "message", NULL));
	if (err->verdict == CALL_REFUSED || err->verdict == CALL_GONE)
		err->verdict = CALL_UNAUTHORIZED;
	json_decref(root);
}

/* Ask a service inside the machine. */
static int
ask_local(const char *method, const char *url, const char *header,
    uint64_t deadline, struct http_reply **reply, struct call_error *err)
{
	struct call	 call;

	memset(&call, 0, sizeof(call));
	call.http.method = method;
	call.http.url = url;
	call.http.direct = 1;
	if (header != NULL)
		http_add_header(&call.http, header);
	call.judge = judge_local;
	return (call_run(&call, deadline, reply, err));
}

/* Credentials are not sent in the clear but to these, inside the machine. */
static int
is_local(const char *url)
{
	static const char *const hosts[] = {
		"127.0.0.1", "localhost", "[::1]", "169.254.170.2",
		"169.254.170.23", "[fd00:ec2::23]"
	};
	size_t	 i, len;

	if (strncmp(url, "https://", 8) == 0)
		return (1);
	if (strncmp(url, "http://", 7) != 0)
		return (0);
	for (i = 0; i < nitems(hosts); i++) {
		len = strlen(hosts[i]);
		if (strncmp(url + 7, hosts[i], len) == 0 &&
		    strchr(":/", url[7 + len]) != NULL)
			return (1);
	}
	return (0);
}

/* "Authorization: ..." in out, if a token is named. */
static int
container_header(char *out, size_t size, struct call_error *err)
{
	const char	*file = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char	*text = env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	char		 buf[TOKEN_SIZE];

	out[0] = '\0';
	if (file != NULL) {
		if (file_read(file, 1, buf, sizeof(buf), err) == -1)
			return (-1);
		text = buf;
	}
	if (text != NULL)
		snprintf(out, size, "Authorization: %s", text);
	explicit_bzero(buf, sizeof(buf));
	return (0);
}

static int
fetch_container(struct aws_keys *k, uint64_t deadline, struct call_error *err)
{
	const char		*full, *relative;
	struct http_reply	*reply;
	char			 url[1024], header[TOKEN_SIZE + 32];
	int			 status;

	full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	if (relative != NULL)
		snprintf(url, sizeof(url), CONTAINER_HOST "%s", relative);
	else
		strlcpy(url, full, sizeof(url));
	if (!is_local(url))
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https:// "
		    "nor inside this machine"));
	if (container_header(header, sizeof(header), err) == -1)
		return (-1);
	status = ask_local("GET", url, *header == '\0' ? NULL : header,
	    deadline, &reply, err);
	if (status == 0) {
		status = take_json(reply, k, err);
		call_done(reply);
	}
	explicit_bzero(header, sizeof(header));
	return (status);
}

/* IMDSv2, first step: a token for the session, as a header. */
static int
instance_token(const char *host, char *header, size_t size,
    uint64_t deadline, struct call_error *err)
{
	struct http_reply	*reply;
	char			 url[512];

	snprintf(url, sizeof(url), "%s/latest/api/token", host);
	if (ask_local("PUT", url, "X-aws-ec2-metadata-token-ttl-seconds: "
	    "21600", deadline, &reply, err) == -1)
		return (-1);
	snprintf(header, size, "X-aws-ec2-metadata-token: %.*s",
	    (int)strcspn(reply->body, "\r\n"), reply->body);
	call_done(reply);
	return (0);
}

/* Second step: the name of the role; third step: its credentials. */
static int
fetch_instance(struct aws_keys *k, uint64_t deadline, struct call_error *err)
{
	const char		*host;
	struct http_reply	*reply;
	char			 url[1024], header[1024];
	size_t			 len;
	int			 status;

	host = env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	if (host == NULL)
		host = IMDS_HOST;
	if (instance_token(host, header, sizeof(header), deadline, err) == -1)
		return (-1);
	snprintf(url, sizeof(url), "%s/latest/meta-data/iam/"
	    "security-credentials/", host);
	if (ask_local("GET", url, header, deadline, &reply, err) == -1)
		return (-1);
	len = strlen(url);
	snprintf(url + len, sizeof(url) - len, "%.*s",
	    (int)strcspn(reply->body, "\r\n"), reply->body);
	call_done(reply);
	status = ask_local("GET", url, header, deadline, &reply, err);
	if (status == 0) {
		status = take_json(reply, k, err);
		call_done(reply);
	}
	explicit_bzero(header, sizeof(header));
	return (status);
}

static int
renew(uint64_t deadline, struct call_error *err)
{
	static struct aws_keys	 fresh;
	int			 status;

	memset(&fresh, 0, sizeof(fresh));
	if ((status = way->fetch(&fresh, deadline, err)) == 0) {
		keys = fresh;
		cloud_count_login();
		log_debug("credentials fetched from=\"%s\"", way->name);
	} else
		token_blame(err);
	explicit_bzero(&fresh, sizeof(fresh));
	return (status);
}

const struct aws_keys *
awsauth_keys(uint64_t deadline, struct call_error *err)
{
	uint64_t	 now = now_ms();

	if (now < keys.renew_at || renew(token_deadline(now, keys.expires_at,
	    deadline), err) == 0)
		return (&keys);
	/* Those that have not expired are better than none. */
	if (keys.renew_at == 0 || now >= keys.expires_at)
		return (NULL);
	log_warnx("credentials not renewed, the old ones are still good "
	    "code=%s reason=\"%s\"", err->code, err->text);
	keys.renew_at = now + 10000;
	memset(err, 0, sizeof(*err));
	return (&keys);
}
