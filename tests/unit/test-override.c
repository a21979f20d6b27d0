#include "override.h"
#include "scratch.h"

static void
test_files(void **state)
{
	const struct tree *tree = *state;
	struct overrides o = { 0 };
	struct override *found;

	tree_mkdir(tree, "o");
	tree_put(tree, "o/b", "interpreter /b\n# comment\npriority 3\n");
	tree_put(tree, "o/a", "PRESERVE\tyes");
	tree_put(tree, "o/masked", "");
	tree_put(tree, "o/.hidden", "priority 1\n");
	tree_put(tree, "o/b~", "priority 1\n");
	tree_put(tree, "o/b.dpkg-new", "priority 1\n");
	tree_put(tree, "o/comment", "# nothing\n");
	assert_int_equal(symlinkat("/dev/null", tree->fd, "o/null"), 0);
	override_load(&o, tree->fd, "o");
	assert_int_equal(o.count, 5);
	found = override_find(&o, "b");
	assert_non_null(found);
	assert_string_equal(found->path, "o/b");
	assert_false(found->masks);
	assert_false(found->broken);
	assert_memory_equal(found->values[KEY_INTERPRETER].text, "/b", 2);
	assert_int_equal(found->values[KEY_INTERPRETER].len, 2);
	assert_int_equal(found->values[KEY_PRIORITY].place.line, 3);
	assert_null(found->values[KEY_MAGIC].text);
	assert_non_null(override_find(&o, "a")->values[KEY_PRESERVE].text);
	assert_true(override_find(&o, "masked")->masks);
	assert_true(override_find(&o, "null")->masks);
	assert_false(override_find(&o, "comment")->masks);
	assert_null(override_find(&o, "b~"));
	assert_null(override_find(&o, ".hidden"));
	assert_null(override_find(&o, "other"));
	override_fini(&o);
	assert_null(override_find(&o, "a"));
}

static void
test_broken(void **state)
{
	static const struct {
		const char *name, *problems;
		bool broken;
	} files[] = {
		{ "dangling", "leads to a file that does not exist", true },
		{ "directory", "is a directory, not a regular file", true },
		{ "fifo", "is a fifo, not a regular file", true },
		{ "package",
		    "warning: 1:9: package: cannot be overridden; ignored",
		    false },
		{ "unknown", "warning: 2:1: unknown key 'color'; ignored",
		    false },
	};
	const struct tree *tree = *state;
	struct overrides o = { 0 };
	unsigned before = tree_descriptors();
	size_t i;

	tree_mkdir(tree, "o");
	tree_mkdir(tree, "o/directory");
	assert_int_equal(mkfifoat(tree->fd, "o/fifo", 0644), 0);
	assert_int_equal(symlinkat("nothing", tree->fd, "o/dangling"), 0);
	tree_put(tree, "o/package", "package p\n");
	tree_put(tree, "o/unknown", "\ncolor red\npreserve yes\n");
	override_load(&o, tree->fd, "o");
	assert_int_equal(o.count, ARRAY_LEN(files));
	for (i = 0; i < ARRAY_LEN(files); i++) {
		struct override *found = override_find(&o, files[i].name);

		assert_int_equal(found->broken, files[i].broken);
		unit_expect_problems(&found->problems, files[i].problems);
	}
	assert_null(override_find(&o, "package")->values[KEY_PACKAGE].text);
	assert_non_null(
	    override_find(&o, "unknown")->values[KEY_PRESERVE].text);
	override_fini(&o);
	assert_int_equal(tree_descriptors(), before);
}

static void
test_none(void **state)
{
	const struct tree *tree = *state;
	struct overrides o = { 0 };

	override_load(&o, tree->fd, "missing");
	assert_int_equal(o.count, 0);
	assert_null(override_find(&o, "a"));
	tree_put(tree, "file", "");
	override_load(&o, tree->fd, "file");
	assert_int_equal(o.count, 0);
	override_fini(&o);
}

/* Links are those of the tree, and do not lead out of it. */
static void
test_tree(void **state)
{
	const struct tree *tree = *state;
	struct overrides o = { 0 };
	int root;

	tree_mkdir(tree, "in");
	tree_mkdir(tree, "in/o");
	tree_put(tree, "outside", "priority 1\n");
	tree_put(tree, "in/inside", "priority 2\n");
	root = openat(tree->fd, "in", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(symlinkat("../../outside", root, "o/out"), 0);
	assert_int_equal(symlinkat(tree_path(tree, "outside"), root, "o/abs"),
	    0);
	assert_int_equal(symlinkat("/inside", root, "o/in"), 0);
	override_load(&o, root, "/o");
	assert_int_equal(o.count, 3);
	assert_true(override_find(&o, "out")->broken);
	assert_true(override_find(&o, "abs")->broken);
	assert_memory_equal(override_find(&o, "in")->values[KEY_PRIORITY].text,
	    "2", 1);
	override_fini(&o);
	assert_int_equal(close(root), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_files),
		TREE_TEST(test_broken),
		TREE_TEST(test_none),
		TREE_TEST(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
