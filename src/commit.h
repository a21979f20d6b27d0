/*
 * Base: changes to the files of a directory that survive anything.
 *
 * A reader sees the old content of a file or the new one, never a part, and
 * after a crash or a power cut the same holds.  See commit.c for the rules.
 */
#ifndef COMMIT_H
#define COMMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"

struct commit;

/*
 * Collects changes to the directory of dirfd, which is borrowed and must
 * outlive the result.  Owned by the caller; ends with commit_free().
 */
ATTR_USE_RESULT struct commit *commit_new(int dirfd);

/*
 * The same for what can be made again: nothing waits for the disk, and after a
 * power cut a file can have any content.
 */
ATTR_USE_RESULT struct commit *commit_new_volatile(int dirfd);

/* Drops what was not published.  commit may be NULL. */
void commit_free(struct commit *commit);

/*
 * Writes the new content of the file name, mode 0644, so far invisible.
 * Returns 0 or -1 and a problem; nothing visible has changed in either case.
 */
ATTR_USE_RESULT ATTR_NONNULL int commit_put(struct commit *commit,
    const char *name, const char *text, size_t len, struct problems *problems);

/*
 * Makes all that was put visible and durable.  Returns 0; or -1 and problems,
 * and commit_is_published() tells what has become visible all the same.
 */
ATTR_USE_RESULT ATTR_NONNULL int commit_publish(struct commit *commit,
    struct problems *problems);

/* Whether the change of that number, in the order of commit_put(), is. */
ATTR_NONNULL
bool commit_is_published(const struct commit *commit, size_t number);

/*
 * Removes a file.  A missing one is no problem.  It is durable after
 * commit_sync().  Returns 0, or -1 and a problem.
 */
ATTR_USE_RESULT ATTR_NONNULL int commit_remove(int dirfd, const char *name,
    struct problems *problems);

/* Makes renames and removals in the directory durable; 0 or -1. */
ATTR_NONNULL int commit_sync(int dirfd, struct problems *problems);

/* Whether a directory entry is the leftover of a commit that was killed. */
ATTR_NONNULL bool commit_is_temporary(const char *name);

/* Removes all of these; the caller holds a lock. */
void commit_sweep(int dirfd);

/*
 * Takes the lock of a directory: in its parent, open as dirfd, the file named
 * like it with ".lock" behind, mode 0600.  Waits for it up to the given number
 * of seconds.  Returns a descriptor that holds the lock until it is closed; or
 * -1, errno and a problem.
 */
ATTR_USE_RESULT ATTR_NONNULL int commit_lock(int dirfd, const char *directory,
    unsigned seconds, struct problems *problems);

#endif
