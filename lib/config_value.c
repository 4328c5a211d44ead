/* Parent, keyless-pkcs11: the kinds of values that a config file holds. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "compat.h"
#include "config_yaml.h"
#include "msg.h"

#define NAME_MAX_SHOWN	40	/* characters of a key in a message */
#define DISTANCE_MAX	2	/* edits to a key that is suggested */
#define NS_PER_MS	INT64_C(1000000)
#define DURATION_MAX	(INT64_C(1000) * 24 * 3600 * 1000 * NS_PER_MS)

/* The field of base that a key fills. */
static void *
field(void *base, const struct conf_key *key)
{
	return ((char *)base + key->offset);
}

void
conf_set_nothing(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	(void)file;
	(void)node;
	(void)key;
	(void)base;
}

void
conf_set_text(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	const char	*s;

	if ((s = conf_text(file, node, key->name, "a text")) == NULL)
		return;
	if (strlen(s) > key->max)
		conf_error(file, node, "%s: longer than %u bytes", key->name,
		    key->max);
	else if ((*(char **)field(base, key) = strdup(s)) == NULL)
		conf_error(file, node, "%s: out of memory", key->name);
}

char *
conf_path(const struct conf_file *file, const char *path)
{
	const char	*from = conf_file_path(file);
	char		*full;
	size_t		 len;
	int		 dirlen;

	dirlen = *path == '/' ? 0 : (int)(strrchr(from, '/') - from);
	while (strncmp(path, "./", 2) == 0)
		for (path += 2; *path == '/'; path++)
			;
	if (strcmp(path, ".") == 0)
		path = "";
	if (asprintf(&full, "%.*s%s%s", dirlen, from, *path == '/' ? "" : "/",
	    path) == -1)
		return (NULL);
	for (len = strlen(full); len > 1 && full[len - 1] == '/'; len--)
		full[len - 1] = '\0';
	if (len < MSG_PATH_SIZE)
		return (full);
	free(full);
	return (NULL);
}

void
conf_set_path(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	const char	*s;
	char		*path;

	if ((s = conf_text(file, node, key->name, "a path")) == NULL)
		return;
	if ((path = conf_path(file, s)) == NULL)
		conf_error(file, node, "%s: longer than %d bytes", key->name,
		    MSG_PATH_SIZE - 1);
	else
		*(char **)field(base, key) = path;
}

/* Digits without a sign or leading zeros (octal to some); -1 for others. */
static long long
parse_number(const char *s)
{
	const char	*errstr;
	long long	 n;

	if (!isdigit((unsigned char)*s) || (s[0] == '0' && s[1] != '\0'))
		return (-1);
	n = strtonum(s, 0, UINT32_MAX, &errstr);
	return (errstr == NULL ? n : -1);
}

void
conf_set_number(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	const char	*s;
	long long	 n;
	char		 expected[64];

	snprintf(expected, sizeof(expected), "a number from %u to %u",
	    key->min, key->max);
	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	n = parse_number(s);
	if (n < key->min || n > key->max)
		conf_error(file, node, "%s: expected %s", key->name, expected);
	else
		*(uint32_t *)field(base, key) = (uint32_t)n;
}

void
conf_set_bool(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	static const struct {
		const char	*name;
		int		 value;
	} words[] = {
		{ "yes", 1 }, { "true", 1 }, { "on", 1 },
		{ "no", 0 }, { "false", 0 }, { "off", 0 }
	};
	const char	*s;
	size_t		 i;

	if ((s = conf_text(file, node, key->name, "yes or no")) == NULL)
		return;
	for (i = 0; i < nitems(words); i++)
		if (strcasecmp(s, words[i].name) == 0) {
			*(int *)field(base, key) = words[i].value;
			return;
		}
	conf_error(file, node, "%s: expected yes or no", key->name);
}

/* Take a number with an optional fraction; -1 when there is none. */
static int
take_decimal(const char **s, double *value)
{
	double	 scale = 0.1;
	int	 digits = 0;

	for (*value = 0; isdigit((unsigned char)**s); (*s)++, digits++)
		*value = *value * 10 + (**s - '0');
	if (**s == '.')
		for ((*s)++; isdigit((unsigned char)**s); (*s)++, digits++) {
			*value += (**s - '0') * scale;
			scale /= 10;
		}
	return (digits == 0 ? -1 : 0);
}

