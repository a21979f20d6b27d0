#include "format.h"
#include "unit.h"

#define ORIGINS 3

/* A value that a case sets, or takes away with the text NULL. */
struct set {
	enum format_key key;
	const char *text;
	size_t len; /* 0: up to the NUL */
};

/*
 * What is wrong with a format of package p, interpreter /i and magic MZ,
 * after some values are set; the first of them stands in line 1, and so on.
 */
struct check {
	struct set set[5];
	/* From the command line, a format file, the database. */
	const char *wrong[ORIGINS];
};

static void
fill(struct value values[KEY_COUNT], const struct set set[5])
{
	unsigned i;

	memset(values, 0, KEY_COUNT * sizeof(values[0]));
	values[KEY_PACKAGE] = (struct value){ "p", 1, { 0, 0 } };
	values[KEY_INTERPRETER] = (struct value){ "/i", 2, { 0, 0 } };
	values[KEY_MAGIC] = (struct value){ "MZ", 2, { 0, 0 } };
	for (i = 0; i < 5 && (set[i].text != NULL || set[i].len != 0); i++) {
		struct value *value = &values[set[i].key];

		value->text = set[i].text;
		value->len = set[i].text == NULL ? 0 :
		    set[i].len != 0		 ? set[i].len :
						   strlen(set[i].text);
		value->place = (struct place){ i + 1, 1 };
	}
}

/* In a table, to take a value away. */
#define NOT_GIVEN NULL, 1

static void
check_wrong(const struct check *checks, size_t count)
{
	size_t i, origin;

	for (i = 0; i < count; i++) {
		for (origin = 0; origin < ORIGINS; origin++) {
			struct problems problems = PROBLEMS_INIT;
			struct value values[KEY_COUNT];
			struct format format;
			int result;

			fill(values, checks[i].set);
			result = format_build(&format, "name", values,
			    (enum origin)origin, &problems);
			assert_int_equal(result, problems.errors > 0 ? -1 : 0);
			if (result == 0)
				format_fini(&format);
			else
				assert_null(format.interpreter);
			unit_expect_problems(&problems,
			    checks[i].wrong[origin]);
		}
	}
}

#define CHECK(checks) check_wrong(checks, ARRAY_LEN(checks))
#define ALWAYS(text)                                                           \
	{                                                                      \
		text, text, text                                               \
	}
#define STRICT(text)                                                           \
	{                                                                      \
		text, "warning: " text "; ignored", ""                         \
	}
#define WARNED(text)                                                           \
	{                                                                      \
		"warning: " text, "warning: " text, ""                         \
	}
#define COMMAND(text)                                                          \
	{                                                                      \
		text, "", ""                                                   \
	}

static void
test_package(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_PACKAGE, "jarwrapper", 0 } }, ALWAYS("") },
		{ { { KEY_PACKAGE, ":", 0 } },
		    { "",
			"1:1: package: ':' stands for formats that the "
			"administrator installed",
			"" } },
		{ { { KEY_PACKAGE, NOT_GIVEN } },
		    ALWAYS("1:1: package: is missing") },
		{ { { KEY_PACKAGE, "", 0 } },
		    ALWAYS("1:1: package: is empty") },
		{ { { KEY_PACKAGE, "a\nb", 0 } },
		    ALWAYS("1:1: package: contains a newline, which the "
			   "database cannot hold") },
		{ { { KEY_PACKAGE, "a\0b", 3 } },
		    ALWAYS("1:1: package: contains a NUL byte") },
	};

	(void)state;
	CHECK(checks);
}

