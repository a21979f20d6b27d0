/*
 * Policy: what the parts of check.c share; for check*.c only.
 */
#ifndef CHECK_INTERNAL_H
#define CHECK_INTERNAL_H

#include "admin.h"
#include "compiler.h"
#include "plan.h"

struct finding {
	char *name;	  /* of the format; NULL: the registry as a whole */
	const char *kind; /* a constant, documented in the manual */
	char *text;
};

struct check {
	struct admin *admin;
	const struct admin_selection *selection;
	struct plan plan;
	struct finding *findings;
	size_t count, room;
	bool registry; /* there is a kernel to compare with */
};

/* Adds a finding; name may be NULL. */
ATTR_PRINTF(4, 5)
void check_find(struct check *check, const char *name, const char *kind,
    const char *format, ...);

/* Looks at the programs of a format (check-programs.c). */
ATTR_NONNULL
void check_programs(struct check *check, const struct plan_item *item);

#endif
