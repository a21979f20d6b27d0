#include "script.h"

#include "unit.h"

struct expected {
	const char *text;
	size_t len;
	const char *interpreter; /* NULL: the kernel does not execute it */
	const char *argument;
};

/* The text is followed by zeros, as what the kernel reads of a file is. */
static void
expect(const struct expected *e)
{
	CLEANUP(script_fini) struct script script = { NULL, NULL };
	unsigned char head[SPEC_HEAD] = { 0 };
	bool is;

	memcpy(head, e->text, e->len > SPEC_HEAD ? SPEC_HEAD : e->len);
	is = script_parse(head, &script);
	if (is != (e->interpreter != NULL))
		fail_msg("'%s': %s", e->text, is ? "a script" : "no script");
	if (!is) {
		assert_null(script.interpreter);
		assert_null(script.argument);
		return;
	}
	assert_string_equal(script.interpreter, e->interpreter);
	if (e->argument == NULL)
		assert_null(script.argument);
	else
		assert_string_equal(script.argument, e->argument);
}

static void
test_lines(void **state)
{
	static const struct expected cases[] = {
		{ TEXT("#!/bin/sh\n"), "/bin/sh", NULL },
		{ TEXT("#!/bin/sh"), "/bin/sh", NULL },
		{ TEXT("#! /bin/sh\n"), "/bin/sh", NULL },
		{ TEXT("#! \t \t/bin/sh\n"), "/bin/sh", NULL },
		{ TEXT("#!/bin/sh \t \nnext"), "/bin/sh", NULL },
		{ TEXT("#!/bin/sh -e\n"), "/bin/sh", "-e" },
		{ TEXT("#!/bin/sh -e  -x \t\n"), "/bin/sh", "-e  -x" },
		{ TEXT("#!/bin/sh\t\t-e"), "/bin/sh", "-e" },
		{ TEXT("#!/usr/bin/env -S a b\n/c d"), "/usr/bin/env",
		    "-S a b" },
		{ TEXT("#!sh\n"), "sh", NULL },
		{ TEXT("#!/bin/sh\r\n"), "/bin/sh\r", NULL },
		{ TEXT("#!/bin/sh \r\n"), "/bin/sh", "\r" },
		{ TEXT("#!\v\n"), "\v", NULL },
		{ TEXT("#!/bin/sh\0-e\n"), "/bin/sh", NULL },
		{ TEXT("#!/bin/sh -e\0f\n"), "/bin/sh", "-e" },
		{ TEXT("#!\n/bin/sh\n"), NULL, NULL },
		{ TEXT("#! \t\n/bin/sh\n"), NULL, NULL },
		{ TEXT("#!"), NULL, NULL },
		{ TEXT("#! "), NULL, NULL },
		{ TEXT("#!\0/bin/sh"), NULL, NULL },
		{ TEXT(""), NULL, NULL },
		{ TEXT("#"), NULL, NULL },
		{ TEXT("# !/bin/sh\n"), NULL, NULL },
		{ TEXT(" #!/bin/sh\n"), NULL, NULL },
		{ TEXT("!#/bin/sh\n"), NULL, NULL },
		{ TEXT("\xef\xbb\xbf#!/bin/sh\n"), NULL, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		expect(&cases[i]);
}

/* A line that goes on behind what the kernel reads. */
static void
test_long_lines(void **state)
{
	char line[SPEC_HEAD + 1], interpreter[SPEC_HEAD + 1];
	struct expected e = { line, SPEC_HEAD, NULL, NULL };

	(void)state;
	memset(line, 'x', SPEC_HEAD);
	line[SPEC_HEAD] = '\0';
	memcpy(line, "#!/", 3);
	expect(&e); /* where the path ends cannot be known */

	line[SPEC_HEAD - 1] = '\n';
	memcpy(interpreter, line + 2, SPEC_HEAD - 3);
	interpreter[SPEC_HEAD - 3] = '\0';
	e.interpreter = interpreter;
	expect(&e);

	line[SPEC_HEAD - 1] = ' ';
	expect(&e);

	line[SPEC_HEAD - 1] = 'x';
	memcpy(line, "#!/a ", 5);
	e.interpreter = "/a";
	memcpy(interpreter, line + 5, SPEC_HEAD - 6);
	interpreter[SPEC_HEAD - 6] = '\0';
	e.argument = interpreter; /* cut */
	expect(&e);

	memset(line + 2, ' ', SPEC_HEAD - 2);
	e.interpreter = e.argument = NULL;
	expect(&e);
	memcpy(line + SPEC_HEAD - 3, "/a\n", 3);
	e.interpreter = "/a";
	expect(&e);
	memcpy(line + SPEC_HEAD - 3, " /a", 3);
	e.interpreter = NULL;
	expect(&e);
}

/* Nothing is read behind the head, and what is found is within it. */
static void
test_random(void **state)
{
	struct random r = { 1 };
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		CLEANUP(script_fini) struct script script = { NULL, NULL };
		CLEANUP(cleanup_free)
		unsigned char *head = xcalloc(SPEC_HEAD, 1);
		size_t j, len = random_below(&r, SPEC_HEAD + 1);

		memcpy(head, "#!", 2);
		for (j = 2; j < len; j++)
			head[j] = (unsigned char)random_of(&r, "/a \t\nb");
		if (!script_parse(head, &script))
			continue;
		assert_true(script.interpreter[0] != '\0');
		assert_null(strpbrk(script.interpreter, " \t\n"));
		assert_non_null(memmem(head, SPEC_HEAD, script.interpreter,
		    strlen(script.interpreter)));
		if (script.argument == NULL)
			continue;
		assert_true(script.argument[0] != '\0');
		assert_null(strchr(script.argument, '\n'));
		assert_true(
		    script.argument[0] != ' ' && script.argument[0] != '\t');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
