#include "textlist.h"

#include <stdlib.h>
#include <string.h>

#include "sort.h"
#include "xalloc.h"

void
textlist_fini(struct textlist *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	memset(list, 0, sizeof(*list));
}

void
textlist_add(struct textlist *list, char *text)
{
	GROW(list->items, list->count, list->room);
	list->items[list->count++] = text;
}

void
textlist_prepend(struct textlist *list, const char *text)
{
	GROW(list->items, list->count, list->room);
	memmove(list->items + 1, list->items,
	    list->count * sizeof(*list->items));
	list->items[0] = xstrdup(text);
	list->count++;
}

void
textlist_remove_first(struct textlist *list)
{
	if (list->count == 0)
		return;
	free(list->items[0]);
	list->count--;
	memmove(list->items, list->items + 1,
	    list->count * sizeof(*list->items));
}

static int
compare(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void
textlist_sort(struct textlist *list)
{
	sort_items(list->items, list->count, sizeof(*list->items), compare);
}

bool
textlist_has(const struct textlist *list, const char *text)
{
	return list->count > 0 &&
	    bsearch(&text, list->items, list->count, sizeof(*list->items),
		compare) != NULL;
}
