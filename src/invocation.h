/*
 * Base: how this program was started.  The kernel starts it for a file of a
 * registered format; then no argument is an option, whatever it looks like.
 */
#ifndef INVOCATION_H
#define INVOCATION_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

struct invocation {
	bool by_hand;	/* by a person or another program, not by the kernel */
	bool secure;	/* with other credentials than the caller's */
	bool has_argv0; /* argv[2] is the argv[0] that the file would get */
	int fd;		/* the file, opened by the kernel; or -1 */
};

/* What the kernel tells in the auxiliary vector (getauxval(3)). */
ATTR_NONNULL void invocation_get(struct invocation *invocation);

#endif
