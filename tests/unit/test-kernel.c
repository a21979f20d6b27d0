/*
 * The module on a plain directory that stands for binfmt_misc; tests/kernel
 * has the real one.
 */
#include <sys/syscall.h>

#include "child.h"
#include "kernel.h"
#include "scratch.h"

/*
 * In place of libc's write(2): counts, and can refuse as the kernel would.
 */
static unsigned writes;
static int refusal; /* an errno, or 0 */

ssize_t
write(int fd, const void *data, size_t len)
{
	writes++;
	if (refusal != 0) {
		errno = refusal;
		return -1;
	}
	return syscall(SYS_write, fd, data, len);
}

/* Each test has the tree, with a registry in "proc". */
static void
plant(const struct tree *tree)
{
	tree_mkdir(tree, "proc");
	tree_put(tree, "proc/register", "");
	tree_put(tree, "proc/status", "enabled\n");
}

#define ENTRY "enabled\ninterpreter /i\nflags: \nextension .x\n"

/*
 * What the directory is.
 */

static void
test_states(void **state)
{
	static const struct {
		const char *name;
		enum kernel_state state;
	} cases[] = {
		{ "proc", KERNEL_READY },
		{ "link", KERNEL_READY },
		{ "empty", KERNEL_UNMOUNTED },
		{ "proc/register", KERNEL_ABSENT },
		{ "nothing", KERNEL_ABSENT },
		{ "dangling", KERNEL_ABSENT },
	};
	const struct tree *tree = *state;
	unsigned before = tree_descriptors();
	size_t i;

	plant(tree);
	tree_mkdir(tree, "empty");
	assert_int_equal(symlinkat("proc", tree->fd, "link"), 0);
	assert_int_equal(symlinkat("nothing", tree->fd, "dangling"), 0);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		char *path = tree_path(tree, cases[i].name);
		struct kernel *kernel = kernel_open(path);

		assert_int_equal(kernel_state(kernel), cases[i].state);
		/* It only stands for the kernel's own. */
		assert_false(kernel_is_real(kernel));
		assert_null(kernel_instance(kernel));
		kernel_close(kernel);
	}
	kernel_close(NULL);
	assert_int_equal(tree_descriptors(), before);
}

/*
 * As somebody who cannot mount anything: even what is wrong in the module must
 * not reach the machine's own registry.
 */
struct mounting {
	const char *path;
	const char *wrong; /* "": it is ready */
};

static int
mount_as_nobody(void *argument)
{
	const struct mounting *m = argument;
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	struct kernel *kernel = kernel_open(m->path);
	int result = kernel_mount(kernel, &problems);

	/* A plain directory is nothing that could be unmounted. */
	kernel_unmount(kernel);
	if ((kernel_state(kernel) == KERNEL_READY) != (result == 0))
		return 1;
	kernel_close(kernel);
	if ((result == 0) != (m->wrong[0] == '\0'))
		return 2;
	return child_problems_are(&problems, m->wrong) ? 0 : 3;
}

static void
test_mount(void **state)
{
	static const struct {
		const char *name, *wrong;
	} cases[] = {
		{ "proc", "" },
		{ "nothing", "there is no such directory; is /proc mounted?" },
		{ "empty",
		    "cannot mount binfmt_misc: Operation not permitted; only "
		    "root can, or from Linux 6.7 root of a user namespace" },
	};
	const struct tree *tree = *state;
	size_t i;

	plant(tree);
	tree_mkdir(tree, "empty");
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct mounting m = { tree_path(tree, cases[i].name),
			cases[i].wrong };

		child_expect_done(child_run_as_nobody(mount_as_nobody, &m));
	}
}

/*
 * Reading.
 */

/* A line each: NAME INTERPRETER, or NAME: and what is wrong. */
static char *
show_entries(const struct kernel_entries *entries)
{
	char *text = xstrdup("");
	size_t i;

	for (i = 0; i < entries->count; i++) {
		const struct kernel_entry *entry = &entries->items[i];
		CLEANUP(cleanup_free)
		char *wrong = unit_problems(&entry->problems);
		char *more = xasprintf("%s%s%s %s\n", text, entry->name,
		    entry->readable ? "" : ":",
		    entry->readable ? entry->entry.rule.interpreter : wrong);

		free(text);
		text = more;
		assert_ptr_equal(kernel_entries_find(entries, entry->name),
		    entry);
	}
	return text;
}

