/*
 * Policy: --display.
 */
#ifndef DISPLAY_H
#define DISPLAY_H

#include "admin.h"
#include "compiler.h"
#include "plan.h"

/* Prints one format. */
ATTR_NONNULL void display_one(struct admin *admin, const char *name);
/* Prints all formats, sorted by name. */
ATTR_NONNULL void display_all(struct admin *admin);

/*
 * What there is to say about the state of a format, owned by the caller, or
 * NULL: it is enabled as it should be, or it is not registered.  *enabled is
 * whether it is in effect.
 */
ATTR_USE_RESULT ATTR_NONNULL char *display_state(const struct admin *admin,
    const struct plan *plan, const struct plan_item *item, bool *enabled);

#endif
