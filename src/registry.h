/*
 * Policy: all formats there are: the recorded ones and the rules of binfmt.d,
 * with what the administrator has said about them.
 *
 * A name known to both is the recorded one's.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "binfmtd.h"
#include "compiler.h"
#include "database.h"
#include "format.h"
#include "override.h"
#include "paths.h"

struct registry {
	/* In effect, sorted by name; NULL as long as there are none. */
	struct format **formats;
	size_t count, room;
	struct format **owned; /* those of formats that are not borrowed */
	size_t owned_count, owned_room;
	struct binfmtd binfmtd;
	struct overrides overrides;
};

/*
 * Reads the overrides, and binfmt.d: all of it, or the given files, or with
 * binfmtd false nothing.
 */
void registry_read(struct registry *registry, const struct paths *paths,
    bool binfmtd, char *const *files, size_t file_count);

/*
 * Adds one format to the list, of the database whose directory is open as
 * admindir or of binfmt.d, with what the administrator has said about it.  One
 * that is not there any more adds nothing.
 */
ATTR_NONNULL
void registry_read_one(struct registry *registry, const struct paths *paths,
    int admindir, const char *name, bool binfmtd);

/*
 * Makes the list of formats, of what was read and of the recorded ones, which
 * are borrowed until the next call.  extra, unless NULL, counts in place of a
 * recorded one of its name.
 */
void registry_merge(struct registry *registry, const struct database *database,
    struct format *extra);

/* The format of that name, or NULL. */
ATTR_NONNULL
const struct format *registry_find(const struct registry *registry,
    const char *name);

ATTR_NONNULL void registry_fini(struct registry *registry);

#endif
