/*
 * Policy: --check, what does not agree and what cannot work.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "admin.h"
#include "compiler.h"

/*
 * Prints one line a finding, or a JSON document, about one format or all
 * (name NULL).  Returns whether there was none.
 */
bool check_formats(struct admin *admin, const char *name);

#endif
