/* Unit test: PKCS#11 URIs. */
#include <stdlib.h>

#include "compat.h"
#include "pk11uri.h"
#include "test.h"

#define MODULE	"?module-path=/usr/lib/m.so"

static char	 err[256];

static struct pk11uri *
parse(const char *text)
{
	struct pk11uri	*uri;

	err[0] = '\0';
	if ((uri = pk11uri_parse(text, err, sizeof(err))) == NULL &&
	    err[0] == '\0')
		printf("no reason for \"%s\"\n", text);
	return (uri);
}

/* The reason why a text is refused by parse or check; "" when it is not. */
static const char *
reason(const char *text)
{
	struct pk11uri	*uri = parse(text);

	if (uri != NULL) {
		pk11uri_check(uri, err, sizeof(err));
		pk11uri_free(uri);
	}
	return (err);
}

static const char *
redacted(const char *text)
{
	static char	 buf[PK11URI_MAX];

	if (pk11uri_redact(text, buf, sizeof(buf)) != strlen(buf))
		return ("wrong length");
	return (buf);
}

/* RFC 7512 section 3, in its order, except the vendor attributes. */
static const char *const rfc_examples[] = {
	"pkcs11:",
	"pkcs11:object=my-pubkey;type=public",
	"pkcs11:object=my-key;type=private?pin-source=file:/etc/token",
	"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;"
	"manufacturer=Snake%20Oil,%20Inc.;model=1.0;object=my-certificate;"
	"type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial="
	"?pin-source=file:/etc/token_pin",
	"pkcs11:object=my-sign-key;type=private?module-name=mypkcs11",
	"pkcs11:object=my-sign-key;type=private"
	"?module-path=/mnt/libmypkcs11.so.1",
	"pkcs11:token=Software%20PKCS%2311%20softtoken;"
	"manufacturer=Snake%20Oil,%20Inc.?pin-value=the-pin",
	"pkcs11:slot-description=Sun%20Metaslot",
	"pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;"
	"library-description=Soft%20Token%20Library;library-version=1.23",
	"pkcs11:token=My%20token%25%20created%20by%20Joe;library-version=3;"
	"id=%01%02%03%Ba%dd%Ca%fe%04%05%06",
	"pkcs11:token=A%20name%20with%20a%20substring%20%25%3B;"
	"object=my-certificate;type=cert",
	"pkcs11:token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1;"
	"object=my-certificate;type=cert"
};

/* None of them says all that a store needs. */
static void
test_rfc(void)
{
	struct pk11uri	*uri;
	size_t		 i;

	for (i = 0; i < nitems(rfc_examples); i++) {
		uri = parse(rfc_examples[i]);
		CHECK(uri != NULL);
		CHECK_STR(err, "");
		if (uri != NULL)
			CHECK(pk11uri_check(uri, err, sizeof(err)) == -1);
		pk11uri_free(uri);
	}
}

static void
test_rfc_values(void)
{
	struct pk11uri	*uri;

	uri = parse(rfc_examples[3]);
	CHECK_STR(uri->token, "The Software PKCS#11 Softtoken");
	CHECK_STR(uri->manufacturer, "Snake Oil, Inc.");
	CHECK_STR(uri->model, "1.0");
	CHECK_STR(uri->object, "my-certificate");
	CHECK_STR(uri->type, "cert");
	CHECK_STR(uri->serial, "");
	CHECK(uri->id_len == 8);
	CHECK(memcmp(uri->id, "\x69\x95\x3e\x5c\xf4\xbd\xec\x91", 8) == 0);
	CHECK_STR(uri->pin_source, "/etc/token_pin");
	CHECK(uri->pin_value == NULL && uri->module_path == NULL);
	CHECK(!uri->has_slot_id && uri->max_sessions == 0);
	pk11uri_free(uri);

	uri = parse(rfc_examples[6]);
	CHECK_STR(uri->pin_value, "the-pin");
	pk11uri_free(uri);
	uri = parse(rfc_examples[7]);
	CHECK_STR(uri->slot_description, "Sun Metaslot");
	pk11uri_free(uri);
	uri = parse(rfc_examples[8]);
	CHECK_STR(uri->library_manufacturer, "Snake Oil, Inc.");
	CHECK_STR(uri->library_description, "Soft Token Library");
	CHECK_STR(uri->library_version, "1.23");
	pk11uri_free(uri);
	uri = parse(rfc_examples[9]);
	CHECK_STR(uri->token, "My token% created by Joe");
	CHECK_STR(uri->library_version, "3");
	CHECK(uri->id_len == 10 && uri->id[3] == 0xba && uri->id[6] == 0xfe);
	pk11uri_free(uri);
	uri = parse(rfc_examples[10]);
	CHECK_STR(uri->token, "A name with a substring %;");
	pk11uri_free(uri);
	uri = parse(rfc_examples[11]);
	CHECK_STR(uri->token, "Name with a small A with acute: \xc3\xa1");
	pk11uri_free(uri);
}

