/* Parent and cloud signers: which key of which cloud a URI names. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "clouduri.h"
#include "compat.h"

#define FORMS								\
	"pkcs11:..., https://NAME.vault.azure.net/keys/KEY/VERSION, "	\
	"https://NAME.managedhsm.azure.net/keys/KEY/VERSION, "		\
	"projects/P/locations/L/keyRings/R/cryptoKeys/K/"		\
	"cryptoKeyVersions/N, arn:aws:kms:REGION:ACCOUNT:key/ID"

#define ALNUM	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Azure's clouds: where vaults are, and where tokens come from. */
static const struct {
	const char	*domain;
	const char	*authority;
} azure[] = {
	{ "vault.azure.net",		"login.microsoftonline.com" },
	{ "managedhsm.azure.net",	"login.microsoftonline.com" },
	{ "vault.azure.cn",		"login.chinacloudapi.cn" },
	{ "managedhsm.azure.cn",	"login.chinacloudapi.cn" },
	{ "vault.usgovcloudapi.net",	"login.microsoftonline.us" },
	{ "managedhsm.usgovcloudapi.net", "login.microsoftonline.us" },
	{ "vault.microsoftazure.de",	"login.microsoftonline.de" },
	{ "managedhsm.microsoftazure.de", "login.microsoftonline.de" },
};

/* AWS's partitions. */
static const struct {
	const char	*partition;
	const char	*domain;
} aws[] = {
	{ "aws",		"amazonaws.com" },
	{ "aws-cn",		"amazonaws.com.cn" },
	{ "aws-us-gov",		"amazonaws.com" },
	{ "aws-iso",		"c2s.ic.gov" },
	{ "aws-iso-b",		"sc2s.sgov.gov" },
};

static const char *const names[] = {
	[CLOUD_AZURE] =		"Azure",
	[CLOUD_GOOGLE] =	"Google Cloud",
	[CLOUD_AWS] =		"AWS",
};

const char *
cloud_name(enum cloud cloud)
{
	return (names[cloud]);
}

/*
 * Copy the run of characters of the set that *s begins with, at least one, to
 * dst, and go to what comes after it.  -1: there is none, or no room.
 */
static int
take(const char **s, const char *set, char *dst, size_t size)
{
	size_t	 len = strspn(*s, set);

	if (len == 0 || len >= size)
		return (-1);
	memcpy(dst, *s, len);
	dst[len] = '\0';
	*s += len;
	return (0);
}

/* Go past a text; -1: it is not there. */
static int
skip(const char **s, const char *text)
{
	size_t	 len = strlen(text);

	if (strncmp(*s, text, len) != 0)
		return (-1);
	*s += len;
	return (0);
}

static int
set_azure_cloud(struct clouduri *uri, const char *host)
{
	size_t	 i;

	for (i = 0; i < nitems(azure); i++) {
		if (strcmp(host, azure[i].domain) != 0)
			continue;
		strlcpy(uri->domain, azure[i].domain, sizeof(uri->domain));
		uri->authority = azure[i].authority;
		return (0);
	}
	return (-1);
}

/* After "https://". */
static const char *
parse_azure(const char *s, struct clouduri *uri)
{
	char		 vault[128], domain[64], key[128], version[128];

	uri->cloud = CLOUD_AZURE;
	if (take(&s, ALNUM "-", vault, sizeof(vault)) == -1 ||
	    skip(&s, ".") == -1 ||
	    take(&s, ALNUM "-.", domain, sizeof(domain)) == -1 ||
	    set_azure_cloud(uri, domain) == -1)
		return ("names no vault: https://NAME.vault.azure.net and "
		    "https://NAME.managedhsm.azure.net are, in Azure's other "
		    "clouds with azure.cn, usgovcloudapi.net or "
		    "microsoftazure.de");
	snprintf(uri->host, sizeof(uri->host), "%s.%s", vault, domain);
	strlcpy(uri->account, uri->host, sizeof(uri->account));
	if (skip(&s, "/keys/") == -1 ||
	    take(&s, ALNUM "-", key, sizeof(key)) == -1)
		return ("names no key: the vault is followed by "
		    "/keys/KEY/VERSION");
	strlcpy(uri->label, key, sizeof(uri->label));
	if (*s == '\0') {
		strlcpy(uri->key, key, sizeof(uri->key));
		return (NULL);
	}
	if (skip(&s, "/") == -1 ||
	    take(&s, ALNUM, version, sizeof(version)) == -1 || *s != '\0')
		return ("KEY/VERSION is made of letters, digits and -");
	snprintf(uri->key, sizeof(uri->key), "%s/%s", key, version);
	return (NULL);
}

