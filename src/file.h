/*
 * Base: whole files into memory, within limits, and never something that is
 * not a file.
 */
#ifndef FILE_H
#define FILE_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"

enum file_result { FILE_OK, FILE_ABSENT, FILE_FAILED };

/*
 * Reads the regular file name in dirfd, of at most limit bytes.  With follow
 * it may be a symbolic link.  FILE_OK: *text is owned by the caller and has a
 * NUL behind its *len bytes.  FILE_ABSENT: there is no such file.
 * FILE_FAILED: problems says why.  Never blocks on a fifo or a device.
 */
ATTR_USE_RESULT ATTR_NONNULL enum file_result file_read(int dirfd,
    const char *name, bool follow, size_t limit, char **text, size_t *len,
    struct problems *problems);

/* The same for a path in a tree (tree.h), whose links are followed. */
ATTR_USE_RESULT ATTR_NONNULL enum file_result file_read_tree(int root,
    const char *path, size_t limit, char **text, size_t *len,
    struct problems *problems);

/*
 * Reads up to len bytes from fd; what is missing in buffer is filled with NUL.
 * Returns the number of bytes read, or -1 and errno.
 */
ATTR_USE_RESULT ATTR_NONNULL long file_read_head(int fd, unsigned char *buffer,
    size_t len);

/* Writes all of it; returns 0, or -1 and errno. */
ATTR_USE_RESULT ATTR_NONNULL int file_write_all(int fd, const char *text,
    size_t len);

/*
 * The directory that is open as dirfd, with whatever flags, to be read from its
 * start and closed with closedir(3); NULL and errno.
 */
ATTR_USE_RESULT DIR *file_open_directory(int dirfd);

/* The part of a path behind its last slash; borrowed. */
ATTR_NONNULL const char *file_base_name(const char *path);

/* dir and name with a slash between them; owned by the caller. */
ATTR_MALLOC ATTR_NONNULL char *file_join(const char *dir, const char *name);

/* Whether a name is of what dpkg and editors leave beside a file. */
ATTR_NONNULL bool file_is_backup(const char *name);

#endif
