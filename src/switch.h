/*
 * Policy: --enable and --disable, for what the database holds.
 */
#ifndef SWITCH_H
#define SWITCH_H

#include "admin.h"
#include "compiler.h"

ATTR_NONNULL void switch_on(struct admin *admin, const char *name);
ATTR_NONNULL void switch_on_all(struct admin *admin);
ATTR_NONNULL void switch_off(struct admin *admin, const char *name);
/* Unmounts binfmt_misc when nothing is left in it. */
ATTR_NONNULL void switch_off_all(struct admin *admin);

#endif
