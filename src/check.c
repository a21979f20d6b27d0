#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "check-internal.h"
#include "commit.h"
#include "display.h"
#include "file.h"
#include "formatfile.h"
#include "import.h"
#include "instance.h"
#include "json.h"
#include "tree.h"
#include "xalloc.h"

void
check_find(struct check *check, const char *name, const char *kind,
    const char *format, ...)
{
	va_list ap;

	GROW(check->findings, check->count, check->room);
	va_start(ap, format);
	check->findings[check->count++] = (struct finding){
		.name = name == NULL ? NULL : xstrdup(name),
		.kind = kind,
		.text = xvasprintf(format, ap),
	};
	va_end(ap);
}

/*
 * The kernel.
 */

/* An entry that comes earlier and takes all the files of this one. */
static void
check_shadowed(struct check *check, const struct plan_item *item)
{
	const struct kernel_entries *entries = &check->admin->entries;
	const struct kernel_entry *own, *other;
	size_t i;

	own = kernel_entries_find(entries, item->format->name);
	if (own == NULL || !entries->ordered)
		return;
	for (i = 0; i < entries->count; i++) {
		other = &entries->items[i];
		if (other->removed || other->position >= own->position ||
		    !other->readable || !other->entry.enabled ||
		    other->entry.rule.bpf ||
		    strcmp(other->name, KERNEL_TEMPORARY) == 0 ||
		    !spec_covers(&other->entry.rule.spec, &item->format->spec))
			continue;
		/* Of those that share run-detectors any one will do, and so
		 * will a twin that does the same. */
		if (strcmp(other->entry.rule.interpreter,
			check->plan.run_detectors) == 0 ||
		    rule_same_effect(&other->entry.rule, &own->entry.rule))
			continue;
		check_find(check, item->format->name, "shadowed",
		    "the entry %s, with %s, is tried earlier and takes all "
		    "its files",
		    other->name, other->entry.rule.interpreter);
		return;
	}
}

/* What follows a word of a state and its colon. */
static const char *
state_text(const char *state)
{
	const char *colon = strstr(state, ": ");

	return colon == NULL ? state : colon + 2;
}

static void
check_entry(struct check *check, const struct plan_item *item)
{
	const struct format *format = item->format;
	CLEANUP(cleanup_free) char *state = NULL;
	CLEANUP(cleanup_free) char *refusal = NULL;
	const char *kind = "differs";
	bool enabled;

	state = display_state(check->admin, &check->plan, item, &enabled);
	if (state != NULL) {
		if (strncmp(state, "masked", strlen("masked")) == 0)
			return; /* as the administrator wants it */
		if (enabled)
			kind = "stale";
		else if (item->how == PLAN_NOT)
			kind = "conflict";
		check_find(check, format->name, kind, "%s", state_text(state));
		return;
	}
	if (enabled) {
		check_shadowed(check, item);
		return;
	}
	refusal = refusal_reason(check->admin, &check->plan, item, NULL);
	if (refusal != NULL)
		check_find(check, format->name, "refused", "%s", refusal);
	else if (kernel_entries_find(&check->admin->entries, format->name) ==
	    NULL)
		check_find(check, format->name, "not-registered",
		    "update-binfmts --enable %s registers it", format->name);
}

/*
 * Files.
 */

/* Compares a format with the packaged file of that name, if there is one. */
static void
check_format_file(struct check *check, const struct format *format)
{
	CLEANUP(cleanup_free)
	char *path = file_join(check->admin->paths->importdir, format->name);
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *ours = NULL;
	CLEANUP(cleanup_free) char *theirs = NULL;
	struct problems problems = PROBLEMS_INIT;
	struct format file;
	size_t len;

	if (file_read_tree(check->admin->paths->root, path, FORMATFILE_MAX,
		&text, &len, &problems) == FILE_OK &&
	    formatfile_parse(format->name, text, len, &file, &problems) == 0) {
		if (format->source != NULL)
			file.source = xstrdup(format->source);
		ours = database_print(format);
		theirs = database_print(&file);
		if (strcmp(file.package, format->package) == 0 &&
		    strcmp(ours, theirs) != 0)
			check_find(check, format->name, "format-file",
			    "%s has changed; update-binfmts --import %s "
			    "follows",
			    path, format->name);
		format_fini(&file);
	}
	problems_fini(&problems);
}