static void
test_spec(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_MAGIC, NOT_GIVEN } },
		    ALWAYS("1:1: magic: is missing and so is extension; a "
			   "format has exactly one of them") },
		{ { { KEY_EXTENSION, "x", 0 } },
		    ALWAYS("1:1: extension: is given and so is magic; a "
			   "format has exactly one of them") },
		{ { { KEY_MAGIC, "", 0 } }, ALWAYS("1:1: magic: is empty") },
		{ { { KEY_EXTENSION, "", 0 }, { KEY_MAGIC, NOT_GIVEN } },
		    ALWAYS("1:1: extension: is empty") },
		{ { { KEY_MAGIC, "a\\x4", 0 } },
		    ALWAYS("1:2: magic: byte 2: \\x needs two hexadecimal "
			   "digits, not '4'") },
		{ { { KEY_MAGIC, "ab\0c", 4 } },
		    ALWAYS("1:3: magic: byte 3 is a raw NUL, where the kernel "
			   "would cut the value off; write \\x00") },
		{ { { KEY_MASK, "\\xff\\xfe", 0 } }, ALWAYS("") },
		{ { { KEY_MASK, "", 0 } }, ALWAYS("") },
		{ { { KEY_MASK, "\\xff\\x", 0 } },
		    ALWAYS("1:5: mask: byte 5: \\x needs two hexadecimal "
			   "digits, not ''") },
		{ { { KEY_MASK, "\\xff", 0 } },
		    ALWAYS("1:1: mask: has 1 bytes and magic has 2; they must "
			   "be equally long") },
		{ { { KEY_MAGIC, "a\nb", 0 } }, ALWAYS("") },
	};

	(void)state;
	CHECK(checks);
}

#define BACKSLASH                                                              \
	"has a backslash that starts no \\xHH and stands for itself; write "   \
	"\\x5c if that is meant"

static void
test_backslashes(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_MAGIC, "\\x7fELF\\x5c", 0 } }, ALWAYS("") },
		{ { { KEY_MAGIC, "\\\\x41", 0 } },
		    WARNED("1:1: magic: " BACKSLASH) },
		{ { { KEY_MAGIC, "\\x41\\n", 0 } },
		    WARNED("1:1: magic: " BACKSLASH) },
		{ { { KEY_MAGIC, "a\\", 0 } },
		    WARNED("1:1: magic: " BACKSLASH) },
		{ { { KEY_MAGIC, "\\X41\\X42", 0 }, { KEY_OFFSET, "3", 0 } },
		    WARNED("1:1: magic: " BACKSLASH) },
		{ { { KEY_MASK, "\\0", 0 } }, WARNED("1:1: mask: " BACKSLASH) },
	};

	(void)state;
	CHECK(checks);
}

static void
test_offset(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_OFFSET, "254", 0 } }, ALWAYS("") },
		{ { { KEY_OFFSET, "", 0 } }, ALWAYS("") },
		{ { { KEY_OFFSET, "255", 0 } },
		    ALWAYS("1:1: offset: 255 bytes and a magic of 2 end at "
			   "byte 257, and the kernel compares the first 256 "
			   "of a file") },
		{ { { KEY_OFFSET, "-1", 0 } },
		    ALWAYS("1:1: offset: '-1' is not between 0 and 255") },
		{ { { KEY_OFFSET, "0x10", 0 } },
		    ALWAYS("1:1: offset: '0x10' is not a decimal number") },
		{ { { KEY_OFFSET, "5\n", 0 } },
		    ALWAYS("1:1: offset: '5\n' is not a decimal number") },
		{ { { KEY_OFFSET, " 5", 0 } },
		    ALWAYS("1:1: offset: ' 5' is not a decimal number") },
	};

	(void)state;
	CHECK(checks);
}

#define WITH_EXTENSION(text)                                                   \
	{ KEY_EXTENSION, text, 0 },                                            \
	{                                                                      \
		KEY_MAGIC, NULL, 1                                             \
	}
#define DOT(text, better)                                                      \
	"1:1: extension: '" text                                               \
	"' has a dot in it and can never match: the "                          \
	"kernel compares what follows the last dot; write '" better "'"

static void
test_extension(void **state)
{
	static const struct check checks[] = {
		{ { WITH_EXTENSION("love") }, ALWAYS("") },
		{ { WITH_EXTENSION("a b:\t") }, ALWAYS("") },
		{ { WITH_EXTENSION("a/b") },
		    ALWAYS("1:1: extension: contains a slash") },
		{ { WITH_EXTENSION("a\nb") },
		    ALWAYS("1:1: extension: contains a newline, which the "
			   "database cannot hold") },
		{ { { KEY_EXTENSION, "a\0b", 3 }, { KEY_MAGIC, NOT_GIVEN } },
		    ALWAYS("1:1: extension: contains a NUL byte") },
		{ { WITH_EXTENSION("tar.gz") },
		    { DOT("tar.gz", "gz"), "warning: " DOT("tar.gz", "gz"),
			"" } },
		{ { WITH_EXTENSION(".foo") },
		    { DOT(".foo", "foo"), "warning: " DOT(".foo", "foo"),
			"" } },
		{ { WITH_EXTENSION("x"), { KEY_MASK, "y", 0 } },
		    STRICT("3:1: mask: goes with a magic, not with an "
			   "extension") },
		{ { WITH_EXTENSION("x"), { KEY_OFFSET, "0", 0 } },
		    STRICT("3:1: offset: goes with a magic, not with an "
			   "extension") },
		{ { WITH_EXTENSION("x"), { KEY_MASK, "", 0 },
		      { KEY_OFFSET, "", 0 } },
		    ALWAYS("") },
	};

	(void)state;
	CHECK(checks);
}

