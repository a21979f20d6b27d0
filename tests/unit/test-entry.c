#include "entry.h"
#include "generate.h"

/* An entry in one line: STATE TYPE OFFSET MAGIC MASK INTERPRETER FLAGS. */
static char *
show(const struct entry *entry)
{
	const struct rule *rule = &entry->rule;
	CLEANUP(cleanup_free) char *magic = unit_hex(&rule->spec.magic);
	CLEANUP(cleanup_free) char *mask = unit_hex(&rule->spec.mask);
	const char *state = entry->enabled ? "on" : "off";
	char flags[8];

	rule_flag_letters(rule->flags, flags);
	if (rule->bpf)
		return xasprintf("%s B %s %s", state, rule->interpreter, flags);
	if (rule->spec.type == SPEC_EXTENSION)
		return xasprintf("%s E %s %s %s", state, rule->spec.extension,
		    rule->interpreter, flags);
	return xasprintf("%s M %u %s %s %s %s", state, rule->spec.offset, magic,
	    rule->spec.mask.len == 0 ? "-" : mask, rule->interpreter, flags);
}

/* What an entry's text is read as, or what is wrong with it. */
static char *
outcome(const char *text, size_t len)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *exact = unit_exact(text, len);
	struct entry entry;
	char *shown;

	if (entry_parse("name", exact, len, &entry, &problems) < 0) {
		assert_int_equal(problems.errors, 1);
		assert_null(entry.rule.name);
		return unit_problems(&problems);
	}
	assert_int_equal(problems.count, 0);
	assert_string_equal(entry.rule.name, "name");
	shown = show(&entry);
	entry_fini(&entry);
	return shown;
}

#define CHECK(cases) unit_check(outcome, cases, ARRAY_LEN(cases))
#define ON	     "enabled\ninterpreter /i\nflags: \n"
#define WRONG(line, what)                                                      \
	line ": the kernel's text is not what was expected "                   \
	     "here: " what

/* As kernels from 6.7 to 7.3 show them. */
static void
test_kernel_texts(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT("enabled\ninterpreter /usr/bin/wine\nflags: \n"
		       "offset 0\nmagic 4d5a\n"),
		    "on M 0 4d5a - /usr/bin/wine " },
		{ TEXT("disabled\ninterpreter /i j\nflags: POCF\n"
		       "offset 8\nmagic 414902\nmask fffffe\n"),
		    "off M 8 414902 fffffe /i j POCF" },
		{ TEXT("enabled\ninterpreter x\nflags: OTL\nextension .foo\n"),
		    "on E foo x OTL" },
		{ TEXT(ON "extension ..foo\n"), "on E .foo /i " },
		{ TEXT(ON "extension .tar.gz\n"), "on E tar.gz /i " },
		{ TEXT(ON "offset 255\nmagic 00\n"), "on M 255 00 - /i " },
		/* Hexadecimal digits of either case. */
		{ TEXT(ON "offset 0\nmagic aBcD\n"), "on M 0 abcd - /i " },
		/* Without what ends the last line. */
		{ TEXT(ON "extension .x"), "on E x /i " },
	};

	(void)state;
	CHECK(cases);
}

/* Type B is of 7.3, and lines and letters may come with later ones. */
static void
test_newer_kernels(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT("enabled\nbpf handler\n"), "on B handler " },
		{ TEXT("disabled\nbpf handler\nflags: \n"
		       "bpf-interpreter a /usr/bin/a\nanything else\n"),
		    "off B handler " },
		{ TEXT("enabled\ninterpreter /i\nflags: PAZ\nextension .x\n"),
		    "on E x /i P" },
		{ TEXT(ON "news\noffset 1\nmagic 41\nmore: news\n\n"),
		    "on M 1 41 - /i " },
		{ TEXT(ON "extension .x\npriority 7\n"), "on E x /i " },
		{ TEXT("enabled\nbpf \n"), WRONG("2", "interpreter") },
	};

	(void)state;
	CHECK(cases);
}

