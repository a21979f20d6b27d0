/*
 * Policy: what the kernel should have registered for a set of formats.
 *
 * A format is registered directly, with what it asks for, when it is alone
 * with its spec and has no detector.  Otherwise run-detectors stands in for
 * it, and for all that share the spec; it cannot hand on an open file or
 * credentials.  A format with fix_binary needs its direct entry, so that it
 * and others of the same spec exclude each other.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "format.h"
#include "rule.h"

enum plan_how {
	PLAN_DIRECT,
	PLAN_DETECTORS, /* through run-detectors */
	PLAN_NOT,	/* cannot be registered */
};

/* Why an item is PLAN_NOT. */
enum plan_why {
	PLAN_MASKED,   /* by the administrator */
	PLAN_INVALID,  /* with what the administrator has overridden */
	PLAN_DETECTOR, /* a detector and fix_binary exclude each other */
	PLAN_RIVAL,    /* another format has the only entry for the files */
};

struct plan_item {
	const struct format *format; /* borrowed */
	enum plan_how how;
	unsigned flags; /* of enum rule_flag */
	enum plan_why why;
	const struct format *rival; /* with PLAN_RIVAL */
};

/* Whether a rule of binfmt.d is registered, or will be. */
struct plan_active {
	bool (*is_active)(const void *context, const struct format *format);
	const void *context;
};

struct plan {
	struct plan_item *items;       /* as sorted as the formats were */
	struct format *const *formats; /* those of the items; borrowed */
	size_t count;
	const char *run_detectors; /* borrowed: the path to register */
};

/*
 * Makes the plan for formats, sorted by name, which are borrowed, and NULL
 * when there are none; ends with plan_fini().  Rules of binfmt.d share an
 * entry only with recorded formats, and only while they are active: among
 * themselves the last one wins, as systemd-binfmt has it.  With active NULL
 * all of them are.
 */
void plan_make(struct plan *plan, struct format *const *formats, size_t count,
    const char *run_detectors, const struct plan_active *active);
ATTR_NONNULL void plan_fini(struct plan *plan);

/* The rule of an item that is not PLAN_NOT; everything in it is borrowed. */
ATTR_NONNULL
struct rule plan_rule(const struct plan *plan, const struct plan_item *item);

#endif
