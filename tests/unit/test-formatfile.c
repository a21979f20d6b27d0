#include "formatfile.h"
#include "scratch.h"

/* What has been read, in a line. */
static char *
show(const struct format *f)
{
	char flags[8];

	rule_flag_letters(format_flags(f), flags);
	return xasprintf("%s|%s|%s|%u|%s|%s|%s|%s|%d", f->package,
	    f->magic_text == NULL ? "" : f->magic_text,
	    f->spec.extension == NULL ? "" : f->spec.extension, f->spec.offset,
	    f->mask_text == NULL ? "" : f->mask_text, f->interpreter,
	    f->detector == NULL ? "" : f->detector, flags, f->priority);
}

/* The problems, and behind them, if there is one, the format. */
static char *
outcome(const char *text, size_t len)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *exact = unit_exact(text, len);
	CLEANUP(cleanup_free) char *shown = NULL;
	CLEANUP(cleanup_free) char *wrong = NULL;
	struct format format;
	int result;

	result = formatfile_parse("name", exact, len, &format, &problems);
	assert_int_equal(result, problems.errors > 0 ? -1 : 0);
	wrong = unit_problems(&problems);
	if (result < 0)
		return STEAL(wrong);
	assert_string_equal(format.name, "name");
	shown = show(&format);
	format_fini(&format);
	return xasprintf("%s%s%s", wrong, wrong[0] == '\0' ? "" : "\n", shown);
}

#define CHECK(cases) unit_check(outcome, cases, ARRAY_LEN(cases))
#define JAR	     "package p\ninterpreter /j\nmagic PK\\x03\\x04\n"
#define READ_JAR     "p|PK\\x03\\x04||0||/j||"

static void
test_layout(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT(JAR), READ_JAR "|0" },
		{ TEXT("magic PK\\x03\\x04\ninterpreter /j\npackage p"),
		    READ_JAR "|0" },
		{ TEXT("package\tp\ninterpreter \t /j\n\t magic PK\\x03\\x04"),
		    READ_JAR "|0" },
		{ TEXT("package p \ninterpreter /j\t\nmagic PK\\x03\\x04 \t"),
		    READ_JAR "|0" },
		{ TEXT("package p\r\ninterpreter /j\r\n"
		       "magic PK\\x03\\x04\r\n"),
		    READ_JAR "|0" },
		{ TEXT("PACKAGE p\nInterpreter /j\nmAGIC PK\\x03\\x04\n"),
		    READ_JAR "|0" },
		{ TEXT("\xef\xbb\xbf" JAR), READ_JAR "|0" },
		{ TEXT("# one\n\n  # two\n \t\n\r\n#\n" JAR "#package q\n"),
		    READ_JAR "|0" },
		/* Blanks within a value belong to it, and so does a #. */
		{ TEXT("package sbcl\ninterpreter /with  two blanks\n"
		       "magic # FASL\\x0a\ndetector /d #e\n"),
		    "sbcl|# FASL\\x0a||0||/with  two blanks|/d #e||0" },
		{ TEXT(JAR "mask \\xff\\xff\\xff\\x00\noffset 2\n"
			   "detector /d\ncredentials no\npreserve Yes\n"
			   "fix_binary no\nopen_binary YES\npriority -3\n"),
		    "p|PK\\x03\\x04||2|\\xff\\xff\\xff\\x00|/j|/d|PO|-3" },
		{ TEXT("package love\ninterpreter /l\nextension love\n"),
		    "love||love|0||/l|||0" },
		/* Optional values may be empty. */
		{ TEXT(JAR "mask\noffset \ndetector\ncredentials\npriority\n"),
		    READ_JAR "|0" },
	};

	(void)state;
	CHECK(cases);
}

