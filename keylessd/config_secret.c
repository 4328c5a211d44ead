/* Parent, keylessctl: keeps the secrets of a config file out of libyaml. */
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <yaml.h>

#include "advice.h"
#include "compat.h"
#include "config_scan.h"
#include "config_secret.h"
#include "config_store.h"
#include "log.h"
#include "secmem.h"

#define SECRETS_MAX	16384
#define SECRET_MIN	5	/* shorter ones are mistakes, or null */
/* Characters grow by half at most when their escapes are resolved. */
#define TEXT_SIZE	(2 * CONF_FILE_MAX)

/*
 * Keys whose values are secrets whatever they look like; beside them, what is
 * in capitals, or https_proxy, names a variable of a store's environment.
 */
static const char *const names[] = {
	"origin_ca_api_key", "origin_ca_key", "api_token"
};

struct secret {
	size_t	 start;		/* in the file, characters */
	size_t	 end;
	size_t	 text;		/* offset of the decoded value */
	size_t	 length;
};

/* In memory that is shared with the process that looks for them. */
struct conf_secrets {
	int			 failed;
	struct conf_problem	 problem;
	size_t			 count;
	size_t			 used;		/* of text */
	struct secret		 secrets[SECRETS_MAX];
	uint8_t			 text[TEXT_SIZE];
};

/*
 * Of one file at a time, and there for good: at a reload, memory cannot be
 * locked any more on every system.
 */
static struct conf_secrets	*area;
static int			 area_busy;

static struct conf_secrets *
area_take(void)
{
	if (area_busy)
		fatalx("two config files at once");
	area_busy = 1;
	if (area != NULL)
		return (area);
	area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANON, -1, 0);
	if (area == MAP_FAILED)
		fatal("mmap");
	secmem_protect(area, sizeof(*area));
	return (area);
}

/* Where the scanner is: the key before a value says what the value is. */
struct scan {
	int	 in_key;
	int	 named;		/* the last key was one of the names */
	int	 expected;	/* the next scalar is its value */
};

