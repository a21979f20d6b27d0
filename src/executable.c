#include "executable.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int
executable_open(const char *path, int *fd)
{
	struct statvfs fs;
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		return errno;
	if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOEXEC) != 0)
		return EACCES;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return 0;
}

const char *
executable_error(const char *path, int error)
{
	struct statvfs fs;
	struct stat st;

	if (error != EACCES)
		return strerror(error);
	if (stat(path, &st) < 0)
		return "a directory on the way to it cannot be searched";
	if (!S_ISREG(st.st_mode))
		return "it is not a regular file";
	if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOEXEC) != 0)
		return "its filesystem is mounted with noexec";
	return "it is not executable for this user";
}
