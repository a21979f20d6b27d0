#include <sys/wait.h>

#include <signal.h>

#include "scratch.h"
#include "tree.h"

/* What a path leads to: the content of the file, or why there is none. */
static char *
look(int root, const char *path)
{
	char text[64] = "";
	int fd = tree_open(root, path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return xstrdup(strerror(errno));
	n = read(fd, text, sizeof(text) - 1);
	assert_int_not_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	assert_int_equal(close(fd), 0);
	return xstrdup(n < 0 ? strerror(errno) : text);
}

struct link {
	const char *target;
	const char *found; /* through it, from within the tree */
};

/* The tree is in/, and what is outside of it says so. */
static int
make_tree(const struct tree *tree)
{
	tree_mkdir(tree, "in");
	tree_mkdir(tree, "in/dir");
	tree_mkdir(tree, "in/etc");
	tree_put(tree, "secret", "outside");
	tree_put(tree, "in/file", "inside");
	tree_put(tree, "in/dir/file", "below");
	return openat(tree->fd, "in", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void
test_links(void **state)
{
	static const struct link links[] = {
		{ "/file", "inside" },
		{ "../file", "inside" },
		{ "../dir/file", "below" },
		{ "/dir/../file", "inside" },
		{ "../../../../file", "inside" },
		{ "/../../file", "inside" },
		{ "../../secret", "No such file or directory" },
		{ "/../secret", "No such file or directory" },
		{ "/nothing", "No such file or directory" },
		{ "/file/", "Not a directory" },
		{ "/file/x", "Not a directory" },
		{ "/dir", "Is a directory" },
		{ "/", "Is a directory" },
		{ "..", "Is a directory" },
		{ "link", "Too many levels of symbolic links" },
		{ "/etc/link", "Too many levels of symbolic links" },
		{ "/proc/self/exe", "No such file or directory" },
	};
	const struct tree *tree = *state;
	int root = make_tree(tree);
	size_t i;

	assert_true(root >= 0);
	for (i = 0; i < ARRAY_LEN(links); i++) {
		CLEANUP(cleanup_free) char *got = NULL;

		assert_int_equal(symlinkat(links[i].target, root, "etc/link"),
		    0);
		got = look(root, "/etc/link");
		if (strcmp(got, links[i].found) != 0)
			print_message("# link to %s\n", links[i].target);
		assert_string_equal(got, links[i].found);
		assert_int_equal(unlinkat(root, "etc/link", 0), 0);
	}
	assert_int_equal(close(root), 0);
}

/* The same as text of the path itself, with or without a slash in front. */
static void
test_paths(void **state)
{
	static const struct link paths[] = {
		{ "file", "inside" },
		{ "/file", "inside" },
		{ "//dir//file", "below" },
		{ "dir/../../../file", "inside" },
		{ "../file", "inside" },
		{ "../secret", "No such file or directory" },
		{ "", "No such file or directory" },
		{ "/", "Is a directory" },
	};
	const struct tree *tree = *state;
	int root = make_tree(tree);
	size_t i;

	for (i = 0; i < ARRAY_LEN(paths); i++) {
		CLEANUP(cleanup_free) char *got = look(root, paths[i].target);

		assert_string_equal(got, paths[i].found);
	}
	assert_int_equal(close(root), 0);
}

/* Where there is a proc, its links of processes lead nowhere. */
static void
test_magic_links(void **state)
{
	const struct tree *tree = *state;
	int fd = openat(tree->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(cleanup_free)
	char *path = xasprintf("/proc/self/fd/%d/secret", fd);
	CLEANUP(cleanup_free) char *got = NULL;
	CLEANUP(cleanup_free) char *system = NULL;

	tree_put(tree, "secret", "outside");
	got = look(root, path);
	assert_string_equal(got, "Too many levels of symbolic links");
	system = look(TREE_SYSTEM, path);
	assert_string_equal(system, "outside");
	assert_int_equal(close(root), 0);
	assert_int_equal(close(fd), 0);
}

static void
test_stat(void **state)
{
	const struct tree *tree = *state;
	int root = make_tree(tree);
	struct stat st;

	assert_int_equal(tree_stat(root, "/dir/file", &st), 0);
	assert_int_equal(st.st_size, strlen("below"));
	assert_int_equal(symlinkat("/dir", root, "to-dir"), 0);
	assert_int_equal(tree_stat(root, "to-dir", &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(tree_stat(root, "nothing", &st), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(tree_stat(TREE_SYSTEM, tree_path(tree, "secret"), &st),
	    0);
	assert_int_equal(close(root), 0);
}

static void
test_list(void **state)
{
	const struct tree *tree = *state;
	int root = make_tree(tree);
	struct textlist names = { 0 };
	unsigned before;

	tree_mkdir(tree, "in/list");
	tree_put(tree, "in/list/b", "");
	tree_put(tree, "in/list/.hidden", "");
	tree_put(tree, "in/list/a~", "");
	before = tree_descriptors();
	assert_int_equal(tree_list(root, "/list", &names), 0);
	assert_int_equal(tree_list(root, "/list/b", &names), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(tree_list(root, "/nothing", &names), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(tree_descriptors(), before);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.items[0], "a~");
	assert_string_equal(names.items[1], "b");
	textlist_fini(&names);
	assert_int_equal(close(root), 0);
}

struct parent {
	const char *path, *name, *directory;
};

static void
test_parent(void **state)
{
	static const struct parent parents[] = {
		{ "/dir/file", "file", "in/dir" },
		{ "dir/new", "new", "in/dir" },
		{ "/file", "file", "in" },
		{ "file", "file", "in" },
		{ "to-dir/x", "x", "in/dir" },
		{ "up/x", "x", "in" },
	};
	const struct tree *tree = *state;
	int root = make_tree(tree);
	size_t i;

	assert_int_equal(symlinkat("/dir", root, "to-dir"), 0);
	assert_int_equal(symlinkat("../..", root, "up"), 0);
	for (i = 0; i < ARRAY_LEN(parents); i++) {
		const struct parent *p = &parents[i];
		struct stat got, expected;
		const char *name;
		int fd = tree_open_parent(root, p->path, &name);

		assert_true(fd >= 0);
		assert_string_equal(name, p->name);
		assert_int_equal(fstat(fd, &got), 0);
		assert_int_equal(fstatat(tree->fd, p->directory, &expected, 0),
		    0);
		assert_int_equal(got.st_ino, expected.st_ino);
		assert_int_equal(close(fd), 0);
	}
	assert_int_equal(close(root), 0);
}

static void
test_null(void **state)
{
	static const struct {
		const char *target;
		bool null;
	} links[] = {
		{ "/dev/null", true },
		{ "/dev/zero", false },
		{ "/dev/nullx", false },
		{ "dev/null", false },
		{ "/", false },
		{ "/nothing", false },
	};
	const struct tree *tree = *state;
	int root = make_tree(tree);
	size_t i;

	for (i = 0; i < ARRAY_LEN(links); i++) {
		assert_int_equal(symlinkat(links[i].target, root, "l"), 0);
		assert_int_equal(tree_is_null(root, "/l"), links[i].null);
		assert_int_equal(
		    tree_is_null(TREE_SYSTEM, tree_path(tree, "in/l")),
		    links[i].null);
		assert_int_equal(unlinkat(root, "l", 0), 0);
	}
	assert_true(tree_is_null(TREE_SYSTEM, "/dev/null"));
	assert_false(tree_is_null(root, "/file"));
	assert_false(tree_is_null(root, "/nothing/x"));
	/* A link to a link to it. */
	assert_int_equal(symlinkat("/dev/null", tree->fd, "one"), 0);
	assert_int_equal(symlinkat("one", tree->fd, "two"), 0);
	assert_true(tree_is_null(TREE_SYSTEM, tree_path(tree, "two")));
	assert_int_equal(close(root), 0);
}

/* Others rename while we look: it is found all the same. */
static void
test_renames(void **state)
{
	const struct tree *tree = *state;
	int root = make_tree(tree), i, failed = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		for (;;) {
			(void)renameat(root, "etc", root, "cte");
			(void)renameat(root, "cte", root, "etc");
		}
	}
	assert_int_equal(symlinkat("../file", root, "dir/up"), 0);
	for (i = 0; i < 100000; i++) {
		int fd = tree_open(root, "/dir/up", O_RDONLY);

		if (fd >= 0)
			(void)close(fd);
		else
			failed++;
	}
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(failed, 0);
	assert_int_equal(close(root), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_links),
		TREE_TEST(test_paths),
		TREE_TEST(test_magic_links),
		TREE_TEST(test_stat),
		TREE_TEST(test_list),
		TREE_TEST(test_parent),
		TREE_TEST(test_null),
		TREE_TEST(test_renames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
