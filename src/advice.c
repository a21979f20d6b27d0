#include "advice.h"

#include <string.h>

#include "override.h"

/* What is wrong with an override is said before what follows from it. */
static void
report_override(struct admin *admin, const char *name, enum report_as as)
{
	struct override *override = override_find(&admin->registry.overrides,
	    name);

	if (override != NULL)
		report_problems(admin->report, override->path,
		    &override->problems, as);
}

void
advice_not(struct admin *admin, const struct plan_item *item, enum report_as as)
{
	const char *name = item->format->name;
	const char *override = item->format->override;

	switch (item->why) {
	case PLAN_MASKED:
		if (as == REPORT_AS_THEY_ARE)
			report_error(admin->report, "%s: masked by %s", name,
			    override);
		else
			report_detail(admin->report, "%s: masked by %s", name,
			    override);
		break;
	case PLAN_INVALID:
		report_override(admin, name, as);
		if (as == REPORT_AS_THEY_ARE)
			report_error(admin->report,
			    "%s: not registered: %s makes it invalid", name,
			    override);
		else
			report_warning(admin->report,
			    "%s: not registered: %s makes it invalid", name,
			    override);
		break;
	case PLAN_DETECTOR:
		report_warning(admin->report,
		    "%s: recorded, but not registered: fix_binary and a "
		    "detector exclude each other",
		    name);
		break;
	case PLAN_RIVAL:
	default:
		report_warning(admin->report,
		    "%s: recorded, but not registered: %s matches the same "
		    "files, and with fix_binary only one of them can be; a "
		    "higher priority decides which",
		    name, item->rival->name);
		break;
	}
}

void
advice_detectors(struct admin *admin, const struct plan_item *item)
{
	const struct format *format = item->format;

	if (format->credentials == CHOICE_YES)
		report_warning(admin->report,
		    "%s: served by run-detectors, and so without "
		    "credentials, which it cannot hand on",
		    format->name);
	if (format->open_binary == CHOICE_YES)
		report_warning(admin->report,
		    "%s: served by run-detectors, and so without the "
		    "open file, which it cannot hand on",
		    format->name);
	if (format->preserve == CHOICE_YES)
		report_warning(admin->report,
		    "%s: served by run-detectors, which hands on "
		    "argv[0] but cannot say so in AT_FLAGS",
		    format->name);
}

/* Whether another item, of the same spec, is being changed. */
static bool
is_concerned(const struct plan *plan, const enum apply_want *wants, size_t i)
{
	size_t j;

	if (wants[i] != APPLY_KEEP)
		return true;
	for (j = 0; j < plan->count; j++) {
		if (wants[j] != APPLY_KEEP &&
		    spec_compare(&plan->items[i].format->spec,
			&plan->items[j].format->spec) == 0)
			return true;
	}
	return false;
}

void
advice_all(struct admin *admin, const struct plan *plan,
    const enum apply_want *wants)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		if (item->how == PLAN_DIRECT || !is_concerned(plan, wants, i))
			continue;
		/* See apply.c: its entry stays. */
		if (item->why == PLAN_INVALID && wants[i] == APPLY_KEEP)
			continue;
		if (item->how == PLAN_NOT)
			advice_not(admin, item, REPORT_AS_WARNINGS);
		else
			advice_detectors(admin, item);
	}
}