/* URIs that operators of the Go server have in their configurations. */
static void
test_operators(void)
{
	struct pk11uri	*uri;

	uri = parse("pkcs11:token=SoftHSM2%20RSA%20Token;id=%03"
	    "?module-path=/usr/lib64/libsofthsm2.so&pin-value=1234");
	CHECK(uri != NULL && pk11uri_check(uri, err, sizeof(err)) == 0);
	CHECK_STR(uri->token, "SoftHSM2 RSA Token");
	CHECK(uri->id_len == 1 && uri->id[0] == 3);
	CHECK_STR(uri->module_path, "/usr/lib64/libsofthsm2.so");
	CHECK_STR(uri->pin_value, "1234");
	pk11uri_free(uri);

	uri = parse("pkcs11:token=accelerator;object=thaleskey"
	    "?module-path=/opt/nfast/toolkits/pkcs11/libcknfast.so");
	CHECK(uri != NULL && pk11uri_check(uri, err, sizeof(err)) == 0);
	CHECK_STR(uri->object, "thaleskey");
	CHECK(uri->id == NULL && uri->pin_value == NULL);
	pk11uri_free(uri);

	uri = parse("pkcs11:token=YubiKey%20PIV;id=%00"
	    "?module-path=/usr/lib64/libykcs11.so&pin-value=123456"
	    "&max-sessions=1");
	CHECK(uri != NULL && pk11uri_check(uri, err, sizeof(err)) == 0);
	CHECK(uri->id_len == 1 && uri->id[0] == 0);
	CHECK(uri->max_sessions == 1);
	pk11uri_free(uri);

	CHECK_STR(reason("pkcs11:token=elab2parN;id=%04"
	    "?module-path=/usr/lib/libCryptoki2_64.so&pin-value=crypto1"), "");
}

static void
test_values(void)
{
	struct pk11uri	*uri;

	uri = parse("PKCS11:serial=a+b=c&d;id=%00%ff%00x;object=o" MODULE
	    "&pin-value=u:p+w=1/2?3|4%26&module-name=m");
	CHECK(uri != NULL && pk11uri_check(uri, err, sizeof(err)) == 0);
	CHECK_STR(uri->serial, "a+b=c&d");
	CHECK(uri->id_len == 4 && memcmp(uri->id, "\0\xff\0x", 4) == 0);
	CHECK_STR(uri->pin_value, "u:p+w=1/2?3|4&");
	CHECK_STR(uri->module_name, "m");
	pk11uri_free(uri);

	uri = parse("pkcs11:slot-id=18446744073709551615;slot-manufacturer=x;"
	    "id=%1F" MODULE);
	CHECK(uri != NULL && pk11uri_check(uri, err, sizeof(err)) == 0);
	CHECK(uri->has_slot_id && uri->slot_id + 1 == 0);
	CHECK_STR(uri->slot_manufacturer, "x");
	pk11uri_free(uri);

	uri = parse("pkcs11:slot-id=0?");
	CHECK(uri != NULL && uri->has_slot_id && uri->slot_id == 0);
	pk11uri_free(uri);
}

