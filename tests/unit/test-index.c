#include <time.h>

#include "generate.h"
#include "index.h"
#include "scratch.h"

#define FORMATS 200

static const struct index_state some_state = {
	.directories = { { 1, 2, 3, 4 } },
};

/* Opens an index of this content, or NULL. */
static struct index *
open_text(const struct tree *tree, const char *text, size_t len)
{
	(void)unlinkat(tree->fd, "index", 0);
	tree_write(tree, "index", text, len);
	return index_open(tree_path(tree, "index"), &some_state);
}

static void
make_formats(struct random *r, struct format **formats)
{
	size_t i;

	for (i = 0; i < FORMATS; i++) {
		struct format *format = xcalloc(1, sizeof(*format));

		format->name = xasprintf("format%zu", i);
		format->binfmtd = i % 7 == 0;
		format->spec.type = SPEC_EXTENSION;
		if (i % 4 == 0)
			format->spec.extension = generate_text(r, "ab", 3);
		else
			generate_magic(r, &format->spec, i % 2 == 0 ? 2 : 6);
		formats[i] = format;
	}
}

static void
free_formats(struct format **formats)
{
	size_t i;

	for (i = 0; i < FORMATS; i++) {
		format_fini(formats[i]);
		free(formats[i]);
	}
}

/* The index names what matches, each once, and nothing else. */
static void
expect_same(struct index *index, struct format *const *formats,
    const unsigned char head[SPEC_HEAD], const char *path)
{
	struct index_match match = { 0 };
	bool found[FORMATS] = { false };
	size_t i;

	while (index_next(index, head, path, &match) == INDEX_FOUND) {
		assert_memory_equal(match.name, "format", 6);
		i = strtoul(match.name + 6, NULL, 10);
		assert_in_range(i, 0, FORMATS - 1);
		assert_false(found[i]);
		assert_int_equal(match.binfmtd, formats[i]->binfmtd);
		found[i] = true;
	}
	for (i = 0; i < FORMATS; i++)
		assert_int_equal(found[i],
		    spec_matches(&formats[i]->spec, head, path));
}

static void
test_finds(void **state)
{
	const struct tree *tree = *state;
	struct random r = { 1 };
	struct format *formats[FORMATS];
	CLEANUP(cleanup_free) char *text = NULL;
	unsigned char head[SPEC_HEAD];
	struct index *index;
	unsigned i, j;
	size_t len;

	make_formats(&r, formats);
	text = index_print(&some_state, formats, FORMATS, &len);
	index = open_text(tree, text, len);
	assert_non_null(index);
	assert_true(index_has(index, text, len));
	assert_false(index_has(index, text, len - 1));
	for (i = 0; i < 2000; i++) {
		CLEANUP(cleanup_free)
		char *name = generate_text(&r, "ab./", 6);
		const struct spec *spec =
		    &formats[random_below(&r, FORMATS)]->spec;

		for (j = 0; j < SPEC_HEAD; j++)
			head[j] = (unsigned char)random_below(&r, 256);
		if (spec->type == SPEC_MAGIC)
			memcpy(head + spec->offset, spec->magic.data,
			    spec->magic.len);
		expect_same(index, formats, head, name);
	}
	index_close(index);
	free_formats(formats);
}

static void
test_empty(void **state)
{
	const struct tree *tree = *state;
	static const unsigned char head[SPEC_HEAD] = "x";
	CLEANUP(cleanup_free) char *text = NULL;
	struct index_match match = { 0 };
	struct index *index;
	size_t len;

	text = index_print(&some_state, NULL, 0, &len);
	index = open_text(tree, text, len);
	assert_non_null(index);
	assert_int_equal(index_next(index, head, "x", &match), INDEX_END);
	index_close(index);
	index_close(NULL);
}