/* Each line has its place. */
static void
test_order_of_lines(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT(""),
		    "the kernel's text is not what was expected here: "
		    "enabled or disabled" },
		{ TEXT("\n"), WRONG("1", "enabled or disabled") },
		{ TEXT("Enabled\n"), WRONG("1", "enabled or disabled") },
		{ TEXT("enabled \n"), WRONG("1", "enabled or disabled") },
		{ TEXT("enable\n"), WRONG("1", "enabled or disabled") },
		{ TEXT("disabledd\n"), WRONG("1", "enabled or disabled") },
		{ TEXT("enabled\n"), WRONG("1", "interpreter") },
		{ TEXT("enabled\nflags: \ninterpreter /i\n"),
		    WRONG("2", "interpreter") },
		{ TEXT("enabled\ninterpreter \nflags: \n"),
		    WRONG("2", "interpreter") },
		{ TEXT("enabled\ninterpreter\n"), WRONG("2", "interpreter") },
		{ TEXT("enabled\ninterpreter /i\n"),
		    WRONG("2",
			"flags; is there a newline in the interpreter's "
			"path?") },
		{ TEXT("enabled\ninterpreter /i\noffset 0\nmagic 41\n"),
		    WRONG("3",
			"flags; is there a newline in the interpreter's "
			"path?") },
		{ TEXT("enabled\ninterpreter /i\nflags: p\nextension .x\n"),
		    WRONG("3", "flag letters") },
		{ TEXT("enabled\ninterpreter /i\nflags:  P\nextension .x\n"),
		    WRONG("3", "flag letters") },
		{ TEXT(ON), WRONG("3", "an extension, or offset and magic") },
		{ TEXT(ON "offset 0\n"),
		    WRONG("4", "an extension, or offset and magic") },
		{ TEXT(ON "extension x\n"),
		    WRONG("4", "an extension, or offset and magic") },
		{ TEXT(ON "magic 41\noffset 0\n"),
		    WRONG("4", "an offset first") },
		{ TEXT(ON "offset 0\nmask ff\nmagic 41\n"),
		    WRONG("5", "a magic first") },
		{ TEXT("enabled\ninterpreter /i\0\nflags: \nextension .x\n"),
		    "the kernel's text is not what was expected here: text "
		    "without a NUL byte" },
	};

	(void)state;
	CHECK(cases);
}

static void
test_values(void **state)
{
	static const struct unit_case cases[] = {
		{ TEXT(ON "offset \nmagic 41\n"), WRONG("4", "an offset") },
		{ TEXT(ON "offset x\nmagic 41\n"), WRONG("4", "an offset") },
		{ TEXT(ON "offset -1\nmagic 41\n"), WRONG("4", "an offset") },
		{ TEXT(ON "offset 257\nmagic 41\n"), WRONG("4", "an offset") },
		{ TEXT(ON "offset 256\nmagic 41\n"),
		    WRONG("5", "a magic in the first 256 bytes") },
		{ TEXT(ON "offset 0\nmagic \n"),
		    WRONG("5", "bytes as hexadecimal digits") },
		{ TEXT(ON "offset 0\nmagic 4\n"),
		    WRONG("5", "bytes as hexadecimal digits") },
		{ TEXT(ON "offset 0\nmagic 4g\n"),
		    WRONG("5", "bytes as hexadecimal digits") },
		{ TEXT(ON "offset 0\nmagic 41 \n"),
		    WRONG("5", "bytes as hexadecimal digits") },
		{ TEXT(ON "offset 0\nmagic 4142\nmask ff\n"),
		    WRONG("6", "a mask as long as the magic") },
		{ TEXT(ON "offset 0\nmagic 4142\nmask \n"),
		    WRONG("6", "bytes as hexadecimal digits") },
		{ TEXT(ON "offset 0\noffset 0\nmagic 41\n"),
		    WRONG("5", "one offset") },
		{ TEXT(ON "offset 0\nmagic 41\nmagic 42\n"),
		    WRONG("6", "only one magic and one mask") },
		{ TEXT(ON "offset 0\nmagic 41\nmask ff\nmask ff\n"),
		    WRONG("7", "only one magic and one mask") },
		{ TEXT(ON "extension .x\nextension .y\n"),
		    WRONG("5", "one extension") },
		{ TEXT(ON "extension .x\noffset 0\nmagic 41\n"),
		    WRONG("5", "one offset") },
		{ TEXT(ON "offset 0\nmagic 41\nextension .x\n"),
		    WRONG("6", "one extension") },
	};

	(void)state;
	CHECK(cases);
}

/* The kernel's text for an interpreter and an extension that hold anything. */
static char *
kernel_text(const char *interpreter, const char *extension)
{
	return xasprintf("enabled\ninterpreter %s\nflags: \nextension .%s\n",
	    interpreter, extension);
}

