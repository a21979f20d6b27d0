/*
 * Base: SIGCHLD while a child runs whose exit status is wanted.
 *
 * Where the signal is ignored the status would be lost; where it is blocked,
 * the one of this child would stay pending, and reach a program that is
 * executed later.
 */
#ifndef CHILDSIGNAL_H
#define CHILDSIGNAL_H

#include <signal.h>
#include <stdbool.h>

#include "compiler.h"

struct childsignal {
	struct sigaction action;
	sigset_t mask;
	bool pending;
	bool replaced; /* action is not in force */
};

/* Before the child is made. */
ATTR_NONNULL void childsignal_hold(struct childsignal *held);
/* In the child, even of vfork(2): it starts as we were. */
ATTR_NONNULL void childsignal_child(const struct childsignal *held);
/* After it has been waited for: all is as it was before. */
ATTR_NONNULL void childsignal_restore(const struct childsignal *held);

#endif
