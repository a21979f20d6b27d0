#include "report.h"
#include "scratch.h"

static void
test_text(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "" },
		{ "plain text, 100 %s", "plain text, 100 %s" },
		{ "a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd" },
		{ "\x01\x1f\x7f ~", "\\x01\\x1f\\x7f ~" },
		{ "\x1b[31mred", "\\x1b[31mred" },
		{ "\xc3\xa9\xff", "\xc3\xa9\xff" },
		{ "\\x41", "\\x41" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free) char *got = NULL;
		size_t size;
		FILE *out = open_memstream(&got, &size);

		assert_non_null(out);
		report_text(out, cases[i].text);
		assert_int_equal(fclose(out), 0);
		assert_string_equal(got, cases[i].shown);
	}
}

static void
test_quote(void **state)
{
	static const struct {
		const char *text, *quoted;
	} cases[] = {
		{ "/usr/bin/x-1.2_b+=:,@%", "/usr/bin/x-1.2_b+=:,@%" },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "$x;`y`\"\\*", "'$x;`y`\"\\*'" },
		{ "it's", "'it'\\''s'" },
		{ "'", "''\\'''" },
		{ "~", "'~'" },
		{ "\xc3\xa9\n", "'\xc3\xa9\n'" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *got = report_quote(cases[i].text);

		assert_string_equal(got, cases[i].quoted);
	}
}

/* Sends standard output and error to files of the tree. */
struct capture {
	int out, err;
};

static struct capture
capture(const struct tree *tree)
{
	struct capture kept;
	int fd;

	fflush(NULL);
	kept.out = dup(1);
	kept.err = dup(2);
	fd = openat(tree->fd, "out", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_equal(dup2(fd, 1), 1);
	assert_int_equal(close(fd), 0);
	fd = openat(tree->fd, "err", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_equal(dup2(fd, 2), 2);
	assert_int_equal(close(fd), 0);
	return kept;
}

static void
restore(const struct capture *kept)
{
	fflush(NULL);
	assert_int_equal(dup2(kept->out, 1), 1);
	assert_int_equal(dup2(kept->err, 2), 2);
	assert_int_equal(close(kept->out), 0);
	assert_int_equal(close(kept->err), 0);
}

static void
test_levels(void **state)
{
	static const struct {
		enum report_level level;
		const char *out, *err;
	} cases[] = {
		{ REPORT_QUIET, "", "program: error 1\n" },
		{ REPORT_NORMAL, "program: done\n",
		    "program: error 1\nprogram: warning: 2 warnings\n" },
		{ REPORT_VERBOSE, "program: done\nprogram: detail d\n",
		    "program: error 1\nprogram: warning: 2 warnings\n" },
	};
	const struct tree *tree = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct report report = { .program = "program",
			.level = cases[i].level };
		struct capture kept = capture(tree);

		report_error(&report, "error %d", 1);
		report_warning(&report, "%u warnings", 2U);
		report_done(&report, "done");
		report_detail(&report, "detail %c", 'd');
		restore(&kept);
		tree_expect(tree, "out", cases[i].out);
		tree_expect(tree, "err", cases[i].err);
		assert_int_equal(report.errors, 1);
	}
}

/* One message is one line, whatever is in it. */
static void
test_one_line(void **state)
{
	const struct tree *tree = *state;
	struct report report = { .program = "program", .level = REPORT_NORMAL };
	struct capture kept = capture(tree);

	report_error(&report, "%s: %s", "/a\nprogram: b", "\x1b[2J");
	report_error(&report, "%s", "");
	restore(&kept);
	tree_expect(tree, "err",
	    "program: /a\\x0aprogram: b: \\x1b[2J\nprogram: \n");
	assert_int_equal(report.errors, 2);
}

/* Each kind of place, with a field and without; warnings among them. */
static void
add_problems(struct problems *problems)
{
	static const struct place places[] = {
		{ 0, 0 },
		{ 7, 0 },
		{ 4294967295U, 4294967295U },
		{ 0, 3 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		assert_int_equal(
		    problem_error(problems, places[i], NULL, "is %s", "bad"),
		    -1);
		problem_warning(problems, places[i], "field", "is odd");
	}
}

static void
test_problems(void **state)
{
	static const char expected[] =
	    "program: /a\\x0ab: is bad\n"
	    "program: warning: /a\\x0ab: field: is odd\n"
	    "program: /a\\x0ab:7: is bad\n"
	    "program: warning: /a\\x0ab:7: field: is odd\n"
	    "program: /a\\x0ab:4294967295:4294967295: is bad\n"
	    "program: warning: /a\\x0ab:4294967295:4294967295: field: is "
	    "odd\n"
	    "program: /a\\x0ab: is bad\n"
	    "program: warning: /a\\x0ab: field: is odd\n";
	const struct tree *tree = *state;
	struct report report = { .program = "program", .level = REPORT_NORMAL };
	struct problems problems = PROBLEMS_INIT;
	struct capture kept;

	add_problems(&problems);
	assert_int_equal(problems.count, 8);
	assert_int_equal(problems.errors, 4);
	kept = capture(tree);
	report_problems(&report, "/a\nb", &problems, REPORT_AS_THEY_ARE);
	restore(&kept);
	tree_expect(tree, "err", expected);
	tree_expect(tree, "out", "");
	assert_int_equal(report.errors, 4);
	assert_int_equal(problems.count, 0);
	assert_int_equal(problems.errors, 0);
}

static void
test_problems_as_warnings(void **state)
{
	const struct tree *tree = *state;
	struct report report = { .program = "program", .level = REPORT_NORMAL };
	struct problems problems = PROBLEMS_INIT;
	struct capture kept = capture(tree);

	(void)problem_error(&problems, NOWHERE, "magic", "is empty");
	report_problems(&report, "jar", &problems, REPORT_AS_WARNINGS);
	report_problems(&report, "jar", &problems, REPORT_AS_THEY_ARE);
	report.level = REPORT_QUIET;
	(void)problem_error(&problems, NOWHERE, NULL, "is not seen");
	report_problems(&report, "jar", &problems, REPORT_AS_WARNINGS);
	(void)problem_error(&problems, NOWHERE, NULL, "is seen");
	report_problems(&report, "jar", &problems, REPORT_AS_THEY_ARE);
	restore(&kept);
	tree_expect(tree, "err",
	    "program: warning: jar: magic: is empty\n"
	    "program: jar: is seen\n");
	assert_int_equal(report.errors, 1);
}

/* Nowhere to write is no reason to end, or to loop. */
static void
test_full_output(void **state)
{
	struct report report = { .program = "program",
		.level = REPORT_VERBOSE };
	const struct tree *tree = *state;
	struct capture kept = capture(tree);
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)dup2(fd, 1);
	(void)dup2(fd, 2);
	report_error(&report, "lost");
	report_done(&report, "lost");
	restore(&kept);
	assert_int_equal(close(fd), 0);
	clearerr(stdout);
	clearerr(stderr);
	assert_int_equal(report.errors, 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_quote),
		TREE_TEST(test_levels),
		TREE_TEST(test_one_line),
		TREE_TEST(test_problems),
		TREE_TEST(test_problems_as_warnings),
		TREE_TEST(test_full_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
