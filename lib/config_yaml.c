/* Parent, keyless-pkcs11: reads YAML files strictly, through libyaml. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <yaml.h>

#include "compat.h"
#include "config_scan.h"
#include "config_yaml.h"
#include "log.h"

#define BOM		"\xef\xbb\xbf"	/* some editors begin a file with it */

struct conf_file {
	const char	*name;		/* as the caller gave it */
	char		*path;		/* absolute */
	uint8_t		*bytes;		/* CONF_FILE_MAX + 1; see secrets */
	const struct conf_keeper *keeper;
	struct conf_secrets *secrets;	/* what it took out of bytes */
	size_t		 size;
	mode_t		 mode;
	yaml_document_t	 doc;
	int		 loaded;	/* doc is to be deleted */
	unsigned int	 errors;
	int		 notes;		/* CONF_* */
};

static const yaml_node_t *
yaml_of(const struct conf_node *node)
{
	return ((const yaml_node_t *)(const void *)node);
}

static const struct conf_node *
node_at(const struct conf_file *file, int index)
{
	yaml_document_t	*doc = (yaml_document_t *)(uintptr_t)&file->doc;

	return ((const void *)yaml_document_get_node(doc, index));
}

/* Nothing behind the colon, null, or an empty text: the key is not set. */
static int
is_null(const struct conf_node *node)
{
	const yaml_node_t	*yaml = yaml_of(node);
	const char		*s = (const char *)yaml->data.scalar.value;

	if (yaml->type != YAML_SCALAR_NODE)
		return (0);
	if (yaml->data.scalar.length == 0)
		return (1);
	return (yaml->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (strcmp(s, "~") == 0 || strcmp(s, "null") == 0 ||
	    strcmp(s, "Null") == 0 || strcmp(s, "NULL") == 0));
}

/* Log a mistake at a place, counted from 0; beyond a limit only count it. */
static void
error_at(struct conf_file *file, size_t line, size_t column, const char *text)
{
	if (file->errors++ < CONF_ERRORS_MAX)
		log_errx("%s:%zu:%zu: %s", file->name, line + 1, column + 1,
		    text);
	else if (file->errors == CONF_ERRORS_MAX + 1)
		log_errx("%s: further mistakes are not shown", file->name);
}

void
conf_error(struct conf_file *file, const struct conf_node *node,
    const char *fmt, ...)
{
	const yaml_mark_t	*mark = &yaml_of(node)->start_mark;
	char			 text[512];
	va_list			 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_at(file, mark->line, mark->column, text);
}

void
conf_warn(struct conf_file *file, const struct conf_node *node,
    const char *fmt, ...)
{
	const yaml_mark_t	*mark = &yaml_of(node)->start_mark;
	char			 text[512];
	va_list			 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_warnx("%s:%zu:%zu: %s", file->name, mark->line + 1,
	    mark->column + 1, text);
}

unsigned int
conf_line(const struct conf_node *node)
{
	return ((unsigned int)yaml_of(node)->start_mark.line + 1);
}

int
conf_note(struct conf_file *file, int note)
{
	int	 known = file->notes & note;

	file->notes |= note;
	return (known);
}

int
conf_noted(const struct conf_file *file, int note)
{
	return (file->notes & note);
}

const struct conf_node *
conf_file_root(const struct conf_file *file)
{
	return (node_at(file, 1));
}

const char *
conf_file_path(const struct conf_file *file)
{
	return (file->path);
}

unsigned int
conf_file_errors(const struct conf_file *file)
{
	return (file->errors);
}

int
conf_file_world_readable(const struct conf_file *file)
{
	return ((file->mode & S_IROTH) != 0);
}

/* Why it cannot be opened and, if the keeper knows, what to do. */
static const char *
why(const struct conf_file *file, int error)
{
	return (file->keeper == NULL ? strerror(error) :
	    file->keeper->why(error));
}

