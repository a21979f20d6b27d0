/*
 * Base: SIGCHLD while a child runs whose exit status is wanted.
 *
 * Where the signal is ignored the status would be lost; where it is blocked,
 * it would stay pending, and reach the program that is executed next.
 */
#ifndef CHILDSIGNAL_H
#define CHILDSIGNAL_H

#include <signal.h>
#include <stdbool.h>

#include "compiler.h"

struct childsignal {
	struct sigaction action;
	bool pending;
};

/* Before the child is made. */
ATTR_NONNULL void childsignal_hold(struct childsignal *held);
/* After it has been waited for: all is as it was before. */
ATTR_NONNULL void childsignal_restore(const struct childsignal *held);

#endif
