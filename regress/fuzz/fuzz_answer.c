/*
 * Fuzzer: what a lying daemon may answer to keylessctl.  It ends with a
 * message, or shows rows: JSON that is JSON, text without a control character.
 */
#include <stdarg.h>

#include "ipc.h"

static struct ipc	*fuzz_ipc_new(int, int);
static void		 fuzz_ipc_free(struct ipc *);

#define ipc_new		fuzz_ipc_new
#define ipc_free	fuzz_ipc_free
#include "../../keylessctl/answer.c"
#undef ipc_new
#undef ipc_free

#include <sys/socket.h>

#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"

#define STREAM_MAX	60000	/* bytes; a socket takes them at once */

static struct ipc	*open_ipc;

static struct ipc *
fuzz_ipc_new(int fd, int flags)
{
	return (open_ipc = ipc_new(fd, flags));
}

static void
fuzz_ipc_free(struct ipc *ipc)
{
	ipc_free(ipc);
	open_ipc = NULL;
}

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
	if (strncmp(p, "null", 4) == 0)
		return (p + 4);
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

static void
check_output(const char *text, const struct style *style)
{
	const char	*p;

	if (style->json) {
		REQUIRE(strcmp(skip_value(text, 0), "\n") == 0);
		return;
	}
	for (p = text; *p != '\0'; p++) {
		/* Colours are ours: ESC [ number m */
		if (style->colour && *p == '\033') {
			REQUIRE(*++p == '[');
			p += 1 + strspn(p + 1, "0123456789;");
			REQUIRE(*p == 'm');
		} else
			REQUIRE(*p == '\n' || !iscntrl((unsigned char)*p));
	}
}

/* ---- the daemon */

/* A row of the size that it has, all zero but for a stretch. */
static size_t
make_row(struct fuzz *f, uint8_t *out)
{
	static const size_t	 sizes[] = {
		sizeof(struct msg_key), sizeof(struct msg_stats),
		sizeof(struct msg_opstat), sizeof(struct msg_signer_row),
		sizeof(struct msg_token_row), sizeof(struct msg_result)
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
	memset(out + sizeof(h), 0, h.length);
	for (b = fuzz_byte(f) % 4; b > 0; b--) {
		i = fuzz_u16(f) % (h.length + 1U);
		n = fuzz_byte(f) % 32;
		fuzz_fill(f, out + sizeof(h) + i,
		    h.length - i < n ? h.length - i : n);
	}
	return (sizeof(h) + h.length);
}

struct run {
	int		 fd;
	uint32_t	 request;
	struct style	 style;
	struct answer	 answer;
};

static void
show(void *arg)
{
	static void	(*const functions[])(const struct answer *,
			    const struct style *) = {
		show_keys, show_stats, show_signers, show_tokens, show_result,
		show_result
	};
	struct run	*r = arg;

	answer_get(r->fd, r->request, NULL, 0, &r->answer);
	if (r->answer.result.status != 0)
		show_result(&r->answer, &r->style);
	else
		functions[r->request - MSG_CTL_SHOW_KEYS](&r->answer,
		    &r->style);
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
	FILE		*real = stdout;
	char		*text;
	size_t		 n = 0, length;
	uint8_t		 b = fuzz_byte(&f);
	int		 ended, sv[2], lowest = fuzz_lowest_fd();

	memset(&r, 0, sizeof(r));
	r.request = MSG_CTL_SHOW_KEYS + b / 8 % 6;
	r.style.json = b & 1;
	r.style.verbose = b & 2;
	r.style.colour = b & 4;
	while (f.left != 0 && n + 4096 < sizeof(stream))
		n += make_row(&f, stream + n);
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	REQUIRE(send(sv[1], stream, n, 0) == (ssize_t)n);
	REQUIRE(shutdown(sv[1], SHUT_WR) == 0);
	r.fd = sv[0];
	REQUIRE((stdout = open_memstream(&text, &length)) != NULL);
	ended = fuzz_catch(show, &r);
	REQUIRE(fclose(stdout) == 0 && strlen(text) == length);
	stdout = real;
	if (ended) {
		REQUIRE(length == 0);
		fuzz_ipc_free(open_ipc);
	} else
		check_output(text, &r.style);
	free(text);
	answer_free(&r.answer);
	close(sv[1]);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