/* Whatever byte is changed, nothing is lost unseen. */
static void
test_damaged(void **state)
{
	const struct tree *tree = *state;
	struct random r = { 1 };
	struct format *formats[FORMATS];
	CLEANUP(cleanup_free) char *text = NULL;
	const struct spec *spec;
	unsigned char head[SPEC_HEAD] = "";
	size_t i, len;

	make_formats(&r, formats);
	text = index_print(&some_state, formats, 3, &len);
	spec = &formats[1]->spec;
	memcpy(head + spec->offset, spec->magic.data, spec->magic.len);
	for (i = 0; i < len; i++) {
		struct index_match match = { 0 };
		enum index_result result = INDEX_END;
		struct index *index;
		bool found = false;

		text[i] ^= 0x40;
		index = open_text(tree, text, len);
		while (index != NULL &&
		    (result = index_next(index, head, "x", &match)) ==
			INDEX_FOUND)
			found = found || strcmp(match.name, "format1") == 0;
		assert_true(index == NULL || found || result == INDEX_DAMAGED);
		index_close(index);
		text[i] ^= 0x40;
	}
	for (i = 0; i < len; i++)
		assert_null(open_text(tree, text, i));
	free_formats(formats);
}

/* Not every file of the right content is believed. */
static void
test_believed(void **state)
{
	const struct tree *tree = *state;
	struct index_state other = some_state, young = some_state;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *of_young = NULL;
	struct index *index;
	const char *path = tree_path(tree, "index");
	struct timespec now;
	size_t len;

	text = index_print(&some_state, NULL, 0, &len);
	tree_write(tree, "index", text, len);
	other.directories[3].seconds = 9;
	assert_null(index_open(path, &other));
	assert_null(index_open(tree_path(tree, "nothing"), &some_state));
	assert_int_equal(fchmodat(tree->fd, "index", 0664, 0), 0);
	assert_null(index_open(path, &some_state));
	assert_int_equal(fchmodat(tree->fd, "index", 0644, 0), 0);
	index = index_open(path, &some_state);
	assert_non_null(index);
	index_close(index);
	assert_int_equal(symlinkat("index", tree->fd, "link"), 0);
	assert_null(index_open(tree_path(tree, "link"), &some_state));
	tree_mkdir(tree, "directory");
	assert_null(index_open(tree_path(tree, "directory"), &some_state));
	/* One that is as old as what it is about. */
	(void)clock_gettime(CLOCK_REALTIME, &now);
	young.directories[0].seconds = now.tv_sec;
	young.directories[0].nanoseconds = now.tv_nsec;
	of_young = index_print(&young, NULL, 0, &len);
	tree_write(tree, "index", of_young, len);
	assert_null(index_open(path, &young));
}

static void
test_settled(void **state)
{
	static const struct {
		struct index_directory directory;
		struct timespec moment;
		bool settled;
	} cases[] = {
		{ { 1, 1, 100, 5000 }, { 100, 5000 }, false },
		{ { 1, 1, 100, 5000 }, { 100, 40000000 }, false },
		{ { 1, 1, 100, 5000 }, { 100, 60000000 }, true },
		{ { 1, 1, 100, 5000 }, { 101, 0 }, true },
		{ { 1, 1, 100, 5000 }, { 99, 999999999 }, false },
		{ { 1, 1, 100, 5000 }, { 200, 0 }, true },
		{ { 1, 1, 100, 0 }, { 101, 0 }, false },
		{ { 1, 1, 100, 0 }, { 102, 999 }, false },
		{ { 1, 1, 100, 0 }, { 103, 0 }, true },
		{ { 0, 0, 0, 0 }, { 0, 0 }, true },
		{ { 1, 1, INT64_MAX, 0 }, { 100, 0 }, false },
		{ { 1, 1, INT64_MIN, 1 }, { 100, 0 }, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		if (index_is_settled(&cases[i].directory, &cases[i].moment) !=
		    cases[i].settled)
			fail_msg("case %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_finds),
		TREE_TEST(test_empty),
		TREE_TEST(test_damaged),
		TREE_TEST(test_believed),
		cmocka_unit_test(test_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