static void
test_pin_source(void)
{
	static const char *const good[] = {
		"/etc/pin", "file:/etc/pin", "file:///etc/pin",
		"FILE:/etc/pin", "file:%2Fetc%2fpin"
	};
	static const char *const bad[] = {
		"", "etc/pin", "|/bin/sh", "%7c/bin/sh", "file:", "file:pin",
		"file://host/etc/pin", "file:////etc/pin", "1234", "//etc/pin",
		"https://host/pin", "file:|/bin/sh"
	};
	struct pk11uri	*uri;
	char		 text[128];
	size_t		 i;

	for (i = 0; i < nitems(good); i++) {
		snprintf(text, sizeof(text), "pkcs11:?pin-source=%s", good[i]);
		CHECK((uri = parse(text)) != NULL);
		if (uri != NULL)
			CHECK_STR(uri->pin_source, "/etc/pin");
		pk11uri_free(uri);
	}
	for (i = 0; i < nitems(bad); i++) {
		snprintf(text, sizeof(text), "pkcs11:?pin-source=%s", bad[i]);
		CHECK(parse(text) == NULL);
		CHECK(strncmp(err, "pin-source ", 11) == 0);
		CHECK(strstr(err, "1234") == NULL);
	}
}

static void
test_refused(void)
{
	static const struct {
		const char	*text;
		const char	*why;
	} t[] = {
		{ "", "does not begin with pkcs11:" },
		{ "pkcs11", "does not begin with pkcs11:" },
		{ " pkcs11:", "does not begin with pkcs11:" },
		{ "pkcs11:token", "path holds an attribute without '='" },
		{ "pkcs11:token=a;", "path holds an empty attribute" },
		{ "pkcs11:token=a;;id=1", "path holds an empty attribute" },
		{ "pkcs11:?module-path=/a&", "query holds an empty attribute" },
		{ "pkcs11:=a", "path holds an unknown attribute" },
		{ "pkcs11:token=a;token=b", "token occurs twice" },
		{ "pkcs11:id=a;id=b", "id occurs twice" },
		{ "pkcs11:?max-sessions=1&max-sessions=1",
		    "max-sessions occurs twice" },
		{ "pkcs11:Token=a", "unknown path attribute Token" },
		{ "pkcs11:tokne=a", "unknown path attribute tokne" },
		{ "pkcs11:tok%65n=a", "path holds an unknown attribute" },
		{ "pkcs11:token=a;x-foo=b", "unknown path attribute x-foo" },
		{ "pkcs11:token=my-token;object=my-certificate;type=cert;"
		    "vendor-aaa=value-a?pin-source=file:/etc/token_pin"
		    "&vendor-bbb=value-b",
		    "unknown path attribute vendor-aaa" },
		{ "pkcs11:token=a?x-foo=b", "unknown query attribute x-foo" },
		{ "pkcs11:token=a?token=b", "token belongs before the '?'" },
		{ "pkcs11:max-sessions=1",
		    "max-sessions belongs behind the '?'" },
		{ "pkcs11:pin-value=1",	"pin-value belongs behind the '?'" },
		{ "pkcs11:token=a%00", "token holds a NUL" },
		{ "pkcs11:?pin-value=1%00", "pin-value holds a NUL" },
		{ "pkcs11:token=a%", "token holds a % that two hexadecimal "
		    "digits do not follow" },
		{ "pkcs11:token=%2;id=a", "token holds a % that two "
		    "hexadecimal digits do not follow" },
		{ "pkcs11:token=%zz", "token holds a % that two hexadecimal "
		    "digits do not follow" },
		{ "pkcs11:token=a b", "token holds a character that must be "
		    "written %20" },
		{ "pkcs11:token=a/b", "token holds a '/', which must be "
		    "written %2F" },
		{ "pkcs11:token=a#b", "token holds a '#', which must be "
		    "written %23" },
		{ "pkcs11:token=\xc3\xa1", "token holds a character that must "
		    "be written %C3" },
		{ "pkcs11:token=a\n", "token holds a character that must be "
		    "written %0A" },
		{ "pkcs11:?module-path=/a;b", "module-path holds a ';', which "
		    "must be written %3B" },
		{ "pkcs11:?pin-value=a;b", "pin-value holds a character that "
		    "must be percent-encoded" },
		{ "pkcs11:slot-id=", "slot-id is no number" },
		{ "pkcs11:slot-id=-1", "slot-id is no number" },
		{ "pkcs11:slot-id=0x1", "slot-id is no number" },
		{ "pkcs11:?max-sessions=1e3", "max-sessions is no number" },
		{ "pkcs11:?max-sessions=4294967296",
		    "max-sessions is more than 4294967295" },
		{ "pkcs11:library-version=", "library-version is not of the "
		    "form MAJOR or MAJOR.MINOR" },
		{ "pkcs11:library-version=1.", "library-version is not of the "
		    "form MAJOR or MAJOR.MINOR" },
		{ "pkcs11:library-version=1.2.3", "library-version is not of "
		    "the form MAJOR or MAJOR.MINOR" },
		{ "pkcs11:type=Private", "type is none of public, private, "
		    "cert, secret-key, data" },
		/* check: module, token, key, PIN */
		{ "pkcs11:token=a;id=1", "names no module: module-path is "
		    "required" },
		{ "pkcs11:token=a;id=1?module-path=m.so",
		    "module-path is not an absolute path" },
		{ "pkcs11:token=a;id=1?module-path=/m/",
		    "module-path is a directory" },
		{ "pkcs11:token=a;id=1" MODULE "&module-name=other",
		    "module-name and module-path name different modules" },
		{ "pkcs11:id=1" MODULE, "names no token: one of token, "
		    "serial, slot-id is required" },
		{ "pkcs11:token=a;serial=b;id=1" MODULE, "names the token "
		    "more than once: only one of token, serial, slot-id is "
		    "allowed" },
		{ "pkcs11:token=;id=1" MODULE, "token is empty" },
		{ "pkcs11:serial=;id=1" MODULE, "serial is empty" },
		{ "pkcs11:token=a;id=" MODULE, "id is empty" },
		{ "pkcs11:token=a;object=;id=1" MODULE, "object is empty" },
		{ "pkcs11:token=a" MODULE, "names no key: id, object or both "
		    "are required" },
		{ "pkcs11:token=a;id=1;type=cert" MODULE,
		    "type is not private" },
		{ "pkcs11:token=a;id=1;type=private" MODULE, "" },
		{ "pkcs11:token=a;id=1" MODULE "&pin-value=", "pin-value is "
		    "empty: leave it out for a token without PIN" },
		{ "pkcs11:token=a;id=1" MODULE "&pin-value=1&pin-source=/p",
		    "only one of pin-value and pin-source is allowed" },
	};
	size_t	 i;

	for (i = 0; i < nitems(t); i++)
		CHECK_STR(reason(t[i].text), t[i].why);
}

