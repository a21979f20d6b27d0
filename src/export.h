/*
 * Policy: --export and --cat-config, in the form of binfmt.d(5).
 */
#ifndef EXPORT_H
#define EXPORT_H

#include "admin.h"
#include "compiler.h"

/* Prints the rules of what is selected, for systemd-binfmt to register. */
ATTR_NONNULL
void export_rules(struct admin *admin, const struct admin_selection *selection);

/* Prints the files of binfmt.d that are in effect, in order, with paths. */
ATTR_NONNULL void export_files(struct admin *admin);

#endif
