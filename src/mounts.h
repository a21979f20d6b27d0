/*
 * Base: what is mounted where.
 */
#ifndef MOUNTS_H
#define MOUNTS_H

#include <stdbool.h>

#include "compiler.h"

/*
 * Whether something is mounted on path itself, and nothing of that is an
 * automount.  False where /proc cannot tell.
 */
ATTR_NONNULL bool mounts_is_plain(const char *path);

#endif
