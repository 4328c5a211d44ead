/* Cloud signer: the store of one account in a cloud, its keys, its figures. */
#include <openssl/crypto.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloud.h"
#include "compat.h"
#include "log.h"
#include "http.h"

#define REPORT_MS	1000	/* between two reports */
#define LOG_MS		10000	/* between two lines about the same error */
#define LOAD_MS		10000	/* for what is asked of a key at its load */
#define DIGEST_MAX	64

static const struct provider *const providers[] = {
	[CLOUD_AZURE] =		&azure_provider,
	[CLOUD_GOOGLE] =	&google_provider,
	[CLOUD_AWS] =		&aws_provider,
};

static const char *const libraries[] = {
	[CLOUD_AZURE] =		"Key Vault keys 7.4",
	[CLOUD_GOOGLE] =	"Cloud KMS v1",
	[CLOUD_AWS] =		"KMS 2014-11-01",
};

static const struct provider	*provider;	/* NULL: no key seen yet */
static char			 base[MSG_PATH_SIZE + 16];
static uint64_t			 budget;	/* ms for an operation */
static struct msg_failure	 failure;
static int			 failed;
static struct msg_token		 figures, told;
static struct errcount		 errors;
static uint64_t			 told_at;

const char *
cloud_base(void)
{
	return (base);
}

void
cloud_count_login(void)
{
	figures.logins++;
}

