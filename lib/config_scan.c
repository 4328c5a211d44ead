/* Parent, keyless-pkcs11: libyaml's parser, and what it complains about. */
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "compat.h"
#include "config_scan.h"

#define DEPTH_MAX	16	/* lists and maps inside another */
#define ANCHORS_MAX	256	/* in one file */

int
conf_parser_begin(yaml_parser_t *parser, const uint8_t *bytes, size_t size)
{
	if (!yaml_parser_initialize(parser))
		return (-1);
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, bytes, size);
	return (0);
}

static void
wipe(void *start, void *end)
{
	if (start != NULL)
		explicit_bzero(start, (size_t)((char *)end - (char *)start));
}

void
conf_parser_end(yaml_parser_t *parser)
{
	wipe(parser->raw_buffer.start, parser->raw_buffer.end);
	wipe(parser->buffer.start, parser->buffer.end);
	yaml_parser_delete(parser);
}

/* Whether there is a tab, where only spaces can be. */
static int
is_tab(const yaml_mark_t *mark, const uint8_t *bytes, size_t size)
{
	size_t	 i, line;

	for (i = line = 0; i < size && line < mark->line; i++)
		line += bytes[i] == '\n';
	i += mark->column;
	return (i < size && bytes[i] == '\t');
}

/* An error for whose place libyaml gives only an offset. */
static void
reader_problem(struct conf_problem *p, const yaml_parser_t *parser,
    const uint8_t *bytes, size_t size)
{
	size_t	 i;

	for (i = 0; i < parser->problem_offset && i < size; i++) {
		p->column = bytes[i] == '\n' ? 0 : p->column + 1;
		p->line += bytes[i] == '\n';
	}
	strlcpy(p->text, parser->problem, sizeof(p->text));
}

void
conf_problem_of(struct conf_problem *p, const yaml_parser_t *parser,
    const uint8_t *bytes, size_t size)
{
	const yaml_mark_t	*mark = &parser->problem_mark;
	char			 begin[64] = "";

	memset(p, 0, sizeof(*p));
	if (parser->problem == NULL) {
		strlcpy(p->text, "out of memory", sizeof(p->text));
		return;
	}
	if (parser->error == YAML_READER_ERROR) {
		reader_problem(p, parser, bytes, size);
		return;
	}
	if (parser->context != NULL && parser->context_mark.line != mark->line)
		snprintf(begin, sizeof(begin), " that begins in line %zu",
		    parser->context_mark.line + 1);
	snprintf(p->text, sizeof(p->text), "%s%s%s%s%s",
	    parser->context == NULL ? "" : parser->context, begin,
	    parser->context == NULL ? "" : ": ", parser->problem,
	    is_tab(mark, bytes, size) ? " (a tab; YAML wants spaces)" : "");
	p->line = mark->line;
	p->column = mark->column;
}

static int
event_anchored(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return (event->data.scalar.anchor != NULL);
	case YAML_SEQUENCE_START_EVENT:
		return (event->data.sequence_start.anchor != NULL);
	case YAML_MAPPING_START_EVENT:
		return (event->data.mapping_start.anchor != NULL);
	default:
		return (0);
	}
}

/*
 * Look at one event: deep nesting and many anchors are what takes so long.
 * Returns -1 with the problem, 1 at the end.
 */
static int
check_event(const yaml_event_t *event, int *depth, int *anchors,
    struct conf_problem *p)
{
	const char	*text;

	*anchors += event_anchored(event);
	if (event->type == YAML_SEQUENCE_START_EVENT ||
	    event->type == YAML_MAPPING_START_EVENT)
		++*depth;
	if (event->type == YAML_SEQUENCE_END_EVENT ||
	    event->type == YAML_MAPPING_END_EVENT)
		--*depth;
	if (*depth <= DEPTH_MAX && *anchors <= ANCHORS_MAX)
		return (event->type == YAML_STREAM_END_EVENT);
	text = *depth > DEPTH_MAX ? "lists and maps are nested too deep" :
	    "too many anchors (&)";
	memset(p, 0, sizeof(*p));
	p->line = event->start_mark.line;
	p->column = event->start_mark.column;
	strlcpy(p->text, text, sizeof(p->text));
	return (-1);
}

int
conf_scan(const uint8_t *bytes, size_t size, struct conf_problem *problem)
{
	yaml_parser_t	 parser;
	yaml_event_t	 event;
	int		 depth = 0, anchors = 0, status = 0;

	if (conf_parser_begin(&parser, bytes, size) == -1) {
		memset(problem, 0, sizeof(*problem));
		strlcpy(problem->text, "out of memory",
		    sizeof(problem->text));
		return (-1);
	}
	while (status == 0) {
		if (!yaml_parser_parse(&parser, &event)) {
			conf_problem_of(problem, &parser, bytes, size);
			status = -1;
			break;
		}
		status = check_event(&event, &depth, &anchors, problem);
		yaml_event_delete(&event);
	}
	conf_parser_end(&parser);
	return (status == -1 ? -1 : 0);
}
