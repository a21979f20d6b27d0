#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "file.h"
#include "formatfile.h"
#include "import.h"
#include "install.h"
#include "json.h"
#include "tree.h"
#include "xalloc.h"

/* What has been done, for the report. */
struct change {
	char *name;
	const char *what; /* "imported", "updated", "dropped", ... */
};

struct sync {
	struct admin *admin;
	struct textlist read; /* names of format files that are there; sorted */
	struct change *changes;
	size_t count, room;
	size_t imported, updated, dropped;
};

static void
note(struct sync *sync, const char *name, const char *what)
{
	GROW(sync->changes, sync->count, sync->room);
	sync->changes[sync->count++] = (struct change){ xstrdup(name), what };
}

/*
 * The database.
 */

/* Whether what the file says may take the place of what is recorded. */
static bool
may_replace(struct sync *sync, const struct format *old,
    const struct format *format)
{
	CLEANUP(cleanup_free) char *owner = NULL;

	/* What came from this file follows it, even to another package. */
	if ((old->source != NULL && strcmp(old->source, format->source) == 0) ||
	    strcmp(old->package, format->package) == 0)
		return true;
	owner = install_owner(old->package);
	report_warning(sync->admin->report, "%s: belongs to %s; kept as it is",
	    format->name, owner);
	return false;
}

/* Whether all that a record gains is where it came from. */
static bool
only_marks(const char *before, const char *after, const char *source)
{
	CLEANUP(cleanup_free)
	char *marked = xasprintf("%ssource %s\n", before, source);

	return strcmp(marked, after) == 0;
}

/* 0, or -1 when the database cannot be written, which ends the run. */
static int
record(struct sync *sync, struct format *format)
{
	struct admin *admin = sync->admin;
	CLEANUP(cleanup_free)
	char *path = file_join(admin->paths->admindir, format->name);
	CLEANUP(cleanup_free) char *name = xstrdup(format->name);
	CLEANUP(cleanup_free) char *before = NULL;
	CLEANUP(cleanup_free) char *after = database_print(format);
	const struct format *old = database_find(admin->database, name);
	struct problems problems = PROBLEMS_INIT;
	const char *what = "imported";
	int result;

	if (old != NULL) {
		bool marked = old->source != NULL;

		if (!may_replace(sync, old, format)) {
			format_fini(format);
			return 0;
		}
		before = database_print(old);
		what = !marked && only_marks(before, after, format->source) ?
		    "marked" :
		    "updated";
		if (strcmp(before, after) == 0) {
			format_fini(format);
			return 0;
		}
	}
	if (strcmp(what, "marked") != 0)
		admin_check_programs(admin, format);
	result = database_put(admin->database, format, &problems);
	report_problems(admin->report, path, &problems, REPORT_AS_THEY_ARE);
	if (result < 0)
		return -1;
	if (strcmp(what, "imported") == 0)
		sync->imported++;
	else if (strcmp(what, "updated") == 0)
		sync->updated++;
	note(sync, name, what);
	return 0;
}

/* The path as it can be found again from elsewhere. */
static char *
absolute(const struct admin *admin, const char *path)
{
	CLEANUP(cleanup_free) char *here = NULL;

	if (path[0] == '/' || admin->paths->root != TREE_SYSTEM)
		return xstrdup(path);
	here = getcwd(NULL, 0);
	return here == NULL ? xstrdup(path) : file_join(here, path);
}

static int
record_files(struct sync *sync)
{
	struct admin *admin = sync->admin;
	struct textlist list = { 0 };
	int result = 0;
	size_t i;

	if (import_list(admin, &list) < 0)
		return -1;
	for (i = 0; result == 0 && i < list.count; i++) {
		CLEANUP(cleanup_free)
		char *path = file_join(admin->paths->importdir, list.items[i]);
		struct format format;

		/* One that has been removed meanwhile is dropped next time. */
		if (import_read(admin, path, &format, REPORT_AS_THEY_ARE) !=
		    FILE_OK)
			continue;
		textlist_add(&sync->read, STEAL(list.items[i]));
		format.source = absolute(admin, path);
		result = record(sync, &format);
	}
	textlist_fini(&list);
	return result;
}

/* Whether a format came from a file that this run has read. */
static bool
was_read(const struct sync *sync, const struct format *format)
{
	const char *directory = sync->admin->paths->importdir;
	size_t len = strlen(directory);

	return strncmp(format->source, directory, len) == 0 &&
	    format->source[len] == '/' &&
	    strcmp(format->source + len + 1, format->name) == 0 &&
	    textlist_has(&sync->read, format->name);
}

/* The file that a format came from is gone, and not only out of sight. */
static bool
is_gone(const struct sync *sync, const struct format *format)
{
	const struct admin *admin = sync->admin;
	struct stat st;

	if (format->source == NULL || was_read(sync, format) ||
	    tree_stat(admin->paths->root, format->source, &st) == 0)
		return false;
	if (errno == ENOENT)
		return true;
	report_error(admin->report,
	    "%s: kept, although %s cannot be "
	    "examined: %s",
	    format->name, format->source, strerror(errno));
	return false;
}

