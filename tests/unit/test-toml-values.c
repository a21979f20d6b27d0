#include "toml-outcome.h"

static void
test_integers(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a=0"), "{a=0}" },
		{ TEXT("a=+0"), "{a=0}" },
		{ TEXT("a=-0"), "{a=0}" },
		{ TEXT("a = 1_2_3"), "{a=123}" },
		{ TEXT("a=-17"), "{a=-17}" },
		{ TEXT("a=9223372036854775807"), "{a=9223372036854775807}" },
		{ TEXT("a=-9223372036854775808"), "{a=-9223372036854775808}" },
		{ TEXT("a=0x7fff_FFFF_ffff_ffff"), "{a=9223372036854775807}" },
		{ TEXT("a=0xdead_BEEF"), "{a=3735928559}" },
		{ TEXT("a=0o0755"), "{a=493}" },
		{ TEXT("a=0b1101_0110"), "{a=214}" },
		{ TEXT("a=9223372036854775808"),
		    "1:3: integer outside the range of 64 bits" },
		{ TEXT("a=-9223372036854775809"),
		    "1:3: integer outside the range of 64 bits" },
		{ TEXT("a=0x8000000000000000"),
		    "1:3: integer outside the range of 64 bits" },
		{ TEXT("a=99999999999999999999999999"),
		    "1:3: integer outside the range of 64 bits" },
		{ TEXT("a=07"), "1:3: a number must not begin with a zero" },
		{ TEXT("a=-0_1"), "1:4: a number must not begin with a zero" },
		{ TEXT("a=1__2"), "1:5: expected a digit, found '_'" },
		{ TEXT("a=1_"),
		    "1:5: expected a digit, found the end of the value" },
		{ TEXT("a=0x_1"),
		    "1:5: expected a hexadecimal digit, found '_'" },
		{ TEXT("a=0b12"),
		    "1:6: expected the end of the integer, found '2'" },
		{ TEXT("a=0o"),
		    "1:5: expected an octal digit, found the end of the "
		    "value" },
		{ TEXT("a=+0x1"),
		    "1:5: expected the end of the number, found 'x'" },
		{ TEXT("a=+"),
		    "1:4: expected a digit, found the end of the value" },
		{ TEXT("a=0b"),
		    "1:5: expected a binary digit, found the end of the "
		    "value" },
		/* What follows on the line is not told as well. */
		{ TEXT("a=1_ 2"),
		    "1:5: expected a digit, found the end of the value" },
		{ TEXT("a=--1"), "1:4: expected a digit, found '-'" },
		{ TEXT("a=12x"),
		    "1:5: expected the end of the number, found 'x'" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_floats(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a=1.5"), "{a=1.5f}" },
		{ TEXT("a=-0.0"), "{a=-0f}" },
		{ TEXT("a=+1.0"), "{a=1f}" },
		{ TEXT("a=1e6"), "{a=1000000f}" },
		{ TEXT("a=1E+0_6"), "{a=1000000f}" },
		{ TEXT("a=5e-1"), "{a=0.5f}" },
		{ TEXT("a=9_224.5_0e1_0"), "{a=92245000000000f}" },
		{ TEXT("a=0e0"), "{a=0f}" },
		{ TEXT("a=1.7976931348623157e308"),
		    "{a=1.7976931348623157e+308f}" },
		{ TEXT("a=1e-999"), "{a=0f}" },
		{ TEXT("a=inf"), "{a=inff}" },
		{ TEXT("a=+inf"), "{a=inff}" },
		{ TEXT("a=-inf"), "{a=-inff}" },
		{ TEXT("a=[nan,+nan,-nan]"), "{a=[nan nan nan]}" },
		{ TEXT("a=1e309"), "1:3: float outside the range of 64 bits" },
		{ TEXT("a=.5"), "1:3: expected a digit, found '.'" },
		{ TEXT("a=5."),
		    "1:5: expected a digit, found the end of the value" },
		{ TEXT("a=5.e1"), "1:5: expected a digit, found 'e'" },
		{ TEXT("a=1e-"),
		    "1:6: expected a digit, found the end of the value" },
		{ TEXT("a=1e1.5"),
		    "1:6: expected the end of the number, found '.'" },
		{ TEXT("a=00.5"), "1:3: a number must not begin with a zero" },
		{ TEXT("a=1_.5"), "1:5: expected a digit, found '.'" },
		{ TEXT("a=1.2.3"),
		    "1:6: expected the end of the number, found '.'" },
		{ TEXT("a=+infinity"), "1:4: expected a digit, found 'i'" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_booleans(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a=true\nb = false # no"), "{a=true b=false}" },
		{ TEXT("a = True"),
		    "1:5: True is not a value; a string needs quotes, a "
		    "boolean is true or false" },
		{ TEXT("a=yes or no"),
		    "1:3: yes is not a value; a string needs quotes, a "
		    "boolean is true or false" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_dates(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a=1979-05-27T07:32:00Z"),
		    "{a=O@1979-05-27T07:32:00Z}" },
		{ TEXT("a=1979-05-27 07:32:00z#"),
		    "{a=O@1979-05-27T07:32:00Z}" },
		{ TEXT("a=1979-05-27t00:32:00.999999-07:00"),
		    "{a=O@1979-05-27T00:32:00.999999-07:00}" },
		{ TEXT("a=1979-05-27T07:32:00"), "{a=L@1979-05-27T07:32:00}" },
		{ TEXT("a=1979-05-27 # no time"), "{a=D@1979-05-27}" },
		{ TEXT("a=[1979-05-27 ,1979-05-28]"),
		    "{a=[D@1979-05-27 D@1979-05-28]}" },
		{ TEXT("a=00:32:00.50"), "{a=T@00:32:00.50}" },
		{ TEXT("a=23:59:60"), "{a=T@23:59:60}" },
		{ TEXT("a=0000-01-01"), "{a=D@0000-01-01}" },
		{ TEXT("a=2000-02-29"), "{a=D@2000-02-29}" },
		{ TEXT("a=2024-02-29"), "{a=D@2024-02-29}" },
		{ TEXT("a=1900-02-29"), "1:11: the day must be from 1 to 28" },
		{ TEXT("a=2024-04-31"), "1:11: the day must be from 1 to 30" },
		{ TEXT("a=2024-12-00"), "1:11: the day must be from 1 to 31" },
		{ TEXT("a=2024-13-01"), "1:8: the month must be from 1 to 12" },
		{ TEXT("a=2024-1-01"), "1:8: the month needs 2 digits" },
		{ TEXT("a=12024-01-01"), "1:3: the year needs 4 digits" },
		{ TEXT("a=2024-01-01 24:00:00"),
		    "1:14: the hour must be from 0 to 23" },
		{ TEXT("a=2024-01-01T00:60:00"),
		    "1:17: the minute must be from 0 to 59" },
		{ TEXT("a=00:00:61"), "1:9: the second must be from 0 to 60" },
		{ TEXT("a=00:00"),
		    "1:8: expected ':', found the end of the value" },
		{ TEXT("a=1:00:00"), "1:3: the year needs 4 digits" },
		{ TEXT("a=00:00:00."),
		    "1:12: expected a digit, found the end of the value" },
		{ TEXT("a=00:00:00Z"),
		    "1:11: expected the end of the time, found 'Z'" },
		{ TEXT("a=2024-01-01x"),
		    "1:13: expected 'T' or the end of the date, found 'x'" },
		{ TEXT("a=2024-01-01T00:00:00+24:00"),
		    "1:23: the hour of the offset must be from 0 to 23" },
		{ TEXT("a=2024-01-01T00:00:00-01:60"),
		    "1:26: the minute of the offset must be from 0 to 59" },
		{ TEXT("a=2024-01-01T00:00:00+0100"),
		    "1:23: the hour of the offset needs 2 digits" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_strings(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a=\"\""), "{a=\"\"}" },
		{ TEXT("a=''"), "{a=\"\"}" },
		{ TEXT("a=\"\\b\\t\\n\\f\\r\\\"\\\\\""),
		    "{a=\"\\x08\\x09\\x0a\\x0c\\x0d\"\\\"}" },
		{ TEXT("a=\"\\u0000\\u007F\\u0080\\u07ff\\u0800\""),
		    "{a=\"\\x00\\x7f\\xc2\\x80\\xdf\\xbf\\xe0\\xa0\\x80\"}" },
		{ TEXT("a=\"\\uFFFF\\U00010000\\U0010ffff\""),
		    "{a=\"\\xef\\xbf\\xbf\\xf0\\x90\\x80\\x80"
		    "\\xf4\\x8f\\xbf\\xbf\"}" },
		{ TEXT("a='\\u\"#'# c"), "{a=\"\\u\"#\"}" },
		{ TEXT("a=\"\tb\xc3\xa9\""), "{a=\"\\x09b\\xc3\\xa9\"}" },
		{ TEXT("a=\"\\x\""),
		    "1:4: unknown escape; a backslash is written \\\\, or the "
		    "string in single quotes" },
		{ TEXT("a=\"\\u12g4\"\nb=\"\\ud800\"\nc=\"\\U00110000\""),
		    "1:4: \\u needs 4 hexadecimal digits, found 2\n"
		    "2:4: 0000D800 is not a Unicode scalar value\n"
		    "3:4: 00110000 is not a Unicode scalar value" },
		{ TEXT("a=\"b\nc='d\r\ne=\"\\"),
		    "1:3: this string has no end on its line\n"
		    "2:3: this string has no end on its line\n"
		    "3:3: this string has no end on its line" },
		{ TEXT("a=\"b\x01 \x02\""),
		    "1:5: the control character 0x01 is not allowed here" },
		{ TEXT("a='\0'"),
		    "1:4: the control character 0x00 is not allowed here" },
		{ TEXT("a='\x7f'"),
		    "1:4: the control character 0x7f is not allowed here" },
		{ TEXT("a='b\rc'"),
		    "1:5: a carriage return without a line "
		    "feed is not allowed here" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_multiline_strings(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a=\"\"\"\"\"\""), "{a=\"\"}" },
		{ TEXT("a='''\nb\nc\n'''"), "{a=\"b\\x0ac\\x0a\"}" },
		{ TEXT("a='''\r\n\r\nb'''"), "{a=\"\\x0ab\"}" },
		{ TEXT("a=\"\"\"b\r\nc\"\"\""), "{a=\"b\\x0ac\"}" },
		{ TEXT("a='''b\\\nc'''"), "{a=\"b\\\\x0ac\"}" },
		{ TEXT("a=\"\"\"b\\  \t\r\n\n \t\n  c\\\n\"\"\""),
		    "{a=\"bc\"}" },
		{ TEXT("a=\"\"\"\\\n\"\"\""), "{a=\"\"}" },
		{ TEXT("a=\"\"\" \"b\"\" \"\"\\\"\" \"\"\""),
		    "{a=\" \"b\"\" \"\"\"\" \"}" },
		{ TEXT("a=\"\"\"b\"\"\"\"\""), "{a=\"b\"\"\"}" },
		{ TEXT("a='''b''''"), "{a=\"b'\"}" },
		{ TEXT("a='''b''''''"),
		    "1:12: expected the end of the line, found '''" },
		{ TEXT("a=\"\"\"b\\ c\"\"\""),
		    "1:7: unknown escape; a backslash is written \\\\, or the "
		    "string in single quotes" },
		{ TEXT("a = '''\nb''\nc=1"), "1:5: this string has no end" },
		{ TEXT("a=\"\"\"\\"), "1:3: this string has no end" },
		{ TEXT("a='''\nb\n c \x1f'''\nd"),
		    "3:4: the control character 0x1f is not allowed here\n"
		    "4:2: expected '.' or '=' after a key, found the end of "
		    "the file" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_encoding(void **state)
{
	static const struct document documents[] = {
		{ TEXT(""), "{}" },
		{ TEXT("\xef\xbb\xbf"), "{}" },
		{ TEXT("\xef\xbb\xbf"
		       "a=b"),
		    "1:3: b is not a value; a string needs quotes, a boolean "
		    "is true or false" },
		{ TEXT("a=1\n\xef\xbb\xbf"
		       "b=2"),
		    "2:1: expected a key, found '\xef\xbb\xbf' (U+FEFF)" },
		{ TEXT(" \t\r\n#c\xc3\xa9\t\r\n\r\n a = 1 \r\n"), "{a=1}" },
		{ TEXT("a=1\rb=2"),
		    "1:4: expected the end of the line, found "
		    "a carriage return without a line feed" },
		{ TEXT("#\r"),
		    "1:2: a carriage return without a line feed is "
		    "not allowed here" },
		{ TEXT("# \x08\x08 \x08\n#\xff\xfe"),
		    "1:3: the control character 0x08 is not allowed here\n"
		    "2:2: the byte 0xff that is not UTF-8 is not allowed "
		    "here" },
		{ TEXT("\xc3\xa9=1"),
		    "1:1: expected a key, found '\xc3\xa9' (U+00E9)" },
		{ TEXT("a=\xf0\x9f\x98\x80"),
		    "1:3: expected a value, found '\xf0\x9f\x98\x80' "
		    "(U+1F600)" },
		/* A terminal may take U+009B for the start of a sequence. */
		{ TEXT("a=\xc2\x9b"),
		    "1:3: expected a value, found '?' (U+009B)" },
		{ TEXT("a=\f1"),
		    "1:3: expected a value, found the control "
		    "character 0x0c" },
	};

	(void)state;
	CHECK(documents);
}

/* Sequences that are no UTF-8, and those beside them that are. */
static void
test_utf8(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc3",
		"\xc3(",
		"\xe0\x9f\xbf",
		"\xe2\x82",
		"\xe2\x82(",
		"\xe2(\xa1",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x98",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xff",
	};
	static const char *const good[] = {
		"\xc2\x80",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xed\x9f\xbf",
		"\xee\x80\x80",
		"\xef\xbf\xbf",
		"\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad) + ARRAY_LEN(good); i++) {
		bool is_bad = i < ARRAY_LEN(bad);
		CLEANUP(cleanup_free) char *text = NULL;
		CLEANUP(cleanup_free) char *got = NULL;

		text = xasprintf("#\na = '%s'",
		    is_bad ? bad[i] : good[i - ARRAY_LEN(bad)]);
		got = outcome(text, strlen(text));
		assert_memory_equal(got, is_bad ? "2:6: the " : "{a=\"\\x",
		    strlen(is_bad ? "2:6: the " : "{a=\"\\x"));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_floats),
		cmocka_unit_test(test_booleans),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_multiline_strings),
		cmocka_unit_test(test_encoding),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