static void fail(struct msg_failure *, int, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static void
fail(struct msg_failure *f, int permanent, const char *fmt, ...)
{
	va_list	 ap;

	memset(f, 0, sizeof(*f));
	f->permanent = permanent != 0;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static int
cloud_prepare(struct store *store, struct msg_failure *f)
{
	int	 ca_fd = store->ca_fd;
	char	 why[256];

	store->ca_fd = -1;
	if (http_init(ca_fd, why, sizeof(why)) == 0)
		return (0);
	fail(f, 1, "%s", why);
	return (-1);
}

/*
 * An operation ends before the frontend gives it up, and this process with
 * it: after nine tenths of sign_timeout.
 */
static int
cloud_open(struct store *store, struct msg_failure *f)
{
	const char	*endpoint = store->cloud.endpoint;
	size_t		 len = strlen(endpoint);

	(void)f;
	budget = store->cloud.sign_timeout / 10 * 9;
	while (len != 0 && endpoint[len - 1] == '/')
		len--;
	snprintf(base, sizeof(base), "%.*s", (int)len, endpoint);
	strlcpy(figures.label, store->cloud.account, sizeof(figures.label));
	figures.sessions = figures.sessions_max = UINT64_MAX;
	return (0);
}

/* The first key's URI tells which cloud this is. */
static int
choose_provider(const struct clouduri *uri)
{
	struct call_error	 err;

	if (provider != NULL)
		return (0);
	if (*base == '\0')
		snprintf(base, sizeof(base), "https://%s", uri->host);
	if (providers[uri->cloud]->open(uri, &err) == -1) {
		fail(&failure, 1, "no credentials: %s", err.text);
		failed = 1;
		return (-1);
	}
	provider = providers[uri->cloud];
	strlcpy(figures.manufacturer, cloud_name(uri->cloud),
	    sizeof(figures.manufacturer));
	strlcpy(figures.library, libraries[uri->cloud],
	    sizeof(figures.library));
	return (0);
}

static void
offer(struct cloud_key *ck, enum key_type type, int pss, enum hash_type hash,
    const char *algorithm)
{
	const struct opcode_info	*op;
	size_t				 i;

	for (i = 0; i < OPCODE_COUNT; i++) {
		op = opcode_at(i);
		if (op->class == OPC_SIGN && op->key_type == type &&
		    op->pss == pss && op->hash == hash)
			ck->algorithm[op->index] = algorithm;
	}
}

void
cloud_offer_rsa(struct cloud_key *ck, int pss, enum hash_type hash,
    const char *algorithm)
{
	offer(ck, KEY_TYPE_RSA, pss, hash, algorithm);
}

void
cloud_offer_ecdsa(struct cloud_key *ck, size_t digest, const char *algorithm)
{
	ck->digest = digest;
	offer(ck, KEY_TYPE_EC, 0, HASH_SHA256, algorithm);
	offer(ck, KEY_TYPE_EC, 0, HASH_SHA384, algorithm);
	offer(ck, KEY_TYPE_EC, 0, HASH_SHA512, algorithm);
}

void
cloud_offer_ed25519(struct cloud_key *ck, const char *algorithm)
{
	offer(ck, KEY_TYPE_ED25519, 0, HASH_NONE, algorithm);
}

/* "kms.example 403 Forbidden/KeyDisabled: ..." */
static void
describe(const struct call_error *err, char *out, size_t size)
{
	char	 status[16] = "";

	if (err->status != 0)
		snprintf(status, sizeof(status), "%d ", err->status);
	snprintf(out, size, "%s%s%s%s", status, err->code,
	    *err->code == '\0' || *err->text == '\0' ? "" : ": ", err->text);
}

/*
 * Why a key cannot be loaded: because of itself, or because nothing can be had
 * from the service now, which another process will try again.
 */
static void
load_fails(struct key *key, const struct call_error *err)
{
	char	 why[400];

	describe(err, why, sizeof(why));
	switch (err->verdict) {
	case CALL_DISABLED:
		key_refuse(key, "key is disabled: %s", why);
		break;
	case CALL_GONE:
		key_refuse(key, "no such key, or it is deleted: %s", why);
		break;
	case CALL_REFUSED:
		key_refuse(key, "%s", why);
		break;
	case CALL_UNAUTHORIZED:
		fail(&failure, 0, "credentials refused (%s): %s",
		    provider->credential(), why);
		failed = 1;
		break;
	default:
		fail(&failure, 0, "no answer from %s: %s", base, why);
		failed = 1;
	}
}

/* Which operations a key has none of: names for the log. */
static void
log_refused(const struct key *key, const struct cloud_key *ck)
{
	const struct opcode_info	*op;
	char				 names[512] = "";
	size_t				 i;

	for (i = 0; i < OPCODE_COUNT; i++) {
		op = opcode_at(i);
		if (op->key_type != key->id.type ||
		    ck->algorithm[op->index] != NULL)
			continue;
		strlcat(names, " ", sizeof(names));
		strlcat(names, op->name, sizeof(names));
	}
	if (*names != '\0')
		log_info("key has no operation for key=\"%s\" opcodes=\"%s\" "
		    "reason=\"the service does not offer them with it\"",
		    key->label, names + 1);
}

/* "RS256 PS256 ...": each algorithm of any key, once. */
static void
add_algorithms(const struct cloud_key *ck)
{
	char	 word[64], all[sizeof(figures.mechanisms) + 2];
	size_t	 i;

	for (i = 0; i < OPCODE_COUNT; i++) {
		if (ck->algorithm[i] == NULL)
			continue;
		snprintf(all, sizeof(all), " %s ", figures.mechanisms);
		snprintf(word, sizeof(word), " %s ", ck->algorithm[i]);
		if (strstr(all, word) != NULL)
			continue;
		if (*figures.mechanisms != '\0')
			strlcat(figures.mechanisms, " ",
			    sizeof(figures.mechanisms));
		strlcat(figures.mechanisms, ck->algorithm[i],
		    sizeof(figures.mechanisms));
	}
}

/* By the service's own name, or by the status of HTTP. */
static void
count_error(const struct call_error *err)
{
	char	 name[ERRCOUNT_NAME], *c;

	if (*err->code != '\0')
		strlcpy(name, err->code, sizeof(name));
	else if (err->status != 0)
		snprintf(name, sizeof(name), "HTTP_%d", err->status);
	else
		strlcpy(name, "no_answer", sizeof(name));
	for (c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
	errcount_count(&errors, name, 1);
}

static void
note_error(const struct call_error *err)
{
	count_error(err);
	figures.errors++;
	if (*err->code != '\0')
		snprintf(figures.last_error, sizeof(figures.last_error),
		    "%d %.48s", err->status, err->code);
	else
		strlcpy(figures.last_error, err->text,
		    sizeof(figures.last_error));
	figures.last_error_time = (uint64_t)time(NULL);
}

/* The same error of a key is logged every ten seconds at most. */
static void
log_error(const struct key *key, struct cloud_key *ck,
    const struct opcode_info *op, const struct call_error *err)
{
	char		 why[400];
	const char	*code = *err->code == '\0' ? err->text : err->code;
	uint64_t	 now = now_ms();

	if (strncmp(ck->last_code, code, sizeof(ck->last_code) - 1) == 0 &&
	    now - ck->logged_at < LOG_MS)
		return;
	strlcpy(ck->last_code, code, sizeof(ck->last_code));
	ck->logged_at = now;
	describe(err, why, sizeof(why));
	log_errx("operation failed key=\"%s\" opcode=%s algorithm=%s "
	    "reason=\"%s\"", key->label, op->name,
	    ck->algorithm[op->index], why);
}

/*
 * Unavailable is what another process may try again; when most of the time is
 * gone, that would only keep it from other requests.
 */
static enum sign_status
status_of(enum verdict verdict, uint64_t deadline)
{
	switch (verdict) {
	case CALL_DISABLED:
		return (SIGN_DISABLED);
	case CALL_GONE:
		return (SIGN_GONE);
	case CALL_BROKEN:
		return (now_ms() + budget / 2 < deadline ? SIGN_UNAVAILABLE :
		    SIGN_REFUSED);
	default:
		return (SIGN_REFUSED);
	}
}

static uint64_t
now_us(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

static enum sign_status
cloud_operate(struct key *key, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen)
{
	struct cloud_key	*ck = key->state;
	struct call_error	 err;
	uint8_t			 digest[DIGEST_MAX];
	uint64_t		 begun = now_us(), deadline = now_ms() + budget;
	int			 status;

	if (ck->algorithm[op->index] == NULL)
		return (SIGN_BAD_OPCODE);
	if (op->key_type == KEY_TYPE_EC) {
		digest_fit(in, inlen, digest, ck->digest);
		in = digest;
		inlen = ck->digest;
	}
	status = provider->sign(ck, op, in, inlen, out, outlen, deadline,
	    &err);
	figures.operations++;
	figures.operation_us += now_us() - begun;
	if (status == 0 && key->block != 0 && *outlen != key->block)
		status = call_fail(&err, CALL_REFUSED, "the signature does "
		    "not have the length of the key");
	if (status == 0) {
		ck->last_code[0] = '\0';
		return (SIGN_OK);
	}
	note_error(&err);
	log_error(key, ck, op, &err);
	return (status_of(err.verdict, deadline));
}

static void
cloud_destroy(struct key *key)
{
	free(key->state);
	key->state = NULL;
	key->method = NULL;
}

static const struct key_method cloud_key_method = {
	cloud_operate,
	cloud_destroy
};

static int
load(struct key *key, struct cloud_key *ck)
{
	struct call_error	 err;
	EVP_PKEY		*pkey;
	int			 status;

	if (choose_provider(&ck->uri) == -1)
		return (-1);
	if (provider->get_key(ck, now_ms() + LOAD_MS, &pkey, &err) == -1) {
		note_error(&err);
		load_fails(key, &err);
		return (-1);
	}
	status = key_set_public(key, pkey);
	EVP_PKEY_free(pkey);
	return (status);
}

static int
cloud_load_uri(struct key *key, const char *uri, int cert_fd)
{
	struct cloud_key	*ck;
	char			 why[512];

	(void)cert_fd;
	if ((ck = calloc(1, sizeof(*ck))) == NULL)
		fatal("calloc");
	if (clouduri_parse(uri, &ck->uri, why, sizeof(why)) == -1)
		fatalx("bad URI from the parent uri=%s", uri);
	strlcpy(key->label, ck->uri.label, sizeof(key->label));
	if (load(key, ck) == -1) {
		free(ck);
		return (-1);
	}
	add_algorithms(ck);
	log_refused(key, ck);
	key->state = ck;
	key->method = &cloud_key_method;
	return (0);
}

static const struct msg_failure *
cloud_failure(void)
{
	return (failed ? &failure : NULL);
}

static int
has_news(void)
{
	figures.throttled = call_figures()->throttled;
	figures.retries = call_figures()->retries;
	return (memcmp(&told, &figures, sizeof(told)) != 0);
}

static int
cloud_report(struct msg_token *m)
{
	uint64_t	 now = now_ms();

	if (provider == NULL || !has_news() ||
	    (told_at != 0 && now - told_at < REPORT_MS))
		return (0);
	strlcpy(figures.model, provider->credential(), sizeof(figures.model));
	told = figures;
	told_at = now;
	*m = figures;
	return (1);
}

static int
cloud_report_wait(void)
{
	return (provider != NULL && has_news() ? REPORT_MS : -1);
}

static int
cloud_errors(struct msg_errors *m)
{
	static struct errcount	 said;

	if (memcmp(&said, &errors, sizeof(errors)) == 0)
		return (0);
	said = errors;
	memset(m, 0, sizeof(*m));
	m->errors = errors;
	return (1);
}

static void
cloud_close(void)
{
	if (provider != NULL)
		provider->forget();
	http_close();
}

const struct backend	 backend = {
	.name = "cloud",
	.clouds = 1,
	.view = cloud_view,
	.prepare = cloud_prepare,
	.open = cloud_open,
	.load_uri = cloud_load_uri,
	.failure = cloud_failure,
	.report = cloud_report,
	.report_wait = cloud_report_wait,
	.errors = cloud_errors,
	.close = cloud_close
};
