/*
 * What the unit tests share: cmocka with the headers it wants, and problems and
 * other outcomes as a text that can be compared.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../random.h"
#include "bytes.h"
#include "compiler.h"
#include "diag.h"
#include "xalloc.h"

/* Text with its length, since there can be a NUL in it. */
#define TEXT(literal) literal, sizeof(literal) - 1

/* A copy of the exact size, so that a checker sees any read behind it. */
static inline char *
unit_exact(const char *text, size_t len)
{
	char *copy = xmalloc(len);

	if (len > 0)
		memcpy(copy, text, len);
	return copy;
}

/* A line each: [warning: ][LINE[:COLUMN]: ][FIELD: ]REASON.  Owned. */
static inline char *
unit_problems(const struct problems *problems)
{
	char *text = NULL;
	size_t size, i;
	FILE *out;

	out = open_memstream(&text, &size);
	assert_non_null(out);
	for (i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];

		fputs(i > 0 ? "\n" : "", out);
		fputs(p->warning ? "warning: " : "", out);
		if (p->place.column != 0)
			fprintf(out, "%u:%u: ", p->place.line, p->place.column);
		else if (p->place.line != 0)
			fprintf(out, "%u: ", p->place.line);
		if (p->field != NULL)
			fprintf(out, "%s: ", p->field);
		fputs(p->reason, out);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Compares what was found wrong, and empties the list. */
static inline void
unit_expect_problems(struct problems *problems, const char *expected)
{
	CLEANUP(cleanup_free) char *got = unit_problems(problems);
	size_t i, errors = 0;

	for (i = 0; i < problems->count; i++)
		errors += problems->items[i].warning ? 0 : 1;
	assert_int_equal(problems->errors, errors);
	problems_fini(problems);
	assert_string_equal(got, expected);
}

/* Lower-case hexadecimal digits; owned. */
static inline char *
unit_hex(const struct bytes *bytes)
{
	char *text = xcalloc(2 * bytes->len + 1, 1);
	size_t i;

	for (i = 0; i < bytes->len; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes->data[i]);
	return text;
}

/* Of a clock that nobody sets. */
static inline double
unit_seconds(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A text, and what the function under test makes of it. */
struct unit_case {
	const char *text;
	size_t len;
	const char *outcome;
};

/* outcome() returns what the caller owns. */
static inline void
unit_check(char *(*outcome)(const char *text, size_t len),
    const struct unit_case *cases, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		CLEANUP(cleanup_free)
		char *got = outcome(cases[i].text, cases[i].len);

		if (strcmp(got, cases[i].outcome) != 0)
			print_message("# of: %s\n", cases[i].text);
		assert_string_equal(got, cases[i].outcome);
	}
}

#endif
