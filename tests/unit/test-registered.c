#include "registered.h"

#include "scratch.h"

#define INSTANCE "7"
#define FILE_OF	 "run/registered-7"

static struct registered *
open_in(const struct tree *tree)
{
	static char path[4096];

	(void)snprintf(path, sizeof(path), "%s/run", tree->path);
	return registered_open(path, INSTANCE);
}

static void
expect_state(const struct registered *registered, const struct tree *tree,
    const char *name, const char *program, enum registered_state state)
{
	const char *path = tree_path(tree, program);

	assert_int_equal(registered_look(registered, name, path), state);
}

/* The rule of a name, for a program of the tree. */
static void
make_rule(const struct tree *tree, const char *name, const char *program,
    const char *flags, struct rule *rule)
{
	CLEANUP(cleanup_free)
	char *text = xasprintf(":%s:M::MAGIC::%s:%s", name,
	    tree_path(tree, program), flags);
	struct problems problems = PROBLEMS_INIT;

	assert_int_equal(
	    rule_parse(text, strlen(text), NOWHERE, rule, &problems), 0);
}

static void
set(struct registered *registered, const struct tree *tree, const char *name,
    const char *program)
{
	struct rule rule;

	make_rule(tree, name, program, "F", &rule);
	registered_set(registered, &rule);
	rule_fini(&rule);
}

/* Any rule is remembered, and told from others. */
static void
test_rules(void **state)
{
	static const char *const others[][3] = { { "one", "a", "P" },
		{ "one", "b", "" }, { "two", "a", "" } };
	const struct tree *tree = *state;
	struct registered *registered = open_in(tree);
	struct rule rule, other;
	size_t i;

	make_rule(tree, "one", "a", "", &rule);
	assert_false(registered_matches(registered, &rule));
	registered_set(registered, &rule);
	expect_state(registered, tree, "one", "a", REGISTERED_UNKNOWN);
	assert_int_equal(registered_save(registered), 0);
	registered_free(registered);

	registered = open_in(tree);
	assert_true(registered_matches(registered, &rule));
	for (i = 0; i < ARRAY_LEN(others); i++) {
		make_rule(tree, others[i][0], others[i][1], others[i][2],
		    &other);
		assert_false(registered_matches(registered, &other));
		rule_fini(&other);
	}
	make_rule(tree, "one", "a", "P", &other);
	registered_set(registered, &other);
	assert_true(registered_matches(registered, &other));
	assert_false(registered_matches(registered, &rule));
	registered_drop(registered, "one");
	assert_false(registered_matches(registered, &other));
	rule_fini(&other);
	rule_fini(&rule);
	registered_free(registered);
}

/* Many, in any order. */
static void
test_many(void **state)
{
	const struct tree *tree = *state;
	struct registered *registered = open_in(tree);
	struct random r = { 1 };
	bool there[100] = { false };
	int i;

	tree_put(tree, "a", "program");
	for (i = 0; i < 1000; i++) {
		unsigned n = random_below(&r, ARRAY_LEN(there));
		char name[16];

		(void)snprintf(name, sizeof(name), "name%u", n);
		there[n] = random_bool(&r);
		if (there[n])
			set(registered, tree, name, "a");
		else
			registered_drop(registered, name);
	}
	assert_int_equal(registered_save(registered), 0);
	registered_free(registered);
	registered = open_in(tree);
	for (i = 0; i < (int)ARRAY_LEN(there); i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "name%d", i);
		expect_state(registered, tree, name, "a",
		    there[i] ? REGISTERED_CURRENT : REGISTERED_UNKNOWN);
	}
	registered_free(registered);
}

/* What is remembered, and by the next one too. */
static void
test_remembers(void **state)
{
	const struct tree *tree = *state;
	struct registered *registered = open_in(tree);

	tree_put(tree, "a", "program");
	tree_put(tree, "b", "program");
	expect_state(registered, tree, "one", "a", REGISTERED_UNKNOWN);
	set(registered, tree, "one", "a");
	set(registered, tree, "a name with blanks", "b");
	expect_state(registered, tree, "one", "a", REGISTERED_CURRENT);
	expect_state(registered, tree, "one", "b", REGISTERED_REPLACED);
	expect_state(registered, tree, "one", "c", REGISTERED_MISSING);
	expect_state(registered, tree, "two", "a", REGISTERED_UNKNOWN);
	assert_int_equal(registered_save(registered), 0);
	registered_free(registered);
	tree_expect_names(tree, "run", "registered-7");

	registered = open_in(tree);
	expect_state(registered, tree, "one", "a", REGISTERED_CURRENT);
	expect_state(registered, tree, "a name with blanks", "b",
	    REGISTERED_CURRENT);
	registered_drop(registered, "one");
	registered_drop(registered, "never there");
	expect_state(registered, tree, "one", "a", REGISTERED_UNKNOWN);
	assert_int_equal(registered_save(registered), 0);
	registered_free(registered);

	registered = open_in(tree);
	expect_state(registered, tree, "one", "a", REGISTERED_UNKNOWN);
	expect_state(registered, tree, "a name with blanks", "b",
	    REGISTERED_CURRENT);
	registered_free(registered);
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
	struct registered *registered = open_in(tree);

	tree_put(tree, "a", "program");
	touch(tree, "a", 1);
	set(registered, tree, "one", "a");
	expect_state(registered, tree, "one", "a", REGISTERED_CURRENT);
	touch(tree, "a", 2);
	expect_state(registered, tree, "one", "a", REGISTERED_REPLACED);
	touch(tree, "a", 1);
	expect_state(registered, tree, "one", "a", REGISTERED_CURRENT);
	tree_put(tree, "a", "longer program");
	touch(tree, "a", 1);
	expect_state(registered, tree, "one", "a", REGISTERED_REPLACED);
	tree_put(tree, "new", "program");
	touch(tree, "new", 1);
	assert_int_equal(renameat(tree->fd, "new", tree->fd, "a"), 0);
	expect_state(registered, tree, "one", "a", REGISTERED_REPLACED);
	set(registered, tree, "one", "a");
	expect_state(registered, tree, "one", "a", REGISTERED_CURRENT);
	assert_int_equal(unlinkat(tree->fd, "a", 0), 0);
	expect_state(registered, tree, "one", "a", REGISTERED_MISSING);
	/* A program that is not there cannot have been fixed. */
	set(registered, tree, "one", "a");
	expect_state(registered, tree, "one", "a", REGISTERED_UNKNOWN);
	registered_free(registered);
}

