/*
 * The dispatcher's configuration: what comes of the files, and what is found
 * wrong in them.
 */
#include "unit.h"

#include "dispatchconf.h"

static void
dump_list(FILE *out, const char *name, const struct dispatchconf_list *list)
{
	size_t i;

	if (list->items == NULL)
		return;
	fprintf(out, " %s=", name);
	for (i = 0; i < list->count; i++)
		fprintf(out, "[%s]", list->items[i]);
	assert_null(list->items[list->count]);
}

static void
dump_interpreter(FILE *out, const struct dispatchconf_interpreter *one)
{
	static const char *const argv0[] = { "", " no-argv0", " argv0",
		" option=" };
	size_t i;

	fprintf(out, "%s: %s", one->id, one->path == NULL ? "?" : one->path);
	if (one->name != NULL)
		fprintf(out, " (%s)", one->name);
	fprintf(out, "%s%s%s", one->use_muvm ? " muvm" : "", argv0[one->argv0],
	    one->argv0 == DISPATCHCONF_ARGV0_OPTION ? one->argv0_option : "");
	dump_list(out, "required", &one->required_paths);
	dump_list(out, "args", &one->args);
	dump_list(out, "fallback", &one->fallback);
	dump_list(out, "machines", &one->machines);
	for (i = 0; i < one->packages_count; i++)
		dump_list(out, one->packages[i].manager,
		    &one->packages[i].names);
	fputc('\n', out);
}

static void
dump_rules(FILE *out, const char *kind, const struct dispatchconf_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct dispatchconf_rule *rule = &rules->items[i];

		fprintf(out, "%s %s%s%s -> %s\n", kind, rule->id,
		    rule->path == NULL ? "" : " ",
		    rule->path == NULL ? "" : rule->path,
		    rule->interpreter == NULL ? "?" : rule->interpreter);
	}
}

/* All that is not as at the start; owned. */
static char *
dump(const struct dispatchconf *conf)
{
	char *text = NULL;
	size_t size, i;
	FILE *out;

	out = open_memstream(&text, &size);
	assert_non_null(out);
	if (conf->interpreter != NULL)
		fprintf(out, "default %s\n", conf->interpreter);
	if (conf->level != DISPATCHCONF_WARN)
		fprintf(out, "level %d\n", (int)conf->level);
	if (strcmp(conf->muvm, "/usr/bin/muvm") != 0)
		fprintf(out, "muvm %s\n", conf->muvm);
	if (conf->package_manager.items != NULL) {
		dump_list(out, "command", &conf->package_manager);
		fputc('\n', out);
	}
	for (i = 0; i < conf->interpreters_count; i++)
		dump_interpreter(out, &conf->interpreters[i]);
	dump_rules(out, "machine", &conf->machines);
	dump_rules(out, "binary", &conf->binaries);
	assert_int_equal(fclose(out), 0);
	return text;
}

struct merge_case {
	const char *files[3]; /* vendor, administrator, user */
	const char *expected;
	const char *problems;
};

