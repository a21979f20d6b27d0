/*
 * Stores: TOML 1.0.0, the whole of it.  Knows no keys: it makes a tree of
 * tables and arrays, in which every key and every value has its place, so
 * that the layer above can say where an unknown key or a wrong type is.
 * Nothing here reads a file, prints, or depends on the locale.
 */
#ifndef TOML_H
#define TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "diag.h"

/* Bytes of one document. */
#define TOML_SIZE_MAX ((size_t)256 * 1024)
/* Tables and arrays inside one another, the root table not counted. */
#define TOML_DEPTH_MAX 64
/* Errors that are reported of one document; then comes one that says so. */
#define TOML_ERRORS_MAX 20

enum toml_type {
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOLEAN,
	TOML_OFFSET_DATETIME,
	TOML_LOCAL_DATETIME,
	TOML_LOCAL_DATE,
	TOML_LOCAL_TIME,
	TOML_ARRAY,
	TOML_TABLE,
};

struct toml_table;
struct toml_array;

/* Valid UTF-8, and a NUL behind it; a NUL inside is possible too (\u0000). */
struct toml_string {
	char *bytes;
	size_t len;
};

/*
 * Dates and times are kept as text in the form of RFC 3339, with upper-case T
 * and Z and the digits of the fraction as they were written: every field has
 * been checked, and a second may be 60.
 */
struct toml_value {
	enum toml_type type;
	struct place place;
	union {
		struct toml_string string; /* dates and times, too */
		int64_t integer;
		double number; /* TOML_FLOAT */
		bool boolean;
		struct toml_array *array;
		struct toml_table *table;
	};
};

/*
 * For a table the places are those of its [header], or where it was first
 * named when it has none; for an array of tables, of its first [[header]].
 */
struct toml_entry {
	struct toml_string key;
	struct place place;
	struct toml_value value;
};

/*
 * Parses len bytes of text.  Returns the root table, owned by the caller, who
 * ends it with toml_free(); or NULL when there was any error, and every error
 * that could be told from the consequences of another is added to problems.
 */
ATTR_USE_RESULT ATTR_NONNULL struct toml_table *toml_parse(const char *text,
    size_t len, struct problems *problems);
/* Frees a whole tree; NULL is allowed. */
void toml_free(struct toml_table *root);
/* For CLEANUP(). */
ATTR_NONNULL void toml_cleanup(struct toml_table **root);

/* What is returned below belongs to the tree. */

ATTR_NONNULL size_t toml_table_count(const struct toml_table *table);
/* The entry of that index, which is < count; in the order of the file. */
ATTR_NONNULL
const struct toml_entry *toml_table_at(const struct toml_table *table,
    size_t index);
/* NULL when there is no such key. */
ATTR_NONNULL
const struct toml_value *toml_get(const struct toml_table *table,
    const char *key);
/* The same for a counted key, which may have a NUL inside. */
ATTR_NONNULL
const struct toml_entry *toml_find(const struct toml_table *table,
    const char *key, size_t len);

ATTR_NONNULL size_t toml_array_count(const struct toml_array *array);
ATTR_NONNULL
const struct toml_value *toml_array_at(const struct toml_array *array,
    size_t index);

/* For messages, with the article: "a string", "an array". */
const char *toml_type_name(enum toml_type type);

#endif
