/* Cloud signer: bearer tokens, kept until they are about to expire. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloud.h"
#include "compat.h"
#include "log.h"

#define EARLY_MAX	300000	/* ms before the end when one is renewed */
#define LIFETIME_MAX	(7 * 86400)

/*
 * Renewed in the last fifth of its life, of a long one in the last five
 * minutes; a little apart from the other processes of the set.
 */
static void
set_times(struct token *t, int64_t lifetime)
{
	uint64_t	 now = now_ms(), life = (uint64_t)lifetime * 1000;
	uint64_t	 early = life / 5;

	if (early > EARLY_MAX)
		early = EARLY_MAX;
	early += arc4random_uniform((uint32_t)(early / 4) + 1);
	t->expires_at = now + life;
	t->renew_at = t->expires_at - early;
}

static int
renew(struct token *t, uint64_t deadline, struct call_error *err)
{
	char	 text[TOKEN_SIZE];
	int64_t	 lifetime = 0;

	if (t->fetch(deadline, text, sizeof(text), &lifetime, err) == -1)
		return (-1);
	/* A header is one line. */
	if (*text == '\0' || strpbrk(text, "\r\n") != NULL) {
		explicit_bzero(text, sizeof(text));
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "the token is not one line"));
	}
	snprintf(t->header, sizeof(t->header), "Authorization: Bearer %s",
	    text);
	explicit_bzero(text, sizeof(text));
	set_times(t, lifetime);
	cloud_count_login();
	log_debug("token fetched lifetime=%lld", (long long)lifetime);
	return (0);
}

void
token_blame(struct call_error *err)
{
	if (err->status != 0 && *err->code == '\0' && *err->text == '\0')
		snprintf(err->text, sizeof(err->text), "status %d from the "
		    "service that gives them", err->status);
	err->status = 0;
}

uint64_t
token_deadline(uint64_t now, uint64_t expires_at, uint64_t deadline)
{
	if (now >= expires_at || now >= deadline)
		return (deadline);
	return (now + (deadline - now) / 2);
}

int
token_authorize(struct token *t, struct http_request *req, uint64_t deadline,
    struct call_error *err)
{
	uint64_t	 now = now_ms();

	/* One that has not expired is better than none. */
	if (now >= t->renew_at && renew(t, token_deadline(now, t->expires_at,
	    deadline), err) == -1) {
		if (t->renew_at == 0 || now >= t->expires_at)
			return (-1);
		log_warnx("token not renewed, the old one is still good "
		    "code=%s reason=\"%s\"", err->code, err->text);
		t->renew_at = now + (t->expires_at - now) / 2;
		memset(err, 0, sizeof(*err));
	}
	http_add_header(req, t->header);
	return (0);
}

void
token_forget(struct token *t)
{
	explicit_bzero(t->header, sizeof(t->header));
	t->renew_at = t->expires_at = 0;
}

/*
 * RFC 6749 section 5.2, and what the metadata services say: Azure's 410, for a
 * minute or so, while it is being replaced by a newer one.
 */
static void
judge(const struct http_reply *reply, struct call_error *err)
{
	json_t	*root = json_reply(reply);

	call_explain(err, json_text(root, "error", NULL),
	    json_text(root, "error_description", NULL));
	if (err->status == 410)
		err->verdict = CALL_BUSY;
	else if (err->verdict == CALL_REFUSED || err->verdict == CALL_GONE)
		err->verdict = CALL_UNAUTHORIZED;
	json_decref(root);
}

/* As a duration (RFC 6749), or as Azure's app service has it, a time. */
static int64_t
get_lifetime(json_t *root)
{
	int64_t	 on;

	if (json_at(root, "expires_in", NULL) != NULL)
		return (json_int(json_at(root, "expires_in", NULL),
		    LIFETIME_MAX));
	on = json_int(json_at(root, "expires_on", NULL), INT64_MAX);
	return (on == -1 ? -1 : on - (int64_t)time(NULL));
}

static int
take(const struct http_reply *reply, char *token, size_t size,
    int64_t *lifetime, struct call_error *err)
{
	json_t		*root = json_reply(reply);
	const char	*text = json_text(root, "access_token", NULL);
	int		 status = 0;

	*lifetime = get_lifetime(root);
	if (text == NULL || *lifetime <= 0 ||
	    strlcpy(token, text, size) >= size)
		status = call_fail(err, CALL_UNAUTHORIZED,
		    "the answer of the token service holds no token");
	json_decref(root);
	return (status);
}

int
token_ask(const struct http_request *req, uint64_t deadline, char *token,
    size_t size, int64_t *lifetime, struct call_error *err)
{
	struct call		 call;
	struct http_reply	*reply;
	int			 status;

	memset(&call, 0, sizeof(call));
	call.http = *req;
	call.judge = judge;
	if (req->body != NULL)
		http_add_header(&call.http,
		    "Content-Type: application/x-www-form-urlencoded");
	if (call_run(&call, deadline, &reply, err) == -1) {
		token_blame(err);
		return (-1);
	}
	status = take(reply, token, size, lifetime, err);
	call_done(reply);
	return (status);
}