/* A name known to both sources is the database's, whatever binfmt.d says. */
static void
check_rule(struct check *check, const struct format *format)
{
	const struct binfmtd *binfmtd = &check->admin->registry.binfmtd;
	struct rule ours = {
		.name = format->name,
		.spec = format->spec,
		.interpreter = format->interpreter,
		.flags = format_flags(format),
	};
	size_t i;

	for (i = 0; i < binfmtd->count; i++) {
		const struct binfmtd_rule *theirs = &binfmtd->rules[i];

		if (strcmp(theirs->rule.name, format->name) == 0 &&
		    !rule_same_effect(&theirs->rule, &ours))
			check_find(check, format->name, "binfmt.d",
			    "%s:%u has another rule of that name; the "
			    "database's counts",
			    theirs->path, theirs->line);
	}
}

/* Rules that the kernel takes, and that are of no use. */
static void
check_spec(struct check *check, const struct format *format)
{
	const char *extension = format->spec.extension;

	if (!format->bpf && extension != NULL && strchr(extension, '.') != NULL)
		check_find(check, format->name, "never-matches",
		    "the extension %s has a dot in it, and the kernel compares "
		    "what follows the last one",
		    extension);
}

static void
check_item(struct check *check, const struct plan_item *item)
{
	const struct format *recorded = database_find(check->admin->database,
	    item->format->name);

	/* A registry that is disabled as a whole has been found already. */
	if (check->registry && check->admin->entries.enabled)
		check_entry(check, item);
	check_spec(check, item->format);
	if (!item->format->masked)
		check_programs(check, item);
	if (recorded == NULL)
		return;
	check_format_file(check, recorded);
	check_rule(check, recorded);
}

static void
check_broken(struct check *check, const char *name)
{
	const struct database_broken *broken;
	size_t i, j, count;

	broken = database_broken(check->admin->database, &count);
	for (i = 0; i < count; i++) {
		if (name != NULL && strcmp(name, broken[i].name) != 0)
			continue;
		for (j = 0; j < broken[i].problems.count; j++) {
			const struct problem *p = &broken[i].problems.items[j];

			check_find(check, broken[i].name, "invalid",
			    "%s/%s%s%s: %s", check->admin->paths->admindir,
			    broken[i].name, p->field == NULL ? "" : ": ",
			    p->field == NULL ? "" : p->field, p->reason);
		}
	}
}

static void
find_problems(struct check *check, const char *name, const char *path,
    const struct problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];

		CLEANUP(cleanup_free)
		char *line = p->place.line == 0 ?
		    xstrdup("") :
		    xasprintf(":%u", p->place.line);

		check_find(check, name, "invalid", "%s%s: %s%s%s", path, line,
		    p->field == NULL ? "" : p->field,
		    p->field == NULL ? "" : ": ", p->reason);
	}
}

/* Overrides, and files of binfmt.d. */
static void
check_sources(struct check *check)
{
	const struct admin_selection *selection = check->selection;
	const struct registry *registry = &check->admin->registry;
	size_t i;

	for (i = 0; i < registry->overrides.count; i++) {
		const struct override *o = &registry->overrides.items[i];

		if (selection->name != NULL &&
		    strcmp(selection->name, o->name) != 0)
			continue;
		find_problems(check, o->name, o->path, &o->problems);
		if (strcmp(o->name, o->path) != 0 &&
		    admin_find(check->admin, o->name) == NULL)
			check_find(check, o->name, "unused-override",
			    "%s is for a format that does not exist", o->path);
	}
	if (selection->name != NULL || !selection->binfmtd)
		return;
	for (i = 0; i < registry->binfmtd.file_count; i++) {
		const struct binfmtd_file *file = registry->binfmtd.files[i];

		find_problems(check, file_base_name(file->path), file->path,
		    &file->problems);
	}
}

/* Format files that are not recorded. */
static void
check_format_files(struct check *check)
{
	struct admin *admin = check->admin;
	struct textlist list = { 0 };
	size_t i;

	/* The system's files are not for another database. */
	if (paths_importdir_is_default(admin->paths) &&
	    !paths_admindir_is_default(admin->paths))
		return;
	if (import_list(admin, &list) < 0)
		return;
	for (i = 0; i < list.count; i++) {
		CLEANUP(cleanup_free)
		char *path = file_join(admin->paths->importdir, list.items[i]);

		if (database_find(admin->database, list.items[i]) == NULL)
			check_find(check, list.items[i], "not-imported",
			    "%s is not in the database; update-binfmts "
			    "--import %s records it",
			    path, list.items[i]);
	}
	textlist_fini(&list);
}

