/*
 * Policy: --install and --remove, one format at a time.
 */
#ifndef INSTALL_H
#define INSTALL_H

#include "admin.h"
#include "apply.h"
#include "compiler.h"
#include "format.h"
#include "textlist.h"

/* Records a format and registers it.  Takes over the content of format. */
ATTR_NONNULL void install_format(struct admin *admin, struct format *format);

/* The same, with database and kernel open already. */
ATTR_NONNULL
void install_record(struct admin *admin, struct format *format,
    enum apply_want want);

/* Removes a format, if it belongs to the package. */
ATTR_NONNULL
void install_remove(struct admin *admin, const char *name, const char *package);

/*
 * Takes one format out of the database, and out of the kernel when that can be
 * changed (registrable).  Adds the names of formats that can be registered
 * now to displaced.  Returns 0 or -1.  Ends with admin_publish() and
 * install_settle().
 */
ATTR_USE_RESULT ATTR_NONNULL int install_drop(struct admin *admin,
    const char *name, bool registrable, struct textlist *displaced);

/* After formats have been dropped: others may now have a direct entry. */
ATTR_NONNULL
void install_settle(struct admin *admin, struct textlist *displaced);

/* Says that a record stays, because it is not the caller's. */
/*
 * Removes the entry of a name that is not recorded, if it is remembered as that
 * of a record: what was taken away when the kernel could not be changed.  The
 * kernel is open, and can be changed if registrable says so.  Returns whether
 * there was one.
 */
ATTR_NONNULL
bool install_forget(struct admin *admin, const char *name, bool registrable);

ATTR_NONNULL
void install_say_not_owner(struct admin *admin, const char *name,
    const char *owner, const char *package);

/* How an owner is called in messages: "package jar", or "the administrator". */
ATTR_MALLOC ATTR_NONNULL char *install_owner(const char *package);

#endif
