/*
 * Reads TOML on standard input and prints it as the JSON of the toml-test
 * suite, in which every scalar is an object of its type and its text.  With
 * an error, prints each as -:LINE:COLUMN: REASON on standard error: status 1.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "diag.h"
#include "toml.h"
#include "xalloc.h"

static void print_table(const struct toml_table *);

static void
print_string(const struct toml_string *string)
{
	size_t i;

	putchar('"');
	for (i = 0; i < string->len; i++) {
		unsigned char c = (unsigned char)string->bytes[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void
print_number(double number)
{
	/* The sign of a NaN does not matter. */
	if (isnan(number))
		printf("nan");
	else if (isinf(number))
		printf(number > 0 ? "inf" : "-inf");
	else
		printf("%.17g", number);
}

static void
print_scalar(const struct toml_value *value)
{
	static const char *const names[] = {
		[TOML_STRING] = "string",
		[TOML_INTEGER] = "integer",
		[TOML_FLOAT] = "float",
		[TOML_BOOLEAN] = "bool",
		[TOML_OFFSET_DATETIME] = "datetime",
		[TOML_LOCAL_DATETIME] = "datetime-local",
		[TOML_LOCAL_DATE] = "date-local",
		[TOML_LOCAL_TIME] = "time-local",
	};

	printf("{\"type\":\"%s\",\"value\":", names[value->type]);
	if (value->type == TOML_INTEGER) {
		printf("\"%lld\"", (long long)value->integer);
	} else if (value->type == TOML_FLOAT) {
		putchar('"');
		print_number(value->number);
		putchar('"');
	} else if (value->type == TOML_BOOLEAN) {
		printf("\"%s\"", value->boolean ? "true" : "false");
	} else {
		print_string(&value->string);
	}
	putchar('}');
}

static void
print_value(const struct toml_value *value)
{
	size_t i;

	if (value->type == TOML_TABLE) {
		print_table(value->table);
	} else if (value->type == TOML_ARRAY) {
		putchar('[');
		for (i = 0; i < toml_array_count(value->array); i++) {
			if (i > 0)
				putchar(',');
			print_value(toml_array_at(value->array, i));
		}
		putchar(']');
	} else {
		print_scalar(value);
	}
}

static void
print_table(const struct toml_table *table)
{
	const struct toml_entry *entry;
	size_t i;

	putchar('{');
	for (i = 0; i < toml_table_count(table); i++) {
		entry = toml_table_at(table, i);
		if (i > 0)
			putchar(',');
		print_string(&entry->key);
		putchar(':');
		print_value(&entry->value);
	}
	putchar('}');
}

int
main(void)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(toml_cleanup) struct toml_table *root = NULL;
	CLEANUP(cleanup_free) char *text = xmalloc(TOML_SIZE_MAX + 1);
	size_t len, i;

	len = fread(text, 1, TOML_SIZE_MAX + 1, stdin);
	if (ferror(stdin)) {
		fprintf(stderr, "toml-json: cannot read standard input\n");
		return 2;
	}
	root = toml_parse(text, len, &problems);
	for (i = 0; i < problems.count; i++)
		fprintf(stderr, "-:%u:%u: %s\n", problems.items[i].place.line,
		    problems.items[i].place.column, problems.items[i].reason);
	if (root == NULL)
		return 1;
	print_table(root);
	putchar('\n');
	return fflush(stdout) == 0 ? 0 : 2;
}
