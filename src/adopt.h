/*
 * Policy: --adopt.
 */
#ifndef ADOPT_H
#define ADOPT_H

#include "admin.h"
#include "compiler.h"

/*
 * Records an entry that runs in the kernel and that nobody here declared, as
 * a format of the administrator.  Guarded like an installation.
 */
ATTR_NONNULL void adopt_entry(struct admin *admin, const char *name);

#endif
