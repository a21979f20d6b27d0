/*
 * Store: which file was fixed for an entry with the flag F.
 *
 * The kernel keeps that file open and shows only its path, so a replaced
 * program goes on running in its old form unseen.  What was registered is
 * remembered in a file of the run directory, one for each instance of
 * binfmt_misc, a line an entry: device, inode, size, seconds and nanoseconds
 * of the modification time, name.
 */
#ifndef FIXED_H
#define FIXED_H

#include <stdbool.h>

#include "compiler.h"

struct fixed;

enum fixed_state {
	FIXED_CURRENT,	/* the same file is there now */
	FIXED_REPLACED, /* another one */
	FIXED_MISSING,	/* none */
	FIXED_UNKNOWN,	/* nothing is remembered */
};

/*
 * Reads what is remembered for an instance (kernel_instance()).  A file that
 * is missing or cannot be understood counts as empty.  rundir is borrowed.
 * Owned by the caller.
 */
ATTR_USE_RESULT ATTR_NONNULL struct fixed *fixed_open(const char *rundir,
    unsigned long long instance);

/* Drops it, unsaved.  fixed may be NULL. */
void fixed_free(struct fixed *fixed);

/* Remembers the file that interpreter leads to now. */
ATTR_NONNULL
void fixed_set(struct fixed *fixed, const char *name, const char *interpreter);
ATTR_NONNULL void fixed_drop(struct fixed *fixed, const char *name);

ATTR_NONNULL
enum fixed_state fixed_look(const struct fixed *fixed, const char *name,
    const char *interpreter);

/*
 * Writes what has changed; without a change nothing.  It is a convenience:
 * where it cannot be written, stale programs will not be noticed.  Called
 * under the lock of the database.  Returns 0 or -1.
 */
ATTR_NONNULL int fixed_save(struct fixed *fixed);

#endif