static void
plant_entries(const struct tree *tree)
{
	CLEANUP(cleanup_free) char *huge = xmalloc(64 * 1024 + 1);

	memset(huge, '\n', 64 * 1024 + 1);
	memcpy(huge, ENTRY, strlen(ENTRY));
	plant(tree);
	tree_put(tree, "proc/b", ENTRY);
	tree_put(tree, "proc/a", "disabled\nbpf handler\n");
	tree_put(tree, "proc/.hidden", ENTRY);
	tree_put(tree, "proc/\xff", ENTRY);
	tree_put(tree, "proc/empty", "");
	tree_put(tree, "proc/forged",
	    "enabled\ninterpreter /i\n/j\nflags: \nextension .x\n");
	tree_write(tree, "proc/huge", huge, 64 * 1024 + 1);
	tree_mkdir(tree, "proc/directory");
	assert_int_equal(mkfifoat(tree->fd, "proc/fifo", 0644), 0);
	assert_int_equal(symlinkat("b", tree->fd, "proc/link"), 0);
}

static void
test_load(void **state)
{
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	CLEANUP(cleanup_free) char *got = NULL;
	struct problems problems = PROBLEMS_INIT;
	struct kernel_entries entries;
	struct kernel *kernel;
	unsigned before, seen = 0;
	size_t i;

	plant_entries(tree);
	before = tree_descriptors();
	(void)alarm(30);
	kernel = kernel_open(path);
	assert_int_equal(kernel_load(kernel, &entries, &problems), 0);
	(void)alarm(0);
	unit_expect_problems(&problems, "");
	got = show_entries(&entries);
	assert_string_equal(got,
	    ".hidden /i\n"
	    "a handler\n"
	    "b /i\n"
	    "directory: is a directory, not a regular file\n"
	    "empty: the kernel's text is not what was expected here: enabled "
	    "or disabled\n"
	    "fifo: is a fifo, not a regular file\n"
	    "forged: 3: the kernel's text is not what was expected here: "
	    "flags; is there a newline in the interpreter's path?\n"
	    "huge: is larger than 65536 bytes\n"
	    "link: is a symbolic link, not a regular file\n"
	    "\xff /i\n");
	/* The order of a plain directory means nothing. */
	assert_false(entries.ordered);
	for (i = 0; i < entries.count; i++)
		seen |= 1U << entries.items[i].position;
	assert_int_equal(seen, (1U << entries.count) - 1);
	kernel_entries_fini(&entries);
	assert_int_equal(entries.count, 0);
	kernel_close(kernel);
	assert_int_equal(tree_descriptors(), before);
}

static void
test_load_nothing(void **state)
{
	static const char *const names[] = { "nothing", "empty", "proc" };
	const struct tree *tree = *state;
	size_t i;

	plant(tree);
	tree_mkdir(tree, "empty");
	tree_put(tree, "empty/a", ENTRY);
	for (i = 0; i < ARRAY_LEN(names); i++) {
		char *path = tree_path(tree, names[i]);
		struct problems problems = PROBLEMS_INIT;
		struct kernel *kernel = kernel_open(path);
		struct kernel_entries entries;

		assert_int_equal(kernel_load(kernel, &entries, &problems), 0);
		assert_int_equal(entries.count, 0);
		assert_null(kernel_entries_find(&entries, "a"));
		kernel_entries_fini(&entries);
		kernel_close(kernel);
	}
}

