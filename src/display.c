#include "display.h"

#include <string.h>

#include "apply.h"
#include "json.h"
#include "xalloc.h"

/* The line is read by other programs: a name of up to 12, right-aligned. */
static void
put(const char *name, const char *value)
{
	static const char blanks[] = "            ";

	(void)fputs(blanks + strlen(name), stdout);
	(void)fputs(name, stdout);
	(void)fputs(" = ", stdout);
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

/* Why an item is not to be registered, and whether it is all the same. */
static char *
describe_not(const struct plan_item *item, bool registered)
{
	const char *start = registered ? "differs: registered, but " : "";

	switch (item->why) {
	case PLAN_MASKED:
		return xasprintf("%smasked by %s", start,
		    item->format->override);
	case PLAN_INVALID:
		return xasprintf("%snot valid with %s", start,
		    item->format->override);
	case PLAN_DETECTOR:
		return xasprintf(
		    "%sfix_binary and a detector exclude each "
		    "other",
		    start);
	case PLAN_RIVAL:
	default:
		return xasprintf("%s%s has fix_binary for the same files",
		    start, item->rival->name);
	}
}

/* Whether the kernel's fixed file is another than the one there now. */
static char *
describe_stale(const struct admin *admin, const struct plan_item *item)
{
	const struct format *format = item->format;

	if ((item->flags & RULE_FIX) == 0)
		return NULL;
	switch (registered_look(admin->registered, format->name,
	    format->interpreter)) {
	case REGISTERED_REPLACED:
		return xstrdup(
		    "stale: the interpreter has been replaced since "
		    "the kernel opened it");
	case REGISTERED_MISSING:
		return xstrdup(
		    "stale: the interpreter is gone, and the kernel "
		    "goes on with the file that it opened");
	case REGISTERED_CURRENT:
	case REGISTERED_UNKNOWN:
	default:
		return NULL;
	}
}

char *
display_state(const struct admin *admin, const struct plan *plan,
    const struct plan_item *item, bool *enabled)
{
	const struct kernel_entry *entry = kernel_entries_find(&admin->entries,
	    item->format->name);
	enum apply_standing standing = apply_standing(entry, plan, item);
	struct rule rule;

	*enabled = false;
	if (item->how == PLAN_NOT)
		return describe_not(item, entry != NULL);
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
	if (!admin->entries.enabled)
		return xstrdup(
		    "differs: registered, but binfmt_misc as a "
		    "whole is disabled in the kernel");
	*enabled = true;
	return describe_stale(admin, item);
}

/* What is printed of a format, or of an entry that nobody declared. */
struct view {
	const struct format *format;
	bool enabled;
	bool foreign;
	const char *state; /* or NULL */
};

static void
print_view(const struct view *v)
{
	const struct format *f = v->format;
	bool extension = f->spec.type == SPEC_EXTENSION;
	char number[16];

	report_text(stdout, f->name);
	(void)fputs(v->enabled ? " (enabled):\n" : " (disabled):\n", stdout);
	put("package",
	    strcmp(f->package, FORMAT_LOCAL) == 0 ? "<local>" : f->package);
	put("type", f->bpf ? "bpf" : extension ? "extension" : "magic");
	(void)snprintf(number, sizeof(number), "%u", f->spec.offset);
	put("offset", number);
	put("magic",
	    extension		      ? f->spec.extension :
		f->magic_text == NULL ? "" :
					f->magic_text);
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
	if (f->source != NULL)
		put("source", f->source);
	if (f->override != NULL)
		put("override", f->override);
	if (v->state != NULL)
		put("state", v->state);
}

static void
json_view(struct json *json, const struct view *v)
{
	const struct format *f = v->format;
	bool package = !v->foreign && !f->binfmtd &&
	    strcmp(f->package, FORMAT_LOCAL) != 0;

	json_begin_object(json, NULL);
	json_string(json, "name", f->name);
	json_bool(json, "enabled", v->enabled);
	json_string(json, "origin",
	    v->foreign	   ? "kernel" :
		f->binfmtd ? "binfmt.d" :
			     "database");
	json_string(json, "package", package ? f->package : NULL);
	if (f->bpf) {
		json_string(json, "type", "bpf");
	} else if (f->spec.type == SPEC_EXTENSION) {
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
	json_string(json, "source", f->source);
	json_string(json, "override", f->override);
	json_bool(json, "masked", f->masked);
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
	struct view view = { .format = &format,
		.foreign = true,
		.state = "foreign" };

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
	    admin->entries.enabled;
	show(json, &view);
}

struct shown {
	struct admin *admin;
	const struct admin_selection *selection;
	bool foreign;
	struct json *json; /* or NULL */
	size_t count;
};

static void
show_planned(struct shown *s, const struct plan *plan,
    const struct plan_item *item)
{
	if (!admin_selects(s->selection, item->format))
		return;
	show_item(s->admin, plan, item, s->json);
	s->count++;
}

static void
show_unplanned(struct shown *s, const struct kernel_entry *entry)
{
	if (entry->removed ||
	    (s->selection->name != NULL &&
		strcmp(s->selection->name, entry->name) != 0) ||
	    strcmp(entry->name, KERNEL_TEMPORARY) == 0)
		return;
	show_foreign(s->admin, entry, s->json);
	s->count++;
}

/* Both lists are sorted by name, and so is what is shown. */
static void
show_all(struct shown *s, const struct plan *plan)
{
	const struct kernel_entries *entries = &s->admin->entries;
	size_t i = 0, j = 0;

	while (i < plan->count || (s->foreign && j < entries->count)) {
		int order;

		if (!s->foreign || j == entries->count)
			order = -1;
		else if (i == plan->count)
			order = 1;
		else
			order = strcmp(plan->items[i].format->name,
			    entries->items[j].name);
		if (order <= 0)
			show_planned(s, plan, &plan->items[i++]);
		else
			show_unplanned(s, &entries->items[j]);
		if (order >= 0)
			j++;
	}
}

static void
display(struct admin *admin, const struct admin_selection *selection,
    bool foreign)
{
	CLEANUP(json_fini) struct json json;
	struct shown shown = { admin, selection, foreign,
		admin->json ? &json : NULL, 0 };
	struct plan plan;

	(void)admin_open_kernel(admin, ADMIN_LOOK);
	admin_plan(admin, &plan, NULL);
	json_init(&json);
	json_begin_object(&json, NULL);
	json_begin_array(&json, "formats");
	show_all(&shown, &plan);
	json_end_array(&json);
	json_end_object(&json);
	if (shown.count == 0 && selection->name != NULL)
		report_error(admin->report, "%s: not in the database%s",
		    selection->name,
		    foreign ? ", binfmt.d or the kernel" : ", nor in binfmt.d");
	else if (admin->json)
		(void)printf("%s\n", json.text);
	plan_fini(&plan);
}

void
display_formats(struct admin *admin, const struct admin_selection *selection,
    bool foreign)
{
	if (admin_open_database(admin, DATABASE_READ) < 0)
		return;
	if (selection->name != NULL) {
		if (admin_report_broken_one(admin, selection->name,
			REPORT_AS_THEY_ARE))
			return;
	} else {
		if (selection->recorded)
			admin_report_broken(admin);
		if (selection->binfmtd)
			admin_report_sources(admin);
	}
	display(admin, selection, foreign);
}
