#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "sort.h"
#include "xalloc.h"

/* Items of one spec, the one to be tried first first. */
struct group {
	struct plan_item **items;
	size_t count;
	const struct plan_active *active;
};

/* A BPF program decides for itself, so its rule is alone. */
static int
by_spec_then_order(const void *a, const void *b)
{
	const struct plan_item *const *x = a, *const *y = b;
	const struct format *f = (*x)->format, *g = (*y)->format;
	int order;

	if (f->bpf || g->bpf)
		return f->bpf != g->bpf ? f->bpf - g->bpf :
					  strcmp(f->name, g->name);
	order = spec_compare(&f->spec, &g->spec);
	return order != 0 ? order : format_precedes(f, g);
}

static bool
needs_direct_entry(const struct plan_item *item)
{
	return item->format->fix_binary == CHOICE_YES;
}

/* Whether the item takes part in what the members of a group settle. */
static bool
takes_part(const struct group *group, const struct plan_item *item)
{
	if (item->how == PLAN_NOT)
		return false;
	return !item->format->binfmtd || group->active == NULL ||
	    group->active->is_active(group->active->context, item->format);
}

static bool
are_twins(const struct format *recorded, const struct format *rule)
{
	return !recorded->binfmtd && rule->binfmtd &&
	    format_flags(recorded) == format_flags(rule) &&
	    strcmp(recorded->interpreter, rule->interpreter) == 0 &&
	    recorded->detector == NULL && rule->detector == NULL;
}

/*
 * Whether a recorded member does the very same as this rule: packages ship
 * the same format in both forms, and under different names.  A twin has no
 * say, and goes the way of its brother.
 */
static bool
is_twin(const struct group *group, const struct plan_item *item)
{
	size_t i;

	for (i = 0; i < group->count; i++) {
		if (group->items[i]->how != PLAN_NOT &&
		    are_twins(group->items[i]->format, item->format))
			return true;
	}
	return false;
}

static bool
has_say(const struct group *group, const struct plan_item *item)
{
	return takes_part(group, item) && !is_twin(group, item);
}

/* Whether the members share an entry, or each has its own. */
static bool
shares(const struct group *group)
{
	size_t i;

	for (i = 0; i < group->count; i++) {
		const struct format *format = group->items[i]->format;

		if (has_say(group, group->items[i]) &&
		    (!format->binfmtd || format->detector != NULL))
			return true;
	}
	return false;
}

/* The first member that needs a direct entry, or the first that does not. */
static const struct plan_item *
first_member(const struct group *group, bool direct)
{
	size_t i;

	for (i = 0; i < group->count; i++) {
		if (has_say(group, group->items[i]) &&
		    needs_direct_entry(group->items[i]) == direct)
			return group->items[i];
	}
	return NULL;
}

static void
exclude(struct plan_item *item, enum plan_why why, const struct format *rival)
{
	item->how = PLAN_NOT;
	item->flags = 0;
	item->why = why;
	item->rival = rival;
}

/* Excludes members that cannot have an entry, whatever the others want. */
static void
settle_alone(const struct group *group)
{
	size_t i;

	for (i = 0; i < group->count; i++) {
		struct plan_item *item = group->items[i];

		item->how = PLAN_DIRECT;
		item->flags = format_flags(item->format);
		if (item->format->masked)
			exclude(item, PLAN_MASKED, NULL);
		else if (item->format->invalid)
			exclude(item, PLAN_INVALID, NULL);
		else if (needs_direct_entry(item) &&
		    item->format->detector != NULL)
			exclude(item, PLAN_DETECTOR, NULL);
	}
}

/* Where a member needs the only entry, excludes the others, or that one. */
static void
settle_fixed(const struct group *group)
{
	const struct plan_item *owner = first_member(group, true);
	const struct plan_item *other = first_member(group, false);
	const struct format *winner;
	size_t i;

	if (owner == NULL)
		return;
	if (other != NULL && other->format->priority > owner->format->priority)
		owner = NULL;
	winner = owner != NULL ? owner->format : other->format;
	for (i = 0; i < group->count; i++) {
		struct plan_item *item = group->items[i];

		if (takes_part(group, item) && item != owner &&
		    (owner == NULL ? needs_direct_entry(item) :
				     !are_twins(owner->format, item->format)))
			exclude(item, PLAN_RIVAL, winner);
	}
}

/* All that are left share run-detectors, unless there is nothing to detect. */
static void
settle_shared(const struct group *group)
{
	bool detector = false, preserve = false;
	size_t i, members = 0;

	for (i = 0; i < group->count; i++) {
		const struct format *format = group->items[i]->format;

		if (!has_say(group, group->items[i]))
			continue;
		members++;
		detector = detector || format->detector != NULL;
		preserve = preserve || format->preserve == CHOICE_YES;
	}
	for (i = 0; i < group->count; i++) {
		struct plan_item *item = group->items[i];

		if (!takes_part(group, item) || (members == 1 && !detector))
			continue;
		item->how = PLAN_DETECTORS;
		item->flags = preserve ? RULE_PRESERVE : 0;
	}
}

static void
settle(const struct group *group)
{
	settle_alone(group);
	if (!shares(group))
		return;
	settle_fixed(group);
	settle_shared(group);
}

static size_t
group_end(struct plan_item *const *order, size_t start, size_t count)
{
	size_t end;

	for (end = start + 1; end < count; end++) {
		if (order[start]->format->bpf || order[end]->format->bpf ||
		    spec_compare(&order[start]->format->spec,
			&order[end]->format->spec) != 0)
			break;
	}
	return end;
}

void
plan_make(struct plan *plan, struct format *const *formats, size_t count,
    const char *run_detectors, const struct plan_active *active)
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
	sort_items(order, count, sizeof(*order), by_spec_then_order);
	for (i = 0; i < count; i = end) {
		struct group group = { order + i, 0, active };

		end = group_end(order, i, count);
		group.count = end - i;
		settle(&group);
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

static int
compare_item_name(const void *key, const void *item)
{
	const struct plan_item *i = item;

	return strcmp(key, i->format->name);
}

const struct plan_item *
plan_find(const struct plan *plan, const char *name)
{
	if (plan->count == 0)
		return NULL;
	return bsearch(name, plan->items, plan->count, sizeof(*plan->items),
	    compare_item_name);
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
		.bpf = item->format->bpf,
		.spec = item->format->spec,
		.interpreter = interpreter.out,
		.flags = item->flags,
	};
}