static void
test_find_and_drop(void **state)
{
	static const char *const order[] = { "b", "z", "A", "e", "d", "c" };
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	struct problems problems = PROBLEMS_INIT;
	struct kernel_entries entries;
	struct kernel *kernel;
	size_t i, j;

	plant(tree);
	for (i = 0; i < ARRAY_LEN(order); i++) {
		CLEANUP(cleanup_free)
		char *name = xasprintf("proc/%s", order[i]);

		tree_put(tree, name, ENTRY);
	}
	kernel = kernel_open(path);
	assert_int_equal(kernel_load(kernel, &entries, &problems), 0);
	kernel_entries_drop(&entries, "register");
	assert_null(kernel_entries_find(&entries, "bb"));
	for (i = 0; i < ARRAY_LEN(order); i++) {
		kernel_entries_drop(&entries, order[i]);
		assert_null(kernel_entries_find(&entries, order[i]));
		for (j = i + 1; j < ARRAY_LEN(order); j++)
			assert_string_equal(
			    kernel_entries_find(&entries, order[j])->name,
			    order[j]);
	}
	kernel_entries_fini(&entries);
	kernel_close(kernel);
}

static void
test_entry_enabled(void **state)
{
	static const struct {
		const char *name, *text;
		bool enabled;
	} cases[] = {
		{ "a", ENTRY, true },
		{ "b", "disabled\ninterpreter /i\n", false },
		{ "c", "enabled\n", true },
		{ "d", "enabled", false },
		{ "e", "enabledd\n", false },
		{ "f", "", false },
		{ "g", "interpreter enabled\n", false },
	};
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	struct kernel *kernel;
	size_t i;

	plant(tree);
	tree_mkdir(tree, "proc/directory");
	assert_int_equal(mkfifoat(tree->fd, "proc/fifo", 0644), 0);
	assert_int_equal(symlinkat("a", tree->fd, "proc/link"), 0);
	kernel = kernel_open(path);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *name = xasprintf("proc/%s", cases[i].name);

		tree_put(tree, name, cases[i].text);
		assert_int_equal(kernel_entry_enabled(kernel, cases[i].name),
		    cases[i].enabled);
	}
	(void)alarm(30);
	assert_false(kernel_entry_enabled(kernel, "nothing"));
	assert_false(kernel_entry_enabled(kernel, "directory"));
	assert_false(kernel_entry_enabled(kernel, "fifo"));
	assert_false(kernel_entry_enabled(kernel, "link"));
	(void)alarm(0);
	kernel_close(kernel);
}

static bool
is_switched_on(struct kernel *kernel)
{
	struct problems problems = PROBLEMS_INIT;
	struct kernel_entries entries;
	bool enabled;

	assert_int_equal(kernel_load(kernel, &entries, &problems), 0);
	enabled = entries.enabled;
	kernel_entries_fini(&entries);
	return enabled;
}

static void
test_enabled(void **state)
{
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	struct kernel *kernel;

	plant(tree);
	kernel = kernel_open(path);
	assert_true(is_switched_on(kernel));
	tree_put(tree, "proc/status", "disabled\n");
	assert_false(is_switched_on(kernel));
	tree_put(tree, "proc/status", "disabled");
	assert_false(is_switched_on(kernel));
	tree_put(tree, "proc/status", "");
	assert_true(is_switched_on(kernel));
	assert_int_equal(unlinkat(tree->fd, "proc/status", 0), 0);
	assert_true(is_switched_on(kernel));
	kernel_close(kernel);
}

/*
 * Writing.
 */

static struct rule
rule_of_flags(unsigned flags)
{
	return (struct rule){
		.name = (char *)(uintptr_t) "a",
		.spec = { .type = SPEC_EXTENSION,
		    .extension = (char *)(uintptr_t) "x" },
		.interpreter = (char *)(uintptr_t) "/i",
		.flags = flags,
	};
}

/* One rule is one write(2), of exactly the string. */
static void
test_register(void **state)
{
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	struct problems problems = PROBLEMS_INIT;
	const struct rule rule = rule_of_flags(0);
	struct kernel *kernel;
	unsigned descriptors;

	plant(tree);
	descriptors = tree_descriptors();
	kernel = kernel_open(path);
	assert_int_equal(kernel_check_writable(kernel, &problems), 0);
	writes = 0;
	assert_int_equal(
	    kernel_register(kernel, &rule, ":a:E::x::/i:", &problems), 0);
	assert_int_equal(writes, 1);
	assert_int_equal(
	    kernel_register(kernel, &rule, ":b:E::x::/i:", &problems), 0);
	assert_int_equal(writes, 2);
	unit_expect_problems(&problems, "");
	kernel_close(kernel);
	tree_expect(tree, "proc/register", ":a:E::x::/i::b:E::x::/i:");
	assert_int_equal(tree_descriptors(), descriptors);
}