/* Open the file and look at it; -1 after logging why it will not do. */
static int
open_checked(struct conf_file *file)
{
	struct stat	 st;
	int		 fd;

	/* O_NONBLOCK: a FIFO must not hold the daemon up. */
	fd = open(file->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		log_errx("cannot read config file=%s reason=\"%s\"",
		    file->name, why(file, errno));
	else if (!S_ISREG(st.st_mode))
		log_errx("config refused file=%s reason=\"not a regular "
		    "file\"", file->name);
	else if (st.st_mode & S_IWOTH)
		log_errx("config refused file=%s reason=\"writable by "
		    "everyone; chmod o-w\"", file->name);
	else {
		file->mode = st.st_mode;
		return (fd);
	}
	if (fd != -1)
		close(fd);
	return (-1);
}

static void
skip_bom(struct conf_file *file)
{
	size_t	 len = strlen(BOM);

	if (file->size < len || memcmp(file->bytes, BOM, len) != 0)
		return;
	file->size -= len;
	memmove(file->bytes, file->bytes + len, file->size);
}

/* Read the whole file, up to a byte more than it may have. */
static int
read_bytes(struct conf_file *file, int fd)
{
	ssize_t	 n;

	while (file->size <= CONF_FILE_MAX) {
		n = read(fd, file->bytes + file->size,
		    CONF_FILE_MAX + 1 - file->size);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			log_err("cannot read config file=%s", file->name);
			return (-1);
		}
		if (n == 0) {
			skip_bom(file);
			return (0);
		}
		file->size += (size_t)n;
	}
	log_errx("config refused file=%s reason=\"longer than %d bytes\"",
	    file->name, CONF_FILE_MAX);
	return (-1);
}

/* Say what the parser did not like. */
static void
parser_error(struct conf_file *file, const yaml_parser_t *parser)
{
	struct conf_problem	 p;

	conf_problem_of(&p, parser, file->bytes, file->size);
	error_at(file, p.line, p.column, p.text);
}

static int
load_document(struct conf_file *file, yaml_parser_t *parser)
{
	yaml_document_t	 second;
	yaml_node_t	*root;

	if (!yaml_parser_load(parser, &file->doc)) {
		parser_error(file, parser);
		return (-1);
	}
	file->loaded = 1;
	root = yaml_document_get_root_node(&file->doc);
	if (root == NULL || is_null((const void *)root)) {
		error_at(file, 0, 0, "the file is empty");
		return (-1);
	}
	if (!yaml_parser_load(parser, &second)) {
		parser_error(file, parser);
		return (-1);
	}
	if ((root = yaml_document_get_root_node(&second)) != NULL)
		error_at(file, root->start_mark.line, root->start_mark.column,
		    "expected the end of the file, found a second document");
	yaml_document_delete(&second);
	return (file->errors == 0 ? 0 : -1);
}

/* Look the file through, and take its secrets out if it can have any. */
static int
scan_bytes(struct conf_file *file)
{
	struct conf_problem	 p;
	int			 status;

	if (file->keeper == NULL)
		status = conf_scan(file->bytes, file->size, &p);
	else
		status = file->keeper->take(&file->secrets, file->bytes,
		    &file->size, &p);
	if (status == -1)
		error_at(file, p.line, p.column, p.text);
	return (status);
}

static int
parse_bytes(struct conf_file *file)
{
	yaml_parser_t	 parser;
	int		 status;

	if (scan_bytes(file) == -1)
		return (-1);
	if (conf_parser_begin(&parser, file->bytes, file->size) == -1) {
		error_at(file, 0, 0, "out of memory");
		return (-1);
	}
	status = load_document(file, &parser);
	conf_parser_end(&parser);
	return (status);
}

static char *
absolute(const char *path)
{
	char	*cwd, *full;

	if (*path == '/')
		return (strdup(path));
	if ((cwd = getcwd(NULL, 0)) == NULL)
		return (NULL);
	if (asprintf(&full, "%s/%s", cwd, path) == -1)
		full = NULL;
	free(cwd);
	return (full);
}

static struct conf_file *
file_new(const char *name, const char *path, const struct conf_keeper *keeper)
{
	struct conf_file	*file;

	if ((file = calloc(1, sizeof(*file))) == NULL ||
	    (file->bytes = malloc(CONF_FILE_MAX + 1)) == NULL ||
	    (file->path = absolute(path)) == NULL) {
		log_err("cannot read config file=%s", name);
		conf_file_close(file);
		return (NULL);
	}
	file->name = name;
	file->keeper = keeper;
	return (file);
}

struct conf_file *
conf_file_open(const char *path, const struct conf_keeper *keeper)
{
	struct conf_file	*file;
	int			 fd, status;

	if ((file = file_new(path, path, keeper)) == NULL)
		return (NULL);
	if ((fd = open_checked(file)) == -1) {
		conf_file_close(file);
		return (NULL);
	}
	status = read_bytes(file, fd);
	close(fd);
	if (status == -1 || parse_bytes(file) == -1) {
		conf_file_close(file);
		return (NULL);
	}
	return (file);
}

struct conf_file *
conf_file_text(const char *name, const char *path, const char *text)
{
	struct conf_file	*file;

	if ((file = file_new(name, path, NULL)) == NULL)
		return (NULL);
	file->size = strlcpy((char *)file->bytes, text, CONF_FILE_MAX);
	if (file->size >= CONF_FILE_MAX) {
		log_errx("config refused file=%s reason=\"longer than %d "
		    "bytes\"", name, CONF_FILE_MAX);
		conf_file_close(file);
		return (NULL);
	}
	if (parse_bytes(file) == -1) {
		conf_file_close(file);
		return (NULL);
	}
	return (file);
}

