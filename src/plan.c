#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

static int
by_spec_then_order(const void *a, const void *b)
{
	const struct plan_item *const *x = a, *const *y = b;
	int order = spec_compare(&(*x)->format->spec, &(*y)->format->spec);

	return order != 0 ? order : format_precedes((*x)->format, (*y)->format);
}

static bool
needs_direct_entry(const struct plan_item *item)
{
	return item->format->fix_binary == CHOICE_YES;
}

/* The member of a group that has the only entry, or NULL: all share one. */
static const struct plan_item *
find_owner(struct plan_item *const *group, size_t count)
{
	const struct plan_item *fixed = NULL, *other = NULL;
	size_t i;

	/* The group is sorted, so the first of a kind is the best of it. */
	for (i = count; i > 0; i--) {
		const struct plan_item *item = group[i - 1];

		if (item->how == PLAN_NOT)
			continue;
		if (needs_direct_entry(item))
			fixed = item;
		else
			other = item;
	}
	if (fixed != NULL && other != NULL &&
	    other->format->priority > fixed->format->priority)
		return NULL;
	return fixed;
}

/* The best of those that can share an entry. */
static const struct format *
best_shared(struct plan_item *const *group, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (group[i]->how != PLAN_NOT && !needs_direct_entry(group[i]))
			return group[i]->format;
	}
	return NULL;
}

static void
exclude(struct plan_item *item, const struct format *rival)
{
	item->how = PLAN_NOT;
	item->rival = rival;
}

/* Excludes those members that cannot have an entry beside the others. */
static void
settle_fixed(struct plan_item **group, size_t count)
{
	const struct plan_item *owner;
	const struct format *best;
	size_t i;

	for (i = 0; i < count; i++) {
		if (needs_direct_entry(group[i]) &&
		    group[i]->format->detector != NULL)
			exclude(group[i], NULL);
	}
	owner = find_owner(group, count);
	best = owner != NULL ? owner->format : best_shared(group, count);
	for (i = 0; i < count; i++) {
		if (group[i]->how != PLAN_NOT && group[i] != owner &&
		    (owner != NULL || needs_direct_entry(group[i])))
			exclude(group[i], best);
	}
}

static void
settle(struct plan_item **group, size_t count)
{
	bool detector = false, preserve = false;
	size_t i, members = 0;

	settle_fixed(group, count);
	for (i = 0; i < count; i++) {
		if (group[i]->how == PLAN_NOT)
			continue;
		members++;
		if (group[i]->format->detector != NULL)
			detector = true;
		if (group[i]->format->preserve == CHOICE_YES)
			preserve = true;
	}
	for (i = 0; i < count; i++) {
		if (group[i]->how == PLAN_NOT)
			continue;
		if (members == 1 && !detector) {
			group[i]->how = PLAN_DIRECT;
			group[i]->flags = format_flags(group[i]->format);
		} else {
			group[i]->how = PLAN_DETECTORS;
			group[i]->flags = preserve ? RULE_PRESERVE : 0;
		}
	}
}

void
plan_make(struct plan *plan, struct format *const *formats, size_t count,
    const char *run_detectors)
{
	struct plan_item **order;
	size_t i, end;

	plan->items = xcalloc(count, sizeof(*plan->items));
	plan->formats = formats;
	plan->count = count;
	plan->run_detectors = run_detectors;
	order = xcalloc(count, sizeof(*order));
	for (i = 0; i < count; i++) {
		plan->items[i].format = formats[i];
		order[i] = &plan->items[i];
	}
	if (count > 1)
		qsort(order, count, sizeof(*order), by_spec_then_order);
	for (i = 0; i < count; i = end) {
		for (end = i + 1; end < count; end++) {
			if (spec_compare(&order[i]->format->spec,
				&order[end]->format->spec) != 0)
				break;
		}
		settle(order + i, end - i);
	}
	free(order);
}

void
plan_fini(struct plan *plan)
{
	free(plan->items);
	plan->items = NULL;
	plan->count = 0;
}

struct rule
plan_rule(const struct plan *plan, const struct plan_item *item)
{
	union {
		const char *in;
		char *out;
	} interpreter;

	interpreter.in = item->how == PLAN_DETECTORS ?
	    plan->run_detectors :
	    item->format->interpreter;
	return (struct rule){
		.name = item->format->name,
		.spec = item->format->spec,
		.interpreter = interpreter.out,
		.flags = item->flags,
	};
}
