/*
 * keylessctl: the one line of keylessd.conf that it needs.  The daemon's own
 * parser wants the whole file right; this one does its work while the
 * operator is still looking for a mistake further down.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "compat.h"
#include "keylessctl.h"

#define KEY	"control_socket"

static void
say_where(const yaml_mark_t *mark, const char *what, char *error,
    size_t errsize)
{
	snprintf(error, errsize, "line %zu column %zu: %s", mark->line + 1,
	    mark->column + 1, what);
}

/* Read one event; -1 and the reason in error when the file is no YAML. */
static int
next_event(yaml_parser_t *parser, yaml_event_t *event, char *error,
    size_t errsize)
{
	if (yaml_parser_parse(parser, event))
		return (0);
	say_where(&parser->problem_mark,
	    parser->problem == NULL ? "not YAML" : parser->problem, error,
	    errsize);
	return (-1);
}

static int
is_key(const yaml_event_t *event)
{
	return (event->type == YAML_SCALAR_EVENT &&
	    event->data.scalar.length == strlen(KEY) &&
	    memcmp(event->data.scalar.value, KEY, strlen(KEY)) == 0);
}

/* Null or an empty text: for the daemon the key is not set. */
static int
is_null(const yaml_event_t *event)
{
	static const char *const	 nulls[] = {
		"~", "null", "Null", "NULL"
	};
	const char			*s;
	size_t				 i;

	if (event->type != YAML_SCALAR_EVENT)
		return (0);
	if (event->data.scalar.length == 0)
		return (1);
	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return (0);
	s = (const char *)event->data.scalar.value;
	for (i = 0; i < nitems(nulls); i++)
		if (strcmp(s, nulls[i]) == 0)
			return (1);
	return (0);
}

/*
 * Copy the value out of its event.  Returns 1, 0 when it is none, or -1 and
 * the reason in error.
 */
static int
take_value(const yaml_event_t *event, char **value, char *error,
    size_t errsize)
{
	const char	*text;

	if (is_null(event))
		return (0);
	if (event->type != YAML_SCALAR_EVENT ||
	    memchr(event->data.scalar.value, '\0',
	    event->data.scalar.length) != NULL) {
		say_where(&event->start_mark, KEY " is not the path of a "
		    "socket", error, errsize);
		return (-1);
	}
	text = (const char *)event->data.scalar.value;
	if ((*value = strdup(text)) == NULL) {
		snprintf(error, errsize, "%s", strerror(errno));
		return (-1);
	}
	return (1);
}

/* How an event changes the depth of collections. */
static int
event_depth(yaml_event_type_t type)
{
	switch (type) {
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		return (1);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return (-1);
	default:
		return (0);
	}
}

static int
is_node(yaml_event_type_t type)
{
	return (type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT ||
	    type == YAML_MAPPING_START_EVENT ||
	    type == YAML_SEQUENCE_START_EVENT);
}

/*
 * Look for the key among those of the outermost mapping.  Returns as
 * conf_control_socket().
 */
static int
find_value(yaml_parser_t *parser, char **value, char *error, size_t errsize)
{
	yaml_event_t		 event;
	yaml_event_type_t	 type;
	int			 depth = 0, is_value = 0, found = 0;

	do {
		if (next_event(parser, &event, error, errsize) == -1)
			return (-1);
		type = event.type;
		if (depth == 1 && is_node(type)) {
			if (found)
				found = take_value(&event, value, error,
				    errsize);
			else if (!is_value)
				found = is_key(&event);
			is_value = !is_value;
		}
		depth += event_depth(type);
		yaml_event_delete(&event);
		if (found == -1 || *value != NULL)
			return (found);
	} while (type != YAML_STREAM_END_EVENT &&
	    type != YAML_DOCUMENT_END_EVENT);
	return (0);
}

/* Relative paths count from the directory that the file is in. */
static int
resolve(const char *path, char **name)
{
	const char	*slash;
	char		*full;
	int		 dirlen;

	if (**name == '/' || (slash = strrchr(path, '/')) == NULL)
		return (0);
	dirlen = (int)(slash - path);
	if (asprintf(&full, "%.*s/%s", dirlen, path, *name) == -1)
		return (-1);
	free(*name);
	*name = full;
	return (0);
}

int
conf_control_socket(FILE *f, const char *path, char **name, char *error,
    size_t errsize)
{
	yaml_parser_t	 parser;
	int		 found;

	*name = NULL;
	if (!yaml_parser_initialize(&parser)) {
		snprintf(error, errsize, "%s", strerror(ENOMEM));
		return (-1);
	}
	yaml_parser_set_input_file(&parser, f);
	found = find_value(&parser, name, error, errsize);
	yaml_parser_delete(&parser);
	if (found == 1 && resolve(path, name) == -1) {
		snprintf(error, errsize, "%s", strerror(errno));
		free(*name);
		*name = NULL;
		return (-1);
	}
	return (found);
}
