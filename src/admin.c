#include "admin.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "xalloc.h"

void
admin_fini(struct admin *admin)
{
	kernel_entries_fini(&admin->entries);
	kernel_close(admin->kernel);
	database_close(admin->database);
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

/* Whether rules can be written, or what there is to say has been said. */
static bool
prepare_kernel(struct admin *admin, enum admin_kernel need)
{
	struct problems problems = PROBLEMS_INIT;
	int result = 0;

	if (kernel_state(admin->kernel) != KERNEL_READY) {
		if (need == ADMIN_LOOK)
			return false;
		if (need == ADMIN_OPTIONAL) {
			report_warning(admin->report,
			    "%s: binfmt_misc is not "
			    "mounted, so only the database was changed; "
			    "update-binfmts --enable makes the kernel follow",
			    admin->paths->procdir);
			return false;
		}
		if (admin->test) {
			report_done(admin->report,
			    "would mount binfmt_misc on %s",
			    admin->paths->procdir);
			return true;
		}
		if (paths_procdir_is_default(admin->paths))
			result = kernel_mount(admin->kernel, &problems);
		else
			result = problem_error(&problems, NOWHERE, NULL,
			    "has no file 'register'; it is not binfmt_misc");
	}
	if (result == 0 && !admin->test)
		result = kernel_check_writable(admin->kernel, &problems);
	if (result < 0 && need == ADMIN_LOOK)
		problems_fini(&problems);
	report_problems(admin->report, admin->paths->procdir, &problems,
	    need == ADMIN_REQUIRED ? REPORT_AS_THEY_ARE : REPORT_AS_WARNINGS);
	return result == 0;
}

bool
admin_open_kernel(struct admin *admin, enum admin_kernel need)
{
	struct problems problems = PROBLEMS_INIT;
	bool writable;

	admin->kernel = kernel_open(admin->paths->procdir);
	writable = prepare_kernel(admin, need);
	if (kernel_load(admin->kernel, &admin->entries, &problems) == 0)
		return writable;
	report_problems(admin->report, admin->paths->procdir, &problems,
	    REPORT_AS_THEY_ARE);
	return false;
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