/* What stands behind a PIN may be the rest of it. */
static void
test_reason_without_pin(void)
{
	static const char *const t[] = {
		"pkcs11:token=a?pin-value=abc&SECRET",
		"pkcs11:token=a?pin-value=abc&SECRET=x",
		"pkcs11:token=a?pin-value=abc;SECRET",
		"pkcs11:token=a?pin-value=abc SECRET",
		"pkcs11:token=a?pin-valueSECRET=1",
		"pkcs11:token=a?PIN=SECRET",
		"pkcs11:token=a;pin-value=SECRET",
		"pkcs11:token=a?pin-source=SECRET",
		"pkcs11:token=a?pin-value=SECRET%zz",
		"pkcs11:token=a?pin-value=SECRET&pin-value=SECRET",
		"pin-value=SECRET"
	};
	size_t	 i;

	for (i = 0; i < nitems(t); i++) {
		CHECK(parse(t[i]) == NULL);
		CHECK(strstr(err, "SECRET") == NULL);
	}
}

static void
test_long(void)
{
	char	*text;

	text = malloc(PK11URI_MAX + 1);
	memset(text, 'a', PK11URI_MAX);
	memcpy(text, "pkcs11:token=", 13);
	text[PK11URI_MAX] = '\0';
	CHECK_STR(reason(text), "longer than 4095 characters");
	text[PK11URI_MAX - 1] = '\0';
	CHECK_STR(reason(text), "names no module: module-path is required");
	free(text);
}

