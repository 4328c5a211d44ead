/* keylessctl: tables with aligned columns. */
#include <assert.h>
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "table.h"
#include "text.h"

#define GAP		2	/* blanks between columns */
#define RED		"\033[31m"
#define PLAIN		"\033[m"

struct cell {
	char			*text;		/* visible; "" is blank */
	size_t			 width;		/* columns on a terminal */
	int			 mark;
};

struct column {
	struct cell		 heading;
	enum table_align	 align;
	size_t			 width;		/* of its widest cell */
	int			 used;		/* some cell is not blank */
};

struct table {
	struct column		 columns[TABLE_COLUMNS_MAX];
	size_t			 ncolumns;
	struct cell		*cells;		/* row by row */
	size_t			 ncells;
	size_t			 room;		/* cells allocated */
};

struct table *
table_new(void)
{
	struct table	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		err(1, NULL);
	return (t);
}

static void
cell_fill(struct cell *cell, const char *text)
{
	size_t	 size = TEXT_VISIBLE_SIZE(strlen(text));

	if ((cell->text = malloc(size)) == NULL)
		err(1, NULL);
	cell->width = text_visible(cell->text, size, text);
	cell->mark = 0;
}

void
table_column(struct table *t, const char *heading, enum table_align align)
{
	struct column	*column = &t->columns[t->ncolumns];

	assert(t->ncolumns < TABLE_COLUMNS_MAX && t->ncells == 0);
	cell_fill(&column->heading, heading);
	column->align = align;
	column->width = column->heading.width;
	t->ncolumns++;
}

static struct cell *
cell_new(struct table *t)
{
	struct cell	*cells;
	size_t		 room;

	if (t->ncells == t->room) {
		room = t->room == 0 ? 64 : 2 * t->room;
		cells = reallocarray(t->cells, room, sizeof(*cells));
		if (cells == NULL)
			err(1, NULL);
		t->cells = cells;
		t->room = room;
	}
	return (&t->cells[t->ncells++]);
}

void
table_text(struct table *t, const char *text)
{
	struct column	*column;
	struct cell	*cell;
	size_t		 n = t->ncells % t->ncolumns;

	column = &t->columns[n];
	if (*text != '\0')
		column->used = 1;
	else if (n != t->ncolumns - 1)
		text = "-";
	cell = cell_new(t);
	cell_fill(cell, text);
	if (cell->width > column->width)
		column->width = cell->width;
}

void
table_number(struct table *t, uint64_t number)
{
	char	 text[32];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	table_text(t, text);
}

void
table_mark(struct table *t)
{
	t->cells[t->ncells - 1].mark = 1;
}

static void
print_blanks(FILE *f, size_t n)
{
	while (n-- > 0)
		putc(' ', f);
}

/*
 * Print one cell and what separates it from the one before.  Blanks that no
 * text follows are never written: *owed carries them to the next cell.
 */
static void
print_cell(const struct column *column, const struct cell *cell, FILE *f,
    int colour, size_t *owed)
{
	size_t	 pad = column->width - cell->width;

	if (column->align == TABLE_RIGHT)
		*owed += pad;
	if (cell->width != 0) {
		print_blanks(f, *owed);
		*owed = 0;
		if (colour && cell->mark)
			fprintf(f, RED "%s" PLAIN, cell->text);
		else
			fputs(cell->text, f);
	}
	if (column->align == TABLE_LEFT)
		*owed += pad;
	*owed += GAP;
}

static void
print_headings(const struct table *t, size_t ncolumns, FILE *f)
{
	size_t	 i, owed = 0;

	for (i = 0; i < ncolumns; i++)
		if (t->columns[i].heading.width != 0)
			break;
	if (i == ncolumns)
		return;
	for (i = 0; i < ncolumns; i++)
		print_cell(&t->columns[i], &t->columns[i].heading, f, 0,
		    &owed);
	putc('\n', f);
}

void
table_print(const struct table *t, FILE *f, int colour)
{
	size_t	 i, owed, row, ncolumns = t->ncolumns;

	assert(t->ncells % t->ncolumns == 0);
	if (ncolumns > 1 && !t->columns[ncolumns - 1].used)
		ncolumns--;
	print_headings(t, ncolumns, f);
	for (row = 0; row < t->ncells / t->ncolumns; row++) {
		owed = 0;
		for (i = 0; i < ncolumns; i++)
			print_cell(&t->columns[i],
			    &t->cells[row * t->ncolumns + i], f, colour,
			    &owed);
		putc('\n', f);
	}
}

void
table_free(struct table *t)
{
	size_t	 i;

	if (t == NULL)
		return;
	for (i = 0; i < t->ncolumns; i++)
		free(t->columns[i].heading.text);
	for (i = 0; i < t->ncells; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
}
