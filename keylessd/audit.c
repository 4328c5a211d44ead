/* Frontend: a line for each operation, to the descriptor the parent opened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "auditsink.h"
#include "clients.h"
#include "compat.h"
#include "hex.h"
#include "log.h"
#include "loglimit.h"
#include "reqid.h"

#define RETRY		100	/* ms until a sink that is full is tried */
#define COMPLAIN	60000	/* ms between log lines about it */

static struct auditsink	 sink = { .fd = -1 };
static int		 offered = -1;
static struct event	*retry;
static int		 blocked;	/* retry is pending */
static uint64_t		 told;		/* lost lines that the log tells of */
static uint64_t		 told_when;	/* ms; 0: never */

/* What syslog wants in front of a line (RFC 3164). */
static size_t
syslog_head(char *text, size_t size)
{
	char		 stamp[32] = "";
	struct tm	 tm;
	time_t		 now = time(NULL);
	int		 n;

	if (localtime_r(&now, &tm) != NULL)
		strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	n = snprintf(text, size, "<%d>%s keylessd[%d]: audit: ",
	    LOG_AUTHPRIV | LOG_INFO, stamp, (int)getpid());
	return (n < 0 || (size_t)n >= size ? 0 : (size_t)n);
}

/* Between log lines on standard error it looks like one. */
static size_t
stderr_head(char *text, size_t size)
{
	char		 stamp[32] = "";
	struct tm	 tm;
	time_t		 now = time(NULL);
	int		 n;

	if (localtime_r(&now, &tm) != NULL)
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S%z", &tm);
	n = snprintf(text, size, "%s keylessd[%d] frontend audit: ", stamp,
	    (int)getpid());
	return (n < 0 || (size_t)n >= size ? 0 : (size_t)n);
}

/* Say in the log, now and then, that lines are left out. */
static void
complain(void)
{
	if (sink.lost_total == told || (told_when != 0 &&
	    frontend_now() - told_when < COMPLAIN))
		return;
	log_warnx("audit lines left out count=%llu reason=\"%s\"",
	    (unsigned long long)(sink.lost_total - told),
	    sink.error == 0 ? "more came than are taken" :
	    strerror(sink.error));
	told = sink.lost_total;
	told_when = frontend_now();
}

/* The counter of the daemon, which goes on after a predecessor of ours. */
static void
count_lost(void)
{
	static uint64_t	 counted;

	fe_stats.audit_lost += sink.lost_total - counted;
	counted = sink.lost_total;
}

static void
retry_now(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	blocked = 0;
	audit_flush();
}

static void
wait_a_little(void)
{
	const struct timeval	 tv = { 0, RETRY * 1000 };

	if (retry == NULL &&
	    (retry = evtimer_new(fe_base, retry_now, NULL)) == NULL)
		fatalx("evtimer_new");
	if (evtimer_add(retry, &tv) == -1)
		fatalx("evtimer_add");
	blocked = 1;
}

void
audit_flush(void)
{
	if (sink.used == 0 || blocked)
		return;
	if (auditsink_flush(&sink))
		wait_a_little();
	count_lost();
	complain();
}

static void
add(const char *line)
{
	if (auditsink_add(&sink, line) == -1) {
		count_lost();
		complain();
	} else if (sink.used > AUDITSINK_SIZE / 2)
		audit_flush();
}

void
audit_offer(int fd)
{
	audit_abort();
	offered = fd;
}

void
audit_abort(void)
{
	if (offered != -1)
		close(offered);
	offered = -1;
}

void
audit_switch(void)
{
	(void)auditsink_flush(&sink);
	if (offered == -1)
		auditsink_close(&sink);
	else {
		auditsink_open(&sink, offered, NULL);
		if (sink.datagrams)
			sink.head = syslog_head;
		else if (fe_conf.audit_stderr)
			sink.head = stderr_head;
	}
	offered = -1;
}

static void
time_text(char *text, size_t size)
{
	struct timespec	 now;
	struct tm	 tm;
	char		 seconds[32];

	strlcpy(text, "-", size);
	if (clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    gmtime_r(&now.tv_sec, &tm) == NULL ||
	    strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	snprintf(text, size, "%s.%06uZ", seconds,
	    (unsigned int)(now.tv_nsec / 1000 % 1000000));
}

/* A text in double quotes: all that would end or forge it as \xNN. */
static void
quote(char *dst, size_t size, const char *text)
{
	const uint8_t	*p = (const uint8_t *)text;
	char		*end = dst + size - 6;

	*dst++ = '"';
	for (; *p != '\0' && dst < end; p++) {
		if (*p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\')
			*dst++ = (char)*p;
		else
			dst += snprintf(dst, 5, "\\x%02x", *p);
	}
	*dst++ = '"';
	*dst = '\0';
}

static void
ski_text(char text[2 * WIRE_SKI_SIZE + 1], const uint8_t *ski)
{
	static const uint8_t	 none[WIRE_SKI_SIZE];

	if (ski == NULL || memcmp(ski, none, sizeof(none)) == 0)
		strlcpy(text, "-", 2 * WIRE_SKI_SIZE + 1);
	else
		hex_encode(ski, WIRE_SKI_SIZE, text);
}

struct operation {
	struct conn			*conn;
	const struct opcode_info	*op;
	const uint8_t			*ski;		/* or NULL */
	const char			*request_id;
	const char			*reason;	/* or NULL: done */
	uint64_t			 us;
};

static void
write_line(const struct operation *o)
{
	char	 line[AUDITSINK_LINE], when[48], client[300], serial[64];
	char	 ski[2 * WIRE_SKI_SIZE + 1];
	int	 n;

	time_text(when, sizeof(when));
	quote(client, sizeof(client), conn_client_name(o->conn));
	conn_client_serial(o->conn, serial, sizeof(serial));
	ski_text(ski, o->ski);
	n = snprintf(line, sizeof(line), "operation time=%s client=%s "
	    "serial=%s peer=%s ski=%s opcode=%s result=%s us=%llu "
	    "request_id=%s", when, client, serial, conn_peer(o->conn), ski,
	    o->op->name, o->reason == NULL ? "ok" : "error",
	    (unsigned long long)o->us, o->request_id);
	if (o->reason != NULL && n > 0 && (size_t)n < sizeof(line))
		snprintf(line + n, sizeof(line) - (size_t)n, " reason=\"%s\"",
		    o->reason);
	add(line);
}

void
audit_pending(const struct pending *p, const char *reason)
{
	struct operation	 o;
	char			 id[REQID_SIZE];

	if (p->conn == NULL ||
	    (reason == NULL && fe_conf.audit != AUDIT_ALL))
		return;
	strlcpy(id, p->request_id, sizeof(id));
	o.conn = p->conn;
	o.op = p->op;
	o.ski = p->ski;
	o.request_id = reqid_clean(id);
	o.reason = reason;
	o.us = frontend_now_us() - p->arrived;
	write_line(&o);
}

void
audit_refused(struct conn *conn, const struct opcode_info *op,
    const struct fe_key *key, const struct wire_body *body, const char *reason)
{
	struct operation	 o;
	char			 id[REQID_SIZE];

	if (op->class != OPC_SIGN && op->class != OPC_DECRYPT)
		return;
	reqid_take(id, &body->req_context);
	o.conn = conn;
	o.op = op;
	o.ski = key != NULL ? key->info.ski : body->ski;
	o.request_id = reqid_clean(id);
	o.reason = reason;
	o.us = 0;
	write_line(&o);
}
