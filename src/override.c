#include "override.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "formatfile.h"
#include "sort.h"
#include "tree.h"
#include "xalloc.h"

static int
compare(const void *a, const void *b)
{
	const struct override *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The owner of a format is not for the administrator to change. */
static void
refuse_package(struct override *o)
{
	struct value *package = &o->values[KEY_PACKAGE];

	if (package->text == NULL)
		return;
	problem_warning(&o->problems, package->place, "package",
	    "cannot be overridden; ignored");
	*package = (struct value){ 0 };
}

/* What a format file is warned about. */
static void
check_values(struct override *o)
{
	const struct value *values = o->values;
	int key;

	for (key = KEY_CREDENTIALS; key <= KEY_OPEN_BINARY; key++) {
		const char *text = values[key].text;
		size_t len = values[key].len;

		if (text != NULL && len != 0 &&
		    (len != 3 || strncasecmp(text, "yes", 3) != 0) &&
		    (len != 2 || strncasecmp(text, "no", 2) != 0))
			problem_warning(&o->problems, values[key].place,
			    format_key_name((enum format_key)key),
			    "is neither yes nor no; taken as no");
	}
	for (key = KEY_INTERPRETER; key <= KEY_DETECTOR; key++) {
		if (values[key].text != NULL && values[key].len != 0 &&
		    values[key].text[0] != '/')
			problem_warning(&o->problems, values[key].place,
			    format_key_name((enum format_key)key),
			    "is a relative path, which means another program "
			    "in every directory");
	}
}

static void
load_file(struct overrides *overrides, int root, const char *directory,
    const char *name)
{
	struct override o = { .name = xstrdup(name) };
	size_t len;

	o.path = file_join(directory, name);
	o.masks = tree_is_null(root, o.path);
	if (!o.masks) {
		switch (file_read_tree(root, o.path, FORMATFILE_MAX, &o.text,
		    &len, &o.problems)) {
		case FILE_OK:
			o.masks = len == 0;
			if (formatfile_values(o.text, len, o.values,
				&o.problems) < 0)
				o.broken = true;
			refuse_package(&o);
			check_values(&o);
			break;
		case FILE_ABSENT:
			o.broken = true;
			(void)problem_error(&o.problems, NOWHERE, NULL,
			    "leads to a file that does not exist");
			break;
		case FILE_FAILED:
		default:
			o.broken = true;
			break;
		}
	}
	GROW(overrides->items, overrides->count, overrides->room);
	overrides->items[overrides->count++] = o;
}

/* A directory that is there, but cannot be read. */
static void
add_unreadable(struct overrides *overrides, const char *directory, int error)
{
	struct override o = {
		.name = xstrdup(directory),
		.path = xstrdup(directory),
		.broken = true,
	};

	(void)problem_error(&o.problems, NOWHERE, NULL,
	    "cannot read the directory: %s", strerror(error));
	GROW(overrides->items, overrides->count, overrides->room);
	overrides->items[overrides->count++] = o;
	overrides->error = error;
}

static void
sort(struct overrides *overrides)
{
	sort_items(overrides->items, overrides->count,
	    sizeof(*overrides->items), compare);
}

void
override_load_one(struct overrides *overrides, const char *directory,
    const char *name)
{
	CLEANUP(cleanup_free) char *path = file_join(directory, name);
	struct stat st;

	if (file_is_backup(name) || lstat(path, &st) < 0)
		return;
	load_file(overrides, TREE_SYSTEM, directory, name);
	sort(overrides);
}

void
override_load(struct overrides *overrides, int root, const char *directory)
{
	CLEANUP(textlist_fini) struct textlist names = { 0 };
	size_t i;

	if (tree_list(root, directory, &names) < 0 && errno != ENOENT &&
	    errno != ENOTDIR)
		add_unreadable(overrides, directory, errno);
	for (i = 0; i < names.count; i++) {
		if (!file_is_backup(names.items[i]))
			load_file(overrides, root, directory, names.items[i]);
	}
	sort(overrides);
}

void
override_fini(struct overrides *overrides)
{
	size_t i;

	for (i = 0; i < overrides->count; i++) {
		free(overrides->items[i].name);
		free(overrides->items[i].path);
		free(overrides->items[i].text);
		problems_fini(&overrides->items[i].problems);
	}
	free(overrides->items);
	memset(overrides, 0, sizeof(*overrides));
}

struct override *
override_find(const struct overrides *overrides, const char *name)
{
	union {
		const char *in;
		char *out;
	} key = { name };
	struct override wanted = { .name = key.out };

	if (overrides->count == 0)
		return NULL;
	return bsearch(&wanted, overrides->items, overrides->count,
	    sizeof(*overrides->items), compare);
}