/* A link is followed, as the kernel does. */
static void
test_links(void **state)
{
	const struct tree *tree = *state;
	struct registered *registered = open_in(tree);

	tree_put(tree, "a", "program");
	tree_put(tree, "b", "program");
	assert_int_equal(symlinkat("a", tree->fd, "link"), 0);
	set(registered, tree, "one", "link");
	expect_state(registered, tree, "one", "a", REGISTERED_CURRENT);
	assert_int_equal(unlinkat(tree->fd, "link", 0), 0);
	assert_int_equal(symlinkat("b", tree->fd, "link"), 0);
	expect_state(registered, tree, "one", "link", REGISTERED_REPLACED);
	registered_free(registered);
}

/* Without a change nothing is written, and nothing made. */
static void
test_unchanged(void **state)
{
	const struct tree *tree = *state;
	struct registered *registered = open_in(tree);

	registered_drop(registered, "one");
	assert_int_equal(registered_save(registered), 0);
	tree_expect_names(tree, ".", "");
	tree_put(tree, "a", "program");
	set(registered, tree, "one", "a");
	assert_int_equal(registered_save(registered), 0);
	registered_free(registered);
	tree_expect_names(tree, "run", "registered-7");
	assert_int_equal(unlinkat(tree->fd, FILE_OF, 0), 0);
	registered = open_in(tree);
	registered_drop(registered, "one");
	assert_int_equal(registered_save(registered), 0);
	tree_expect_names(tree, "run", "");
	registered_free(registered);
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
		"1 2 3 4 5 one\n",
		"x 2 3 4 5 :one:M::A::/x:F\n",
		"1 2 3 4 :one:M::A::/x:F\n",
		"1 2 3 4 5 :one:M::A::/x:",
		"1 2 3 4 5 :one:X::A::/x:\n",
		"99999999999999999999 2 3 4 5 :one:M::A::/x:F\n",
	};
	const struct tree *tree = *state;
	size_t i;

	tree_mkdir(tree, "run");
	tree_put(tree, "a", "program");
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		struct registered *registered;

		tree_put(tree, FILE_OF, texts[i]);
		registered = open_in(tree);
		set(registered, tree, "two", "a");
		expect_state(registered, tree, "two", "a", REGISTERED_CURRENT);
		assert_true(registered_look(registered, "one", "/") !=
		    REGISTERED_CURRENT);
		assert_int_equal(registered_save(registered), 0);
		registered_free(registered);
	}
	assert_int_equal(unlinkat(tree->fd, FILE_OF, 0), 0);
	assert_int_equal(mkdirat(tree->fd, FILE_OF, 0755), 0);
	registered_free(open_in(tree));
}

/* What only stands for the kernel's registry has no number, and no memory. */
static void
test_instances(void **state)
{
	const struct tree *tree = *state;
	const char *run = tree_path(tree, "run");
	struct registered *registered = registered_open(run, "1");

	tree_put(tree, "a", "program");
	set(registered, tree, "one", "a");
	assert_int_equal(registered_save(registered), 0);
	registered_free(registered);
	registered = open_in(tree);
	expect_state(registered, tree, "one", "a", REGISTERED_UNKNOWN);
	registered_free(registered);
	registered = registered_open(run, NULL);
	expect_state(registered, tree, "one", "a", REGISTERED_UNKNOWN);
	registered_free(registered);
	registered_free(NULL);
}

/* Where it cannot be written, that is said, and all goes on. */
static void
test_unwritable(void **state)
{
	const struct tree *tree = *state;
	struct registered *registered = open_in(tree);

	tree_put(tree, "run", "not a directory");
	tree_put(tree, "a", "program");
	set(registered, tree, "one", "a");
	assert_int_equal(registered_save(registered), -1);
	expect_state(registered, tree, "one", "a", REGISTERED_CURRENT);
	assert_int_equal(unlinkat(tree->fd, "run", 0), 0);
	/* A link is not followed out of there. */
	tree_mkdir(tree, "elsewhere");
	assert_int_equal(symlinkat("elsewhere", tree->fd, "run"), 0);
	assert_int_equal(registered_save(registered), -1);
	tree_expect_names(tree, "elsewhere", "");
	assert_int_equal(unlinkat(tree->fd, "run", 0), 0);
	assert_int_equal(registered_save(registered), 0);
	tree_expect_names(tree, "run", "registered-7");
	registered_free(registered);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_rules),
		TREE_TEST(test_many),
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
