/*
 * Policy: brings the kernel's entries to what a plan says.
 */
#ifndef APPLY_H
#define APPLY_H

#include <stdbool.h>

#include "admin.h"
#include "compiler.h"
#include "plan.h"
#include "refusal.h"
#include "replace.h"
#include "report.h"

struct apply {
	/* One for each item of the plan, or NULL: keep everything.  Those that
	 * are registered become APPLY_DONE. */
	enum apply_want *wants;
	/* How it is reported that something cannot be done, and that the
	 * guard refuses it. */
	enum report_as failures, refusals;
	/* advice for what is registered now, or cannot be. */
	bool explain;
};

struct apply_result {
	size_t registered;
	/* Execution did not work any more: all of it was taken back. */
	bool taken_back;
};

/*
 * Registers what wants says.  Entries of ours that no longer agree with the
 * plan are replaced, and the order of format_precedes() is restored.
 */
ATTR_NONNULL
struct apply_result apply_plan(struct admin *admin, const struct plan *plan,
    const struct apply *apply);

/* Takes an entry out of the kernel; 0, or -1 when that has been reported. */
ATTR_USE_RESULT ATTR_NONNULL int apply_remove(struct admin *admin,
    const char *name, enum report_as as);

/* Whether the entry of the item's name was registered by us for it. */
ATTR_NONNULL
bool apply_is_ours(const struct admin *admin, const struct plan_item *item);

/* How an entry, or NULL, compares with what the plan says about a format. */
enum apply_standing {
	APPLY_ABSENT,
	APPLY_AGREES, /* but may be disabled */
	APPLY_DIFFERS,
};

enum apply_standing apply_standing(const struct kernel_entry *entry,
    const struct plan *plan, const struct plan_item *item);

#endif
