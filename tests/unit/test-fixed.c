#include "fixed.h"

#include "scratch.h"

#define INSTANCE 7
#define FILE_OF	 "run/fixed-7"

static struct fixed *
open_in(const struct tree *tree)
{
	static char path[4096];

	(void)snprintf(path, sizeof(path), "%s/run", tree->path);
	return fixed_open(path, INSTANCE);
}

static void
expect_state(const struct fixed *fixed, const struct tree *tree,
    const char *name, const char *program, enum fixed_state state)
{
	const char *path = tree_path(tree, program);

	assert_int_equal(fixed_look(fixed, name, path), state);
}

static void
set(struct fixed *fixed, const struct tree *tree, const char *name,
    const char *program)
{
	const char *path = tree_path(tree, program);

	fixed_set(fixed, name, path);
}

/* What is remembered, and by the next one too. */
static void
test_remembers(void **state)
{
	const struct tree *tree = *state;
	struct fixed *fixed = open_in(tree);

	tree_put(tree, "a", "program");
	tree_put(tree, "b", "program");
	expect_state(fixed, tree, "one", "a", FIXED_UNKNOWN);
	set(fixed, tree, "one", "a");
	set(fixed, tree, "a name of two lines' length", "b");
	expect_state(fixed, tree, "one", "a", FIXED_CURRENT);
	expect_state(fixed, tree, "one", "b", FIXED_REPLACED);
	expect_state(fixed, tree, "one", "c", FIXED_MISSING);
	expect_state(fixed, tree, "two", "a", FIXED_UNKNOWN);
	assert_int_equal(fixed_save(fixed), 0);
	fixed_free(fixed);
	tree_expect_names(tree, "run", "fixed-7");

	fixed = open_in(tree);
	expect_state(fixed, tree, "one", "a", FIXED_CURRENT);
	expect_state(fixed, tree, "a name of two lines' length", "b",
	    FIXED_CURRENT);
	fixed_drop(fixed, "one");
	fixed_drop(fixed, "never there");
	expect_state(fixed, tree, "one", "a", FIXED_UNKNOWN);
	assert_int_equal(fixed_save(fixed), 0);
	fixed_free(fixed);

	fixed = open_in(tree);
	expect_state(fixed, tree, "one", "a", FIXED_UNKNOWN);
	expect_state(fixed, tree, "a name of two lines' length", "b",
	    FIXED_CURRENT);
	fixed_free(fixed);
}

static void
touch(const struct tree *tree, const char *name, long nanoseconds)
{
	const struct timespec times[2] = { { 1000, nanoseconds },
		{ 1000, nanoseconds } };

	assert_int_equal(utimensat(tree->fd, name, times, 0), 0);
}

/* Each thing by which another file can be told. */
static void
test_notices(void **state)
{
	const struct tree *tree = *state;
	struct fixed *fixed = open_in(tree);

	tree_put(tree, "a", "program");
	touch(tree, "a", 1);
	set(fixed, tree, "one", "a");
	expect_state(fixed, tree, "one", "a", FIXED_CURRENT);
	touch(tree, "a", 2);
	expect_state(fixed, tree, "one", "a", FIXED_REPLACED);
	touch(tree, "a", 1);
	expect_state(fixed, tree, "one", "a", FIXED_CURRENT);
	tree_put(tree, "a", "longer program");
	touch(tree, "a", 1);
	expect_state(fixed, tree, "one", "a", FIXED_REPLACED);
	tree_put(tree, "new", "program");
	touch(tree, "new", 1);
	assert_int_equal(renameat(tree->fd, "new", tree->fd, "a"), 0);
	expect_state(fixed, tree, "one", "a", FIXED_REPLACED);
	set(fixed, tree, "one", "a");
	expect_state(fixed, tree, "one", "a", FIXED_CURRENT);
	assert_int_equal(unlinkat(tree->fd, "a", 0), 0);
	expect_state(fixed, tree, "one", "a", FIXED_MISSING);
	/* A program that is not there cannot have been fixed. */
	set(fixed, tree, "one", "a");
	expect_state(fixed, tree, "one", "a", FIXED_UNKNOWN);
	fixed_free(fixed);
}

