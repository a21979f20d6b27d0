#include "import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "apply.h"
#include "file.h"
#include "formatfile.h"
#include "install.h"
#include "tree.h"
#include "xalloc.h"

/* The formats that a run is about, and how many it has changed. */
struct run {
	struct admin *admin;
	struct textlist formats;
	size_t changed;
};

int
import_list(struct admin *admin, struct textlist *list)
{
	const char *path = admin->paths->importdir;
	CLEANUP(textlist_fini) struct textlist names = { 0 };
	size_t i;

	if (tree_list(admin->paths->root, path, &names) < 0) {
		if (errno == ENOENT)
			return 0;
		report_error(admin->report, "%s: cannot read the directory: %s",
		    path, strerror(errno));
		return -1;
	}
	for (i = 0; i < names.count; i++) {
		if (!file_is_backup(names.items[i]))
			textlist_add(list, STEAL(names.items[i]));
	}
	return 0;
}

static char *
path_of(const struct admin *admin, const char *name)
{
	return strchr(name, '/') != NULL ?
	    xstrdup(name) :
	    file_join(admin->paths->importdir, name);
}

enum file_result
import_read(struct admin *admin, const char *path, struct format *format,
    enum report_as as)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct problems problems = PROBLEMS_INIT;
	enum file_result result;
	size_t len;

	result = file_read_tree(admin->paths->root, path, FORMATFILE_MAX, &text,
	    &len, &problems);
	if (result == FILE_OK &&
	    formatfile_parse(file_base_name(path), text, len, format,
		&problems) < 0)
		result = FILE_FAILED;
	report_problems(admin->report, path, &problems, as);
	return result;
}

/*
 * Importing.
 */

/* Whether the format may take the place of what is recorded. */
static bool
may_import(struct admin *admin, const struct format *format)
{
	const char *recorded = admin_owner(admin, format->name);
	CLEANUP(cleanup_free) char *owner = NULL;

	if (recorded == NULL || strcmp(recorded, format->package) == 0)
		return true;
	owner = install_owner(recorded);
	report_warning(admin->report, "%s: belongs to %s; kept as it is",
	    format->name, owner);
	return false;
}

/* Puts the format unless it is recorded like this already; 0 or -1. */
static int
put(struct run *run, struct format *format)
{
	struct admin *admin = run->admin;
	CLEANUP(cleanup_free)
	char *path = file_join(admin->paths->admindir, format->name);
	struct problems problems = PROBLEMS_INIT;
	const struct format *old;
	int result;

	textlist_add(&run->formats, xstrdup(format->name));
	old = database_find(admin->database, format->name);
	if (old != NULL) {
		CLEANUP(cleanup_free) char *before = database_print(old);
		CLEANUP(cleanup_free) char *after = NULL;

		/* What --sync has noted is still true. */
		if (old->source != NULL && format->source == NULL)
			format->source = xstrdup(old->source);
		after = database_print(format);

		if (strcmp(before, after) == 0) {
			format_fini(format);
			return 0;
		}
	}
	admin_check_programs(admin, format);
	if (admin->test)
		report_done(admin->report, "would write %s", path);
	run->changed++;
	result = database_put(admin->database, format, &problems);
	report_problems(admin->report, path, &problems, REPORT_AS_THEY_ARE);
	return result;
}

/* 0, or -1 when the database cannot be written, which ends the run. */
static int
import_file(struct run *run, const char *name)
{
	struct admin *admin = run->admin;
	CLEANUP(cleanup_free) char *path = path_of(admin, name);
	struct format format;

	switch (import_read(admin, path, &format, REPORT_AS_THEY_ARE)) {
	case FILE_OK:
		break;
	case FILE_ABSENT:
		report_error(admin->report, "%s: there is no such file", path);
		return 0;
	case FILE_FAILED:
	default:
		return 0;
	}
	if (!may_import(admin, &format)) {
		format_fini(&format);
		return 0;
	}
	return put(run, &format);
}

/* Registers what was imported; whether the kernel could be reached. */
static size_t
register_imported(struct run *run)
{
	struct admin *admin = run->admin;
	struct apply apply = { NULL, REPORT_AS_WARNINGS, REPORT_AS_WARNINGS,
		false };
	enum apply_want *wants;
	struct plan plan;
	size_t i, registered = 0;
	bool changeable;

	/* What is registered has a say in the plan. */
	changeable = admin_open_kernel(admin, ADMIN_OPTIONAL);
	admin_plan(admin, &plan, NULL);
	wants = xcalloc(plan.count, sizeof(*wants));
	for (i = 0; i < plan.count; i++) {
		const char *name = plan.items[i].format->name;

		if (textlist_has(&run->formats, name))
			wants[i] = APPLY_REGISTER;
	}
	apply.wants = wants;
	if (changeable)
		registered = apply_plan(admin, &plan, &apply).registered;
	/* Of what was imported before, only that which goes is news. */
	for (i = 0; run->changed == 0 && i < plan.count; i++) {
		if (wants[i] != APPLY_REMOVED)
			wants[i] = APPLY_KEEP;
	}
	advice_all(admin, &plan, wants);
	free(wants);
	plan_fini(&plan);
	return registered;
}

