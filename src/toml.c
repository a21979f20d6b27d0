#include "toml-internal.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/*
 * Who may add to a table (https://toml.io/en/v1.0.0, "Table" and on):
 *
 * 1. A [header] defines a table, and only once; until then the headers of
 *    tables inside may have implied that it is there.
 * 2. Dotted keys define the tables they go through, if no header does; a
 *    header may still go through such a table, but not define it.
 * 3. An inline table and an array of values are complete where they end.
 * 4. [[header]] adds to the array that such a header made; any header that
 *    goes through its key means the last table in it.
 */

/* One part of a key: b of a.b.c. */
struct part {
	struct toml_string key;
	struct place place;
	char shown[TOML_EXCERPT]; /* as it is written */
};

static int read_value(struct toml_parser *, unsigned, struct toml_value *);

static void
part_fini(struct part *part)
{
	free(part->key.bytes);
	part->key = (struct toml_string){ NULL, 0 };
}

static struct toml_value
table_value(struct toml_table *table, struct place place)
{
	return (struct toml_value){
		.type = TOML_TABLE,
		.place = place,
		.table = table,
	};
}

/* Whether something that many levels deep may be; if not, that is an error. */
static bool
may_nest(struct toml_parser *p, unsigned depth, struct place place)
{
	if (depth <= TOML_DEPTH_MAX)
		return true;
	(void)toml_error(p, place,
	    "tables and arrays are nested more than %d deep", TOML_DEPTH_MAX);
	return false;
}

/* What an entry is, in the words of someone who may not add to it. */
static const char *
kind_name(const struct toml_value *value)
{
	if (value->type == TOML_ARRAY)
		return toml_array_of_tables(value->array) ?
		    "an array of tables" :
		    "an array";
	if (value->type != TOML_TABLE)
		return toml_type_name(value->type);
	switch (toml_table_kind(value->table)) {
	case TOML_INLINE:
		return "an inline table";
	case TOML_DOTTED:
		return "a table, by dotted keys,";
	case TOML_IMPLICIT:
	case TOML_HEADER:
		break;
	}
	return "a table";
}

static void
conflict(struct toml_parser *p, const struct part *part,
    const struct toml_entry *old, const char *what)
{
	toml_error(p, part->place,
	    "key %s cannot be %s: it is %s since line %u, column %u",
	    part->shown, what, kind_name(&old->value), old->place.line,
	    old->place.column);
}

/* Adds an empty table of that kind and returns it; NULL if it is too deep. */
static struct toml_table *
add_table(struct toml_parser *p, struct toml_table *table, struct part *part,
    enum toml_kind kind)
{
	unsigned depth = toml_table_depth(table) + 1;
	struct toml_value value;

	if (!may_nest(p, depth, part->place))
		return NULL;
	value = table_value(toml_table_new(kind, depth), part->place);
	return toml_table_add(table, &part->key, part->place, &value)
	    ->value.table;
}

/*
 * Goes into the table of a part that is not the last of its key, made if it
 * is not there; kind says which sort of key, and is TOML_IMPLICIT for that of
 * a header.  Returns NULL after an error, and for a table that is NULL.
 */
static struct toml_table *
descend(struct toml_parser *p, struct toml_table *table, struct part *part,
    enum toml_kind kind)
{
	struct toml_entry *old;
	struct toml_value *value;

	if (table == NULL)
		return NULL;
	old = toml_table_find(table, part->key.bytes, part->key.len);
	if (old == NULL)
		return add_table(p, table, part, kind);
	value = &old->value;
	if (kind == TOML_IMPLICIT) {
		if (value->type == TOML_ARRAY &&
		    toml_array_of_tables(value->array))
			return toml_array_last(value->array);
		if (value->type == TOML_TABLE &&
		    toml_table_kind(value->table) != TOML_INLINE)
			return value->table;
	} else if (value->type == TOML_TABLE) {
		/* Dotted keys define the table, so it is not defined yet. */
		if (toml_table_kind(value->table) == TOML_IMPLICIT)
			toml_table_define(value->table, TOML_DOTTED);
		if (toml_table_kind(value->table) == TOML_DOTTED)
			return value->table;
	}
	conflict(p, part, old, "extended here");
	return NULL;
}

static int
read_part(struct toml_parser *p, struct part *part)
{
	const char *start = p->at;

	part->place = toml_place(p, start);
	if (toml_next_is(p, '"') || toml_next_is(p, '\'')) {
		if (toml_quoted(p, false, &part->key) < 0)
			return -1;
	} else {
		while (p->at < p->end && toml_is_bare(*p->at))
			p->at++;
		if (p->at == start)
			return toml_expected(p, "a key");
		part->key.len = (size_t)(p->at - start);
		part->key.bytes = xstrndup(start, part->key.len);
	}
	toml_excerpt(part->shown, start, (size_t)(p->at - start));
	return 0;
}

/*
 * Reads a key, and goes from *table to the table for its last part, which is
 * left in part; *table gets NULL if there is none, after an error.
 */
static int
read_key(struct toml_parser *p, struct toml_table **table, enum toml_kind kind,
    struct part *part)
{
	for (;;) {
		if (read_part(p, part) < 0)
			return -1;
		toml_skip_space(p);
		if (!toml_next_is(p, '.'))
			return 0;
		p->at++;
		toml_skip_space(p);
		*table = descend(p, *table, part, kind);
		part_fini(part);
	}
}

/* key = value */
static int
read_pair(struct toml_parser *p, struct toml_table *table)
{
	CLEANUP(part_fini) struct part part = { .key = { NULL, 0 } };
	CLEANUP(toml_value_fini)
	struct toml_value value = { .type = TOML_BOOLEAN };
	unsigned depth = toml_table_depth(table);
	const struct toml_entry *old;

	if (read_key(p, &table, TOML_DOTTED, &part) < 0)
		return -1;
	if (!toml_next_is(p, '='))
		return toml_expected(p, "'.' or '=' after a key");
	p->at++;
	toml_skip_space(p);
	if (table != NULL) {
		depth = toml_table_depth(table);
		old = toml_find(table, part.key.bytes, part.key.len);
		if (old != NULL) {
			conflict(p, &part, old, "defined again");
			table = NULL;
		}
	}
	if (read_value(p, depth + 1, &value) < 0)
		return -1;
	if (table != NULL)
		(void)toml_table_add(table, &part.key, part.place, &value);
	return 0;
}

static int
read_inline_table(struct toml_parser *p, struct toml_table *table)
{
	p->at++;
	toml_skip_space(p);
	if (toml_next_is(p, '}'))
		return 0;
	for (;;) {
		if (toml_at_newline(p))
			return toml_error(p, toml_place(p, p->at),
			    "an inline table must be on one line");
		if (read_pair(p, table) < 0)
			return -1;
		toml_skip_space(p);
		if (toml_next_is(p, '}'))
			return 0;
		if (!toml_next_is(p, ','))
			return toml_expected(p,
			    "',' or '}' in an inline table");
		p->at++;
		toml_skip_space(p);
		if (toml_next_is(p, '}'))
			return toml_error(p, toml_place(p, p->at),
			    "no comma may end an inline table");
	}
}

/* Goes past a comment, up to the newline. */
static void
skip_comment(struct toml_parser *p)
{
	bool good, told = false;

	/* Of the bad characters only the first is reported. */
	while (p->at < p->end && !toml_at_newline(p)) {
		(void)toml_character(p, !told, &good);
		told = told || !good;
	}
}

/* Goes past spaces, comments and newlines. */
static void
skip_blank(struct toml_parser *p)
{
	do {
		toml_skip_space(p);
		if (toml_next_is(p, '#'))
			skip_comment(p);
	} while (toml_newline(p));
}

static int
read_array(struct toml_parser *p, unsigned depth, struct toml_array *array)
{
	struct place start = toml_place(p, p->at);
	struct toml_value value;

	do {
		p->at++; /* the '[' or ',' */
		skip_blank(p);
		if (toml_next_is(p, ']') || p->at == p->end)
			break;
		if (read_value(p, depth + 1, &value) < 0)
			return -1;
		toml_array_add(array, &value);
		skip_blank(p);
	} while (toml_next_is(p, ','));
	if (p->at == p->end)
		return toml_error(p, start, "this array has no end");
	if (!toml_next_is(p, ']'))
		return toml_expected(p, "',' or ']' in an array");
	return 0;
}

/* An array or an inline table, which nests that deep. */
static int
read_container(struct toml_parser *p, unsigned depth, struct toml_value *out)
{
	int result;

	if (!may_nest(p, depth, out->place))
		return -1;
	if (p->open++ == 0)
		p->opened = p->line_start;
	if (*p->at == '[') {
		out->type = TOML_ARRAY;
		out->array = toml_array_new(false);
		result = read_array(p, depth, out->array);
	} else {
		out->type = TOML_TABLE;
		out->table = toml_table_new(TOML_INLINE, depth);
		result = read_inline_table(p, out->table);
	}
	if (result < 0) {
		toml_value_fini(out);
		return -1;
	}
	p->at++; /* what closes it */
	p->open--;
	return 0;
}

/*
 * Reads a value that is that many tables and arrays deep, if it is one of
 * them: that bounds the recursion.  After -1 out is nothing that is owned.
 */
static int
read_value(struct toml_parser *p, unsigned depth, struct toml_value *out)
{
	*out = (struct toml_value){
		.type = TOML_BOOLEAN,
		.place = toml_place(p, p->at),
	};
	if (toml_next_is(p, '"') || toml_next_is(p, '\'')) {
		if (toml_quoted(p, true, &out->string) < 0)
			return -1;
		out->type = TOML_STRING;
		return 0;
	}
	if (toml_next_is(p, '[') || toml_next_is(p, '{'))
		return read_container(p, depth, out);
	if (p->at < p->end && toml_scalar_begins(*p->at))
		return toml_scalar(p, out);
	return toml_expected(p, "a value");
}

/* The table of [a.b.c], where table is that of a.b; NULL after an error. */
static struct toml_table *
define_table(struct toml_parser *p, struct toml_table *table, struct part *part)
{
	struct toml_entry *old;

	old = toml_table_find(table, part->key.bytes, part->key.len);
	if (old == NULL)
		return add_table(p, table, part, TOML_HEADER);
	if (old->value.type != TOML_TABLE ||
	    toml_table_kind(old->value.table) != TOML_IMPLICIT) {
		conflict(p, part, old, "defined again");
		return NULL;
	}
	toml_table_define(old->value.table, TOML_HEADER);
	old->place = old->value.place = part->place;
	return old->value.table;
}

/* The next table of [[a.b.c]], likewise. */
static struct toml_table *
define_element(struct toml_parser *p, struct toml_table *table,
    struct part *part)
{
	unsigned depth = toml_table_depth(table) + 2;
	struct toml_entry *entry;
	struct toml_value value;

	if (!may_nest(p, depth, part->place))
		return NULL;
	entry = toml_table_find(table, part->key.bytes, part->key.len);
	if (entry == NULL) {
		value = (struct toml_value){
			.type = TOML_ARRAY,
			.place = part->place,
			.array = toml_array_new(true),
		};
		entry = toml_table_add(table, &part->key, part->place, &value);
	} else if (entry->value.type != TOML_ARRAY ||
	    !toml_array_of_tables(entry->value.array)) {
		conflict(p, part, entry, "an array of tables");
		return NULL;
	}
	value = table_value(toml_table_new(TOML_HEADER, depth), part->place);
	/* cppcheck-suppress nullPointerRedundantCheck; added if it was NULL */
	toml_array_add(entry->value.array, &value);
	/* cppcheck-suppress nullPointerRedundantCheck */
	return toml_array_last(entry->value.array);
}

/* [key] or [[key]] */
static int
read_header(struct toml_parser *p)
{
	CLEANUP(part_fini) struct part part = { .key = { NULL, 0 } };
	struct toml_table *table = p->root;
	bool is_element;

	/* After an error, the keys that follow are to disturb no table. */
	toml_free(p->lost);
	p->lost = toml_table_new(TOML_HEADER, 0);
	p->current = p->lost;

	p->at++;
	is_element = toml_next_is(p, '[');
	if (is_element)
		p->at++;
	toml_skip_space(p);
	if (read_key(p, &table, TOML_IMPLICIT, &part) < 0)
		return -1;
	if (!toml_next_is(p, ']'))
		return toml_expected(p, "'.' or ']' after the key of a header");
	p->at++;
	if (is_element && !toml_next_is(p, ']'))
		return toml_expected(p, "']]' at the end of a header");
	if (is_element)
		p->at++;
	if (table != NULL)
		table = is_element ? define_element(p, table, &part) :
				     define_table(p, table, &part);
	if (table != NULL)
		p->current = table;
	return 0;
}

/* A line of the document; a value in it may go on for more than one. */
static int
read_line(struct toml_parser *p)
{
	toml_skip_space(p);
	if (toml_next_is(p, '[')) {
		if (read_header(p) < 0)
			return -1;
	} else if (p->at < p->end && *p->at != '#' && !toml_at_newline(p)) {
		if (read_pair(p, p->current) < 0)
			return -1;
	}
	toml_skip_space(p);
	if (toml_next_is(p, '#'))
		skip_comment(p);
	if (p->at < p->end && !toml_newline(p))
		return toml_expected(p, "the end of the line");
	return 0;
}

/* The end of what can be a key, and the spaces around it, from s on. */
static const char *
skip_key(const struct toml_parser *p, const char *s)
{
	char quote = '\0'; /* the one that is open */

	for (; s < p->end && *s != '\n'; s++) {
		if (quote != '\0')
			quote = *s == quote ? '\0' : quote;
		else if (*s == '"' || *s == '\'')
			quote = *s;
		else if (!toml_is_bare(*s) && *s != '.' && *s != ' ' &&
		    *s != '\t')
			break;
	}
	return s;
}

/* Whether the line at p->at looks like key = value, or like a [header]. */
static bool
looks_like_line(const struct toml_parser *p)
{
	struct toml_parser look = *p;
	bool is_header;

	toml_skip_space(&look);
	is_header = toml_next_is(&look, '[');
	while (toml_next_is(&look, '['))
		look.at++;
	look.at = skip_key(&look, look.at);
	if (!is_header)
		return toml_next_is(&look, '=');
	if (!toml_next_is(&look, ']'))
		return false;
	while (toml_next_is(&look, ']'))
		look.at++;
	toml_skip_space(&look);
	return look.at == look.end || toml_at_newline(&look) ||
	    toml_next_is(&look, '#');
}

static size_t
indentation(const struct toml_parser *p, const char *line)
{
	struct toml_parser look = *p;

	look.at = line;
	toml_skip_space(&look);
	return (size_t)(look.at - line);
}

/*
 * After an error that the parser cannot go past, finds a line to go on with.
 * That is the next one, unless the error is in an array or an inline table:
 * then it is one that does not look like a part of it, by what is on it and
 * by being indented no more than the line where it all begins.
 */
static void
recover(struct toml_parser *p)
{
	if (p->open > 0 && p->line_start > p->opened)
		p->at = p->line_start;
	else
		toml_skip_line(p);
	while (p->open > 0 && p->at < p->end &&
	    (!looks_like_line(p) ||
		indentation(p, p->at) > indentation(p, p->opened)))
		toml_skip_line(p);
	p->open = 0;
}

struct toml_table *
toml_parse(const char *text, size_t len, struct problems *problems)
{
	static const char mark[] = "\xef\xbb\xbf"; /* U+FEFF */
	CLEANUP(toml_cleanup) struct toml_table *root = NULL;
	struct toml_parser p = {
		.at = text,
		.end = text + len,
		.line = 1,
		.problems = problems,
	};

	if (len > TOML_SIZE_MAX) {
		problem_error(problems, NOWHERE, NULL,
		    "too long: %zu bytes, and at most %zu are read", len,
		    TOML_SIZE_MAX);
		return NULL;
	}
	if (len >= 3 && memcmp(text, mark, 3) == 0)
		p.at += 3;
	p.line_start = p.at;
	root = toml_table_new(TOML_HEADER, 0);
	p.root = p.current = root;
	while (p.at < p.end)
		if (read_line(&p) < 0)
			recover(&p);
	toml_free(p.lost);
	return p.errors > 0 ? NULL : STEAL(root);
}