/* A newline in what the kernel prints raw must not be taken for its lines. */
static void
test_forged(void **state)
{
	static const struct {
		const char *interpreter, *extension, *outcome;
	} cases[] = {
		{ "/i\n/j", "x",
		    WRONG("3",
			"flags; is there a newline in the interpreter's "
			"path?") },
		{ "/good\nflags: \nextension .y", "x",
		    WRONG("5",
			"no second interpreter; is there a newline in its "
			"path?") },
		{ "/good\nflags: P\noffset 0\nmagic 4d5a", "x",
		    WRONG("6",
			"no second interpreter; is there a newline in its "
			"path?") },
		{ "/good\nflags: \noffset 0\nmagic 4d5a\nanother", "x",
		    WRONG("7",
			"no second interpreter; is there a newline in its "
			"path?") },
		{ "\nflags: ", "x", WRONG("2", "interpreter") },
		{ "/i", "x\nflags: OC",
		    WRONG("5",
			"no second interpreter; is there a newline in its "
			"path?") },
		{ "/i", "x\ninterpreter /good",
		    WRONG("5",
			"no second interpreter; is there a newline in its "
			"path?") },
		{ "/i", "x\nextension .y", WRONG("5", "one extension") },
		{ "/i", "x\noffset 0\nmagic 41", WRONG("5", "one offset") },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *text = kernel_text(cases[i].interpreter,
		    cases[i].extension);
		CLEANUP(cleanup_free) char *got = outcome(text, strlen(text));

		assert_string_equal(got, cases[i].outcome);
	}
}

static void
test_print(void **state)
{
	static unsigned char magic[] = "AI\2", mask[] = "\xff\xff\xfe";
	const struct rule rule = {
		.interpreter = (char *)(uintptr_t) "/i",
		.spec = { .offset = 8,
		    .magic = { magic, 3 },
		    .mask = { mask, 3 } },
		.flags = RULE_CREDENTIALS | RULE_PRESERVE | RULE_DISABLED,
	};
	struct entry entry = { rule, true };
	char *text;

	(void)state;
	text = entry_print(&entry);
	/* C brings O along, and D is never shown. */
	assert_string_equal(text,
	    "enabled\ninterpreter /i\nflags: POC\noffset 8\n"
	    "magic 414902\nmask fffffe\n");
	free(text);
	entry.enabled = false;
	entry.rule.flags = 0;
	entry.rule.spec.mask.len = 0;
	text = entry_print(&entry);
	assert_string_equal(text,
	    "disabled\ninterpreter /i\nflags: \noffset 8\nmagic 414902\n");
	free(text);
	entry.rule.spec.type = SPEC_EXTENSION;
	entry.rule.spec.extension = (char *)(uintptr_t) "x";
	text = entry_print(&entry);
	assert_string_equal(text,
	    "disabled\ninterpreter /i\nflags: \nextension .x\n");
	free(text);
	entry.rule.bpf = true;
	text = entry_print(&entry);
	assert_string_equal(text, "disabled\nbpf /i\n");
	free(text);
}

/* Any entry, printed, is read as itself. */
static void
test_print_and_parse(void **state)
{
	struct random random = { 4 };
	unsigned round;

	(void)state;
	for (round = 0; round < 10000; round++) {
		CLEANUP(cleanup_free) char *text = NULL;
		CLEANUP(cleanup_free) char *before = NULL;
		CLEANUP(cleanup_free) char *after = NULL;
		struct entry entry = { .enabled = random_bool(&random) };
		struct rule *rule = &entry.rule;

		rule->bpf = random_below(&random, 16) == 0;
		rule->interpreter = generate_any_text(&random, "\n", 40);
		if (random_below(&random, 3) == 0)
			generate_extension(&random, &rule->spec, "ab. -");
		else
			generate_magic(&random, &rule->spec, 256);
		if (!rule->bpf)
			rule->flags = random_below(&random, RULE_DISABLED);
		if ((rule->flags & RULE_CREDENTIALS) != 0)
			rule->flags |= RULE_OPEN;
		before = show(&entry);
		text = entry_print(&entry);
		after = outcome(text, strlen(text));
		assert_string_equal(before, after);
		entry_fini(&entry);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel_texts),
		cmocka_unit_test(test_newer_kernels),
		cmocka_unit_test(test_order_of_lines),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_and_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
