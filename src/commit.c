/*
 * What this module promises, in the order of a change:
 *
 *  1. Writers hold the lock of the directory (commit_lock) all the time.
 *  2. New content MUST go to a file of its own, created with O_EXCL and named
 *     so that no reader takes it for an entry: .NAME.tmp-NUMBER.
 *  3. Every write, fsync and close MUST be checked before anything is renamed.
 *  4. The content MUST be on the disk before its rename is: fsync of a single
 *     file, one syncfs for many.
 *  5. The rename MUST be on the disk before success is reported: fsync of the
 *     directory.
 *  6. What fails before the rename MUST leave no trace; what was killed is
 *     recognised by its name and swept by the next writer.
 */
#include "commit.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "xalloc.h"

/* Above this many files one syncfs is cheaper than an fsync for each. */
#define FSYNC_EACH 2

/* Longest part of a name that a temporary one repeats. */
#define NAME_PART 200

struct change {
	char *name;
	char *temporary; /* NULL once it is renamed */
};

struct commit {
	int dirfd;
	bool lasting; /* the disk is waited for */
	struct change *changes;
	size_t count, room;
};

struct commit *
commit_new(int dirfd)
{
	struct commit *commit;

	commit = xcalloc(1, sizeof(*commit));
	commit->dirfd = dirfd;
	commit->lasting = true;
	return commit;
}

struct commit *
commit_new_volatile(int dirfd)
{
	struct commit *commit = commit_new(dirfd);

	commit->lasting = false;
	return commit;
}

void
commit_free(struct commit *commit)
{
	size_t i;

	if (commit == NULL)
		return;
	for (i = 0; i < commit->count; i++) {
		struct change *change = &commit->changes[i];

		if (change->temporary != NULL)
			(void)unlinkat(commit->dirfd, change->temporary, 0);
		free(change->temporary);
		free(change->name);
	}
	free(commit->changes);
	free(commit);
}

bool
commit_is_temporary(const char *name)
{
	return name[0] == '.' && strstr(name, ".tmp-") != NULL;
}

void
commit_sweep(int dirfd)
{
	DIR *dir = file_open_directory(dirfd);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (commit_is_temporary(entry->d_name))
			(void)unlinkat(dirfd, entry->d_name, 0);
	}
	(void)closedir(dir);
}

static int
create_temporary(int dirfd, const char *name, char **temporary)
{
	unsigned i;

	for (i = 0; i < 1000; i++) {
		int fd;

		*temporary = xasprintf(".%.*s.tmp-%ld-%u", NAME_PART, name,
		    (long)getpid(), i);
		fd = openat(dirfd, *temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd >= 0)
			return fd;
		free(STEAL(*temporary));
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* The umask of a postinst must not decide who can read the registry. */
static int
fill(int fd, const char *text, size_t len)
{
	if (fchmod(fd, 0644) < 0)
		return -1;
	return file_write_all(fd, text, len);
}

int
commit_put(struct commit *commit, const char *name, const char *text,
    size_t len, struct problems *problems)
{
	char *temporary = NULL;
	int fd, result;

	fd = create_temporary(commit->dirfd, name, &temporary);
	if (fd < 0)
		return problem_error(problems, NOWHERE, NULL,
		    "cannot create a temporary file: %s", strerror(errno));
	GROW(commit->changes, commit->count, commit->room);
	commit->changes[commit->count++] = (struct change){ .name = xstrdup(
								name),
		.temporary = temporary };
	result = fill(fd, text, len);
	if (result == 0 && commit->lasting && commit->count <= FSYNC_EACH)
		result = fsync(fd);
	if (result < 0)
		(void)problem_error(problems, NOWHERE, NULL, "cannot write: %s",
		    strerror(errno));
	if (close(fd) < 0 && result == 0)
		result = problem_error(problems, NOWHERE, NULL,
		    "cannot write: %s", strerror(errno));
	if (result == 0)
		return 0;
	commit->count--;
	(void)unlinkat(commit->dirfd, temporary, 0);
	free(temporary);
	free(commit->changes[commit->count].name);
	return -1;
}

int
commit_sync(int dirfd, struct problems *problems)
{
	if (fsync(dirfd) < 0)
		return problem_error(problems, NOWHERE, NULL,
		    "cannot flush the directory to the disk: %s",
		    strerror(errno));
	return 0;
}

/* One that cannot be put in place does not keep the others back. */
static int
rename_all(struct commit *commit, struct problems *problems)
{
	int result = 0;
	size_t i;

	for (i = 0; i < commit->count; i++) {
		struct change *change = &commit->changes[i];

		if (renameat(commit->dirfd, change->temporary, commit->dirfd,
			change->name) == 0)
			free(STEAL(change->temporary));
		else
			result = problem_error(problems, NOWHERE, NULL,
			    "cannot put '%s' in place: %s", change->name,
			    strerror(errno));
	}
	return result;
}

int
commit_publish(struct commit *commit, struct problems *problems)
{
	int result;

	if (commit->count == 0)
		return 0;
	if (commit->lasting && commit->count > FSYNC_EACH &&
	    syncfs(commit->dirfd) < 0)
		return problem_error(problems, NOWHERE, NULL,
		    "cannot flush the new files to the disk: %s",
		    strerror(errno));
	result = rename_all(commit, problems);
	if (commit->lasting && commit_sync(commit->dirfd, problems) < 0)
		result = -1;
	return result;
}

bool
commit_is_published(const struct commit *commit, size_t number)
{
	return commit->changes[number].temporary == NULL;
}

int
commit_remove(int dirfd, const char *name, struct problems *problems)
{
	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	return problem_error(problems, NOWHERE, NULL, "cannot remove: %s",
	    strerror(errno));
}

/*
 * Anybody may be able to create files beside the directory when it is not the
 * real one, so what is opened must be a plain file of ours.
 */
static int
open_lock(int dirfd, const char *name, struct problems *problems)
{
	struct stat st;
	int fd, error;

	fd = openat(dirfd, name,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
	    0600);
	if (fd < 0) {
		error = errno;
		(void)problem_error(problems, NOWHERE, NULL,
		    "cannot open the lock %s beside it: %s", name,
		    strerror(error));
		errno = error;
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() &&
	    ((st.st_mode & 0777) == 0600 || fchmod(fd, 0600) == 0))
		return fd;
	(void)close(fd);
	(void)problem_error(problems, NOWHERE, NULL,
	    "the lock %s beside it is not a regular file of this user with "
	    "mode 0600; remove it",
	    name);
	errno = EEXIST;
	return -1;
}

static bool
is_over(const struct timespec *end)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec ||
	    (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

int
commit_lock(int dirfd, const char *directory, unsigned seconds,
    struct problems *problems)
{
	CLEANUP(cleanup_free) char *name = xasprintf("%s.lock", directory);
	const struct timespec tick = { 0, 20 * 1000 * 1000 };
	struct timespec end;
	int fd, error;

	fd = open_lock(dirfd, name, problems);
	if (fd < 0)
		return -1;
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)seconds;
	for (;;) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		error = errno;
		if ((error != EWOULDBLOCK && error != EINTR) || is_over(&end))
			break;
		(void)nanosleep(&tick, NULL);
	}
	(void)close(fd);
	if (error == EWOULDBLOCK)
		(void)problem_error(problems, NOWHERE, NULL,
		    "another update-binfmts has held the lock %s beside it for "
		    "more than %u seconds; try again when it has ended",
		    name, seconds);
	else
		(void)problem_error(problems, NOWHERE, NULL,
		    "cannot take the lock %s beside it: %s", name,
		    strerror(error));
	errno = error;
	return -1;
}
