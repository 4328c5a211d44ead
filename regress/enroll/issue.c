/* Tests: makes certificates that begin and end at any second. */
#include <openssl/x509v3.h>

#include <err.h>
#include <stdio.h>

#include "issue.h"

static void
add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION	*ext;

	if ((ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value)) == NULL ||
	    X509_add_ext(cert, ext, -1) != 1)
		errx(1, "extension %s", value);
	X509_EXTENSION_free(ext);
}

static void
set_name(X509_NAME *name, const char *text)
{
	if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)text, -1, -1, 0) != 1)
		errx(1, "name %s", text);
}

X509 *
issue(EVP_PKEY *key, const char *hostname, long from, long to, X509 *ca,
    EVP_PKEY *ca_key)
{
	static long	 serial = 1;
	X509		*cert;
	char		 names[512];

	if ((cert = X509_new()) == NULL || X509_set_version(cert, 2) != 1 ||
	    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++) != 1 ||
	    X509_gmtime_adj(X509_getm_notBefore(cert), from) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(cert), to) == NULL ||
	    X509_set_pubkey(cert, key) != 1)
		errx(1, "certificate");
	set_name(X509_get_subject_name(cert), ca == NULL ? hostname :
	    "keylessd regress enrolled");
	if (X509_set_issuer_name(cert, X509_get_subject_name(ca == NULL ?
	    cert : ca)) != 1)
		errx(1, "issuer");
	if (ca == NULL)
		add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
	else {
		snprintf(names, sizeof(names), "DNS:%s,IP:127.0.0.1",
		    hostname);
		add_extension(cert, NID_subject_alt_name, names);
	}
	if (X509_sign(cert, ca == NULL ? key : ca_key, EVP_sha256()) == 0)
		errx(1, "signature");
	return (cert);
}
