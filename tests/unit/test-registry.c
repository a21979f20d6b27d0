#include "registry.h"
#include "scratch.h"

/* Reads a registry of the tree with its binfmt.d, etc and admin. */
static struct database *
read_all(const struct tree *tree, struct registry *r)
{
	struct problems problems = PROBLEMS_INIT;
	struct database *db;
	struct paths paths;
	size_t i;

	paths_default(&paths);
	paths.root = tree->fd;
	paths.overridedir = "etc";
	paths.admindir = "admin";
	for (i = 0; i < PATHS_BINFMTD; i++)
		paths.binfmtd[i] = i == 1 ? "binfmt.d" : "missing";
	db = database_open(tree->fd, "admin", DATABASE_READ, &problems);
	unit_expect_problems(&problems, "");
	assert_non_null(db);
	registry_read(r, &paths, true, NULL, 0);
	registry_merge(r, db, NULL);
	return db;
}

/* In one line: NAME INTERPRETER, and a letter for each thing about it. */
static void
expect(const struct registry *r, const char *expected)
{
	CLEANUP(cleanup_free) char *text = xstrdup("");
	size_t i;

	for (i = 0; i < r->count; i++) {
		const struct format *f = r->formats[i];
		char *more = xasprintf("%s%s%s %s%s%s%s%s", text,
		    i == 0 ? "" : ", ", f->name, f->interpreter,
		    f->binfmtd ? " d" : "", f->override != NULL ? " o" : "",
		    f->masked ? " m" : "", f->invalid ? " i" : "");

		free(text);
		text = more;
	}
	assert_string_equal(text, expected);
}

static void
make_tree(const struct tree *tree)
{
	tree_mkdir(tree, "admin");
	tree_mkdir(tree, "etc");
	tree_mkdir(tree, "binfmt.d");
}

#define RECORDED(interpreter)                                                  \
	":\nextension\n0\next\n\n" interpreter "\n\nno\nno\nno\n"

static void
test_merges(void **state)
{
	const struct tree *tree = *state;
	struct registry r = { 0 };
	struct database *db;

	make_tree(tree);
	tree_put(tree, "admin/b", RECORDED("/recorded"));
	tree_put(tree, "admin/z", RECORDED("/recorded"));
	tree_put(tree, "binfmt.d/x.conf",
	    ":y:E::x::/rule:\n:b:E::x::/rule:\n:a:E::x::/rule:\n");
	db = read_all(tree, &r);
	expect(&r, "a /rule d, b /recorded, y /rule d, z /recorded");
	assert_string_equal(r.formats[0]->source, "binfmt.d/x.conf:3");
	assert_string_equal(r.formats[0]->package, FORMAT_BINFMTD);
	/* The places in the files, also of those that do not count. */
	assert_int_equal(r.formats[0]->sequence, 3);
	assert_int_equal(r.formats[1]->sequence, 0);
	assert_int_equal(r.formats[2]->sequence, 1);
	registry_fini(&r);
	database_close(db);
}

static void
test_extra(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct registry r = { 0 };
	struct database *db;
	struct format extra;

	make_tree(tree);
	tree_put(tree, "admin/b", RECORDED("/recorded"));
	tree_put(tree, "binfmt.d/x.conf", ":b:E::x::/rule:\n:a:E::x::/rule:\n");
	tree_put(tree, "etc/a", "preserve yes\n");
	db = read_all(tree, &r);
	assert_int_equal(
	    database_parse("a", TEXT(RECORDED("/extra")), &extra, &problems),
	    0);
	registry_merge(&r, db, &extra);
	expect(&r, "a /extra o, b /recorded");
	registry_merge(&r, db, NULL);
	expect(&r, "a /rule d o, b /recorded");
	format_fini(&extra);
	assert_int_equal(
	    database_parse("b", TEXT(RECORDED("/extra")), &extra, &problems),
	    0);
	registry_merge(&r, db, &extra);
	expect(&r, "a /rule d o, b /extra");
	format_fini(&extra);
	registry_fini(&r);
	database_close(db);
}

static void
test_overrides(void **state)
{
	const struct tree *tree = *state;
	struct registry r = { 0 };
	struct database *db;

	make_tree(tree);
	tree_put(tree, "admin/a", RECORDED("/recorded"));
	tree_put(tree, "admin/b", RECORDED("/recorded"));
	tree_put(tree, "admin/c", RECORDED("/recorded"));
	tree_put(tree, "binfmt.d/x.conf",
	    ":r:E::x::/rule:\n:s:E::x::/rule:\n:t:E::x::/rule:\n");
	tree_put(tree, "etc/a", "interpreter /changed\npriority 5\n");
	tree_put(tree, "etc/b", "");
	tree_put(tree, "etc/c", "magic \\x4\n");
	tree_put(tree, "etc/r", "interpreter /changed\npriority 5\n");
	tree_put(tree, "etc/s", "");
	tree_put(tree, "etc/t", "mask x\nmagic yy\n");
	db = read_all(tree, &r);
	expect(&r,
	    "a /changed o, b /recorded o m, c /recorded o i, "
	    "r /changed d o, s /rule d o m, t /rule d o i");
	assert_int_equal(r.formats[0]->priority, 5);
	assert_int_equal(r.formats[3]->priority, 5);
	/* With a priority a rule has no place in the files any more. */
	assert_int_equal(r.formats[3]->sequence, 0);
	assert_string_equal(r.formats[3]->source, "binfmt.d/x.conf:1");
	/* What is wrong is noted once, however often it is merged. */
	registry_merge(&r, db, NULL);
	registry_merge(&r, db, NULL);
	unit_expect_problems(&override_find(&r.overrides, "c")->problems,
	    "1:7: magic: byte 1: \\x needs two hexadecimal digits, not '4'");
	assert_int_equal(override_find(&r.overrides, "t")->problems.count, 1);
	assert_true(r.formats[2]->invalid);
	assert_true(r.formats[5]->invalid);
	/* The recorded ones are as they were. */
	assert_string_equal(database_find(db, "a")->interpreter, "/recorded");
	assert_null(database_find(db, "b")->override);
	registry_fini(&r);
	database_close(db);
}

static void
test_empty(void **state)
{
	const struct tree *tree = *state;
	struct registry r = { 0 };
	struct database *db = read_all(tree, &r);

	expect(&r, "");
	registry_fini(&r);
	database_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_merges),
		TREE_TEST(test_extra),
		TREE_TEST(test_overrides),
		TREE_TEST(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