static void
test_warnings(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT(JAR "colour red\n"),
		    "warning: 4:1: unknown key 'colour'; ignored\n" READ_JAR
		    "|0" },
		{ TEXT(JAR "\n  magics 1\nfix-binary yes\n"),
		    "warning: 5:3: unknown key 'magics'; ignored\n"
		    "warning: 6:1: unknown key 'fix-binary'; ignored\n" READ_JAR
		    "|0" },
		{ TEXT(JAR "a123456789b123456789c123456789d123456789"
			   "e123456789f123456789g123456789\n"),
		    "warning: 4:1: unknown key "
		    "'a123456789b123456789c123456789d123456789"
		    "e123456789f123456789g123'; ignored\n" READ_JAR "|0" },
		/* The last one counts. */
		{ TEXT(JAR "Magic  MZ\n"),
		    "warning: 4:1: magic: is given again; line 3 is ignored\n"
		    "p|MZ||0||/j|||0" },
		{ TEXT(JAR "package q\n package r\n"),
		    "warning: 4:1: package: is given again; line 1 is "
		    "ignored\n"
		    "warning: 5:2: package: is given again; line 4 is "
		    "ignored\n"
		    "r|PK\\x03\\x04||0||/j|||0" },
		{ TEXT(JAR "preserve on\n"),
		    "warning: 4:10: preserve: is neither yes nor no; taken as "
		    "no\n" READ_JAR "|0" },
		{ TEXT("package p\ninterpreter j\nextension a.b\nmask x\n"
		       "offset 7\n"),
		    "warning: 4:6: mask: goes with a magic, not with an "
		    "extension; ignored\n"
		    "warning: 5:8: offset: goes with a magic, not with an "
		    "extension; ignored\n"
		    "warning: 3:11: extension: 'a.b' has a dot in it and can "
		    "never match: the kernel compares what follows the last "
		    "dot; write 'b'\n"
		    "warning: 2:13: interpreter: is a relative path, which "
		    "means another program in every directory\n"
		    "p||a.b|0||j|||0" },
	};

	(void)state;
	CHECK(cases);
}

static void
test_errors(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT(""),
		    "package: is missing\n"
		    "magic: is missing and so is extension; a format has "
		    "exactly one of them\n"
		    "interpreter: is missing" },
		{ TEXT("#" JAR), "package: is missing" },
		{ TEXT("package\ninterpreter  \t\nmagic\n"),
		    "1:8: package: is empty\n"
		    "3:6: magic: is empty\n"
		    "2:12: interpreter: is empty" },
		{ TEXT("package :\ninterpreter /i\nmagic a\n"),
		    "1:9: package: ':' stands for formats that the "
		    "administrator installed" },
		{ TEXT("# all of it\n\nmagic\t A\\x4 \nmask \\xzz\n\n"
		       "offset 0x10\npriority 1000\ninterpreter /i\n"),
		    "package: is missing\n"
		    "3:9: magic: byte 2: \\x needs two hexadecimal digits, not "
		    "'4'\n"
		    "4:6: mask: byte 1: \\x needs two hexadecimal digits, not "
		    "'zz'\n"
		    "6:8: offset: '0x10' is not a decimal number\n"
		    "7:10: priority: is not a number from -100 to 100" },
		{ TEXT(JAR "extension jar\n"),
		    "4:11: extension: is given and so is magic; a format has "
		    "exactly one of them" },
		{ TEXT(JAR "mask \\xff\n"),
		    "4:6: mask: has 1 bytes and magic has 4; they must be "
		    "equally long" },
		{ TEXT(JAR "offset 253\n"),
		    "4:8: offset: 253 bytes and a magic of 4 end at byte 257, "
		    "and the kernel compares the first 256 of a file" },
		{ TEXT("package p\ninterpreter i\ncredentials yes\nmagic a\n"),
		    "2:13: interpreter: is a relative path, which with "
		    "credentials lets anybody choose the program" },
		/* Warnings and errors together. */
		{ TEXT("shape round\npackage p\nmagic A\\x4\nmagic \\q\n"),
		    "warning: 1:1: unknown key 'shape'; ignored\n"
		    "warning: 4:1: magic: is given again; line 3 is ignored\n"
		    "warning: 4:7: magic: has a backslash that starts no "
		    "\\xHH and stands for itself; write \\x5c if that is "
		    "meant\n"
		    "interpreter: is missing" },
		{ TEXT("package p\0q\ninterpreter /\0\nmagic A\0B\n"),
		    "1:9: package: contains a NUL byte\n"
		    "3:8: magic: byte 2 is a raw NUL, where the kernel would "
		    "cut the value off; write \\x00\n"
		    "2:13: interpreter: contains a NUL byte" },
		/* A mark is only one at the very beginning. */
		{ TEXT("\n\xef\xbb\xbfpackage p\ninterpreter /i\nmagic a\n"),
		    "warning: 2:1: unknown key '\xef\xbb\xbfpackage'; "
		    "ignored\npackage: is missing" },
	};

	(void)state;
	CHECK(cases);
}

/* A file with a line of len bytes, and more to say behind it, or not. */
static char *
with_line(const char *key, size_t len, const char *behind)
{
	CLEANUP(cleanup_free) char *line = xcalloc(len + 1, 1);

	memset(line, '/', len);
	memcpy(line, key, strlen(key));
	return xasprintf("package p\n%s\nmagic a\n%s", line, behind);
}