void
conf_file_close(struct conf_file *file)
{
	if (file == NULL)
		return;
	if (file->loaded)
		yaml_document_delete(&file->doc);
	if (file->secrets != NULL)
		file->keeper->free(file->secrets);
	freezero(file->bytes, CONF_FILE_MAX + 1);
	free(file->path);
	free(file);
}

static const char *
type_name(const yaml_node_t *node)
{
	switch (node->type) {
	case YAML_SCALAR_NODE:
		return ("a text");
	case YAML_SEQUENCE_NODE:
		return ("a list");
	case YAML_MAPPING_NODE:
		return ("a map");
	default:
		return ("nothing");
	}
}

/* Whether the document says of a value what kind it is (!!int, !mine). */
static int
has_tag(const yaml_node_t *node)
{
	const char	*standard = YAML_DEFAULT_SCALAR_TAG;

	if (node->type == YAML_SEQUENCE_NODE)
		standard = YAML_DEFAULT_SEQUENCE_TAG;
	else if (node->type == YAML_MAPPING_NODE)
		standard = YAML_DEFAULT_MAPPING_TAG;
	return (node->tag != NULL &&
	    strcmp((const char *)node->tag, standard) != 0);
}

/* Whether a value is of the kind expected; logs when it is not. */
static int
is_type(struct conf_file *file, const struct conf_node *node,
    yaml_node_type_t type, const char *name, const char *expected)
{
	const yaml_node_t	*yaml = yaml_of(node);
	const char		*colon = *name == '\0' ? "" : ": ";

	if (yaml->type != type) {
		conf_error(file, node, "%s%sexpected %s, found %s", name,
		    colon, expected, type_name(yaml));
		return (0);
	}
	if (has_tag(yaml)) {
		conf_error(file, node, "%s%sexpected no YAML tag", name,
		    colon);
		return (0);
	}
	return (1);
}

const char *
conf_text(struct conf_file *file, const struct conf_node *node,
    const char *name, const char *expected)
{
	const uint8_t	*s;
	size_t		 i, length;

	if (!is_type(file, node, YAML_SCALAR_NODE, name, expected))
		return (NULL);
	s = file->secrets == NULL ? NULL : file->keeper->find(file->secrets,
	    yaml_of(node)->end_mark.index, &length);
	if (s == NULL) {
		s = yaml_of(node)->data.scalar.value;
		length = yaml_of(node)->data.scalar.length;
	}
	if (length > CONF_TEXT_MAX) {
		conf_error(file, node, "%s: longer than %d bytes", name,
		    CONF_TEXT_MAX);
		return (NULL);
	}
	for (i = 0; i < length; i++)
		if (s[i] < 0x20 || s[i] == 0x7f) {
			conf_error(file, node, "%s: holds a control character "
			    "(a line break, perhaps)", name);
			return (NULL);
		}
	return ((const char *)s);
}

static void
unknown_key(struct conf_file *file, const struct conf_node *node,
    const char *name, const struct conf_key *keys, size_t nkeys)
{
	const char	*nearest;

	if (strcmp(name, "<<") == 0)
		conf_error(file, node, "merge keys (<<) are not supported");
	else if (!conf_name_ok(name))
		conf_error(file, node, "unknown key");
	else if ((nearest = conf_nearest(name, keys, nkeys)) != NULL)
		conf_error(file, node, "unknown key %s; is %s meant?", name,
		    nearest);
	else
		conf_error(file, node, "unknown key %s", name);
}

/*
 * The key of a pair as text; NULL after logging that it is none, or that an
 * earlier pair has it too.
 */
static const char *
pair_name(struct conf_file *file, const yaml_node_t *map,
    const yaml_node_pair_t *pair)
{
	const struct conf_node	*key = node_at(file, pair->key);
	const yaml_node_pair_t	*p;
	const yaml_node_t	*other;
	const char		*name;

	if ((name = conf_text(file, key, "key", "a key")) == NULL)
		return (NULL);
	for (p = map->data.mapping.pairs.start; p < pair; p++) {
		other = yaml_of(node_at(file, p->key));
		if (other->type != YAML_SCALAR_NODE ||
		    strcmp((const char *)other->data.scalar.value, name) != 0)
			continue;
		conf_error(file, key, "%s is there twice, first in line %zu",
		    conf_name_ok(name) ? name : "a key",
		    other->start_mark.line + 1);
		return (NULL);
	}
	return (name);
}

