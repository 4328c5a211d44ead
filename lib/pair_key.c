/* Who may see the authentication key: makes it, and asks for a certificate. */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "libcrypto.h"
#include "pair.h"

/* What the Go server writes there too; nobody decides by it. */
#define SUBJECT		"Keyless Server Authentication Certificate"

EVP_PKEY *
pair_key_new(void)
{
	EVP_PKEY_CTX	*ctx;
	EVP_PKEY	*key = NULL;

	if ((ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL)) == NULL)
		return (NULL);
	if (EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_secp384r1) != 1 ||
	    EVP_PKEY_CTX_set_ec_param_enc(ctx, OPENSSL_EC_NAMED_CURVE) != 1 ||
	    EVP_PKEY_keygen(ctx, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return (key);
}

EVP_PKEY *
pair_key_parse(const char *pem, size_t len)
{
	EVP_PKEY	*key;
	BIO		*bio;

	if ((bio = BIO_new_mem_buf(pem, (int)len)) == NULL)
		return (NULL);
	key = PEM_read_bio_PrivateKey(bio, NULL, libcrypto_no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return (key);
}

static int
set_subject(X509_REQ *req)
{
	X509_NAME	*name;
	int		 ok;

	if ((name = X509_NAME_new()) == NULL)
		return (0);
	ok = X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)SUBJECT, -1, -1, 0) == 1 &&
	    X509_REQ_set_subject_name(req, name) == 1;
	X509_NAME_free(name);
	return (ok);
}

/* RFC 5280 section 4.2.1.6; made by hand, so that no name is syntax. */
static int
set_hostname(X509_REQ *req, const char *hostname)
{
	STACK_OF(X509_EXTENSION)	*exts = NULL;
	GENERAL_NAMES			*names = NULL;
	GENERAL_NAME			*name = NULL;
	ASN1_IA5STRING			*text = NULL;
	int				 ok = 0;

	if ((names = GENERAL_NAMES_new()) == NULL ||
	    (name = GENERAL_NAME_new()) == NULL ||
	    (text = ASN1_IA5STRING_new()) == NULL ||
	    ASN1_STRING_set(text, hostname, -1) != 1)
		goto done;
	GENERAL_NAME_set0_value(name, GEN_DNS, text);
	text = NULL;
	if (sk_GENERAL_NAME_push(names, name) == 0)
		goto done;
	name = NULL;
	ok = X509V3_add1_i2d(&exts, NID_subject_alt_name, names, 0,
	    X509V3_ADD_DEFAULT) == 1 &&
	    X509_REQ_add_extensions(req, exts) == 1;
done:
	ASN1_IA5STRING_free(text);
	GENERAL_NAME_free(name);
	GENERAL_NAMES_free(names);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return (ok);
}

static char *
req_to_pem(X509_REQ *req)
{
	BIO	*bio;
	char	*data, *pem = NULL;
	long	 len;

	if ((bio = BIO_new(BIO_s_mem())) == NULL)
		return (NULL);
	if (PEM_write_bio_X509_REQ(bio, req) == 1 &&
	    (len = BIO_get_mem_data(bio, &data)) > 0)
		pem = strndup(data, (size_t)len);
	BIO_free(bio);
	return (pem);
}

char *
pair_csr_new(EVP_PKEY *key, const char *hostname)
{
	X509_REQ	*req;
	char		*pem = NULL;

	if ((req = X509_REQ_new()) == NULL)
		return (NULL);
	if (X509_REQ_set_version(req, 0) == 1 && set_subject(req) &&
	    set_hostname(req, hostname) &&
	    X509_REQ_set_pubkey(req, key) == 1 &&
	    X509_REQ_sign(req, key, EVP_sha384()) > 0)
		pem = req_to_pem(req);
	X509_REQ_free(req);
	ERR_clear_error();
	return (pem);
}

/* Whether the only name that a request asks for is this one. */
static int
req_has_hostname(X509_REQ *req, const char *hostname)
{
	STACK_OF(X509_EXTENSION)	*exts;
	GENERAL_NAMES			*names = NULL;
	const GENERAL_NAME		*name;
	const ASN1_STRING		*dns;
	int				 ok = 0, type;

	if ((exts = X509_REQ_get_extensions(req)) != NULL)
		names = X509V3_get_d2i(exts, NID_subject_alt_name, NULL, NULL);
	if (names != NULL && sk_GENERAL_NAME_num(names) == 1) {
		name = sk_GENERAL_NAME_value(names, 0);
		dns = GENERAL_NAME_get0_value(name, &type);
		ok = type == GEN_DNS &&
		    (size_t)ASN1_STRING_length(dns) == strlen(hostname) &&
		    memcmp(ASN1_STRING_get0_data(dns), hostname,
		    strlen(hostname)) == 0;
	}
	GENERAL_NAMES_free(names);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return (ok);
}

int
pair_csr_matches(const char *pem, size_t len, EVP_PKEY *key,
    const char *hostname)
{
	X509_REQ	*req;
	BIO		*bio;
	int		 ok;

	if ((bio = BIO_new_mem_buf(pem, (int)len)) == NULL)
		return (0);
	req = PEM_read_bio_X509_REQ(bio, NULL, libcrypto_no_passphrase, NULL);
	ok = req != NULL && X509_REQ_verify(req, key) == 1 &&
	    req_has_hostname(req, hostname);
	X509_REQ_free(req);
	BIO_free(bio);
	ERR_clear_error();
	return (ok);
}
