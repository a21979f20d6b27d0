/*
 * Store: what we have registered since the kernel was booted.
 *
 * The kernel does not tell who registered an entry, nor, with the flag F,
 * which file it has open: a replaced program goes on running in its old form
 * unseen.  So that is remembered in a file of the run directory, one for each
 * mount of binfmt_misc, with a line an entry: device, inode, size, seconds and
 * nanoseconds of the modification time of the fixed file, or zeros; a letter
 * for what asked for the entry; and the register string.
 */
#ifndef REGISTERED_H
#define REGISTERED_H

#include <stdbool.h>

#include "compiler.h"
#include "rule.h"

struct registered;

/* How the file of an entry with the flag F compares with the one there now. */
enum registered_state {
	REGISTERED_CURRENT,
	REGISTERED_REPLACED, /* another one is there */
	REGISTERED_MISSING,  /* none is */
	REGISTERED_UNKNOWN,  /* nothing is remembered */
};

/*
 * What is remembered for an instance (kernel_instance()), read when it is first
 * asked for; NULL: there is none, and nothing will be remembered.  A file that
 * is missing counts as empty, and so does a line that cannot be understood.
 * rundir is borrowed.  Owned by the caller.
 */
ATTR_USE_RESULT
struct registered *registered_open(const char *rundir, const char *instance);

/* Drops it, unsaved.  registered may be NULL. */
void registered_free(struct registered *registered);

/* What asked for an entry; as written in the file. */
enum registered_origin {
	REGISTERED_RECORDED = 'd', /* the database */
	REGISTERED_BINFMTD = 'b',
};

/* Remembers a rule, and with the flag F the file of its interpreter. */
ATTR_NONNULL
void registered_set(struct registered *registered, const struct rule *rule,
    enum registered_origin origin);
ATTR_NONNULL
void registered_drop(struct registered *registered, const char *name);

/* Whether we have registered a rule of that name for that origin. */
ATTR_NONNULL
bool registered_is(struct registered *registered, const char *name,
    enum registered_origin origin);

/* Whether we have registered a rule of that name and effect. */
ATTR_NONNULL
bool registered_matches(struct registered *registered, const struct rule *rule);

ATTR_NONNULL
enum registered_state registered_look(struct registered *registered,
    const char *name, const char *interpreter);

/*
 * Writes what has changed; without a change nothing.  It is a convenience:
 * where it cannot be written, stale programs will not be noticed.  Called
 * under the lock of the database.  Returns 0 or -1.
 */
ATTR_NONNULL int registered_save(struct registered *registered);

#endif
