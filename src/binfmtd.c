#include "binfmtd.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "format.h"
#include "lines.h"
#include "sort.h"
#include "tree.h"
#include "xalloc.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* A file that was found: its name, and in which directory. */
struct found {
	char *name;
	size_t directory;
};

struct found_list {
	struct found *items;
	size_t count, room;
};

void
binfmtd_fini(struct binfmtd *b)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		rule_fini(&b->rules[i].rule);
	free(b->rules);
	for (i = 0; i < b->file_count; i++) {
		free(b->files[i]->path);
		free(b->files[i]->text);
		problems_fini(&b->files[i]->problems);
		free(b->files[i]);
	}
	free(b->files);
	memset(b, 0, sizeof(*b));
}

/* Whether a line is one of the other kind of file, "package wine". */
static bool
is_format_line(const char *text, size_t len)
{
	size_t word;

	for (word = 0; word < len && !is_blank(text[word]); word++)
		continue;
	return word < len && format_key_find(text, word) != KEY_COUNT;
}

static void
parse_line(struct binfmtd *b, const char *path, const struct lines *lines,
    struct problems *problems)
{
	struct place place = { lines->number, 1 };
	const char *text = lines->text;
	struct binfmtd_rule parsed;
	size_t len = lines->len;

	place.column += (unsigned)lines_trim(&text, &len);
	if (len == 0 || text[0] == '#' || text[0] == ';')
		return;
	if (lines->len > BINFMTD_LINE_MAX) {
		(void)problem_error(problems, place, NULL,
		    "the line has %zu bytes, more than %d", lines->len,
		    BINFMTD_LINE_MAX);
		return;
	}
	if (is_format_line(text, len)) {
		(void)problem_error(problems, place, NULL,
		    "is a line of a format file; such files belong in the "
		    "directory that --import reads");
		return;
	}
	if (rule_parse(text, len, place, &parsed.rule, problems) < 0)
		return;
	parsed.path = path;
	parsed.line = lines->number;
	GROW(b->rules, b->count, b->room);
	b->rules[b->count++] = parsed;
}

void
binfmtd_parse(struct binfmtd *b, const char *path, const char *text, size_t len,
    struct problems *problems)
{
	size_t mark = strlen(BYTE_ORDER_MARK);
	struct lines lines;

	if (len >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0) {
		text += mark;
		len -= mark;
	}
	lines_init(&lines, text, len);
	while (lines_next(&lines))
		parse_line(b, path, &lines, problems);
}

/* Reads a file that was found; a masked one has nothing to say. */
static void
load_path(struct binfmtd *b, int root, const char *path)
{
	struct binfmtd_file *file;

	file = xcalloc(1, sizeof(*file));
	file->path = xstrdup(path);
	GROW(b->files, b->file_count, b->file_room);
	b->files[b->file_count++] = file;
	file->masked = tree_is_null(root, path);
	if (file->masked)
		return;
	switch (file_read_tree(root, path, BINFMTD_FILE_MAX, &file->text,
	    &file->len, &file->problems)) {
	case FILE_OK:
		file->masked = file->len == 0;
		binfmtd_parse(b, file->path, file->text, file->len,
		    &file->problems);
		break;
	case FILE_ABSENT:
		problem_warning(&file->problems, NOWHERE, NULL,
		    "leads to a file that does not exist; ignored");
		break;
	case FILE_FAILED:
	default:
		break;
	}
}

static int
compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->directory < y->directory ? -1 : x->directory > y->directory;
}

static bool
is_rule_file(const char *name)
{
	size_t len = strlen(name), end = strlen(".conf");

	return len > end && strcmp(name + len - end, ".conf") == 0;
}

/* A directory that is there, but cannot be read. */
static void
add_unreadable(struct binfmtd *b, const char *directory, int error)
{
	struct binfmtd_file *file = xcalloc(1, sizeof(*file));

	file->path = xstrdup(directory);
	(void)problem_error(&file->problems, NOWHERE, NULL,
	    "cannot read the directory: %s", strerror(error));
	GROW(b->files, b->file_count, b->file_room);
	b->files[b->file_count++] = file;
}

