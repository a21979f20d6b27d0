/*
 * What the parts of the TOML parser share.  Only toml*.c include this.
 *
 *	toml.c		tables, keys, arrays: the structure of a document
 *	toml-scalar.c	booleans, numbers, dates and times
 *	toml-string.c	strings and quoted keys
 *	toml-tree.c	the tree that comes out
 *	toml-lex.c	characters, newlines, places, errors
 *
 * Errors are of two kinds.  Where the text can still be followed (a key
 * twice, a 13th month), the error is reported and the parser goes on as if
 * nothing had been.  Where it cannot, -1 is returned all the way up, and
 * toml.c looks for a line to go on with.
 */
#ifndef TOML_INTERNAL_H
#define TOML_INTERNAL_H

#include "toml.h"

struct toml_parser {
	const char *at; /* the next byte */
	const char *end;
	const char *line_start;
	unsigned line;
	struct problems *problems;
	unsigned errors;
	unsigned error_line; /* where the last one was found */
	unsigned open;	     /* arrays and inline tables around p->at */
	const char *opened;  /* the line on which the outermost begins */
	struct toml_table *root;
	struct toml_table *current; /* of the last header */
	struct toml_table *lost;    /* gets the keys of a wrong header */
};

/* toml-lex.c */

ATTR_NONNULL
struct place toml_place(const struct toml_parser *p, const char *at);
ATTR_PRINTF(3, 4)
int toml_error(struct toml_parser *p, struct place place, const char *format,
    ...);
/*
 * The error that something else is at p->at, unless there has been an error
 * on this line.  Returns -1.
 */
ATTR_NONNULL int toml_expected(struct toml_parser *p, const char *what);
#ifdef __clang_analyzer__ /* which sees one file at a time */
#	define toml_error(...)	       ((toml_error)(__VA_ARGS__), -1)
#	define toml_expected(p, what) ((toml_expected)(p, what), -1)
#endif
/* Whether the next byte is c. */
ATTR_NONNULL bool toml_next_is(const struct toml_parser *p, char c);
ATTR_NONNULL bool toml_at_newline(const struct toml_parser *p);
/* Goes past a newline, if there is one. */
ATTR_NONNULL bool toml_newline(struct toml_parser *p);
ATTR_NONNULL void toml_skip_space(struct toml_parser *p);
ATTR_NONNULL void toml_skip_line(struct toml_parser *p);
/*
 * Goes past one character of a comment or a string and returns its length in
 * bytes.  One that may not be there is reported first if report is true.
 */
ATTR_NONNULL
size_t toml_character(struct toml_parser *p, bool report, bool *good);
/* A copy of text to be shown in a message: printable and short. */
#define TOML_EXCERPT 48
ATTR_NONNULL
void toml_excerpt(char out[TOML_EXCERPT], const char *text, size_t len);
bool toml_is_digit(char c);
bool toml_is_bare(char c);

/* toml-string.c */

/*
 * Reads the string that p->at is the first quote of.  On success out is owned
 * by the caller.
 */
ATTR_USE_RESULT ATTR_NONNULL int toml_quoted(struct toml_parser *p,
    bool may_be_multiline, struct toml_string *out);

/* toml-scalar.c */

/* Whether a boolean, a number, a date or a time can begin with c. */
bool toml_scalar_begins(char c);
/* Reads one, or a word that is none (-1).  After an error out is some value. */
ATTR_USE_RESULT ATTR_NONNULL int toml_scalar(struct toml_parser *p,
    struct toml_value *out);

/* toml-tree.c */

enum toml_kind {
	TOML_IMPLICIT, /* a is, by [a.b], until [a] comes */
	TOML_HEADER,   /* by [a] or [[a]]; and the root */
	TOML_DOTTED,   /* by a.b = 1 */
	TOML_INLINE,
};

/* depth is the number of tables and arrays around, the root not counted. */
ATTR_MALLOC
struct toml_table *toml_table_new(enum toml_kind kind, unsigned depth);
ATTR_NONNULL enum toml_kind toml_table_kind(const struct toml_table *table);
ATTR_NONNULL unsigned toml_table_depth(const struct toml_table *table);
/* For a table of which only the kind so far was implied. */
ATTR_NONNULL
void toml_table_define(struct toml_table *table, enum toml_kind kind);
/*
 * Adds a key that is not there yet.  Takes what the key and the value own.
 * The entry is valid until the next addition.
 */
ATTR_NONNULL
struct toml_entry *toml_table_add(struct toml_table *table,
    struct toml_string *key, struct place place, struct toml_value *value);
/* As toml_find(), for what is still being made. */
ATTR_NONNULL
struct toml_entry *toml_table_find(struct toml_table *table, const char *key,
    size_t len);

/* of_tables: made by [[a]], which alone may add to it. */
ATTR_MALLOC struct toml_array *toml_array_new(bool of_tables);
ATTR_NONNULL bool toml_array_of_tables(const struct toml_array *array);
ATTR_NONNULL struct toml_table *toml_array_last(struct toml_array *array);
/* Takes what the value owns. */
ATTR_NONNULL
void toml_array_add(struct toml_array *array, struct toml_value *value);

ATTR_NONNULL void toml_value_fini(struct toml_value *value);

#endif
