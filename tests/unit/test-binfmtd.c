#include "binfmtd.h"
#include "scratch.h"
#include "tree.h"

static const char *const directories[] = { "etc", "run", "lib" };

/* The rules in one line: NAME INTERPRETER LINE, with commas between. */
static char *
show(const struct binfmtd *b)
{
	char *text = xstrdup("");
	size_t i;

	for (i = 0; i < b->count; i++) {
		const struct binfmtd_rule *r = &b->rules[i];
		char *more = xasprintf("%s%s%s %s %u", text, i == 0 ? "" : ", ",
		    r->rule.name, r->rule.interpreter, r->line);

		free(text);
		text = more;
	}
	return text;
}

struct text {
	const char *text;
	size_t len;
	const char *rules, *problems;
};

static void
test_lines(void **state)
{
	static const struct text texts[] = {
		{ TEXT(""), "", "" },
		{ TEXT("\n\r\n \t\n"), "", "" },
		{ TEXT("# :a:E::x::/x:\n; b\n  # c\n"), "", "" },
		{ TEXT(":a:E::x::/x:"), "a /x 1", "" },
		{ TEXT(":a:E::x::/x:\n"), "a /x 1", "" },
		{ TEXT(":a:E::x::/x:\r\n"), "a /x 1", "" },
		{ TEXT(" \t:a:E::x::/x:P \t\r"), "a /x 1", "" },
		{ TEXT("\n\n:a:E::x::/x:\n#\n:b:E::y::/y:"), "a /x 3, b /y 5",
		    "" },
		{ TEXT("\xef\xbb\xbf:a:E::x::/x:"), "a /x 1", "" },
		{ TEXT("\xef\xbb\xbf# a\n:b:E::x::/x:"), "b /x 2", "" },
		{ TEXT("\xef\xbb\xbf"), "", "" },
		{ TEXT(",a,E,,x:y,,/x,\n"), "a /x 1", "" },
		{ TEXT(":a:M::\\x41::/x:POCFTLD"), "a /x 1", "" },
		{ TEXT(":a:B::::handler:D"), "a handler 1", "" },
		/* Each line is for itself. */
		{ TEXT(":a:E::x::/x:\n:b:E::x::/x:Q\n:c:E::x::/x:"),
		    "a /x 1, c /x 3",
		    "2:13: flags: 'Q' is none of P, O, C, F, T, L, D" },
		{ TEXT("  :a:E::::/x:\n"), "", "1:9: extension: is empty" },
		{ TEXT(":a:E::x\0y::/x:\n:b:E::x::/x:"), "b /x 2",
		    "1:7: extension: contains a NUL byte" },
		{ TEXT(":\n"), "", "1:2: name: is not closed: no ':' follows" },
		{ TEXT(":a:E::x::/x:\n:a:E::y::/y:\n"), "a /x 1, a /y 2", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(cleanup_free)
		char *exact = unit_exact(texts[i].text, texts[i].len);
		struct problems problems = PROBLEMS_INIT;
		CLEANUP(cleanup_free) char *rules = NULL;
		struct binfmtd b = { 0 };

		binfmtd_parse(&b, "path", exact, texts[i].len, &problems);
		rules = show(&b);
		assert_string_equal(rules, texts[i].rules);
		unit_expect_problems(&problems, texts[i].problems);
		binfmtd_fini(&b);
	}
}

static void
test_long_lines(void **state)
{
	size_t len = BINFMTD_LINE_MAX + 20;
	CLEANUP(cleanup_free) char *text = xmalloc(len);
	struct problems problems = PROBLEMS_INIT;
	struct binfmtd b = { 0 };

	(void)state;
	memset(text, 'x', len);
	memcpy(text, ":a:E::x::/x:\n#", 14);
	memcpy(text + len - 14, "\n:b:E::x::/x:\n", 14);
	binfmtd_parse(&b, "path", text, len, &problems);
	assert_int_equal(b.count, 2);
	unit_expect_problems(&problems, "");
	binfmtd_fini(&b);
	/* A long one that is a rule is one message. */
	text[13] = ':';
	binfmtd_parse(&b, "path", text, len, &problems);
	assert_int_equal(b.count, 2);
	assert_int_equal(problems.count, 1);
	assert_int_equal(problems.items[0].place.line, 2);
	problems_fini(&problems);
	binfmtd_fini(&b);
}

/* Opens the tree with the directories in it. */
static int
make_tree(const struct tree *tree)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(directories); i++)
		tree_mkdir(tree, directories[i]);
	return tree->fd;
}

static void
expect_rules(const struct binfmtd *b, const char *expected)
{
	CLEANUP(cleanup_free) char *rules = show(b);

	assert_string_equal(rules, expected);
}

static void
test_precedence(void **state)
{
	const struct tree *tree = *state;
	int root = make_tree(tree);
	struct binfmtd b = { 0 };

	tree_put(tree, "etc/b.conf", ":b:E::x::/etc:");
	tree_put(tree, "run/b.conf", ":b:E::x::/run:\n:b2:E::x::/run:");
	tree_put(tree, "run/c.conf", ":c:E::x::/run:");
	tree_put(tree, "lib/a.conf", ":a:E::x::/lib:\n:z:E::x::/lib:");
	tree_put(tree, "lib/c.conf", ":c:E::x::/lib:");
	tree_put(tree, "lib/d.conf", ":z:E::x::/d:");
	tree_put(tree, "lib/.e.conf", ":e:E::x::/lib:");
	tree_put(tree, "lib/f.conf~", ":f:E::x::/lib:");
	tree_put(tree, "lib/conf", ":g:E::x::/lib:");
	binfmtd_load(&b, root, directories, ARRAY_LEN(directories));
	expect_rules(&b, "a /lib 1, b /etc 1, c /run 1, z /d 1");
	assert_int_equal(b.file_count, 4);
	assert_string_equal(b.files[0]->path, "lib/a.conf");
	assert_string_equal(b.files[1]->path, "etc/b.conf");
	assert_string_equal(b.files[2]->path, "run/c.conf");
	assert_ptr_equal(b.rules[1].path, b.files[1]->path);
	binfmtd_fini(&b);
}

