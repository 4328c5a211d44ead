/*
 * Fuzzer: what a lying daemon may answer to keylessctl, which asks up to four
 * times over one connection.  It ends with a message, or shows rows: JSON that
 * is JSON, text without a control character.
 */
#include "../../keylessctl/answer.c"

#include <sys/socket.h>

#include <ctype.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"

#define STREAM_MAX	60000	/* bytes; a socket takes them at once */

/* ---- err(3), as shim.c has fatal() */

static void
take_message(const char *fmt, va_list ap)
{
	char	 text[8192];
	size_t	 i;

	REQUIRE((size_t)vsnprintf(text, sizeof(text), fmt, ap) < sizeof(text));
	for (i = 0; text[i] != '\0'; i++)
		REQUIRE(!iscntrl((unsigned char)text[i]));
}

#define ERR_FUNCTION(name)						\
void									\
name(int status, const char *fmt, ...)					\
{									\
	va_list	 ap;							\
									\
	REQUIRE(status == 1);						\
	va_start(ap, fmt);						\
	if (fmt != NULL)						\
		take_message(fmt, ap);					\
	va_end(ap);							\
	fuzz_end();							\
}

ERR_FUNCTION(err)
ERR_FUNCTION(errx)

void
warnx(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	take_message(fmt, ap);
	va_end(ap);
}

/* ---- JSON, RFC 8259: a reader that keeps nothing */

static const char *
skip_string(const char *p)
{
	REQUIRE(*p++ == '"');
	for (; *p != '"'; p++) {
		REQUIRE((unsigned char)*p >= 0x20 && *p != 0x7f);
		if (*p == '\\') {
			REQUIRE(strchr("\"\\/bfnrtu", *++p) != NULL);
			if (*p == 'u')
				REQUIRE(strspn(p + 1,
				    "0123456789abcdefABCDEF") >= 4);
		}
	}
	return (p + 1);
}

static const char *
skip_value(const char *p, int depth)
{
	char	 close;

	REQUIRE(depth < 8);
	if (*p == '"')
		return (skip_string(p));
	if (strncmp(p, "null", 4) == 0 || strncmp(p, "true", 4) == 0)
		return (p + 4);
	if (strncmp(p, "false", 5) == 0)
		return (p + 5);
	if (*p != '{' && *p != '[') {
		REQUIRE(isdigit((unsigned char)*p));
		return (p + strspn(p, "0123456789"));
	}
	close = *p == '{' ? '}' : ']';
	if (*++p == close)
		return (p + 1);
	for (;;) {
		if (close == '}') {
			p = skip_string(p);
			REQUIRE(*p++ == ':');
		}
		p = skip_value(p, depth + 1);
		if (*p == close)
			return (p + 1);
		REQUIRE(*p++ == ',');
	}
}

struct run {
	struct ipc		*ipc;
	const struct request	*request;
	struct style		 style;
	struct answer		 answer;
};

static void
check_output(const char *text, const struct run *r)
{
	const uint8_t	*config = r->answer.rows[0].data;
	const char	*p;

	if (r->style.json) {
		REQUIRE(strcmp(skip_value(text, 0), "\n") == 0);
		return;
	}
	if (r->request == &config_request && !r->style.terminal &&
	    r->answer.result.status == 0) {
		REQUIRE(strcmp(text, config == NULL ? "" :
		    (const char *)config) == 0);
		return;
	}
	for (p = text; *p != '\0'; p++) {
		/* Colours are ours: ESC [ number m */
		if (r->style.colour && *p == '\033') {
			REQUIRE(*++p == '[');
			p += 1 + strspn(p + 1, "0123456789;");
			REQUIRE(*p == 'm');
		} else
			REQUIRE(*p == '\n' || !iscntrl((unsigned char)*p));
	}
}

/* ---- the daemon */

