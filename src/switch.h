/*
 * Policy: --enable and --disable, for what is known.
 */
#ifndef SWITCH_H
#define SWITCH_H

#include "admin.h"
#include "compiler.h"

/* Registers what is selected, whatever the kernel has now. */
ATTR_NONNULL
void switch_on(struct admin *admin, const struct admin_selection *selection);

/*
 * Takes what is selected out of the kernel.  When that is all of the database
 * and nothing is left, binfmt_misc is unmounted.
 */
ATTR_NONNULL
void switch_off(struct admin *admin, const struct admin_selection *selection);

#endif
