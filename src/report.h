/*
 * Policy: what is said to the user, and the count of what went wrong.
 *
 * Every message is one line that starts with the program's name; control
 * characters in names and paths are shown as \xHH.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "compiler.h"
#include "diag.h"

enum report_level { REPORT_QUIET, REPORT_NORMAL, REPORT_VERBOSE };

struct report {
	const char *program;
	enum report_level level;
	unsigned errors;
	bool document; /* standard output is for a document alone */
};

/* To standard error, always, and counted: the program will end with 2. */
ATTR_PRINTF(2, 3)
void report_error(struct report *report, const char *format, ...);
/* To standard error, unless quiet. */
ATTR_PRINTF(2, 3)
void report_warning(struct report *report, const char *format, ...);
/* To standard output, unless quiet: what has been done. */
ATTR_PRINTF(2, 3)
void report_done(struct report *report, const char *format, ...);
/* To standard output, with --verbose. */
ATTR_PRINTF(2, 3)
void report_detail(struct report *report, const char *format, ...);

/* How errors in a list of problems count. */
enum report_as { REPORT_AS_THEY_ARE, REPORT_AS_WARNINGS };

/*
 * One line a problem: subject:LINE:COLUMN: FIELD: REASON.  Then empties the
 * list.
 */
ATTR_NONNULL
void report_problems(struct report *report, const char *subject,
    struct problems *problems, enum report_as as);

/* Writes text with control characters as \xHH. */
ATTR_NONNULL void report_text(FILE *stream, const char *text);

/* An argument as a shell would take it; owned by the caller. */
ATTR_MALLOC ATTR_NONNULL char *report_quote(const char *text);

#endif
