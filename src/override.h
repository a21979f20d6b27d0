/*
 * Store: what the administrator has said about formats, /etc/binfmts/NAME.
 *
 * A file has the grammar of a format file and need not be complete.  An empty
 * one, or a link to /dev/null, masks the format.
 */
#ifndef OVERRIDE_H
#define OVERRIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"
#include "format.h"

struct override {
	char *name;
	char *path;
	bool masks;
	bool broken;  /* problems has an error */
	bool applied; /* once; then problems says all there is to say */
	char *text;   /* what values borrow from */
	struct value values[KEY_COUNT];
	struct problems problems;
};

struct overrides {
	struct override *items; /* sorted by name */
	size_t count, room;
	/* Why there may be more in the directory, as errno has it, or 0; an
	 * item that is named like the directory is broken then. */
	int error;
};

/* Reads the directory, in the tree root; a missing one is empty. */
ATTR_NONNULL
void override_load(struct overrides *overrides, int root,
    const char *directory);

/* Reads the one of that name, where there is one, in the system itself. */
ATTR_NONNULL
void override_load_one(struct overrides *overrides, const char *directory,
    const char *name);

ATTR_NONNULL void override_fini(struct overrides *overrides);

/* The override of that name, or NULL. */
ATTR_NONNULL
struct override *override_find(const struct overrides *overrides,
    const char *name);

#endif
