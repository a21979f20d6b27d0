/*
 * Policy: which interpreter a program is given, and how it is handed over.
 *
 *  1. With other credentials than the caller's (AT_SECURE) nothing that the
 *     caller controls MUST be looked at: no environment, no file of the user,
 *     no configuration that others can write, and nobody is asked anything.
 *  2. Then the program MUST be handed over as the open file that the kernel
 *     gave, or not at all: a path could lead to another file by now.
 *  3. Nothing MUST be executed through PATH or a shell.
 *  4. What the interpreter inherits MUST be what we inherited: environment,
 *     signals, descriptors, and no child.
 *  5. The interpreter MUST NOT be something that comes back to us.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "dispatchconf.h"
#include "invocation.h"
#include "report.h"

/* As a shell would: found but not executable, and not found. */
#define DISPATCH_CANNOT_RUN 126
#define DISPATCH_NOT_FOUND  127

/* Where things are; all borrowed. */
struct dispatch_paths {
	const char *vendor;  /* a directory of drop-ins */
	const char *admin;   /* a file */
	const char *user;    /* a file; NULL: as the environment says */
	const char *helpers; /* a directory; NULL: those of the system */
	long page_size;	     /* 0: the system's */
};

/* A file of the configuration, and what became of it. */
struct dispatch_file {
	char *path;
	enum { DISPATCH_READ, DISPATCH_ABSENT, DISPATCH_SKIPPED } state;
	struct problems problems;
};

struct dispatch {
	struct report *report;
	const struct invocation *invocation;
	struct dispatch_paths paths;
	struct dispatchconf conf;
	enum dispatchconf_level level;
	struct dispatch_file *files;
	size_t files_count, files_room;
};

/* What is to be run. */
struct dispatch_program {
	const char *path;  /* as it was executed */
	const char *argv0; /* as it would have got it */
	char **rest;	   /* the further arguments, up to NULL */
	size_t rest_count;
	int fd;		     /* the file itself */
	char *resolved;	     /* without links; NULL: not known */
	const char *machine; /* NULL: not known */
	bool by_descriptor;  /* handed over as such */
	char handed[32];     /* then its name */
};

/* One interpreter that is considered, and why it is not taken. */
struct dispatch_candidate {
	const struct dispatchconf_interpreter *interpreter;
	char *missing; /* what it lacks, or NULL */
	bool unsuited; /* and no installation helps */
};

struct dispatch_choice {
	char *reason; /* why the first of them comes first */
	struct dispatch_candidate *candidates;
	size_t count, room;
};

/* Reads the configuration; all that is wrong in it has been said then. */
ATTR_NONNULL void dispatch_init(struct dispatch *dispatch,
    const struct dispatch_paths *paths, const struct invocation *invocation,
    struct report *report);
ATTR_NONNULL void dispatch_fini(struct dispatch *dispatch);

/* Says something on standard error, at that level of the log. */
ATTR_PRINTF(3, 4)
void dispatch_log(const struct dispatch *dispatch,
    enum dispatchconf_level level, const char *format, ...);

/*
 * Opens program->path, or takes the kernel's descriptor, and looks at it.
 * Returns 0, or -1 when it cannot be run at all: that was reported.
 */
ATTR_USE_RESULT ATTR_NONNULL int dispatch_open(const struct dispatch *dispatch,
    struct dispatch_program *program);
ATTR_NONNULL void dispatch_close(struct dispatch_program *program);

/*
 * Finds the interpreters to try, the first one first.  Returns 0; or -1, and
 * reported, when there is none.
 */
ATTR_USE_RESULT ATTR_NONNULL int dispatch_choose(
    const struct dispatch *dispatch, const struct dispatch_program *program,
    struct dispatch_choice *choice);
ATTR_NONNULL void dispatch_choice_fini(struct dispatch_choice *choice);

/* Looks again at what a candidate lacks. */
ATTR_NONNULL void dispatch_examine(const struct dispatch *dispatch,
    const struct dispatch_program *program,
    struct dispatch_candidate *candidate);

/* The paths that are not there; owned by the caller. */
ATTR_NONNULL struct dispatchconf_list dispatch_missing(
    const struct dispatch *dispatch,
    const struct dispatchconf_interpreter *interpreter);

/* Whether the interpreter is to be run in a virtual machine. */
ATTR_NONNULL bool dispatch_wants_muvm(const struct dispatch *dispatch,
    const struct dispatchconf_interpreter *interpreter);

/*
 * The arguments of the interpreter, the program to be executed first.  The
 * array is owned by the caller, what it points to is not.
 */
ATTR_NONNULL char **dispatch_arguments(const struct dispatch *dispatch,
    const struct dispatch_program *program,
    const struct dispatchconf_interpreter *interpreter);

/*
 * Offers the user to install what a candidate lacks.  Whether it has been
 * tried, so that a look again is worth it; if not, *hint may be what there is
 * to say about it, owned by the caller.
 */
ATTR_USE_RESULT ATTR_NONNULL bool dispatch_install(
    const struct dispatch *dispatch, const struct dispatch_program *program,
    const struct dispatch_choice *choice, char **hint);

/* Runs the program; returns, with a status to exit with, if it could not. */
ATTR_USE_RESULT ATTR_NONNULL int dispatch_run(struct dispatch *dispatch,
    struct dispatch_program *program);

/* Prints what would be done and why; returns the status to exit with. */
ATTR_USE_RESULT ATTR_NONNULL int dispatch_explain(struct dispatch *dispatch,
    struct dispatch_program *program);

#endif