static const struct merge_case merge_cases[] = {
	{ { "", "", "" }, "", "" },
	{ { "defaults.interpreter = 'a'", "defaults.interpreter = 'b'" },
	    "default b\n", "" },
	{ { "defaults = { interpreter = 'a', log_level = 'TRACE' }",
	      "[defaults]\ninterpreter = 'b'" },
	    "default b\nlevel 5\n", "" },
	{ { "[muvm]\npath = '/x'" }, "muvm /x\n", "" },
	/* Key by key. */
	{ { "[interpreters.a]\npath = '/a'\nname = 'A'\nargs = ['x', '']",
	      "[interpreters.a]\npath = '/b'\nuse_muvm = true",
	      "[interpreters.a]\nargs = []" },
	    "a: /b (A) muvm args=\n", "" },
	{ { "[interpreters.a]\nuse_muvm = true\npreserve_argv0 = true",
	      "[interpreters.a]\nuse_muvm = false\npreserve_argv0 = '-0'",
	      "[interpreters.a]\npreserve_argv0 = false" },
	    "a: ? no-argv0\n", "" },
	{ { "[interpreters.a]\npreserve_argv0 = '-0'\nfallback = ['b', 'c']\n"
	    "required_paths = ['/x']\nmachines = ['x86', 'arm64']" },
	    "a: ? option=-0 required=[/x] fallback=[b][c] "
	    "machines=[i386][aarch64]\n",
	    "" },
	{ { "interpreters.a.packages = { apt = ['x'], dnf = ['y'] }",
	      "interpreters.a.packages.apt = ['z', 'w']" },
	    "a: ? apt=[z][w] dnf=[y]\n", "" },
	{ { "interpreters.a.packages.apt = ['x']", "",
	      "interpreters.a.packages.apt = ['y']" },
	    "a: ? apt=[x]\n",
	    "warning: 1:16: interpreters: 'packages' is not taken from a "
	    "user's file; ignored" },
	{ { "package_manager.command = '/usr/bin/zypper'", "",
	      "package_manager.command = ['/bin/evil']" },
	    " command=[/usr/bin/zypper]\n",
	    "warning: 1:17: package_manager: 'command' is not taken from a "
	    "user's file; ignored" },
	{ { "package_manager.command = ['/a', '-x', '']" },
	    " command=[/a][-x][]\n", "" },
	{ { "package_manager.command = ['a']\n", "package_manager.command = []",
	      "" },
	    "",
	    "warning: 1:27: command: does not begin with the absolute path of "
	    "a program; ignored\n"
	    "warning: 1:27: command: does not begin with the absolute path of "
	    "a program; ignored" },
	{ { "machines.x86.interpreter = 'a'",
	      "machines.i386.interpreter = 'b'" },
	    "machine i386 -> b\n", "" },
	{ { "binaries.a = { path = '/a', interpreter = 'x' }\n"
	    "binaries.b = { path = '/b', interpreter = 'x' }",
	      "binaries.a.interpreter = 'y'" },
	    "binary a /a -> y\nbinary b /b -> x\n", "" },
	/* What is wrong is ignored, and the rest is not. */
	{ { "[defaults]\ninterpreter = 1\nlog_level = 'info'\nx.y = 2\n"
	    "[x]\n" },
	    "level 3\n",
	    "warning: 2:15: interpreter: must be a string, not an integer; "
	    "ignored\n"
	    "warning: 4:1: defaults: unknown key 'x'; ignored\n"
	    "warning: 5:2: unknown key 'x'; ignored" },
	{ { "defaults = 1\ninterpreters = []\nmachines = true\nbinaries = 1.5\n"
	    "muvm = 'x'\npackage_manager = 1979-05-27" },
	    "",
	    "warning: 1:12: defaults: must be a table, not an integer; "
	    "ignored\n"
	    "warning: 2:16: interpreters: must be a table, not an array; "
	    "ignored\n"
	    "warning: 3:12: machines: must be a table, not a boolean; ignored\n"
	    "warning: 4:12: binaries: must be a table, not a float; ignored\n"
	    "warning: 5:8: muvm: must be a table, not a string; ignored\n"
	    "warning: 6:19: package_manager: must be a table, not a local "
	    "date; ignored" },
	{ { "interpreters.a = 1\nmachines.arm = 1\nbinaries.a = 1" }, "",
	    "warning: 1:18: interpreters: must be a table, not an integer; "
	    "ignored\n"
	    "warning: 2:16: machines: must be a table, not an integer; "
	    "ignored\n"
	    "warning: 3:14: binaries: must be a table, not an integer; "
	    "ignored" },
	{ { "[interpreters.a]\npath = ''\nname = \"a\\u0000b\"\n"
	    "required_paths = ['/a', 'b']\nfallback = 'x'\nuse_muvm = 'yes'\n"
	    "machines = ['pdp11']\npreserve_argv0 = 1\npackages = ['x']\n" },
	    "a: ?\n",
	    "warning: 2:8: path: is empty; ignored\n"
	    "warning: 3:8: name: has a NUL byte; ignored\n"
	    "warning: 4:25: required_paths: is not an absolute path: b; "
	    "ignored\n"
	    "warning: 5:12: fallback: must be an array, not a string; ignored\n"
	    "warning: 6:12: use_muvm: must be a boolean, not a string; "
	    "ignored\n"
	    "warning: 7:13: machines: names no known machine: pdp11; ignored\n"
	    "warning: 8:18: preserve_argv0: must be a boolean, or a string "
	    "with an option, not an integer; ignored\n"
	    "warning: 9:12: packages: must be a table, not an array; ignored" },
	{ { "interpreters.'' = {}\ninterpreters.\"\\u0000\" = {}" }, "",
	    "warning: 1:14: interpreters: has a key that is empty or has a NUL "
	    "byte; ignored\n"
	    "warning: 2:14: interpreters: has a key that is empty or has a NUL "
	    "byte; ignored" },
	/* A broken file is none at all. */
	{ { "defaults.interpreter = 'a'", "defaults.interpreter = 'b'\nx = y" },
	    "default a\n", NULL },
};

