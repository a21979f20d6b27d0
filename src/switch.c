#include "switch.h"

#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "xalloc.h"

/*
 * Registers the named format, or all with NULL.  Without a format there is
 * no reason to mount anything.
 */
static void
register_wanted(struct admin *admin, const char *name)
{
	struct apply apply = { NULL, REPORT_AS_THEY_ARE,
		name == NULL ? REPORT_AS_WARNINGS : REPORT_AS_THEY_ARE, true };
	struct apply_result result;
	enum apply_want *wants;
	struct plan plan;
	size_t i, wanted = 0;

	admin_plan(admin, &plan);
	wants = xcalloc(plan.count, sizeof(*wants));
	for (i = 0; i < plan.count; i++) {
		if (name == NULL ||
		    strcmp(plan.items[i].format->name, name) == 0) {
			wants[i] = APPLY_ENABLE;
			wanted++;
		}
	}
	apply.wants = wants;
	if (wanted > 0 && admin_open_kernel(admin, ADMIN_REQUIRED)) {
		result = apply_plan(admin, &plan, &apply);
		if (name == NULL && !admin->test)
			report_done(admin->report,
			    "%zu format%s, %zu newly registered", plan.count,
			    plan.count == 1 ? "" : "s", result.registered);
	}
	free(wants);
	plan_fini(&plan);
}

void
switch_on(struct admin *admin, const char *name)
{
	if (admin_open_database(admin, DATABASE_LOCK) < 0)
		return;
	if (database_find(admin->database, name) != NULL)
		register_wanted(admin, name);
	else if (!admin_report_broken_one(admin, name))
		report_error(admin->report, "%s: not in the database", name);
}

void
switch_on_all(struct admin *admin)
{
	if (admin_open_database(admin, DATABASE_LOCK) < 0)
		return;
	admin_report_broken(admin);
	register_wanted(admin, NULL);
}

/* Only what the database knows is ours to remove. */
static void
unregister(struct admin *admin, const char *name)
{
	if (kernel_entries_find(&admin->entries, name) != NULL)
		(void)!apply_remove(admin, name, REPORT_AS_THEY_ARE);
}

/*
 * Whether the kernel can be changed.  Where something is registered but
 * cannot be removed, that is an error; where nothing is, all is done already.
 */
static bool
open_to_unregister(struct admin *admin, const char *name)
{
	struct problems problems = PROBLEMS_INIT;
	struct format *const *formats;
	size_t i, count, registered = 0;

	if (admin_open_kernel(admin, ADMIN_LOOK))
		return true;
	formats = database_formats(admin->database, &count);
	for (i = 0; i < count; i++) {
		if ((name == NULL || strcmp(formats[i]->name, name) == 0) &&
		    kernel_entries_find(&admin->entries, formats[i]->name) !=
			NULL)
			registered++;
	}
	if (registered == 0 || kernel_state(admin->kernel) != KERNEL_READY)
		return false;
	(void)!kernel_check_writable(admin->kernel, &problems);
	report_problems(admin->report, admin->paths->procdir, &problems,
	    REPORT_AS_THEY_ARE);
	return false;
}

void
switch_off(struct admin *admin, const char *name)
{
	if (admin_open_database(admin, DATABASE_LOCK) < 0)
		return;
	if (database_find(admin->database, name) == NULL) {
		if (!admin_report_broken_one(admin, name))
			report_warning(admin->report, "%s: not in the database",
			    name);
	} else if (open_to_unregister(admin, name))
		unregister(admin, name);
}

void
switch_off_all(struct admin *admin)
{
	struct format *const *formats;
	size_t i, count, before;

	if (admin_open_database(admin, DATABASE_LOCK) < 0)
		return;
	admin_report_broken(admin);
	if (!open_to_unregister(admin, NULL))
		return;
	formats = database_formats(admin->database, &count);
	before = admin->entries.count;
	for (i = 0; i < count; i++)
		unregister(admin, formats[i]->name);
	unregister(admin, APPLY_TEMPORARY);
	if (!admin->test)
		report_done(admin->report,
		    "%zu format%s, %zu no longer registered", count,
		    count == 1 ? "" : "s", before - admin->entries.count);
	if (admin->entries.count == 0 && !admin->test)
		kernel_unmount(admin->kernel);
}