/* A row of the size that it has, all zero but for stretches; or a text. */
static size_t
make_row(struct fuzz *f, uint8_t *out)
{
	static const size_t	 sizes[] = {
		sizeof(struct msg_key), sizeof(struct msg_stats),
		sizeof(struct msg_opstat), sizeof(struct msg_signer_row),
		sizeof(struct msg_token_row), sizeof(struct msg_store_row),
		sizeof(struct msg_connection), 64 /* text */,
		sizeof(struct msg_version), sizeof(struct msg_latency),
		sizeof(struct msg_result)
	};
	struct {
		uint32_t	 type;
		uint32_t	 peer;
		uint16_t	 length;
		uint16_t	 flags;
	} h;
	uint8_t			 b = fuzz_byte(f);
	size_t			 i, n;

	memset(&h, 0, sizeof(h));
	h.type = MSG_CTL_KEY + b % nitems(sizes);
	h.length = (uint16_t)sizes[b % nitems(sizes)];
	if (b > 250)
		h.length = fuzz_u16(f) % 2048;
	memcpy(out, &h, sizeof(h));
	memset(out + sizeof(h), h.type == MSG_CTL_TEXT ? 'a' : 0, h.length);
	for (b = fuzz_byte(f) % 4; b > 0; b--) {
		i = fuzz_u16(f) % (h.length + 1U);
		n = fuzz_byte(f) % 32;
		fuzz_fill(f, out + sizeof(h) + i,
		    h.length - i < n ? h.length - i : n);
	}
	return (sizeof(h) + h.length);
}

/* As run_request() does it. */
static void
ask(void *arg)
{
	struct run	*r = arg;

	answer_ask(r->ipc, r->request);
	answer_take(r->ipc, r->request, &r->answer);
	if (r->answer.result.status == 0)
		r->request->show(r->request, &r->answer, &r->style);
	else if (r->request->refused != NULL)
		r->request->refused(r->request, &r->answer, &r->style);
	else
		show_refusal(r->request, &r->answer, &r->style);
}

/* Ask, look at what was shown; whether the program goes on. */
static int
run(struct run *r, uint8_t b)
{
	static const struct request	*const requests[] = {
		&keys_request, &stats_request, &signers_request,
		&tokens_request, &stores_request, &connections_request,
		&config_request, &version_request, &check_request,
		&reload_request, &drain_request, &stop_request,
		&log_verbose_request
	};
	FILE				*real = stdout;
	char				*text;
	size_t				 length;
	int				 ended;

	r->request = requests[b % nitems(requests)];
	REQUIRE((stdout = open_memstream(&text, &length)) != NULL);
	ended = fuzz_catch(ask, r);
	REQUIRE(fclose(stdout) == 0 && strlen(text) == length);
	stdout = real;
	if (ended)
		REQUIRE(length == 0);
	else
		check_output(text, r);
	free(text);
	answer_free(&r->answer);
	memset(&r->answer, 0, sizeof(r->answer));
	return (!ended);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	setlocale(LC_CTYPE, "C.UTF-8");
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t	 stream[STREAM_MAX];
	struct fuzz	 f = { data, size };
	struct run	 r;
	uint8_t		 b = fuzz_byte(&f), asks[4];
	size_t		 i, n = 0;
	int		 sv[2], lowest = fuzz_lowest_fd();

	memset(&r, 0, sizeof(r));
	r.style.json = b & 1;
	r.style.verbose = b & 2;
	r.style.colour = b & 4;
	r.style.terminal = b & 8;
	for (i = 0; i <= b / 16U % nitems(asks); i++)
		asks[i] = fuzz_byte(&f);
	while (f.left != 0 && n + 4096 < sizeof(stream))
		n += make_row(&f, stream + n);
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	REQUIRE(send(sv[1], stream, n, 0) == (ssize_t)n);
	REQUIRE(shutdown(sv[1], SHUT_WR) == 0);
	REQUIRE((r.ipc = ipc_new(sv[0], 0)) != NULL);
	for (i = 0; i <= b / 16U % nitems(asks); i++)
		if (!run(&r, asks[i]))
			break;
	ipc_free(r.ipc);
	close(sv[1]);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
