#include "refusal.h"

#include <string.h>

#include "loop.h"
#include "xalloc.h"

struct wanted {
	const struct admin *admin;
	const struct plan *plan;
	const enum apply_want *wants;
};

static bool
is_or_will_be_registered(const void *context, const char *name)
{
	const struct wanted *w = context;
	const struct plan_item *item;

	if (kernel_entries_find(&w->admin->entries, name) != NULL)
		return true;
	item = plan_find(w->plan, name);
	return item != NULL && w->wants != NULL &&
	    w->wants[item - w->plan->items] != APPLY_KEEP;
}

/* Through run-detectors, a loop would have no end that the kernel sees. */
static bool
is_endless(const struct admin *admin, const struct plan *plan,
    const struct plan_item *item, const enum apply_want *wants)
{
	const struct format *served = item->format;
	struct wanted wanted = { admin, plan, wants };
	struct loop_registry registry = {
		.is_enabled = is_or_will_be_registered,
		.context = &wanted,
	};

	if (item->how != PLAN_DETECTORS)
		return false;
	registry.formats = plan->formats;
	registry.count = plan->count;
	return loop_returns(&registry, served->interpreter, &served, 1) ||
	    (served->detector != NULL &&
		loop_returns(&registry, served->detector, &served, 1));
}

char *
refusal_reason(struct admin *admin, const struct plan *plan,
    const struct plan_item *item, const enum apply_want *wants)
{
	struct rule rule = plan_rule(plan, item);
	char *reason;

	reason = guard_check(admin_guard(admin), &rule,
	    item->how == PLAN_DETECTORS ? item->format->interpreter : NULL,
	    item->format->detector);
	if (reason == NULL && is_endless(admin, plan, item, wants))
		reason = xstrdup(
		    "its programs would be run through "
		    "run-detectors for this format again, without "
		    "end");
	return reason;
}
