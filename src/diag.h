/*
 * Base: problems as data.  Below the policy layer nothing prints: a function
 * that can find something wrong adds it to a list, and goes on to find the
 * rest.  The caller knows the file and decides what to do.
 */
#ifndef DIAG_H
#define DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

/* Where something was found: both count from 1; 0 means not known. */
struct place {
	unsigned line;
	unsigned column; /* in bytes */
};

struct problem {
	bool warning; /* otherwise an error */
	struct place place;
	const char *field; /* borrowed, a constant; NULL: none */
	char *reason;
};

struct problems {
	struct problem *items;
	size_t count;
	size_t room;
	size_t errors; /* of the count, those that are errors */
};

#define PROBLEMS_INIT                                                          \
	{                                                                      \
		NULL, 0, 0, 0                                                  \
	}
#define NOWHERE ((struct place){ 0, 0 })

ATTR_NONNULL void problems_fini(struct problems *problems);

/* Adds an error; field may be NULL.  Returns -1, so that it can be returned. */
ATTR_PRINTF(4, 5)
int problem_error(struct problems *problems, struct place place,
    const char *field, const char *format, ...);
#ifdef __clang_analyzer__ /* which sees one file at a time */
#	define problem_error(...) ((problem_error)(__VA_ARGS__), -1)
#endif
ATTR_PRINTF(4, 5)
void problem_warning(struct problems *problems, struct place place,
    const char *field, const char *format, ...);

#endif
