/*
 * Policy: the guard against rules that would make the machine unusable.
 *
 * binfmt_misc is asked before the kernel's own loaders, so a rule that
 * matches native programs or scripts captures every one of them, and the
 * programs that could repair that first.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stddef.h>

#include "compiler.h"
#include "format.h"
#include "rule.h"

struct guard;

/*
 * Reads the files that no rule may capture: update-binfmts itself with its
 * ELF loader, run-detectors, /bin/sh and the program of process 1, as far as
 * they can be read, each with the interpreters of its #! line.  Owned by the
 * caller.
 */
ATTR_USE_RESULT ATTR_NONNULL struct guard *guard_new(const char *run_detectors);
/* guard may be NULL. */
void guard_free(struct guard *guard);

/*
 * Why a rule must not be registered, owned by the caller, or NULL: it is
 * harmless.  It must not match any of the files above, nor the interpreter in
 * it, nor the programs that run-detectors would run on its behalf: behind
 * and detector may be NULL.
 */
ATTR_USE_RESULT
char *guard_check(struct guard *guard, const struct rule *rule,
    const char *behind, const char *detector);

/*
 * Executes a known native program, update-binfmts itself or where that cannot
 * be found the shell, in a process of its own.  Returns NULL when that works,
 * otherwise what happened, owned by the caller.
 */
ATTR_USE_RESULT ATTR_NONNULL char *guard_self_test(const struct guard *guard);

/* What guard_self_test() expects update-binfmts --version to print. */
extern const char guard_version_line[];

#endif
