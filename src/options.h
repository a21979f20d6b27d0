/*
 * Program: the command line of update-binfmts.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "compiler.h"
#include "format.h"
#include "paths.h"
#include "report.h"

enum action {
	ACTION_NONE,
	ACTION_INSTALL,
	ACTION_REMOVE,
	ACTION_IMPORT,
	ACTION_UNIMPORT,
	ACTION_DISPLAY,
	ACTION_ENABLE,
	ACTION_DISABLE,
	ACTION_FIND,
	ACTION_EXPLAIN,
	ACTION_CHECK,
	ACTION_ADOPT,
	ACTION_SYNC,
	ACTION_EXPORT,
	ACTION_CAT_CONFIG,
	ACTION_HELP,
	ACTION_VERSION,
};

/* What --source names. */
enum source {
	SOURCE_DATABASE = 1 << 0,
	SOURCE_BINFMTD = 1 << 1,
	SOURCE_KERNEL = 1 << 2,
};

struct options {
	enum action action;
	const char *name;   /* or the path of --find; NULL: none */
	char *const *files; /* of binfmt.d; in place of a name */
	size_t file_count;
	struct value values[KEY_COUNT]; /* of the format; package is set */
	char **arguments;		/* what name and files are in */
	bool test;
	bool force;
	bool json;
	const char *root; /* of --root, or NULL */
	unsigned sources; /* of enum source; 0: not given */
};

/*
 * Reads the command line.  Returns 0; or -1, and what is wrong with it has
 * been reported.  All text in options and paths is borrowed from argv.
 */
ATTR_USE_RESULT ATTR_NONNULL int options_parse(struct options *options,
    struct paths *paths, struct report *report, int argc, char *argv[]);

/* Prints the usage to standard output. */
void options_help(void);

/* Frees what options_parse() has made, whether it failed or not. */
ATTR_NONNULL void options_fini(struct options *options);

#endif
