#include "export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "refusal.h"
#include "xalloc.h"

/* What an item says that a rule cannot. */
static void
explain(struct admin *admin, const struct plan *plan,
    const struct plan_item *item)
{
	const char *name = item->format->name;

	if (item->how == PLAN_NOT)
		report_warning(admin->report,
		    "%s: left out: it is not to be registered", name);
	else if (item->format->detector != NULL)
		report_warning(admin->report,
		    "%s: binfmt.d cannot name a detector; the rule leads to "
		    "%s, which needs the database",
		    name, plan->run_detectors);
	else if (item->how == PLAN_DETECTORS)
		report_warning(admin->report,
		    "%s: shares its files with other formats; the rule leads "
		    "to %s, which needs the database",
		    name, plan->run_detectors);
}

static void
export_item(struct admin *admin, const struct plan *plan,
    const struct plan_item *item)
{
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *refusal = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	struct rule rule;

	explain(admin, plan, item);
	if (item->how == PLAN_NOT)
		return;
	refusal = refusal_reason(admin, plan, item, NULL);
	if (refusal != NULL && !admin->force) {
		report_warning(admin->report, "%s: left out: %s",
		    item->format->name, refusal);
		return;
	}
	rule = plan_rule(plan, item);
	text = rule_print(&rule, &problems);
	if (text != NULL && (strchr(text, '\n') != NULL || text[0] == ' '))
		(void)problem_error(&problems, NOWHERE, NULL,
		    "cannot be written in binfmt.d: it needs a newline, or a "
		    "blank as the delimiter");
	else if (text != NULL)
		(void)printf("%s\n", text);
	report_problems(admin->report, rule.name, &problems,
	    REPORT_AS_THEY_ARE);
}

/* The last line is registered last, and tried first. */
static void
export_in_order(struct admin *admin, const struct plan *plan,
    const struct admin_selection *selection)
{
	const struct plan_item **items;
	size_t i, *rank;

	if (plan->count == 0)
		return;
	items = xcalloc(plan->count, sizeof(*items));
	rank = xcalloc(plan->count, sizeof(*rank));
	order_rank((const struct format *const *)plan->formats, plan->count,
	    rank);
	for (i = 0; i < plan->count; i++)
		items[rank[i]] = &plan->items[i];
	for (i = plan->count; i > 0; i--) {
		if (admin_selects(selection, items[i - 1]->format))
			export_item(admin, plan, items[i - 1]);
	}
	free(items);
	free(rank);
}

void
export_rules(struct admin *admin, const struct admin_selection *selection)
{
	struct plan plan;

	if (admin_open_database(admin, DATABASE_READ) < 0)
		return;
	if (selection->name == NULL)
		admin_report_broken(admin);
	else if (admin_find(admin, selection->name) == NULL) {
		if (!admin_report_broken_one(admin, selection->name,
			REPORT_AS_THEY_ARE))
			report_error(admin->report,
			    "%s: not in the database, "
			    "nor in binfmt.d",
			    selection->name);
		return;
	}
	if (selection->name == NULL)
		admin_report_sources(admin);
	(void)admin_open_kernel(admin, ADMIN_LOOK);
	admin_plan(admin, &plan, NULL);
	export_in_order(admin, &plan, selection);
	plan_fini(&plan);
}

void
export_files(struct admin *admin)
{
	const struct binfmtd *binfmtd = &admin->registry.binfmtd;
	size_t i;

	if (admin_open_database(admin, DATABASE_READ) < 0)
		return;
	for (i = 0; i < binfmtd->file_count; i++) {
		const struct binfmtd_file *file = binfmtd->files[i];

		(void)printf("%s# %s%s\n", i == 0 ? "" : "\n", file->path,
		    file->masked ? " (masked)" : "");
		if (file->text == NULL || file->len == 0)
			continue;
		(void)fwrite(file->text, 1, file->len, stdout);
		if (file->text[file->len - 1] != '\n')
			(void)putchar('\n');
	}
	admin_report_sources(admin);
}
