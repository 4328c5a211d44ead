/* Who may see the authentication key: is this certificate the one for it? */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "pair.h"

#define CHAIN_MAX	10
#define DAY		86400
#define NAMES_SIZE	256	/* of a certificate's names in a message */

/* A certificate and those that came behind it. */
struct chain {
	X509	*list[CHAIN_MAX];
	int	 count;
};

time_t
pair_time(const ASN1_TIME *t)
{
	ASN1_TIME	*epoch;
	int		 days, secs, ok;

	if ((epoch = ASN1_TIME_set(NULL, 0)) == NULL)
		return (-1);
	ok = ASN1_TIME_diff(&days, &secs, epoch, t);
	ASN1_TIME_free(epoch);
	return (ok ? (time_t)days * DAY + secs : -1);
}

const char *
pair_time_text(time_t t, char *buf, size_t size)
{
	struct tm	 tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strlcpy(buf, "an unknown time", size);
	return (buf);
}

static void
chain_free(struct chain *c)
{
	while (c->count > 0)
		X509_free(c->list[--c->count]);
}

/* What stands there, when it is no certificate. */
static const char *
not_a_certificate(const char *pem)
{
	if (strstr(pem, "-----BEGIN CERTIFICATE REQUEST-----") != NULL ||
	    strstr(pem, "-----BEGIN NEW CERTIFICATE REQUEST-----") != NULL)
		return ("it is the request (CSR), not the certificate that "
		    "is the answer to it");
	if (strstr(pem, "PRIVATE KEY-----") != NULL)
		return ("it is a private key, not a certificate");
	if (strstr(pem, "-----BEGIN CERTIFICATE-----") != NULL)
		return ("the certificate in it is damaged or cut off");
	return ("there is no certificate in it (PEM is expected)");
}

/* Whether what could not be read was the end, not something damaged. */
static int
at_end(void)
{
	unsigned long	 e = ERR_peek_last_error();

	return (ERR_GET_LIB(e) == ERR_LIB_PEM &&
	    ERR_GET_REASON(e) == PEM_R_NO_START_LINE);
}

static int
chain_read(struct chain *c, const char *pem, size_t len, char *err,
    size_t errsize)
{
	X509	*cert = NULL;
	BIO	*bio;
	int	 end;

	c->count = 0;
	ERR_clear_error();
	if (memchr(pem, '\0', len) != NULL ||
	    (bio = BIO_new_mem_buf(pem, (int)len)) == NULL) {
		snprintf(err, errsize, "it is no text (PEM is expected)");
		return (-1);
	}
	while (c->count < CHAIN_MAX && (cert = PEM_read_bio_X509(bio, NULL,
	    NULL, NULL)) != NULL)
		c->list[c->count++] = cert;
	end = cert == NULL && at_end();
	BIO_free(bio);
	ERR_clear_error();
	if (c->count != 0 && end)
		return (0);
	if (c->count == 0)
		snprintf(err, errsize, "%s", not_a_certificate(pem));
	else
		snprintf(err, errsize, cert == NULL ? "what follows the "
		    "certificate is damaged or cut off" : "more certificates "
		    "follow the first than any chain has");
	chain_free(c);
	return (-1);
}

static int
is_for(X509 *cert, EVP_PKEY *key)
{
	int	 ok;

	ok = X509_check_private_key(cert, key) == 1;
	ERR_clear_error();
	return (ok);
}

int
pair_is_for(const char *pem, size_t len, EVP_PKEY *key)
{
	struct chain	 c;
	char		 err[128];
	int		 ok;

	if (chain_read(&c, pem, len, err, sizeof(err)) == -1)
		return (0);
	ok = is_for(c.list[0], key);
	chain_free(&c);
	return (ok);
}

/*
 * The names that a certificate does carry, "a.example, b.example", for people:
 * without what a terminal would take for orders.
 */