#define RELATIVE                                                               \
	"is a relative path, which means another program in every directory"

static void
test_programs(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_INTERPRETER, NOT_GIVEN } },
		    ALWAYS("1:1: interpreter: is missing") },
		{ { { KEY_INTERPRETER, "", 0 } },
		    ALWAYS("1:1: interpreter: is empty") },
		{ { { KEY_INTERPRETER, "/with blanks", 0 } }, ALWAYS("") },
		{ { { KEY_INTERPRETER, "/a\nb", 0 } },
		    ALWAYS("1:1: interpreter: contains a newline, which the "
			   "database cannot hold") },
		{ { { KEY_INTERPRETER, "/a\0b", 4 } },
		    ALWAYS("1:1: interpreter: contains a NUL byte") },
		{ { { KEY_INTERPRETER, "i", 0 } },
		    WARNED("1:1: interpreter: " RELATIVE) },
		{ { { KEY_INTERPRETER, "./i", 0 },
		      { KEY_CREDENTIALS, "no", 0 } },
		    WARNED("1:1: interpreter: " RELATIVE) },
		{ { { KEY_INTERPRETER, "i", 0 },
		      { KEY_CREDENTIALS, "yes", 0 } },
		    ALWAYS("1:1: interpreter: is a relative path, which with "
			   "credentials lets anybody choose the program") },
		{ { { KEY_DETECTOR, "/d", 0 } }, ALWAYS("") },
		{ { { KEY_DETECTOR, "", 0 } }, ALWAYS("") },
		{ { { KEY_DETECTOR, "d", 0 } },
		    WARNED("1:1: detector: " RELATIVE) },
		{ { { KEY_DETECTOR, "/a\nb", 0 } },
		    ALWAYS("1:1: detector: contains a newline, which the "
			   "database cannot hold") },
		{ { { KEY_DETECTOR, "/a\0b", 4 } },
		    ALWAYS("1:1: detector: contains a NUL byte") },
	};

	(void)state;
	CHECK(checks);
}

#define NEITHER(key)                                                           \
	{                                                                      \
		"1:1: " key ": is neither yes nor no",                         \
		    "warning: 1:1: " key                                       \
		    ": is neither yes nor no; taken as no",                    \
		    ""                                                         \
	}

static void
test_choices(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_CREDENTIALS, "yes", 0 }, { KEY_PRESERVE, "YES", 0 },
		      { KEY_FIX_BINARY, "No", 0 },
		      { KEY_OPEN_BINARY, "no", 0 } },
		    ALWAYS("") },
		{ { { KEY_CREDENTIALS, "y", 0 } }, NEITHER("credentials") },
		{ { { KEY_PRESERVE, "true", 0 } }, NEITHER("preserve") },
		{ { { KEY_FIX_BINARY, "1", 0 } }, NEITHER("fix_binary") },
		{ { { KEY_OPEN_BINARY, "nope", 0 } }, NEITHER("open_binary") },
		{ { { KEY_PRESERVE, "", 0 } }, ALWAYS("") },
		{ { { KEY_PRESERVE, " yes", 0 } }, NEITHER("preserve") },
	};

	(void)state;
	CHECK(checks);
}

#define NO_PRIORITY "1:1: priority: is not a number from -100 to 100"

