/*
 * What a TOML document gives, as one text that a test can compare.
 */
#ifndef TOML_OUTCOME_H
#define TOML_OUTCOME_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler.h"
#include "diag.h"
#include "toml.h"
#include "xalloc.h"

/* Text with its length, since there can be a NUL in it. */
#define TEXT(literal) literal, sizeof(literal) - 1

/*
 * A tree in one line: {key=value ...}, [value ...], "string" with \xHH for
 * what is not printable ASCII, 1, 1f (a float), true, and T@text for dates
 * and times, where T is O, L, D or T for the four types.
 */
static void show_value(FILE *, const struct toml_value *);

static void
show_bytes(FILE *out, const struct toml_string *string)
{
	size_t i;

	assert_int_equal(string->bytes[string->len], '\0');
	for (i = 0; i < string->len; i++) {
		unsigned char c = (unsigned char)string->bytes[i];

		fprintf(out, c < 0x20 || c > 0x7e ? "\\x%02x" : "%c", c);
	}
}

static void
show_table(FILE *out, const struct toml_table *table)
{
	const struct toml_entry *entry;
	size_t i;

	fputc('{', out);
	for (i = 0; i < toml_table_count(table); i++) {
		entry = toml_table_at(table, i);
		assert_ptr_equal(entry,
		    toml_find(table, entry->key.bytes, entry->key.len));
		if (i > 0)
			fputc(' ', out);
		show_bytes(out, &entry->key);
		fputc('=', out);
		show_value(out, &entry->value);
	}
	fputc('}', out);
}

static void
show_array(FILE *out, const struct toml_array *array)
{
	size_t i;

	fputc('[', out);
	for (i = 0; i < toml_array_count(array); i++) {
		if (i > 0)
			fputc(' ', out);
		show_value(out, toml_array_at(array, i));
	}
	fputc(']', out);
}

static void
show_value(FILE *out, const struct toml_value *value)
{
	switch (value->type) {
	case TOML_STRING:
		fputc('"', out);
		show_bytes(out, &value->string);
		fputc('"', out);
		break;
	case TOML_INTEGER:
		fprintf(out, "%lld", (long long)value->integer);
		break;
	case TOML_FLOAT:
		if (isnan(value->number))
			fputs("nan", out);
		else
			fprintf(out, "%.17gf", value->number);
		break;
	case TOML_BOOLEAN:
		fputs(value->boolean ? "true" : "false", out);
		break;
	case TOML_OFFSET_DATETIME:
	case TOML_LOCAL_DATETIME:
	case TOML_LOCAL_DATE:
	case TOML_LOCAL_TIME:
		fprintf(out, "%c@", "OLDT"[value->type - TOML_OFFSET_DATETIME]);
		show_bytes(out, &value->string);
		break;
	case TOML_ARRAY:
		show_array(out, value->array);
		break;
	case TOML_TABLE:
		show_table(out, value->table);
		break;
	}
}

/* What a document gives: its tree, or LINE:COLUMN: REASON for each error. */
static char *
outcome(const char *text, size_t len)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(toml_cleanup) struct toml_table *root = NULL;
	char *exact, *result;
	size_t size, i;
	FILE *out;

	/* Nothing is read behind the text: a checker would tell. */
	exact = xmalloc(len);
	memcpy(exact, text, len);
	root = toml_parse(exact, len, &problems);
	free(exact);
	assert_true((root == NULL) == (problems.errors > 0));
	assert_int_equal(problems.count, problems.errors);
	out = open_memstream(&result, &size);
	assert_non_null(out);
	if (root != NULL)
		show_table(out, root);
	for (i = 0; i < problems.count; i++)
		fprintf(out, "%s%u:%u: %s", i > 0 ? "\n" : "",
		    problems.items[i].place.line,
		    problems.items[i].place.column, problems.items[i].reason);
	assert_int_equal(fclose(out), 0);
	return result;
}

struct document {
	const char *text;
	size_t len;
	const char *outcome;
};

static void
check_documents(const struct document *documents, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *got = NULL;

		got = outcome(documents[i].text, documents[i].len);
		if (strcmp(got, documents[i].outcome) != 0)
			print_message("# of: %s\n", documents[i].text);
		assert_string_equal(got, documents[i].outcome);
	}
}

#define CHECK(documents) check_documents(documents, ARRAY_LEN(documents))

#endif
