/* Unit test: URIs of keys in clouds. */
#include <string.h>

#include "clouduri.h"
#include "compat.h"
#include "test.h"

#define HASH	"d791e7f42b3a4f3ea8acc65014ea6a95"
#define RING	"projects/abc/locations/us-west1/keyRings/xyz/cryptoKeys/"
#define ARN	"arn:aws:kms:us-east-1:111122223333:"

static const struct {
	const char	*uri;
	enum cloud	 cloud;
	const char	*account;
	const char	*host;
	const char	*label;
	const char	*key;
} good[] = {
	{ "https://v-1.vault.azure.net/keys/k-b/" HASH, CLOUD_AZURE,
	    "v-1.vault.azure.net", "v-1.vault.azure.net", "k-b",
	    "k-b/" HASH },
	{ "https://h.managedhsm.azure.net/keys/k/1f", CLOUD_AZURE,
	    "h.managedhsm.azure.net", "h.managedhsm.azure.net", "k", "k/1f" },
	{ "https://h.managedhsm.azure.net/keys/k", CLOUD_AZURE,
	    "h.managedhsm.azure.net", "h.managedhsm.azure.net", "k", "k" },
	{ "https://v.vault.azure.cn/keys/k/1", CLOUD_AZURE,
	    "v.vault.azure.cn", "v.vault.azure.cn", "k", "k/1" },
	{ RING "k_1/cryptoKeyVersions/3", CLOUD_GOOGLE, "abc/us-west1",
	    "cloudkms.googleapis.com", "k_1",
	    RING "k_1/cryptoKeyVersions/3" },
	{ "projects/example.com:p/locations/global/keyRings/r/cryptoKeys/k/"
	    "cryptoKeyVersions/12", CLOUD_GOOGLE, "example.com:p/global",
	    "cloudkms.googleapis.com", "k", NULL },
	{ ARN "key/1234-ab", CLOUD_AWS, "us-east-1/111122223333",
	    "kms.us-east-1.amazonaws.com", "1234-ab", ARN "key/1234-ab" },
	{ ARN "alias/web/a", CLOUD_AWS, "us-east-1/111122223333",
	    "kms.us-east-1.amazonaws.com", "web/a", ARN "alias/web/a" },
	{ "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1", CLOUD_AWS,
	    "cn-north-1/111122223333", "kms.cn-north-1.amazonaws.com.cn",
	    "mrk-1", NULL },
	{ "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1", CLOUD_AWS,
	    "us-gov-west-1/111122223333", "kms.us-gov-west-1.amazonaws.com",
	    "1", NULL },
};

/* A URI, and a word of what is said about it. */
static const struct {
	const char	*uri;
	const char	*word;
} bad[] = {
	{ "", "expected one of" },
	{ "http://v.vault.azure.net/keys/k/1", "expected one of" },
	{ "https://v.vault.azure.net.evil.example/keys/k/1", "no vault" },
	{ "https://evil.example/v.vault.azure.net/keys/k/1", "no vault" },
	{ "https://.vault.azure.net/keys/k/1", "no vault" },
	{ "https://a.b.vault.azure.net/keys/k/1", "no vault" },
	{ "https://u@v.vault.azure.net/keys/k/1", "no vault" },
	{ "https://v.vault.azure.net:444/keys/k/1", "no key" },
	{ "https://v.vault.azure.net/secrets/k/1", "no key" },
	{ "https://v.vault.azure.net/keys/", "no key" },
	{ "https://v.vault.azure.net/keys/k/", "KEY/VERSION" },
	{ "https://v.vault.azure.net/keys/k/1/", "KEY/VERSION" },
	{ "https://v.vault.azure.net/keys/k/1?x", "KEY/VERSION" },
	{ "https://v.vault.azure.net/keys/k/..", "KEY/VERSION" },
	{ "projects/abc/locations/l/keyRings/r", "expected projects" },
	{ RING "k", "no version" },
	{ RING "k/cryptoKeyVersions/", "no version" },
	{ RING "k/cryptoKeyVersions/0", "no version" },
	{ RING "k/cryptoKeyVersions/1/x", "no version" },
	{ RING "../cryptoKeyVersions/1", "expected projects" },
	{ "arn:azure:kms:us-east-1:111122223333:key/1", "no partition" },
	{ "arn:aws:s3:us-east-1:111122223333:key/1", "expected arn" },
	{ "arn:aws:kms:us-east-1:11112222333:key/1", "12 digits" },
	{ "arn:aws:kms:us-east-1.evil:111122223333:key/1", "expected arn" },
	{ ARN "key/", "no key" },
	{ ARN "key/1\"", "no key" },
	{ ARN "grant/1", "no key" },
};

static void
test_good(void)
{
	struct clouduri	 uri;
	char		 err[512];
	size_t		 i;

	for (i = 0; i < nitems(good); i++) {
		CHECK(clouduri_parse(good[i].uri, &uri, err, sizeof(err)) == 0);
		CHECK(uri.cloud == good[i].cloud);
		CHECK_STR(uri.account, good[i].account);
		CHECK_STR(uri.host, good[i].host);
		CHECK_STR(uri.label, good[i].label);
		CHECK_STR(uri.key,
		    good[i].key == NULL ? good[i].uri : good[i].key);
	}
}

static void
test_bad(void)
{
	struct clouduri	 uri;
	char		 err[512], longest[CLOUDURI_MAX + 2];
	size_t		 i;

	for (i = 0; i < nitems(bad); i++) {
		err[0] = '\0';
		CHECK(clouduri_parse(bad[i].uri, &uri, err, sizeof(err)) ==
		    -1);
		if (strstr(err, bad[i].word) == NULL)
			CHECK_STR(bad[i].uri, err);
		CHECK(strstr(err, bad[i].word) != NULL);
	}
	memset(longest, '1', sizeof(longest));
	memcpy(longest, ARN "key/", strlen(ARN "key/"));
	longest[sizeof(longest) - 1] = '\0';
	CHECK(clouduri_parse(longest, &uri, err, sizeof(err)) == -1);
	longest[sizeof(longest) - 2] = '\0';
	CHECK(clouduri_parse(longest, &uri, err, sizeof(err)) == 0);
}

/* Each of Azure's clouds has an audience and an authority of its own. */
static void
test_azure_clouds(void)
{
	static const char *const clouds[][2] = {
		{ "vault.azure.net", "login.microsoftonline.com" },
		{ "managedhsm.azure.net", "login.microsoftonline.com" },
		{ "vault.azure.cn", "login.chinacloudapi.cn" },
		{ "managedhsm.usgovcloudapi.net", "login.microsoftonline.us" },
		{ "vault.microsoftazure.de", "login.microsoftonline.de" },
	};
	struct clouduri	 uri;
	char		 text[256], err[512];
	size_t		 i;

	for (i = 0; i < nitems(clouds); i++) {
		snprintf(text, sizeof(text), "https://n.%s/keys/k/1",
		    clouds[i][0]);
		CHECK(clouduri_parse(text, &uri, err, sizeof(err)) == 0);
		CHECK_STR(uri.domain, clouds[i][0]);
		CHECK_STR(uri.authority, clouds[i][1]);
	}
}

int
main(void)
{
	test_good();
	test_bad();
	test_azure_clouds();
	return (test_done());
}
