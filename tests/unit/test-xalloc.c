#include "child.h"
#include "scratch.h"

static void
test_copies(void **state)
{
	CLEANUP(cleanup_free) char *text = xstrdup("text");
	CLEANUP(cleanup_free) char *part = xstrndup("a\0bc", 3);
	CLEANUP(cleanup_free) char *none = xstrndup("x", 0);
	CLEANUP(cleanup_free) char *made = xasprintf("%d%%%s", 7, "x");
	CLEANUP(cleanup_free) char *empty = xasprintf("%s", "");

	(void)state;
	assert_string_equal(text, "text");
	assert_memory_equal(part, "a\0b\0", 4);
	assert_string_equal(none, "");
	assert_string_equal(made, "7%x");
	assert_string_equal(empty, "");
}

/* Nothing is something, too: it can be freed, and is not NULL. */
static void
test_sizes(void **state)
{
	CLEANUP(cleanup_free) void *a = xmalloc(0);
	CLEANUP(cleanup_free) void *b = xcalloc(0, 9);
	CLEANUP(cleanup_free) void *c = xreallocarray(NULL, 0, 9);
	CLEANUP(cleanup_free) char *zeros = xcalloc(3, 5);
	size_t i;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	for (i = 0; i < 15; i++)
		assert_int_equal(zeros[i], 0);
}

static void
test_grow(void **state)
{
	CLEANUP(cleanup_free) unsigned *items = NULL;
	size_t count = 0, room = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		GROW(items, count, room);
		assert_true(count < room);
		items[count++] = (unsigned)i;
	}
	for (i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
}

static void
test_steal(void **state)
{
	char *text = xstrdup("text");
	CLEANUP(cleanup_free) char *stolen = STEAL(text);

	(void)state;
	assert_null(text);
	assert_string_equal(stolen, "text");
}

static void
test_close(void **state)
{
	unsigned before = tree_descriptors();
	int none = -1;

	(void)state;
	{
		CLEANUP(cleanup_close) int fd = open("/dev/null", O_RDONLY);

		assert_true(fd >= 0);
		assert_int_equal(tree_descriptors(), before + 1);
	}
	cleanup_close(&none);
	assert_int_equal(tree_descriptors(), before);
}

static int
ask_for_too_much(void *argument)
{
	const int *ends = argument;

	if (dup2(ends[1], 2) < 0)
		return 1;
	return xreallocarray(NULL, SIZE_MAX / 2, 3) == NULL ? 3 : 4;
}

/* More than there are numbers for is more than there is memory. */
static void
test_overflow(void **state)
{
	static const char message[] = "binfmts: out of memory\n";
	char text[100] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(child_run(ask_for_too_much, ends), 2);
	assert_int_equal(read(ends[0], text, sizeof(text) - 1),
	    strlen(message));
	assert_string_equal(text, message);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(close(ends[1]), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_steal),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