/* Whether node is a map of a size that can be looked through. */
static int
is_map(struct conf_file *file, const struct conf_node *node, const char *what)
{
	const yaml_node_t	*map = yaml_of(node);

	if (!is_type(file, node, YAML_MAPPING_NODE, what, "a map of keys"))
		return (0);
	if (map->data.mapping.pairs.top - map->data.mapping.pairs.start >
	    CONF_KEYS_MAX) {
		conf_error(file, node, "%s%smore than %d keys", what,
		    *what == '\0' ? "" : ": ", CONF_KEYS_MAX);
		return (0);
	}
	return (1);
}

static const struct conf_key *
key_find(const struct conf_key *keys, size_t nkeys, const char *name)
{
	size_t	 i, len;

	for (i = 0; i < nkeys; i++) {
		len = strlen(keys[i].name);
		if (strcmp(keys[i].name, name) == 0 ||
		    (keys[i].name[len - 1] == '*' &&
		    strncmp(keys[i].name, name, len - 1) == 0))
			return (&keys[i]);
	}
	return (NULL);
}

/* Whether an old name can stand for the new one; warns that it is old. */
static int
old_name_ok(struct conf_file *file, const struct conf_node *map,
    const struct conf_node *key_node, const struct conf_key *key)
{
	if (conf_find(file, map, key->now) != NULL) {
		conf_error(file, key_node, "%s is the old name of %s, which "
		    "is set too", key->name, key->now);
		return (0);
	}
	conf_warn(file, key_node, "%s is called %s now", key->name, key->now);
	return (1);
}

int
conf_map(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *keys, size_t nkeys, void *base)
{
	const yaml_node_t	*map = yaml_of(node);
	const yaml_node_pair_t	*pair;
	const struct conf_node	*key_node, *value;
	const struct conf_key	*key;
	const char		*name;

	if (!is_map(file, node, ""))
		return (-1);
	for (pair = map->data.mapping.pairs.start;
	    pair < map->data.mapping.pairs.top; pair++) {
		if ((name = pair_name(file, map, pair)) == NULL)
			continue;
		key_node = node_at(file, pair->key);
		value = node_at(file, pair->value);
		if ((key = key_find(keys, nkeys, name)) == NULL)
			unknown_key(file, key_node, name, keys, nkeys);
		else if (!is_null(value) && (key->now == NULL ||
		    old_name_ok(file, node, key_node, key)))
			key->set(file, value, key, base);
	}
	return (0);
}

int
conf_is_map(const struct conf_node *node)
{
	return (yaml_of(node)->type == YAML_MAPPING_NODE);
}

void
conf_pairs(struct conf_file *file, const struct conf_node *node,
    const char *what, void (*set)(struct conf_file *, const char *,
    const struct conf_node *, void *), void *base)
{
	const yaml_node_t	*map = yaml_of(node);
	const yaml_node_pair_t	*pair;
	const char		*name;

	if (!is_map(file, node, what))
		return;
	for (pair = map->data.mapping.pairs.start;
	    pair < map->data.mapping.pairs.top; pair++)
		if ((name = pair_name(file, map, pair)) != NULL &&
		    !is_null(node_at(file, pair->value)))
			set(file, name, node_at(file, pair->value), base);
}

void
conf_list(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void (*set)(struct conf_file *,
    const struct conf_node *, const struct conf_key *, void *), void *base)
{
	const yaml_node_t	*list = yaml_of(node);
	const yaml_node_item_t	*item;

	if (!is_type(file, node, YAML_SEQUENCE_NODE, key->name, "a list"))
		return;
	for (item = list->data.sequence.items.start;
	    item < list->data.sequence.items.top; item++) {
		if (is_null(node_at(file, *item)))
			conf_error(file, node_at(file, *item),
			    "%s: an item is empty", key->name);
		else
			set(file, node_at(file, *item), key, base);
	}
}

const struct conf_node *
conf_find(struct conf_file *file, const struct conf_node *node,
    const char *name)
{
	const yaml_node_t	*map = yaml_of(node), *key;
	const yaml_node_pair_t	*pair;
	const struct conf_node	*value;

	if (map->type != YAML_MAPPING_NODE)
		return (NULL);
	for (pair = map->data.mapping.pairs.start;
	    pair < map->data.mapping.pairs.top; pair++) {
		key = yaml_of(node_at(file, pair->key));
		value = node_at(file, pair->value);
		if (key->type == YAML_SCALAR_NODE &&
		    strcmp((const char *)key->data.scalar.value, name) == 0)
			return (is_null(value) ? NULL : value);
	}
	return (NULL);
}
