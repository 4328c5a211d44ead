/* Test module: the control file and the log. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quirk.h"

#define CONTROL_MAX	8192
#define QUIRKS_MAX	64

static struct {
	char		 text[CONTROL_MAX];
	struct quirk	 quirks[QUIRKS_MAX];
	size_t		 n;
} control;

size_t
hex_decode(const char *hex, uint8_t *out, size_t size)
{
	size_t		 n;
	unsigned int	 byte;

	for (n = 0; n < size && isxdigit((unsigned char)hex[0]) &&
	    isxdigit((unsigned char)hex[1]); n++, hex += 2) {
		sscanf(hex, "%2x", &byte);
		out[n] = (uint8_t)byte;
	}
	return (n);
}

/* "once", or "count=N": where the file says how often is left. */
static void
set_budget(struct quirk *q, const char *at)
{
	q->budget = at - control.text;
	q->budget_len = strlen(at);
}

static void
parse_option(struct quirk *q, char *word)
{
	char	*value = strchr(word, '=');

	if (strcmp(word, "once") == 0 || strcmp(word, "used") == 0) {
		set_budget(q, word);
		return;
	}
	if (value != NULL)
		*value++ = '\0';
	if (value != NULL && strcmp(word, "count") == 0)
		set_budget(q, value);
	else if (value != NULL && strcmp(word, "data") == 0)
		q->data = value;
	else if (value != NULL && strcmp(word, "error") == 0)
		q->error = value;
	else if (value != NULL && (strcmp(word, "ms") == 0 ||
	    strcmp(word, "status") == 0))
		q->number = strtoul(value, NULL, 0);
	else if (value != NULL && strcmp(word, "pid") == 0)
		q->pid = strtol(value, NULL, 10);
	else {
		quirk_log("unknown option %s", word);
		abort();
	}
}

/* NAME[=VALUE] [option ...], in place; options have no blanks inside. */
static void
parse_line(char *line)
{
	struct quirk	*q;
	char		*word, *value, *rest = line;

	if (control.n == QUIRKS_MAX ||
	    (word = strtok_r(line, " \t", &rest)) == NULL || *word == '#')
		return;
	q = &control.quirks[control.n++];
	memset(q, 0, sizeof(*q));
	q->name = word;
	q->value = "";
	q->budget = -1;
	if ((value = strchr(word, '=')) != NULL) {
		*value++ = '\0';
		q->value = value;
	}
	while ((word = strtok_r(NULL, " \t", &rest)) != NULL)
		parse_option(q, word);
}

void
control_read(void)
{
	const char	*path = getenv("QUIRK_CONTROL");
	char		*line, *rest;
	ssize_t		 n;
	int		 fd;

	control.n = 0;
	if (path == NULL || (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return;
	n = read(fd, control.text, sizeof(control.text) - 1);
	close(fd);
	if (n <= 0)
		return;
	control.text[n] = '\0';
	line = strtok_r(control.text, "\n", &rest);
	for (; line != NULL; line = strtok_r(NULL, "\n", &rest))
		parse_line(line);
}

const struct quirk *
quirk_next(const struct quirk *last, const char *name)
{
	const struct quirk	*q = last == NULL ? control.quirks : last + 1;

	for (; q < control.quirks + control.n; q++)
		if (strcmp(q->name, name) == 0 &&
		    (q->pid == 0 || q->pid == (long)getpid()))
			return (q);
	return (NULL);
}

const struct quirk *
quirk_find(const char *name)
{
	return (quirk_next(NULL, name));
}

unsigned long
quirk_number(const char *name, unsigned long unset)
{
	const struct quirk	*q = quirk_find(name);

	return (q == NULL ? unset : strtoul(q->value, NULL, 0));
}

int
quirk_is(const char *name, const char *value)
{
	const struct quirk	*q = quirk_find(name);

	return (q != NULL && strcmp(q->value, value) == 0);
}

/* Count one down within the file, where other processes see it. */
static int
spend(int fd, const struct quirk *q)
{
	char	 text[16] = "", left[17];
	size_t	 len = q->budget_len;

	if (len >= sizeof(text) ||
	    pread(fd, text, len, q->budget) != (ssize_t)len)
		return (0);
	if (strcmp(text, "once") == 0)
		return (pwrite(fd, "used", 4, q->budget) == 4);
	if (strspn(text, "0123456789") != len || atoi(text) == 0)
		return (0);
	snprintf(left, sizeof(left), "%0*d", (int)len, atoi(text) - 1);
	return (pwrite(fd, left, len, q->budget) == (ssize_t)len);
}

int
quirk_spend(const struct quirk *q)
{
	struct flock	 lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const char	*path = getenv("QUIRK_CONTROL");
	int		 fd, left;

	if (q->budget == -1)
		return (1);
	if ((fd = open(path, O_RDWR | O_CLOEXEC)) == -1) {
		quirk_log("cannot count in %s: %s", path, strerror(errno));
		abort();
	}
	while (fcntl(fd, F_SETLKW, &lock) == -1 && errno == EINTR)
		;
	left = spend(fd, q);
	close(fd);
	return (left);
}

int
quirk_log_fd(void)
{
	static int	 fd = -1;
	const char	*path = getenv("QUIRK_LOG");

	/* Never closed: the locks of session_reserve() would go with it. */
	if (fd == -1 && path != NULL)
		fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return (fd);
}

/* One write a line, so that those of several processes do not mix. */
void
quirk_log(const char *fmt, ...)
{
	char	 line[256];
	va_list	 ap;
	int	 n;

	n = snprintf(line, sizeof(line), "%ld ", (long)getpid());
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	if ((size_t)n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (quirk_log_fd() != -1 &&
	    write(quirk_log_fd(), line, (size_t)n) == -1)
		abort();
}
