#include "check.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "commit.h"
#include "display.h"
#include "elffile.h"
#include "file.h"
#include "formatfile.h"
#include "json.h"
#include "script.h"
#include "xalloc.h"

struct finding {
	char *name;	  /* of the format, or of what it is about */
	const char *kind; /* a constant, documented in the manual */
	char *text;
};

struct check {
	struct admin *admin;
	struct plan plan;
	struct finding *findings;
	size_t count, room;
	bool registry; /* there is a kernel to compare with */
};

static ATTR_PRINTF(4, 5) void find(struct check *check, const char *name,
    const char *kind, const char *format, ...)
{
	va_list ap;

	GROW(check->findings, check->count, check->room);
	va_start(ap, format);
	check->findings[check->count++] = (struct finding){ xstrdup(name), kind,
		xvasprintf(format, ap) };
	va_end(ap);
}

/*
 * Programs.
 */

/* Why a program cannot be executed, a constant, or NULL. */
static const char *
program_problem(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if ((st.st_mode & 0111) == 0)
		return "not executable";
	return NULL;
}

static void
check_loader(struct check *check, const struct format *format, int fd)
{
	CLEANUP(cleanup_free) char *loader = NULL;
	const char *problem;

	if (elffile_classify(fd, &loader) == ELFFILE_BROKEN || loader == NULL)
		return;
	problem = program_problem(loader);
	if (problem != NULL)
		find(check, format->name, "missing-loader",
		    "interpreter %s needs %s: %s", format->interpreter, loader,
		    problem);
}

/* What the kernel refuses, or loses, with this kind of interpreter. */
static void
check_interpreter(struct check *check, const struct plan_item *item)
{
	const struct format *format = item->format;
	CLEANUP(script_fini) struct script script = { NULL, NULL };
	CLEANUP(cleanup_close) int fd = -1;
	unsigned char head[SPEC_HEAD];
	const char *problem = program_problem(format->interpreter);

	if (problem != NULL) {
		find(check, format->name, "missing-interpreter", "%s: %s",
		    format->interpreter, problem);
		return;
	}
	fd = open(format->interpreter,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || file_read_head(fd, head, sizeof(head)) < 0)
		return;
	if (elffile_is_elf(head))
		check_loader(check, format, fd);
	if (item->how != PLAN_DIRECT || !script_parse(head, &script))
		return;
	if ((item->flags & (RULE_OPEN | RULE_CREDENTIALS)) != 0)
		find(check, format->name, "script-interpreter",
		    "%s is a script, which the kernel refuses with "
		    "credentials or open_binary",
		    format->interpreter);
	if ((item->flags & RULE_PRESERVE) != 0)
		find(check, format->name, "script-interpreter",
		    "%s is a script, and with preserve its arguments are "
		    "not what it expects",
		    format->interpreter);
}

static void
check_programs(struct check *check, const struct plan_item *item)
{
	const struct format *format = item->format;
	const char *problem;

	check_interpreter(check, item);
	if (format->detector != NULL) {
		problem = program_problem(format->detector);
		if (problem != NULL)
			find(check, format->name, "missing-detector", "%s: %s",
			    format->detector, problem);
	}
	if (item->how != PLAN_DETECTORS)
		return;
	problem = program_problem(check->plan.run_detectors);
	if (problem != NULL)
		find(check, format->name, "missing-interpreter", "%s: %s",
		    check->plan.run_detectors, problem);
	if (format->credentials == CHOICE_YES)
		find(check, format->name, "without-credentials",
		    "served by run-detectors, so without credentials");
	if (format->preserve == CHOICE_YES || format->open_binary == CHOICE_YES)
		find(check, format->name, "lost-flags",
		    "served by run-detectors, so the interpreter gets neither "
		    "AT_FLAGS nor AT_EXECFD");
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
		if (other->position >= own->position || !other->readable ||
		    !other->entry.enabled || other->entry.rule.bpf ||
		    strcmp(other->name, APPLY_TEMPORARY) == 0 ||
		    !spec_covers(&other->entry.rule.spec, &item->format->spec))
			continue;
		/* Of those that share run-detectors any one will do. */
		if (strcmp(other->entry.rule.interpreter,
			check->plan.run_detectors) == 0)
			continue;
		find(check, item->format->name, "shadowed",
		    "the entry %s, with %s, is tried earlier and takes all "
		    "its files",
		    other->name, other->entry.rule.interpreter);
		return;
	}
}

