#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "child.h"
#include "file.h"
#include "scratch.h"

/* What reading gives: "absent", the problem, or LENGTH:TEXT. */
static char *
outcome(int dirfd, const char *name, bool follow, size_t limit)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = NULL;
	unsigned before = tree_descriptors();
	enum file_result result;
	size_t len = 0;

	result = file_read(dirfd, name, follow, limit, &text, &len, &problems);
	assert_int_equal(tree_descriptors(), before);
	assert_int_equal(problems.errors, result == FILE_FAILED ? 1 : 0);
	assert_int_equal(text != NULL, result == FILE_OK);
	if (result == FILE_ABSENT)
		return xstrdup("absent");
	if (result == FILE_FAILED)
		return unit_problems(&problems);
	assert_int_equal(text[len], '\0');
	return xasprintf("%zu:%s", len, text);
}

/* One of everything that can have a name. */
static void
plant(const struct tree *tree)
{
	char *socket_path = tree_path(tree, "socket");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	tree_put(tree, "file", "content");
	tree_put(tree, "empty", "");
	tree_write(tree, "nul", "a\0b", 3);
	tree_mkdir(tree, "directory");
	assert_int_equal(mkfifoat(tree->fd, "fifo", 0644), 0);
	assert_int_equal(symlinkat("file", tree->fd, "link"), 0);
	assert_int_equal(symlinkat("nothing", tree->fd, "dangling"), 0);
	assert_int_equal(symlinkat("loop", tree->fd, "loop"), 0);
	assert_int_equal(symlinkat("fifo", tree->fd, "fifo-link"), 0);
	assert_int_equal(symlinkat("/dev/null", tree->fd, "null-link"), 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
	    socket_path);
	assert_true(fd >= 0);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(close(fd), 0);
}

static void
test_read_kinds(void **state)
{
	static const struct {
		const char *name;
		bool follow;
		const char *outcome;
	} cases[] = {
		{ "file", false, "7:content" },
		{ "file", true, "7:content" },
		{ "empty", false, "0:" },
		{ "nul", false, "3:a" },
		{ "nothing", false, "absent" },
		{ "directory/nothing", true, "absent" },
		{ "link", true, "7:content" },
		{ "link", false, "is a symbolic link, not a regular file" },
		{ "dangling", true, "absent" },
		{ "dangling", false, "is a symbolic link, not a regular file" },
		{ "loop", false, "is a symbolic link, not a regular file" },
		{ "loop", true,
		    "cannot open: Too many levels of symbolic links" },
		{ "directory", false, "is a directory, not a regular file" },
		{ "fifo", false, "is a fifo, not a regular file" },
		{ "fifo-link", true, "is a fifo, not a regular file" },
		{ "socket", false,
		    "is a socket or a device, not a regular file" },
		{ "null-link", true, "is a device, not a regular file" },
		{ "/dev/null", false, "is a device, not a regular file" },
		{ "file/name", false, "cannot open: Not a directory" },
	};
	const struct tree *tree = *state;
	size_t i;

	plant(tree);
	(void)alarm(30); /* reading a fifo would wait */
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *got = outcome(tree->fd, cases[i].name, cases[i].follow,
		    7);

		assert_string_equal(got, cases[i].outcome);
	}
	(void)alarm(0);
}

static void
test_read_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 4094, 4095, 4096, 4097, 8191,
		8192, 65535, 65536, 65537 };
	const struct tree *tree = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t size = sizes[i];
		CLEANUP(cleanup_free) char *text = xcalloc(size + 1, 1);
		CLEANUP(cleanup_free) char *all = NULL;
		CLEANUP(cleanup_free) char *fits = NULL;
		CLEANUP(cleanup_free) char *large = NULL;
		CLEANUP(cleanup_free) char *expected = NULL;

		memset(text, 'x', size);
		tree_put(tree, "file", text);
		all = xasprintf("%zu:%s", size, text);
		fits = outcome(tree->fd, "file", false, size);
		assert_string_equal(fits, all);
		if (size == 0)
			continue;
		expected = xasprintf("is larger than %zu bytes", size - 1);
		large = outcome(tree->fd, "file", false, size - 1);
		assert_string_equal(large, expected);
	}
}

