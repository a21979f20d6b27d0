#include "override.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "formatfile.h"
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

void
override_load(struct overrides *overrides, int root, const char *directory)
{
	struct dirent *entry;
	DIR *dir;
	int fd;

	fd = tree_open(root, directory, O_RDONLY | O_DIRECTORY);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		cleanup_close(&fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' && !file_is_backup(entry->d_name))
			load_file(overrides, root, directory, entry->d_name);
	}
	(void)closedir(dir);
	if (overrides->count > 1)
		qsort(overrides->items, overrides->count,
		    sizeof(*overrides->items), compare);
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
