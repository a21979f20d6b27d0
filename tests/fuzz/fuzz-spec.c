/*
 * Three specs and a file, made of the input: matching, comparing, overlapping
 * and counting bits agree with a reference that lays each spec out over all
 * of the head of a file.
 */
#include "fuzz.h"

/* A magic, laid out: which bits of a file count, and what they must be. */
struct layout {
	unsigned char mask[SPEC_HEAD], value[SPEC_HEAD];
	unsigned bits;
};

static void
lay_out(const struct spec *spec, struct layout *layout)
{
	size_t i;
	unsigned bit;

	memset(layout, 0, sizeof(*layout));
	for (i = 0; i < spec->magic.len; i++) {
		unsigned char mask = 0xff;

		if (spec->mask.len != 0)
			mask = spec->mask.data[i];
		layout->mask[spec->offset + i] = mask;
		layout->value[spec->offset + i] = spec->magic.data[i] & mask;
		for (bit = 1; bit < 256; bit <<= 1)
			layout->bits += (mask & bit) != 0 ? 1 : 0;
	}
}

static bool
reference_matches(const struct spec *spec, const unsigned char *head,
    const char *path)
{
	const char *p, *extension = NULL;
	struct layout layout;
	size_t i;

	if (spec->type == SPEC_EXTENSION) {
		for (p = path; *p != '\0'; p++) {
			if (*p == '.')
				extension = p + 1;
		}
		return extension != NULL &&
		    strcmp(extension, spec->extension) == 0;
	}
	lay_out(spec, &layout);
	for (i = 0; i < SPEC_HEAD; i++) {
		if ((head[i] & layout.mask[i]) != layout.value[i])
			return false;
	}
	return true;
}

static void
check_match(const struct spec *spec, const unsigned char *head,
    const char *path)
{
	bool matches = reference_matches(spec, head, path);
	struct layout layout;
	unsigned differences = 0;
	int difference;
	size_t i;

	REQUIRE(spec_matches(spec, head, path) == matches);
	if (spec->type != SPEC_MAGIC)
		return;
	lay_out(spec, &layout);
	REQUIRE(spec_bits(spec) == layout.bits);
	difference = spec_first_difference(spec, head);
	REQUIRE((difference < 0) == matches);
	if (difference >= 0)
		REQUIRE((head[difference] & layout.mask[difference]) !=
		    layout.value[difference]);
	for (i = 0; i < SPEC_HEAD; i++) {
		if ((head[i] & layout.mask[i]) != layout.value[i])
			differences++;
	}
	REQUIRE(spec_differences(spec, head) == differences);
}

static void
check_pair(const struct spec *a, const struct spec *b)
{
	int order = spec_compare(a, b), reverse = spec_compare(b, a);
	bool same = true, overlap = true, covers = true;
	struct layout x, y;
	size_t i;

	REQUIRE((order == 0) == (reverse == 0));
	REQUIRE((order < 0) == (reverse > 0));
	REQUIRE(spec_overlaps(a, b) == spec_overlaps(b, a));
	if (a->type != b->type) {
		REQUIRE(order != 0 && spec_overlaps(a, b));
		REQUIRE(spec_covers(a, b) ==
		    (a->type == SPEC_MAGIC && spec_bits(a) == 0));
		return;
	}
	if (a->type == SPEC_EXTENSION) {
		same = strcmp(a->extension, b->extension) == 0;
		overlap = covers = same;
	} else {
		lay_out(a, &x);
		lay_out(b, &y);
		for (i = 0; i < SPEC_HEAD; i++) {
			if (x.mask[i] != y.mask[i] || x.value[i] != y.value[i])
				same = false;
			if (((x.value[i] ^ y.value[i]) & x.mask[i] &
				y.mask[i]) != 0)
				overlap = false;
			/* Each bit that a looks at is settled by b. */
			if ((x.mask[i] & ~y.mask[i]) != 0 ||
			    x.value[i] != (y.value[i] & x.mask[i]))
				covers = false;
		}
	}
	REQUIRE((order == 0) == same);
	REQUIRE(spec_overlaps(a, b) == overlap);
	REQUIRE(spec_covers(a, b) == covers);
	REQUIRE(!same || spec_bits(a) == spec_bits(b));
}

static void
check_copy(const struct spec *spec)
{
	struct spec copy;

	spec_copy(&copy, spec);
	REQUIRE(fuzz_same_spec(spec, &copy));
	REQUIRE(spec_compare(spec, &copy) == 0);
	spec_fini(&copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	CLEANUP(cleanup_free) char *path = fuzz_take_text(&in);
	unsigned char head[SPEC_HEAD];
	struct spec specs[3];
	size_t i, j, k;

	for (i = 0; i < 3; i++)
		fuzz_take_spec(&in, &specs[i]);
	for (i = 0; i < SPEC_HEAD; i++)
		head[i] = fuzz_take(&in);
	for (i = 0; i < 3; i++) {
		check_match(&specs[i], head, path);
		check_copy(&specs[i]);
		for (j = 0; j < 3; j++) {
			check_pair(&specs[i], &specs[j]);
			k = 3 - i - j;
			/* What sorting relies on. */
			if (i != j && k < 3 && k != i && k != j &&
			    spec_compare(&specs[i], &specs[j]) <= 0 &&
			    spec_compare(&specs[j], &specs[k]) <= 0)
				REQUIRE(
				    spec_compare(&specs[i], &specs[k]) <= 0);
		}
	}
	for (i = 0; i < 3; i++)
		spec_fini(&specs[i]);
	return 0;
}