/* What the kernel's refusals mean for a rule that is valid. */
static void
test_refusals(void **state)
{
#define NEWER                                                                  \
	"flags: this kernel does not know the flags T, L, D or the type B, "   \
	"which are of Linux 7.3"
	static const struct {
		int error;
		unsigned flags;
		const char *wrong;
	} cases[] = {
		{ EEXIST, 0,
		    "name: the kernel has an entry of that name already" },
		{ EEXIST, RULE_FIX,
		    "name: the kernel has an entry of that name already" },
		{ ENOENT, RULE_FIX,
		    "interpreter: the kernel cannot open /i to fix it: No "
		    "such file or directory" },
		{ ENOTDIR, RULE_FIX,
		    "interpreter: the kernel cannot open /i to fix it: Not a "
		    "directory" },
		{ ELOOP, RULE_FIX,
		    "interpreter: the kernel cannot open /i to fix it: Too "
		    "many levels of symbolic links" },
		{ EACCES, RULE_FIX | RULE_OPEN,
		    "interpreter: the kernel cannot open /i to fix it: "
		    "Permission denied" },
		{ ENOENT, 0,
		    "the kernel refuses the rule: No such file or "
		    "directory" },
		{ EINVAL, RULE_TRANSPARENT, NEWER },
		{ EINVAL, RULE_LOADER | RULE_FIX, NEWER },
		{ EINVAL, RULE_DISABLED, NEWER },
		{ EINVAL, RULE_FIX,
		    "flags: the kernel refuses the rule; fix_binary needs "
		    "Linux 4.8" },
		{ EINVAL, RULE_PRESERVE,
		    "the kernel refuses the rule: Invalid argument" },
		{ ENOMEM, 0,
		    "the kernel refuses the rule: Cannot allocate memory" },
		{ ENOSPC, RULE_FIX,
		    "the kernel refuses the rule: No space left on device" },
	};
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	struct kernel *kernel;
	size_t i;

	plant(tree);
	kernel = kernel_open(path);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const struct rule rule = rule_of_flags(cases[i].flags);
		struct problems problems = PROBLEMS_INIT;
		int result;

		writes = 0;
		refusal = cases[i].error;
		result = kernel_register(kernel, &rule,
		    ":a:E::x::/i:", &problems);
		refusal = 0;
		assert_int_equal(result, -1);
		assert_int_equal(writes, 1);
		unit_expect_problems(&problems, cases[i].wrong);
	}
	kernel_close(kernel);
	tree_expect(tree, "proc/register", "");
}

static int
register_limited(void *argument)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	const struct rule rule = rule_of_flags(0);
	struct kernel *kernel = kernel_open(argument);
	int result;

	child_limit_files(5);
	result = kernel_register(kernel, &rule, ":a:E::x::/i:", &problems);
	kernel_close(kernel);
	if (result != -1 || writes != 1)
		return 1;
	return child_problems_are(&problems,
		   "only 5 of 12 bytes of the rule were written") ?
	    0 :
	    2;
}

/* The rest of a rule would be another one, so it is not sent after it. */
static void
test_short_write(void **state)
{
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");

	plant(tree);
	writes = 0;
	assert_int_equal(child_run(register_limited, path), 0);
	tree_expect(tree, "proc/register", ":a:E:");
}

static int
check_as_nobody(void *argument)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	struct kernel *kernel;
	int result;

	kernel = kernel_open(argument);
	result = kernel_check_writable(kernel, &problems);
	kernel_close(kernel);
	if (result != -1)
		return 1;
	return child_problems_are(&problems,
		   "cannot open 'register': Permission denied; the registry "
		   "belongs to another user or user namespace") ?
	    0 :
	    2;
}

