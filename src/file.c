#include "file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Opens a regular file, or says why not. */
static enum file_result
open_regular(int dirfd, const char *name, bool follow, int *fd,
    struct problems *problems)
{
	struct stat st;

	*fd = openat(dirfd, name,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
		(follow ? 0 : O_NOFOLLOW));
	if (*fd < 0 && errno == ENOENT)
		return FILE_ABSENT;
	if (*fd < 0) {
		if (errno == ELOOP && !follow)
			(void)problem_error(problems, NOWHERE, NULL,
			    "is a symbolic link, not a regular file");
		else if (errno == ENXIO)
			(void)problem_error(problems, NOWHERE, NULL,
			    "is a socket or a device, not a regular file");
		else
			(void)problem_error(problems, NOWHERE, NULL,
			    "cannot open: %s", strerror(errno));
		return FILE_FAILED;
	}
	if (fstat(*fd, &st) < 0) {
		(void)problem_error(problems, NOWHERE, NULL,
		    "cannot be examined: %s", strerror(errno));
		return FILE_FAILED;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)problem_error(problems, NOWHERE, NULL,
		    "is %s, not a regular file", kind_of(st.st_mode));
		return FILE_FAILED;
	}
	return FILE_OK;
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

enum file_result
file_read(int dirfd, const char *name, bool follow, size_t limit, char **text,
    size_t *len, struct problems *problems)
{
	CLEANUP(cleanup_close) int fd = -1;
	CLEANUP(cleanup_free) char *buffer = NULL;
	enum file_result result;
	size_t room = 0, used = 0;
	ssize_t n;

	result = open_regular(dirfd, name, follow, &fd, problems);
	if (result != FILE_OK)
		return result;
	do {
		if (room - used < 2) {
			room = room == 0 ? CHUNK : 2 * room;
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
	} while (n > 0);
	buffer[used] = '\0';
	*len = used;
	*text = STEAL(buffer);
	return FILE_OK;
}

long
file_read_head(int fd, unsigned char *buffer, size_t len)
{
	size_t used = 0;

	memset(buffer, 0, len);
	while (used < len) {
		ssize_t n = read_retry(fd, buffer + used, len - used);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
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

const char *
file_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

char *
file_join(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}
