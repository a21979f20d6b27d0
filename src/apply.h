/*
 * Policy: brings the kernel's entries to what a plan says.
 */
#ifndef APPLY_H
#define APPLY_H

#include <stdbool.h>

#include "admin.h"
#include "compiler.h"
#include "plan.h"
#include "report.h"

/* The name under which an entry is registered while it is replaced. */
#define APPLY_TEMPORARY ".binfmts-tmp"

enum apply_want {
	APPLY_KEEP,	/* registered if it is registered now */
	APPLY_REGISTER, /* registered; disabled if it is disabled now */
	APPLY_ENABLE,	/* registered and enabled */
	APPLY_DONE,	/* has been registered now */
};

struct apply {
	/* One for each item of the plan, or NULL: keep everything.  Those that
	 * are registered become APPLY_DONE. */
	enum apply_want *wants;
	/* How it is reported that something cannot be done, and that the
	 * guard refuses it. */
	enum report_as failures, refusals;
	/* apply_explain() for what is registered now, or cannot be. */
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

/*
 * Why the item must not be registered, owned by the caller, or NULL.  wants
 * as above: what is registered, or will be, decides about loops.
 */
ATTR_USE_RESULT
char *apply_refusal(struct admin *admin, const struct plan *plan,
    const struct plan_item *item, const enum apply_want *wants);

/* Takes an entry out of the kernel; 0, or -1 when that has been reported. */
ATTR_USE_RESULT ATTR_NONNULL int apply_remove(struct admin *admin,
    const char *name, enum report_as as);

/* Whether the entry of the item's name was registered by us for it. */
ATTR_NONNULL
bool apply_is_ours(const struct admin *admin, const struct plan *plan,
    const struct plan_item *item);

/* How an entry compares with what the plan says about a format. */
enum apply_standing {
	APPLY_ABSENT,
	APPLY_AGREES, /* but may be disabled */
	APPLY_DIFFERS,
};

ATTR_NONNULL
enum apply_standing apply_standing(const struct admin *admin,
    const struct plan *plan, const struct plan_item *item);

/*
 * Says what a user should know about how the items with a want, and those
 * that share their specs, are registered: not at all, or through
 * run-detectors, which cannot hand on everything.
 */
ATTR_NONNULL
void apply_explain(struct admin *admin, const struct plan *plan,
    const enum apply_want *wants);

#endif
