/*
 * Fuzzers: input taken apart, and lib/log.c's functions.  Log lines are put
 * together, so that their arguments are looked at, and checked, not written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "log.h"

/* Freed memory is kept for less long: what is small stays in the cache. */
const char	*__asan_default_options(void);

static jmp_buf			 end;
static int			 armed;
static const char		*forbidden;
static enum log_level		 threshold = LOG_LEVEL_DEBUG;
static char			*captured;
static size_t			 captured_size;

const char *
__asan_default_options(void)
{
	return ("quarantine_size_mb=4:malloc_context_size=8");
}

void
fuzz_fill(struct fuzz *f, void *data, size_t size)
{
	size_t	 n = size < f->left ? size : f->left;

	if (n != 0)
		memcpy(data, f->p, n);
	if (n != size)
		memset((uint8_t *)data + n, 0, size - n);
	f->p += n;
	f->left -= n;
}

uint8_t
fuzz_byte(struct fuzz *f)
{
	uint8_t	 v;

	fuzz_fill(f, &v, sizeof(v));
	return (v);
}

uint16_t
fuzz_u16(struct fuzz *f)
{
	uint16_t	 v;

	fuzz_fill(f, &v, sizeof(v));
	return (v);
}

uint32_t
fuzz_u32(struct fuzz *f)
{
	uint32_t	 v;

	fuzz_fill(f, &v, sizeof(v));
	return (v);
}

uint32_t
fuzz_below(struct fuzz *f, uint32_t n)
{
	return (n <= 256 ? fuzz_byte(f) % n : fuzz_u32(f) % n);
}

int
fuzz_text_ok(const char *text, size_t size)
{
	return (memchr(text, '\0', size) != NULL);
}

void
fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: violated: %s\n", file, line, what);
	abort();
}

int
fuzz_catch(void (*function)(void *), void *arg)
{
	REQUIRE(!armed);
	armed = 1;
	if (setjmp(end) != 0) {
		armed = 0;
		return (1);
	}
	function(arg);
	armed = 0;
	return (0);
}

void
fuzz_end(void)
{
	REQUIRE(armed);
	longjmp(end, 1);
}

void
fuzz_forbid(const char *text)
{
	forbidden = text;
}

int
fuzz_lowest_fd(void)
{
	int	 fd = dup(STDERR_FILENO);

	close(fd);
	return (fd);
}

/* No text that is printed may be NULL.  Knows the conversions in use. */
static void
check_texts(const char *fmt, va_list ap)
{
	const char	*p;
	size_t		 modifiers;

	for (p = fmt; (p = strchr(p, '%')) != NULL; p++) {
		p += 1 + strspn(p + 1, "0123456789-.*");
		if (p[-1] == '*')
			(void)va_arg(ap, int);
		modifiers = strspn(p, "hlzj");
		p += modifiers;
		if (*p == 's')
			REQUIRE(va_arg(ap, const char *) != NULL);
		else if (*p != '%' && modifiers != 0 && p[-1] != 'h')
			(void)va_arg(ap, unsigned long);
		else if (*p != '%')
			(void)va_arg(ap, unsigned int);
	}
}

/* Texts are limited by what they come in, so a line fits. */
static void
take_line(enum log_level level, const char *fmt, va_list ap)
{
	char	 line[16384];
	va_list	 copy;
	int	 len;

	va_copy(copy, ap);
	check_texts(fmt, copy);
	va_end(copy);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	REQUIRE(len >= 0 && (size_t)len < sizeof(line));
	if (forbidden != NULL)
		REQUIRE(strstr(line, forbidden) == NULL);
	if (captured != NULL && level >= LOG_LEVEL_ERROR && *captured == '\0')
		snprintf(captured, captured_size, "%s", line);
	if (getenv("FUZZ_LOG") != NULL)
		fprintf(stderr, "log: %s\n", line);
}

void
log_init(const char *name, int to)
{
	(void)name;
	(void)to;
}

void
log_setlevel(enum log_level level)
{
	REQUIRE(level <= LOG_LEVEL_FATAL);
	threshold = level;
}

int
log_getlevel(void)
{
	return (threshold);
}

void
log_capture(char *text, size_t size)
{
	captured = text;
	captured_size = size;
	if (text != NULL)
		*text = '\0';
}

#define LOG_FUNCTION(name, level)					\
void									\
name(const char *fmt, ...)						\
{									\
	va_list	 ap;							\
									\
	va_start(ap, fmt);						\
	take_line(level, fmt, ap);					\
	va_end(ap);							\
}

LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_warnx, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_err, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_errx, LOG_LEVEL_ERROR)

#define FATAL_FUNCTION(name)						\
void									\
name(const char *fmt, ...)						\
{									\
	va_list	 ap;							\
									\
	va_start(ap, fmt);						\
	take_line(LOG_LEVEL_FATAL, fmt, ap);				\
	va_end(ap);							\
	fuzz_end();							\
}

FATAL_FUNCTION(fatal)
FATAL_FUNCTION(fatalx)
