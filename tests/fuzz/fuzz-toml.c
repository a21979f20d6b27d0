/*
 * Any bytes are parsed; every error has a place in the text.  A tree that
 * comes out is written as TOML again, once with inline tables and once with
 * headers, and each of both gives an equal tree.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "toml.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_value(FILE *, const struct toml_value *);
static bool same_table(const struct toml_table *, const struct toml_table *);

static void
write_string(FILE *out, const struct toml_string *string)
{
	size_t i;

	fputc('"', out);
	for (i = 0; i < string->len; i++) {
		unsigned char c = (unsigned char)string->bytes[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04X", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void
write_number(FILE *out, double number)
{
	char text[32];

	if (isnan(number)) {
		fputs("nan", out);
	} else if (isinf(number)) {
		fputs(number > 0 ? "inf" : "-inf", out);
	} else {
		(void)snprintf(text, sizeof(text), "%.17g", number);
		fputs(text, out);
		if (strpbrk(text, ".e") == NULL)
			fputs(".0", out);
	}
}

static void
write_inline_table(FILE *out, const struct toml_table *table)
{
	const struct toml_entry *entry;
	size_t i;

	fputc('{', out);
	for (i = 0; i < toml_table_count(table); i++) {
		entry = toml_table_at(table, i);
		if (i > 0)
			fputc(',', out);
		write_string(out, &entry->key);
		fputc('=', out);
		write_value(out, &entry->value);
	}
	fputc('}', out);
}

static void
write_array(FILE *out, const struct toml_array *array)
{
	size_t i;

	fputc('[', out);
	for (i = 0; i < toml_array_count(array); i++) {
		if (i > 0)
			fputc(',', out);
		write_value(out, toml_array_at(array, i));
	}
	fputc(']', out);
}

static void
write_value(FILE *out, const struct toml_value *value)
{
	switch (value->type) {
	case TOML_STRING:
		write_string(out, &value->string);
		break;
	case TOML_INTEGER:
		fprintf(out, "%lld", (long long)value->integer);
		break;
	case TOML_FLOAT:
		write_number(out, value->number);
		break;
	case TOML_BOOLEAN:
		fputs(value->boolean ? "true" : "false", out);
		break;
	case TOML_OFFSET_DATETIME:
	case TOML_LOCAL_DATETIME:
	case TOML_LOCAL_DATE:
	case TOML_LOCAL_TIME:
		fwrite(value->string.bytes, 1, value->string.len, out);
		break;
	case TOML_ARRAY:
		write_array(out, value->array);
		break;
	case TOML_TABLE:
		write_inline_table(out, value->table);
		break;
	}
}

/* The names of the tables around the one that is written. */
struct path {
	const struct path *above;
	const struct toml_string *key;
};

static void
write_path(FILE *out, const struct path *path)
{
	if (path->above != NULL) {
		write_path(out, path->above);
		fputc('.', out);
	}
	write_string(out, path->key);
}

/* Whether the value can be written as [[headers]]. */
static bool
is_array_of_tables(const struct toml_value *value)
{
	size_t i;

	if (value->type != TOML_ARRAY || toml_array_count(value->array) == 0)
		return false;
	for (i = 0; i < toml_array_count(value->array); i++)
		if (toml_array_at(value->array, i)->type != TOML_TABLE)
			return false;
	return true;
}

static void write_lines(FILE *, const struct toml_table *, const struct path *);

static void
write_header(FILE *out, const struct toml_table *table, const struct path *path,
    const char *open, const char *close)
{
	fputs(open, out);
	write_path(out, path);
	fprintf(out, "%s\n", close);
	write_lines(out, table, path);
}

