/*
 * Store: the rules of binfmt.d(5), as systemd-binfmt reads them.
 *
 * A line is a register string; white space around it, empty lines and lines
 * that start with # or ; do not count.  Of files of the same name the one in
 * the first directory counts, and an empty one, or a link to /dev/null, hides
 * the others.  Files are read in the order of their names, and a later rule
 * of the same name replaces an earlier one.
 */
#ifndef BINFMTD_H
#define BINFMTD_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"
#include "rule.h"

/* A line can be so long, and a file. */
#define BINFMTD_LINE_MAX (1024 * 1024)
#define BINFMTD_FILE_MAX (4 * 1024 * 1024)

struct binfmtd_rule {
	struct rule rule;
	const char *path; /* of the file; borrowed from struct binfmtd_file */
	unsigned line;
};

struct binfmtd_file {
	char *path;
	bool masked; /* it has no rules on purpose */
	char *text;  /* NULL when it could not be read */
	size_t len;
	struct problems problems;
};

struct binfmtd {
	struct binfmtd_file **files; /* in the order in which they are read */
	size_t file_count, file_room;
	struct binfmtd_rule *rules; /* in the order of the files */
	size_t count, room;
};

/* Starts with nothing (all zero); ends with binfmtd_fini(). */
ATTR_NONNULL void binfmtd_fini(struct binfmtd *binfmtd);

/*
 * Reads all files of the directories, which are in the tree root; a missing
 * directory is empty.
 */
ATTR_NONNULL
void binfmtd_load(struct binfmtd *binfmtd, int root,
    const char *const *directories, size_t count);

/*
 * Reads one file.  A name without a slash is looked up in the directories,
 * and then in the working directory.
 */
ATTR_NONNULL
void binfmtd_load_file(struct binfmtd *binfmtd, int root, const char *name,
    const char *const *directories, size_t count);

/*
 * Adds the rules in the text of a file.  What is wrong with a line is added to
 * problems, and the others count all the same.
 */
ATTR_NONNULL
void binfmtd_parse(struct binfmtd *binfmtd, const char *path, const char *text,
    size_t len, struct problems *problems);

/* Whether something that should be there could not be read. */
ATTR_NONNULL bool binfmtd_is_incomplete(const struct binfmtd *binfmtd);

#endif
