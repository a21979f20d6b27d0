#include "install.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "xalloc.h"

char *
install_owner(const char *package)
{
	if (strcmp(package, FORMAT_LOCAL) == 0)
		return xstrdup("the administrator");
	return xasprintf("package %s", package);
}

static size_t
index_of(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		if (strcmp(plan->items[i].format->name, name) == 0)
			break;
	}
	return i;
}

/* The owner decides, whether or not the content is the same. */
static bool
is_owner(struct admin *admin, const struct format *format)
{
	const struct format *old = database_find(admin->database, format->name);
	CLEANUP(cleanup_free) char *owner = NULL;

	if (old == NULL || strcmp(old->package, format->package) == 0)
		return true;
	owner = install_owner(old->package);
	report_error(admin->report,
	    "%s: belongs to %s; remove that first, or install under another "
	    "name",
	    format->name, owner);
	return false;
}

/* Whether the new item of a plan may be recorded. */
static bool
is_acceptable(struct admin *admin, const struct plan *plan,
    const struct plan_item *item)
{
	const struct format *format = item->format;
	CLEANUP(cleanup_free) char *reason = NULL;

	if (item->how == PLAN_DETECTORS && format->credentials == CHOICE_YES) {
		report_error(admin->report,
		    "%s: credentials: another format matches the same files, "
		    "so run-detectors would stand between, which cannot hand "
		    "them on",
		    format->name);
		return false;
	}
	if (item->how == PLAN_NOT || admin->force)
		return true;
	reason = apply_refusal(admin, plan, item, NULL);
	if (reason == NULL)
		return true;
	report_error(admin->report,
	    "%s: refused: %s; --force installs it all the same", format->name,
	    reason);
	return false;
}

/*
 * Whether the format may be recorded, judged by what the registry would be
 * with it.
 */
static bool
may_install(struct admin *admin, struct format *format)
{
	struct plan plan;
	bool result = false;
	size_t i;

	if (!is_owner(admin, format))
		return false;
	admin_plan_with(admin, &plan, format);
	for (i = 0; i < plan.count; i++) {
		if (strcmp(plan.items[i].format->name, format->name) == 0)
			result = is_acceptable(admin, &plan, &plan.items[i]);
	}
	plan_fini(&plan);
	return result;
}

/* Records a format, unless what was recorded before is the same. */
static int
record(struct admin *admin, struct format *format, const char *before)
{
	CLEANUP(cleanup_free)
	char *path = file_join(admin->paths->admindir, format->name);
	CLEANUP(cleanup_free) char *after = database_print(format);
	struct problems problems = PROBLEMS_INIT;
	int result;

	if (before != NULL && strcmp(before, after) == 0) {
		format_fini(format);
		return 0;
	}
	if (admin->test)
		report_done(admin->report, "would write %s", path);
	result = database_put(admin->database, format, &problems);
	report_problems(admin->report, path, &problems, REPORT_AS_THEY_ARE);
	return result < 0 ? -1 : admin_publish(admin);
}

/* Puts what was recorded before back; before is the text of it, or NULL. */
static void
restore(struct admin *admin, const char *name, const char *before)
{
	CLEANUP(cleanup_free)
	char *path = file_join(admin->paths->admindir, name);
	struct problems problems = PROBLEMS_INIT;
	struct format format;
	int result = -1;

	if (before == NULL)
		result = database_remove(admin->database, name, &problems);
	else if (database_parse(name, before, strlen(before), &format,
		     &problems) == 0)
		result = database_put(admin->database, &format, &problems);
	report_problems(admin->report, path, &problems, REPORT_AS_THEY_ARE);
	if (result == 0)
		(void)!admin_publish(admin);
}

/* Registers what has been recorded; whether it was taken back. */
static bool
register_installed(struct admin *admin, const char *name)
{
	struct apply apply = { NULL, REPORT_AS_THEY_ARE, REPORT_AS_THEY_ARE,
		false };
	enum apply_want *wants;
	struct plan plan;
	bool taken_back = false;

	admin_plan(admin, &plan, NULL);
	wants = xcalloc(plan.count, sizeof(*wants));
	wants[index_of(&plan, name)] = APPLY_ENABLE;
	apply.wants = wants;
	if (admin_open_kernel(admin, ADMIN_REQUIRED))
		taken_back = apply_plan(admin, &plan, &apply).taken_back;
	else
		report_warning(admin->report,
		    "%s: recorded, but not registered", name);
	if (!taken_back)
		apply_explain(admin, &plan, wants);
	free(wants);
	plan_fini(&plan);
	return taken_back;
}

void
install_record(struct admin *admin, struct format *format)
{
	CLEANUP(cleanup_free) char *name = xstrdup(format->name);
	CLEANUP(cleanup_free) char *before = NULL;
	const struct format *old;

	if (!may_install(admin, format)) {
		format_fini(format);
		return;
	}
	old = database_find(admin->database, name);
	if (old != NULL)
		before = database_print(old);
	admin_check_programs(admin, format);
	if (record(admin, format, before) == 0 &&
	    register_installed(admin, name))
		restore(admin, name, before);
}

void
install_format(struct admin *admin, struct format *format)
{
	if (admin_open_database(admin, DATABASE_WRITE) < 0) {
		format_fini(format);
		return;
	}
	/* What is registered decides about loops. */
	(void)admin_open_kernel(admin, ADMIN_LOOK);
	install_record(admin, format);
}

void
install_settle(struct admin *admin)
{
	struct apply apply = { NULL, REPORT_AS_WARNINGS, REPORT_AS_WARNINGS,
		false };
	struct plan plan;

	admin_plan(admin, &plan, NULL);
	(void)apply_plan(admin, &plan, &apply);
	plan_fini(&plan);
}

int
install_drop(struct admin *admin, const char *name, bool registrable)
{
	CLEANUP(cleanup_free)
	char *path = file_join(admin->paths->admindir, name);
	struct problems problems = PROBLEMS_INIT;
	int result;

	result = database_check_writable(admin->database, &problems);
	if (result == 0) {
		if (registrable &&
		    kernel_entries_find(&admin->entries, name) != NULL &&
		    apply_remove(admin, name, REPORT_AS_THEY_ARE) < 0)
			return -1;
		if (admin->test)
			report_done(admin->report, "would remove %s", path);
		result = database_remove(admin->database, name, &problems);
	}
	report_problems(admin->report, path, &problems, REPORT_AS_THEY_ARE);
	return result;
}

void
install_remove(struct admin *admin, const char *name, const char *package)
{
	const struct format *format;
	bool registrable;

	if (admin_open_database(admin, DATABASE_WRITE) < 0)
		return;
	format = database_find(admin->database, name);
	if (format == NULL) {
		if (!admin_report_broken_one(admin, name))
			report_warning(admin->report, "%s: not in the database",
			    name);
		return;
	}
	if (strcmp(format->package, package) != 0) {
		CLEANUP(cleanup_free)
		char *owner = install_owner(format->package);
		CLEANUP(cleanup_free) char *caller = install_owner(package);

		report_warning(admin->report,
		    "%s: belongs to %s, not to %s; "
		    "not removed",
		    name, owner, caller);
		return;
	}
	registrable = admin_open_kernel(admin, ADMIN_REMOVE);
	if (install_drop(admin, name, registrable) < 0 ||
	    admin_publish(admin) < 0 || !registrable)
		return;
	install_settle(admin);
}