static int
drop_gone(struct sync *sync, bool changeable)
{
	struct admin *admin = sync->admin;
	CLEANUP(textlist_fini) struct textlist displaced = { NULL, 0, 0 };
	struct format *const *formats;
	size_t i = 0, count;

	for (;;) {
		CLEANUP(cleanup_free) char *name = NULL;

		formats = database_formats(admin->database, &count);
		while (i < count && !is_gone(sync, formats[i]))
			i++;
		if (i == count)
			return 0;
		name = xstrdup(formats[i]->name);
		/* What they kept out is registered with all the rest. */
		if (install_drop(admin, name, changeable, &displaced) < 0)
			return -1;
		sync->dropped++;
		note(sync, name, "dropped");
	}
}

/*
 * The kernel.
 */

/* Whether nothing that could not be read may ask for the entry. */
static bool
is_forgotten(const struct sync *sync, const char *name)
{
	struct admin *admin = sync->admin;

	if (registered_is(admin->registered, name, REGISTERED_BINFMTD))
		return !binfmtd_is_incomplete(&admin->registry.binfmtd);
	return registered_is(admin->registered, name, REGISTERED_RECORDED) &&
	    database_find_broken(admin->database, name) == NULL;
}

/*
 * Entries that we registered for something that is no more: a rule of binfmt.d,
 * or a record that went when the kernel could not be changed.
 */
static void
remove_orphans(struct sync *sync)
{
	struct admin *admin = sync->admin;
	size_t i;

	for (i = 0; i < admin->entries.count; i++) {
		const struct kernel_entry *entry = &admin->entries.items[i];

		if (!entry->removed && entry->readable &&
		    admin_find(admin, entry->name) == NULL &&
		    is_forgotten(sync, entry->name) &&
		    registered_matches(admin->registered, &entry->entry.rule) &&
		    apply_remove(admin, entry->name, REPORT_AS_WARNINGS) == 0)
			note(sync, entry->name, "unregistered");
	}
}

static size_t
settle_kernel(struct sync *sync, const struct admin_selection *selection)
{
	struct admin *admin = sync->admin;
	struct apply apply = {
		.failures = REPORT_AS_WARNINGS,
		.refusals = REPORT_AS_WARNINGS,
		.explain = true,
	};
	struct apply_result result;
	enum apply_want *wants;
	struct plan plan;
	size_t i;

	admin_plan(admin, &plan, selection);
	wants = xcalloc(plan.count, sizeof(*wants));
	for (i = 0; i < plan.count; i++) {
		if (admin_selects(selection, plan.items[i].format))
			wants[i] = APPLY_REGISTER;
	}
	apply.wants = wants;
	remove_orphans(sync);
	result = apply_plan(admin, &plan, &apply);
	for (i = 0; i < plan.count; i++) {
		if (wants[i] == APPLY_DONE)
			note(sync, plan.items[i].format->name, "registered");
		else if (wants[i] == APPLY_REMOVED)
			note(sync, plan.items[i].format->name, "unregistered");
	}
	free(wants);
	plan_fini(&plan);
	return result.registered;
}

/*
 * The report.
 */

static void
print(const struct sync *sync, size_t registered)
{
	struct admin *admin = sync->admin;
	size_t i;

	for (i = 0; i < sync->count; i++)
		report_done(admin->report, "%s%s: %s",
		    admin->test ? "would be done: " : "", sync->changes[i].name,
		    sync->changes[i].what);
	report_done(admin->report,
	    "%zu imported, %zu updated, %zu dropped, %zu registered%s",
	    sync->imported, sync->updated, sync->dropped, registered,
	    sync->count == 0 ? "; nothing else to do" : "");
}

static void
print_json(const struct sync *sync)
{
	CLEANUP(json_fini) struct json json;
	size_t i;

	json_init(&json);
	json_begin_object(&json, NULL);
	json_begin_array(&json, "changes");
	for (i = 0; i < sync->count; i++) {
		json_begin_object(&json, NULL);
		json_string(&json, "name", sync->changes[i].name);
		json_string(&json, "change", sync->changes[i].what);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_bool(&json, "test", sync->admin->test);
	json_end_object(&json);
	(void)printf("%s\n", json.text);
}

static void
run(struct sync *sync, const struct admin_selection *selection)
{
	struct admin *admin = sync->admin;
	size_t registered = 0;
	bool changeable;

	if (admin_open_database(admin, DATABASE_WRITE) < 0)
		return;
	admin_report_broken(admin);
	admin_report_sources(admin);
	changeable = admin_open_kernel(admin, ADMIN_OPTIONAL);
	/* A record goes after its entry. */
	if (record_files(sync) < 0 || admin_publish(admin) < 0 || admin->lost ||
	    drop_gone(sync, changeable) < 0 || admin_publish(admin) < 0)
		return;
	registry_merge(&admin->registry, admin->database, NULL);
	if (changeable)
		registered = settle_kernel(sync, selection);
	admin_report_sources(admin);
	if (admin->json)
		print_json(sync);
	else
		print(sync, registered);
}

void
sync_all(struct admin *admin, const struct admin_selection *selection)
{
	struct sync sync = { .admin = admin };
	size_t i;

	run(&sync, selection);
	for (i = 0; i < sync.count; i++)
		free(sync.changes[i].name);
	free(sync.changes);
	textlist_fini(&sync.read);
}