static void
test_merge(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_LEN(merge_cases); i++) {
		const struct merge_case *one = &merge_cases[i];
		struct problems problems = PROBLEMS_INIT;
		CLEANUP(cleanup_free) char *got = NULL;
		struct dispatchconf conf;
		int failed = 0;

		dispatchconf_init(&conf);
		for (j = 0; j < 3 && one->files[j] != NULL; j++) {
			size_t len = strlen(one->files[j]);
			char *text = unit_exact(one->files[j], len);

			failed |= dispatchconf_merge(&conf, "file",
			    (enum dispatchconf_layer)j, text, len, &problems);
			free(text);
		}
		got = dump(&conf);
		assert_string_equal(got, one->expected);
		assert_int_equal(failed, one->problems == NULL ? -1 : 0);
		if (one->problems != NULL)
			unit_expect_problems(&problems, one->problems);
		problems_fini(&problems);
		dispatchconf_fini(&conf);
	}
}

static void
collect(void *context, const struct dispatchconf_source *source,
    const char *reason)
{
	problem_warning(context, source->place, NULL, "%s", reason);
}

static void
load(struct dispatchconf *conf, const char *text)
{
	struct problems problems = PROBLEMS_INIT;

	dispatchconf_init(conf);
	assert_int_equal(dispatchconf_merge(conf, "file", DISPATCHCONF_VENDOR,
			     text, strlen(text), &problems),
	    0);
	unit_expect_problems(&problems, "");
}

static void
test_check(void **state)
{
	struct problems problems = PROBLEMS_INIT;
	struct dispatchconf conf;

	(void)state;
	load(&conf,
	    "[defaults]\ninterpreter = 'x'\n"
	    "[interpreters.a]\nfallback = ['a', 'y']\n"
	    "[machines]\narm.interpreter = 'z'\nmips = {}\n"
	    "[binaries]\nb = { interpreter = 'a' }\n");
	dispatchconf_check(&conf, collect, &problems);
	unit_expect_problems(&problems,
	    "warning: 2:15: defaults want interpreter x, and there is none; "
	    "ignored\n"
	    "warning: 3:15: interpreters.a has no path; it cannot be used\n"
	    "warning: 3:15: interpreters.a falls back on y, and there is none; "
	    "ignored\n"
	    "warning: 6:1: machines.arm wants interpreter z, and there is "
	    "none; ignored\n"
	    "warning: 7:1: machines.mips has no interpreter; ignored\n"
	    "warning: 9:1: binaries.b has no path; ignored");
	dispatchconf_fini(&conf);
}

static void
test_expand(void **state)
{
	static const char text[] =
	    "[interpreters.a]\npath = '/%m/%%m%m%'\nargs = ['%m', '%%']\n"
	    "required_paths = ['/%x%m']\n[interpreters.b]\npath = '/b%%'\n";
	CLEANUP(cleanup_free) char *arm = NULL;
	CLEANUP(cleanup_free) char *none = NULL;
	struct dispatchconf conf;

	(void)state;
	load(&conf, text);
	dispatchconf_expand(&conf, "arm");
	arm = dump(&conf);
	assert_string_equal(arm,
	    "a: /arm/%marm% required=[/%xarm] args=[arm][%]\nb: /b%\n");
	dispatchconf_fini(&conf);
	load(&conf, text);
	dispatchconf_expand(&conf, NULL);
	none = dump(&conf);
	assert_string_equal(none,
	    "a: /%m/%%m%m% required=[/%x%m] args=[%m][%%] machines=\n"
	    "b: /b%\n");
	dispatchconf_fini(&conf);
}

static void
test_lookup(void **state)
{
	const struct dispatchconf_interpreter *a;
	struct dispatchconf conf;

	(void)state;
	load(&conf,
	    "[interpreters]\na = { path = '/a', packages.apt = ['x'] }\n"
	    "b = { path = '/b', name = 'B' }");
	a = dispatchconf_find(&conf, "a");
	assert_non_null(a);
	assert_string_equal(dispatchconf_name(a), "a");
	assert_string_equal(dispatchconf_packages(a, "apt")->items[0], "x");
	assert_null(dispatchconf_packages(a, "dnf"));
	assert_string_equal(dispatchconf_name(dispatchconf_find(&conf, "b")),
	    "B");
	assert_null(dispatchconf_find(&conf, "A"));
	dispatchconf_fini(&conf);
	assert_int_equal(dispatchconf_level("Warning"), DISPATCHCONF_WARN);
	assert_int_equal(dispatchconf_level("off"), DISPATCHCONF_OFF);
	assert_int_equal(dispatchconf_level(""), DISPATCHCONF_LEVEL_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_lookup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
