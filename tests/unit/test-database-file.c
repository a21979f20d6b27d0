#include "database.h"
#include "generate.h"

/* All that a database file holds of a format, in a line. */
static char *
show(const struct format *f)
{
	CLEANUP(cleanup_free) char *magic = unit_hex(&f->spec.magic);
	CLEANUP(cleanup_free) char *mask = unit_hex(&f->spec.mask);

	return xasprintf("%s|%s|%u|%s=%s|%s=%s|%s|%s|%s|%d%d%d%d|%d%s%s",
	    f->name, f->package, f->spec.offset,
	    f->spec.type == SPEC_EXTENSION ? f->spec.extension : f->magic_text,
	    magic, f->mask_text == NULL ? "" : f->mask_text, mask,
	    f->spec.type == SPEC_EXTENSION ? "E" : "M", f->interpreter,
	    f->detector == NULL ? "" : f->detector, f->credentials, f->preserve,
	    f->fix_binary, f->open_binary, f->priority,
	    f->source == NULL ? "" : " from ",
	    f->source == NULL ? "" : f->source);
}

/* What a file is read as, or what is wrong with it. */
static char *
outcome(const char *text, size_t len)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *exact = unit_exact(text, len);
	struct format format;
	char *shown;
	int result;

	result = database_parse("name", exact, len, &format, &problems);
	assert_int_equal(result, problems.errors > 0 ? -1 : 0);
	assert_int_equal(problems.count, problems.errors);
	if (result < 0)
		return unit_problems(&problems);
	shown = show(&format);
	format_fini(&format);
	return shown;
}

#define CHECK(cases) unit_check(outcome, cases, ARRAY_LEN(cases))

static void
test_parse(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT("p\nmagic\n0\nPK\\x03\\x04\n\\xff\\xff\\xff\\xfe\n/j\n"
		       "/d e\nyes\nno\n\n"),
		    "name|p|0|PK\\x03\\x04=504b0304|"
		    "\\xff\\xff\\xff\\xfe=fffffffe|M|/j|/d e|2100|0" },
		{ TEXT(":\nextension\n0\nlove\n\n/l\n\n\n\n\n"),
		    "name|:|0|love=|=|E|/l||0000|0" },
		/* An offset that is empty is 0; one of an extension is none. */
		{ TEXT("p\nmagic\n\nMZ\n\n/i\n\n\n\n\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|0" },
		{ TEXT("p\nextension\n7\nx\nzz\n/i\n\n\n\n\n"),
		    "name|p|0|x=|=|E|/i||0000|0" },
		/* What was said when it was recorded is not said again. */
		{ TEXT("p\nextension\n0\n.a.b\n\ni\nd\nno\nyes\nYES\n"),
		    "name|p|0|.a.b=|=|E|i|d|1220|0" },
		{ TEXT("p\nmagic\n0\n\\X41\n\n/i\n/d\nyes\n\nyes\n"),
		    "name|p|0|\\X41=5c583431|=|M|/i|/d|2020|0" },
	};

	(void)state;
	CHECK(cases);
}

