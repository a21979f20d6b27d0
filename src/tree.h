/*
 * Base: paths in another root directory, as --root names one.
 *
 * Symbolic links are followed as if that directory were the root of the
 * system, so that none of them leads out of it.
 */
#ifndef TREE_H
#define TREE_H

#include <sys/stat.h>

#include <dirent.h>
#include <stdbool.h>

#include "compiler.h"
#include "textlist.h"

/* Stands for the root directory of the system itself. */
#define TREE_SYSTEM (-100) /* AT_FDCWD, so that relative paths work */

/*
 * Opens path in the tree whose root is open as root; flags as for open(2),
 * O_CLOEXEC is added.  Returns a descriptor, or -1 and errno.
 */
ATTR_USE_RESULT ATTR_NONNULL int tree_open(int root, const char *path,
    int flags);

/* stat(2) in the tree; 0, or -1 and errno. */
ATTR_USE_RESULT ATTR_NONNULL int tree_stat(int root, const char *path,
    struct stat *st);

/*
 * Opens the directory path for reading, otherwise as tree_open().  Returns
 * it, to be closed with closedir(3), or NULL and errno.
 */
ATTR_USE_RESULT ATTR_NONNULL DIR *tree_open_directory(int root,
    const char *path);

/*
 * Adds the names in the directory path, but for those that start with a dot, to
 * a list, and sorts it.  Returns 0, or -1 and errno: it cannot be opened, or
 * not be read to its end.
 */
ATTR_USE_RESULT ATTR_NONNULL int tree_list(int root, const char *path,
    struct textlist *names);

/*
 * Opens the directory that path is in, with O_PATH.  *name is the last part
 * of path, borrowed from it.  Returns a descriptor, or -1 and errno.
 */
ATTR_USE_RESULT ATTR_NONNULL int tree_open_parent(int root, const char *path,
    const char **name);

/* Whether path is /dev/null or a link to it, the way to mask something. */
ATTR_NONNULL bool tree_is_null(int root, const char *path);

#endif
