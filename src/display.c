#include "display.h"

#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "json.h"
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

char *
display_state(const struct admin *admin, const struct plan *plan,
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
	if ((item->flags & RULE_FIX) != 0 &&
	    fixed_look(admin->fixed, item->format->name,
		item->format->interpreter) == FIXED_REPLACED)
		return xstrdup(
		    "stale: the interpreter has been replaced since "
		    "the kernel opened it");
	return NULL;
}

/* What is printed of a format, or of an entry that nobody declared. */
struct view {
	const struct format *format;
	bool enabled;
	const char *state; /* or NULL */
};

static void
print_view(const struct view *v)
{
	const struct format *f = v->format;
	bool extension = f->spec.type == SPEC_EXTENSION;
	char number[16];

	report_text(stdout, f->name);
	(void)printf(" (%s):\n", v->enabled ? "enabled" : "disabled");
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
	if (v->state != NULL)
		put("state", v->state);
}

static void
json_view(struct json *json, const struct view *v)
{
	const struct format *f = v->format;
	bool local = strcmp(f->package, FORMAT_LOCAL) == 0;

	json_begin_object(json, NULL);
	json_string(json, "name", f->name);
	json_bool(json, "enabled", v->enabled);
	json_string(json, "package", local ? NULL : f->package);
	if (f->spec.type == SPEC_EXTENSION) {
		json_string(json, "type", "extension");
		json_string(json, "extension", f->spec.extension);
	} else {
		json_string(json, "type", "magic");
		json_number(json, "offset", (long)f->spec.offset);
		json_hex(json, "magic", &f->spec.magic);
		if (f->spec.mask.len == 0)
			json_string(json, "mask", NULL);
		else
			json_hex(json, "mask", &f->spec.mask);
	}
	json_string(json, "interpreter", f->interpreter);
	json_string(json, "detector", f->detector);
	json_bool(json, "credentials", f->credentials == CHOICE_YES);
	json_bool(json, "preserve", f->preserve == CHOICE_YES);
	json_bool(json, "fix_binary", f->fix_binary == CHOICE_YES);
	json_bool(json, "open_binary", f->open_binary == CHOICE_YES);
	json_number(json, "priority", f->priority);
	json_string(json, "state", v->state);
	json_end_object(json);
}

static void
show(struct json *json, const struct view *view)
{
	if (json != NULL)
		json_view(json, view);
	else
		print_view(view);
}

static void
show_item(const struct admin *admin, const struct plan *plan,
    const struct plan_item *item, struct json *json)
{
	CLEANUP(cleanup_free) char *state = NULL;
	struct view view = { .format = item->format };

	state = display_state(admin, plan, item, &view.enabled);
	view.state = state;
	show(json, &view);
}

/* An entry that nobody declared, in the form of a format. */
static void
show_foreign(const struct admin *admin, const struct kernel_entry *entry,
    struct json *json)
{
	const struct rule *rule = &entry->entry.rule;
	CLEANUP(cleanup_free) char *magic = NULL;
	CLEANUP(cleanup_free) char *mask = NULL;
	char package[] = "<kernel>", unknown[] = "";
	struct format format = {
		.name = entry->name,
		.package = package,
		.spec = rule->spec,
		.interpreter = entry->readable ? rule->interpreter : unknown,
	};
	struct view view = { .format = &format, .state = "foreign" };

	if (!entry->readable)
		view.state = "foreign: its text cannot be read";
	else if (rule->bpf)
		view.state = "foreign: a BPF program decides";
	magic = bytes_encode(&rule->spec.magic, ':');
	mask = bytes_encode(&rule->spec.mask, ':');
	if (rule->spec.type == SPEC_MAGIC)
		format.magic_text = magic;
	if (rule->spec.mask.len != 0)
		format.mask_text = mask;
	format.preserve = (rule->flags & RULE_PRESERVE) != 0 ? CHOICE_YES :
							       CHOICE_NO;
	format.credentials = (rule->flags & RULE_CREDENTIALS) != 0 ?
	    CHOICE_YES :
	    CHOICE_NO;
	format.fix_binary = (rule->flags & RULE_FIX) != 0 ? CHOICE_YES :
							    CHOICE_NO;
	format.open_binary = (rule->flags & RULE_OPEN) != 0 ? CHOICE_YES :
							      CHOICE_NO;
	view.enabled = entry->readable && entry->entry.enabled &&
	    kernel_enabled(admin->kernel);
	show(json, &view);
}

static bool
is_wanted(const char *wanted, const char *name)
{
	return wanted == NULL || strcmp(wanted, name) == 0;
}

/* Both lists are sorted by name, and so is what is shown. */
static size_t
show_all(struct admin *admin, const struct plan *plan, const char *name,
    struct json *json)
{
	const struct kernel_entries *entries = &admin->entries;
	size_t i = 0, j = 0, shown = 0;

	while (i < plan->count || (admin->foreign && j < entries->count)) {
		const struct plan_item *item = i < plan->count ?
		    &plan->items[i] :
		    NULL;
		const struct kernel_entry *entry = admin->foreign &&
			j < entries->count ?
		    &entries->items[j] :
		    NULL;
		int order = item == NULL ? 1 :
		    entry == NULL	 ? -1 :
				    strcmp(item->format->name, entry->name);

		if (order <= 0) {
			if (is_wanted(name, item->format->name)) {
				show_item(admin, plan, item, json);
				shown++;
			}
			i++;
			if (order == 0)
				j++;
			continue;
		}
		if (is_wanted(name, entry->name) &&
		    strcmp(entry->name, APPLY_TEMPORARY) != 0) {
			show_foreign(admin, entry, json);
			shown++;
		}
		j++;
	}
	return shown;
}

static void
display(struct admin *admin, const char *name)
{
	CLEANUP(json_fini) struct json json;
	struct plan plan;
	size_t shown;

	(void)admin_open_kernel(admin, ADMIN_LOOK);
	admin_plan(admin, &plan);
	json_init(&json);
	json_begin_object(&json, NULL);
	json_begin_array(&json, "formats");
	shown = show_all(admin, &plan, name, admin->json ? &json : NULL);
	json_end_array(&json);
	json_end_object(&json);
	if (shown == 0 && name != NULL)
		report_error(admin->report, "%s: not in the database%s", name,
		    admin->foreign ? ", nor in the kernel" : "");
	else if (admin->json)
		(void)printf("%s\n", json.text);
	plan_fini(&plan);
}

void
display_one(struct admin *admin, const char *name)
{
	if (admin_open_database(admin, DATABASE_READ) == 0 &&
	    !admin_report_broken_one(admin, name))
		display(admin, name);
}

void
display_all(struct admin *admin)
{
	if (admin_open_database(admin, DATABASE_READ) < 0)
		return;
	admin_report_broken(admin);
	display(admin, NULL);
}
