#include "display.h"

#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "xalloc.h"

/* The line is read by other programs: the name right-aligned in 12. */
static void
put(const char *name, const char *value)
{
	(void)printf("%12s = ", name);
	report_text(stdout, value);
	(void)putchar('\n');
}

static void
put_choice(enum format_key key, enum choice choice)
{
	if (choice == CHOICE_YES)
		put(format_key_name(key), "yes");
}

/* How an entry that can be read differs, the most telling thing first. */
static char *
difference(const struct rule *is, const struct rule *should)
{
	char is_flags[8], should_flags[8];

	if (is->bpf)
		return xstrdup("differs: the kernel's entry is a BPF program");
	if (strcmp(is->interpreter, should->interpreter) != 0)
		return xasprintf("differs: the kernel runs %s, not %s",
		    is->interpreter, should->interpreter);
	if (spec_compare(&is->spec, &should->spec) != 0)
		return xstrdup(
		    "differs: the kernel's entry matches other "
		    "files");
	rule_flag_letters(is->flags, is_flags);
	rule_flag_letters(should->flags, should_flags);
	return xasprintf("differs: the kernel's flags are '%s', not '%s'",
	    is_flags, should_flags);
}

/*
 * What there is to say about the state of a format, owned by the caller, or
 * NULL: it is enabled as it should be, or it is not registered.
 */
static char *
describe_state(const struct admin *admin, const struct plan *plan,
    const struct plan_item *item, bool *enabled)
{
	enum apply_standing standing = apply_standing(admin, plan, item);
	const struct kernel_entry *entry;
	struct rule rule;

	*enabled = false;
	entry = kernel_entries_find(&admin->entries, item->format->name);
	if (item->how == PLAN_NOT && item->rival != NULL)
		return xasprintf("%s: %s has fix_binary for the same files",
		    entry == NULL ? "not registered" : "differs",
		    item->rival->name);
	if (item->how == PLAN_NOT)
		return xasprintf(
		    "%s: fix_binary and a detector exclude each "
		    "other",
		    entry == NULL ? "not registered" : "differs");
	if (standing == APPLY_ABSENT)
		return NULL;
	if (!entry->readable)
		return xstrdup("differs: the kernel's entry cannot be read");
	rule = plan_rule(plan, item);
	if (standing == APPLY_DIFFERS)
		return difference(&entry->entry.rule, &rule);
	if (!entry->entry.enabled)
		return xstrdup(
		    "differs: registered, but disabled in the "
		    "kernel");
	if (!kernel_enabled(admin->kernel))
		return xstrdup(
		    "differs: registered, but binfmt_misc as a "
		    "whole is disabled in the kernel");
	*enabled = true;
	return NULL;
}

static void
display_item(const struct admin *admin, const struct plan *plan,
    const struct plan_item *item)
{
	const struct format *f = item->format;
	bool extension = f->spec.type == SPEC_EXTENSION;
	CLEANUP(cleanup_free) char *state = NULL;
	char number[16];
	bool enabled;

	state = describe_state(admin, plan, item, &enabled);
	report_text(stdout, f->name);
	(void)printf(" (%s):\n", enabled ? "enabled" : "disabled");
	put("package",
	    strcmp(f->package, FORMAT_LOCAL) == 0 ? "<local>" : f->package);
	put("type", extension ? "extension" : "magic");
	(void)snprintf(number, sizeof(number), "%u", f->spec.offset);
	put("offset", number);
	put("magic", extension ? f->spec.extension : f->magic_text);
	put("mask", f->mask_text == NULL ? "" : f->mask_text);
	put("interpreter", f->interpreter);
	put("detector", f->detector == NULL ? "" : f->detector);
	put_choice(KEY_CREDENTIALS, f->credentials);
	put_choice(KEY_PRESERVE, f->preserve);
	put_choice(KEY_FIX_BINARY, f->fix_binary);
	put_choice(KEY_OPEN_BINARY, f->open_binary);
	if (f->priority != 0) {
		(void)snprintf(number, sizeof(number), "%d", f->priority);
		put(format_key_name(KEY_PRIORITY), number);
	}
	if (state != NULL)
		put("state", state);
}

static void
display(struct admin *admin, const char *name)
{
	struct plan plan;
	size_t i;

	(void)admin_open_kernel(admin, ADMIN_LOOK);
	admin_plan(admin, &plan);
	for (i = 0; i < plan.count; i++) {
		if (name == NULL ||
		    strcmp(plan.items[i].format->name, name) == 0)
			display_item(admin, &plan, &plan.items[i]);
	}
	plan_fini(&plan);
}

void
display_one(struct admin *admin, const char *name)
{
	if (admin_open_database(admin, DATABASE_READ) < 0)
		return;
	if (database_find(admin->database, name) != NULL)
		display(admin, name);
	else if (!admin_report_broken_one(admin, name))
		report_error(admin->report, "%s: not in the database", name);
}

void
display_all(struct admin *admin)
{
	if (admin_open_database(admin, DATABASE_READ) < 0)
		return;
	admin_report_broken(admin);
	display(admin, NULL);
}
