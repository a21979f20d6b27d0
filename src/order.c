#include "order.h"

/* Nothing moves and the positions ascend: the usual case, in linear time. */
static bool
is_settled(const struct order_item *items, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (items[i].registers ||
		    (i > 0 && items[i - 1].position > items[i].position))
			return false;
	}
	return true;
}

/*
 * Whether one that comes later in items, and so must be tried later, would
 * be tried before this one.
 */
static bool
is_overtaken(const struct order_item *items, size_t i, size_t count)
{
	size_t j;

	for (j = i + 1; j < count; j++) {
		if ((items[j].registers ||
			items[j].position < items[i].position) &&
		    spec_overlaps(items[i].spec, items[j].spec))
			return true;
	}
	return false;
}

void
order_settle(struct order_item *items, size_t count)
{
	size_t i;

	if (is_settled(items, count))
		return;
	/* From the last on, since one that moves makes earlier ones move. */
	for (i = count; i > 0; i--) {
		if (!items[i - 1].registers)
			items[i - 1].registers = is_overtaken(items, i - 1,
			    count);
	}
}