/* A table as lines: first those of its own, then the tables in it. */
static void
write_lines(FILE *out, const struct toml_table *table, const struct path *above)
{
	const struct toml_entry *entry;
	const struct toml_value *value;
	size_t i, j;

	for (i = 0; i < toml_table_count(table); i++) {
		entry = toml_table_at(table, i);
		if (entry->value.type == TOML_TABLE ||
		    is_array_of_tables(&entry->value))
			continue;
		write_string(out, &entry->key);
		fputs(" = ", out);
		write_value(out, &entry->value);
		fputc('\n', out);
	}
	for (i = 0; i < toml_table_count(table); i++) {
		struct path path = { above, NULL };

		entry = toml_table_at(table, i);
		value = &entry->value;
		path.key = &entry->key;
		if (value->type == TOML_TABLE)
			write_header(out, value->table, &path, "[", "]");
		else if (is_array_of_tables(value))
			for (j = 0; j < toml_array_count(value->array); j++)
				write_header(out,
				    toml_array_at(value->array, j)->table,
				    &path, "[[", "]]");
	}
}

static bool
same_string(const struct toml_string *a, const struct toml_string *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static bool
same_value(const struct toml_value *a, const struct toml_value *b)
{
	size_t i;

	if (a->type != b->type)
		return false;
	switch (a->type) {
	case TOML_INTEGER:
		return a->integer == b->integer;
	case TOML_FLOAT:
		return (isnan(a->number) && isnan(b->number)) ||
		    memcmp(&a->number, &b->number, sizeof(a->number)) == 0;
	case TOML_BOOLEAN:
		return a->boolean == b->boolean;
	case TOML_TABLE:
		return same_table(a->table, b->table);
	case TOML_ARRAY:
		if (toml_array_count(a->array) != toml_array_count(b->array))
			return false;
		for (i = 0; i < toml_array_count(a->array); i++)
			if (!same_value(toml_array_at(a->array, i),
				toml_array_at(b->array, i)))
				return false;
		return true;
	default:
		return same_string(&a->string, &b->string);
	}
}

/* In any order, which the writing may have changed. */
static bool
same_table(const struct toml_table *a, const struct toml_table *b)
{
	const struct toml_entry *entry, *other;
	size_t i;

	if (toml_table_count(a) != toml_table_count(b))
		return false;
	for (i = 0; i < toml_table_count(a); i++) {
		entry = toml_table_at(a, i);
		other = toml_find(b, entry->key.bytes, entry->key.len);
		if (other == NULL || !same_value(&entry->value, &other->value))
			return false;
	}
	return true;
}

/* Writes the tree in one of both ways, and looks at what is read again. */
static void
check_again(const struct toml_table *root, bool with_headers)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(toml_cleanup) struct toml_table *again = NULL;
	char *text = NULL;
	size_t i, size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (out == NULL)
		abort();
	if (with_headers)
		write_lines(out, root, NULL);
	for (i = 0; !with_headers && i < toml_table_count(root); i++) {
		write_string(out, &toml_table_at(root, i)->key);
		fputc('=', out);
		write_value(out, &toml_table_at(root, i)->value);
		fputc('\n', out);
	}
	if (fclose(out) != 0)
		abort();
	again = toml_parse(text, size, &problems);
	/* With all its escapes and paths it may have become too long. */
	if (size <= TOML_SIZE_MAX &&
	    (again == NULL || !same_table(root, again))) {
		fprintf(stderr, "not the same again:\n%s\n", text);
		abort();
	}
	free(text);
}

/* Whether the place is in the text, with one column behind a line's last. */
static bool
is_in_text(const char *text, size_t len, struct place place)
{
	const char *line = text, *newline;
	unsigned n;

	for (n = 1; n < place.line; n++) {
		newline = memchr(line, '\n', len - (size_t)(line - text));
		if (newline == NULL)
			return false;
		line = newline + 1;
	}
	newline = memchr(line, '\n', len - (size_t)(line - text));
	if (newline == NULL)
		newline = text + len;
	return place.line > 0 && place.column > 0 &&
	    place.column <= (size_t)(newline - line) + 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(toml_cleanup) struct toml_table *root = NULL;
	CLEANUP(cleanup_free) char *text = xmalloc(size);
	size_t i;

	if (size > TOML_SIZE_MAX)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	root = toml_parse(text, size, &problems);
	if ((root == NULL) != (problems.errors > 0) ||
	    problems.count > TOML_ERRORS_MAX + 1)
		abort();
	for (i = 0; i < problems.count; i++)
		if (!is_in_text(text, size, problems.items[i].place))
			abort();
	if (root != NULL) {
		check_again(root, false);
		check_again(root, true);
	}
	return 0;
}
