/*
 * Policy: --install and --remove, one format at a time.
 */
#ifndef INSTALL_H
#define INSTALL_H

#include "admin.h"
#include "apply.h"
#include "compiler.h"
#include "format.h"

/* Records a format and registers it.  Takes over the content of format. */
ATTR_NONNULL void install_format(struct admin *admin, struct format *format);

/* The same, with database and kernel open already. */
ATTR_NONNULL void install_record(struct admin *admin, struct format *format);

/* Removes a format, if it belongs to the package. */
ATTR_NONNULL
void install_remove(struct admin *admin, const char *name, const char *package);

/*
 * Takes one format out of the kernel and the database.  With registrable the
 * kernel can be changed.  Ends with admin_publish() and
 * install_settle().
 */
ATTR_USE_RESULT ATTR_NONNULL int install_drop(struct admin *admin,
    const char *name, bool registrable);

/* After formats have been dropped: others may now have a direct entry. */
ATTR_NONNULL void install_settle(struct admin *admin);

/* How an owner is called in messages: "package jar", or "the administrator". */
ATTR_MALLOC ATTR_NONNULL char *install_owner(const char *package);

#endif