static int
same(const char *a, const char *b)
{
	struct pk11uri	*x = parse(a), *y = parse(b);
	int		 result = -1;

	if (x != NULL && y != NULL)
		result = pk11uri_same_token(x, y);
	if (result != -1 && pk11uri_same_token(y, x) != result)
		result = -1;
	pk11uri_free(x);
	pk11uri_free(y);
	return (result);
}

static void
test_same_token(void)
{
	CHECK(same("pkcs11:token=a;id=1" MODULE "&pin-value=1",
	    "pkcs11:object=x;token=%61" MODULE "&max-sessions=3") == 1);
	CHECK(same("pkcs11:token=a" MODULE, "pkcs11:token=b" MODULE) == 0);
	CHECK(same("pkcs11:token=a" MODULE, "pkcs11:serial=a" MODULE) == 0);
	CHECK(same("pkcs11:token=a" MODULE, "pkcs11:token=a"
	    "?module-path=/x.so") == 0);
	CHECK(same("pkcs11:slot-id=0" MODULE, "pkcs11:" MODULE) == 0);
	CHECK(same("pkcs11:slot-id=1" MODULE, "pkcs11:slot-id=01" MODULE) == 1);
	CHECK(same("pkcs11:slot-id=1" MODULE, "pkcs11:slot-id=2" MODULE) == 0);
	CHECK(same("pkcs11:token=a;model=m" MODULE,
	    "pkcs11:token=a" MODULE) == 0);
}

