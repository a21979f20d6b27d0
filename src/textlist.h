/*
 * Base: a list of strings.
 */
#ifndef TEXTLIST_H
#define TEXTLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

/* Starts with all zero; each item and the array are owned. */
struct textlist {
	char **items;
	size_t count, room;
};

ATTR_NONNULL void textlist_fini(struct textlist *list);

/* Takes over text, and puts it at the end. */
ATTR_NONNULL void textlist_add(struct textlist *list, char *text);

/* Puts a copy of text at the start. */
ATTR_NONNULL void textlist_prepend(struct textlist *list, const char *text);

/* Does nothing when the list is empty. */
ATTR_NONNULL void textlist_remove_first(struct textlist *list);

/* Sorts bytewise; then textlist_has() finds items. */
ATTR_NONNULL void textlist_sort(struct textlist *list);
ATTR_NONNULL bool textlist_has(const struct textlist *list, const char *text);

#endif
