#include "tree.h"

#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "xalloc.h"

/* From the kernel's linux/openat2.h, which not every libc has. */
struct how {
	uint64_t flags, mode, resolve;
};

#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_IN_ROOT	      0x10

#define TRIES 1000

#ifndef SYS_openat2
#	define SYS_openat2 437
#endif

int
tree_open(int root, const char *path, int flags)
{
	struct how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	int fd, tries = 0;

	if (root == TREE_SYSTEM)
		return open(path, flags | O_CLOEXEC);
	/* Any rename on the machine can disturb the way through "..". */
	do
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN && ++tries < TRIES);
	return fd;
}

int
tree_stat(int root, const char *path, struct stat *st)
{
	CLEANUP(cleanup_close) int fd = -1;

	if (root == TREE_SYSTEM)
		return stat(path, st);
	fd = tree_open(root, path, O_PATH);
	return fd < 0 ? -1 : fstat(fd, st);
}

DIR *
tree_open_directory(int root, const char *path)
{
	int fd = tree_open(root, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int error = errno;

	if (dir == NULL)
		cleanup_close(&fd);
	errno = error;
	return dir;
}

int
tree_list(int root, const char *path, struct textlist *names)
{
	DIR *dir = tree_open_directory(root, path);
	struct dirent *entry;
	int error;

	if (dir == NULL)
		return -1;
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		if (entry->d_name[0] != '.')
			textlist_add(names, xstrdup(entry->d_name));
	}
	error = errno;
	(void)closedir(dir);
	textlist_sort(names);
	errno = error;
	return error == 0 ? 0 : -1;
}

int
tree_open_parent(int root, const char *path, const char **name)
{
	CLEANUP(cleanup_free) char *parent = NULL;
	size_t len;

	*name = strrchr(path, '/');
	*name = *name == NULL ? path : *name + 1;
	len = (size_t)(*name - path);
	if (len == 0)
		return tree_open(root, ".", O_PATH | O_DIRECTORY);
	parent = xstrndup(path, len);
	return tree_open(root, parent, O_PATH | O_DIRECTORY);
}

/* In a tree there need be no such device, so what the link says counts too. */
bool
tree_is_null(int root, const char *path)
{
	CLEANUP(cleanup_close) int parent = -1;
	char target[sizeof("/dev/null") + 1];
	const char *name;
	struct stat st;
	ssize_t len = -1;

	parent = tree_open_parent(root, path, &name);
	if (parent >= 0)
		len = readlinkat(parent, name, target, sizeof(target));
	if (len == sizeof("/dev/null") - 1 &&
	    memcmp(target, "/dev/null", (size_t)len) == 0)
		return true;
	return tree_stat(root, path, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3);
}
