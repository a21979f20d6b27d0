/*
 * Store: the registry of formats, one file a format in a directory.
 *
 * Ten lines, each possibly empty: package, type, offset, magic, mask,
 * interpreter, detector, credentials, preserve, fix_binary.  What came later
 * follows as lines with a key and a value, written only when set.
 */
#ifndef DATABASE_H
#define DATABASE_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"
#include "format.h"

#define DATABASE_FILE_MAX (64 * 1024)

/* How long a writer waits for another one. */
#define DATABASE_LOCK_SECONDS 30

enum database_mode {
	DATABASE_READ, /* all changes stay in memory */
	/* The same under the lock, where there is one to be had: for those who
	 * change the kernel, which need not be who may write here. */
	DATABASE_LOCK,
	DATABASE_WRITE,
};

struct database;

/* A file of the database that holds no format. */
struct database_broken {
	char *name;
	char *package; /* its first line, or NULL: that cannot be read */
	struct problems problems;
};

/*
 * Opens the directory path in the tree root and reads all of it.  To read, a
 * missing directory is an empty one; to write, it is created with mode 0755,
 * the lock is taken until database_close(), and leftovers of killed writers are
 * removed. Owned by the caller; NULL and a problem when that cannot be done.
 */
ATTR_USE_RESULT ATTR_NONNULL struct database *database_open(int root,
    const char *path, enum database_mode mode, struct problems *problems);

/*
 * Reads the file name of a database whose directory is open as dirfd.  Returns
 * 0 and the caller ends format with format_fini(); or -1: it holds no format.
 */
ATTR_USE_RESULT ATTR_NONNULL int database_read_one(int dirfd, const char *name,
    struct format *format);

/* The directory, open, and borrowed; -1: there is none. */
ATTR_NONNULL int database_directory(const struct database *database);

/* Whether the lock is held, so that no other one of us changes anything. */
ATTR_NONNULL bool database_is_locked(const struct database *database);

/* Whether the directory still holds the files that are known, and no others. */
ATTR_NONNULL bool database_is_current(const struct database *database);

/* database may be NULL. */
void database_close(struct database *database);

/*
 * All formats, sorted bytewise by name.  Borrowed: an element stays valid
 * until database_close(), the array until the next change.
 */
ATTR_NONNULL
struct format *const *database_formats(const struct database *database,
    size_t *count);

/* The format of that name, or NULL. */
ATTR_NONNULL
const struct format *database_find(const struct database *database,
    const char *name);

/* What was recorded under that name before database_publish(), or NULL. */
ATTR_NONNULL
const struct format *database_replaced(const struct database *database,
    const char *name);

/* The files that could not be read as formats, sorted by name. */
ATTR_NONNULL
const struct database_broken *database_broken(const struct database *database,
    size_t *count);

/* The one of that name, or NULL. */
ATTR_NONNULL
const struct database_broken *database_find_broken(
    const struct database *database, const char *name);

/*
 * Records a format, in place of one of the same name.  Takes over the content
 * of *format in any case.  It counts from database_publish() on, which is
 * called once after all changes.  Returns 0 or -1 and a problem.
 */
ATTR_USE_RESULT ATTR_NONNULL int database_put(struct database *database,
    struct format *format, struct problems *problems);

/* Returns 0, or -1 and problems; then what could be done has been done. */
ATTR_USE_RESULT ATTR_NONNULL int database_publish(struct database *database,
    struct problems *problems);

/*
 * Removes the file and the format of that name.  It is durable from
 * database_publish() on.  Returns 0, or -1 and a problem.
 */
ATTR_USE_RESULT ATTR_NONNULL int database_remove(struct database *database,
    const char *name, struct problems *problems);

/* Whether files in the directory can be replaced; 0, or -1 and a problem. */
ATTR_USE_RESULT ATTR_NONNULL int database_check_writable(
    const struct database *database, struct problems *problems);

/* The text of a database file; both ways, both pure. */
ATTR_USE_RESULT ATTR_NONNULL int database_parse(const char *name,
    const char *text, size_t len, struct format *format,
    struct problems *problems);
ATTR_MALLOC ATTR_NONNULL char *database_print(const struct format *format);

#endif
