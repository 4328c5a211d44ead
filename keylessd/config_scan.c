/* Parent, keylessctl: libyaml's parser, and what it has to complain about. */
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "compat.h"
#include "config_scan.h"
#include "log.h"

void
conf_parser_begin(yaml_parser_t *parser, const uint8_t *bytes, size_t size)
{
	if (!yaml_parser_initialize(parser))
		fatalx("libyaml: out of memory");
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, bytes, size);
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
	if (parser->problem == NULL)
		fatalx("libyaml: out of memory");
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
