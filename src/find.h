/*
 * Policy: --find, and which entry the kernel chooses for a file.
 */
#ifndef FIND_H
#define FIND_H

#include "admin.h"
#include "compiler.h"
#include "format.h"
#include "kernel.h"
#include "spec.h"

/*
 * The entry that the kernel chooses for a file with this head, executed as
 * path; or NULL.  Borrowed from admin->entries.
 */
ATTR_NONNULL
const struct kernel_entry *find_winner(const struct admin *admin,
    const unsigned char head[SPEC_HEAD], const char *path);

/*
 * The formats that run-detectors would try for such a file, in its order.
 * The array is owned by the caller, the formats are borrowed.
 */
ATTR_USE_RESULT ATTR_NONNULL const struct format **find_candidates(
    const struct admin *admin, const unsigned char head[SPEC_HEAD],
    const char *path, size_t *count);

/* Whether run-detectors refuses a candidate because of an endless loop. */
ATTR_NONNULL
bool find_loops(const struct admin *admin, const struct format *format,
    const struct format *const *candidates, size_t count);

/*
 * Prints the interpreters that would be tried for the file, one a line, in
 * the order in which they would be tried.  What is not a regular file has
 * none.
 */
ATTR_NONNULL void find_interpreters(struct admin *admin, const char *path);

#endif
