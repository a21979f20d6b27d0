/*
 * Base: whose a file is.
 */
#ifndef OWNER_H
#define OWNER_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * Whether a user is root.  Inside a user namespace everybody whom it does not
 * know looks like the same user; the one outside who owns the system's files
 * is among them, and so that user counts as root there.
 */
bool owner_is_root(uid_t uid);

#endif
