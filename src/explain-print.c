/*
 * The two forms of an explanation.
 */
#include "explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "xalloc.h"

static ATTR_PRINTF(1, 2) void put(const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list ap;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	report_text(stdout, text);
	(void)putchar('\n');
}

static const char *
registry_state(const struct explain *x)
{
	switch (kernel_state(x->admin->kernel)) {
	case KERNEL_READY:
		return x->admin->entries.enabled ? "enabled" : "disabled";
	case KERNEL_AUTOMOUNT:
		return "not mounted yet";
	case KERNEL_UNMOUNTED:
		return "not mounted";
	case KERNEL_ABSENT:
	default:
		return "absent";
	}
}

static const char *
entry_state(const struct explain_entry *entry, bool enabled)
{
	if (!entry->matches)
		return "no";
	if (!enabled || !entry->entry->entry.enabled)
		return "disabled";
	return entry->wins ? "YES" : "later";
}

static void
put_entries(const struct explain *x)
{
	bool enabled = strcmp(registry_state(x), "enabled") == 0;
	size_t i;

	put("binfmt_misc: %s, %zu entr%s%s", registry_state(x), x->entry_count,
	    x->entry_count == 1 ? "y" : "ies",
	    x->entry_count == 0		  ? "" :
		x->admin->entries.ordered ? ", in the order in which they are "
					    "tried:" :
					    ":");
	for (i = 0; i < x->entry_count; i++) {
		const struct explain_entry *e = &x->entries[i];
		char flags[8] = "";

		rule_flag_letters(e->entry->entry.rule.flags, flags);
		put("  %-8s %s -> %s%s%s: %s; from %s", entry_state(e, enabled),
		    e->entry->name,
		    e->entry->readable ? e->entry->entry.rule.interpreter : "?",
		    flags[0] == '\0' ? "" : " ", flags, e->why, e->source);
	}
}

static void
put_candidates(const struct explain *x)
{
	size_t i;

	for (i = 0; i < x->candidate_count; i++) {
		const struct explain_candidate *c = &x->candidates[i];

		put("  format %s: %s%s%s -> %s%s", c->format->name,
		    c->format->detector == NULL ? "" : c->format->detector,
		    c->format->detector == NULL ? "" : " ", c->verdict,
		    c->format->interpreter, c->chosen ? ", chosen" : "");
	}
}

static void
put_steps(const struct explain *x)
{
	size_t i;

	for (i = 0; i < x->step_count; i++) {
		const struct explain_step *s = &x->steps[i];

		switch (s->kind) {
		case EXPLAIN_ENTRY:
			put("%s: handled by the entry %s, with %s", s->path,
			    s->entry->name, s->entry->entry.rule.interpreter);
			break;
		case EXPLAIN_DETECTORS:
			put("%s: handled by the entry %s, with run-detectors, "
			    "which chooses",
			    s->path, s->entry->name);
			put_candidates(x);
			break;
		case EXPLAIN_SCRIPT:
			put("%s: a script with a #! line", s->path);
			break;
		case EXPLAIN_NATIVE:
			put("%s: a native program", s->path);
			break;
		case EXPLAIN_UNKNOWN:
		default:
			break;
		}
	}
}

static char *
join_argv(const struct explain *x)
{
	char *text = xstrdup("");
	size_t i;

	for (i = 0; i < x->argv.count; i++) {
		CLEANUP(cleanup_free)
		char *word = report_quote(x->argv.items[i]);
		char *old = text;

		text = xasprintf("%s%s%s", old, i == 0 ? "" : " ", word);
		free(old);
	}
	return text;
}

/* The errors of execve(2); the names are what programs compare. */
static const char *
error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EACCES, "EACCES" },
		{ EIO, "EIO" },
		{ ELIBBAD, "ELIBBAD" },
		{ ELOOP, "ELOOP" },
		{ ENAMETOOLONG, "ENAMETOOLONG" },
		{ ENOENT, "ENOENT" },
		{ ENOEXEC, "ENOEXEC" },
		{ ENOTDIR, "ENOTDIR" },
		{ EPERM, "EPERM" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	return error == 0 ? NULL : "other";
}