static void
list_names(X509 *cert, char *buf, size_t size)
{
	GENERAL_NAMES		*names;
	const GENERAL_NAME	*name;
	const ASN1_STRING	*dns;
	char			 text[NAMES_SIZE], *p;
	int			 i, type;

	*buf = '\0';
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
		name = sk_GENERAL_NAME_value(names, i);
		dns = GENERAL_NAME_get0_value(name, &type);
		if (type != GEN_DNS)
			continue;
		snprintf(text, sizeof(text), "%s%.*s",
		    *buf == '\0' ? "" : ", ", ASN1_STRING_length(dns),
		    (const char *)ASN1_STRING_get0_data(dns));
		strlcat(buf, text, size);
	}
	GENERAL_NAMES_free(names);
	if (*buf == '\0')
		strlcpy(buf, "none", size);
	for (p = buf; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
}

static int
check_hostname(X509 *cert, const char *hostname, char *err, size_t errsize)
{
	char	 names[NAMES_SIZE];

	if (hostname == NULL ||
	    X509_check_host(cert, hostname, 0, 0, NULL) == 1)
		return (0);
	list_names(cert, names, sizeof(names));
	snprintf(err, errsize, "it does not carry the hostname \"%s\"; its "
	    "names are: %s", hostname, names);
	return (-1);
}

static int
check_times(X509 *cert, time_t *end, char *err, size_t errsize)
{
	time_t	 begin, now = time(NULL);
	char	 text[PAIR_TIME_SIZE];

	begin = pair_time(X509_get0_notBefore(cert));
	*end = pair_time(X509_get0_notAfter(cert));
	if (begin == -1 || *end == -1)
		snprintf(err, errsize, "its validity is no time");
	else if (now < begin)
		snprintf(err, errsize, "it is not valid before %s: is the "
		    "clock of this system right?",
		    pair_time_text(begin, text, sizeof(text)));
	else if (now >= *end)
		snprintf(err, errsize, "it has expired at %s",
		    pair_time_text(*end, text, sizeof(text)));
	else
		return (0);
	return (-1);
}

static int
check_chain(const struct chain *c, char *err, size_t errsize)
{
	int	 i;

	for (i = 0; i + 1 < c->count; i++)
		if (X509_check_issued(c->list[i + 1], c->list[i]) !=
		    X509_V_OK) {
			snprintf(err, errsize, "the certificates behind it "
			    "are not its chain: number %d has not issued the "
			    "one before it", i + 2);
			return (-1);
		}
	return (0);
}

static char *
chain_to_pem(const struct chain *c)
{
	BIO	*bio;
	char	*data, *pem = NULL;
	long	 len;
	int	 i, ok = 1;

	if ((bio = BIO_new(BIO_s_mem())) == NULL)
		return (NULL);
	for (i = 0; i < c->count; i++)
		ok = ok && PEM_write_bio_X509(bio, c->list[i]) == 1;
	if (ok && (len = BIO_get_mem_data(bio, &data)) > 0)
		pem = strndup(data, (size_t)len);
	BIO_free(bio);
	return (pem);
}

char *
pair_check(const char *pem, size_t len, EVP_PKEY *key, const char *hostname,
    time_t *end, char *err, size_t errsize)
{
	struct chain	 c;
	char		*again = NULL;

	if (chain_read(&c, pem, len, err, errsize) == -1)
		return (NULL);
	if (!is_for(c.list[0], key))
		snprintf(err, errsize, "it is for another key than the one "
		    "that the request was made with");
	else if (check_hostname(c.list[0], hostname, err, errsize) == 0 &&
	    check_times(c.list[0], end, err, errsize) == 0 &&
	    check_chain(&c, err, errsize) == 0 &&
	    (again = chain_to_pem(&c)) == NULL)
		snprintf(err, errsize, "libcrypto has failed");
	chain_free(&c);
	ERR_clear_error();
	return (again);
}
