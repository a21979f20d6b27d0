#include "file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"
#include "xalloc.h"

#define CHUNK 4096

static const char *
kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a fifo";
	case S_IFSOCK:
		return "a socket";
	case S_IFLNK:
		return "a symbolic link";
	default:
		return "a device";
	}
}

/* What an open(2) that failed means. */
static enum file_result
explain_open(int error, bool follow, struct problems *problems)
{
	if (error == ENOENT)
		return FILE_ABSENT;
	if (error == ELOOP && !follow)
		(void)problem_error(problems, NOWHERE, NULL,
		    "is a symbolic link, not a regular file");
	else if (error == ENXIO)
		(void)problem_error(problems, NOWHERE, NULL,
		    "is a socket or a device, not a regular file");
	else
		(void)problem_error(problems, NOWHERE, NULL, "cannot open: %s",
		    strerror(error));
	return FILE_FAILED;
}

static int
check_regular(int fd, struct stat *st, struct problems *problems)
{
	if (fstat(fd, st) < 0)
		return problem_error(problems, NOWHERE, NULL,
		    "cannot be examined: %s", strerror(errno));
	if (!S_ISREG(st->st_mode))
		return problem_error(problems, NOWHERE, NULL,
		    "is %s, not a regular file", kind_of(st->st_mode));
	return 0;
}

static ssize_t
read_retry(int fd, void *buffer, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buffer, len);
	while (n < 0 && errno == EINTR);
	return n;
}

/* What a file has, with a byte to spare and the NUL; or more, if it grows. */
static size_t
first_room(const struct stat *st, size_t room)
{
	if (room > 0)
		return 2 * room;
	return st->st_size > 0 && st->st_size < CHUNK ?
	    (size_t)st->st_size + 2 :
	    CHUNK;
}

/* Reads what is open as fd, which may be what open(2) returned with errno. */
static enum file_result
read_opened(int fd, bool follow, size_t limit, char **text, size_t *len,
    struct problems *problems)
{
	CLEANUP(cleanup_free) char *buffer = NULL;
	size_t room = 0, used = 0;
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return explain_open(errno, follow, problems);
	if (check_regular(fd, &st, problems) < 0)
		return FILE_FAILED;
	do {
		if (room - used < 2) {
			room = first_room(&st, room);
			buffer = xreallocarray(buffer, room, 1);
		}
		n = read_retry(fd, buffer + used, room - used - 1);
		if (n < 0) {
			(void)problem_error(problems, NOWHERE, NULL,
			    "cannot read: %s", strerror(errno));
			return FILE_FAILED;
		}
		used += (size_t)n;
		if (used > limit) {
			(void)problem_error(problems, NOWHERE, NULL,
			    "is larger than %zu bytes", limit);
			return FILE_FAILED;
		}
		/* What a kernel makes up has the size 0, and ends when it ends.
		 */
	} while (n > 0 && (used != (size_t)st.st_size || room - used < 2));
	buffer[used] = '\0';
	*len = used;
	*text = STEAL(buffer);
	return FILE_OK;
}

enum file_result
file_read(int dirfd, const char *name, bool follow, size_t limit, char **text,
    size_t *len, struct problems *problems)
{
	CLEANUP(cleanup_close) int fd = -1;

	fd = openat(dirfd, name,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
		(follow ? 0 : O_NOFOLLOW));
	return read_opened(fd, follow, limit, text, len, problems);
}

enum file_result
file_read_tree(int root, const char *path, size_t limit, char **text,
    size_t *len, struct problems *problems)
{
	CLEANUP(cleanup_close) int fd = -1;

	fd = tree_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	return read_opened(fd, true, limit, text, len, problems);
}

long
file_read_head(int fd, unsigned char *buffer, size_t len)
{
	size_t used = 0;

	while (used < len) {
		ssize_t n = read_retry(fd, buffer + used, len - used);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	memset(buffer + used, 0, len - used);
	return (long)used;
}

int
file_write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

DIR *
file_open_directory(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL)
		cleanup_close(&fd);
	return dir;
}

const char *
file_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

char *
file_join(const char *dir, const char *name)
{
	size_t dir_len = strlen(dir), name_len = strlen(name);
	char *path = xmalloc(dir_len + name_len + 2);

	memcpy(path, dir, dir_len); /* NOLINT(*-not-null-*): more follows */
	path[dir_len] = '/';
	memcpy(path + dir_len + 1, name, name_len + 1);
	return path;
}

bool
file_is_backup(const char *name)
{
	static const char *const ends[] = { "~", ".dpkg-new", ".dpkg-old",
		".dpkg-dist", ".dpkg-tmp" };
	size_t i, len = strlen(name);

	for (i = 0; i < ARRAY_LEN(ends); i++) {
		size_t end = strlen(ends[i]);

		if (len > end && strcmp(name + len - end, ends[i]) == 0)
			return true;
	}
	return false;
}
