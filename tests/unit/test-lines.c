#include "unit.h"

#include "lines.h"

/* The lines, each as NUMBER[TEXT]. */
static char *
outcome(const char *text, size_t len)
{
	CLEANUP(cleanup_free) char *exact = unit_exact(text, len);
	struct lines lines;
	char *result;
	size_t size;
	FILE *out;

	out = open_memstream(&result, &size);
	assert_non_null(out);
	lines_init(&lines, exact, len);
	assert_int_equal(lines.number, 0);
	while (lines_next(&lines)) {
		fprintf(out, "%u[", lines.number);
		fwrite(lines.text, 1, lines.len, out);
		fputc(']', out);
	}
	assert_false(lines_next(&lines));
	assert_int_equal(fclose(out), 0);
	return result;
}

static void
test_lines(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *outcome;
	} cases[] = {
		{ TEXT(""), "" },
		{ TEXT("\n"), "1[]" },
		{ TEXT("a"), "1[a]" },
		{ TEXT("a\n"), "1[a]" },
		{ TEXT("a\nb"), "1[a]2[b]" },
		{ TEXT("a\n\nb\n"), "1[a]2[]3[b]" },
		{ TEXT("\n\n"), "1[]2[]" },
		{ TEXT("\na"), "1[]2[a]" },
		{ TEXT(" a \r\n\tb\r"), "1[ a \r]2[\tb\r]" },
		{ "a\nb\nc", 3, "1[a]2[b]" },
		{ "a\nb\nc", 2, "1[a]" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *got = outcome(cases[i].text, cases[i].len);

		assert_string_equal(got, cases[i].outcome);
	}
}

static void
test_nul(void **state)
{
	struct lines lines;

	(void)state;
	lines_init(&lines, TEXT("a\0b\nc"));
	assert_true(lines_next(&lines));
	assert_int_equal(lines.len, 3);
	assert_memory_equal(lines.text, "a\0b", 3);
	assert_true(lines_next(&lines));
	assert_int_equal(lines.number, 2);
	assert_int_equal(lines.len, 1);
	assert_false(lines_next(&lines));
}

/* The lines of any text, with newlines behind them, are the text. */
static void
test_nothing_is_lost(void **state)
{
	struct random random = { 1 };
	unsigned round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		char text[24], again[sizeof(text) + 1];
		unsigned i, len = random_below(&random, sizeof(text));
		unsigned expected = 0;
		struct lines lines;
		size_t n = 0;

		for (i = 0; i < len; i++) {
			text[i] = random_of(&random, "ab\n\n");
			expected += text[i] == '\n' ? 1 : 0;
		}
		if (len > 0 && text[len - 1] != '\n')
			expected++;
		lines_init(&lines, text, len);
		while (lines_next(&lines)) {
			memcpy(again + n, lines.text, lines.len);
			n += lines.len;
			again[n++] = '\n';
		}
		assert_int_equal(lines.number, expected);
		assert_in_range(n, len, len + 1);
		assert_memory_equal(again, text, len);
	}
}

static void
test_trim(void **state)
{
	static const struct {
		const char *text;
		size_t len, front;
		const char *trimmed;
	} cases[] = {
		{ TEXT(""), 0, "" },
		{ TEXT("a"), 0, "a" },
		{ TEXT(" a"), 1, "a" },
		{ TEXT("a \t\r"), 0, "a" },
		{ TEXT("\t \v\f a  b \r"), 5, "a  b" },
		{ TEXT("   "), 0, "" },
		{ "  a b", 4, 2, "a" },
		{ TEXT("\n a\n"), 0, "\n a\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *exact = unit_exact(cases[i].text, cases[i].len);
		const char *text = exact;
		size_t len = cases[i].len;

		assert_int_equal(lines_trim(&text, &len), cases[i].front);
		assert_int_equal(len, strlen(cases[i].trimmed));
		assert_memory_equal(text, cases[i].trimmed, len);
	}
}

static void
test_is_blank(void **state)
{
	int c;

	(void)state;
	for (c = -128; c < 256; c++)
		assert_int_equal(is_blank((char)c),
		    c == ' ' || c == '\t' || c == '\r' || c == '\v' ||
			c == '\f');
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_is_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
