/* Test client: public keys from files, each read once. */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "compat.h"

static EVP_PKEY *
from_certificate(X509 *cert)
{
	EVP_PKEY	*key;

	if (cert == NULL)
		return (NULL);
	key = X509_get_pubkey(cert);
	X509_free(cert);
	return (key);
}

/* One form of file after the other, each from the start. */
static EVP_PKEY *
read_any(BIO *bio)
{
	EVP_PKEY	*key;

	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	if (key == NULL && BIO_reset(bio) == 0)
		key = from_certificate(PEM_read_bio_X509(bio, NULL, NULL,
		    NULL));
	if (key == NULL && BIO_reset(bio) == 0)
		key = d2i_PUBKEY_bio(bio, NULL);
	if (key == NULL && BIO_reset(bio) == 0)
		key = from_certificate(d2i_X509_bio(bio, NULL));
	ERR_clear_error();
	return (key);
}

static LIST_HEAD(, pubkey)	 loaded = LIST_HEAD_INITIALIZER(loaded);

const struct pubkey *
pubkey_load(const char *path)
{
	struct pubkey	*k;
	const char	*why;
	BIO		*bio;

	LIST_FOREACH(k, &loaded, entry)
		if (strcmp(k->path, path) == 0)
			return (k);
	k = must_alloc(sizeof(*k));
	k->path = path;
	if ((bio = BIO_new_file(path, "r")) == NULL)
		die("%s: cannot be opened", path);
	if ((k->key = read_any(bio)) == NULL)
		die("%s: no public key or certificate", path);
	BIO_free(bio);
	if (keyid_from_pkey(k->key, &k->id, &why) == -1)
		die("%s: %s", path, why);
	if (k->id.type == KEY_TYPE_RSA)
		k->block = (size_t)EVP_PKEY_size(k->key);
	LIST_INSERT_HEAD(&loaded, k, entry);
	return (k);
}

void
pubkey_free_all(void)
{
	struct pubkey	*k;

	while ((k = LIST_FIRST(&loaded)) != NULL) {
		LIST_REMOVE(k, entry);
		EVP_PKEY_free(k->key);
		free(k);
	}
}
