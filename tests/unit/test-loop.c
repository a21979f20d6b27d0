#include "loop.h"
#include "scratch.h"

/*
 * A world of programs and formats.  Programs are named by what they are:
 * their content is in the table.  Formats are a few words each.
 */

#define FORMATS_MAX 3

struct format_of {
	const char *name;
	const char *magic;	 /* an extension with a dot in front */
	const char *interpreter; /* a program */
	const char *words;	 /* detector, served, off, high */
};

struct world {
	struct format_of formats[FORMATS_MAX];
	const char *program;
	bool returns;
};

static const struct {
	const char *name, *before, *script; /* #! before script after */
} programs[] = {
	{ "plain", "\177ELF", NULL },
	{ "empty", "", NULL },
	{ "jar", "PKjar", NULL },
	{ "exe", "MZexe", NULL },
	{ "exe.x", "MZexe", NULL },
	{ "x.x", "x", NULL },
	{ "sh-plain", "#!", "plain" },
	{ "sh-jar", "#! ", "jar" },
	{ "sh-sh-jar", "#!", "sh-jar" },
	{ "sh-self", "#!", "sh-self" },
	{ "sh-nothing", "#!", "nothing" },
};

static void
plant(const struct tree *tree)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(programs); i++) {
		const char *script = programs[i].script;
		CLEANUP(cleanup_free)
		char *text = xasprintf("%s%s%s", programs[i].before,
		    script == NULL ? "" : tree_path(tree, script),
		    script == NULL ? "" : " -x\n");

		tree_put(tree, programs[i].name, text);
	}
	tree_mkdir(tree, "directory");
	assert_int_equal(mkfifoat(tree->fd, "fifo", 0755), 0);
}

static bool
has_word(const struct format_of *of, const char *word)
{
	return of->words != NULL && strstr(of->words, word) != NULL;
}

static struct format
make(const struct tree *tree, const struct format_of *of)
{
	struct format format = { .name = xstrdup(of->name) };

	format.interpreter = xstrdup(tree_path(tree, of->interpreter));
	format.priority = has_word(of, "high") ? 1 : 0;
	if (has_word(of, "detector"))
		format.detector = xstrdup("/detector");
	if (of->magic[0] == '.') {
		format.spec.type = SPEC_EXTENSION;
		format.spec.extension = xstrdup(of->magic + 1);
	} else {
		format.spec.magic.len = strlen(of->magic);
		format.spec.magic.data = (unsigned char *)xstrdup(of->magic);
	}
	return format;
}

/* The context is the world. */
static bool
is_enabled(const void *context, const char *name)
{
	const struct world *world = context;
	size_t i;

	for (i = 0; strcmp(world->formats[i].name, name) != 0; i++)
		continue;
	return !has_word(&world->formats[i], "off");
}

static bool
returns_in(const struct tree *tree, const struct world *world)
{
	struct format formats[FORMATS_MAX], *pointers[FORMATS_MAX] = { NULL };
	const struct format *served[FORMATS_MAX] = { NULL };
	struct loop_registry registry = {
		.formats = pointers,
		.is_enabled = is_enabled,
		.context = world,
	};
	size_t i, served_count = 0;
	bool result;

	for (i = 0; i < FORMATS_MAX && world->formats[i].name != NULL; i++) {
		formats[i] = make(tree, &world->formats[i]);
		pointers[i] = &formats[i];
		registry.count++;
		if (has_word(&world->formats[i], "served"))
			served[served_count++] = &formats[i];
	}
	result = loop_returns(&registry, tree_path(tree, world->program),
	    served, served_count);
	for (i = 0; i < registry.count; i++)
		format_fini(&formats[i]);
	return result;
}

static void
check(const struct tree *tree, const struct world *worlds, size_t count)
{
	unsigned before;
	size_t i;

	plant(tree);
	before = tree_descriptors();
	(void)alarm(30);
	for (i = 0; i < count; i++) {
		if (returns_in(tree, &worlds[i]) != worlds[i].returns)
			fail_msg("world %zu, %s", i, worlds[i].program);
	}
	(void)alarm(0);
	assert_int_equal(tree_descriptors(), before);
}

#define CHECK(worlds) check(*state, worlds, ARRAY_LEN(worlds))
#define JAR                                                                    \
	{                                                                      \
		"jar", "PK", "plain", "detector served"                        \
	}

