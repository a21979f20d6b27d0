/*
 * Store: the index, by which run-detectors finds the formats that match a file
 * without reading them all.
 *
 * It says of which directories it was made and what was in them: a directory
 * that has been changed since makes it worthless.  Whoever uses it reads again
 * what it names.
 */
#ifndef INDEX_H
#define INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "compiler.h"
#include "format.h"
#include "paths.h"

/* The database, the overrides, and those of binfmt.d. */
#define INDEX_DIRECTORIES (2 + PATHS_BINFMTD)

/* A directory at some moment; all zero: it is not there. */
struct index_directory {
	uint64_t device, inode;
	int64_t seconds, nanoseconds; /* of the modification */
};

struct index_state {
	struct index_directory directories[INDEX_DIRECTORIES];
};

/*
 * Looks at the directories of paths; admindir is that of the database, open,
 * or -1: it is not there.  Returns 0, or -1: one of them cannot be examined.
 */
ATTR_USE_RESULT ATTR_NONNULL int index_look(const struct paths *paths,
    int admindir, struct index_state *state);

/*
 * Whether a directory was modified so long before a moment that no change
 * after that moment can have given it the same time of modification.
 */
ATTR_NONNULL
bool index_is_settled(const struct index_directory *directory,
    const struct timespec *moment);

struct index;

/*
 * Opens the file path, if it is an index of that state that can be believed:
 * root's, complete, and of a time when the directories had settled.  Owned by
 * the caller; otherwise NULL.
 */
ATTR_USE_RESULT ATTR_NONNULL struct index *index_open(const char *path,
    const struct index_state *state);

/* Whether it is just what index_print() has made. */
ATTR_NONNULL
bool index_has(const struct index *index, const char *text, size_t len);

/* index may be NULL. */
void index_close(struct index *index);

/* What the index says of a format; all zero to begin with. */
struct index_match {
	const char *name; /* borrowed from the index until the next call */
	bool binfmtd;
	uint32_t group, probes; /* where to go on */
};

enum index_result {
	INDEX_FOUND,
	INDEX_END,     /* there is no other one */
	INDEX_DAMAGED, /* what was found before is true all the same */
};

/* Finds the next format whose spec matches a file, as spec_matches() has it. */
ATTR_USE_RESULT ATTR_NONNULL enum index_result index_next(struct index *index,
    const unsigned char head[SPEC_HEAD], const char *path,
    struct index_match *match);

/* The content of the file for these formats, owned by the caller. */
ATTR_USE_RESULT char *index_print(const struct index_state *state,
    struct format *const *formats, size_t count, size_t *len);

#endif
