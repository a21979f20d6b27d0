#include "paths.h"

#include <string.h>

void
paths_default(struct paths *paths)
{
	paths->admindir = ADMINDIR;
	paths->importdir = IMPORTDIR;
	paths->procdir = PROCDIR;
	paths->rundir = RUNDIR;
	paths->run_detectors = PKGLIBEXECDIR "/run-detectors";
	paths->dispatcher_dir = DISPATCHERDIR;
	paths->dispatcher_file = DISPATCHERCONF;
}

int
paths_procdir_is_default(const struct paths *paths)
{
	return strcmp(paths->procdir, PROCDIR) == 0;
}