static int
read_forbidden(void *argument)
{
	const struct tree *tree = argument;
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	char *text = NULL;
	size_t len;

	if (file_read(tree->fd, "file", false, 9, &text, &len, &problems) !=
	    FILE_FAILED)
		return 1;
	return child_problems_are(&problems, "cannot open: Permission denied") ?
	    0 :
	    2;
}

static void
test_read_forbidden(void **state)
{
	struct tree *tree = *state;

	tree_put(tree, "file", "content");
	assert_int_equal(fchmodat(tree->fd, "file", 0, 0), 0);
	child_expect_done(child_run_as_nobody(read_forbidden, tree));
}

static void
test_read_head(void **state)
{
	static const struct {
		const char *text;
		long count;
		const char *head;
	} cases[] = {
		{ "", 0, "\0\0\0\0" },
		{ "MZ", 2, "MZ\0\0" },
		{ "\177ELF", 4, "\177ELF" },
		{ "#!/bin/sh", 4, "#!/b" },
	};
	const struct tree *tree = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned char head[5];
		int fd;

		tree_put(tree, "file", cases[i].text);
		fd = openat(tree->fd, "file", O_RDONLY | O_CLOEXEC);
		memset(head, '?', sizeof(head));
		assert_int_equal(file_read_head(fd, head, 4), cases[i].count);
		assert_memory_equal(head, cases[i].head, 4);
		assert_int_equal(head[4], '?');
		assert_int_equal(close(fd), 0);
		errno = 0;
		assert_int_equal(file_read_head(fd, head, 4), -1);
		assert_int_equal(errno, EBADF);
	}
}

/* What comes in pieces is put together. */
static void
test_read_head_of_pipe(void **state)
{
	unsigned char head[6];
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		bool done = write(ends[1], "ab", 2) == 2;

		(void)usleep(50 * 1000);
		done = done && write(ends[1], "cd", 2) == 2;
		_exit(done ? 0 : 1);
	}
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(file_read_head(ends[0], head, sizeof(head)), 4);
	assert_memory_equal(head, "abcd\0", 6);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(child_wait(pid), 0);
}

static volatile sig_atomic_t interrupts;

/* Not for ever: where all is slow, nothing else would be done. */
static void
interrupt(int number)
{
	const struct itimerval never = { 0 };

	(void)number;
	if (++interrupts == 2000)
		(void)setitimer(ITIMER_REAL, &never, NULL);
}

#define MUCH (1024 * 1024)

/* Ends with 0 when all of it comes out of the pipe as it went in. */
static int
drain(void *argument)
{
	const int *ends = argument;
	unsigned char byte[64];
	size_t count = 0;
	ssize_t n, i;

	(void)close(ends[1]);
	while ((n = read(ends[0], byte, sizeof(byte))) > 0) {
		for (i = 0; i < n; i++, count++) {
			if (byte[i] != (unsigned char)(count % 251))
				return 1;
		}
	}
	return n == 0 && count == MUCH ? 0 : 2;
}

