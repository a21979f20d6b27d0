/*
 * Policy: --import and --unimport, of the format files of packages.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include "admin.h"
#include "compiler.h"

/*
 * name is the name of a file in the import directory, or a path when it
 * contains a slash; the last part of it is the name of the format.
 */
ATTR_NONNULL void import_one(struct admin *admin, const char *name);
ATTR_NONNULL void import_all(struct admin *admin);
ATTR_NONNULL void import_undo_one(struct admin *admin, const char *name);
ATTR_NONNULL void import_undo_all(struct admin *admin);

#endif
