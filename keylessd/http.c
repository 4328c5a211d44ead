/* Frontend: HTTP on loopback, for load balancers and monitoring. */
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "health.h"
#include "http.h"
#include "log.h"
#include "metrics.h"

#define TIMEOUT		10	/* s for a client to send its request */
#define HEADERS_MAX	8192	/* bytes */
#define BODY_MAX	1024	/* bytes; none is expected */
#define PAUSE		1	/* s without accepting when that fails */

struct http_socket {
	TAILQ_ENTRY(http_socket)	 entry;
	int				 fd;	/* until it is bound */
	struct evhttp_bound_socket	*bound;
	struct event			*resume;
};
TAILQ_HEAD(http_sockets, http_socket);

/* A client that waits to hear whether we are ready. */
struct asker {
	struct evhttp_request	*req;
	struct health_wait	*wait;
};

static struct evhttp		*http;
static struct http_sockets	 served = TAILQ_HEAD_INITIALIZER(served);
static struct http_sockets	 offered = TAILQ_HEAD_INITIALIZER(offered);

/* Takes the request over. */
static void
send_body(struct evhttp_request *req, int code, const char *status,
    const char *type, struct evbuffer *body)
{
	struct evkeyvalq	*headers;

	headers = evhttp_request_get_output_headers(req);
	if (evhttp_add_header(headers, "Content-Type", type) == -1 ||
	    evhttp_add_header(headers, "Cache-Control", "no-store") == -1)
		log_warnx("no memory for an answer over HTTP");
	evhttp_send_reply(req, code, status, body);
}

/* A text of one line; takes the request over. */
static void
reply(struct evhttp_request *req, int code, const char *status,
    const char *text)
{
	struct evbuffer	*body;

	if ((body = evbuffer_new()) == NULL ||
	    evbuffer_add_printf(body, "%s\n", text) == -1)
		log_warnx("no memory for an answer over HTTP");
	send_body(req, code, status, "text/plain; charset=utf-8", body);
	if (body != NULL)
		evbuffer_free(body);
}

static void
answer_healthz(struct evhttp_request *req, void *arg)
{
	(void)arg;
	reply(req, HTTP_OK, "OK", "ok");
}

static void
answer_ready(void *arg, int ok, const char *reason)
{
	struct asker			*a = arg;
	struct evhttp_connection	*evcon;

	if ((evcon = evhttp_request_get_connection(a->req)) != NULL)
		evhttp_connection_set_closecb(evcon, NULL, NULL);
	if (ok)
		reply(a->req, HTTP_OK, "OK", "ready");
	else
		reply(a->req, HTTP_SERVUNAVAIL, "Service Unavailable", reason);
	free(a);
}

/* It has not waited; its request is freed with its connection. */
static void
asker_left(struct evhttp_connection *evcon, void *arg)
{
	struct asker	*a = arg;

	(void)evcon;
	health_cancel(a->wait);
	free(a);
}

static void
ask_ready(struct evhttp_request *req, void *arg)
{
	struct health_wait	*wait;
	struct asker		*a;

	(void)arg;
	if ((a = calloc(1, sizeof(*a))) == NULL) {
		reply(req, HTTP_INTERNAL, "Internal Server Error",
		    "out of memory");
		return;
	}
	a->req = req;
	if ((wait = health_ask(answer_ready, a)) == NULL)
		return;			/* answered, and freed */
	a->wait = wait;
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    asker_left, a);
}

static void
answer_metrics(struct evhttp_request *req, void *arg)
{
	struct evbuffer	*body;

	(void)arg;
	if ((body = evbuffer_new()) == NULL || metrics_write(body) == -1)
		reply(req, HTTP_INTERNAL, "Internal Server Error",
		    "out of memory");
	else
		send_body(req, HTTP_OK, "OK", PROMTEXT_TYPE, body);
	if (body != NULL)
		evbuffer_free(body);
}

static void
answer_unknown(struct evhttp_request *req, void *arg)
{
	(void)arg;
	reply(req, HTTP_NOTFOUND, "Not Found",
	    "there is: /healthz /metrics /ready");
}

static void
http_init(void)
{
	if ((http = evhttp_new(fe_base)) == NULL)
		fatalx("evhttp_new");
	evhttp_set_timeout(http, TIMEOUT);
	evhttp_set_max_headers_size(http, HEADERS_MAX);
	evhttp_set_max_body_size(http, BODY_MAX);
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_gencb(http, answer_unknown, NULL);
	if (evhttp_set_cb(http, "/healthz", answer_healthz, NULL) != 0 ||
	    evhttp_set_cb(http, "/metrics", answer_metrics, NULL) != 0 ||
	    evhttp_set_cb(http, "/ready", ask_ready, NULL) != 0)
		fatalx("evhttp_set_cb");
}

static void
accept_again(evutil_socket_t fd, short what, void *arg)
{
	struct http_socket	*s = arg;

	(void)fd;
	(void)what;
	evconnlistener_enable(evhttp_bound_socket_get_listener(s->bound));
}

/* Out of descriptors: who waits would wake us up again and again. */
static void
accept_failed(struct evconnlistener *listener, void *arg)
{
	const struct timeval	 tv = { PAUSE, 0 };
	struct http_socket	*s;

	(void)arg;
	log_warn("metrics socket: accept");
	TAILQ_FOREACH(s, &served, entry)
		if (evhttp_bound_socket_get_listener(s->bound) == listener)
			evtimer_add(s->resume, &tv);
	evconnlistener_disable(listener);
}

void
http_offer(int fd)
{
	struct http_socket	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		fatal("calloc");
	if ((s->resume = evtimer_new(fe_base, accept_again, s)) == NULL)
		fatalx("evtimer_new");
	s->fd = fd;
	TAILQ_INSERT_TAIL(&offered, s, entry);
}

void
http_abort(void)
{
	struct http_socket	*s;

	while ((s = TAILQ_FIRST(&offered)) != NULL) {
		TAILQ_REMOVE(&offered, s, entry);
		close(s->fd);
		event_free(s->resume);
		free(s);
	}
}

void
http_stop(void)
{
	struct http_socket	*s;

	http_abort();
	while ((s = TAILQ_FIRST(&served)) != NULL) {
		TAILQ_REMOVE(&served, s, entry);
		evhttp_del_accept_socket(http, s->bound);
		event_free(s->resume);
		free(s);
	}
}

void
http_switch(void)
{
	struct http_sockets	 next = TAILQ_HEAD_INITIALIZER(next);
	struct http_socket	*s;

	TAILQ_CONCAT(&next, &offered, entry);
	http_stop();
	if (http == NULL && !TAILQ_EMPTY(&next))
		http_init();
	while ((s = TAILQ_FIRST(&next)) != NULL) {
		TAILQ_REMOVE(&next, s, entry);
		s->bound = evhttp_accept_socket_with_handle(http, s->fd);
		if (s->bound == NULL)
			fatalx("evhttp_accept_socket_with_handle");
		evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(
		    s->bound), accept_failed);
		TAILQ_INSERT_TAIL(&served, s, entry);
	}
}
