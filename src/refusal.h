/*
 * Policy: what must not be registered, because it would make the machine
 * unusable or run without end.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "admin.h"
#include "compiler.h"
#include "plan.h"

/* What is to happen with the entry of an item. */
enum apply_want {
	APPLY_KEEP,	/* registered if it is registered now */
	APPLY_REGISTER, /* registered; disabled if it is disabled now */
	APPLY_ENABLE,	/* registered and enabled */
	APPLY_DONE,	/* has been registered now */
	APPLY_REMOVED,	/* has been taken out now */
};

/*
 * Why the item must not be registered, owned by the caller, or NULL.  wants
 * has one element for each item, or is NULL: what is registered, or will be,
 * decides about loops.
 */
ATTR_USE_RESULT
char *refusal_reason(struct admin *admin, const struct plan *plan,
    const struct plan_item *item, const enum apply_want *wants);

#endif