void
explain_print(const struct explain *x)
{
	CLEANUP(cleanup_free) char *argv = join_argv(x);
	size_t i;

	put("%s: %s", x->path, x->file);
	put_entries(x);
	put_steps(x);
	for (i = 0; i < x->notes.count; i++)
		put("note: %s", x->notes.items[i]);
	if (x->runs)
		put("%s: would run: %s", x->path, argv);
	else if (x->unknown)
		put("%s: cannot be told: %s", x->path, x->reason);
	else if (x->error != 0)
		put("%s: would not run: %s (%s)", x->path, x->reason,
		    error_name(x->error));
	else
		put("%s: would not run: %s", x->path, x->reason);
}

static void
json_entry(struct json *json, const struct explain_entry *e)
{
	char flags[8];

	rule_flag_letters(e->entry->entry.rule.flags, flags);
	json_begin_object(json, NULL);
	json_string(json, "name", e->entry->name);
	json_string(json, "source", e->source);
	json_bool(json, "enabled",
	    e->entry->readable && e->entry->entry.enabled);
	json_bool(json, "matches", e->matches);
	json_bool(json, "wins", e->wins);
	json_string(json, "why", e->why);
	json_string(json, "interpreter", e->entry->entry.rule.interpreter);
	json_string(json, "flags", flags);
	json_end_object(json);
}

static void
json_step(struct json *json, const struct explain_step *s)
{
	static const char *const kinds[] = { "entry", "run-detectors", "script",
		"native", "unknown" };

	json_begin_object(json, NULL);
	json_string(json, "path", s->path);
	json_string(json, "kind", kinds[s->kind]);
	json_string(json, "entry", s->entry == NULL ? NULL : s->entry->name);
	json_end_object(json);
}

static void
json_candidate(struct json *json, const struct explain_candidate *c)
{
	json_begin_object(json, NULL);
	json_string(json, "name", c->format->name);
	json_string(json, "interpreter", c->format->interpreter);
	json_string(json, "detector", c->format->detector);
	json_string(json, "verdict", c->verdict);
	json_bool(json, "accepted", c->accepted);
	json_bool(json, "chosen", c->chosen);
	json_end_object(json);
}

static void
json_list(struct json *json, const char *key, const struct textlist *list)
{
	json_strings(json, key, list->items, list->count);
}

void
explain_print_json(const struct explain *x)
{
	CLEANUP(json_fini) struct json json;
	size_t i;

	json_init(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "path", x->path);
	json_string(&json, "file", x->file);
	json_string(&json, "registry", registry_state(x));
	json_begin_array(&json, "entries");
	for (i = 0; i < x->entry_count; i++)
		json_entry(&json, &x->entries[i]);
	json_end_array(&json);
	json_begin_array(&json, "steps");
	for (i = 0; i < x->step_count; i++)
		json_step(&json, &x->steps[i]);
	json_end_array(&json);
	json_begin_array(&json, "candidates");
	for (i = 0; i < x->candidate_count; i++)
		json_candidate(&json, &x->candidates[i]);
	json_end_array(&json);
	json_list(&json, "argv", &x->argv);
	json_list(&json, "notes", &x->notes);
	json_bool(&json, "runs", x->runs);
	json_bool(&json, "unknown", x->unknown);
	json_string(&json, "reason", x->reason);
	json_string(&json, "error", error_name(x->error));
	json_end_object(&json);
	(void)printf("%s\n", json.text);
}

bool
explain_path(struct admin *admin, const char *path)
{
	struct explain explain;
	bool runs;

	if (explain_make(admin, path, &explain) < 0)
		return false;
	if (admin->json)
		explain_print_json(&explain);
	else
		explain_print(&explain);
	runs = explain.runs;
	if (explain.unknown)
		report_error(admin->report, "%s", explain.reason);
	explain_fini(&explain);
	return runs;
}