static void
test_long_lines(void **state)
{
	static const char no_mask[] =
	    "4:6: mask: byte 1: \\x needs two hexadecimal digits, not ''";
	static const struct {
		const char *key;
		size_t len;
		const char *behind, *before_mask;
	} cases[] = {
		{ "interpreter ", 1000, "mask \\x", "" },
		{ "detector ", 4096, "mask \\x\ninterpreter /i\n", "" },
		{ "#", 4096, "mask \\x\ninterpreter /i\n", "" },
		{ "#", 4097, "mask \\x\ninterpreter /i\n",
		    "2: the line has 4097 bytes, more than 4096\n" },
		{ "detector ", 65000, "mask \\x\ninterpreter /i\n",
		    "2: the line has 65000 bytes, more than 4096\n" },
	};
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *got = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *expected = xasprintf("%s%s", cases[i].before_mask,
		    no_mask);

		text = with_line(cases[i].key, cases[i].len, cases[i].behind);
		got = outcome(text, strlen(text));
		assert_string_equal(got, expected);
		free(STEAL(text));
		free(STEAL(got));
	}
	/* That alone is enough for the file to be none. */
	text = with_line("#", 4097, "interpreter /i\n");
	got = outcome(text, strlen(text));
	assert_string_equal(got, "2: the line has 4097 bytes, more than 4096");
}

/* Each field has its limit, which is the kernel's. */
static void
test_long_values(void **state)
{
	CLEANUP(cleanup_free) char *path = xcalloc(4001, 1);
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *got = NULL;

	(void)state;
	memset(path, '/', 4000);
	text = xasprintf("package p\ninterpreter %s\nmagic a\n", path);
	got = outcome(text, strlen(text));
	assert_string_equal(got,
	    "the rule takes 4014 bytes as a register string, and the kernel "
	    "accepts 1920");
	/* The detector is no part of what the kernel gets. */
	free(text);
	free(got);
	text = xasprintf("package p\ninterpreter /i\nmagic a\ndetector %s\n",
	    path);
	got = outcome(text, strlen(text));
	assert_memory_equal(got, "p|a||0||/i|///", 14);
	assert_int_equal(strlen(got), 11 + 4000 + 3);
}

/* Without making a format: nothing has to be there, or to be right. */
static void
test_values(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *values, *wrong;
	} cases[] = {
		{ TEXT(""), "", "" },
		{ TEXT("# nothing\n\n"), "", "" },
		{ TEXT("priority  -7 \nmagic\n"),
		    "magic=2:6: priority=1:11:-7 ", "" },
		{ TEXT("\xef\xbb\xbfoffset x\r\nOffset y\r\nshape z"),
		    "offset=2:8:y ",
		    "warning: 2:1: offset: is given again; line 1 is ignored\n"
		    "warning: 3:1: unknown key 'shape'; ignored" },
	};
	size_t i;
	int key;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *text = unit_exact(cases[i].text, cases[i].len);
		CLEANUP(cleanup_free) char *got = xstrdup("");
		struct problems problems = PROBLEMS_INIT;
		struct value values[KEY_COUNT];

		assert_int_equal(
		    formatfile_values(text, cases[i].len, values, &problems),
		    0);
		for (key = 0; key < KEY_COUNT; key++) {
			const struct value *v = &values[key];
			char *more;

			if (v->text == NULL)
				continue;
			more = xasprintf("%s%s=%u:%u:%.*s ", got,
			    format_key_name((enum format_key)key),
			    v->place.line, v->place.column, (int)v->len,
			    v->text);
			free(got);
			got = more;
		}
		assert_string_equal(got, cases[i].values);
		unit_expect_problems(&problems, cases[i].wrong);
	}
}

/* Those that packages ship, where they are at hand. */
static void
read_packaged(const struct tree *tree, const char *name)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = tree_get(tree, name);
	struct format format;

	if (formatfile_parse(name, text, strlen(text), &format, &problems) < 0)
		fail_msg("%s: %s", name, problems.items[0].reason);
	assert_int_equal(problems.count, 0);
	assert_true(format.spec.magic.len > 0);
	assert_int_equal(format.interpreter[0], '/');
	assert_null(strchr(format.package, ' '));
	assert_int_equal(format.detector != NULL,
	    strstr(text, "detector ") != NULL);
	assert_int_equal(format.mask_text != NULL,
	    strstr(text, "mask ") != NULL);
	assert_int_equal(format.fix_binary == CHOICE_YES,
	    strstr(text, "fix_binary yes") != NULL);
	format_fini(&format);
}

static void
test_packaged_files(void **state)
{
	const char *top = getenv("TOP_SRCDIR");
	struct tree tree = { .fd = -1 };
	struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	(void)state;
	tree.path = xasprintf("%s/../shared/formats/binfmts",
	    top == NULL ? "." : top);
	dir = opendir(tree.path);
	free(tree.path);
	if (dir == NULL) {
		print_message("# no format files of packages here\n");
		skip();
	}
	tree.fd = dirfd(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		read_packaged(&tree, entry->d_name);
		count++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_true(count > 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_packaged_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
