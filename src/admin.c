#include "admin.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "instance.h"
#include "tree.h"
#include "xalloc.h"

static void
close_kernel(struct admin *admin)
{
	if (admin->registered != NULL && !admin->test)
		(void)registered_save(admin->registered);
	registered_free(STEAL(admin->registered));
	kernel_entries_fini(&admin->entries);
	kernel_close(STEAL(admin->kernel));
}

/* With --root the kernel is not looked at: there is no such path. */
#define NO_PROCDIR ""

/* There is one of the system's own database, and of all that is known. */
static bool
has_index(const struct admin *admin)
{
	return paths_admindir_is_default(admin->paths) &&
	    admin->paths->root == TREE_SYSTEM && admin->binfmtd &&
	    admin->file_count == 0 && !admin->test;
}

void
admin_fini(struct admin *admin)
{
	close_kernel(admin);
	if (admin->database != NULL && database_is_locked(admin->database) &&
	    has_index(admin))
		catalogue_write(&admin->start, admin->paths, admin->database,
		    &admin->registry);
	registry_fini(&admin->registry);
	database_close(admin->database);
	guard_free(admin->guard);
}

int
admin_open_database(struct admin *admin, enum database_mode mode)
{
	struct problems problems = PROBLEMS_INIT;

	if (has_index(admin) && mode != DATABASE_READ)
		catalogue_start(&admin->start, admin->paths);
	admin->database = database_open(admin->paths->root,
	    admin->paths->admindir, admin->test ? DATABASE_READ : mode,
	    &problems);
	report_problems(admin->report, admin->paths->admindir, &problems,
	    REPORT_AS_THEY_ARE);
	if (admin->database == NULL)
		return -1;
	registry_read(&admin->registry, admin->paths, admin->binfmtd,
	    admin->files, admin->file_count);
	registry_merge(&admin->registry, admin->database, NULL);
	return 0;
}

/* Says why only the database follows; no rule of ours is at stake. */
static void
say_database_only(struct admin *admin, const char *why, const char *whose)
{
	report_warning(admin->report,
	    "%s: %s%s, so only the database was changed; update-binfmts "
	    "--enable makes the kernel follow",
	    admin->paths->procdir, why, whose);
}

/*
 * For actions that packages call: the kernel follows only where that is ours
 * to decide.
 */
static bool
may_change(struct admin *admin, enum admin_kernel need)
{
	struct problems problems = PROBLEMS_INIT;
	const char *owner;

	if (kernel_state(admin->kernel) != KERNEL_READY) {
		if (need == ADMIN_OPTIONAL)
			say_database_only(admin, "binfmt_misc is not mounted",
			    "");
		return false;
	}
	/* What only stands for the kernel's own is of whoever made it. */
	owner = !kernel_is_real(admin->kernel) ?
	    NULL :
	    instance_owner(admin->paths->procdir);
	if (owner != NULL) {
		say_database_only(admin, "belongs to ", owner);
		return false;
	}
	if (admin->test || kernel_check_writable(admin->kernel, &problems) == 0)
		return true;
	/* Anything else is no matter of whose it is. */
	admin->lost = errno != EACCES && errno != EPERM && errno != EROFS;
	report_problems(admin->report, admin->paths->procdir, &problems,
	    admin->lost ? REPORT_AS_THEY_ARE : REPORT_AS_WARNINGS);
	return false;
}

/* For actions of an administrator, who means what he says. */
static bool
make_changeable(struct admin *admin)
{
	struct problems problems = PROBLEMS_INIT;
	bool ready = kernel_state(admin->kernel) == KERNEL_READY;
	int result = 0;

	if (!ready && !paths_procdir_is_default(admin->paths))
		result = problem_error(&problems, NOWHERE, NULL,
		    "has no file 'register'; it is not binfmt_misc");
	else if (!ready && admin->test)
		report_done(admin->report, "would mount binfmt_misc on %s",
		    admin->paths->procdir);
	else if (!ready)
		result = kernel_mount(admin->kernel, &problems);
	if (result == 0 && !admin->test)
		result = kernel_check_writable(admin->kernel, &problems);
	report_problems(admin->report, admin->paths->procdir, &problems,
	    REPORT_AS_THEY_ARE);
	return result == 0;
}

static bool
can_change(struct admin *admin)
{
	struct problems ignored = PROBLEMS_INIT;
	bool writable;

	writable = kernel_state(admin->kernel) == KERNEL_READY &&
	    (admin->test ||
		kernel_check_writable(admin->kernel, &ignored) == 0);
	problems_fini(&ignored);
	return writable;
}

bool
admin_open_kernel(struct admin *admin, enum admin_kernel need)
{
	CLEANUP(cleanup_free) char *instance = NULL;
	struct problems problems = PROBLEMS_INIT;
	bool changeable;

	close_kernel(admin);
	admin->lost = false;
	admin->kernel = kernel_open(admin->paths->root == TREE_SYSTEM ?
		admin->paths->procdir :
		NO_PROCDIR);
	if (kernel_check_examined(admin->kernel, &problems) < 0) {
		report_problems(admin->report, admin->paths->procdir, &problems,
		    REPORT_AS_THEY_ARE);
		admin->registered = registered_open(admin->paths->rundir, NULL);
		admin->lost = true;
		return false;
	}
	if (admin->paths->root != TREE_SYSTEM)
		changeable = false;
	else if (need == ADMIN_REQUIRED)
		changeable = make_changeable(admin);
	else if (need == ADMIN_LOOK)
		changeable = can_change(admin);
	else
		changeable = may_change(admin, need);
	instance = kernel_instance(admin->kernel);
	admin->registered = registered_open(admin->paths->rundir, instance);
	if (kernel_load(admin->kernel, &admin->entries, &problems) == 0)
		return changeable;
	report_problems(admin->report, admin->paths->procdir, &problems,
	    REPORT_AS_THEY_ARE);
	admin->lost = true;
	return false;
}

