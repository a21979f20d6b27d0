/*
 * Policy: --display.
 */
#ifndef DISPLAY_H
#define DISPLAY_H

#include "admin.h"
#include "compiler.h"

/* Prints one format. */
ATTR_NONNULL void display_one(struct admin *admin, const char *name);
/* Prints all formats, sorted by name. */
ATTR_NONNULL void display_all(struct admin *admin);

#endif