/* Short writes and interrupted ones do not lose or repeat anything. */
static void
test_write_interrupted(void **state)
{
	struct sigaction action = { .sa_handler = interrupt }, old;
	struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { 0 };
	CLEANUP(cleanup_free) char *text = xmalloc(MUCH);
	int ends[2];
	pid_t pid;
	size_t i;

	(void)state;
	for (i = 0; i < MUCH; i++)
		text[i] = (char)(i % 251);
	assert_int_equal(pipe(ends), 0);
	pid = child_start(drain, ends);
	assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(file_write_all(ends[1], text, MUCH), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	assert_true(interrupts > 0);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(child_wait(pid), 0);
	assert_int_equal(close(ends[0]), 0);
}

static int
write_limited(void *argument)
{
	const struct tree *tree = argument;
	int fd = openat(tree->fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	child_limit_files(5);
	if (file_write_all(fd, "12345", 5) != 0)
		return 1;
	errno = 0;
	return file_write_all(fd, "6", 1) == -1 && errno == EFBIG ? 0 : 2;
}

static void
test_write_errors(void **state)
{
	struct tree *tree = *state;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, "", 0), 0);
	errno = 0;
	assert_int_equal(file_write_all(fd, "x", 1), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(close(fd), 0);
	errno = 0;
	assert_int_equal(file_write_all(fd, "x", 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(child_run(write_limited, tree), 0);
	tree_expect(tree, "file", "12345");
}

/* Within another root, links stay within it. */
static void
test_read_tree(void **state)
{
	static const struct {
		const char *path, *outcome;
	} cases[] = {
		{ "/etc/file", "inside" },
		{ "/link", "inside" },
		{ "/out", "absent" },
		{ "/etc/../../../../etc/file", "inside" },
		{ "/nothing", "absent" },
		{ "/etc", "is a directory, not a regular file" },
		{ "/fifo", "is a fifo, not a regular file" },
		{ "/etc/large", "is larger than 10 bytes" },
	};
	const struct tree *tree = *state;
	size_t i;
	int root;

	tree_put(tree, "outside", "outside");
	tree_mkdir(tree, "root");
	tree_mkdir(tree, "root/etc");
	tree_put(tree, "root/etc/file", "inside");
	tree_put(tree, "root/etc/large", "12345678901");
	assert_int_equal(symlinkat("/etc/file", tree->fd, "root/link"), 0);
	assert_int_equal(symlinkat("../outside", tree->fd, "root/out"), 0);
	assert_int_equal(mkfifoat(tree->fd, "root/fifo", 0644), 0);
	root = openat(tree->fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)alarm(30);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct problems problems = PROBLEMS_INIT;
		CLEANUP(cleanup_free) char *text = NULL;
		enum file_result result;
		size_t len;

		result = file_read_tree(root, cases[i].path, 10, &text, &len,
		    &problems);
		if (result == FILE_FAILED)
			unit_expect_problems(&problems, cases[i].outcome);
		else
			assert_string_equal(result == FILE_ABSENT ? "absent" :
								    text,
			    cases[i].outcome);
	}
	(void)alarm(0);
	assert_int_equal(close(root), 0);
}

static void
test_is_backup(void **state)
{
	static const struct {
		const char *name;
		bool backup;
	} cases[] = {
		{ "jar", false },
		{ "jar~", true },
		{ "jar.dpkg-new", true },
		{ "jar.dpkg-old", true },
		{ "jar.dpkg-dist", true },
		{ "jar.dpkg-tmp", true },
		{ "jar.dpkg-newer", false },
		{ "dpkg-new", false },
		{ ".dpkg-new", false },
		{ "~", false },
		{ "~a", false },
		{ "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(file_is_backup(cases[i].name),
		    cases[i].backup);
}

static void
test_open_directory(void **state)
{
	const struct tree *tree = *state;
	unsigned before = tree_descriptors();
	int path, file;
	DIR *dir, *other;

	tree_put(tree, "file", "");
	path = open(tree->path, O_PATH | O_CLOEXEC);
	file = openat(tree->fd, "file", O_RDONLY | O_CLOEXEC);
	dir = file_open_directory(path);
	assert_non_null(dir);
	assert_non_null(readdir(dir));
	assert_int_equal(fcntl(dirfd(dir), F_GETFD), FD_CLOEXEC);
	/* It has a place of its own to read from. */
	other = file_open_directory(dirfd(dir));
	assert_non_null(other);
	while (readdir(dir) != NULL)
		;
	assert_non_null(readdir(other));
	assert_int_equal(closedir(other), 0);
	assert_int_equal(closedir(dir), 0);
	assert_null(file_open_directory(file));
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(close(path), 0);
	assert_int_equal(close(file), 0);
	assert_int_equal(tree_descriptors(), before);
}

static void
test_names(void **state)
{
	static const struct {
		const char *path, *base;
	} cases[] = {
		{ "a", "a" },
		{ "/a", "a" },
		{ "/usr/share/binfmts/jar", "jar" },
		{ "./a.b", "a.b" },
		{ "a/", "" },
		{ "/", "" },
		{ "", "" },
	};
	CLEANUP(cleanup_free) char *joined = file_join("/a/b", "c d");
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(file_base_name(cases[i].path),
		    cases[i].base);
	assert_string_equal(joined, "/a/b/c d");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(test_read_kinds),
		TREE_TEST(test_read_sizes),
		TREE_TEST(test_read_forbidden),
		TREE_TEST(test_read_head),
		cmocka_unit_test(test_read_head_of_pipe),
		cmocka_unit_test(test_write_interrupted),
		TREE_TEST(test_write_errors),
		TREE_TEST(test_read_tree),
		TREE_TEST(test_open_directory),
		cmocka_unit_test(test_is_backup),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
