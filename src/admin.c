#include "admin.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "instance.h"
#include "xalloc.h"

static void
close_kernel(struct admin *admin)
{
	if (admin->fixed != NULL && !admin->test)
		(void)fixed_save(admin->fixed);
	fixed_free(STEAL(admin->fixed));
	kernel_entries_fini(&admin->entries);
	kernel_close(STEAL(admin->kernel));
}

void
admin_fini(struct admin *admin)
{
	close_kernel(admin);
	database_close(admin->database);
	guard_free(admin->guard);
}

int
admin_open_database(struct admin *admin, enum database_mode mode)
{
	struct problems problems = PROBLEMS_INIT;

	admin->database = database_open(admin->paths->admindir,
	    admin->test ? DATABASE_READ : mode, &problems);
	report_problems(admin->report, admin->paths->admindir, &problems,
	    REPORT_AS_THEY_ARE);
	return admin->database == NULL ? -1 : 0;
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
	owner = kernel_instance(admin->kernel) == 0 ?
	    NULL :
	    instance_owner(admin->paths->procdir);
	if (owner != NULL) {
		say_database_only(admin, "belongs to ", owner);
		return false;
	}
	if (admin->test || kernel_check_writable(admin->kernel, &problems) == 0)
		return true;
	report_problems(admin->report, admin->paths->procdir, &problems,
	    REPORT_AS_WARNINGS);
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
	struct problems problems = PROBLEMS_INIT;
	bool changeable;

	close_kernel(admin);
	admin->kernel = kernel_open(admin->paths->procdir);
	if (need == ADMIN_REQUIRED)
		changeable = make_changeable(admin);
	else if (need == ADMIN_LOOK)
		changeable = can_change(admin);
	else
		changeable = may_change(admin, need);
	admin->fixed = fixed_open(admin->paths->rundir,
	    kernel_instance(admin->kernel));
	if (kernel_load(admin->kernel, &admin->entries, &problems) == 0)
		return changeable;
	report_problems(admin->report, admin->paths->procdir, &problems,
	    REPORT_AS_THEY_ARE);
	return false;
}

const struct guard *
admin_guard(struct admin *admin)
{
	if (admin->guard == NULL)
		admin->guard = guard_new(admin->paths->run_detectors);
	return admin->guard;
}

void
admin_plan(const struct admin *admin, struct plan *plan)
{
	struct format *const *formats;
	size_t count;

	formats = database_formats(admin->database, &count);
	plan_make(plan, formats, count, admin->paths->run_detectors);
}

static void
report_broken(struct admin *admin, const struct database_broken *broken)
{
	CLEANUP(cleanup_free)
	char *path = file_join(admin->paths->admindir, broken->name);
	struct problems copy = PROBLEMS_INIT;
	size_t i;

	for (i = 0; i < broken->problems.count; i++) {
		const struct problem *p = &broken->problems.items[i];

		(void)problem_error(&copy, p->place, p->field, "%s", p->reason);
	}
	report_problems(admin->report, path, &copy, REPORT_AS_THEY_ARE);
}

void
admin_report_broken(struct admin *admin)
{
	const struct database_broken *broken;
	size_t i, count;

	broken = database_broken(admin->database, &count);
	for (i = 0; i < count; i++)
		report_broken(admin, &broken[i]);
}

bool
admin_report_broken_one(struct admin *admin, const char *name)
{
	const struct database_broken *broken;
	size_t i, count;

	broken = database_broken(admin->database, &count);
	for (i = 0; i < count; i++) {
		if (strcmp(broken[i].name, name) == 0) {
			report_broken(admin, &broken[i]);
			return true;
		}
	}
	return false;
}

static void
check_program(struct admin *admin, const char *name, const char *what,
    const char *path)
{
	struct stat st;
	const char *reason = NULL;

	if (stat(path, &st) < 0)
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

void
admin_check_programs(struct admin *admin, const struct format *format)
{
	check_program(admin, format->name, "interpreter", format->interpreter);
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