/* Records and registers what the files hold; how many were registered. */
static size_t
import_files(struct run *run, const struct textlist *files)
{
	size_t i;

	for (i = 0; i < files->count; i++) {
		if (import_file(run, files->items[i]) < 0)
			return 0;
	}
	if (run->formats.count == 0)
		return 0;
	/* What could be recorded is registered, whatever else went wrong. */
	(void)!admin_publish(run->admin);
	textlist_sort(&run->formats);
	return register_imported(run);
}

void
import_one(struct admin *admin, const char *name)
{
	CLEANUP(textlist_fini) struct textlist files = { 0 };
	struct run run = { .admin = admin };

	textlist_add(&files, xstrdup(name));
	if (admin_open_database(admin, DATABASE_WRITE) == 0)
		(void)import_files(&run, &files);
	textlist_fini(&run.formats);
}

void
import_all(struct admin *admin)
{
	CLEANUP(textlist_fini) struct textlist files = { 0 };
	struct run run = { .admin = admin };
	size_t registered;

	if (admin_open_database(admin, DATABASE_WRITE) < 0 ||
	    import_list(admin, &files) < 0)
		return;
	registered = import_files(&run, &files);
	if (!admin->test)
		report_done(admin->report,
		    "%zu format file%s, %zu new or "
		    "changed, %zu newly registered",
		    files.count, files.count == 1 ? "" : "s", run.changed,
		    registered);
	textlist_fini(&run.formats);
}

/*
 * Taking back.
 */

/*
 * The format file says whose the format is.  Where it is gone already or
 * cannot be read, what a package has installed is removed all the same, and so
 * is a record that cannot be read: a package must never become impossible to
 * remove.
 */
static bool
may_undo(struct admin *admin, const char *path, const char *name)
{
	const char *owner = admin_owner(admin, name);
	struct format format;
	bool allowed;

	if (import_read(admin, path, &format, REPORT_AS_WARNINGS) == FILE_OK) {
		allowed = owner == NULL || strcmp(owner, format.package) == 0;
		if (!allowed)
			install_say_not_owner(admin, name, owner,
			    format.package);
		format_fini(&format);
		return allowed;
	}
	allowed = owner == NULL || strcmp(owner, FORMAT_LOCAL) != 0;
	if (!allowed)
		report_warning(admin->report,
		    "%s: belongs to the administrator; not removed", name);
	return allowed;
}

static bool
is_recorded(const struct admin *admin, const char *name)
{
	return database_find(admin->database, name) != NULL ||
	    database_find_broken(admin->database, name) != NULL;
}

static void
undo_files(struct run *run, const struct textlist *files, bool all)
{
	CLEANUP(textlist_fini) struct textlist displaced = { NULL, 0, 0 };
	struct admin *admin = run->admin;
	bool registrable = admin_open_kernel(admin, ADMIN_REMOVE);
	size_t i;

	/* A record goes after its entry. */
	if (admin->lost)
		return;
	for (i = 0; i < files->count; i++) {
		CLEANUP(cleanup_free)
		char *path = path_of(admin, files->items[i]);
		const char *name = file_base_name(path);

		if (!is_recorded(admin, name)) {
			if (!install_forget(admin, name, registrable) && !all)
				report_warning(admin->report,
				    "%s: not in the database", name);
		} else if (may_undo(admin, path, name) &&
		    install_drop(admin, name, registrable, &displaced) == 0)
			run->changed++;
	}
	/* Even without a change: a run that was killed may have made it. */
	if (admin_publish(admin) == 0 && registrable)
		install_settle(admin, &displaced);
}

void
import_undo_one(struct admin *admin, const char *name)
{
	CLEANUP(textlist_fini) struct textlist files = { 0 };
	struct run run = { .admin = admin };

	textlist_add(&files, xstrdup(name));
	if (admin_open_database(admin, DATABASE_WRITE) == 0)
		undo_files(&run, &files, false);
}

/* Only what is recorded: a file that was never imported is no news. */
void
import_undo_all(struct admin *admin)
{
	CLEANUP(textlist_fini) struct textlist files = { 0 };
	struct run run = { .admin = admin };

	if (admin_open_database(admin, DATABASE_WRITE) < 0 ||
	    import_list(admin, &files) < 0)
		return;
	undo_files(&run, &files, true);
	if (!admin->test)
		report_done(admin->report,
		    "%zu format file%s, %zu formats "
		    "removed",
		    files.count, files.count == 1 ? "" : "s", run.changed);
}