static void
check_fixed(struct check *check, const struct plan_item *item)
{
	const struct format *format = item->format;

	if ((item->flags & RULE_FIX) == 0)
		return;
	switch (fixed_look(check->admin->fixed, format->name,
	    format->interpreter)) {
	case FIXED_REPLACED:
		find(check, format->name, "stale",
		    "%s has been replaced since it was fixed; update-binfmts "
		    "--enable %s refreshes it",
		    format->interpreter, format->name);
		break;
	case FIXED_MISSING:
		find(check, format->name, "stale",
		    "%s is gone; the kernel goes on with the file that was "
		    "fixed",
		    format->interpreter);
		break;
	case FIXED_CURRENT:
	case FIXED_UNKNOWN:
	default:
		break;
	}
}

static void
check_entry(struct check *check, const struct plan_item *item)
{
	CLEANUP(cleanup_free) char *state = NULL;
	CLEANUP(cleanup_free) char *refusal = NULL;
	bool enabled;

	state = display_state(check->admin, &check->plan, item, &enabled);
	if (state != NULL && !enabled) {
		find(check, item->format->name,
		    item->how == PLAN_NOT ? "conflict" : "differs", "%s",
		    state);
		return;
	}
	if (enabled) {
		check_shadowed(check, item);
		check_fixed(check, item);
		return;
	}
	refusal = apply_refusal(check->admin, &check->plan, item, NULL);
	if (refusal != NULL)
		find(check, item->format->name, "refused", "%s", refusal);
	else
		find(check, item->format->name, "not-registered",
		    "update-binfmts --enable %s registers it",
		    item->format->name);
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

	if (file_read(AT_FDCWD, path, true, FORMATFILE_MAX, &text, &len,
		&problems) == FILE_OK &&
	    formatfile_parse(format->name, text, len, &file, &problems) == 0) {
		ours = database_print(format);
		theirs = database_print(&file);
		if (strcmp(file.package, format->package) == 0 &&
		    strcmp(ours, theirs) != 0)
			find(check, format->name, "format-file",
			    "%s has changed; update-binfmts --import %s "
			    "follows",
			    path, format->name);
		format_fini(&file);
	}
	problems_fini(&problems);
}

static void
check_item(struct check *check, const struct plan_item *item)
{
	if (check->registry)
		check_entry(check, item);
	check_programs(check, item);
	check_format_file(check, item->format);
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

			find(check, broken[i].name, "invalid", "%s/%s%s%s: %s",
			    check->admin->paths->admindir, broken[i].name,
			    p->field == NULL ? "" : ": ",
			    p->field == NULL ? "" : p->field, p->reason);
		}
	}
}

/* What killed runs left behind; the next one that writes removes it. */
static void
check_leftovers(struct check *check)
{
	const char *path = check->admin->paths->admindir;
	struct dirent *entry;
	DIR *dir;

	if (kernel_entries_find(&check->admin->entries, APPLY_TEMPORARY) !=
	    NULL)
		find(check, APPLY_TEMPORARY, "leftover",
		    "an entry of a run that was killed");
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (commit_is_temporary(entry->d_name))
			find(check, entry->d_name, "leftover",
			    "a file of a run that was killed, in %s", path);
	}
	(void)closedir(dir);
}

/* One finding for the registry as a whole, not one for each format. */
static void
check_registry(struct check *check)
{
	const char *path = check->admin->paths->procdir;

	check->registry = kernel_state(check->admin->kernel) == KERNEL_READY;
	if (check->plan.count == 0)
		return;
	if (!check->registry)
		find(check, "binfmt_misc", "not-mounted",
		    "not mounted on %s; update-binfmts --enable mounts it",
		    path);
	else if (!kernel_enabled(check->admin->kernel))
		find(check, "binfmt_misc", "disabled",
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

		report_text(stdout, f->name);
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
run(struct check *check, const char *name)
{
	size_t i;

	check_registry(check);
	check_broken(check, name);
	for (i = 0; i < check->plan.count; i++) {
		if (name == NULL ||
		    strcmp(check->plan.items[i].format->name, name) == 0)
			check_item(check, &check->plan.items[i]);
	}
	if (name == NULL)
		check_leftovers(check);
}

static bool
is_known(const struct admin *admin, const char *name)
{
	const struct database_broken *broken;
	size_t i, count;

	if (database_find(admin->database, name) != NULL)
		return true;
	broken = database_broken(admin->database, &count);
	for (i = 0; i < count; i++) {
		if (strcmp(broken[i].name, name) == 0)
			return true;
	}
	return false;
}

bool
check_formats(struct admin *admin, const char *name)
{
	struct check check = { .admin = admin };
	bool clean;
	size_t i;

	if (admin_open_database(admin, DATABASE_READ) < 0)
		return false;
	if (name != NULL && !is_known(admin, name)) {
		report_error(admin->report, "%s: not in the database", name);
		return false;
	}
	(void)admin_open_kernel(admin, ADMIN_LOOK);
	admin_plan(admin, &check.plan);
	run(&check, name);
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