/* Whether it could be read to its end, if it is there. */
static bool
list_directory(struct binfmtd *b, struct found_list *list, int root,
    const char *directory, size_t number)
{
	CLEANUP(textlist_fini) struct textlist names = { 0 };
	size_t i;

	if (tree_list(root, directory, &names) < 0 && errno != ENOENT &&
	    errno != ENOTDIR) {
		add_unreadable(b, directory, errno);
		return false;
	}
	for (i = 0; i < names.count; i++) {
		if (!is_rule_file(names.items[i]))
			continue;
		GROW(list->items, list->count, list->room);
		list->items[list->count++] = (struct found){
			xstrdup(names.items[i]), number
		};
	}
	return true;
}

static int
by_name_then_place(const void *a, const void *b)
{
	const struct binfmtd_rule *const *x = a, *const *y = b;
	int order = strcmp((*x)->rule.name, (*y)->rule.name);

	return order != 0 ? order : *x < *y ? -1 : *x > *y;
}

/* Of rules of the same name the last one counts, in its place. */
static void
drop_replaced(struct binfmtd *b)
{
	struct binfmtd_rule **order;
	size_t i, kept = 0;

	order = xcalloc(b->count, sizeof(*order));
	for (i = 0; i < b->count; i++)
		order[i] = &b->rules[i];
	sort_items(order, b->count, sizeof(*order), by_name_then_place);
	for (i = 0; i + 1 < b->count; i++) {
		if (strcmp(order[i]->rule.name, order[i + 1]->rule.name) == 0) {
			rule_fini(&order[i]->rule);
			order[i]->rule.name = NULL;
		}
	}
	free(order);
	for (i = 0; i < b->count; i++) {
		if (b->rules[i].rule.name != NULL)
			b->rules[kept++] = b->rules[i];
	}
	b->count = kept;
}

void
binfmtd_load(struct binfmtd *b, int root, const char *const *directories,
    size_t count)
{
	struct found_list list = { 0 };
	size_t i;

	/* What one that cannot be read would mask or replace is not known. */
	for (i = 0; i < count; i++) {
		if (!list_directory(b, &list, root, directories[i], i))
			break;
	}
	sort_items(list.items, list.count, sizeof(*list.items), compare_found);
	for (i = 0; i < list.count; i++) {
		CLEANUP(cleanup_free)
		char *path = file_join(directories[list.items[i].directory],
		    list.items[i].name);

		if (i == 0 ||
		    strcmp(list.items[i].name, list.items[i - 1].name) != 0)
			load_path(b, root, path);
	}
	for (i = 0; i < list.count; i++)
		free(list.items[i].name);
	free(list.items);
	drop_replaced(b);
}

void
binfmtd_load_file(struct binfmtd *b, int root, const char *name,
    const char *const *directories, size_t count)
{
	struct binfmtd_file *file;
	struct stat st;
	size_t i;

	for (i = 0; strchr(name, '/') == NULL && i < count; i++) {
		CLEANUP(cleanup_free)
		char *path = file_join(directories[i], name);

		if (tree_is_null(root, path) ||
		    tree_stat(root, path, &st) == 0) {
			load_path(b, root, path);
			drop_replaced(b);
			return;
		}
	}
	if (tree_stat(root, name, &st) == 0 || tree_is_null(root, name)) {
		load_path(b, root, name);
		drop_replaced(b);
		return;
	}
	file = xcalloc(1, sizeof(*file));
	file->path = xstrdup(name);
	(void)problem_error(&file->problems, NOWHERE, NULL,
	    "there is no such file%s",
	    strchr(name, '/') != NULL ?
		"" :
		", here or in the directories of binfmt.d");
	GROW(b->files, b->file_count, b->file_room);
	b->files[b->file_count++] = file;
}

bool
binfmtd_is_incomplete(const struct binfmtd *b)
{
	size_t i;

	for (i = 0; i < b->file_count; i++) {
		if (b->files[i]->text == NULL && !b->files[i]->masked)
			return true;
	}
	return false;
}
