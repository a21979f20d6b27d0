#include "generate.h"

/* A spec as a table can have it: magic and mask of len bytes. */
struct written {
	unsigned offset;
	const char *magic;
	const char *mask; /* NULL: none */
	size_t len;
	const char *extension;
};

#define MAGIC(offset, magic, mask)                                             \
	{                                                                      \
		offset, magic, mask, sizeof(magic) - 1, NULL                   \
	}
#define EXTENSION(text)                                                        \
	{                                                                      \
		0, NULL, NULL, 0, text                                         \
	}

static struct spec
make(const struct written *w)
{
	struct spec spec = { .offset = w->offset };

	spec.type = w->extension != NULL ? SPEC_EXTENSION : SPEC_MAGIC;
	if (w->extension != NULL)
		spec.extension = xstrdup(w->extension);
	if (w->magic != NULL) {
		spec.magic.len = w->len;
		spec.magic.data = (unsigned char *)unit_exact(w->magic, w->len);
	}
	if (w->mask != NULL) {
		spec.mask.len = w->len;
		spec.mask.data = (unsigned char *)unit_exact(w->mask, w->len);
	}
	return spec;
}

static void
test_extension_matches(void **state)
{
	static const struct {
		const char *extension, *path;
		bool matches;
	} cases[] = {
		{ "foo", "x.foo", true },
		{ "foo", "/usr/bin/x.foo", true },
		{ "foo", ".foo", true },
		{ "foo", "/a/.foo", true },
		{ "foo", "x.bar.foo", true },
		{ "foo", "x.foo.bar", false },
		{ "foo", "x.Foo", false },
		{ "foo", "foo", false },
		{ "foo", "x.fo", false },
		{ "foo", "x.fooo", false },
		{ "foo", "dir.foo/x", false },
		{ "foo", "x.", false },
		{ "foo", "", false },
		{ "foo", "/dev/fd/3", false },
		{ "gz", "x.tar.gz", true },
		{ "tar.gz", "x.tar.gz", false },
		{ ".foo", "x..foo", false },
	};
	static const unsigned char head[SPEC_HEAD];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const struct written w = EXTENSION(cases[i].extension);
		struct spec spec = make(&w);

		if (spec_matches(&spec, head, cases[i].path) !=
		    cases[i].matches)
			fail_msg("%s against .%s", cases[i].path,
			    cases[i].extension);
		spec_fini(&spec);
	}
}

