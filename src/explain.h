/*
 * Policy: --explain.  Predicts what execve(2) of a file does, step by step as
 * the kernel does it, and says why.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "admin.h"
#include "compiler.h"
#include "format.h"
#include "kernel.h"
#include "textlist.h"

/* Stands for the arguments that the file would be executed with. */
#define EXPLAIN_ARGUMENTS "..."

enum explain_kind {
	EXPLAIN_ENTRY,	   /* handled by an entry of binfmt_misc */
	EXPLAIN_DETECTORS, /* the same, and the entry is run-detectors */
	EXPLAIN_SCRIPT,	   /* by its #! line */
	EXPLAIN_NATIVE,	   /* by the kernel itself */
	EXPLAIN_UNKNOWN,   /* nothing accepts it, or it cannot be opened */
};

/* A file that is executed on the way: the first is the one in question. */
struct explain_step {
	char *path;
	enum explain_kind kind;
	const struct kernel_entry *entry; /* that handles it, or NULL */
};

/* An entry as it was held against the file in question. */
struct explain_entry {
	const struct kernel_entry *entry; /* borrowed */
	bool matches;
	bool wins;
	char *why; /* why it matches, or the first thing that does not */
	const char *source; /* what declares it; borrowed, or a constant */
};

/* A format that run-detectors would try. */
struct explain_candidate {
	const struct format *format;
	char *verdict; /* what its detector says, or why it has none to say */
	bool accepted;
	bool chosen;
};

struct explain {
	struct admin *admin;
	const char *path;
	char *file; /* a description of the file itself */
	struct explain_entry *entries;
	size_t entry_count, entry_room;
	struct explain_step *steps;
	size_t step_count, step_room;
	struct explain_candidate *candidates;
	size_t candidate_count, candidate_room;
	struct textlist argv;  /* as the last program gets it */
	struct textlist notes; /* what else a user should know */
	bool runs;
	bool unknown; /* this user may not see enough to tell */
	int error;    /* errno of execve(2); 0: it is not execve that fails */
	char *reason; /* why it does not run, or NULL */
};

/*
 * Fills explain for a path.  Returns 0 and the caller ends it with
 * explain_fini(); or -1 when nothing can be said, which has been reported.
 */
ATTR_USE_RESULT ATTR_NONNULL int explain_make(struct admin *admin,
    const char *path, struct explain *explain);
ATTR_NONNULL void explain_fini(struct explain *explain);

/* Prints it for a person, the verdict in the last line; or as JSON. */
ATTR_NONNULL void explain_print(const struct explain *explain);
ATTR_NONNULL void explain_print_json(const struct explain *explain);

/* Does all of that.  Returns whether the file would run. */
ATTR_NONNULL bool explain_path(struct admin *admin, const char *path);

#endif
