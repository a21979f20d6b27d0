/*
 * Program: what each action of the command line calls.
 */
#ifndef ACTIONS_H
#define ACTIONS_H

#include "admin.h"
#include "compiler.h"
#include "options.h"

/* Does what the options ask for. */
ATTR_NONNULL
void actions_run(struct admin *admin, const struct options *options);

#endif