static void
test_magic_matches(void **state)
{
	static const struct {
		struct written spec;
		const char *file;
		size_t len;
		int difference; /* the first byte, or -1: it matches */
	} cases[] = {
		{ MAGIC(0, "MZ", NULL), TEXT("MZ\x90"), -1 },
		{ MAGIC(0, "MZ", NULL), TEXT("mZ"), 0 },
		{ MAGIC(0, "MZ", NULL), TEXT("Mz"), 1 },
		{ MAGIC(0, "MZ", NULL), TEXT("M"), 1 },
		{ MAGIC(0, "MZ", NULL), TEXT(""), 0 },
		{ MAGIC(1, "Z", NULL), TEXT("?Z"), -1 },
		{ MAGIC(8, "AI\2", NULL), TEXT("\177ELF\2\1\1\0AI\2"), -1 },
		{ MAGIC(8, "AI\2", NULL), TEXT("\177ELF\2\1\1\0AI\1"), 10 },
		/* A short file has NUL behind it. */
		{ MAGIC(0, "MA\0\0", NULL), TEXT("MA"), -1 },
		{ MAGIC(250, "\0\0", NULL), TEXT("MA"), -1 },
		{ MAGIC(0, "\0", NULL), TEXT(""), -1 },
		{ MAGIC(255, "\1", NULL), TEXT("MA"), 255 },
		/* Masks; bits of the magic outside do not count. */
		{ MAGIC(0, "AB", "\xff\0"), TEXT("Ax"), -1 },
		{ MAGIC(0, "AB", "\0\xff"), TEXT("xB"), -1 },
		{ MAGIC(0, "AB", "\0\0"), TEXT("xyz"), -1 },
		{ MAGIC(0, "AB", "\0\0"), TEXT(""), -1 },
		{ MAGIC(0, "\xff", "\xf0"), TEXT("\xf7"), -1 },
		{ MAGIC(0, "\xff", "\xf0"), TEXT("\xe7"), 0 },
		{ MAGIC(2, "\1\1", "\xfe\xfe"), TEXT("??\0\1"), -1 },
		{ MAGIC(2, "\1\1", "\xfe\xfe"), TEXT("??\0\2"), 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned char head[SPEC_HEAD] = { 0 };
		struct spec spec = make(&cases[i].spec);

		memcpy(head, cases[i].file, cases[i].len);
		assert_int_equal(spec_first_difference(&spec, head),
		    cases[i].difference);
		assert_int_equal(spec_matches(&spec, head, "x.MZ"),
		    cases[i].difference < 0);
		assert_int_equal(spec_differences(&spec, head) == 0,
		    cases[i].difference < 0);
		spec_fini(&spec);
	}
}

/* Whether two specs match the same files, some of the same, and their bits. */
static void
test_pairs(void **state)
{
	static const struct {
		struct written a, b;
		bool same, overlap;
		unsigned bits_a, bits_b;
	} cases[] = {
		{ MAGIC(0, "MZ", NULL), MAGIC(0, "MZ", "\xff\xff"), true, true,
		    16, 16 },
		{ MAGIC(0, "MZ", NULL), MAGIC(0, "MZ\0", "\xff\xff\0"), true,
		    true, 16, 16 },
		{ MAGIC(1, "Z", NULL), MAGIC(0, "MZ", "\0\xff"), true, true, 8,
		    8 },
		{ MAGIC(0, "MZ", "\xff\x0f"), MAGIC(0, "M\xfa", "\xff\x0f"),
		    true, true, 12, 12 },
		{ MAGIC(0, "A", "\0"), MAGIC(99, "B", "\0"), true, true, 0, 0 },
		{ MAGIC(0, "MZ", NULL), MAGIC(0, "MZqFpD", NULL), false, true,
		    16, 48 },
		{ MAGIC(0, "MZ", NULL), MAGIC(0, "ZM", NULL), false, false, 16,
		    16 },
		{ MAGIC(0, "MZ", NULL), MAGIC(1, "MZ", NULL), false, false, 16,
		    16 },
		{ MAGIC(0, "AA", NULL), MAGIC(1, "AA", NULL), false, true, 16,
		    16 },
		{ MAGIC(0, "MZ", NULL), MAGIC(2, "MZ", NULL), false, true, 16,
		    16 },
		{ MAGIC(0, "MZ", NULL), MAGIC(8, "AI\2", NULL), false, true, 16,
		    24 },
		{ MAGIC(0, "\x0f", "\x0f"), MAGIC(0, "\xf0", "\xf0"), false,
		    true, 4, 4 },
		{ MAGIC(0, "\x0f", "\x1f"), MAGIC(0, "\xf0", "\xf0"), false,
		    false, 5, 4 },
		{ MAGIC(0, "\xff", "\xfe"), MAGIC(0, "\xff", NULL), false, true,
		    7, 8 },
		{ EXTENSION("foo"), EXTENSION("foo"), true, true, 24, 24 },
		{ EXTENSION("foo"), EXTENSION("Foo"), false, false, 24, 24 },
		{ EXTENSION("f"), EXTENSION("foo"), false, false, 8, 24 },
		{ EXTENSION("foo"), MAGIC(0, "foo", NULL), false, true, 24,
		    24 },
		{ EXTENSION("foo"), MAGIC(0, "x", "\0"), false, true, 24, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct spec a = make(&cases[i].a), b = make(&cases[i].b);
		int ab = spec_compare(&a, &b), ba = spec_compare(&b, &a);

		if ((ab == 0) != cases[i].same || (ab < 0) != (ba > 0) ||
		    (ab > 0) != (ba < 0) ||
		    spec_overlaps(&a, &b) != cases[i].overlap ||
		    spec_overlaps(&b, &a) != cases[i].overlap)
			fail_msg("pair %zu", i);
		assert_int_equal(spec_covers(&a, &b) && spec_covers(&b, &a),
		    cases[i].same);
		assert_int_equal(spec_bits(&a), cases[i].bits_a);
		assert_int_equal(spec_bits(&b), cases[i].bits_b);
		spec_fini(&a);
		spec_fini(&b);
	}
}

/* Whether all files of the second are files of the first. */
static void
test_covers(void **state)
{
	static const struct {
		struct written a, b;
		bool covers;
	} cases[] = {
		{ MAGIC(0, "MZ", NULL), MAGIC(0, "MZqFpD", NULL), true },
		{ MAGIC(0, "MZqFpD", NULL), MAGIC(0, "MZ", NULL), false },
		{ MAGIC(1, "Z", NULL), MAGIC(0, "MZ", NULL), true },
		{ MAGIC(0, "M", "\xf0"), MAGIC(0, "O", NULL), true },
		{ MAGIC(0, "M", "\x0f"), MAGIC(0, "O", NULL), false },
		{ MAGIC(7, "x", "\0"), MAGIC(0, "MZ", NULL), true },
		{ MAGIC(7, "x", "\0"), EXTENSION("x"), true },
		{ EXTENSION("x"), MAGIC(7, "x", "\0"), false },
		{ MAGIC(0, "x", "\1"), EXTENSION("x"), false },
		{ EXTENSION("x"), EXTENSION("x"), true },
		{ EXTENSION("x"), EXTENSION("xx"), false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct spec a = make(&cases[i].a), b = make(&cases[i].b);

		if (spec_covers(&a, &b) != cases[i].covers)
			fail_msg("pair %zu", i);
		spec_fini(&a);
		spec_fini(&b);
	}
}

/*
 * The reference: files of two bytes below 8, of which bits 0 and 1 are what
 * the magics look at and bit 2 stands for all others, so that 64 files tell
 * everything about specs of up to two bytes, as a set of 64 bits.
 */

#define FILES	  64
#define SPECS_MAX 1000

struct small {
	struct spec spec;
	unsigned char magic[2], mask[2];
	uint64_t files;
};

static uint64_t
reference_files(const struct spec *spec)
{
	uint64_t files = 0;
	unsigned f, i;

	for (f = 0; f < FILES; f++) {
		const unsigned file[2] = { f & 7, f >> 3 };
		bool matches = true;

		for (i = 0; i < spec->magic.len; i++) {
			unsigned mask = spec->mask.len == 0 ?
			    0xff :
			    spec->mask.data[i];

			if (((file[spec->offset + i] ^ spec->magic.data[i]) &
				mask) != 0)
				matches = false;
		}
		if (matches)
			files |= (uint64_t)1 << f;
	}
	return files;
}

static void
add(struct small *specs, size_t *count, unsigned offset, unsigned len,
    unsigned magic, int mask)
{
	static const unsigned char masks[] = { 0, 1, 2, 3, 0xff };
	struct small *s = &specs[(*count)++];

	assert_in_range(*count, 1, SPECS_MAX);
	s->magic[0] = magic & 3;
	s->magic[1] = (magic >> 2) & 3;
	s->spec = (struct spec){ .offset = offset, .magic = { s->magic, len } };
	if (mask >= 0) {
		s->mask[0] = masks[mask % 5];
		s->mask[1] = masks[mask / 5];
		s->spec.mask = (struct bytes){ s->mask, len };
	}
	s->files = reference_files(&s->spec);
}

/* All specs of up to two bytes; magics below 4, masks of none or all above. */
static size_t
all_small_specs(struct small *specs)
{
	size_t count = 0;
	unsigned magic;
	int mask;

	for (magic = 0; magic < 4; magic++) {
		for (mask = -1; mask < 5; mask++) {
			add(specs, &count, 0, 1, magic, mask);
			add(specs, &count, 1, 1, magic, mask);
		}
	}
	for (magic = 0; magic < 16; magic++) {
		for (mask = -1; mask < 25; mask++)
			add(specs, &count, 0, 2, magic, mask);
	}
	return count;
}

static void
test_matches_like_reference(void **state)
{
	CLEANUP(cleanup_free)
	struct small *specs = xcalloc(SPECS_MAX, sizeof(*specs));
	size_t i, count = all_small_specs(specs);
	unsigned f;

	(void)state;
	for (i = 0; i < count; i++) {
		for (f = 0; f < FILES; f++) {
			unsigned char head[SPEC_HEAD] = { f & 7, f >> 3 & 7 };

			assert_int_equal(spec_matches(&specs[i].spec, head, ""),
			    specs[i].files >> f & 1);
		}
	}
}

static void
test_compare_like_reference(void **state)
{
	CLEANUP(cleanup_free)
	struct small *specs = xcalloc(SPECS_MAX, sizeof(*specs));
	size_t i, j, count = all_small_specs(specs);

	(void)state;
	for (i = 0; i < count; i++) {
		const struct spec *a = &specs[i].spec;

		for (j = 0; j < count; j++) {
			const struct spec *b = &specs[j].spec;
			bool same = specs[i].files == specs[j].files;
			bool overlap = (specs[i].files & specs[j].files) != 0;
			bool covers = (specs[j].files & ~specs[i].files) == 0;

			assert_int_equal(spec_compare(a, b) == 0, same);
			assert_int_equal(spec_overlaps(a, b), overlap);
			assert_int_equal(spec_covers(a, b), covers);
			if (same)
				assert_int_equal(spec_bits(a), spec_bits(b));
		}
	}
}

/* Sorting needs a total order: what is sorted is so for each pair. */
static void
test_compare_is_an_order(void **state)
{
	static struct small specs[SPECS_MAX];
	size_t i, j, count = all_small_specs(specs);
	struct spec *sorted[SPECS_MAX];

	(void)state;
	/* Copies hold pointers into themselves, so pointers are sorted. */
	for (i = 0; i < count; i++) {
		for (j = i; j > 0; j--) {
			if (spec_compare(sorted[j - 1], &specs[i].spec) <= 0)
				break;
			sorted[j] = sorted[j - 1];
		}
		sorted[j] = &specs[i].spec;
	}
	for (i = 0; i < count; i++) {
		for (j = i + 1; j < count; j++) {
			assert_true(spec_compare(sorted[i], sorted[j]) <= 0);
			assert_true(spec_compare(sorted[j], sorted[i]) >= 0);
		}
	}
}

/*
 * Larger specs, rewritten: other bits outside the mask, zero bytes of mask
 * around, a mask of ones in place of none.
 */
static void
rewrite(struct random *r, const struct spec *from, struct spec *to)
{
	unsigned front = random_below(r, from->offset + 1);
	unsigned end = from->offset + (unsigned)from->magic.len;
	unsigned back = random_below(r, SPEC_HEAD - end + 1);
	size_t i, len = front + from->magic.len + back;

	*to = (struct spec){ .offset = from->offset - front };
	to->magic = generate_bytes(r, (unsigned)len);
	to->mask = (struct bytes){ xcalloc(len, 1), len };
	for (i = 0; i < from->magic.len; i++) {
		unsigned mask = from->mask.len == 0 ? 0xff : from->mask.data[i];
		unsigned char *magic = &to->magic.data[front + i];

		to->mask.data[front + i] = (unsigned char)mask;
		*magic = (unsigned char)((*magic & ~mask) |
		    (from->magic.data[i] & mask));
	}
}

static void
test_rewritten(void **state)
{
	struct random random = { 2 };
	unsigned round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		unsigned char head[SPEC_HEAD];
		struct spec spec, other;
		size_t i;

		generate_magic(&random, &spec, random_bool(&random) ? 256 : 8);
		rewrite(&random, &spec, &other);
		assert_int_equal(spec_compare(&spec, &other), 0);
		assert_int_equal(spec_compare(&other, &spec), 0);
		assert_true(spec_overlaps(&spec, &other));
		assert_int_equal(spec_bits(&spec), spec_bits(&other));
		/* The magic itself is a file; each bit counts or does not. */
		for (i = 0; i < SPEC_HEAD; i++)
			head[i] = (unsigned char)random_below(&random, 256);
		memcpy(head + spec.offset, spec.magic.data, spec.magic.len);
		for (i = 0; i < spec.magic.len; i++) {
			unsigned bit = 1U << random_below(&random, 8);
			bool counts = spec.mask.len == 0 ||
			    (spec.mask.data[i] & bit) != 0;

			assert_true(spec_matches(&spec, head, ""));
			head[spec.offset + i] ^= (unsigned char)bit;
			assert_int_equal(spec_first_difference(&other, head),
			    counts ? (int)(spec.offset + i) : -1);
			assert_int_equal(spec_differences(&spec, head),
			    counts ? 1 : 0);
			head[spec.offset + i] ^= (unsigned char)bit;
		}
		spec_fini(&spec);
		spec_fini(&other);
	}
}

/* Each byte counts once, however many of its bits differ. */
static void
test_differences(void **state)
{
	static const struct written written = MAGIC(1, "abcd",
	    "\xff\x00\xff\x0f");
	static const struct {
		const char *file;
		unsigned count;
	} cases[] = {
		{ "?abcd", 0 },
		{ "?a?ct", 0 },
		{ "?xbcd", 1 },
		{ "?xxxd", 2 },
		{ "?xxxx", 3 },
	};
	struct spec spec = make(&written);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned char head[SPEC_HEAD] = { 0 };

		memcpy(head, cases[i].file, strlen(cases[i].file));
		assert_int_equal(spec_differences(&spec, head), cases[i].count);
	}
	spec_fini(&spec);
}

static void
test_copy(void **state)
{
	static const struct written cases[] = {
		MAGIC(7, "MZ", NULL),
		MAGIC(0, "MZ", "\xff\xf0"),
		EXTENSION("foo"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct spec from = make(&cases[i]), same = make(&cases[i]), to;

		spec_copy(&to, &from);
		spec_fini(&from);
		assert_int_equal(to.type, same.type);
		assert_int_equal(to.offset, same.offset);
		assert_int_equal(to.mask.len, same.mask.len);
		assert_int_equal(spec_compare(&to, &same), 0);
		assert_int_equal(spec_bits(&to), spec_bits(&same));
		spec_fini(&to);
		spec_fini(&same);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extension_matches),
		cmocka_unit_test(test_magic_matches),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_matches_like_reference),
		cmocka_unit_test(test_compare_like_reference),
		cmocka_unit_test(test_compare_is_an_order),
		cmocka_unit_test(test_rewritten),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
