#include "registered.h"
#include "scratch.h"

/* The rule of a register string. */
static struct rule
parse(const char *text)
{
	struct problems problems = PROBLEMS_INIT;
	struct rule rule;

	assert_int_equal(
	    rule_parse(text, strlen(text), NOWHERE, &rule, &problems), 0);
	return rule;
}

static void
set(struct registered *r, const char *text)
{
	struct rule rule = parse(text);

	registered_set(r, &rule, REGISTERED_RECORDED);
	rule_fini(&rule);
}

static bool
matches(struct registered *r, const char *text)
{
	struct rule rule = parse(text);
	bool result = registered_matches(r, &rule);

	rule_fini(&rule);
	return result;
}

static void
test_remembers(void **state)
{
	const struct tree *tree = *state;
	struct registered *r = registered_open(tree_path(tree, "run"), "7");

	set(r, ":b:M::AB::/x:P");
	set(r, ":a:E::x::/x y:");
	set(r, ",c,E,,x:y,,/x:,");
	assert_int_equal(registered_save(r), 0);
	registered_free(r);
	tree_expect_names(tree, "run", "registered-7");
	assert_int_equal(tree_mode(tree, "run"), 0755);
	r = registered_open(tree_path(tree, "run"), "7");
	assert_true(matches(r, ":b:M:0:\\x41B::/x:P"));
	assert_true(matches(r, ":a:E::x::/x y:"));
	assert_true(matches(r, "|c|E||x:y||/x:|"));
	assert_false(matches(r, ":b:M::AB::/x:"));
	assert_false(matches(r, ":b:M::AB::/y:P"));
	assert_false(matches(r, ":z:M::AB::/x:P"));
	registered_drop(r, "b");
	registered_drop(r, "nothing");
	set(r, ":a:E::new::/x:");
	assert_false(matches(r, ":b:M::AB::/x:P"));
	assert_true(matches(r, ":a:E::new::/x:"));
	assert_false(matches(r, ":a:E::x::/x y:"));
	assert_int_equal(registered_save(r), 0);
	registered_free(r);
	/* Another instance knows nothing of it. */
	r = registered_open(tree_path(tree, "run"), "8");
	assert_false(matches(r, ":a:E::new::/x:"));
	registered_free(r);
}

static void
test_unchanged(void **state)
{
	const struct tree *tree = *state;
	struct registered *r = registered_open(tree_path(tree, "run"), "7");

	assert_int_equal(registered_save(r), 0);
	assert_int_equal(faccessat(tree->fd, "run", F_OK, 0), -1);
	registered_free(r);
	r = registered_open(tree_path(tree, "run"), NULL);
	set(r, ":a:E::x::/x:");
	assert_false(matches(r, ":a:E::x::/x:"));
	assert_int_equal(registered_save(r), 0);
	assert_int_equal(faccessat(tree->fd, "run", F_OK, 0), -1);
	registered_free(r);
	registered_free(NULL);
}

/* What cannot be understood is passed over. */
static void
test_damaged(void **state)
{
	const struct tree *tree = *state;
	struct registered *r;

	tree_mkdir(tree, "run");
	tree_put(tree, "run/registered-7",
	    "nonsense\n\n1 2 3\n0 0 0 0 0 broken\n0 0 0 0 0 d :a:E::x::/x:\n"
	    "x 0 0 0 0 d :b:E::x::/x:\n0 0 0 0 0 b :c:E::x::/x:");
	r = registered_open(tree_path(tree, "run"), "7");
	assert_true(matches(r, ":a:E::x::/x:"));
	assert_false(matches(r, ":b:E::x::/x:"));
	assert_true(matches(r, ":c:E::x::/x:"));
	registered_free(r);
	tree_write(tree, "run/registered-7", TEXT("\0\0\xff"));
	r = registered_open(tree_path(tree, "run"), "7");
	assert_false(matches(r, ":a:E::x::/x:"));
	registered_free(r);
	assert_int_equal(unlinkat(tree->fd, "run/registered-7", 0), 0);
	tree_mkdir(tree, "run/registered-7");
	r = registered_open(tree_path(tree, "run"), "7");
	set(r, ":a:E::x::/x:");
	assert_int_equal(registered_save(r), -1);
	registered_free(r);
}

static void
test_fixed(void **state)
{
	const struct tree *tree = *state;
	const char *program = tree_path(tree, "program");
	CLEANUP(cleanup_free) char *rule = xasprintf(":f:E::x::%s:F", program);
	CLEANUP(cleanup_free) char *plain = xasprintf(":p:E::x::%s:", program);
	struct registered *r = registered_open(tree_path(tree, "run"), "7");

	tree_put(tree, "program", "one");
	set(r, rule);
	set(r, plain);
	assert_int_equal(registered_save(r), 0);
	registered_free(r);
	r = registered_open(tree_path(tree, "run"), "7");
	assert_int_equal(registered_look(r, "f", program), REGISTERED_CURRENT);
	assert_int_equal(registered_look(r, "p", program), REGISTERED_UNKNOWN);
	assert_int_equal(registered_look(r, "x", program), REGISTERED_UNKNOWN);
	/* Replaced by a file of the same size. */
	tree_put(tree, "new", "two");
	assert_int_equal(renameat(tree->fd, "new", tree->fd, "program"), 0);
	assert_int_equal(registered_look(r, "f", program), REGISTERED_REPLACED);
	/* Written in place. */
	set(r, rule);
	assert_int_equal(registered_look(r, "f", program), REGISTERED_CURRENT);
	tree_put(tree, "program", "longer");
	assert_int_equal(registered_look(r, "f", program), REGISTERED_REPLACED);
	assert_int_equal(unlinkat(tree->fd, "program", 0), 0);
	assert_int_equal(registered_look(r, "f", program), REGISTERED_MISSING);
	registered_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_remembers),
		TREE_TEST(test_unchanged),
		TREE_TEST(test_damaged),
		TREE_TEST(test_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