static void
test_not_writable(void **state)
{
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	const struct rule rule = rule_of_flags(0);
	struct problems problems = PROBLEMS_INIT;
	struct kernel *kernel;

	plant(tree);
	assert_int_equal(fchmodat(tree->fd, "proc/register", 0400, 0), 0);
	child_expect_done(child_run_as_nobody(check_as_nobody, path));
	kernel = kernel_open(path);
	assert_int_equal(unlinkat(tree->fd, "proc/register", 0), 0);
	assert_int_equal(
	    kernel_register(kernel, &rule, ":a:E::x::/i:", &problems), -1);
	unit_expect_problems(&problems,
	    "cannot open 'register': No such file or directory");
	assert_int_equal(symlinkat("status", tree->fd, "proc/register"), 0);
	assert_int_equal(kernel_check_writable(kernel, &problems), -1);
	unit_expect_problems(&problems,
	    "cannot open 'register': Too many levels of symbolic links");
	kernel_close(kernel);
	tree_expect(tree, "proc/status", "enabled\n");
}

static void
test_control(void **state)
{
	static const struct {
		enum kernel_command command;
		const char *name, *text, *wrong;
	} cases[] = {
		{ KERNEL_ENABLE, "a", "1--", "" },
		{ KERNEL_DISABLE, "a", "0--", "" },
		{ KERNEL_REMOVE, "a", "-1-", "" },
		{ KERNEL_REMOVE, "nothing", NULL, "" },
		{ KERNEL_ENABLE, "nothing", NULL,
		    "cannot enable the kernel's entry 'nothing': No such file "
		    "or directory" },
		{ KERNEL_DISABLE, "nothing", NULL,
		    "cannot disable the kernel's entry 'nothing': No such "
		    "file or directory" },
		{ KERNEL_REMOVE, "link", NULL,
		    "cannot remove the kernel's entry 'link': Too many levels "
		    "of symbolic links" },
		{ KERNEL_REMOVE, "directory", NULL,
		    "cannot remove the kernel's entry 'directory': Is a "
		    "directory" },
	};
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	unsigned descriptors;
	struct kernel *kernel;
	size_t i;

	plant(tree);
	tree_mkdir(tree, "proc/directory");
	assert_int_equal(symlinkat("status", tree->fd, "proc/link"), 0);
	kernel = kernel_open(path);
	descriptors = tree_descriptors();
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct problems problems = PROBLEMS_INIT;
		int result;

		tree_put(tree, "proc/a", "---");
		writes = 0;
		result = kernel_control(kernel, cases[i].name, cases[i].command,
		    &problems);
		assert_int_equal(result, cases[i].wrong[0] == '\0' ? 0 : -1);
		unit_expect_problems(&problems, cases[i].wrong);
		assert_int_equal(writes, cases[i].text != NULL ? 1 : 0);
		tree_expect(tree, "proc/a",
		    cases[i].text != NULL ? cases[i].text : "---");
	}
	assert_int_equal(tree_descriptors(), descriptors);
	kernel_close(kernel);
	tree_expect(tree, "proc/status", "enabled\n");
}

static void
test_control_refused(void **state)
{
	const struct tree *tree = *state;
	char *path = tree_path(tree, "proc");
	struct problems problems = PROBLEMS_INIT;
	struct kernel *kernel;
	int result;

	plant(tree);
	tree_put(tree, "proc/a", "");
	kernel = kernel_open(path);
	refusal = EPERM;
	result = kernel_control(kernel, "a", KERNEL_REMOVE, &problems);
	refusal = 0;
	kernel_close(kernel);
	assert_int_equal(result, -1);
	unit_expect_problems(&problems,
	    "cannot remove the kernel's entry 'a': Operation not permitted");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(test_states),
		TREE_TEST(test_mount),
		TREE_TEST(test_load),
		TREE_TEST(test_load_nothing),
		TREE_TEST(test_find_and_drop),
		TREE_TEST(test_entry_enabled),
		TREE_TEST(test_enabled),
		TREE_TEST(test_register),
		TREE_TEST(test_refusals),
		TREE_TEST(test_short_write),
		TREE_TEST(test_not_writable),
		TREE_TEST(test_control),
		TREE_TEST(test_control_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
