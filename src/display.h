/*
 * Policy: --display.
 */
#ifndef DISPLAY_H
#define DISPLAY_H

#include "admin.h"
#include "compiler.h"
#include "plan.h"

/*
 * Prints what is selected, sorted by name; with foreign the kernel's entries
 * that nobody declared, too.
 */
ATTR_NONNULL
void display_formats(struct admin *admin,
    const struct admin_selection *selection, bool foreign);

/*
 * What there is to say about the state of a format, owned by the caller, or
 * NULL: it is enabled as it should be, or it is not registered.  *enabled is
 * whether it is in effect.
 */
ATTR_USE_RESULT ATTR_NONNULL char *display_state(const struct admin *admin,
    const struct plan *plan, const struct plan_item *item, bool *enabled);

#endif
