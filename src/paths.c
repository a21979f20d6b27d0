#include "paths.h"

#include <string.h>

#include "tree.h"

void
paths_default(struct paths *paths)
{
	paths->root = TREE_SYSTEM;
	paths->binfmtd[0] = SYSCONFDIR "/binfmt.d";
	paths->binfmtd[1] = "/run/binfmt.d";
	paths->binfmtd[2] = "/usr/local/lib/binfmt.d";
	paths->binfmtd[3] = "/usr/lib/binfmt.d";
	paths->overridedir = SYSCONFDIR "/binfmts";
	paths->admindir = ADMINDIR;
	paths->importdir = IMPORTDIR;
	paths->procdir = PROCDIR;
	paths->rundir = RUNDIR;
	paths->cachedir = CACHEDIR;
	paths->index = CACHEDIR "/index";
	paths->run_detectors = PKGLIBEXECDIR "/run-detectors";
	paths->dispatcher_dir = DISPATCHERDIR;
	paths->dispatcher_file = DISPATCHERCONF;
}

int
paths_admindir_is_default(const struct paths *paths)
{
	return strcmp(paths->admindir, ADMINDIR) == 0;
}

int
paths_importdir_is_default(const struct paths *paths)
{
	return strcmp(paths->importdir, IMPORTDIR) == 0;
}

int
paths_procdir_is_default(const struct paths *paths)
{
	return strcmp(paths->procdir, PROCDIR) == 0;
}
