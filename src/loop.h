/*
 * Policy: endless loops through run-detectors.
 *
 * The kernel counts how often an interpreter is an interpreted file itself,
 * and gives up after five.  It cannot see that across our own execve(2).
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "format.h"

/* The formats that there are, and which of them the kernel has enabled. */
struct loop_registry {
	struct format *const *formats;
	size_t count;
	/*
	 * Called before formats are tried on a file, unless NULL: sees to it
	 * that those that match the file are among them.
	 */
	void (*need)(struct loop_registry *registry,
	    const unsigned char head[SPEC_HEAD], const char *path);
	void *source; /* for need alone */
	bool (*is_enabled)(const void *context, const char *name);
	const void *context;
};

/*
 * Whether executing program leads back to run-detectors for one of the
 * formats in served: at once, or through further interpreters.
 */
ATTR_NONNULL
bool loop_returns(struct loop_registry *registry, const char *program,
    const struct format *const *served, size_t served_count);

#endif
