#include "guard.h"

#include "rule.h"
#include "scratch.h"

/* Why a rule must not be registered; owned, or NULL. */
static char *
check(struct guard *guard, const char *text, const char *behind,
    const char *detector)
{
	struct problems problems = PROBLEMS_INIT;
	struct rule rule;
	char *reason;

	if (rule_parse(text, strlen(text), NOWHERE, &rule, &problems) < 0)
		fail_msg("%s: %s", text, unit_problems(&problems));
	reason = guard_check(guard, &rule, behind, detector);
	rule_fini(&rule);
	problems_fini(&problems);
	return reason;
}

static void
expect_refused(struct guard *guard, const char *text, const char *start)
{
	CLEANUP(cleanup_free) char *reason = check(guard, text, NULL, NULL);

	if (reason == NULL)
		fail_msg("%s is accepted", text);
	else if (strncmp(reason, start, strlen(start)) != 0)
		fail_msg("%s: %s", text, reason);
}

static void
expect_accepted(struct guard *guard, const char *text)
{
	CLEANUP(cleanup_free) char *reason = check(guard, text, NULL, NULL);

	if (reason != NULL)
		fail_msg("%s: %s", text, reason);
}

/* A program of the tree, executable or not: only its content counts. */
static const char *
put(const struct tree *tree, const char *name, const char *text)
{
	tree_put(tree, name, text);
	return tree_path(tree, name);
}

static void
test_native_programs(void **state)
{
	static const char *const rules[] = {
		":x:M::\\x7fELF::/x:",
		":x:M:1:ELF::/x:",
		":x:M::E:\\x00:/x:",
		":x:M::\\x00:\\x80:/x:",
		":x:M:255:a:\\x00:/x:",
	};
	struct guard *guard = guard_new("/nonexistent");
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rules); i++)
		expect_refused(guard, rules[i],
		    "it would capture update-binfmts itself, ");
	expect_accepted(guard, ":x:M::MZ::/x:");
	expect_accepted(guard, ":x:M::PK\\x03\\x04::/x:");
	expect_accepted(guard, ":x:M:8:AI\\x02::/x:");
	expect_accepted(guard, ":x:E::jar::/x:");
	guard_free(guard);
	guard_free(NULL);
}

static void
test_scripts(void **state)
{
	struct guard *guard = guard_new("/nonexistent");

	(void)state;
	expect_refused(guard, ":x:M::#!::/x:", "it would capture scripts");
	expect_refused(guard, ":x:M::#::/x:", "it would capture scripts");
	expect_refused(guard, ":x:M:2:/bin::/x:", "it would capture scripts");
	expect_accepted(guard, ":x:M::# FASL\\x0a::/x:");
	guard_free(guard);
}

static void
test_run_detectors(void **state)
{
	const struct tree *tree = *state;
	const char *path = put(tree, "helper.x", "HELPER");
	struct guard *guard = guard_new(path);

	expect_refused(guard,
	    ":x:M::HELP::/x:", "it would capture run-detectors, ");
	expect_refused(guard,
	    ":x:E::x::/x:", "it would capture run-detectors, ");
	expect_accepted(guard, ":x:M::helper::/x:");
	guard_free(guard);
}

/* The interpreter, whatever its #! lines lead to, and those behind. */
static void
test_own_programs(void **state)
{
	const struct tree *tree = *state;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *rule = NULL;
	CLEANUP(cleanup_free) char *harmless = NULL;
	CLEANUP(cleanup_free) char *reason = NULL;
	struct guard *guard = guard_new("/nonexistent");
	const char *end = put(tree, "end.e", "END"), *second, *first;

	text = xasprintf("#!%s\n", end);
	second = put(tree, "second", text);
	free(text);
	text = xasprintf("#! %s -x\n", second);
	first = put(tree, "first", text);

	rule = xasprintf(":x:M::END::%s:", first);
	expect_refused(guard, rule, "it would capture its own interpreter, ");
	free(rule);
	rule = xasprintf(":x:E::e::%s:", second);
	expect_refused(guard, rule, "it would capture its own interpreter, ");
	harmless = xasprintf(":x:E::f::%s:", first);
	expect_accepted(guard, harmless);

	reason = check(guard, ":x:M::END::/x:", first, NULL);
	assert_non_null(reason);
	assert_true(strstr(reason, "its own interpreter") != NULL);
	free(reason);
	reason = check(guard, ":x:E::e::/x:", NULL, end);
	assert_non_null(reason);
	assert_true(strstr(reason, "its own detector") != NULL);
	free(reason);
	reason = check(guard, ":x:E::g::/x:", first, end);
	assert_null(reason);
	guard_free(guard);
}

/* A script that is its own interpreter has an end here too. */
static void
test_endless_script(void **state)
{
	const struct tree *tree = *state;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *rule = NULL;
	struct guard *guard = guard_new("/nonexistent");
	const char *path = tree_path(tree, "self.x");

	text = xasprintf("#!%s\n", path);
	tree_put(tree, "self.x", text);
	rule = xasprintf(":x:M::NONE::%s:", path);
	expect_accepted(guard, rule);
	free(rule);
	rule = xasprintf(":x:E::x::%s:", path);
	expect_refused(guard, rule, "it would capture its own interpreter, ");
	guard_free(guard);
}

/* What cannot be read cannot be judged, and hinders nobody. */
static void
test_unreadable(void **state)
{
	const struct tree *tree = *state;
	CLEANUP(cleanup_free) char *rule = NULL;
	struct guard *guard = guard_new("/nonexistent");
	const char *directory = tree_path(tree, "directory.x");
	const char *fifo = tree_path(tree, "fifo.x");

	tree_mkdir(tree, "directory.x");
	assert_int_equal(mkfifoat(tree->fd, "fifo.x", 0755), 0);
	expect_accepted(guard, ":x:E::x::/nonexistent.x:");
	expect_accepted(guard, ":x:E::x::relative.x:");
	rule = xasprintf(":x:M::NONE::%s:", directory);
	expect_accepted(guard, rule);
	free(rule);
	rule = xasprintf(":x:M::NONE::%s:", fifo);
	expect_accepted(guard, rule);
	guard_free(guard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native_programs),
		cmocka_unit_test(test_scripts),
		TREE_TEST(test_run_detectors),
		TREE_TEST(test_own_programs),
		TREE_TEST(test_endless_script),
		TREE_TEST(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
