/*
 * Base: runs a program for its verdict, within a time limit, and leaves
 * nothing of it behind.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stddef.h>

#include "compiler.h"

enum process_end {
	PROCESS_EXITED, /* value: the exit status */
	PROCESS_KILLED, /* value: the signal */
	PROCESS_TIMED_OUT,
	PROCESS_NOT_STARTED, /* value: errno */
};

struct process {
	/* The program; with fd >= 0 that one, and argv[0] is only a name. */
	int fd;
	char *const *argv;
	unsigned seconds;
	/*
	 * Where its standard output goes: to our standard error when output is
	 * NULL, otherwise what fits goes there, with a NUL behind it.
	 */
	char *output;
	size_t output_size;
};

/*
 * Runs it with /dev/null as its input and no descriptors but 0, 1 and 2.
 * All that is left of its process group when it ends or its time is up is
 * killed.  Returns how it ended and stores the value that goes with that.
 */
ATTR_USE_RESULT ATTR_NONNULL enum process_end process_run(
    const struct process *process, int *value);

#endif
