/*
 * Fuzzer of connections: libtls, without encryption.  Handshakes succeed at
 * once, all bytes are passed on.
 */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "conn_played.h"

struct tls {
	const char	*cert;
	tls_read_cb	 read;
	tls_write_cb	 write;
	void		*arg;
};

static const char	*shown;

void
tls_show(const char *cert)
{
	shown = cert;
}

struct tls *
tls_server(void)
{
	return (calloc(1, sizeof(struct tls)));
}

int
tls_accept_cbs(struct tls *server, struct tls **tls, tls_read_cb read_cb,
    tls_write_cb write_cb, void *arg)
{
	REQUIRE(server != NULL);
	REQUIRE((*tls = calloc(1, sizeof(**tls))) != NULL);
	(*tls)->read = read_cb;
	(*tls)->write = write_cb;
	(*tls)->arg = arg;
	(*tls)->cert = shown;
	return (0);
}

int
tls_handshake(struct tls *tls)
{
	(void)tls;
	return (0);
}

ssize_t
tls_read(struct tls *tls, void *data, size_t size)
{
	return (tls->read(tls, data, size, tls->arg));
}

ssize_t
tls_write(struct tls *tls, const void *data, size_t size)
{
	return (tls->write(tls, data, size, tls->arg));
}

int
tls_close(struct tls *tls)
{
	(void)tls;
	return (0);
}

void
tls_free(struct tls *tls)
{
	free(tls);
}

const char *
tls_peer_cert_hash(struct tls *tls)
{
	return (tls->cert);
}

#define TEXT(name, text)						\
const char *								\
name(struct tls *tls)							\
{									\
	(void)tls;							\
	return (text);							\
}

TEXT(tls_error, "error")
TEXT(tls_conn_version, "version")
TEXT(tls_conn_cipher, "cipher")
TEXT(tls_peer_cert_subject, "subject")

/* ---- tlsserver.c */

int
tlsserver_peer_named(struct tls *tls, const char *name)
{
	return (strcmp(tls->cert, name) == 0);
}

void
tlsserver_peer_serial(struct tls *tls, char *serial, size_t size)
{
	(void)tls;
	strlcpy(serial, "01", size);
}

int
tlsserver_client_auth(struct tls *tls)
{
	(void)tls;
	return (1);
}

const char *
tlsserver_reason(struct tls *server, struct tls *tls, int *certificate)
{
	(void)server;
	(void)tls;
	*certificate = 1;
	return ("played");
}
