/*
 * Base: where everything is.  Filled once in main() and passed down.
 */
#ifndef PATHS_H
#define PATHS_H

#include "compiler.h"

struct paths {
	const char *admindir;	     /* the database */
	const char *importdir;	     /* format files of packages */
	const char *procdir;	     /* binfmt_misc */
	const char *rundir;	     /* what we registered since boot */
	const char *run_detectors;   /* the program, as the kernel runs it */
	const char *dispatcher_dir;  /* binfmt-dispatcher's drop-ins */
	const char *dispatcher_file; /* and the administrator's file */
};

/* The directories that configure was told; all borrowed. */
ATTR_NONNULL void paths_default(struct paths *paths);

/* Whether procdir is where the kernel's own binfmt_misc belongs. */
ATTR_NONNULL int paths_procdir_is_default(const struct paths *paths);

#endif
