/*
 * Policy: which entries have to be registered again so that the kernel tries
 * them in the order of format_precedes().
 *
 * The kernel tries the entry that was registered last first.  Only entries
 * that can match the same file have an order among each other.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "format.h"
#include "spec.h"

struct order_item {
	const struct spec *spec; /* borrowed */
	/* Where the kernel has it, 0 is tried first; unused with registers. */
	size_t position;
	/* It will be registered, and with that come to the front. */
	bool registers;
};

/*
 * Takes the items that are or will be registered, sorted so that the one to
 * be tried first comes first, and sets registers for those that must be
 * registered again.  All with registers are then registered from the last to
 * the first.
 */
ATTR_NONNULL void order_settle(struct order_item *items, size_t count);

/*
 * Sets rank[i] to the place of formats[i] among all of them, 0 for the one to
 * be tried first: the order of format_precedes(), but that rules of binfmt.d
 * without a priority keep the order of their files, the last one first.
 * Where the two contradict each other the files' order counts.
 */
ATTR_NONNULL
void order_rank(const struct format *const *formats, size_t count,
    size_t *rank);

#endif
