/*
 * What the dispatcher chooses, and the arguments that result; without a file,
 * a process or a kernel.
 */
#include "unit.h"

#include "dispatch.h"

static const struct invocation by_hand = { .by_hand = true, .fd = -1 };
static struct report quiet = { .program = "test", .level = REPORT_QUIET };

static void
make_dispatch(struct dispatch *dispatch, const char *text)
{
	struct problems problems = PROBLEMS_INIT;

	*dispatch = (struct dispatch){
		.report = &quiet,
		.invocation = &by_hand,
		.paths = { .page_size = 4096 },
	};
	dispatchconf_init(&dispatch->conf);
	assert_int_equal(dispatchconf_merge(&dispatch->conf, "file",
			     DISPATCHCONF_VENDOR, text, strlen(text),
			     &problems),
	    0);
	unit_expect_problems(&problems, "");
}

/* The ids in their order, each with an ! when it is not to be used; owned. */
static char *
candidates(const struct dispatch_choice *choice)
{
	char *text = xstrdup("");
	size_t i;

	for (i = 0; i < choice->count; i++) {
		const struct dispatch_candidate *c = &choice->candidates[i];
		char *longer = xasprintf("%s%s%s%s", text, i == 0 ? "" : " ",
		    c->interpreter->id, c->missing == NULL ? "" : "!");

		free(text);
		text = longer;
	}
	return text;
}

#define CHAIN                                                                  \
	"[interpreters]\n"                                                     \
	"a = { path = '/', fallback = ['b', 'c'] }\n"                          \
	"b = { path = '/', fallback = ['d', 'a', 'nobody'] }\n"                \
	"c = { path = '/' }\n"                                                 \
	"d = { path = '/nonexistent/d', machines = ['arm'] }\n"                \
	"e = { machines = [] }\n"

static void
test_choice(void **state)
{
	static const struct {
		const char *rules;
		const char *path;
		const char *machine;
		const char *reason; /* NULL: nothing is chosen */
		const char *expected;
	} cases[] = {
		{ "", "/x", "arm", NULL, "" },
		{ "[defaults]\ninterpreter = 'c'", "/x", "arm",
		    "the default in file:8", "c" },
		{ "[defaults]\ninterpreter = 'nobody'", "/x", "arm", NULL, "" },
		{ "[defaults]\ninterpreter = 'a'", NULL, NULL,
		    "the default in file:8", "a b d! c" },
		{ "[defaults]\ninterpreter = 'e'", NULL, "arm",
		    "the default in file:8", "e!" },
		{ "[defaults]\ninterpreter = 'a'\n"
		  "[machines]\narm = { interpreter = 'c' }",
		    "/x", "arm", "machines.arm in file:10", "c" },
		{ "[defaults]\ninterpreter = 'a'\n"
		  "[machines]\narm = { interpreter = 'nobody' }",
		    "/x", "arm", "the default in file:8", "a b d! c" },
		{ "[machines]\narm = { interpreter = 'c' }", "/x", "mips", NULL,
		    "" },
		/* Binaries come before machines. */
		{ "[machines]\narm = { interpreter = 'c' }\n"
		  "[binaries]\nx = { path = '/x', interpreter = 'd' }",
		    "/x", "arm", "binaries.x in file:10", "d!" },
		{ "[machines]\narm = { interpreter = 'c' }\n"
		  "[binaries]\nx = { path = '/x', interpreter = 'd' }",
		    "/xy", "arm", "machines.arm in file:8", "c" },
		{ "[machines]\narm = { interpreter = 'c' }\n"
		  "[binaries]\nx = { path = '/x', interpreter = 'nobody' }",
		    "/x", "arm", "machines.arm in file:8", "c" },
		{ "[machines]\narm = { interpreter = 'c' }\n"
		  "[binaries]\nx = { path = '/x', interpreter = 'd' }",
		    NULL, "arm", "machines.arm in file:8", "c" },
		/* Directories, with and without a slash; the longer one. */
		{ "[binaries]\nx = { path = '/x/', interpreter = 'c' }\n"
		  "y = { path = '/x/y', interpreter = 'd' }",
		    "/x/y/z", "arm", "binaries.y in file:9", "d!" },
		{ "[binaries]\ny = { path = '/x/y', interpreter = 'd' }\n"
		  "x = { path = '/x/', interpreter = 'c' }",
		    "/x/y/z", "arm", "binaries.y in file:8", "d!" },
		{ "[binaries]\nx = { path = '/x/', interpreter = 'c' }", "/x/z",
		    "arm", "binaries.x in file:8", "c" },
		{ "[binaries]\nx = { path = '/x/', interpreter = 'c' }",
		    "/xz/z", "arm", NULL, "" },
		{ "[binaries]\nx = { path = '/', interpreter = 'c' }", "/xz/z",
		    "arm", "binaries.x in file:8", "c" },
		/* Patterns; an exact path before a longer pattern. */
		{ "[binaries]\nx = { path = '/x/*/z', interpreter = 'c' }",
		    "/x/y/z", "arm", "binaries.x in file:8", "c" },
		{ "[binaries]\nx = { path = '/x/*', interpreter = 'c' }",
		    "/x/y/z", "arm", NULL, "" },
		{ "[binaries]\nx = { path = '/x/y', interpreter = 'c' }\n"
		  "y = { path = '/x/[y][y]*', interpreter = 'd' }\n"
		  "z = { path = '/x/[y]***', interpreter = 'd' }",
		    "/x/y", "arm", "binaries.x in file:8", "c" },
		/* Of two that are the same, the later. */
		{ "[binaries]\nx = { path = '/x', interpreter = 'c' }\n"
		  "y = { path = '/x', interpreter = 'd' }",
		    "/x", "arm", "binaries.y in file:9", "d!" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free) char *text = NULL, *got = NULL;
		CLEANUP(cleanup_free) char *path = NULL;
		struct dispatch_program program = { .path = "x", .fd = -1 };
		struct dispatch_choice choice;
		struct dispatch dispatch;
		int result;

		text = xasprintf("%s%s", CHAIN, cases[i].rules);
		make_dispatch(&dispatch, text);
		if (cases[i].path != NULL)
			program.resolved = path = xstrdup(cases[i].path);
		program.machine = cases[i].machine;
		result = dispatch_choose(&dispatch, &program, &choice);
		got = candidates(&choice);
		assert_string_equal(got, cases[i].expected);
		assert_int_equal(result, cases[i].reason == NULL ? -1 : 0);
		if (cases[i].reason != NULL)
			assert_string_equal(choice.reason, cases[i].reason);
		dispatch_choice_fini(&choice);
		dispatch_fini(&dispatch);
	}
}

