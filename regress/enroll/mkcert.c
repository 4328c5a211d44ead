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

static FILE *
open_file(const char *path)
{
	FILE	*f;

	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	return (f);
}

/* The public key of a request, or a key. */
static EVP_PKEY *
read_key(FILE *f)
{
	static char	 text[65536];
	X509_REQ	*req;
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
	return (key);
}

int
main(int argc, char *argv[])
{
	EVP_PKEY	*ca_key;
	X509		*ca, *cert;

	if (argc != 6)
		errx(2, "usage: mkcert ca.pem ca.key hostname from to");
	ca = PEM_read_X509(open_file(argv[1]), NULL, NULL, NULL);
	ca_key = PEM_read_PrivateKey(open_file(argv[2]), NULL, NULL, NULL);
	if (ca == NULL || ca_key == NULL)
		errx(1, "no authority");
	cert = issue(read_key(stdin), argv[3], atol(argv[4]), atol(argv[5]),
	    ca, ca_key);
	if (PEM_write_X509(stdout, cert) != 1 || fflush(stdout) == EOF)
		errx(1, "cannot write");
	return (0);
}