static void
test_priority(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_PRIORITY, "-100", 0 } }, ALWAYS("") },
		{ { { KEY_PRIORITY, "+100", 0 } }, ALWAYS("") },
		{ { { KEY_PRIORITY, "", 0 } }, ALWAYS("") },
		{ { { KEY_PRIORITY, "101", 0 } }, ALWAYS(NO_PRIORITY) },
		{ { { KEY_PRIORITY, "-101", 0 } }, ALWAYS(NO_PRIORITY) },
		{ { { KEY_PRIORITY, "high", 0 } }, ALWAYS(NO_PRIORITY) },
		{ { { KEY_PRIORITY, "1.5", 0 } }, ALWAYS(NO_PRIORITY) },
	};

	(void)state;
	CHECK(checks);
}

#define FIXED_AND_DETECTED                                                     \
	"2:1: fix_binary: cannot go with a detector: the kernel would fix "    \
	"run-detectors, not the interpreter"
#define CREDENTIALS_AND_DETECTED                                               \
	"credentials: cannot go with a detector: the file could be exchanged " \
	"between detector and interpreter"

static void
test_combinations(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_DETECTOR, "/d", 0 }, { KEY_FIX_BINARY, "yes", 0 } },
		    COMMAND(FIXED_AND_DETECTED) },
		{ { { KEY_DETECTOR, "/d", 0 }, { KEY_CREDENTIALS, "yes", 0 } },
		    COMMAND("2:1: " CREDENTIALS_AND_DETECTED) },
		{ { { KEY_DETECTOR, "/d", 0 }, { KEY_FIX_BINARY, "yes", 0 },
		      { KEY_CREDENTIALS, "yes", 0 } },
		    COMMAND(FIXED_AND_DETECTED
			"\n3:1: " CREDENTIALS_AND_DETECTED) },
		{ { { KEY_DETECTOR, "/d", 0 }, { KEY_PRESERVE, "yes", 0 },
		      { KEY_OPEN_BINARY, "yes", 0 },
		      { KEY_FIX_BINARY, "no", 0 } },
		    ALWAYS("") },
		{ { { KEY_FIX_BINARY, "yes", 0 },
		      { KEY_CREDENTIALS, "yes", 0 } },
		    ALWAYS("") },
	};

	(void)state;
	CHECK(checks);
}

/* All that is wrong is said, each once. */
static void
test_everything_wrong(void **state)
{
	static const struct check checks[] = {
		{ { { KEY_PACKAGE, "", 0 }, { KEY_MAGIC, "\\x", 0 },
		      { KEY_OFFSET, "x", 0 }, { KEY_PRIORITY, "x", 0 },
		      { KEY_INTERPRETER, NOT_GIVEN } },
		    ALWAYS("1:1: package: is empty\n"
			   "2:1: magic: byte 1: \\x needs two hexadecimal "
			   "digits, not ''\n"
			   "3:1: offset: 'x' is not a decimal number\n"
			   "4:1: priority: is not a number from -100 to 100\n"
			   "5:1: interpreter: is missing") },
	};

	(void)state;
	CHECK(checks);
}

/* A magic and an interpreter that make the register string this long. */
static void
check_length(size_t len, const char *wrong)
{
	static const char frame[] = ":name:M:0:MZ:::";
	CLEANUP(cleanup_free)
	char *path = xcalloc(len - strlen(frame) + 1, 1);
	const struct set set[5] = { { KEY_INTERPRETER, path, 0 } };
	struct problems problems = PROBLEMS_INIT;
	struct value values[KEY_COUNT];
	struct format format;

	memset(path, '/', len - strlen(frame));
	fill(values, set);
	if (format_build(&format, "name", values, ORIGIN_COMMAND, &problems) ==
	    0)
		format_fini(&format);
	unit_expect_problems(&problems, wrong);
}

static void
test_length(void **state)
{
	(void)state;
	check_length(1920, "");
	check_length(1921,
	    "the rule takes 1921 bytes as a register string, and the kernel "
	    "accepts 1920");
}

/* What has been read, in a line. */
static char *
show(const struct format *f)
{
	CLEANUP(cleanup_free) char *magic = unit_hex(&f->spec.magic);
	CLEANUP(cleanup_free) char *mask = unit_hex(&f->spec.mask);
	char flags[8];

	rule_flag_letters(format_flags(f), flags);
	return xasprintf("%s %s %s %u %s=%s %s=%s %s %s %d%d%d%d %s %d",
	    f->name, f->package,
	    f->spec.type == SPEC_EXTENSION ? f->spec.extension : "-",
	    f->spec.offset, f->magic_text == NULL ? "-" : f->magic_text, magic,
	    f->mask_text == NULL ? "-" : f->mask_text, mask, f->interpreter,
	    f->detector == NULL ? "-" : f->detector, f->credentials,
	    f->preserve, f->fix_binary, f->open_binary, flags, f->priority);
}

