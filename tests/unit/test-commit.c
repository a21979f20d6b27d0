#include <time.h>

#include "child.h"
#include "commit.h"
#include "scratch.h"

/* Nothing went wrong; if it did, what. */
static void
expect_done(int result, struct problems *problems)
{
	unit_expect_problems(problems, "");
	assert_int_equal(result, 0);
}

static void
put(struct commit *commit, const char *name, const char *text)
{
	struct problems problems = PROBLEMS_INIT;

	expect_done(commit_put(commit, name, text, strlen(text), &problems),
	    &problems);
}

static void
publish(struct commit *commit, size_t expected)
{
	struct problems problems = PROBLEMS_INIT;
	size_t i;

	expect_done(commit_publish(commit, &problems), &problems);
	for (i = 0; i < expected; i++)
		assert_true(commit_is_published(commit, i));
}

static void
test_put_and_publish(void **state)
{
	const struct tree *tree = *state;
	CLEANUP(cleanup_free)
	char *temporary = xasprintf(".a.tmp-%ld-0", (long)getpid());
	struct commit *commit = commit_new(tree->fd);
	struct stat before, after;

	tree_put(tree, "a", "old");
	assert_int_equal(fstatat(tree->fd, "a", &before, 0), 0);
	/* The umask of who calls must not matter. */
	(void)umask(077);
	put(commit, "a", "new\n");
	(void)umask(022);
	tree_expect(tree, "a", "old");
	tree_expect(tree, temporary, "new\n");
	assert_true(commit_is_temporary(temporary));
	publish(commit, 1);
	commit_free(commit);
	tree_expect(tree, "a", "new\n");
	tree_expect_names(tree, ".", "a");
	assert_int_equal(tree_mode(tree, "a"), 0644);
	/* It took the place of the old file, which is as it was. */
	assert_int_equal(fstatat(tree->fd, "a", &after, 0), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
}

static void
test_put_many(void **state)
{
	const struct tree *tree = *state;
	struct commit *commit = commit_new(tree->fd);
	unsigned before = tree_descriptors();
	char name[2] = "a";

	for (; name[0] <= 'z'; name[0]++)
		put(commit, name, name);
	assert_int_equal(tree_descriptors(), before);
	publish(commit, 26);
	commit_free(commit);
	tree_expect_names(tree, ".",
	    "a b c d e f g h i j k l m n o p q r s t u v w x y z");
	tree_expect(tree, "q", "q");
}

static void
test_nothing_put(void **state)
{
	const struct tree *tree = *state;
	struct commit *commit = commit_new(tree->fd);

	publish(commit, 0);
	commit_free(commit);
	commit_free(NULL);
	tree_expect_names(tree, ".", "");
}

static void
test_not_published(void **state)
{
	const struct tree *tree = *state;
	struct commit *commit = commit_new(tree->fd);

	tree_put(tree, "a", "old");
	put(commit, "a", "new");
	put(commit, "b", "new");
	put(commit, "c", "new");
	commit_free(commit);
	tree_expect_names(tree, ".", "a");
	tree_expect(tree, "a", "old");
}

/* Any bytes, none, and the longest name that a file can have. */
static void
test_contents(void **state)
{
	const struct tree *tree = *state;
	struct commit *commit = commit_new(tree->fd);
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = xmalloc(300000);
	CLEANUP(cleanup_free) char *got = NULL;
	char name[256];
	struct stat st;

	memset(name, 'n', 255);
	name[255] = '\0';
	memset(text, 0, 300000);
	expect_done(commit_put(commit, "nul", "a\0b", 3, &problems), &problems);
	expect_done(commit_put(commit, name, text, 300000, &problems),
	    &problems);
	put(commit, "empty", "");
	publish(commit, 3);
	commit_free(commit);
	assert_int_equal(fstatat(tree->fd, name, &st, 0), 0);
	assert_int_equal(st.st_size, 300000);
	got = tree_get(tree, "nul");
	assert_memory_equal(got, "a\0b\0", 4);
	tree_expect(tree, "empty", "");
}

/* What bears the name of a temporary is neither used nor followed. */
static void
test_names_taken(void **state)
{
	const struct tree *tree = *state;
	long pid = (long)getpid();
	CLEANUP(cleanup_free) char *file = xasprintf(".a.tmp-%ld-0", pid);
	CLEANUP(cleanup_free) char *link = xasprintf(".a.tmp-%ld-1", pid);
	CLEANUP(cleanup_free) char *directory = xasprintf(".a.tmp-%ld-2", pid);
	struct commit *commit = commit_new(tree->fd);

	tree_put(tree, file, "not ours");
	tree_put(tree, "victim", "safe");
	assert_int_equal(symlinkat("victim", tree->fd, link), 0);
	tree_mkdir(tree, directory);
	put(commit, "a", "new");
	publish(commit, 1);
	commit_free(commit);
	tree_expect(tree, "a", "new");
	tree_expect(tree, "victim", "safe");
	tree_expect(tree, file, "not ours");
}

static void
test_is_temporary(void **state)
{
	static const struct {
		const char *name;
		bool temporary;
	} cases[] = {
		{ ".a.tmp-1-0", true },
		{ ".llvm-14.binfmt.tmp-4711-12", true },
		{ "a.tmp-1-0", false },
		{ ".a", false },
		{ ".a.tmp", false },
		{ "a", false },
		{ "", false },
		{ ".", false },
		{ "..", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(commit_is_temporary(cases[i].name),
		    cases[i].temporary);
}

/*
 * Failures.
 */

static int
put_forbidden(void *argument)
{
	const struct tree *tree = argument;
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	struct commit *commit;
	int result;

	commit = commit_new(tree->fd);
	result = commit_put(commit, "a", "new", 3, &problems);
	commit_free(commit);
	return result == -1 &&
		child_problems_are(&problems,
		    "cannot create a temporary file: Permission denied") ?
	    0 :
	    1;
}

static void
test_put_forbidden(void **state)
{
	struct tree *tree = *state;
	int status;

	tree_put(tree, "a", "old");
	assert_int_equal(fchmod(tree->fd, 0555), 0);
	status = child_run_as_nobody(put_forbidden, tree);
	assert_int_equal(fchmod(tree->fd, 0755), 0);
	child_expect_done(status);
	tree_expect_names(tree, ".", "a");
	tree_expect(tree, "a", "old");
}

/* The first fits below the limit; the second is cut off in the middle. */
static int
put_limited(void *argument)
{
	const struct tree *tree = argument;
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	struct commit *commit = commit_new(tree->fd);
	bool published;
	int result;

	child_limit_files(4);
	if (commit_put(commit, "a", "1234", 4, &problems) < 0)
		return 1;
	if (commit_put(commit, "b", "12345", 5, &problems) != -1)
		return 2;
	if (commit_put(commit, "c", "1", 1, &problems) < 0)
		return 3;
	result = commit_publish(commit, &problems);
	published = commit_is_published(commit, 0) &&
	    commit_is_published(commit, 1);
	commit_free(commit);
	if (result < 0 || !published)
		return 4;
	return child_problems_are(&problems, "cannot write: File too large") ?
	    0 :
	    5;
}

static void
test_short_write(void **state)
{
	struct tree *tree = *state;

	tree_put(tree, "b", "old");
	assert_int_equal(child_run(put_limited, tree), 0);
	tree_expect_names(tree, ".", "a b c");
	tree_expect(tree, "a", "1234");
	tree_expect(tree, "b", "old");
	tree_expect(tree, "c", "1");
}

/* A name that cannot be replaced does not keep the others back. */
static void
test_publish_fails(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct commit *commit = commit_new(tree->fd);

	tree_mkdir(tree, "b");
	put(commit, "a", "new");
	put(commit, "b", "new");
	put(commit, "c", "new");
	assert_int_equal(commit_publish(commit, &problems), -1);
	unit_expect_problems(&problems,
	    "cannot put 'b' in place: Is a directory");
	assert_true(commit_is_published(commit, 0));
	assert_false(commit_is_published(commit, 1));
	assert_true(commit_is_published(commit, 2));
	commit_free(commit);
	tree_expect_names(tree, ".", "a b c");
	tree_expect(tree, "a", "new");
	tree_expect(tree, "c", "new");
}

static void
test_directory_gone(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct commit *commit;
	int fd;

	tree_mkdir(tree, "directory");
	fd = openat(tree->fd, "directory", O_RDONLY | O_CLOEXEC);
	assert_int_equal(unlinkat(tree->fd, "directory", AT_REMOVEDIR), 0);
	commit = commit_new(fd);
	assert_int_equal(commit_put(commit, "a", "x", 1, &problems), -1);
	commit_free(commit);
	assert_int_equal(close(fd), 0);
	unit_expect_problems(&problems,
	    "cannot create a temporary file: No such file or directory");
	assert_int_equal(commit_sync(fd, &problems), -1);
	unit_expect_problems(&problems,
	    "cannot flush the directory to the disk: Bad file descriptor");
}

static void
test_remove(void **state)
{
	static const struct {
		const char *name, *wrong;
	} cases[] = {
		{ "file", "" },
		{ "link", "" },
		{ "fifo", "" },
		{ "nothing", "" },
		{ "directory", "cannot remove: Is a directory" },
	};
	const struct tree *tree = *state;
	size_t i;

	tree_put(tree, "file", "x");
	tree_put(tree, "victim", "safe");
	tree_mkdir(tree, "directory");
	assert_int_equal(mkfifoat(tree->fd, "fifo", 0644), 0);
	assert_int_equal(symlinkat("victim", tree->fd, "link"), 0);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct problems problems = PROBLEMS_INIT;
		int result = commit_remove(tree->fd, cases[i].name, &problems);

		assert_int_equal(result, cases[i].wrong[0] == '\0' ? 0 : -1);
		unit_expect_problems(&problems, cases[i].wrong);
	}
	tree_expect_names(tree, ".", "directory victim");
	tree_expect(tree, "victim", "safe");
}

/*
 * The lock.
 */

/* In a child: holds the lock, says so, and waits for the pipe to close. */
struct holder {
	int dirfd; /* of the parent of the directory */
	int ready[2], release[2];
	pid_t pid;
};

static int
hold(void *argument)
{
	struct holder *holder = argument;
	struct problems problems = PROBLEMS_INIT;
	char byte;
	int fd;

	(void)close(holder->release[1]);
	fd = commit_lock(holder->dirfd, "d", 5, &problems);
	if (fd < 0 || write(holder->ready[1], "x", 1) != 1)
		return 1;
	if (read(holder->release[0], &byte, 1) > 0)
		(void)usleep(300 * 1000);
	return 0;
}

static void
start_holder(struct holder *holder)
{
	char byte;

	assert_int_equal(pipe(holder->ready), 0);
	assert_int_equal(pipe(holder->release), 0);
	holder->pid = child_start(hold, holder);
	(void)close(holder->ready[1]);
	(void)close(holder->release[0]);
	assert_int_equal(read(holder->ready[0], &byte, 1), 1);
	(void)close(holder->ready[0]);
}

/* Late in a second, so that whole seconds are not enough to count. */
static void
wait_for_end_of_second(void)
{
	double now = unit_seconds();

	while (now - (double)(long)now < 0.8) {
		(void)usleep(10 * 1000);
		now = unit_seconds();
	}
}

static void
test_lock_times_out(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct holder holder = { .dirfd = tree->fd };
	unsigned descriptors;
	double start;

	start_holder(&holder);
	descriptors = tree_descriptors();
	wait_for_end_of_second();
	start = unit_seconds();
	assert_int_equal(commit_lock(tree->fd, "d", 1, &problems), -1);
	assert_true(unit_seconds() - start >= 1);
	assert_true(unit_seconds() - start < 3);
	assert_int_equal(tree_descriptors(), descriptors);
	unit_expect_problems(&problems,
	    "another update-binfmts has held the lock d.lock beside it for "
	    "more than 1 seconds; try again when it has ended");
	assert_int_equal(close(holder.release[1]), 0);
	assert_int_equal(child_wait(holder.pid), 0);
}

static void
expect_locked(int fd, struct problems *problems)
{
	unit_expect_problems(problems, "");
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

/* Given back after a while, it is taken; not before. */
static void
test_lock_waits(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct holder holder = { .dirfd = tree->fd };
	double start;
	int fd;

	start_holder(&holder);
	start = unit_seconds();
	assert_int_equal(write(holder.release[1], "x", 1), 1);
	fd = commit_lock(tree->fd, "d", 20, &problems);
	assert_true(unit_seconds() - start >= 0.2);
	assert_true(unit_seconds() - start < 10);
	expect_locked(fd, &problems);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(holder.release[1]), 0);
	assert_int_equal(child_wait(holder.pid), 0);
}

/* Who was killed holds no lock. */
static void
test_lock_of_killed(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct holder holder = { .dirfd = tree->fd };
	int fd;

	start_holder(&holder);
	assert_int_equal(kill(holder.pid, SIGKILL), 0);
	assert_int_equal(child_wait(holder.pid), -SIGKILL);
	fd = commit_lock(tree->fd, "d", 0, &problems);
	expect_locked(fd, &problems);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(holder.release[1]), 0);
}

/* Beside the directory, for nobody else, and there to stay. */
static void
test_lock_file(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	unsigned before = tree_descriptors();
	int fd, second;

	(void)umask(0);
	fd = commit_lock(tree->fd, "d", 0, &problems);
	(void)umask(022);
	expect_locked(fd, &problems);
	assert_int_equal(tree_mode(tree, "d.lock"), 0600);
	assert_int_equal(commit_lock(tree->fd, "d", 0, &problems), -1);
	problems_fini(&problems);
	assert_int_equal(close(fd), 0);
	/* Left with another mode, it gets the right one. */
	assert_int_equal(fchmodat(tree->fd, "d.lock", 0666, 0), 0);
	second = commit_lock(tree->fd, "d", 0, &problems);
	expect_locked(second, &problems);
	assert_int_equal(tree_mode(tree, "d.lock"), 0600);
	assert_int_equal(close(second), 0);
	assert_int_equal(tree_descriptors(), before);
	tree_expect_names(tree, ".", "d.lock");
}

static void
expect_no_lock(const struct tree *tree, const char *name, const char *wrong)
{
	struct problems problems = PROBLEMS_INIT;
	unsigned before = tree_descriptors();

	assert_int_equal(commit_lock(tree->fd, name, 0, &problems), -1);
	assert_int_equal(tree_descriptors(), before);
	unit_expect_problems(&problems, wrong);
}

static void
test_lock_refused(void **state)
{
	const struct tree *tree = *state;

	tree_put(tree, "victim", "safe");
	assert_int_equal(symlinkat("victim", tree->fd, "link.lock"), 0);
	tree_mkdir(tree, "directory.lock");
	assert_int_equal(mkfifoat(tree->fd, "fifo.lock", 0600), 0);
	(void)alarm(30);
	expect_no_lock(tree, "nothing/d",
	    "cannot open the lock nothing/d.lock beside it: No such file or "
	    "directory");
	expect_no_lock(tree, "link",
	    "cannot open the lock link.lock beside it: Too many levels of "
	    "symbolic links");
	expect_no_lock(tree, "directory",
	    "cannot open the lock directory.lock beside it: Is a directory");
	expect_no_lock(tree, "fifo",
	    "the lock fifo.lock beside it is not a regular file of this user "
	    "with mode 0600; remove it");
	(void)alarm(0);
	assert_int_equal(tree_mode(tree, "victim"), 0644);
}

static void
test_lock_of_another_user(void **state)
{
	const struct tree *tree = *state;

	tree_put(tree, "d.lock", "");
	if (fchownat(tree->fd, "d.lock", geteuid() + 1, (gid_t)-1, 0) < 0) {
		print_message("# cannot give files away\n");
		skip();
	}
	expect_no_lock(tree, "d",
	    "the lock d.lock beside it is not a regular file of this user with "
	    "mode 0600; remove it");
	assert_int_equal(tree_mode(tree, "d.lock"), 0644);
}

/* What a commit that was killed has left goes, and nothing else. */
static void
test_sweep(void **state)
{
	const struct tree *tree = *state;
	unsigned before = tree_descriptors();
	int file;

	tree_put(tree, "kept", "");
	tree_put(tree, ".kept", "");
	tree_put(tree, "kept.tmp-1-0", "");
	tree_put(tree, ".gone.tmp-1-0", "");
	tree_put(tree, ".gone.tmp-1-1", "");
	commit_sweep(tree->fd);
	tree_expect_names(tree, ".", ".kept kept kept.tmp-1-0");
	assert_int_equal(tree_descriptors(), before);
	/* Nor does one that is no directory do any harm. */
	file = openat(tree->fd, "kept", O_RDONLY | O_CLOEXEC);
	assert_true(file >= 0);
	commit_sweep(file);
	assert_int_equal(close(file), 0);
	assert_int_equal(tree_descriptors(), before);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(test_put_and_publish),
		TREE_TEST(test_put_many),
		TREE_TEST(test_nothing_put),
		TREE_TEST(test_not_published),
		TREE_TEST(test_contents),
		TREE_TEST(test_names_taken),
		cmocka_unit_test(test_is_temporary),
		TREE_TEST(test_put_forbidden),
		TREE_TEST(test_short_write),
		TREE_TEST(test_publish_fails),
		TREE_TEST(test_directory_gone),
		TREE_TEST(test_remove),
		TREE_TEST(test_sweep),
		TREE_TEST(test_lock_times_out),
		TREE_TEST(test_lock_waits),
		TREE_TEST(test_lock_of_killed),
		TREE_TEST(test_lock_file),
		TREE_TEST(test_lock_refused),
		TREE_TEST(test_lock_of_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
