#include "registry.h"

#include <stdlib.h>
#include <string.h>

#include "sort.h"
#include "xalloc.h"

void
registry_read(struct registry *r, const struct paths *paths, bool binfmtd,
    char *const *files, size_t file_count)
{
	size_t i;

	override_load(&r->overrides, paths->root, paths->overridedir);
	if (!binfmtd)
		return;
	for (i = 0; i < file_count; i++)
		binfmtd_load_file(&r->binfmtd, paths->root, files[i],
		    paths->binfmtd, PATHS_BINFMTD);
	if (file_count == 0)
		binfmtd_load(&r->binfmtd, paths->root, paths->binfmtd,
		    PATHS_BINFMTD);
}

static void
forget(struct registry *r)
{
	size_t i;

	for (i = 0; i < r->owned_count; i++) {
		format_fini(r->owned[i]);
		free(r->owned[i]);
	}
	r->owned_count = 0;
	r->count = 0;
}

void
registry_fini(struct registry *r)
{
	forget(r);
	free(r->owned);
	free(r->formats);
	binfmtd_fini(&r->binfmtd);
	override_fini(&r->overrides);
	memset(r, 0, sizeof(*r));
}

static void
add(struct registry *r, struct format *format)
{
	GROW(r->formats, r->count, r->room);
	r->formats[r->count++] = format;
}

/* Memory for a format of the registry's own. */
static struct format *
own(struct registry *r)
{
	GROW(r->owned, r->owned_count, r->owned_room);
	r->owned[r->owned_count] = xcalloc(1, sizeof(struct format));
	return r->owned[r->owned_count++];
}

/* The lists are made again and again; the problems are found once. */
static void
apply_override(struct format *format, struct override *override)
{
	struct problems again = PROBLEMS_INIT;

	format->override = xstrdup(override->path);
	format->masked = override->masks;
	if (override->masks)
		return;
	format->invalid = override->broken ||
	    format_override(format, override->values,
		override->applied ? &again : &override->problems) < 0;
	override->applied = true;
	problems_fini(&again);
}

static void
add_recorded(struct registry *r, struct format *format)
{
	struct override *override = override_find(&r->overrides, format->name);
	struct format *changed;

	if (override == NULL) {
		add(r, format);
		return;
	}
	changed = own(r);
	format_copy(changed, format);
	apply_override(changed, override);
	add(r, changed);
}

static void
add_rule(struct registry *r, const struct binfmtd_rule *rule, unsigned sequence)
{
	CLEANUP(cleanup_free)
	char *source = xasprintf("%s:%u", rule->path, rule->line);
	struct override *override = override_find(&r->overrides,
	    rule->rule.name);
	struct format *format = own(r);

	format_from_rule(format, &rule->rule, source, sequence);
	if (override != NULL)
		apply_override(format, override);
	add(r, format);
}

static const struct binfmtd_rule *
find_rule(struct registry *r, const struct paths *paths, const char *name)
{
	size_t i;

	if (r->binfmtd.file_count == 0)
		binfmtd_load(&r->binfmtd, paths->root, paths->binfmtd,
		    PATHS_BINFMTD);
	for (i = 0; i < r->binfmtd.count; i++) {
		if (strcmp(r->binfmtd.rules[i].rule.name, name) == 0)
			return &r->binfmtd.rules[i];
	}
	return NULL;
}

void
registry_read_one(struct registry *r, const struct paths *paths, int admindir,
    const char *name, bool binfmtd)
{
	const struct binfmtd_rule *rule;
	struct format format;

	override_load_one(&r->overrides, paths->overridedir, name);
	rule = binfmtd ? find_rule(r, paths, name) : NULL;
	if (rule != NULL)
		add_rule(r, rule, (unsigned)(rule - r->binfmtd.rules) + 1);
	else if (!binfmtd && database_read_one(admindir, name, &format) == 0) {
		struct format *recorded = own(r);

		*recorded = format;
		add_recorded(r, recorded);
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct format *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

void
registry_merge(struct registry *r, const struct database *database,
    struct format *extra)
{
	struct format *const *formats;
	size_t i, count;

	forget(r);
	formats = database_formats(database, &count);
	for (i = 0; i < count; i++) {
		if (extra == NULL || strcmp(formats[i]->name, extra->name) != 0)
			add_recorded(r, formats[i]);
	}
	if (extra != NULL)
		add_recorded(r, extra);
	for (i = 0; i < r->binfmtd.count; i++) {
		const char *name = r->binfmtd.rules[i].rule.name;

		if (database_find(database, name) == NULL &&
		    (extra == NULL || strcmp(name, extra->name) != 0))
			add_rule(r, &r->binfmtd.rules[i], (unsigned)i + 1);
	}
	sort_items(r->formats, r->count, sizeof(*r->formats), by_name);
}

static int
compare_name(const void *name, const void *element)
{
	const struct format *const *format = element;

	return strcmp(name, (*format)->name);
}

const struct format *
registry_find(const struct registry *r, const char *name)
{
	struct format *const *found;

	if (r->count == 0)
		return NULL;
	found = bsearch(name, r->formats, r->count, sizeof(*r->formats),
	    compare_name);
	return found == NULL ? NULL : *found;
}