static void
test_values(void **state)
{
	static const struct {
		struct set set[5];
		const char *shown;
	} cases[] = {
		{ { { KEY_PACKAGE, "p", 0 } },
		    "name p - 0 MZ=4d5a -= /i - 0000  0" },
		{ { { KEY_MAGIC, "\\x4d\\\\", 0 },
		      { KEY_MASK, "\\xff\\x7F\\xff", 0 },
		      { KEY_OFFSET, "010", 0 }, { KEY_DETECTOR, "/d e", 0 },
		      { KEY_PRIORITY, "-7", 0 } },
		    "name p - 10 \\x4d\\\\=4d5c5c \\xff\\x7F\\xff=ff7fff /i "
		    "/d e 0000  -7" },
		{ { { KEY_CREDENTIALS, "yes", 0 }, { KEY_PRESERVE, "Yes", 0 },
		      { KEY_FIX_BINARY, "YES", 0 },
		      { KEY_OPEN_BINARY, "yes", 0 } },
		    "name p - 0 MZ=4d5a -= /i - 2222 POCF 0" },
		{ { { KEY_CREDENTIALS, "no", 0 }, { KEY_PRESERVE, "NO", 0 },
		      { KEY_FIX_BINARY, "maybe", 0 },
		      { KEY_OPEN_BINARY, "yes", 0 } },
		    "name p - 0 MZ=4d5a -= /i - 1112 O 0" },
		{ { WITH_EXTENSION("x:"), { KEY_MASK, "zz", 0 },
		      { KEY_OFFSET, "zz", 0 } },
		    "name p x: 0 -= -= /i - 0000  0" },
		/* A database line cannot hold what was written here. */
		{ { { KEY_MAGIC, "a\nb:", 0 }, { KEY_MASK, "\n\n\n\n", 0 } },
		    "name p - 0 a\\x0ab\\x3a=610a623a "
		    "\\x0a\\x0a\\x0a\\x0a=0a0a0a0a /i - 0000  0" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
		CLEANUP(cleanup_free) char *got = NULL;
		struct value values[KEY_COUNT];
		struct format format;

		fill(values, cases[i].set);
		assert_int_equal(format_build(&format, "name", values,
				     ORIGIN_FILE, &problems),
		    0);
		got = show(&format);
		format_fini(&format);
		assert_string_equal(got, cases[i].shown);
	}
}

#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

static void
test_names(void **state)
{
	static const struct {
		const char *name, *wrong;
	} cases[] = {
		{ "jar", "" },
		{ "llvm-14-runtime.binfmt", "" },
		{ "a", "" },
		{ "a b:\\~", "" },
		{ "\xc3\xa9\xff\x80", "" },
		{ "a..b", "" },
		{ "registers", "" },
		{ "Status", "" },
		{ FIFTY FIFTY FIFTY FIFTY FIFTY "12345", "" },
		{ FIFTY FIFTY FIFTY FIFTY FIFTY "123456",
		    "name: has 256 bytes, and the kernel accepts 255" },
		{ "", "name: is empty" },
		{ ".", "name: '.' starts with a dot" },
		{ "..", "name: '..' starts with a dot" },
		{ ".a.tmp-1", "name: '.a.tmp-1' starts with a dot" },
		{ "-a", "name: '-a' starts with a dash" },
		{ "register", "name: 'register' is reserved by the kernel" },
		{ "status", "name: 'status' is reserved by the kernel" },
		{ "/", "name: '/' contains a slash" },
		{ "a/b", "name: 'a/b' contains a slash" },
		{ "a/", "name: 'a/' contains a slash" },
		{ "../etc/passwd", "name: '../etc/passwd' starts with a dot" },
		{ "a\n", "name: 'a\n' contains a control character" },
		{ "\x01", "name: '\x01' contains a control character" },
		{ "a\tb", "name: 'a\tb' contains a control character" },
		{ "a\x1b[1m", "name: 'a\x1b[1m' contains a control character" },
		{ "a\x7f", "name: 'a\x7f' contains a control character" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct problems problems = PROBLEMS_INIT;
		int result = format_check_name(cases[i].name, &problems);

		assert_int_equal(result, cases[i].wrong[0] == '\0' ? 0 : -1);
		unit_expect_problems(&problems, cases[i].wrong);
	}
}

/* A wrong name is one more thing that is wrong with a format. */
static void
test_name_of_format(void **state)
{
	const struct set set[5] = { { KEY_MAGIC, "", 0 } };
	struct problems problems = PROBLEMS_INIT;
	struct value values[KEY_COUNT];
	struct format format;

	(void)state;
	fill(values, set);
	assert_int_equal(
	    format_build(&format, "-x", values, ORIGIN_DATABASE, &problems),
	    -1);
	unit_expect_problems(&problems,
	    "name: '-x' starts with a dash\n1:1: magic: is empty");
}

static void
test_keys(void **state)
{
	static const struct {
		const char *name;
		enum format_key key;
	} cases[] = {
		{ "package", KEY_PACKAGE },
		{ "offset", KEY_OFFSET },
		{ "magic", KEY_MAGIC },
		{ "mask", KEY_MASK },
		{ "extension", KEY_EXTENSION },
		{ "interpreter", KEY_INTERPRETER },
		{ "detector", KEY_DETECTOR },
		{ "credentials", KEY_CREDENTIALS },
		{ "preserve", KEY_PRESERVE },
		{ "fix_binary", KEY_FIX_BINARY },
		{ "open_binary", KEY_OPEN_BINARY },
		{ "priority", KEY_PRIORITY },
	};
	size_t i;

	(void)state;
	assert_int_equal(ARRAY_LEN(cases), KEY_COUNT);
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(format_key_name(cases[i].key),
		    cases[i].name);
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(
		    format_key_find(cases[i].name, strlen(cases[i].name)),
		    cases[i].key);
	assert_int_equal(format_key_find(TEXT("Fix_Binary")), KEY_FIX_BINARY);
	assert_int_equal(format_key_find("magical", 5), KEY_MAGIC);
	assert_int_equal(format_key_find(TEXT("magical")), KEY_COUNT);
	assert_int_equal(format_key_find("magic", 4), KEY_COUNT);
	assert_int_equal(format_key_find(TEXT("fix-binary")), KEY_COUNT);
	assert_int_equal(format_key_find("", 0), KEY_COUNT);
}

static void
test_precedence(void **state)
{
	/* From the first to the last that is tried. */
	static const struct {
		const char *name, *mask, *extension;
		int priority;
	} cases[] = {
		{ "z", NULL, "a", 2 },
		{ "y", NULL, "abc", 1 },
		{ "x", NULL, "abc", 0 },
		{ "a", NULL, "ab", 0 },
		{ "b", "\xff\xff", NULL, 0 },
		{ "c", "\xff\xfe", NULL, 0 },
		{ "A", "\x01\x01", NULL, 0 },
		{ "a", "\x80\x01", NULL, 0 },
		{ "aa", "\x01\x80", NULL, 0 },
		{ "\xff", "\x01\x80", NULL, 0 },
		{ "a", "\0\0", NULL, 0 },
		{ "a", NULL, "abcd", -1 },
	};
	struct format formats[ARRAY_LEN(cases)];
	static unsigned char magic[2];
	size_t i, j;

	(void)state;
	memset(formats, 0, sizeof(formats));
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct format *f = &formats[i];

		f->name = (char *)(uintptr_t)cases[i].name;
		f->priority = cases[i].priority;
		f->spec.extension = (char *)(uintptr_t)cases[i].extension;
		f->spec.type = cases[i].mask == NULL ? SPEC_EXTENSION :
						       SPEC_MAGIC;
		f->spec.magic = (struct bytes){ magic, 2 };
		f->spec.mask = (struct bytes){
			(unsigned char *)(uintptr_t)cases[i].mask, 2
		};
	}
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		for (j = 0; j < ARRAY_LEN(cases); j++) {
			int order = format_precedes(&formats[i], &formats[j]);

			if ((order < 0) != (i < j) || (order == 0) != (i == j))
				fail_msg("%zu and %zu", i, j);
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_package),
		cmocka_unit_test(test_spec),
		cmocka_unit_test(test_backslashes),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_extension),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_combinations),
		cmocka_unit_test(test_everything_wrong),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_of_format),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_precedence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
