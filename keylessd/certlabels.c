/* Frontend: the labels of a certificate in the metrics. */
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

#include "certlabels.h"
#include "compat.h"

#define NAMES_MAX	64	/* DNS names that are looked at */

static void
fill_serial(struct certlabels *l, X509 *x)
{
	BIGNUM	*n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char	*text = n == NULL ? NULL : BN_bn2dec(n);

	if (text != NULL)
		strlcpy(l->serial, text, sizeof(l->serial));
	OPENSSL_free(text);
	BN_free(n);
}

static int
by_text(const void *a, const void *b)
{
	return (strcmp(*(const char *const *)a, *(const char *const *)b));
}

/* A name of the certificate as a string, to be freed; NULL: it is none. */
static char *
dns_name(const GENERAL_NAME *name)
{
	const ASN1_IA5STRING	*s;
	int			 type;

	s = GENERAL_NAME_get0_value(name, &type);
	if (type != GEN_DNS || s == NULL || ASN1_STRING_length(s) <= 0)
		return (NULL);
	return (strndup((const char *)ASN1_STRING_get0_data(s),
	    (size_t)ASN1_STRING_length(s)));
}

/* A name that does not fit is left out as a whole. */
static void
fill_hostnames(struct certlabels *l, X509 *x)
{
	GENERAL_NAMES	*all;
	char		*names[NAMES_MAX];
	size_t		 i, n = 0, used = 0;
	int		 k;

	all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (k = 0; k < sk_GENERAL_NAME_num(all) && n < NAMES_MAX; k++) {
		names[n] = dns_name(sk_GENERAL_NAME_value(all, k));
		n += names[n] != NULL;
	}
	qsort(names, n, sizeof(names[0]), by_text);
	for (i = 0; i < n; i++) {
		if (used + strlen(names[i]) + 2 <= sizeof(l->hostnames)) {
			if (used != 0)
				l->hostnames[used++] = ',';
			used += strlcpy(l->hostnames + used, names[i],
			    sizeof(l->hostnames) - used);
		}
		free(names[i]);
	}
	GENERAL_NAMES_free(all);
}

void
certlabels_fill(struct certlabels *l, X509 *x)
{
	uint32_t	 flags = X509_get_extension_flags(x), usage;

	memset(l, 0, sizeof(*l));
	fill_serial(l, x);
	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(x),
	    NID_commonName, l->cn, sizeof(l->cn));
	fill_hostnames(l, x);
	/* Without the extension X509_get_extended_key_usage() says all. */
	usage = flags & EXFLAG_XKUSAGE ? X509_get_extended_key_usage(x) : 0;
	l->ca = (flags & EXFLAG_CA) != 0;
	l->server = (usage & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
	l->client = (usage & (XKU_SSL_CLIENT | XKU_ANYEKU)) != 0;
}
