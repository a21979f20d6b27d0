/*
 * Base: a buffer, line by line.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

struct lines {
	const char *next, *end;
	/* The line read last, without its newline; borrowed. */
	const char *text;
	size_t len;
	unsigned number; /* counts from 1 */
};

ATTR_NONNULL
void lines_init(struct lines *lines, const char *buffer, size_t len);

/* Goes to the next line; a last line needs no newline.  False: at the end. */
ATTR_NONNULL bool lines_next(struct lines *lines);

/* Cuts blanks off both ends of *text; returns how many were in front. */
ATTR_NONNULL size_t lines_trim(const char **text, size_t *len);

/*
 * Copies text, and the byte that ends it as a line or a field, to where there
 * is room; returns where the next one goes.
 */
ATTR_USE_RESULT ATTR_NONNULL char *lines_put(char *to, const char *text,
    char end);

/* Whether c is white space within a line: blank, tab, CR, VT or FF. */
bool is_blank(char c);

#endif