static void
test_programs(void **state)
{
	static const struct world worlds[] = {
		{ { { NULL, NULL, NULL, NULL } }, "jar", false },
		{ { JAR }, "plain", false },
		{ { JAR }, "jar", true },
		{ { JAR }, "empty", false },
		{ { JAR }, "nothing", false },
		{ { JAR }, "directory", false },
		{ { JAR }, "fifo", false },
		{ { { "jar", "PK", "plain", "detector served off" } }, "jar",
		    false },
		{ { { "x", ".x", "plain", "served" } }, "exe.x", true },
		{ { { "x", ".x", "plain", "served" } }, "exe", false },
	};

	CHECK(worlds);
}

static void
test_scripts(void **state)
{
	static const struct world worlds[] = {
		{ { JAR }, "sh-plain", false },
		{ { JAR }, "sh-jar", true },
		{ { JAR }, "sh-sh-jar", true },
		{ { JAR }, "sh-nothing", false },
		/* For ever is too long. */
		{ { JAR }, "sh-self", true },
		/* What a format matches is no script any more. */
		{ { JAR, { "sh", "#!", "plain", NULL } }, "sh-jar", false },
		{ { JAR, { "sh", "#!", "plain", "off" } }, "sh-jar", true },
	};

	CHECK(worlds);
}

static void
test_other_formats(void **state)
{
	static const struct world worlds[] = {
		{ { JAR, { "exe", "MZ", "plain", NULL } }, "exe", false },
		{ { JAR, { "exe", "MZ", "jar", NULL } }, "exe", true },
		{ { JAR, { "exe", "MZ", "sh-jar", NULL } }, "exe", true },
		{ { JAR, { "exe", "MZ", "jar", "off" } }, "exe", false },
		{ { JAR, { "exe", "MZ", "exe", NULL } }, "exe", true },
		/* Without run-detectors only the first one counts. */
		{ { { "exe", "MZ", "plain", NULL },
		      { "exe2", "MZexe", "jar", NULL }, JAR },
		    "exe", true },
		{ { { "exe", "MZ", "jar", NULL },
		      { "exe2", "MZexe", "plain", NULL }, JAR },
		    "exe", false },
		{ { { "exe", "MZ", "jar", "high" },
		      { "exe2", "MZexe", "plain", NULL }, JAR },
		    "exe", true },
		{ { { "exe", "MZ", "plain", "served" },
		      { "exe2", "MZexe", "plain", NULL } },
		    "exe", false },
		/* With it, any that can be tried. */
		{ { { "exe", "MZ", "jar", NULL },
		      { "exe2", "MZexe", "plain", "detector" }, JAR },
		    "exe", true },
		{ { { "exe", "MZ", "plain", "served" },
		      { "exe2", "MZexe", "plain", "detector" } },
		    "exe", true },
		{ { { "a", "MZ", "plain", NULL }, { "b", "MZ", "jar", NULL },
		      JAR },
		    "exe", true },
		{ { { "a", "MZ", "plain", NULL }, { "b", "MZ", "jar", "off" },
		      JAR },
		    "exe", false },
		{ { { "a", "MZ", "plain", "detector" },
		      { "b", "MZ", "plain", NULL }, JAR },
		    "exe", false },
		/* An extension beside a magic. */
		{ { { "x", ".x", "plain", "served" },
		      { "exe", "MZ", "plain", NULL } },
		    "exe.x", false },
		{ { { "x", ".x", "plain", "served high" },
		      { "exe", "MZ", "plain", NULL } },
		    "exe.x", true },
	};

	CHECK(worlds);
}

/* More steps than any chain that the kernel follows are refused. */
static void
test_depth(void **state)
{
	const struct tree *tree = *state;
	struct world world = { .program = "0" };
	char name[2] = "0", next[2] = "1";

	tree_put(tree, "9", "\177ELF");
	for (; next[0] <= '9'; name[0]++, next[0]++) {
		CLEANUP(cleanup_free)
		char *text = xasprintf("#!%s\n", tree_path(tree, next));

		tree_put(tree, name, text);
	}
	world.program = "2";
	assert_false(returns_in(tree, &world));
	world.program = "1";
	assert_true(returns_in(tree, &world));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(test_programs),
		TREE_TEST(test_scripts),
		TREE_TEST(test_other_formats),
		TREE_TEST(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
