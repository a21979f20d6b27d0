/*
 * Policy: --import and --unimport, of the format files of packages.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include <stddef.h>

#include "admin.h"
#include "compiler.h"
#include "file.h"
#include "format.h"
#include "report.h"

/*
 * name is the name of a file in the import directory, or a path when it
 * contains a slash; the last part of it is the name of the format.
 */
ATTR_NONNULL void import_one(struct admin *admin, const char *name);
ATTR_NONNULL void import_all(struct admin *admin);
ATTR_NONNULL void import_undo_one(struct admin *admin, const char *name);
ATTR_NONNULL void import_undo_all(struct admin *admin);

/* Names, sorted; starts with all zero and ends with import_list_fini(). */
struct import_list {
	char **names;
	size_t count, room;
};

/*
 * The names of all format files of the import directory; a missing directory
 * is empty.  Returns 0, or -1 when that has been reported.
 */
ATTR_USE_RESULT ATTR_NONNULL int import_list(struct admin *admin,
    struct import_list *list);
ATTR_NONNULL void import_list_fini(struct import_list *list);

/*
 * Reads a format file, and reports what is wrong with it as as says.  With
 * FILE_OK the caller ends format with format_fini().
 */
ATTR_USE_RESULT ATTR_NONNULL enum file_result import_read(struct admin *admin,
    const char *path, struct format *format, enum report_as as);

#endif
