#include "toml-outcome.h"

static void
test_keys(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a-B_9=1\n1234 = 2\n-=3"), "{a-B_9=1 1234=2 -=3}" },
		{ TEXT("\"\" = 1\n'a b' = 2\n\"c\\u0000d\"=3"),
		    "{=1 a b=2 c\\x00d=3}" },
		{ TEXT("a.b = 1\na . \"c.d\"\t. 'e' = 2"),
		    "{a={b=1 c.d={e=2}}}" },
		{ TEXT("3.14 = 1\ninf = 2\n1979-05-27=3"),
		    "{3={14=1} inf=2 1979-05-27=3}" },
		{ TEXT("= 1"), "1:1: expected a key, found '='" },
		{ TEXT("a"),
		    "1:2: expected '.' or '=' after a key, found the "
		    "end of the file" },
		{ TEXT("a b = 1"),
		    "1:3: expected '.' or '=' after a key, found 'b'" },
		{ TEXT("a. = 1"), "1:4: expected a key, found '='" },
		{ TEXT("a..b = 1"), "1:3: expected a key, found '.'" },
		{ TEXT("a =\n1"),
		    "1:4: expected a value, found the end of the line\n"
		    "2:2: expected '.' or '=' after a key, found the end of "
		    "the file" },
		{ TEXT("\"\"\"a\"\"\" = 1"),
		    "1:3: expected '.' or '=' after a key, found '\"'" },
		{ TEXT("'a\nb' = 1"),
		    "1:1: this string has no end on its line\n"
		    "2:2: expected '.' or '=' after a key, found '''" },
		{ TEXT("a = 1 b = 2"),
		    "1:7: expected the end of the line, found 'b'" },
		{ TEXT("a = 1\n'\\a' = 2\n\"a\" = 3\n\"\\u0061\" = 4"),
		    "3:1: key \"a\" cannot be defined again: it is an integer "
		    "since line 1, column 1\n"
		    "4:1: key \"\\u0061\" cannot be defined again: it is an "
		    "integer since line 1, column 1" },
		{ TEXT("a.b = 1\na = 2"),
		    "2:1: key a cannot be defined again: it is a table, by "
		    "dotted keys, since line 1, column 1" },
		{ TEXT("a = ''\n a.b.c = 2"),
		    "2:2: key a cannot be extended here: it is a string since "
		    "line 1, column 1" },
		{ TEXT("a=1\n"
		       "\"\xc3\xa9\xc2\x85"
		       "23456789012345678901234567890123456"
		       "7890123456\"=1\n"
		       "\"\xc3\xa9\xc2\x85"
		       "23456789012345678901234567890123456"
		       "7890123456\"=1"),
		    "3:1: key \"\xc3\xa9?23456789012345678901234567890123456"
		    "78901... cannot be defined again: it is an integer "
		    "since line 2, column 1" },
		/* As long as can be, with bytes that are no characters. */
		{ TEXT("a=1\na."
		       "\"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		       "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		       "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		       "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		       "\"=1"),
		    "2:1: key a cannot be extended here: it is an integer "
		    "since line 1, column 1\n"
		    "2:4: the byte 0xff that is not UTF-8 is not allowed "
		    "here" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_tables(void **state)
{
	static const struct document documents[] = {
		{ TEXT("[a]\n[ b . 'c' ]# d\ne=1"), "{a={} b={c={e=1}}}" },
		{ TEXT("[a.b]\nc=1\n[a]\nd=2\n[a.e]"),
		    "{a={b={c=1} d=2 e={}}}" },
		{ TEXT("a.b=1\n[a.c]\nd=2"), "{a={b=1 c={d=2}}}" },
		{ TEXT("[a.b.c]\n[a]\nb.d=1"), "{a={b={c={} d=1}}}" },
		{ TEXT("[a.b.c]\n[a]\nb.d=1\n[a.b]"),
		    "4:4: key b cannot be defined again: it is a table, by "
		    "dotted keys, since line 1, column 4" },
		{ TEXT("[a]\nb=1\n[a]\nb=2\nb=3"),
		    "3:2: key a cannot be defined again: it is a table since "
		    "line 1, column 2\n"
		    "5:1: key b cannot be defined again: it is an integer "
		    "since line 4, column 1" },
		{ TEXT("[a.b]\n[a]\n[a]"),
		    "3:2: key a cannot be defined again: it is a table since "
		    "line 2, column 2" },
		{ TEXT("[a.b]\nc.d=1\n[a]\nb.c.e=1"),
		    "4:1: key b cannot be extended here: it is a table since "
		    "line 1, column 4" },
		{ TEXT("[a]\nb.c=1\n[a.b]"),
		    "3:4: key b cannot be defined again: it is a table, by "
		    "dotted keys, since line 2, column 1" },
		{ TEXT("a=1\n[a.b.c]\n[d]"),
		    "2:2: key a cannot be extended here: it is an integer "
		    "since line 1, column 1" },
		{ TEXT("[]"), "1:2: expected a key, found ']'" },
		{ TEXT("[a.]"), "1:4: expected a key, found ']'" },
		{ TEXT("[a"),
		    "1:3: expected '.' or ']' after the key of a "
		    "header, found the end of the file" },
		{ TEXT("[a] b=1\nb=1"),
		    "1:5: expected the end of the line, found 'b'" },
		{ TEXT("[a]]"),
		    "1:4: expected the end of the line, found "
		    "']'" },
		{ TEXT("a=1\n[b c]\na=1\na=1\n"),
		    "2:4: expected '.' or ']' after the key of a header, found "
		    "'c'\n"
		    "4:1: key a cannot be defined again: it is an integer "
		    "since line 3, column 1" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_inline_tables(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a={}"), "{a={}}" },
		{ TEXT("a = { b = 1 , c.d='e',c.f=[\n{}\n] }"),
		    "{a={b=1 c={d=\"e\" f=[{}]}}}" },
		{ TEXT("a={b=\"\"\"\n\n\"\"\"}"), "{a={b=\"\\x0a\"}}" },
		{ TEXT("a={b=1,}"), "1:8: no comma may end an inline table" },
		{ TEXT("a={,}"), "1:4: expected a key, found ','" },
		{ TEXT("a={b=1 c=2}"),
		    "1:8: expected ',' or '}' in an inline table, found 'c'" },
		{ TEXT("a={\n b=1,\n c=2\n}\nd=e"),
		    "1:4: an inline table must be on one line\n"
		    "5:3: e is not a value; a string needs quotes, a boolean "
		    "is true or false" },
		{ TEXT("a={b=1,\n"),
		    "1:8: an inline table must be on one "
		    "line" },
		{ TEXT("a={b=1"),
		    "1:7: expected ',' or '}' in an inline "
		    "table, found the end of the file" },
		{ TEXT("a={b=1,b=2}"),
		    "1:8: key b cannot be defined again: it is an integer "
		    "since line 1, column 4" },
		{ TEXT("a={b={},b.c=2}"),
		    "1:9: key b cannot be extended here: it is an inline "
		    "table since line 1, column 4" },
		{ TEXT("a={b.c=1}\na.b.d=2\n[a.b.e]\n[a]\n[[a.f]]"),
		    "2:1: key a cannot be extended here: it is an inline table "
		    "since line 1, column 1\n"
		    "3:2: key a cannot be extended here: it is an inline table "
		    "since line 1, column 1\n"
		    "4:2: key a cannot be defined again: it is an inline table "
		    "since line 1, column 1\n"
		    "5:3: key a cannot be extended here: it is an inline table "
		    "since line 1, column 1" },
		{ TEXT("[a.b]\nc=1\n[d]\n[a]\nb={}"),
		    "5:1: key b cannot be defined again: it is a table since "
		    "line 1, column 4" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_arrays(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a=[]"), "{a=[]}" },
		{ TEXT("a=[ # b\n\n 1 # c\r\n , [ 'd', ],\n{e=2}\n, ] # f"),
		    "{a=[1 [\"d\"] {e=2}]}" },
		{ TEXT("a=[,]"), "1:4: expected a value, found ','" },
		{ TEXT("a=[1,,2]"), "1:6: expected a value, found ','" },
		{ TEXT("a=[1 2]\nb=3."),
		    "1:6: expected ',' or ']' in an array, found '2'\n"
		    "2:5: expected a digit, found the end of the value" },
		{ TEXT("a=[\n1,\n[2,\n"), "3:1: this array has no end" },
		{ TEXT("a=[ # b \x7f\n0x]"),
		    "1:9: the control character 0x7f is not allowed here\n"
		    "2:3: expected a hexadecimal digit, found the end of the "
		    "value" },
		{ TEXT("a=[{}]\n[a.b]\n[[a]]"),
		    "2:2: key a cannot be extended here: it is an array since "
		    "line 1, column 1\n"
		    "3:3: key a cannot be an array of tables: it is an array "
		    "since line 1, column 1" },
	};

	(void)state;
	CHECK(documents);
}

static void
test_arrays_of_tables(void **state)
{
	static const struct document documents[] = {
		{ TEXT("[[a]]\nb=1\n[[a]]\n[ [a]]"),
		    "4:3: expected a key, found '['" },
		{ TEXT("[[a]]\nb=1\n[[a]]\n[[ a ]]\nb.c=2"),
		    "{a=[{b=1} {} {b={c=2}}]}" },
		{ TEXT("[[a]]\n[a.b]\nc=1\n[[a]]\n[a.b]\n[[a.d.e]]\nf=2\n"
		       "[[a.d.e]]"),
		    "{a=[{b={c=1}} {b={} d={e=[{f=2} {}]}}]}" },
		{ TEXT("[[a.b]]\nc=1\n[a]\nd=2"), "{a={b=[{c=1}] d=2}}" },
		{ TEXT("[a]\nb.c=1\n[[a.b.d]]"), "{a={b={c=1 d=[{}]}}}" },
		{ TEXT("[[a.b]]\n[a]\nb.c=1\nb=2"),
		    "3:1: key b cannot be extended here: it is an array of "
		    "tables since line 1, column 5\n"
		    "4:1: key b cannot be defined again: it is an array of "
		    "tables since line 1, column 5" },
		{ TEXT("[[a]]\n[a]\n[b]\n[[b]]"),
		    "2:2: key a cannot be defined again: it is an array of "
		    "tables since line 1, column 3\n"
		    "4:3: key b cannot be an array of tables: it is a table "
		    "since line 3, column 2" },
		{ TEXT("[[a]\n[[b] ]"),
		    "1:5: expected ']]' at the end of a header, found the end "
		    "of the line\n"
		    "2:5: expected ']]' at the end of a header, found ' '" },
		{ TEXT("[[a]"),
		    "1:5: expected ']]' at the end of a header, "
		    "found the end of the file" },
	};

	(void)state;
	CHECK(documents);
}

/* After an error in something of many lines: the next line that is another. */
static void
test_recovery(void **state)
{
	static const struct document documents[] = {
		{ TEXT("a = [\n  'b=c',\n  d e,\n  'f = g',\n  h=1,\n]\n"
		       "i = 1\ni = 2"),
		    "3:3: d is not a value; a string needs quotes, a boolean "
		    "is true or false\n"
		    "8:1: key i cannot be defined again: it is an integer "
		    "since line 7, column 1" },
		{ TEXT("a = [1,\nb = 2\nb = 3"),
		    "2:1: b is not a value; a string needs quotes, a boolean "
		    "is true or false\n"
		    "3:1: key b cannot be defined again: it is an integer "
		    "since line 2, column 1" },
		{ TEXT(" a = [[1, 2\n\n [ b . 'c d' ] # e\n f = 0x"),
		    "3:2: expected ',' or ']' in an array, found '['\n"
		    "4:8: expected a hexadecimal digit, found the end of the "
		    "value" },
		{ TEXT("a = [\n[1] 2,\n[3, 4]\n]\n[[b]]\nc=+"),
		    "2:5: expected ',' or ']' in an array, found '2'\n"
		    "6:4: expected a digit, found the end of the value" },
		{ TEXT("a = [ !\n\"b\nc\0=\n'"),
		    "1:7: expected a value, found '!'" },
	};

	(void)state;
	CHECK(documents);
}

/* Sees that value is at that line and column, and of that type. */
static void
check_place(const struct toml_value *value, unsigned line, unsigned column,
    enum toml_type type)
{
	assert_non_null(value);
	assert_int_equal(value->place.line, line);
	assert_int_equal(value->place.column, column);
	assert_int_equal(value->type, type);
}

static void
test_places(void **state)
{
	static const char text[] =
	    "a = 1\n"
	    "  b.c = [ 'x',\n"
	    "\t{ d = true } ]\n"
	    "[e.f]\n"
	    "g = '''\n"
	    "\n"
	    "''' # h\r\n"
	    "i =   2.5\n"
	    "[ e ]\n"
	    "[[j]]\n"
	    "[[ j ]]\n";
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(toml_cleanup) struct toml_table *root = NULL;
	const struct toml_table *table;
	const struct toml_value *value;

	(void)state;
	root = toml_parse(text, strlen(text), &problems);
	assert_non_null(root);
	check_place(toml_get(root, "a"), 1, 5, TOML_INTEGER);
	value = toml_get(root, "b");
	check_place(value, 2, 3, TOML_TABLE);
	assert_int_equal(toml_table_at(value->table, 0)->place.column, 5);
	value = toml_get(value->table, "c");
	check_place(value, 2, 9, TOML_ARRAY);
	check_place(toml_array_at(value->array, 0), 2, 11, TOML_STRING);
	value = toml_array_at(value->array, 1);
	check_place(value, 3, 2, TOML_TABLE);
	check_place(toml_get(value->table, "d"), 3, 8, TOML_BOOLEAN);
	value = toml_get(root, "e");
	check_place(value, 9, 3, TOML_TABLE);
	table = toml_get(value->table, "f")->table;
	check_place(toml_get(value->table, "f"), 4, 4, TOML_TABLE);
	check_place(toml_get(table, "g"), 5, 5, TOML_STRING);
	check_place(toml_get(table, "i"), 8, 7, TOML_FLOAT);
	assert_int_equal(toml_table_at(table, 1)->place.line, 8);
	assert_int_equal(toml_table_at(table, 1)->place.column, 1);
	value = toml_get(root, "j");
	check_place(value, 10, 3, TOML_ARRAY);
	check_place(toml_array_at(value->array, 0), 10, 3, TOML_TABLE);
	check_place(toml_array_at(value->array, 1), 11, 4, TOML_TABLE);
}

static void
test_access(void **state)
{
	static const char text[] = "z=1\ny=2\n\"y\\u0000\"=3\n\"\"=4\nx=5";
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(toml_cleanup) struct toml_table *root = NULL;
	size_t i;

	(void)state;
	root = toml_parse(text, strlen(text), &problems);
	assert_non_null(root);
	assert_int_equal(toml_table_count(root), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(toml_table_at(root, i)->value.integer, i + 1);
	assert_int_equal(toml_get(root, "y")->integer, 2);
	assert_int_equal(toml_find(root, "y", 2)->value.integer, 3);
	assert_int_equal(toml_get(root, "")->integer, 4);
	assert_null(toml_get(root, "w"));
	assert_null(toml_get(root, "zz"));
	assert_null(toml_find(root, "y\0z", 3));
	assert_string_equal(toml_type_name(TOML_STRING), "a string");
	assert_string_equal(toml_type_name(TOML_TABLE), "a table");
	toml_free(NULL);
}

/* Keys in an order that would make a list of a plain tree. */
static void
test_many_keys(void **state)
{
	enum { COUNT = 20000 };
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(toml_cleanup) struct toml_table *root = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	char key[16];
	size_t size;
	FILE *out;
	int i;

	(void)state;
	out = open_memstream(&text, &size);
	assert_non_null(out);
	for (i = 0; i < COUNT; i++)
		fprintf(out, "k%05d=%d\n",
		    i % 3 == 0	   ? i :
			i % 3 == 1 ? COUNT + i :
				     3 * COUNT - i,
		    i);
	assert_int_equal(fclose(out), 0);
	assert_true(size <= TOML_SIZE_MAX);
	root = toml_parse(text, size, &problems);
	assert_non_null(root);
	assert_int_equal(toml_table_count(root), COUNT);
	for (i = 0; i < COUNT; i++) {
		(void)snprintf(key, sizeof(key), "k%05d",
		    i % 3 == 0	   ? i :
			i % 3 == 1 ? COUNT + i :
				     3 * COUNT - i);
		assert_int_equal(toml_get(root, key)->integer, i);
	}
}

/* "a = " and count times open, then count times close. */
static char *
nested(const char *open, const char *close, int count)
{
	size_t size;
	char *text;
	FILE *out;
	int i;

	out = open_memstream(&text, &size);
	assert_non_null(out);
	fputs("a = ", out);
	for (i = 0; i < count; i++)
		fputs(open, out);
	for (i = 0; i < count; i++)
		fputs(close, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* A key of count parts between before and after. */
static char *
dotted(const char *before, int count, const char *after)
{
	size_t size;
	char *text;
	FILE *out;
	int i;

	out = open_memstream(&text, &size);
	assert_non_null(out);
	fprintf(out, "%sa", before);
	for (i = 1; i < count; i++)
		fputs(".a", out);
	fputs(after, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Frees text. */
static void
check_depth(char *text, const char *place_of_error)
{
	CLEANUP(cleanup_free) char *got = NULL;
	CLEANUP(cleanup_free) char *expected = NULL;

	got = outcome(text, strlen(text));
	free(text);
	if (place_of_error == NULL) {
		assert_int_equal(got[0], '{');
		return;
	}
	expected = xasprintf(
	    "%s: tables and arrays are nested more than %d "
	    "deep",
	    place_of_error, TOML_DEPTH_MAX);
	assert_string_equal(got, expected);
}

static void
test_depth(void **state)
{
	(void)state;
	check_depth(nested("[", "]", 64), NULL);
	check_depth(nested("[", "]", 65), "1:69");
	check_depth(nested("[", "]", 50000), "1:69");
	check_depth(nested("[{a=", "}]", 33), "1:133");
	check_depth(nested("{a.a=", "}", 33), "1:165");
	check_depth(dotted("", 65, "=1"), NULL);
	check_depth(dotted("", 65, "=[]"), "1:131");
	check_depth(dotted("", 66, "=1"), "1:129");
	check_depth(dotted("", 50000, "=1"), "1:129");
	check_depth(dotted("[", 64, "]"), NULL);
	check_depth(dotted("[", 64, "]\na={}"), "2:3");
	check_depth(dotted("[", 65, "]"), "1:130");
	check_depth(dotted("[[", 63, "]]"), NULL);
	check_depth(dotted("[[", 64, "]]"), "1:129");
}

static void
test_size(void **state)
{
	CLEANUP(cleanup_free) char *text = xmalloc(TOML_SIZE_MAX + 1);
	char *got;

	(void)state;
	memset(text, ' ', TOML_SIZE_MAX + 1);
	got = outcome(text, TOML_SIZE_MAX);
	assert_string_equal(got, "{}");
	free(got);
	got = outcome(text, TOML_SIZE_MAX + 1);
	assert_string_equal(got,
	    "0:0: too long: 262145 bytes, and at most 262144 are read");
	free(got);
}

/* An error on each of more lines than are reported. */
static void
test_many_errors(void **state)
{
	static const char text[] =
	    "=\n=\n=\n=\n=\n=\n=\n=\n=\n=\n=\n=\n"
	    "=\n=\n=\n=\n=\n=\n=\n=\n=\n=\n=\n=\n";
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;

	(void)state;
	assert_null(toml_parse(text, strlen(text), &problems));
	assert_int_equal(problems.count, TOML_ERRORS_MAX + 1);
	assert_int_equal(problems.items[TOML_ERRORS_MAX].place.line,
	    TOML_ERRORS_MAX + 1);
	assert_string_equal(problems.items[TOML_ERRORS_MAX].reason,
	    "too many errors; no more of them are shown");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_inline_tables),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_arrays_of_tables),
		cmocka_unit_test(test_recovery),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_many_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
