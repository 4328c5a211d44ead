/*
 * Tables for people: columns aligned by what a terminal shows, not by bytes.
 *
 * Cells may hold any text: see text_visible().  The last column is never
 * padded and no line ends in blanks.  An empty cell is a dash, so that every
 * row has a word in every column.  Only the last column may be blank, and it
 * is left out together with its heading when it is blank in every row.
 *
 * Running out of memory ends the program.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX	24

enum table_align {
	TABLE_LEFT,
	TABLE_RIGHT		/* numbers */
};

struct table;

struct table	*table_new(void);

/*
 * Add a column, before the first cell.  A table whose headings are all empty
 * prints none.
 */
void		 table_column(struct table *, const char *heading,
		    enum table_align);

/* The next cell, row by row. */
void		 table_text(struct table *, const char *);
void		 table_number(struct table *, uint64_t);

/* Show the last cell in red, where table_print() is told to use colour. */
void		 table_mark(struct table *);

/* Print the table, whose last row must be complete. */
void		 table_print(const struct table *, FILE *, int colour);

/* NULL is fine. */
void		 table_free(struct table *);

#endif
