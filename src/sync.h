/*
 * Policy: --sync, which makes everything agree.
 */
#ifndef SYNC_H
#define SYNC_H

#include "admin.h"
#include "compiler.h"

/*
 * Imports new and changed format files, drops recorded formats whose file is
 * gone, and brings the kernel to what the database and binfmt.d say.  What
 * agrees already is not written.
 */
ATTR_NONNULL
void sync_all(struct admin *admin, const struct admin_selection *selection);

#endif