/* Take a unit: how many nanoseconds it has, or -1. */
static double
take_unit(const char **s)
{
	static const struct {
		const char	*name;
		double		 ns;
	} units[] = {
		{ "ns", 1 }, { "us", 1e3 }, { "\xc2\xb5s", 1e3 },
		{ "\xce\xbcs", 1e3 }, { "ms", 1e6 }, { "s", 1e9 },
		{ "m", 60e9 }, { "h", 3600e9 }, { "d", 24 * 3600e9 }
	};
	size_t	 i, len;

	for (i = 0; i < nitems(units); i++) {
		len = strlen(units[i].name);
		if (strncmp(*s, units[i].name, len) == 0) {
			*s += len;
			return (units[i].ns);
		}
	}
	return (-1);
}

int64_t
conf_duration(const char *s)
{
	double	 value, unit, total = 0;

	if (strcmp(s, "0") == 0)
		return (0);
	if (*s == '\0')
		return (-1);
	while (*s != '\0') {
		if (take_decimal(&s, &value) == -1 ||
		    (unit = take_unit(&s)) == -1)
			return (-1);
		total += value * unit;
		if (total > (double)DURATION_MAX)
			return (-1);
	}
	/* 1.1s is a little less in binary. */
	return ((int64_t)(total + 0.5) / NS_PER_MS);
}

/* For messages: 600000 is "10m". */
static const char *
time_text(uint32_t ms, char *buf, size_t size)
{
	if (ms % 3600000 == 0 && ms != 0)
		snprintf(buf, size, "%uh", ms / 3600000);
	else if (ms % 60000 == 0 && ms != 0)
		snprintf(buf, size, "%um", ms / 60000);
	else if (ms % 1000 == 0)
		snprintf(buf, size, "%us", ms / 1000);
	else
		snprintf(buf, size, "%ums", ms);
	return (buf);
}

void
conf_set_time(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	const char	*s;
	char		 expected[96], min[16], max[16];
	int64_t		 ms;

	snprintf(expected, sizeof(expected), "a time from %s to %s, such as "
	    "500ms or 5s", time_text(key->min, min, sizeof(min)),
	    time_text(key->max, max, sizeof(max)));
	if ((s = conf_text(file, node, key->name, expected)) == NULL)
		return;
	ms = conf_duration(s);
	if (ms < key->min || ms > key->max)
		conf_error(file, node, "%s: expected %s", key->name, expected);
	else
		*(uint32_t *)field(base, key) = (uint32_t)ms;
}

int
conf_secret_fd(const char *s)
{
	size_t	 len = strlen(s);
	int	 fd;

	if ((fd = compat_anonfd()) == -1)
		return (-1);
	if (write(fd, s, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0)
		return (fd);
	close(fd);
	return (-1);
}

void
conf_set_secret(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	const char	*s;

	if ((s = conf_text(file, node, key->name, "a text")) == NULL)
		return;
	conf_note(file, CONF_SECRET);
	if ((*(int *)field(base, key) = conf_secret_fd(s)) == -1)
		conf_error(file, node, "%s: no memory to keep it in",
		    key->name);
}

int
conf_name_ok(const char *s)
{
	size_t	 len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-.");

	return (len != 0 && len <= NAME_MAX_SHOWN && s[len] == '\0');
}

/*
 * Edits (a letter more, less, other, two swapped) between two names, upper
 * case counting as lower case.
 */
static size_t
distance(const char *a, const char *b)
{
	size_t	 d[NAME_MAX_SHOWN + 1][NAME_MAX_SHOWN + 1];
	size_t	 i, j, n = strlen(a), m = strlen(b), best, same;

	for (i = 0; i <= n; i++)
		d[i][0] = i;
	for (j = 0; j <= m; j++)
		d[0][j] = j;
	for (i = 1; i <= n; i++)
		for (j = 1; j <= m; j++) {
			same = strncasecmp(a + i - 1, b + j - 1, 1) == 0;
			best = d[i - 1][j - 1] + !same;
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	return (d[n][m]);
}

const char *
conf_nearest(const char *name, const struct conf_key *keys, size_t nkeys)
{
	const char	*nearest = NULL;
	size_t		 i, d, best = DISTANCE_MAX + 1;

	if (strlen(name) < best)
		best = strlen(name);
	for (i = 0; i < nkeys; i++) {
		if (keys[i].now != NULL)
			continue;
		if ((d = distance(name, keys[i].name)) < best) {
			best = d;
			nearest = keys[i].name;
		}
	}
	return (nearest);
}
