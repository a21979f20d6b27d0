/*
 * Base: sorting.
 */
#ifndef SORT_H
#define SORT_H

#include <stddef.h>

/*
 * Like qsort(3), at once when all is in order already, as it often is; items
 * may be NULL when there are none.
 */
void sort_items(void *items, size_t count, size_t size,
    int (*compare)(const void *a, const void *b));

#endif