static void
test_masks(void **state)
{
	const struct tree *tree = *state;
	int root = make_tree(tree);
	struct binfmtd b = { 0 };

	tree_put(tree, "etc/a.conf", "");
	tree_put(tree, "lib/a.conf", ":a:E::x::/x:");
	assert_int_equal(symlinkat("/dev/null", root, "run/b.conf"), 0);
	tree_put(tree, "lib/b.conf", ":b:E::x::/x:");
	assert_int_equal(symlinkat("/nonexistent", root, "etc/c.conf"), 0);
	tree_put(tree, "lib/c.conf", ":c:E::x::/x:");
	tree_put(tree, "etc/d.conf", "\n");
	binfmtd_load(&b, root, directories, ARRAY_LEN(directories));
	expect_rules(&b, "");
	assert_int_equal(b.file_count, 4);
	assert_true(b.files[0]->masked);
	assert_true(b.files[1]->masked);
	assert_false(b.files[2]->masked);
	assert_false(b.files[3]->masked);
	unit_expect_problems(&b.files[0]->problems, "");
	unit_expect_problems(&b.files[1]->problems, "");
	unit_expect_problems(&b.files[2]->problems,
	    "warning: leads to a file that does not exist; ignored");
	binfmtd_fini(&b);
}

static void
test_kinds(void **state)
{
	const struct tree *tree = *state;
	int root = make_tree(tree);
	struct binfmtd b = { 0 };

	tree_mkdir(tree, "lib/a.conf");
	assert_int_equal(mkfifoat(root, "lib/b.conf", 0644), 0);
	tree_put(tree, "lib/c.conf", ":c:E::x::/x:");
	binfmtd_load(&b, root, directories, ARRAY_LEN(directories));
	expect_rules(&b, "c /x 1");
	unit_expect_problems(&b.files[0]->problems,
	    "is a directory, not a regular file");
	unit_expect_problems(&b.files[1]->problems,
	    "is a fifo, not a regular file");
	binfmtd_fini(&b);
}

static void
test_no_directories(void **state)
{
	const struct tree *tree = *state;
	struct binfmtd b = { 0 };
	unsigned before = tree_descriptors();

	binfmtd_load(&b, tree->fd, directories, ARRAY_LEN(directories));
	assert_int_equal(b.file_count, 0);
	tree_put(tree, "etc", "a file");
	binfmtd_load(&b, tree->fd, directories, ARRAY_LEN(directories));
	assert_int_equal(b.count, 0);
	assert_int_equal(tree_descriptors(), before);
	binfmtd_fini(&b);
}

static void
test_files(void **state)
{
	const struct tree *tree = *state;
	int root = make_tree(tree);
	struct binfmtd b = { 0 };

	tree_put(tree, "etc/a.conf", ":a:E::x::/etc:");
	tree_put(tree, "lib/a.conf", ":a:E::x::/lib:");
	tree_put(tree, "lib/other", ":o:E::x::/lib:");
	tree_put(tree, "own", ":own:E::x::/own:\n:a:E::x::/own:");
	tree_put(tree, "etc/masked.conf", "");
	tree_put(tree, "lib/masked.conf", ":m:E::x::/lib:");
#define LOAD(name)                                                             \
	binfmtd_load_file(&b, root, name, directories, ARRAY_LEN(directories))
	LOAD("a.conf");
	LOAD("other");
	expect_rules(&b, "a /etc 1, o /lib 1");
	LOAD("lib/a.conf");
	expect_rules(&b, "o /lib 1, a /lib 1");
	LOAD("own");
	expect_rules(&b, "o /lib 1, own /own 1, a /own 2");
	LOAD("masked.conf");
	LOAD("nothing");
	LOAD("lib/nothing");
	expect_rules(&b, "o /lib 1, own /own 1, a /own 2");
	assert_int_equal(b.file_count, 7);
	unit_expect_problems(&b.files[5]->problems,
	    "there is no such file, here or in the directories of binfmt.d");
	unit_expect_problems(&b.files[6]->problems, "there is no such file");
	binfmtd_fini(&b);
}

/* Many rules, each name twice. */
static void
test_many_rules(void **state)
{
	enum { NAMES = 10000 };
	const struct tree *tree = *state;
	int root = make_tree(tree);
	CLEANUP(cleanup_free) char *text = xmalloc(2 * NAMES * 32);
	struct binfmtd b = { 0 };
	size_t len = 0;
	unsigned i;

	for (i = 0; i < 2 * NAMES; i++)
		len += (size_t)sprintf(text + len, ":%u:E::x::/:\n", i % NAMES);
	tree_write(tree, "lib/a.conf", text, len);
	binfmtd_load(&b, root, directories, ARRAY_LEN(directories));
	assert_int_equal(b.count, NAMES);
	assert_int_equal(b.rules[0].line, NAMES + 1);
	assert_string_equal(b.rules[NAMES - 1].rule.name, "9999");
	binfmtd_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
		TREE_TEST(test_precedence),
		TREE_TEST(test_masks),
		TREE_TEST(test_kinds),
		TREE_TEST(test_no_directories),
		TREE_TEST(test_files),
		TREE_TEST(test_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