/* What killed runs left behind; the next one that writes removes it. */
static void
check_leftovers(struct check *check)
{
	const char *path = check->admin->paths->admindir;
	struct dirent *entry;
	DIR *dir;

	if (kernel_entries_find(&check->admin->entries, KERNEL_TEMPORARY) !=
	    NULL)
		check_find(check, KERNEL_TEMPORARY, "leftover",
		    "an entry of a run that was killed");
	dir = tree_open_directory(check->admin->paths->root, path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (commit_is_temporary(entry->d_name))
			check_find(check, entry->d_name, "leftover",
			    "a file of a run that was killed, in %s", path);
	}
	(void)closedir(dir);
}

/*
 * One finding for the registry as a whole, not one for each format.  That of
 * somebody else is not held against what is recorded here.
 */
static void
check_registry(struct check *check)
{
	struct admin *admin = check->admin;
	const char *path = admin->paths->procdir;

	if (admin->paths->root != TREE_SYSTEM || check->plan.count == 0)
		return;
	check->registry = kernel_state(admin->kernel) == KERNEL_READY &&
	    (!kernel_is_real(admin->kernel) || instance_owner(path) == NULL);
	if (kernel_state(admin->kernel) != KERNEL_READY)
		check_find(check, NULL, "not-mounted",
		    "not mounted on %s; update-binfmts --enable mounts it",
		    path);
	else if (check->registry && !admin->entries.enabled)
		check_find(check, NULL, "disabled",
		    "disabled as a whole; write 1 to %s/status", path);
}

/*
 * Output.
 */

static void
print(const struct check *check)
{
	size_t i;

	for (i = 0; i < check->count; i++) {
		const struct finding *f = &check->findings[i];

		report_text(stdout, f->name == NULL ? "binfmt_misc" : f->name);
		(void)printf(": %s: ", f->kind);
		report_text(stdout, f->text);
		(void)putchar('\n');
	}
}

static void
print_json(const struct check *check)
{
	CLEANUP(json_fini) struct json json;
	size_t i;

	json_init(&json);
	json_begin_object(&json, NULL);
	json_begin_array(&json, "findings");
	for (i = 0; i < check->count; i++) {
		const struct finding *f = &check->findings[i];

		json_begin_object(&json, NULL);
		json_string(&json, "name", f->name);
		json_string(&json, "kind", f->kind);
		json_string(&json, "text", f->text);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_bool(&json, "clean", check->count == 0);
	json_end_object(&json);
	(void)printf("%s\n", json.text);
}

static void
run(struct check *check)
{
	const struct admin_selection *selection = check->selection;
	size_t i;

	check_registry(check);
	check_broken(check, selection->name);
	for (i = 0; i < check->plan.count; i++) {
		if (admin_selects(selection, check->plan.items[i].format))
			check_item(check, &check->plan.items[i]);
	}
	check_sources(check);
	if (selection->name != NULL)
		return;
	if (selection->recorded)
		check_format_files(check);
	check_leftovers(check);
}

static bool
is_known(const struct admin *admin, const char *name)
{
	return admin_find(admin, name) != NULL ||
	    database_find_broken(admin->database, name) != NULL;
}

bool
check_formats(struct admin *admin, const struct admin_selection *selection)
{
	struct check check = { .admin = admin, .selection = selection };
	bool clean;
	size_t i;

	if (admin_open_database(admin, DATABASE_READ) < 0)
		return false;
	if (selection->name != NULL && !is_known(admin, selection->name)) {
		report_error(admin->report,
		    "%s: not in the database, nor in "
		    "binfmt.d",
		    selection->name);
		return false;
	}
	(void)admin_open_kernel(admin, ADMIN_LOOK);
	admin_plan(admin, &check.plan, NULL);
	run(&check);
	if (admin->json)
		print_json(&check);
	else
		print(&check);
	clean = check.count == 0;
	for (i = 0; i < check.count; i++) {
		free(check.findings[i].name);
		free(check.findings[i].text);
	}
	free(check.findings);
	plan_fini(&check.plan);
	return clean;
}