/* A link is followed, as the kernel does. */
static void
test_links(void **state)
{
	const struct tree *tree = *state;
	struct fixed *fixed = open_in(tree);

	tree_put(tree, "a", "program");
	tree_put(tree, "b", "program");
	assert_int_equal(symlinkat("a", tree->fd, "link"), 0);
	set(fixed, tree, "one", "link");
	expect_state(fixed, tree, "one", "a", FIXED_CURRENT);
	assert_int_equal(unlinkat(tree->fd, "link", 0), 0);
	assert_int_equal(symlinkat("b", tree->fd, "link"), 0);
	expect_state(fixed, tree, "one", "link", FIXED_REPLACED);
	fixed_free(fixed);
}

/* Without a change nothing is written, and nothing made. */
static void
test_unchanged(void **state)
{
	const struct tree *tree = *state;
	struct fixed *fixed = open_in(tree);

	fixed_drop(fixed, "one");
	assert_int_equal(fixed_save(fixed), 0);
	tree_expect_names(tree, ".", "");
	tree_put(tree, "a", "program");
	set(fixed, tree, "one", "a");
	assert_int_equal(fixed_save(fixed), 0);
	fixed_free(fixed);

	fixed = open_in(tree);
	assert_int_equal(unlinkat(tree->fd, FILE_OF, 0), 0);
	set(fixed, tree, "one", "a");
	assert_int_equal(fixed_save(fixed), 0);
	tree_expect_names(tree, "run", "");
	fixed_free(fixed);
}

/* What cannot be understood counts as nothing, and hurts nobody. */
static void
test_damaged(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"one\n",
		"1 2 3 4 5\n",
		"1 2 3 4 5 \n",
		"1 2 3 4\n",
		"x 2 3 4 5 one\n",
		"1 2 3 4 one\n",
		"1 2 3 4 5 one",
		"99999999999999999999 2 3 4 5 one\n",
	};
	const struct tree *tree = *state;
	size_t i;

	tree_mkdir(tree, "run");
	tree_put(tree, "a", "program");
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		struct fixed *fixed;

		tree_put(tree, FILE_OF, texts[i]);
		fixed = open_in(tree);
		set(fixed, tree, "two", "a");
		expect_state(fixed, tree, "two", "a", FIXED_CURRENT);
		assert_true(fixed_look(fixed, "one", "/") != FIXED_CURRENT);
		assert_int_equal(fixed_save(fixed), 0);
		fixed_free(fixed);
	}
	assert_int_equal(unlinkat(tree->fd, FILE_OF, 0), 0);
	assert_int_equal(mkdirat(tree->fd, FILE_OF, 0755), 0);
	fixed_free(open_in(tree));
}

/* What only stands for the kernel's registry has no number, and no memory. */
static void
test_instances(void **state)
{
	const struct tree *tree = *state;
	const char *run = tree_path(tree, "run");
	struct fixed *fixed = fixed_open(run, 1);

	tree_put(tree, "a", "program");
	set(fixed, tree, "one", "a");
	assert_int_equal(fixed_save(fixed), 0);
	fixed_free(fixed);
	fixed = open_in(tree);
	expect_state(fixed, tree, "one", "a", FIXED_UNKNOWN);
	fixed_free(fixed);
	fixed = fixed_open(run, 0);
	expect_state(fixed, tree, "one", "a", FIXED_UNKNOWN);
	fixed_free(fixed);
	fixed_free(NULL);
}

/* Where it cannot be written, that is said, and all goes on. */
static void
test_unwritable(void **state)
{
	const struct tree *tree = *state;
	struct fixed *fixed = open_in(tree);

	tree_put(tree, "run", "not a directory");
	tree_put(tree, "a", "program");
	set(fixed, tree, "one", "a");
	assert_int_equal(fixed_save(fixed), -1);
	expect_state(fixed, tree, "one", "a", FIXED_CURRENT);
	assert_int_equal(unlinkat(tree->fd, "run", 0), 0);
	/* A link is not followed out of there. */
	tree_mkdir(tree, "elsewhere");
	assert_int_equal(symlinkat("elsewhere", tree->fd, "run"), 0);
	assert_int_equal(fixed_save(fixed), -1);
	tree_expect_names(tree, "elsewhere", "");
	assert_int_equal(unlinkat(tree->fd, "run", 0), 0);
	assert_int_equal(fixed_save(fixed), 0);
	tree_expect_names(tree, "run", "fixed-7");
	fixed_free(fixed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_remembers),
		TREE_TEST(test_notices),
		TREE_TEST(test_links),
		TREE_TEST(test_unchanged),
		TREE_TEST(test_damaged),
		TREE_TEST(test_instances),
		TREE_TEST(test_unwritable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
