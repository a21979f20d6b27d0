/*
 * Policy: what a user should know about how formats are registered.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include "admin.h"
#include "compiler.h"
#include "plan.h"
#include "refusal.h"
#include "report.h"

/* Why an item is PLAN_NOT; what the administrator has done counts as as says.
 */
ATTR_NONNULL
void advice_not(struct admin *admin, const struct plan_item *item,
    enum report_as as);

/* What run-detectors cannot hand on to an item's interpreter. */
ATTR_NONNULL
void advice_detectors(struct admin *admin, const struct plan_item *item);

/* All of that for the items with a want, and those that share their specs. */
ATTR_NONNULL
void advice_all(struct admin *admin, const struct plan *plan,
    const enum apply_want *wants);

#endif