/* Old versions wrote fewer lines, and newer ones may write more. */
static void
test_other_versions(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT("p\nmagic\n0\nMZ\n\n/i\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|0" },
		{ TEXT("p\nmagic\n0\nMZ\n\n/i"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|0" },
		{ TEXT("p\nmagic\n0\nMZ\n\n/i\n/d\n"),
		    "name|p|0|MZ=4d5a|=|M|/i|/d|0000|0" },
		{ TEXT("p\nmagic\n0\nMZ\n\n/i\n/d\nyes\n"),
		    "name|p|0|MZ=4d5a|=|M|/i|/d|2000|0" },
		{ TEXT("p\nmagic\n0\nMZ\n\n/i\n\nno\nyes\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||1200|0" },
#define TEN_LINES "p\nmagic\n0\nMZ\n\n/i\n\n\n\n\n"
		{ TEXT(TEN_LINES "open_binary yes\npriority -7\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0002|-7" },
		{ TEXT(TEN_LINES "priority 100\nopen_binary no"),
		    "name|p|0|MZ=4d5a|=|M|/i||0001|100" },
		{ TEXT(TEN_LINES "colour red\n\nlonely\n \npriority 3\n"
				 "interpreter /j\nmagic x\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|3" },
		{ TEXT(TEN_LINES "priority\npriority \n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|0" },
		{ TEXT(TEN_LINES "source /usr/share/binfmts/a b\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|0 from "
		    "/usr/share/binfmts/a b" },
		{ TEXT(TEN_LINES "source /1\nsource /2\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|0 from /1" },
		{ TEXT(TEN_LINES "source\nsource \nsources /1\n source /2\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|0" },
		{ TEXT(TEN_LINES "source /a\0b\n"),
		    "name|p|0|MZ=4d5a|=|M|/i||0000|0" },
	};

	(void)state;
	CHECK(cases);
}

static void
test_broken(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT(""),
		    "has 0 lines, and a format has at least 6: package, type, "
		    "offset, magic, mask, interpreter" },
		{ TEXT("p\nmagic\n0\nMZ\n"),
		    "has 4 lines, and a format has at least 6: package, type, "
		    "offset, magic, mask, interpreter" },
		{ TEXT("p\nmagic\n0\nMZ\n\n"),
		    "has 5 lines, and a format has at least 6: package, type, "
		    "offset, magic, mask, interpreter" },
		{ TEXT("p\nMagic\n0\nMZ\n\n/i\n"),
		    "2:1: type: 'Magic' is neither magic nor extension" },
		{ TEXT("p\n\n0\nMZ\n\n/i\n"),
		    "2:1: type: '' is neither magic nor extension" },
		{ TEXT("p\nmagical\n0\nMZ\n\n/i\n"),
		    "2:1: type: 'magical' is neither magic nor extension" },
		/* All that is wrong, each in its line. */
		{ TEXT("\nmagic\nx\n\\x4\n\\xff\\x\n\n\n\n\n\npriority x\n"),
		    "1:1: package: is empty\n"
		    "4:1: magic: byte 1: \\x needs two hexadecimal digits, "
		    "not '4'\n"
		    "5:5: mask: byte 5: \\x needs two hexadecimal digits, not "
		    "''\n"
		    "3:1: offset: 'x' is not a decimal number\n"
		    "11:10: priority: is not a number from -100 to 100\n"
		    "6:1: interpreter: is empty" },
		{ TEXT("p\nmagic\n0\n\n\n/i\n"), "4:1: magic: is empty" },
		{ TEXT("p\nextension\n0\n\n\n/i\n"),
		    "4:1: extension: is empty" },
		{ TEXT("p\nextension\n0\na/b\n\n/i\n"),
		    "4:1: extension: contains a slash" },
		{ TEXT("p\nmagic\n255\nMZ\n\n/i\n"),
		    "3:1: offset: 255 bytes and a magic of 2 end at byte 257, "
		    "and the kernel compares the first 256 of a file" },
		{ TEXT("p\nmagic\n0\nMZ\n\\xff\n/i\n"),
		    "5:1: mask: has 1 bytes and magic has 2; they must be "
		    "equally long" },
		{ TEXT("p\nmagic\n0\nM\0Z\n\n/i\n"),
		    "4:2: magic: byte 2 is a raw NUL, where the kernel would "
		    "cut the value off; write \\x00" },
		{ TEXT("p\0\nmagic\n0\nMZ\n\n/i\n"),
		    "1:1: package: contains a NUL byte" },
	};

	(void)state;
	CHECK(cases);
}

/* Cut off anywhere, a file of less than six lines is none. */
static void
test_truncated(void **state)
{
	static const char text[] =
	    "p\nmagic\n0\nMZ\n\\xff\\xfe\n/i\n/d\nyes\nno\nno\npriority 5\n";
	const char *interpreter = strstr(text, "/i");
	size_t len;

	(void)state;
	for (len = 0; len < strlen(text); len++) {
		CLEANUP(cleanup_free) char *got = outcome(text, len);

		assert_int_equal(strncmp(got, "name|p|0|MZ=4d5a|", 17) == 0,
		    len > (size_t)(interpreter - text));
	}
}

static void
test_print(void **state)
{
	static const char *const texts[] = {
		"p\nmagic\n0\nMZ\n\n/i\n\n\n\n\n",
		"p\nmagic\n10\nMZ\n\\xff\\xff\n/i\n/d\nyes\nno\nyes\n",
		":\nextension\n0\nlove\n\n/l\n\n\n\n\n",
		"p\nmagic\n0\nMZ\n\n/i\n\n\n\n\nopen_binary yes\npriority -7\n",
		"p\nmagic\n0\nMZ\n\n/i\n\n\n\n\nopen_binary no\n",
		"p\nmagic\n0\nMZ\n\n/i\n\n\n\n\npriority 100\n",
		" p \nmagic\n0\n\\x4D\\Z \n\n /i\t\n # \n\n\n\n",
		"p\nmagic\n0\nMZ\n\n/i\n\n\n\n\npriority 9\nsource /a b\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
		CLEANUP(cleanup_free) char *again = NULL;
		struct format format;

		assert_int_equal(database_parse("name", texts[i],
				     strlen(texts[i]), &format, &problems),
		    0);
		again = database_print(&format);
		format_fini(&format);
		assert_string_equal(again, texts[i]);
	}
}

/* Random values; most of them make a format. */
static void
generate_values(struct random *r, char *texts[KEY_COUNT],
    struct value values[KEY_COUNT])
{
	static const char *const words[] = { "yes", "no", "", "YES",
		"perhaps" };
	bool extension = random_below(r, 3) == 0;
	int key;

	for (key = 0; key < KEY_COUNT; key++) {
		if (key == KEY_OFFSET)
			texts[key] = xasprintf("%u", random_below(r, 250));
		else if (key == KEY_PRIORITY)
			texts[key] = xasprintf("%d",
			    (int)random_below(r, 201) - 100);
		else if (key >= KEY_CREDENTIALS && key <= KEY_OPEN_BINARY)
			texts[key] = xstrdup(words[random_below(r, 5)]);
		else if (key == KEY_MAGIC || key == KEY_MASK)
			texts[key] = generate_text(r, "ab\\xff\n :", 3);
		else
			texts[key] = generate_any_text(r, "\n", 40);
		values[key] = (struct value){ texts[key], strlen(texts[key]),
			NOWHERE };
		if ((key == KEY_MASK && random_bool(r)) ||
		    key == (extension ? KEY_MAGIC : KEY_EXTENSION))
			values[key].text = NULL;
	}
}

/* Any format, printed, is read as itself. */
static void
test_print_and_parse(void **state)
{
	struct random random = { 5 };
	unsigned round, count = 0, rounds = 10000;

	(void)state;
	for (round = 0; round < rounds; round++) {
		CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
		CLEANUP(cleanup_free) char *text = NULL;
		CLEANUP(cleanup_free) char *before = NULL;
		CLEANUP(cleanup_free) char *after = NULL;
		struct value values[KEY_COUNT];
		char *texts[KEY_COUNT];
		struct format format;
		int key, result;

		generate_values(&random, texts, values);
		result = format_build(&format, "name", values, ORIGIN_FILE,
		    &problems);
		for (key = 0; key < KEY_COUNT; key++)
			free(texts[key]);
		if (result < 0)
			continue;
		if (random_bool(&random))
			format.source = generate_any_text(&random, "\n", 40);
		before = show(&format);
		text = database_print(&format);
		format_fini(&format);
		after = outcome(text, strlen(text));
		assert_string_equal(before, after);
		count++;
	}
	assert_true(count > rounds / 10);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_other_versions),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_and_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