static void
test_arguments(void **state)
{
	static const struct {
		const char *keys;
		long page_size;
		bool by_descriptor;
		const char *expected;
	} cases[] = {
		{ "path = '/i'", 4096, false, "/i p a b" },
		{ "path = '/i'\npreserve_argv0 = true", 4096, false,
		    "/i p zero a b" },
		{ "path = '/i'\npreserve_argv0 = '-0'", 4096, false,
		    "/i -0 zero p a b" },
		{ "path = '/i-binfmt-P'", 4096, false,
		    "/i-binfmt-P p zero a "
		    "b" },
		{ "path = '/-binfmt-P'", 4096, false, "/-binfmt-P p a b" },
		{ "path = '/i-binfmt-P'\npreserve_argv0 = false", 4096, false,
		    "/i-binfmt-P p a b" },
		{ "path = '/i'\nargs = ['-x', '-y']\npreserve_argv0 = true",
		    4096, true, "/i -x -y fd zero a b" },
		{ "path = '/i'\nuse_muvm = true", 4096, false, "/i p a b" },
		{ "path = '/i'\nargs = ['-x']\nuse_muvm = true", 16384, false,
		    "/muvm -- /i -x p a b" },
		{ "path = '/i'", 16384, false, "/i p a b" },
	};
	static char a[] = "a", b[] = "b";
	char *rest[] = { a, b, NULL };
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct dispatch_program program = {
			.path = "p",
			.argv0 = "zero",
			.rest = rest,
			.rest_count = 2,
			.by_descriptor = cases[i].by_descriptor,
			.handed = "fd",
		};
		CLEANUP(cleanup_free) char *text = NULL;
		CLEANUP(cleanup_free) char **argv = NULL;
		struct dispatch dispatch;
		char got[256] = "";

		text = xasprintf("[muvm]\npath = '/muvm'\n[interpreters.i]\n%s",
		    cases[i].keys);
		make_dispatch(&dispatch, text);
		dispatch.paths.page_size = cases[i].page_size;
		argv = dispatch_arguments(&dispatch, &program,
		    dispatchconf_find(&dispatch.conf, "i"));
		for (j = 0; argv[j] != NULL; j++) {
			(void)strcat(got, j == 0 ? "" : " ");
			(void)strcat(got, argv[j]);
		}
		assert_string_equal(got, cases[i].expected);
		dispatch_fini(&dispatch);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_arguments),
	};

	(void)unsetenv("BINFMT_DISPATCHER_INTERPRETER");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
