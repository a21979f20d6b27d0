#include "adopt.h"

#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "install.h"
#include "xalloc.h"

/* Flags that a format can ask for. */
#define KNOWN_FLAGS                                                            \
	((unsigned)(RULE_PRESERVE | RULE_OPEN | RULE_CREDENTIALS | RULE_FIX))

static void
set_value(struct value values[KEY_COUNT], enum format_key key, const char *text)
{
	values[key].text = text;
	values[key].len = strlen(text);
}

static void
set_flags(struct value values[KEY_COUNT], unsigned flags)
{
	if ((flags & RULE_PRESERVE) != 0)
		set_value(values, KEY_PRESERVE, "yes");
	if ((flags & RULE_CREDENTIALS) != 0)
		set_value(values, KEY_CREDENTIALS, "yes");
	else if ((flags & RULE_OPEN) != 0)
		set_value(values, KEY_OPEN_BINARY, "yes");
	if ((flags & RULE_FIX) != 0)
		set_value(values, KEY_FIX_BINARY, "yes");
}

/* Makes the format that an installation of the same would have. */
static int
make_format(const struct rule *rule, struct format *format,
    struct problems *problems)
{
	CLEANUP(cleanup_free) char *magic = NULL;
	CLEANUP(cleanup_free) char *mask = NULL;
	struct value values[KEY_COUNT] = { 0 };
	char offset[16];

	set_value(values, KEY_PACKAGE, FORMAT_LOCAL);
	set_value(values, KEY_INTERPRETER, rule->interpreter);
	set_flags(values, rule->flags);
	if (rule->spec.type == SPEC_EXTENSION)
		set_value(values, KEY_EXTENSION, rule->spec.extension);
	else {
		magic = bytes_encode(&rule->spec.magic, ':');
		mask = bytes_encode(&rule->spec.mask, ':');
		(void)snprintf(offset, sizeof(offset), "%u", rule->spec.offset);
		set_value(values, KEY_MAGIC, magic);
		if (rule->spec.mask.len != 0)
			set_value(values, KEY_MASK, mask);
		set_value(values, KEY_OFFSET, offset);
	}
	return format_build(format, rule->name, values, ORIGIN_COMMAND,
	    problems);
}

/* Whether all has been done already, by a run that may have been killed. */
static bool
is_recorded_so(const struct format *known, const struct kernel_entry *entry)
{
	CLEANUP(cleanup_free) char *before = NULL;
	CLEANUP(cleanup_free) char *after = NULL;
	struct problems ignored = PROBLEMS_INIT;
	struct format format;

	if (known->binfmtd || entry == NULL || !entry->readable)
		return false;
	if (make_format(&entry->entry.rule, &format, &ignored) == 0) {
		before = database_print(known);
		after = database_print(&format);
		format_fini(&format);
	}
	problems_fini(&ignored);
	return before != NULL && strcmp(before, after) == 0;
}

/* Whether the entry is one to be recorded; otherwise that is an error. */
static bool
is_adoptable(struct admin *admin, const char *name,
    const struct kernel_entry *entry)
{
	struct report *report = admin->report;
	const struct format *known = admin_find(admin, name);
	const struct rule *rule;

	if (known != NULL && !is_recorded_so(known, entry))
		report_error(report, "%s: is known already, from %s", name,
		    known->source == NULL ? "the database" : known->source);
	else if (entry == NULL)
		report_error(report, "%s: the kernel has no such entry", name);
	else if (!entry->readable)
		report_error(report,
		    "%s: the kernel's entry cannot be read: "
		    "%s",
		    name, entry->problems.items[0].reason);
	else {
		rule = &entry->entry.rule;
		if (strcmp(rule->interpreter, admin->paths->run_detectors) == 0)
			report_error(report,
			    "%s: is an entry of ours for "
			    "run-detectors; there is nothing to adopt",
			    name);
		else if (rule->bpf || (rule->flags & ~KNOWN_FLAGS) != 0)
			report_error(report,
			    "%s: has flags or a type that a "
			    "format cannot have; use binfmt.d(5)",
			    name);
		else if ((rule->flags & RULE_CREDENTIALS) != 0 && !admin->force)
			report_error(report,
			    "%s: gives %s the credentials of "
			    "the files that it runs; --force adopts it "
			    "all the same",
			    name, rule->interpreter);
		else
			return true;
	}
	return false;
}

void
adopt_entry(struct admin *admin, const char *name)
{
	struct problems problems = PROBLEMS_INIT;
	const struct kernel_entry *entry;
	struct format format;
	int result;

	if (admin_open_database(admin, DATABASE_WRITE) < 0)
		return;
	(void)admin_open_kernel(admin, ADMIN_LOOK);
	entry = kernel_entries_find(&admin->entries, name);
	if (!is_adoptable(admin, name, entry))
		return;
	result = make_format(&entry->entry.rule, &format, &problems);
	report_problems(admin->report, name, &problems, REPORT_AS_THEY_ARE);
	if (result == 0)
		install_record(admin, &format, APPLY_REGISTER);
}
