#include "switch.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "file.h"
#include "xalloc.h"

/* What a record that cannot be read has left in the kernel; returns false. */
static bool
unregister_broken(struct admin *admin, const char *name)
{
	(void)admin_report_broken_one(admin, name, REPORT_AS_WARNINGS);
	if (admin_open_kernel(admin, ADMIN_LOOK) &&
	    kernel_entries_find(&admin->entries, name) != NULL &&
	    registered_is(admin->registered, name, REGISTERED_RECORDED))
		(void)!apply_remove(admin, name, REPORT_AS_THEY_ARE);
	return false;
}

/* Opens what is needed; whether there is anything to go on with. */
static bool
open_sources(struct admin *admin, const struct admin_selection *selection,
    bool must_exist)
{
	const char *name = selection->name;

	if (admin_open_database(admin, DATABASE_LOCK) < 0)
		return false;
	if (name == NULL) {
		if (selection->recorded)
			admin_report_broken(admin);
		admin_report_sources(admin);
		return true;
	}
	if (admin_find(admin, name) != NULL)
		return true;
	if (must_exist &&
	    admin_report_broken_one(admin, name, REPORT_AS_THEY_ARE))
		return false;
	if (database_find_broken(admin->database, name) != NULL)
		return unregister_broken(admin, name);
	if (must_exist)
		report_error(admin->report,
		    "%s: not in the database, nor in "
		    "binfmt.d",
		    name);
	else
		report_warning(admin->report,
		    "%s: not in the database, nor "
		    "in binfmt.d",
		    name);
	return false;
}

static void
warn_if_disabled(struct admin *admin)
{
	if (kernel_state(admin->kernel) == KERNEL_READY &&
	    !admin->entries.enabled)
		report_warning(admin->report,
		    "%s: binfmt_misc as a whole is "
		    "disabled; write 1 to its file 'status'",
		    admin->paths->procdir);
}

static void
register_wanted(struct admin *admin, const struct admin_selection *selection,
    const struct plan *plan, enum apply_want *wants, size_t wanted)
{
	bool one = selection->name != NULL;
	struct apply apply = {
		.wants = wants,
		.failures = REPORT_AS_THEY_ARE,
		.refusals = one ? REPORT_AS_THEY_ARE : REPORT_AS_WARNINGS,
		.explain = true,
	};
	struct apply_result result;

	result = apply_plan(admin, plan, &apply);
	warn_if_disabled(admin);
	if (!one && !admin->test)
		report_done(admin->report, "%zu format%s, %zu newly registered",
		    wanted, wanted == 1 ? "" : "s", result.registered);
}

void
switch_on(struct admin *admin, const struct admin_selection *selection)
{
	enum apply_want *wants;
	struct plan plan;
	size_t i, wanted = 0;
	bool ready;

	if (!open_sources(admin, selection, true))
		return;
	for (i = 0; i < admin->registry.count; i++) {
		if (admin_selects(selection, admin->registry.formats[i]))
			wanted++;
	}
	/* Without a format there is no reason to mount anything. */
	ready = wanted > 0 && admin_open_kernel(admin, ADMIN_REQUIRED);
	if (!ready)
		return;
	admin_plan(admin, &plan, selection);
	wants = xcalloc(plan.count, sizeof(*wants));
	for (i = 0; i < plan.count; i++) {
		if (admin_selects(selection, plan.items[i].format))
			wants[i] = APPLY_ENABLE;
	}
	register_wanted(admin, selection, &plan, wants, wanted);
	free(wants);
	plan_fini(&plan);
}

/*
 * Whether the kernel can be changed.  Where something is registered but
 * cannot be removed, that is an error; where nothing is, all is done already.
 */
static bool
open_to_unregister(struct admin *admin, const struct admin_selection *selection)
{
	struct problems problems = PROBLEMS_INIT;
	const struct registry *registry = &admin->registry;
	size_t i, registered = 0;

	if (admin_open_kernel(admin, ADMIN_LOOK))
		return true;
	for (i = 0; i < registry->count; i++) {
		if (admin_selects(selection, registry->formats[i]) &&
		    kernel_entries_find(&admin->entries,
			registry->formats[i]->name) != NULL)
			registered++;
	}
	if (registered == 0 || kernel_state(admin->kernel) != KERNEL_READY)
		return false;
	if (kernel_check_writable(admin->kernel, &problems) == 0)
		return true;
	report_problems(admin->report, admin->paths->procdir, &problems,
	    REPORT_AS_THEY_ARE);
	return false;
}

/* An entry of others that only has the same name is left alone. */
static void
unregister(struct admin *admin, const struct plan_item *item)
{
	const char *name = item->format->name;

	if (kernel_entries_find(&admin->entries, name) == NULL)
		return;
	if (apply_is_ours(admin, item))
		(void)!apply_remove(admin, name, REPORT_AS_THEY_ARE);
	else
		report_warning(admin->report,
		    "%s: left alone: somebody else "
		    "has registered an entry of that name",
		    name);
}

/* Formats that shared an entry with one that has gone may have their own. */
static void
settle(struct admin *admin)
{
	struct apply apply = { NULL, REPORT_AS_WARNINGS, REPORT_AS_WARNINGS,
		false };
	struct plan plan;

	admin_plan(admin, &plan, NULL);
	(void)apply_plan(admin, &plan, &apply);
	plan_fini(&plan);
}

static void
say_how_to_make_it_last(struct admin *admin, const char *name)
{
	const char *directory = admin->paths->overridedir;
	CLEANUP(cleanup_free) char *path = file_join(directory, name);
	CLEANUP(cleanup_free) char *quoted = report_quote(path);
	struct stat st;

	report_done(admin->report,
	    "%s: until the next --enable, --sync or boot; to make it last: "
	    "%s%s%sln -sf /dev/null %s",
	    name, stat(directory, &st) == 0 ? "" : "mkdir ",
	    stat(directory, &st) == 0 ? "" : directory,
	    stat(directory, &st) == 0 ? "" : " && ", quoted);
}

void
switch_off(struct admin *admin, const struct admin_selection *selection)
{
	struct plan plan;
	size_t i, before, selected = 0;

	if (!open_sources(admin, selection, false) ||
	    !open_to_unregister(admin, selection))
		return;
	admin_plan(admin, &plan, NULL);
	before = admin->entries.live;
	for (i = 0; i < plan.count; i++) {
		if (!admin_selects(selection, plan.items[i].format))
			continue;
		selected++;
		unregister(admin, &plan.items[i]);
	}
	if (admin->entries.live < before)
		settle(admin);
	if (selection->name == NULL) {
		if (kernel_entries_find(&admin->entries, KERNEL_TEMPORARY) !=
		    NULL)
			(void)!apply_remove(admin, KERNEL_TEMPORARY,
			    REPORT_AS_THEY_ARE);
		if (!admin->test)
			report_done(admin->report,
			    "%zu format%s, %zu no longer registered", selected,
			    selected == 1 ? "" : "s",
			    before - admin->entries.live);
		if (selection->recorded && admin->entries.live == 0 &&
		    !admin->test)
			kernel_unmount(admin->kernel);
	} else if (admin->entries.live < before && !admin->test)
		say_how_to_make_it_last(admin, selection->name);
	plan_fini(&plan);
}
