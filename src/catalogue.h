/*
 * Policy: the formats that run-detectors has to know for a file, read with the
 * help of the index where that is possible; and the index, kept up to date.
 *
 * With the index or without it the answer is the same.
 */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#include <stdbool.h>
#include <time.h>

#include "compiler.h"
#include "database.h"
#include "diag.h"
#include "index.h"
#include "paths.h"
#include "registry.h"

struct catalogue {
	const struct paths *paths;
	struct registry registry;
	struct index *index;	   /* NULL: registry has all formats */
	bool damaged;		   /* it is, so that formats can be missing */
	int admindir;		   /* with an index */
	struct database *database; /* without one */
};

/*
 * Opens the index, or reads all formats where there is none or it must not be
 * used.  paths is borrowed.  Returns 0 and the caller ends with
 * catalogue_fini(), or -1 and a problem.
 */
ATTR_USE_RESULT ATTR_NONNULL int catalogue_open(struct catalogue *catalogue,
    const struct paths *paths, bool with_index, struct problems *problems);
ATTR_NONNULL void catalogue_fini(struct catalogue *catalogue);

/* Sees to it that the registry has all formats that match a file. */
ATTR_NONNULL void catalogue_need(struct catalogue *catalogue,
    const unsigned char head[SPEC_HEAD], const char *path);

/* What has to be known before anything is read. */
struct catalogue_start {
	bool known;
	struct index_state state;
	struct timespec time; /* when that was looked at */
};

ATTR_NONNULL void catalogue_start(struct catalogue_start *start,
    const struct paths *paths);

/*
 * Writes the index of what is recorded now, unless it is there already.  The
 * database is locked, and the registry has been read, with all of binfmt.d,
 * after start.  Where it cannot be written there will be none.
 */
ATTR_NONNULL void catalogue_write(const struct catalogue_start *start,
    const struct paths *paths, struct database *database,
    struct registry *registry);

#endif