static void
test_redact(void)
{
	static const struct {
		const char	*text;
		const char	*redacted;
	} t[] = {
		{ "", "" },
		{ "pkcs11:", "pkcs11:" },
		{ "pkcs11:token=a;id=%03?module-path=/m.so",
		    "pkcs11:token=a;id=%03?module-path=/m.so" },
		{ "pkcs11:token=a;id=%03?module-path=/m.so&pin-value=1234",
		    "pkcs11:token=a;id=%03?module-path=/m.so" },
		{ "pkcs11:token=a?pin-value=1234", "pkcs11:token=a" },
		{ "pkcs11:token=a?pin-value=12&max-sessions=1&module-path=/m",
		    "pkcs11:token=a?max-sessions=1&module-path=/m" },
		{ "pkcs11:?module-path=/a?b/c&pin-source=file:/p",
		    "pkcs11:?module-path=/a?b/c" },
		/* labels keep their delimiters */
		{ "pkcs11:token=R&Dpinboard;object=a=b",
		    "pkcs11:token=R&Dpinboard;object=a=b" },
		/* position, case, encoding */
		{ "pkcs11:pin-value=1234;token=a", "pkcs11:token=a" },
		{ "pkcs11:token=a;pin-value=1234;id=b", "pkcs11:token=a;id=b" },
		{ "PKCS11:token=a?PIN-Value=1234", "PKCS11:token=a" },
		{ "pkcs11:token=a?pin%2dvalue=1234", "pkcs11:token=a" },
		{ "pkcs11:token=a?%70%69%6E-value=1234", "pkcs11:token=a" },
		{ "pkcs11:token=a?p%2569n-value=1234", "pkcs11:token=a" },
		{ "pkcs11:token=a?p%252525252569n-v=1234", "pkcs11:token=a" },
		{ "pkcs11:token=a?p%00i%00n=1234", "pkcs11:token=a" },
		{ "pkcs11:token=a?pin-value%3D1234", "pkcs11:token=a" },
		{ "pkcs11:token=a?pin-value:1234", "pkcs11:token=a" },
		{ "pkcs11:token=a? pin-value=1234", "pkcs11:token=a" },
		{ "pkcs11:token=a?user-pin=1234", "pkcs11:token=a" },
		{ "pkcs11:token=a&pin-value=1234;id=b", "pkcs11:token=a;id=b" },
		{ "pkcs11:token=a?module-path=/m?pin-value=1234",
		    "pkcs11:token=a?module-path=/m" },
		{ "pkcs11:token=a?module-path=/m;pin-value=1234",
		    "pkcs11:token=a?module-path=/m" },
		{ "pkcs11:token=a?module-path=/m%26pin-value=1234",
		    "pkcs11:token=a" },
		{ "pkcs11:token=a pin-value=1234;id=b", "pkcs11:id=b" },
		/* bare delimiters in the PIN */
		{ "pkcs11:token=a?pin-value=12&34&module-path=/m",
		    "pkcs11:token=a?module-path=/m" },
		{ "pkcs11:token=a?pin-value=12&34=5;6?7&module-path=/m",
		    "pkcs11:token=a?module-path=/m" },
		{ "pkcs11:pin-value=12?34&56;7", "pkcs11:" },
		/* what may be misspelt */
		{ "pkcs11:token=a?pni-value=1234&module-path=/m",
		    "pkcs11:token=a?module-path=/m" },
		{ "pkcs11:token=a;password=1234", "pkcs11:token=a" },
		/* other texts */
		{ "https://host.vault.azure.net/keys/a/b",
		    "https://host.vault.azure.net/keys/a/b" },
		{ "token=a?pin-value=1234", "token=a" },
		{ "pin-value=1234", "" },
		{ "pkcs12:token=a;pin-value=1234", "pkcs12:token=a" },
		{ " pkcs11:pin-value=1234", "" },
	};
	size_t	 i;

	for (i = 0; i < nitems(t); i++)
		CHECK_STR(redacted(t[i].text), t[i].redacted);
}

/* Redacting twice changes nothing, and what parsed still parses. */
static void
test_redact_again(void)
{
	struct pk11uri	*a, *b;
	char		 once[PK11URI_MAX];
	size_t		 i;

	for (i = 0; i < nitems(rfc_examples); i++) {
		strlcpy(once, redacted(rfc_examples[i]), sizeof(once));
		CHECK_STR(redacted(once), once);
		a = parse(rfc_examples[i]);
		b = parse(once);
		CHECK(b != NULL && b->pin_value == NULL &&
		    b->pin_source == NULL && pk11uri_same_token(a, b));
		pk11uri_free(a);
		pk11uri_free(b);
	}
}

static void
test_redact_size(void)
{
	char	 small[8];

	CHECK(pk11uri_redact("pkcs11:token=a", NULL, 0) == 14);
	memset(small, 'x', sizeof(small));
	CHECK(pk11uri_redact("pkcs11:token=a", small, 1) == 14);
	CHECK(small[0] == '\0' && small[1] == 'x');
	CHECK(pk11uri_redact("pkcs11:token=a", small, sizeof(small)) == 14);
	CHECK_STR(small, "pkcs11:");
	CHECK(pk11uri_redact("a;b;c;d;e;f;g", small, 4) == 13);
	CHECK_STR(small, "a;b");
}

int
main(void)
{
	test_rfc();
	test_rfc_values();
	test_operators();
	test_values();
	test_pin_source();
	test_refused();
	test_reason_without_pin();
	test_long();
	test_same_token();
	test_redact();
	test_redact_again();
	test_redact_size();
	pk11uri_free(NULL);
	return (test_done());
}
