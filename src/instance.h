/*
 * Policy: whose binfmt_misc it is that we see.
 *
 * A container or a chroot often sees the registry of its host.  What a
 * package does inside must not change that; only an administrator who says
 * so may.
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "compiler.h"

/*
 * Why the binfmt_misc mounted on procdir is not of this system, a constant to
 * follow "it belongs to ", or NULL: it is ours, as far as can be known.
 */
ATTR_NONNULL const char *instance_owner(const char *procdir);

#endif
