/*
 * Policy: --check, what does not agree and what cannot work.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "admin.h"
#include "compiler.h"

/*
 * Prints one line a finding, or a JSON document, about what is selected.
 * Returns whether there was none.
 */
ATTR_NONNULL
bool check_formats(struct admin *admin,
    const struct admin_selection *selection);

#endif
