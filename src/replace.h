/*
 * Policy: changes one entry of the kernel.
 */
#ifndef REPLACE_H
#define REPLACE_H

#include "admin.h"
#include "compiler.h"
#include "diag.h"
#include "kernel.h"
#include "rule.h"

/*
 * Registers a rule in place of an entry of its name, or anew: old may be
 * NULL.  There is no instant in which the files of an enabled entry cannot be
 * run, where the kernel's limits allow that.  Returns 0; or -1 and problems,
 * and what was registered before is back.
 */
ATTR_USE_RESULT
int replace_entry(struct admin *admin, const struct kernel_entry *old,
    const struct rule *rule, struct problems *problems);

#endif
