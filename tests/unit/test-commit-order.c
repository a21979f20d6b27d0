/*
 * In which order a commit asks for what, and what becomes of it when one of
 * these calls fails.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "commit.h"
#include "scratch.h"

/* In turn: fsync of a file, f, and of a directory, d; syncfs, s; rename, r. */
static char calls[64];
static size_t count;

/* The call that fails, by its number from 0, and how. */
static size_t failing = SIZE_MAX;
static int error;

static void
start(size_t number, int with)
{
	memset(calls, 0, sizeof(calls));
	count = 0;
	failing = number;
	error = with;
}

/* Whether the call is to be made. */
static bool
happens(char call)
{
	assert_true(count + 1 < sizeof(calls));
	calls[count++] = call;
	errno = error;
	return count - 1 != failing;
}

/* These are called in place of the C library's. */

int
fsync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	if (!happens(S_ISDIR(st.st_mode) ? 'd' : 'f'))
		return -1;
	return (int)syscall(SYS_fsync, fd);
}

int
syncfs(int fd)
{
	return happens('s') ? (int)syscall(SYS_syncfs, fd) : -1;
}

int
renameat(int from, const char *name, int to, const char *other)
{
	if (!happens('r'))
		return -1;
	return (int)syscall(SYS_renameat2, from, name, to, other, 0);
}

/* Puts and publishes as many files as there are letters in names. */
static int
commit_all(struct commit *commit, const char *names, struct problems *problems)
{
	int result = 0;

	for (; result == 0 && *names != '\0'; names++) {
		const char name[] = { *names, '\0' };

		result = commit_put(commit, name, "new", 3, problems);
	}
	return result == 0 ? commit_publish(commit, problems) : result;
}

static void
test_order(void **state)
{
	static const struct {
		const char *names, *calls, *of_volatile;
	} cases[] = {
		{ "", "", "" },
		{ "a", "frd", "r" },
		{ "ab", "ffrrd", "rr" },
		/* More than two wait for the disk once. */
		{ "abc", "ffsrrrd", "rrr" },
		{ "abcdef", "ffsrrrrrrd", "rrrrrr" },
	};
	const struct tree *tree = *state;
	size_t i, lasting;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		for (lasting = 0; lasting < 2; lasting++) {
			struct problems problems = PROBLEMS_INIT;
			struct commit *commit = lasting ?
			    commit_new(tree->fd) :
			    commit_new_volatile(tree->fd);

			start(SIZE_MAX, 0);
			assert_int_equal(
			    commit_all(commit, cases[i].names, &problems), 0);
			unit_expect_problems(&problems, "");
			assert_string_equal(calls,
			    lasting ? cases[i].calls : cases[i].of_volatile);
			commit_free(commit);
		}
	}
}

/* Each says why, and before the first rename nothing has changed. */
static void
test_errors(void **state)
{
	static const struct {
		const char *names;
		size_t failing;
		const char *problem, *left;
	} cases[] = {
		{ "a", 0, "cannot write: Input/output error", "" },
		{ "a", 1, "cannot put 'a' in place: Input/output error", "" },
		{ "a", 2,
		    "cannot flush the directory to the disk: "
		    "Input/output error",
		    "a" },
		{ "ab", 1, "cannot write: Input/output error", "" },
		{ "abc", 2,
		    "cannot flush the new files to the disk: "
		    "Input/output error",
		    "" },
		/* One that cannot be put in place does not keep others back. */
		{ "abc", 4, "cannot put 'b' in place: Input/output error",
		    "a c" },
	};
	const struct tree *tree = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct problems problems = PROBLEMS_INIT;
		struct commit *commit = commit_new(tree->fd);
		unsigned before = tree_descriptors();

		start(cases[i].failing, EIO);
		assert_int_equal(commit_all(commit, cases[i].names, &problems),
		    -1);
		unit_expect_problems(&problems, cases[i].problem);
		assert_int_equal(tree_descriptors(), before);
		commit_free(commit);
		tree_expect_names(tree, ".", cases[i].left);
		(void)unlinkat(tree->fd, "a", 0);
		(void)unlinkat(tree->fd, "c", 0);
	}
}

static void
test_sync(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;

	start(SIZE_MAX, 0);
	assert_int_equal(commit_sync(tree->fd, &problems), 0);
	assert_string_equal(calls, "d");
	start(0, ENOSPC);
	assert_int_equal(commit_sync(tree->fd, &problems), -1);
	unit_expect_problems(&problems,
	    "cannot flush the directory to the disk: No space left on device");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(test_order),
		TREE_TEST(test_errors),
		TREE_TEST(test_sync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
