/*
 * Model: the #! line of a script, as the kernel reads it.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>

#include "compiler.h"
#include "spec.h"

struct script {
	char *interpreter;
	char *argument; /* all of the rest of the line, or NULL */
};

/*
 * Reads the line at the start of head.  Returns whether it is one that the
 * kernel executes; then the caller ends script with script_fini().
 */
ATTR_NONNULL
bool script_parse(const unsigned char head[SPEC_HEAD], struct script *script);
ATTR_NONNULL void script_fini(struct script *script);

#endif
