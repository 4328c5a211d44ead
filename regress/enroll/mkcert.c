/*
 * Test program: answers a request for a certificate, or certifies a key.
 *
 *	mkcert CA.pem CA.key HOSTNAME FROM TO <REQUEST-OR-KEY
 *
 * FROM and TO are seconds from now.
 */
#include <openssl/pem.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issue.h"

static BIO *
open_file(const char *path)
{
	BIO	*bio;

	if ((bio = BIO_new_file(path, "r")) == NULL)
		err(1, "%s", path);
	return (bio);
}

/* The public key of a request, or a key. */
static EVP_PKEY *
read_key(FILE *f)
{
	static char	 text[65536];
	X509_REQ	*req = NULL;
	EVP_PKEY	*key;
	BIO		*bio;
	size_t		 n;

	n = fread(text, 1, sizeof(text) - 1, f);
	if ((bio = BIO_new_mem_buf(text, (int)n)) == NULL)
		errx(1, "BIO_new_mem_buf");
	if (strstr(text, "REQUEST") == NULL)
		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	else if ((req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL)) == NULL ||
	    (key = X509_REQ_get_pubkey(req)) == NULL ||
	    X509_REQ_verify(req, key) != 1)
		errx(1, "bad request");
	if (key == NULL)
		errx(1, "no key");
	X509_REQ_free(req);
	BIO_free(bio);
	return (key);
}

int
main(int argc, char *argv[])
{
	EVP_PKEY	*ca_key, *key;
	X509		*ca, *cert;
	BIO		*ca_file, *key_file;

	if (argc != 6)
		errx(2, "usage: mkcert ca.pem ca.key hostname from to");
	ca_file = open_file(argv[1]);
	key_file = open_file(argv[2]);
	ca = PEM_read_bio_X509(ca_file, NULL, NULL, NULL);
	ca_key = PEM_read_bio_PrivateKey(key_file, NULL, NULL, NULL);
	if (ca == NULL || ca_key == NULL)
		errx(1, "no authority");
	key = read_key(stdin);
	cert = issue(key, argv[3], atol(argv[4]), atol(argv[5]), ca, ca_key);
	if (PEM_write_X509(stdout, cert) != 1 || fflush(stdout) == EOF)
		errx(1, "cannot write");
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	BIO_free(ca_file);
	BIO_free(key_file);
	return (0);
}
