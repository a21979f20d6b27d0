#include "unit.h"

#include <limits.h>

#include "number.h"

/* The number, or what is wrong; a value is only stored when there is one. */
static char *
outcome(const char *text, size_t len, long min, long max)
{
	CLEANUP(cleanup_free) char *exact = unit_exact(text, len);
	const long untouched = 123456;
	long value = untouched;

	switch (number_parse(exact, len, min, max, &value)) {
	case NUMBER_OK:
		assert_in_range(value - min, 0,
		    (uintmax_t)max - (uintmax_t)min);
		return xasprintf("%ld", value);
	case NUMBER_SYNTAX:
		assert_int_equal(value, untouched);
		return xstrdup("syntax");
	case NUMBER_RANGE:
	default:
		assert_int_equal(value, untouched);
		return xstrdup("range");
	}
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		long min, max;
		const char *outcome;
	} cases[] = {
		{ TEXT("0"), 0, 255, "0" },
		{ TEXT("5"), 0, 255, "5" },
		{ TEXT("255"), 0, 255, "255" },
		{ TEXT("256"), 0, 255, "range" },
		{ TEXT("+5"), 0, 255, "5" },
		{ TEXT("-0"), 0, 255, "0" },
		{ TEXT("-1"), 0, 255, "range" },
		{ TEXT("010"), 0, 255, "10" },
		{ TEXT("00000000000000000000000000000007"), 0, 255, "7" },
		{ TEXT("-100"), -100, 100, "-100" },
		{ TEXT("-101"), -100, 100, "range" },
		{ TEXT("+100"), -100, 100, "100" },
		{ TEXT("101"), -100, 100, "range" },
		{ TEXT("2147483639"), 0, INT_MAX, "2147483639" },
		{ TEXT("2147483647"), 0, INT_MAX, "2147483647" },
		{ TEXT("2147483648"), 0, INT_MAX, "range" },
		{ TEXT("-2147483647"), INT_MIN, INT_MAX, "-2147483647" },
		{ TEXT("99999999999999999999999999"), 0, INT_MAX, "range" },
		{ TEXT("-99999999999999999999999999"), INT_MIN, INT_MAX,
		    "range" },
		{ TEXT("18446744073709551616"), 0, INT_MAX, "range" },
		{ TEXT("4294967301"), 0, INT_MAX, "range" },
		{ TEXT(""), 0, 255, "syntax" },
		{ TEXT("+"), 0, 255, "syntax" },
		{ TEXT("-"), 0, 255, "syntax" },
		{ TEXT("+-5"), -9, 9, "syntax" },
		{ TEXT("-+5"), -9, 9, "syntax" },
		{ TEXT("--5"), -9, 9, "syntax" },
		{ TEXT(" 5"), 0, 9, "syntax" },
		{ TEXT("5 "), 0, 9, "syntax" },
		{ TEXT("5\n"), 0, 9, "syntax" },
		{ TEXT("5\0"), 0, 9, "syntax" },
		{ TEXT("0x10"), 0, 255, "syntax" },
		{ TEXT("1e1"), 0, 255, "syntax" },
		{ TEXT("five"), 0, 255, "syntax" },
		{ TEXT("/"), 0, 255, "syntax" },
		{ TEXT(":"), 0, 255, "syntax" },
		/* What is behind the text does not count. */
		{ "123", 2, 0, 255, "12" },
		{ "12x", 2, 0, 255, "12" },
		/* A number that is no number is not out of range. */
		{ TEXT("999999999999999999999x"), 0, 255, "syntax" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *got = outcome(cases[i].text, cases[i].len, cases[i].min,
		    cases[i].max);

		if (strcmp(got, cases[i].outcome) != 0)
			print_message("# of: %s\n", cases[i].text);
		assert_string_equal(got, cases[i].outcome);
	}
}

/* Every number of a range, in each way of writing it. */
static void
test_all_ways(void **state)
{
	static const char *const forms[] = { "%d", "%+d", "%05d", "%+05d" };
	int n;

	(void)state;
	for (n = -300; n <= 300; n++) {
		size_t i;

		for (i = 0; i < ARRAY_LEN(forms); i++) {
			CLEANUP(cleanup_free) char *got = NULL;
			CLEANUP(cleanup_free) char *expected = NULL;
			char text[16];
			int len;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			len = snprintf(text, sizeof(text), forms[i], n);
#pragma GCC diagnostic pop
			expected = n < -100 || n > 255 ? xstrdup("range") :
							 xasprintf("%d", n);
			got = outcome(text, (size_t)len, -100, 255);
			assert_string_equal(got, expected);
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_all_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
