/*
 * A directory of its own for each test that needs files.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "unit.h"

struct tree_path {
	struct tree_path *next;
	char *text;
};

struct tree {
	char *path;
	int fd;
	mode_t umask; /* from before */
	struct tree_path **paths;
};

static inline int
tree_remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* For cmocka_unit_test_setup_teardown(); the state is a struct tree. */
static inline int
tree_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct tree *tree = xcalloc(1, sizeof(*tree));

	tree->umask = umask(022);
	tree->paths = xcalloc(1, sizeof(*tree->paths));
	tree->path = xasprintf("%s/binfmts-unit-XXXXXX",
	    tmp == NULL || tmp[0] != '/' ? "/tmp" : tmp);
	if (mkdtemp(tree->path) == NULL)
		return -1;
	tree->fd = open(tree->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = tree;
	/* Other users may look, so that files can say for themselves. */
	return tree->fd < 0 ? -1 : fchmod(tree->fd, 0755);
}

static inline int
tree_teardown(void **state)
{
	struct tree *tree = *state;
	struct tree_path *path;
	int result;

	while ((path = *tree->paths) != NULL) {
		*tree->paths = path->next;
		free(path->text);
		free(path);
	}
	free(tree->paths);
	(void)umask(tree->umask);
	(void)close(tree->fd);
	result = nftw(tree->path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(tree->path);
	free(tree);
	return result;
}

#define TREE_TEST(function)                                                    \
	cmocka_unit_test_setup_teardown(function, tree_setup, tree_teardown)

/* The path of something in the tree, which owns it. */
static inline char *
tree_path(const struct tree *tree, const char *name)
{
	struct tree_path *path = xmalloc(sizeof(*path));

	path->text = xasprintf("%s/%s", tree->path, name);
	path->next = *tree->paths;
	*tree->paths = path;
	return path->text;
}

static inline void
tree_mkdir(const struct tree *tree, const char *name)
{
	assert_int_equal(mkdirat(tree->fd, name, 0755), 0);
}

static inline void
tree_write(const struct tree *tree, const char *name, const char *text,
    size_t len)
{
	int fd = openat(tree->fd, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		assert_true(n > 0);
		text += n;
		len -= (size_t)n;
	}
	assert_int_equal(close(fd), 0);
}

static inline void
tree_put(const struct tree *tree, const char *name, const char *text)
{
	tree_write(tree, name, text, strlen(text));
}

/* The content of a file, up to 64 KiB; owned. */
static inline char *
tree_get(const struct tree *tree, const char *name)
{
	const size_t room = 64 * 1024;
	char *text = xcalloc(room + 1, 1);
	int fd = openat(tree->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || read(fd, text, room) < 0)
		fail_msg("%s: %s", name, strerror(errno));
	assert_int_equal(close(fd), 0);
	return text;
}

static inline void
tree_expect(const struct tree *tree, const char *name, const char *text)
{
	CLEANUP(cleanup_free) char *got = tree_get(tree, name);

	assert_string_equal(got, text);
}

/* The names in a directory of the tree, sorted, with blanks between. */
static inline void
tree_expect_names(const struct tree *tree, const char *name, const char *names)
{
	const char *path = tree_path(tree, name);
	CLEANUP(cleanup_free) char *got = xstrdup("");
	struct dirent **entries;
	int i, count = scandir(path, &entries, NULL, alphasort);

	assert_true(count >= 0);
	for (i = 0; i < count; i++) {
		const char *entry = entries[i]->d_name;

		if (strcmp(entry, ".") != 0 && strcmp(entry, "..") != 0) {
			char *more = xasprintf("%s%s%s", got,
			    got[0] == '\0' ? "" : " ", entry);

			free(got);
			got = more;
		}
		free(entries[i]);
	}
	free(entries);
	assert_string_equal(got, names);
}

static inline unsigned
tree_mode(const struct tree *tree, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(tree->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

/* How many descriptors are open, with the one that it takes to count. */
static inline unsigned
tree_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	assert_int_equal(closedir(dir), 0);
	return count;
}

#endif
