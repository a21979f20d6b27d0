/*
 * Base: opening a file to execute it, as do_open_execat() of the kernel does.
 */
#ifndef EXECUTABLE_H
#define EXECUTABLE_H

#include "compiler.h"

/*
 * Returns 0 and a descriptor to read, which is -1 when this user may only
 * execute the file; or the errno of execve(2).
 */
ATTR_USE_RESULT ATTR_NONNULL int executable_open(const char *path, int *fd);

/* The most likely reason of that errno, in words; borrowed. */
ATTR_NONNULL const char *executable_error(const char *path, int error);

#endif