/* After "projects/". */
static const char *
parse_google(const char *s, struct clouduri *uri)
{
	char	 project[128], location[64], ring[64], version[16];

	uri->cloud = CLOUD_GOOGLE;
	if (take(&s, ALNUM "-._:", project, sizeof(project)) == -1 ||
	    skip(&s, "/locations/") == -1 ||
	    take(&s, ALNUM "-", location, sizeof(location)) == -1 ||
	    skip(&s, "/keyRings/") == -1 ||
	    take(&s, ALNUM "-_", ring, sizeof(ring)) == -1 ||
	    skip(&s, "/cryptoKeys/") == -1 ||
	    take(&s, ALNUM "-_", uri->label, sizeof(uri->label)) == -1)
		return ("expected projects/P/locations/L/keyRings/R/"
		    "cryptoKeys/K/cryptoKeyVersions/N");
	if (skip(&s, "/cryptoKeyVersions/") == -1 || *s == '0' ||
	    take(&s, "0123456789", version, sizeof(version)) == -1 ||
	    *s != '\0')
		return ("names no version of the key: it ends in "
		    "/cryptoKeyVersions/ and a number");
	snprintf(uri->account, sizeof(uri->account), "%s/%s", project,
	    location);
	strlcpy(uri->host, "cloudkms.googleapis.com", sizeof(uri->host));
	return (NULL);
}

static int
set_partition(struct clouduri *uri, const char *partition)
{
	size_t	 i;

	for (i = 0; i < nitems(aws); i++) {
		if (strcmp(partition, aws[i].partition) != 0)
			continue;
		strlcpy(uri->domain, aws[i].domain, sizeof(uri->domain));
		return (0);
	}
	return (-1);
}

/* After "arn:". */
static const char *
parse_aws(const char *s, struct clouduri *uri)
{
	char	 partition[32], account[32];

	uri->cloud = CLOUD_AWS;
	if (take(&s, ALNUM "-", partition, sizeof(partition)) == -1 ||
	    set_partition(uri, partition) == -1)
		return ("names no partition of AWS: aws, aws-cn, aws-us-gov, "
		    "aws-iso and aws-iso-b are");
	if (skip(&s, ":kms:") == -1 ||
	    take(&s, ALNUM "-", uri->region, sizeof(uri->region)) == -1 ||
	    skip(&s, ":") == -1 ||
	    take(&s, "0123456789", account, sizeof(account)) == -1 ||
	    strlen(account) != 12 || skip(&s, ":") == -1)
		return ("expected arn:aws:kms:REGION:ACCOUNT:key/ID, the "
		    "account as 12 digits");
	if ((skip(&s, "key/") == -1 && skip(&s, "alias/") == -1) ||
	    *s == '\0' || s[strspn(s, ALNUM "-_/")] != '\0')
		return ("names no key: it ends in key/ID or alias/NAME");
	strlcpy(uri->label, s, sizeof(uri->label));
	snprintf(uri->account, sizeof(uri->account), "%s/%s", uri->region,
	    account);
	snprintf(uri->host, sizeof(uri->host), "kms.%s.%s", uri->region,
	    uri->domain);
	return (NULL);
}

int
clouduri_parse(const char *s, struct clouduri *uri, char *err, size_t errsize)
{
	static const struct {
		const char	*prefix;
		const char	*(*parse)(const char *, struct clouduri *);
	} forms[] = {
		{ "https://",	parse_azure },
		{ "projects/",	parse_google },
		{ "arn:",	parse_aws },
	};
	const char	*why = "expected one of " FORMS, *rest = s;
	size_t		 i;

	memset(uri, 0, sizeof(*uri));
	if (strlen(s) > CLOUDURI_MAX) {
		snprintf(err, errsize, "longer than %d bytes", CLOUDURI_MAX);
		return (-1);
	}
	strlcpy(uri->key, s, sizeof(uri->key));
	for (i = 0; i < nitems(forms); i++)
		if (skip(&rest, forms[i].prefix) == 0)
			why = forms[i].parse(rest, uri);
	if (why == NULL)
		return (0);
	snprintf(err, errsize, "%s", why);
	return (-1);
}
