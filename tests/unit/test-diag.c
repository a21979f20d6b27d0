#include "unit.h"

static void
test_problems(void **state)
{
	struct problems problems = PROBLEMS_INIT;
	int i;

	(void)state;
	assert_int_equal(problems.count, 0);
	for (i = 0; i < 20; i++) {
		struct place place = { (unsigned)i, (unsigned)i + 1 };

		if (i % 3 == 0)
			problem_warning(&problems, place, "w", "%d %s", i, "x");
		else
			assert_int_equal(problem_error(&problems, place, NULL,
					     "%c%d", 'e', i),
			    -1);
	}
	assert_int_equal(problems.count, 20);
	assert_int_equal(problems.errors, 13);
	for (i = 0; i < 20; i++) {
		const struct problem *p = &problems.items[i];
		CLEANUP(cleanup_free) char *reason = NULL;

		reason = i % 3 == 0 ? xasprintf("%d x", i) :
				      xasprintf("e%d", i);
		assert_string_equal(p->reason, reason);
		assert_int_equal(p->warning, i % 3 == 0);
		assert_int_equal(p->field != NULL, i % 3 == 0);
		assert_int_equal(p->place.line, i);
		assert_int_equal(p->place.column, i + 1);
	}
	problems_fini(&problems);
	assert_int_equal(problems.count, 0);
	assert_int_equal(problems.errors, 0);
	/* It can be used again, and emptied again. */
	(void)problem_error(&problems, NOWHERE, "f", "again");
	unit_expect_problems(&problems, "f: again");
	problems_fini(&problems);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_problems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
