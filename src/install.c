#include "install.h"

#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "file.h"
#include "tree.h"
#include "xalloc.h"

char *
install_owner(const char *package)
{
	if (strcmp(package, FORMAT_LOCAL) == 0)
		return xstrdup("the administrator");
	return xasprintf("package %s", package);
}

/* The owner decides, whether or not the content is the same. */
static bool
is_owner(struct admin *admin, const struct format *format)
{
	const char *recorded = admin_owner(admin, format->name);
	CLEANUP(cleanup_free) char *owner = NULL;

	if (recorded == NULL || strcmp(recorded, format->package) == 0)
		return true;
	owner = install_owner(recorded);
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
	reason = refusal_reason(admin, plan, item, NULL);
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
	const struct plan_item *item;
	bool result;

	if (!is_owner(admin, format))
		return false;
	admin_plan_with(admin, &plan, format);
	item = plan_find(&plan, format->name);
	result = item != NULL && is_acceptable(admin, &plan, item);
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
register_installed(struct admin *admin, const char *name, enum apply_want want)
{
	struct apply apply = { NULL, REPORT_AS_THEY_ARE, REPORT_AS_THEY_ARE,
		false };
	const struct plan_item *item;
	enum apply_want *wants;
	struct plan plan;
	bool taken_back = false;

	admin_plan(admin, &plan, NULL);
	wants = xcalloc(plan.count, sizeof(*wants));
	item = plan_find(&plan, name);
	if (item != NULL)
		wants[item - plan.items] = want;
	apply.wants = wants;
	if (admin_open_kernel(admin, ADMIN_REQUIRED))
		taken_back = apply_plan(admin, &plan, &apply).taken_back;
	else if (admin->paths->root == TREE_SYSTEM)
		report_warning(admin->report,
		    "%s: recorded, but not registered", name);
	if (!taken_back)
		advice_all(admin, &plan, wants);
	free(wants);
	plan_fini(&plan);
	return taken_back;
}

void
install_record(struct admin *admin, struct format *format, enum apply_want want)
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
	    register_installed(admin, name, want))
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
	install_record(admin, format, APPLY_ENABLE);
}

/* Formats that a format with fix_binary has kept out of the kernel. */
static void
find_displaced(struct admin *admin, const struct format *format,
    struct textlist *displaced)
{
	struct plan plan;
	size_t i;

	if (format->fix_binary != CHOICE_YES)
		return;
	admin_plan(admin, &plan, NULL);
	for (i = 0; i < plan.count; i++) {
		if (plan.items[i].how == PLAN_NOT &&
		    plan.items[i].why == PLAN_RIVAL &&
		    strcmp(plan.items[i].rival->name, format->name) == 0)
			textlist_add(displaced,
			    xstrdup(plan.items[i].format->name));
	}
	plan_fini(&plan);
}

void
install_settle(struct admin *admin, struct textlist *displaced)
{
	struct apply apply = { NULL, REPORT_AS_WARNINGS, REPORT_AS_WARNINGS,
		false };
	struct plan plan;
	size_t i;

	admin_plan(admin, &plan, NULL);
	apply.wants = xcalloc(plan.count, sizeof(*apply.wants));
	textlist_sort(displaced);
	for (i = 0; i < plan.count; i++) {
		if (textlist_has(displaced, plan.items[i].format->name))
			apply.wants[i] = APPLY_REGISTER;
	}
	(void)apply_plan(admin, &plan, &apply);
	free(apply.wants);
	plan_fini(&plan);
}

/* Takes the entry out of the kernel, if it is ours; 0 or -1. */
static int
unregister(struct admin *admin, const char *name)
{
	const struct kernel_entry *entry = kernel_entries_find(&admin->entries,
	    name);
	const struct plan_item item = { .format = admin_find(admin, name) };

	if (entry == NULL)
		return 0;
	/* Of a broken record, only what is remembered can tell. */
	if (item.format != NULL ?
		apply_is_ours(admin, &item) :
		registered_is(admin->registered, name, REGISTERED_RECORDED))
		return apply_remove(admin, name, REPORT_AS_THEY_ARE);
	report_warning(admin->report,
	    "%s: the kernel's entry is left alone: somebody else has "
	    "registered it",
	    name);
	return 0;
}

bool
install_forget(struct admin *admin, const char *name, bool registrable)
{
	const struct kernel_entry *entry = kernel_entries_find(&admin->entries,
	    name);

	return registrable && entry != NULL && entry->readable &&
	    registered_is(admin->registered, name, REGISTERED_RECORDED) &&
	    registered_matches(admin->registered, &entry->entry.rule) &&
	    apply_remove(admin, name, REPORT_AS_THEY_ARE) == 0;
}

int
install_drop(struct admin *admin, const char *name, bool registrable,
    struct textlist *displaced)
{
	CLEANUP(cleanup_free)
	char *path = file_join(admin->paths->admindir, name);
	const struct format *format = database_find(admin->database, name);
	struct problems problems = PROBLEMS_INIT;
	int result;

	if (registrable && format != NULL)
		find_displaced(admin, format, displaced);
	result = database_check_writable(admin->database, &problems);
	if (result == 0) {
		if (registrable && unregister(admin, name) < 0)
			return -1;
		if (admin->test)
			report_done(admin->report, "would remove %s", path);
		result = database_remove(admin->database, name, &problems);
		/* What stays recorded stays registered. */
		if (result < 0)
			textlist_add(displaced, xstrdup(name));
	}
	report_problems(admin->report, path, &problems, REPORT_AS_THEY_ARE);
	return result;
}

/* Whether the caller may remove a record; otherwise that has been said. */
static bool
may_remove(struct admin *admin, const char *name, const char *package)
{
	const struct format *format = database_find(admin->database, name);
	const struct database_broken *broken = database_find_broken(
	    admin->database, name);
	const char *owner = NULL;

	if (format != NULL)
		owner = format->package;
	else if (broken != NULL)
		owner = broken->package;
	if (owner == NULL || strcmp(owner, package) == 0)
		return true;
	install_say_not_owner(admin, name, owner, package);
	return false;
}

void
install_say_not_owner(struct admin *admin, const char *name, const char *owner,
    const char *package)
{
	CLEANUP(cleanup_free) char *theirs = install_owner(owner);
	CLEANUP(cleanup_free) char *ours = install_owner(package);

	report_warning(admin->report,
	    "%s: belongs to %s, not to %s; not removed", name, theirs, ours);
}

void
install_remove(struct admin *admin, const char *name, const char *package)
{
	CLEANUP(textlist_fini) struct textlist displaced = { NULL, 0, 0 };
	bool registrable;

	if (admin_open_database(admin, DATABASE_WRITE) < 0)
		return;
	registrable = admin_open_kernel(admin, ADMIN_REMOVE);
	/* A record goes after its entry. */
	if (admin->lost)
		return;
	if (database_find(admin->database, name) == NULL &&
	    database_find_broken(admin->database, name) == NULL) {
		if (!install_forget(admin, name, registrable))
			report_warning(admin->report, "%s: not in the database",
			    name);
	} else if (may_remove(admin, name, package))
		(void)!install_drop(admin, name, registrable, &displaced);
	/* In any case: a run that was killed may have got that far. */
	if (admin_publish(admin) == 0 && registrable)
		install_settle(admin, &displaced);
}
