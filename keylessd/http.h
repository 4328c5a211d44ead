/*
 * A small HTTP server beside the Keyless one (metrics_listen): GET /healthz,
 * which says that the process lives, GET /ready, which says whether it signs
 * (health.h): 200, or 503 and the reason, and GET /metrics (metrics.h).  No
 * TLS, no body, GET and HEAD; libevent's evhttp does the work.
 */
#ifndef HTTP_H
#define HTTP_H

/* A listening socket of the next configuration; takes fd over. */
void	 http_offer(int fd);

/* Serve what was offered and nothing else; or close what was offered. */
void	 http_switch(void);
void	 http_abort(void);

/* Accept nothing more. */
void	 http_stop(void);

#endif
