/* Who asks web services: when to ask a service again, and when not. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "call.h"
#include "compat.h"
#include "log.h"

#define TRIES		6	/* for one call */
#define PAUSE_FIRST	100	/* ms before the second try */
#define PAUSE_MAX	2000	/* ms, unless the service says how long */
#define LEFT_MIN	50	/* ms that a try needs to be of use */
#define QUIET_MAX	60000	/* ms that a service is left alone */
#define AFTER_MAX	86400	/* s that a service may want to be waited for */

static struct http_reply	 the_reply;
/* As they want it: a service that gives authority, and one that wants it. */
static uint64_t			 quiet_until[2];
static struct call_figures	 figures;

int
call_fail(struct call_error *err, enum verdict verdict, const char *fmt, ...)
{
	va_list	 ap;

	memset(err, 0, sizeof(*err));
	err->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return (-1);
}

/*
 * A code is a name.  Of the text only the first line is taken: what follows
 * it at AWS repeats the request, session token included.
 */
void
call_explain(struct call_error *err, const char *code, const char *text)
{
	size_t	 len;

	err->code[0] = err->text[0] = '\0';
	if (code != NULL && code[strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-/")] == '\0')
		strlcpy(err->code, code, sizeof(err->code));
	if (text == NULL)
		return;
	len = strcspn(text, "\r\n");
	if (len >= sizeof(err->text))
		len = sizeof(err->text) - 1;
	memcpy(err->text, text, len);
	err->text[len] = '\0';
}

enum verdict
call_by_status(int status)
{
	switch (status) {
	case 200:
		return (CALL_OK);
	case 401:
		return (CALL_UNAUTHORIZED);
	case 404:
	case 410:
		return (CALL_GONE);
	case 408:
	case 429:
		return (CALL_BUSY);
	default:
		return (status >= 500 ? CALL_BUSY : CALL_REFUSED);
	}
}

static void
sleep_ms(uint64_t ms)
{
	struct timespec	 ts;

	ts.tv_sec = (time_t)(ms / 1000);
	ts.tv_nsec = (long)(ms % 1000) * 1000000;
	nanosleep(&ts, NULL);
}

/*
 * How long to wait before try number n (1: the second): as the service says,
 * else twice as long each time, between half of it and all of it, so that
 * processes that were refused together do not come back together.
 */
static uint64_t
pause_before(unsigned int n, const struct http_reply *reply)
{
	uint64_t	 pause = (uint64_t)PAUSE_FIRST << (n - 1);
	int64_t		 after = reply == NULL ? -1 : reply->retry_after;

	if (after >= 0)
		return ((uint64_t)(after < AFTER_MAX ? after : AFTER_MAX) *
		    1000 + arc4random_uniform(PAUSE_FIRST));
	if (pause > PAUSE_MAX)
		pause = PAUSE_MAX;
	return (pause / 2 + arc4random_uniform((uint32_t)(pause / 2) + 1));
}

/*
 * A service has said how long to leave it alone: this is for the requests that
 * come next, too.
 */
static void
keep_quiet(const struct call *call, uint64_t pause)
{
	if (the_reply.retry_after >= 0)
		quiet_until[call->authorize != NULL] = now_ms() +
		    (pause < QUIET_MAX ? pause : QUIET_MAX);
}

/* Wait for that time to end; -1: it will be too late. */
static int
wait_quiet(const struct call *call, uint64_t deadline, struct call_error *err)
{
	uint64_t	 now = now_ms();
	uint64_t	 until = quiet_until[call->authorize != NULL];

	if (now >= until)
		return (0);
	if (until + LEFT_MIN > deadline)
		return (call_fail(err, CALL_BUSY, "not asked: the service "
		    "wants to be left alone for another %llu s",
		    (unsigned long long)(until - now + 999) / 1000));
	sleep_ms(until - now);
	return (0);
}

/*
 * One try; an answer other than 200 is an error, too.  1: without what
 * authorises it, for which a service has been asked as often as is of use.
 */
static int
try_once(const struct call *call, uint64_t deadline, struct call_error *err)
{
	struct http_request	 req = call->http;
	char			 why[256];

	memset(err, 0, sizeof(*err));
	if (call->authorize != NULL &&
	    call->authorize(&req, deadline, err) == -1)
		return (1);
	if (http_ask(&req, deadline, &the_reply, why, sizeof(why)) == -1)
		return (call_fail(err, CALL_BROKEN, "%s", why));
	err->status = the_reply.status;
	if (the_reply.status == 200)
		return (0);
	err->verdict = call_by_status(the_reply.status);
	err->throttled = the_reply.status == 429;
	call->judge(&the_reply, err);
	log_debug("service answered status=%d code=%s retry_after=%lld",
	    err->status, err->code, (long long)the_reply.retry_after);
	return (-1);
}

int
call_run(const struct call *call, uint64_t deadline,
    struct http_reply **reply, struct call_error *err)
{
	unsigned int	 n;
	uint64_t	 pause;
	int		 renewed = 0;

	*reply = &the_reply;
	if (wait_quiet(call, deadline, err) == -1)
		return (-1);
	for (n = 1; try_once(call, deadline, err) == -1; n++) {
		pause = 0;
		if (err->verdict == CALL_UNAUTHORIZED && err->status != 0 &&
		    call->forget != NULL && !renewed) {
			call->forget();
			renewed = 1;
		} else if (err->verdict == CALL_BROKEN &&
		    call->hopeless != NULL &&
		    call->hopeless(the_reply.failure)) {
			break;
		} else if (err->verdict == CALL_BUSY ||
		    err->verdict == CALL_BROKEN) {
			pause = pause_before(n, err->status == 0 ? NULL :
			    &the_reply);
			if (err->throttled)
				figures.throttled++;
			if (err->status != 0)
				keep_quiet(call, pause);
		} else
			break;
		if (n == TRIES || now_ms() + pause + LEFT_MIN > deadline)
			break;
		sleep_ms(pause);
		figures.retries++;
	}
	if (err->verdict == CALL_OK)
		return (0);
	call_done(&the_reply);
	return (-1);
}

void
call_done(struct http_reply *reply)
{
	explicit_bzero(reply->body, reply->len);
	reply->len = 0;
}

const struct call_figures *
call_figures(void)
{
	return (&figures);
}