struct guard *
admin_guard(struct admin *admin)
{
	if (admin->guard == NULL)
		admin->guard = guard_new(admin->paths->run_detectors);
	return admin->guard;
}

bool
admin_selects(const struct admin_selection *selection,
    const struct format *format)
{
	if (selection->name != NULL)
		return strcmp(selection->name, format->name) == 0;
	return format->binfmtd ? selection->binfmtd : selection->recorded;
}

struct activity {
	const struct admin *admin;
	const struct admin_selection *selection;
};

static bool
is_active(const void *context, const struct format *format)
{
	const struct activity *activity = context;

	return (activity->selection != NULL &&
		   admin_selects(activity->selection, format)) ||
	    kernel_entries_find(&activity->admin->entries, format->name) !=
	    NULL;
}

static void
make_plan(struct admin *admin, struct plan *plan, struct format *extra,
    const struct admin_selection *selection)
{
	struct activity activity = { admin, selection };
	struct plan_active active = { is_active, &activity };

	registry_merge(&admin->registry, admin->database, extra);
	plan_make(plan, admin->registry.formats, admin->registry.count,
	    admin->paths->run_detectors, &active);
}

void
admin_plan(struct admin *admin, struct plan *plan,
    const struct admin_selection *selection)
{
	make_plan(admin, plan, NULL, selection);
}

void
admin_plan_with(struct admin *admin, struct plan *plan, struct format *extra)
{
	make_plan(admin, plan, extra, NULL);
}

const struct format *
admin_find(const struct admin *admin, const char *name)
{
	return registry_find(&admin->registry, name);
}

void
admin_report_sources(struct admin *admin)
{
	struct registry *r = &admin->registry;
	size_t i;

	for (i = 0; i < r->overrides.count; i++)
		report_problems(admin->report, r->overrides.items[i].path,
		    &r->overrides.items[i].problems, REPORT_AS_THEY_ARE);
	for (i = 0; i < r->binfmtd.file_count; i++)
		report_problems(admin->report, r->binfmtd.files[i]->path,
		    &r->binfmtd.files[i]->problems, REPORT_AS_THEY_ARE);
}

static void
report_broken(struct admin *admin, const struct database_broken *broken,
    enum report_as as)
{
	CLEANUP(cleanup_free)
	char *path = file_join(admin->paths->admindir, broken->name);
	struct problems copy = PROBLEMS_INIT;
	size_t i;

	for (i = 0; i < broken->problems.count; i++) {
		const struct problem *p = &broken->problems.items[i];

		(void)problem_error(&copy, p->place, p->field, "%s", p->reason);
	}
	report_problems(admin->report, path, &copy, as);
}

void
admin_report_broken(struct admin *admin)
{
	const struct database_broken *broken;
	size_t i, count;

	broken = database_broken(admin->database, &count);
	for (i = 0; i < count; i++)
		report_broken(admin, &broken[i], REPORT_AS_THEY_ARE);
}

const char *
admin_owner(const struct admin *admin, const char *name)
{
	const struct format *format = database_find(admin->database, name);
	const struct database_broken *broken = database_find_broken(
	    admin->database, name);

	if (format != NULL)
		return format->package;
	return broken == NULL ? NULL : broken->package;
}

bool
admin_report_broken_one(struct admin *admin, const char *name,
    enum report_as as)
{
	const struct database_broken *broken = database_find_broken(
	    admin->database, name);

	if (broken != NULL)
		report_broken(admin, broken, as);
	return broken != NULL;
}

static void
check_program(struct admin *admin, const char *name, const char *what,
    const char *path)
{
	struct stat st;
	const char *reason = NULL;

	if (tree_stat(admin->paths->root, path, &st) < 0)
		reason = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		reason = "Not a regular file";
	else if ((st.st_mode & 0111) == 0)
		reason = "Not executable";
	if (reason != NULL)
		report_warning(admin->report,
		    "%s: %s %s: %s; the format is "
		    "recorded all the same",
		    name, what, path, reason);
}

/* Whether the kernel will be asked to register what is recorded. */
static bool
is_ready(const struct admin *admin)
{
	struct kernel *kernel = kernel_open(admin->paths->procdir);
	bool ready = kernel_state(kernel) == KERNEL_READY;

	kernel_close(kernel);
	return ready;
}

void
admin_check_programs(struct admin *admin, const struct format *format)
{
	/* With fix_binary the kernel will say so itself. */
	if (format->fix_binary != CHOICE_YES ||
	    admin->paths->root != TREE_SYSTEM || !is_ready(admin))
		check_program(admin, format->name, "interpreter",
		    format->interpreter);
	if (format->detector != NULL)
		check_program(admin, format->name, "detector",
		    format->detector);
}

int
admin_publish(struct admin *admin)
{
	struct problems problems = PROBLEMS_INIT;
	int result;

	result = database_publish(admin->database, &problems);
	report_problems(admin->report, admin->paths->admindir, &problems,
	    REPORT_AS_THEY_ARE);
	return result;
}
