/* Frontend: recognises an authentication certificate that is none. */
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authcert.h"
#include "compat.h"
#include "keyid.h"
#include "libcrypto.h"
#include "log.h"

#define ADVICE	"auth_cert is the certificate that was made for this key " \
		"server, not that of a site, which belongs to the edge"

static uint8_t	 looked_at[WIRE_SKI_SIZE];	/* SKI of auth_cert */

/* The first object of a PEM file, as take reads it; NULL: there is none. */
static void *
read_pem(int fd, void *(*take)(BIO *))
{
	uint8_t	*bytes;
	size_t	 size;
	char	 why[128];
	void	*object = NULL;
	BIO	*bio;

	if ((bytes = tlsserver_file(fd, &size, why, sizeof(why))) == NULL)
		return (NULL);
	if (size <= INT_MAX &&
	    (bio = BIO_new_mem_buf(bytes, (int)size)) != NULL) {
		object = take(bio);
		BIO_free(bio);
	}
	freezero(bytes, size);
	return (object);
}

static void *
take_certificate(BIO *bio)
{
	return (PEM_read_bio_X509(bio, NULL, NULL, NULL));
}

static void *
take_key(BIO *bio)
{
	return (PEM_read_bio_PrivateKey(bio, NULL, libcrypto_no_passphrase,
	    NULL));
}

static int
is_address(const char *name)
{
	return (strchr(name, ':') != NULL ||
	    name[strspn(name, "0123456789.")] == '\0');
}

/* Whether the certificate is for that name, or address. */
static int
has_name(X509 *x, const char *name)
{
	if (is_address(name))
		return (X509_check_ip_asc(x, name, 0) == 1);
	return (X509_check_host(x, name, 0, 0, NULL) == 1);
}

static void
look(X509 *x, const char *subject, const char *hostname)
{
	const char	*why;
	struct keyid	 id;
	EVP_PKEY	*public;

	if ((X509_get_extension_flags(x) & EXFLAG_XKUSAGE) &&
	    !(X509_get_extended_key_usage(x) & XKU_SSL_SERVER))
		log_warnx("auth_cert is not for servers subject=\"%s\" "
		    "reason=\"it lacks the extended key usage serverAuth, so "
		    "the edge will refuse it: " ADVICE "\"", subject);
	if (*hostname != '\0' && !has_name(x, hostname))
		log_warnx("auth_cert has another name subject=\"%s\" "
		    "hostname=%s reason=\"it is not for the hostname of the "
		    "configuration, so the edge will refuse it: " ADVICE "\"",
		    subject, hostname);
	public = X509_get0_pubkey(x);
	memset(looked_at, 0, sizeof(looked_at));
	if (public != NULL && keyid_from_pkey(public, &id, &why) == 0)
		memcpy(looked_at, id.ski, sizeof(looked_at));
}

int
authcert_look(const struct tls_files *files, const struct msg_front_conf *conf,
    char *err, size_t errsize)
{
	X509		*x = read_pem(files->cert, take_certificate);
	EVP_PKEY	*key = read_pem(files->key, take_key);
	char		 subject[256] = "";
	int		 status = 0;

	if (x != NULL)
		(void)X509_NAME_oneline(X509_get_subject_name(x), subject,
		    sizeof(subject));
	if (x != NULL && key != NULL && X509_check_private_key(x, key) != 1) {
		snprintf(err, errsize, "auth_key is not the key of auth_cert, "
		    "whose subject is %s; " ADVICE, subject);
		status = -1;
	} else if (x != NULL)
		look(x, subject, conf->hostname);
	EVP_PKEY_free(key);
	X509_free(x);
	return (status);
}

void
authcert_switch(void)
{
	static const uint8_t	 none[WIRE_SKI_SIZE];
	const struct fe_key	*key;

	if (memcmp(looked_at, none, sizeof(none)) == 0 ||
	    (key = keytab_by_ski(frontend_keytab(), looked_at)) == NULL)
		return;
	log_warnx("auth_cert is of a key that is served key=\"%s\" "
	    "reason=\"" ADVICE ": a key of its own keeps the site's key out "
	    "of the process that faces the network\"", key->info.store);
}
