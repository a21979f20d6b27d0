/*
 * Model: an entry of binfmt_misc as the kernel shows it, the text of
 * /proc/sys/fs/binfmt_misc/NAME.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"
#include "rule.h"

/* An entry as the kernel shows it. */
struct entry {
	struct rule rule;
	bool enabled;
};

ATTR_NONNULL void entry_fini(struct entry *entry);

/*
 * Reads the text of the entry called name.  Strict about the lines that it
 * knows, since a newline in an interpreter can forge them; lines of newer
 * kernels are passed over.  Returns 0, or -1 and a problem.
 */
ATTR_USE_RESULT ATTR_NONNULL int entry_parse(const char *name, const char *text,
    size_t len, struct entry *entry, struct problems *problems);

/* The text that the kernel would show; owned by the caller. */
ATTR_MALLOC ATTR_NONNULL char *entry_print(const struct entry *entry);

#endif
