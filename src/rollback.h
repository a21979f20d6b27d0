/*
 * Policy: takes registrations back when nothing can be executed any more.
 *
 * From the moment when a bad rule is registered no program can be started, so
 * all of this is done with open(2) and write(2) from the running process.
 */
#ifndef ROLLBACK_H
#define ROLLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "admin.h"
#include "compiler.h"
#include "kernel.h"
#include "report.h"

struct rollback_item {
	const char *name;		   /* borrowed */
	const struct kernel_entry *before; /* what it replaced, or NULL */
};

/* What a run has registered, the newest last; items ends with free(3). */
struct rollback_list {
	struct rollback_item *items;
	size_t count, room;
};

/* Notes a registration; before may be NULL. */
void rollback_add(struct rollback_list *list, const char *name,
    const struct kernel_entry *before);

/*
 * Executes a native program, and if that does not work takes the list back,
 * newest first, until it does; then what was replaced is put back.  Returns
 * whether anything was taken back, which has been reported as as says.
 */
ATTR_NONNULL
bool rollback_unless_safe(struct admin *admin, const struct rollback_list *list,
    enum report_as as);

#endif
