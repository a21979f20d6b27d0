/*
 * Base: where everything is.  Filled once in main() and passed down.
 */
#ifndef PATHS_H
#define PATHS_H

#include "compiler.h"

/* The directories of binfmt.d, the one that wins first. */
#define PATHS_BINFMTD 4

struct paths {
	int root; /* the tree that all but procdir and rundir are in (tree.h) */
	const char *binfmtd[PATHS_BINFMTD];
	const char *overridedir;     /* what the administrator changes */
	const char *admindir;	     /* the database */
	const char *importdir;	     /* format files of packages */
	const char *procdir;	     /* binfmt_misc */
	const char *rundir;	     /* what we registered since boot */
	const char *cachedir;	     /* what can be made again, */
	const char *index;	     /* such as the index in it */
	const char *run_detectors;   /* the program, as the kernel runs it */
	const char *dispatcher_dir;  /* binfmt-dispatcher's drop-ins */
	const char *dispatcher_file; /* and the administrator's file */
};

/* The directories that configure was told; all borrowed. */
ATTR_NONNULL void paths_default(struct paths *paths);

/* Whether the database, or the format files, are the system's. */
ATTR_NONNULL int paths_admindir_is_default(const struct paths *paths);
ATTR_NONNULL int paths_importdir_is_default(const struct paths *paths);

/* Whether procdir is where the kernel's own binfmt_misc belongs. */
ATTR_NONNULL int paths_procdir_is_default(const struct paths *paths);

#endif
