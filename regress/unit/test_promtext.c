/* Test: metrics in Prometheus' text format. */
#include <event2/buffer.h>

#include "../../keylessd/promtext.h"
#include "../../keylessd/shared.h"
#include "test.h"

static struct promtext	 text;
static char		 out[8192];

static void
begin(void)
{
	static struct evbuffer	*buffer;

	if (buffer != NULL)
		evbuffer_free(buffer);
	buffer = evbuffer_new();
	promtext_init(&text, buffer);
}

/* All that was written since begin(), as a string. */
static const char *
written(void)
{
	ev_ssize_t	 n;

	CHECK(promtext_finish(&text) == 0);
	n = evbuffer_copyout(text.out, out, sizeof(out) - 1);
	out[n == -1 ? 0 : n] = '\0';
	return (out);
}

/* How a label's value comes out, between the quotes. */
static const char *
value(const char *s)
{
	char	*end;

	begin();
	text.name = "m";
	promtext_number(&text, 1, "l", s, NULL);
	(void)written();
	end = strrchr(out, '"');
	if (strncmp(out, "m{l=\"", 5) != 0 || strcmp(end, "\"} 1\n") != 0)
		return (out);
	*end = '\0';
	return (out + 5);
}

static void
test_escapes(void)
{
	CHECK_STR(value(""), "");
	CHECK_STR(value("plain"), "plain");
	CHECK_STR(value("\""), "\\\"");
	CHECK_STR(value("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
	CHECK_STR(value("\\n"), "\\\\n");
	CHECK_STR(value("{a=\"b\"} 2\n# EOF"),
	    "{a=\\\"b\\\"} 2\\n# EOF");
	CHECK_STR(value("tab\tbell\a"), "tab\tbell\a");
	begin();
	promtext_begin(&text, "m", "gauge", "a \"b\" \\ c\nd");
	CHECK_STR(written(),
	    "# HELP m a \"b\" \\\\ c\\nd\n# TYPE m gauge\n");
}

#define BAD	"\357\277\275"

/* What is no UTF-8 would make Prometheus refuse all of it. */
static void
test_utf8(void)
{
	static const char *const	 good[] = {
		"\177", "\302\200", "\337\277", "\340\240\200",
		"\355\237\277", "\356\200\200", "\357\277\277",
		"\360\220\200\200", "\364\217\277\277", "Schl\303\274ssel"
	};
	size_t	 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_STR(value(good[i]), good[i]);
	CHECK_STR(value("a\200b"), "a" BAD "b");
	CHECK_STR(value("\303"), BAD);
	CHECK_STR(value("\303\""), BAD "\\\"");
	CHECK_STR(value("\300\200"), BAD BAD);
	CHECK_STR(value("\301\277"), BAD BAD);
	CHECK_STR(value("\340\237\277"), BAD BAD BAD);
	CHECK_STR(value("\355\240\200"), BAD BAD BAD);
	CHECK_STR(value("\360\217\277\277"), BAD BAD BAD BAD);
	CHECK_STR(value("\364\220\200\200"), BAD BAD BAD BAD);
	CHECK_STR(value("\365\200\200\200"), BAD BAD BAD BAD);
	CHECK_STR(value("\342\202x"), BAD BAD "x");
	CHECK_STR(value("\377\376"), BAD BAD);
}

static void
test_samples(void)
{
	begin();
	text.name = "m";
	promtext_number(&text, 0, NULL);
	promtext_number(&text, UINT64_MAX, "a", "1", "b", "2", NULL);
	promtext_seconds(&text, 1500000, PROMTEXT_MICRO, NULL);
	promtext_seconds(&text, 7, PROMTEXT_MICRO, "a", "1", NULL);
	promtext_seconds(&text, 7, PROMTEXT_NANO, NULL);
	CHECK_STR(written(),
	    "m 0\n"
	    "m{a=\"1\",b=\"2\"} 18446744073709551615\n"
	    "m 1.500000\n"
	    "m{a=\"1\"} 0.000007\n"
	    "m 0.000000007\n");
}

/* More than is gathered before it goes on. */
static void
test_long(void)
{
	static char	 label[5001];
	int		 i;

	memset(label, 'x', sizeof(label) - 1);
	begin();
	text.name = "m";
	for (i = 0; i < 100; i++)
		promtext_number(&text, 7, "l", label, NULL);
	CHECK(promtext_finish(&text) == 0);
	CHECK(evbuffer_get_length(text.out) == 100 * 5010);
	label[10] = '\0';
	CHECK(strncmp(written(), "m{l=\"xxxxxxxxxx", 15) == 0);
}

/* A bound belongs to the bucket that ends with it. */
static void
test_buckets(void)
{
	uint64_t	 bound = HISTOGRAM_FIRST;
	unsigned int	 i;

	CHECK(histogram_bucket(0) == 0);
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++, bound *= 2) {
		CHECK(histogram_bucket(bound - 1) == i);
		CHECK(histogram_bucket(bound) == i);
		CHECK(histogram_bucket(bound + 1) == i + 1);
	}
	CHECK(bound == 3276800);
	CHECK(histogram_bucket(UINT64_MAX) == HISTOGRAM_BUCKETS - 1);
}

static void
test_histogram(void)
{
	struct histogram	 h;

	memset(&h, 0, sizeof(h));
	h.count[0] = 2;
	h.count[3] = 1;
	h.count[15] = 4;
	h.sum = 12345678;
	begin();
	text.name = "m";
	promtext_histogram(&text, &h, PROMTEXT_MICRO, "t", "x", NULL);
	CHECK_STR(written(),
	    "m_bucket{t=\"x\",le=\"0.0001\"} 2\n"
	    "m_bucket{t=\"x\",le=\"0.0002\"} 2\n"
	    "m_bucket{t=\"x\",le=\"0.0004\"} 2\n"
	    "m_bucket{t=\"x\",le=\"0.0008\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.0016\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.0032\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.0064\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.0128\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.0256\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.0512\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.1024\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.2048\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.4096\"} 3\n"
	    "m_bucket{t=\"x\",le=\"0.8192\"} 3\n"
	    "m_bucket{t=\"x\",le=\"1.6384\"} 3\n"
	    "m_bucket{t=\"x\",le=\"+Inf\"} 7\n"
	    "m_sum{t=\"x\"} 12.345678\n"
	    "m_count{t=\"x\"} 7\n");
	begin();
	text.name = "n";
	promtext_histogram(&text, &h, PROMTEXT_NANO, NULL);
	CHECK(strstr(written(), "\nn_bucket{le=\"+Inf\"} 7\n"
	    "n_sum 0.012345678\nn_count 7\n") != NULL);
}

/* What several processes have counted adds up. */
static void
test_add(void)
{
	const struct opcode_info	*op = opcode_find(OP_ECDSA_SIGN_SHA256);
	static struct figures		 sum;

	figures_answered(op, WIRE_OK, 250, 900);
	figures_answered(NULL, WIRE_ERR_FORMAT, 0, 0);
	figures_looked_up(150);
	fe_figures.limits[FIGURE_LIMITS - 1] = 3;
	figures_add(&sum, &fe_figures);
	figures_add(&sum, &fe_figures);
	CHECK(sum.exec[FIGURE_ECDSA][WIRE_OK].count[2] == 2);
	CHECK(sum.exec[FIGURE_ECDSA][WIRE_OK].sum == 500);
	CHECK(sum.total[FIGURE_ECDSA][WIRE_OK].count[4] == 2);
	CHECK(sum.total[FIGURE_UNKNOWN][WIRE_ERR_FORMAT].count[0] == 2);
	CHECK(sum.key_lookup.count[0] == 2 && sum.key_lookup.sum == 300);
	CHECK(sum.limits[FIGURE_LIMITS - 1] == 6);
}

static void
test_reasons(void)
{
	static const struct {
		const char	*text;
		const char	*name;
	} reasons[] = {
		{ "handshake failed: error:0A0000C7:SSL routines::peer did "
		    "not return a certificate", "no_certificate" },
		{ "certificate verification failed: certificate has expired",
		    "expired" },
		{ "certificate verification failed: certificate revoked",
		    "revoked" },
		{ "certificate verification failed: unable to get local "
		    "issuer certificate", "untrusted" },
		{ "certificate verification failed: CRL has expired",
		    "certificate" },
		{ "certificate without the extended key usage clientAuth",
		    "not_client_auth" },
		{ "handshake failed: error:0A000418:SSL routines::tlsv1 "
		    "alert unknown ca", "client_alert" },
		{ "handshake failed: error:0A000102:SSL routines::"
		    "unsupported protocol", "protocol" },
		{ "handshake failed: error:0A00009C:SSL routines::http "
		    "request", "not_tls" },
		{ "unknown", "other" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		CHECK_STR(handshake_failure_name(
		    tlsreason_classify(reasons[i].text)), reasons[i].name);
}

int
main(void)
{
	test_escapes();
	test_utf8();
	test_samples();
	test_long();
	test_buckets();
	test_histogram();
	test_add();
	test_reasons();
	return (test_done());
}
