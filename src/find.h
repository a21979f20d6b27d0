/*
 * Policy: --find.
 */
#ifndef FIND_H
#define FIND_H

#include "admin.h"
#include "compiler.h"

/*
 * Prints the interpreters that would be tried for the file, one a line, in
 * the order in which they would be tried.  What is not a regular file has
 * none.
 */
ATTR_NONNULL void find_interpreters(struct admin *admin, const char *path);

#endif