static int
is_name(const yaml_token_t *token)
{
	const char	*name = (const char *)token->data.scalar.value;
	size_t		 i;

	for (i = 0; i < nitems(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (1);
	return ((strpbrk(name, "abcdefghijklmnopqrstuvwxyz") == NULL ||
	    strstr(name, "_proxy") != NULL) && config_env_secret(name));
}

/* Also in what is no URI: somebody may have mistaken the key. */
static int
has_pin(const yaml_token_t *token)
{
	return (strcasestr((const char *)token->data.scalar.value,
	    "pin-value") != NULL);
}

static void
secret_add(struct conf_secrets *c, const yaml_token_t *token)
{
	struct secret	*s;
	size_t		 length = token->data.scalar.length;

	if (length < SECRET_MIN)
		return;
	if (c->count == SECRETS_MAX ||
	    length >= sizeof(c->text) - c->used) {
		c->failed = 1;
		strlcpy(c->problem.text, "too many secrets in one file",
		    sizeof(c->problem.text));
		return;
	}
	s = &c->secrets[c->count++];
	s->start = token->start_mark.index;
	s->end = token->end_mark.index;
	s->text = c->used;
	s->length = length;
	memcpy(c->text + s->text, token->data.scalar.value, length);
	c->used += length + 1;		/* the memory was all zero */
}

static void
take_token(struct conf_secrets *c, struct scan *scan,
    const yaml_token_t *token)
{
	switch (token->type) {
	case YAML_KEY_TOKEN:
		scan->in_key = 1;
		scan->expected = 0;
		break;
	case YAML_VALUE_TOKEN:
		scan->expected = scan->named;
		scan->in_key = scan->named = 0;
		break;
	case YAML_SCALAR_TOKEN:
		if (scan->in_key)
			scan->named = is_name(token);
		else if (scan->expected || has_pin(token))
			secret_add(c, token);
		scan->expected = 0;
		break;
	case YAML_ANCHOR_TOKEN:
	case YAML_TAG_TOKEN:
		break;
	default:
		scan->expected = 0;
	}
}

/* What the other process does: nothing of it survives but c. */
static void __attribute__((noreturn))
find(struct conf_secrets *c, const uint8_t *bytes, size_t size)
{
	struct scan	 scan = { 0, 0, 0 };
	yaml_parser_t	 parser;
	yaml_token_t	 token;
	int		 done = 0;

	c->failed = conf_scan(bytes, size, &c->problem) == -1;
	if (conf_parser_begin(&parser, bytes, size) == -1) {
		strlcpy(c->problem.text, "out of memory",
		    sizeof(c->problem.text));
		c->failed = 1;
		_exit(0);
	}
	while (!done && !c->failed) {
		if (!yaml_parser_scan(&parser, &token)) {
			conf_problem_of(&c->problem, &parser, bytes, size);
			c->failed = 1;
			break;
		}
		take_token(c, &scan, &token);
		done = token.type == YAML_STREAM_END_TOKEN;
		yaml_token_delete(&token);
	}
	_exit(0);
}

/* Run find() in a process of its own; -1 with errno. */
static int
find_apart(struct conf_secrets *c, const uint8_t *bytes, size_t size)
{
	pid_t	 pid;
	int	 status;

	switch (pid = fork()) {
	case -1:
		return (-1);
	case 0:
		find(c, bytes, size);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return (-1);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return (0);
	errno = EIO;
	return (-1);
}

/* Bytes of the character that begins with this one. */
static size_t
character(uint8_t byte)
{
	return (byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);
}

/* Whether YAML takes it for the end of a line. */
static int
is_break(const uint8_t *p, size_t n)
{
	return ((n == 1 && (*p == '\n' || *p == '\r')) ||
	    (n == 2 && memcmp(p, "\xc2\x85", 2) == 0) ||
	    (n == 3 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 ||
	    memcmp(p, "\xe2\x80\xa9", 3) == 0)));
}

/* An x and blanks in place of each secret, which are in the file's order. */
static size_t
blank(const struct conf_secrets *c, uint8_t *bytes, size_t size)
{
	const struct secret	*s = c->secrets, *end = s + c->count;
	size_t			 from, to, n, index;

	for (from = to = index = 0; from < size; from += n, index++) {
		n = character(bytes[from]);
		if (n > size - from)
			n = size - from;
		while (s < end && index >= s->end)
			s++;
		if (s == end || index < s->start ||
		    is_break(bytes + from, n)) {
			memmove(bytes + to, bytes + from, n);
			to += n;
		} else
			bytes[to++] = index == s->start ? 'x' : ' ';
	}
	explicit_bzero(bytes + to, size - to);
	return (to);
}

static void
secrets_free(struct conf_secrets *c)
{
	explicit_bzero(c->text, c->used);
	explicit_bzero(c->secrets, c->count * sizeof(c->secrets[0]));
	explicit_bzero(c, offsetof(struct conf_secrets, secrets));
	area_busy = 0;
}

static int
secrets_take(struct conf_secrets **secrets, uint8_t *bytes,
    size_t *size, struct conf_problem *problem)
{
	struct conf_secrets	*c = area_take();

	if (find_apart(c, bytes, *size) == -1) {
		/* It may have died between two lines. */
		explicit_bzero(c->text, sizeof(c->text));
		c->failed = 1;
		snprintf(c->problem.text, sizeof(c->problem.text),
		    "cannot be looked through: %s", strerror(errno));
	}
	if (c->failed) {
		*problem = c->problem;
		explicit_bzero(bytes, *size);
		secrets_free(c);
		return (-1);
	}
	*size = blank(c, bytes, *size);
	*secrets = c;
	return (0);
}

static int
by_start(const void *a, const void *b)
{
	const struct secret	*x = a, *y = b;

	return (x->start < y->start ? -1 : x->start > y->start);
}

static const uint8_t *
secrets_find(const struct conf_secrets *c, size_t index, size_t *length)
{
	const struct secret	*s;
	struct secret		 key;

	key.start = index - 1;		/* an x is there */
	s = bsearch(&key, c->secrets, c->count, sizeof(key), by_start);
	if (s == NULL)
		return (NULL);
	*length = s->length;
	return (c->text + s->text);
}

static const char *
why(int error)
{
	return (advice(ADVICE_CONFIG, error));
}

const struct conf_keeper config_secrets = {
	secrets_take, secrets_find, secrets_free, why
};
