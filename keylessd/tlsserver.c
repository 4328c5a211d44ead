/* Frontend: the TLS server context that all connections share. */
#include <sys/stat.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "compat.h"
#include "frontend.h"

#define FILE_MAX	(4 * 1024 * 1024)	/* bytes of a PEM file */

uint8_t *
tlsserver_file(int fd, size_t *size, char *err, size_t errsize)
{
	struct stat	 st;
	uint8_t		*bytes;
	ssize_t		 n;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size == 0 ||
	    st.st_size > FILE_MAX) {
		snprintf(err, errsize, "empty, too large or no regular file");
		return (NULL);
	}
	*size = (size_t)st.st_size;
	if ((bytes = calloc(1, *size)) == NULL) {
		snprintf(err, errsize, "%s", strerror(errno));
		return (NULL);
	}
	/* The descriptor is shared with the parent: leave its offset alone. */
	if ((n = pread(fd, bytes, *size, 0)) != (ssize_t)*size) {
		snprintf(err, errsize, "%s", n == -1 ? strerror(errno) :
		    "changed while it was read");
		freezero(bytes, *size);
		return (NULL);
	}
	return (bytes);
}

/*
 * Hand the content of fd to a tls_config_set_*_mem() function.  With pem, it
 * must hold such an object: libtls takes any other text for an empty list, and
 * then refuses all clients.
 */
static int
config_file(struct tls_config *config, const char *what, int fd,
    const char *pem, int (*set)(struct tls_config *, const uint8_t *, size_t),
    char *err, size_t errsize)
{
	char	 why[128];
	uint8_t	*bytes;
	size_t	 size;
	int	 status;

	if ((bytes = tlsserver_file(fd, &size, why, sizeof(why))) == NULL) {
		snprintf(err, errsize, "%s: %s", what, why);
		return (-1);
	}
	if (pem != NULL && memmem(bytes, size, pem, strlen(pem)) == NULL) {
		snprintf(err, errsize, "%s: no %s in the file", what, pem);
		status = -1;
	} else if ((status = set(config, bytes, size)) == -1)
		snprintf(err, errsize, "%s: %s", what,
		    tls_config_error(config));
	freezero(bytes, size);
	return (status);
}

static int
config_fill(struct tls_config *config, const struct tls_files *files,
    const struct msg_front_conf *conf, char *err, size_t errsize)
{
	if (config_file(config, "auth_cert", files->cert, NULL,
	    tls_config_set_cert_mem, err, errsize) == -1 ||
	    config_file(config, "auth_key", files->key, NULL,
	    tls_config_set_key_mem, err, errsize) == -1 ||
	    config_file(config, "cloudflare_ca_cert", files->ca,
	    "BEGIN CERTIFICATE", tls_config_set_ca_mem, err, errsize) == -1 ||
	    (files->crl != -1 && config_file(config, "crl", files->crl,
	    "BEGIN X509 CRL", tls_config_set_crl_mem, err, errsize) == -1))
		return (-1);
	if (tls_config_set_protocols(config, conf->protocols) == -1 ||
	    (conf->ciphers[0] != '\0' &&
	    tls_config_set_ciphers(config, conf->ciphers) == -1)) {
		snprintf(err, errsize, "tls_protocols, tls_ciphers: %s",
		    tls_config_error(config));
		return (-1);
	}
	tls_config_verify_client(config);
	return (0);
}

struct tls *
tlsserver_new(const struct tls_files *files, const struct msg_front_conf *conf,
    char *err, size_t errsize)
{
	struct tls_config	*config;
	struct tls		*server = NULL;

	if ((config = tls_config_new()) == NULL) {
		snprintf(err, errsize, "out of memory");
		return (NULL);
	}
	if (config_fill(config, files, conf, err, errsize) == -1)
		goto done;
	if ((server = tls_server()) == NULL) {
		snprintf(err, errsize, "out of memory");
		goto done;
	}
	if (tls_configure(server, config) == -1) {
		snprintf(err, errsize,
		    "auth_cert, auth_key, cloudflare_ca_cert: %s",
		    tls_error(server));
		tls_free(server);
		server = NULL;
	}
 done:
	tls_config_clear_keys(config);
	tls_config_free(config);
	return (server);
}

/* The peer's certificate, to be freed; NULL: it has none, or no memory. */
static X509 *
peer_certificate(struct tls *conn)
{
	const uint8_t	*pem;
	size_t		 size;
	BIO		*bio;
	X509		*x;

	/* The first of the chain is the peer's own. */
	pem = tls_peer_cert_chain_pem(conn, &size);
	if (pem == NULL || size > INT_MAX ||
	    (bio = BIO_new_mem_buf(pem, (int)size)) == NULL)
		return (NULL);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return (x);
}

void
tlsserver_peer_serial(struct tls *conn, char *serial, size_t size)
{
	X509	*x = peer_certificate(conn);
	BIGNUM	*bn = NULL;
	char	*hex = NULL;

	if (x != NULL && (bn = ASN1_INTEGER_to_BN(
	    X509_get0_serialNumber(x), NULL)) != NULL)
		hex = BN_bn2hex(bn);
	strlcpy(serial, hex == NULL ? "-" : hex, size);
	OPENSSL_free(hex);
	BN_free(bn);
	X509_free(x);
}

int
tlsserver_client_auth(struct tls *conn)
{
	X509	*x = peer_certificate(conn);
	int	 yes;

	/* Without the extension X509_get_extended_key_usage() says all. */
	yes = x != NULL && (X509_get_extension_flags(x) & EXFLAG_XKUSAGE) &&
	    (X509_get_extended_key_usage(x) & XKU_SSL_CLIENT);
	X509_free(x);
	return (yes);
}

int
tlsserver_peer_named(struct tls *conn, const char *name)
{
	X509	*x;
	char	 cn[256];
	int	 len;

	if (tls_peer_cert_contains_name(conn, name) == 1)
		return (1);
	/* libtls ignores the common name when there are others. */
	if ((x = peer_certificate(conn)) == NULL)
		return (0);
	len = X509_NAME_get_text_by_NID(X509_get_subject_name(x),
	    NID_commonName, cn, sizeof(cn));
	X509_free(x);
	return (len > 0 && (size_t)len == strlen(cn) &&
	    strcasecmp(cn, name) == 0);
}

const char *
tlsserver_reason(struct tls *server, struct tls *conn, int *certificate)
{
	static char	 reason[256];
	static char	 cleared[256];
	const char	*text = tls_error(server);

	/*
	 * libtls keeps the last error of the server's context for ever.  A
	 * call that it refuses replaces it by a text that we then know.
	 */
	*certificate = text != NULL && strcmp(text, cleared) != 0;
	if (*certificate) {
		strlcpy(reason, text, sizeof(reason));
		(void)tls_handshake(server);
		if ((text = tls_error(server)) != NULL)
			strlcpy(cleared, text, sizeof(cleared));
		return (reason);
	}
	if ((text = tls_error(conn)) == NULL)
		text = "unknown";
	strlcpy(reason, text, sizeof(reason));
	return (reason);
}
