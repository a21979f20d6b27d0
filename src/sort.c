#include "sort.h"

#include <stdlib.h>

void
sort_items(void *items, size_t count, size_t size,
    int (*compare)(const void *a, const void *b))
{
	const char *item = items;
	size_t i;

	for (i = 1; i < count; i++, item += size) {
		if (compare(item, item + size) > 0) {
			qsort(items, count, size, compare);
			return;
		}
	}
}
