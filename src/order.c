#include "order.h"

#include <stdlib.h>

#include "sort.h"
#include "xalloc.h"

/* Nothing moves and the positions ascend: the usual case, in linear time. */
bool
order_is_settled(const struct order_item *items, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (items[i].registers ||
		    (i > 0 && items[i - 1].position > items[i].position))
			return false;
	}
	return true;
}

bool
order_is_overtaken(const struct order_item *items, size_t i, size_t count)
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

/*
 * Ranking.
 */

struct ranked {
	const struct format *format;
	size_t index; /* in the caller's array */
	/* The rule of binfmt.d in front of which it stands; of a rule: itself.
	 */
	size_t slot;
};

static int
by_precedence(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	/* Rules with a place in the files go to the end, the last one first. */
	if ((x->format->sequence == 0) != (y->format->sequence == 0))
		return x->format->sequence == 0 ? -1 : 1;
	if (x->format->sequence != 0)
		return x->format->sequence > y->format->sequence ? -1 : 1;
	return format_precedes(x->format, y->format);
}

static int
by_slot(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	if ((x->format->sequence == 0) != (y->format->sequence == 0))
		return x->format->sequence == 0 ? -1 : 1;
	return format_precedes(x->format, y->format);
}

static bool
can_meet(const struct format *a, const struct format *b)
{
	return a->bpf || b->bpf || spec_overlaps(&a->spec, &b->spec);
}

/*
 * Puts a format in front of the first rule that it precedes, and in front of
 * the formats that it precedes, which have their places already.
 */
static void
find_slot(struct ranked *all, size_t i, size_t formats, size_t rules)
{
	size_t j;

	all[i].slot = rules;
	for (j = 0; j < rules; j++) {
		const struct format *rule = all[formats + j].format;

		if (can_meet(all[i].format, rule) &&
		    format_precedes(all[i].format, rule) < 0) {
			all[i].slot = j;
			break;
		}
	}
	for (j = i + 1; j < formats; j++) {
		if (all[j].slot < all[i].slot &&
		    can_meet(all[i].format, all[j].format))
			all[i].slot = all[j].slot;
	}
}

void
order_rank(const struct format *const *formats, size_t count, size_t *rank)
{
	struct ranked *all;
	size_t i, recorded;

	all = xcalloc(count, sizeof(*all));
	for (i = 0; i < count; i++)
		all[i] = (struct ranked){ formats[i], i, 0 };
	sort_items(all, count, sizeof(*all), by_precedence);
	for (recorded = 0; recorded < count; recorded++) {
		if (all[recorded].format->sequence != 0)
			break;
	}
	for (i = recorded; i < count; i++)
		all[i].slot = i - recorded;
	for (i = recorded; i > 0 && recorded < count; i--)
		find_slot(all, i - 1, recorded, count - recorded);
	if (recorded > 0 && recorded < count)
		sort_items(all, count, sizeof(*all), by_slot);
	for (i = 0; i < count; i++)
		rank[all[i].index] = i;
	free(all);
}
