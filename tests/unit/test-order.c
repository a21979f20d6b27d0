#include "generate.h"
#include "order.h"

/* What apply.c does: each item is asked when those behind it are settled. */
static void
settle(struct order_item *items, size_t count)
{
	size_t i;

	if (order_is_settled(items, count))
		return;
	for (i = count; i > 0; i--) {
		if (!items[i - 1].registers)
			items[i - 1].registers = order_is_overtaken(items,
			    i - 1, count);
	}
}

#define ITEMS_MAX 6

/*
 * The kernel, simulated: its entries, the one that is tried first in front.
 * registers has a bit for each item that is registered (again).
 */
static bool
in_order(const struct order_item *items, size_t count, unsigned registers)
{
	size_t place[ITEMS_MAX], i, j, front = 0;

	/* What was registered last is in front, and the last is the first. */
	for (i = 0; i < count; i++) {
		if ((registers >> i & 1) != 0)
			place[i] = front++;
	}
	for (i = 0; i < count; i++) {
		if ((registers >> i & 1) == 0)
			place[i] = front + items[i].position;
	}
	for (i = 0; i < count; i++) {
		for (j = i + 1; j < count; j++) {
			if (place[i] > place[j] &&
			    spec_overlaps(items[i].spec, items[j].spec))
				return false;
		}
	}
	return true;
}

static unsigned
registers_of(const struct order_item *items, size_t count)
{
	unsigned registers = 0;
	size_t i;

	for (i = 0; i < count; i++)
		registers |= items[i].registers ? 1U << i : 0;
	return registers;
}

/*
 * Afterwards all is in order; and each other way to bring it in order moves
 * at least what was moved.
 */
static void
check(struct order_item *items, size_t count)
{
	unsigned before = registers_of(items, count), after, other;

	settle(items, count);
	after = registers_of(items, count);
	assert_int_equal(before & ~after, 0);
	assert_true(in_order(items, count, after));
	for (other = 0; other < 1U << count; other++) {
		if ((before & ~other) == 0 && in_order(items, count, other))
			assert_int_equal(after & ~other, 0);
	}
}

static void
shuffle_positions(struct random *r, struct order_item *items, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		size_t other = random_below(r, (unsigned)i + 1);

		items[i].position = items[other].position;
		items[other].position = i;
	}
}

static void
test_any_order(void **state)
{
	struct random random = { 7 };
	unsigned round, moved = 0, settled = 0;

	(void)state;
	for (round = 0; round < 20000; round++) {
		struct order_item items[ITEMS_MAX] = { 0 };
		struct spec specs[ITEMS_MAX];
		size_t i, count = random_below(&random, ITEMS_MAX + 1);

		for (i = 0; i < count; i++) {
			generate_small_spec(&random, &specs[i]);
			items[i].spec = &specs[i];
			items[i].registers = random_below(&random, 6) == 0;
		}
		shuffle_positions(&random, items, count);
		check(items, count);
		if (registers_of(items, count) == 0)
			settled++;
		else
			moved++;
		for (i = 0; i < count; i++)
			spec_fini(&specs[i]);
	}
	assert_true(moved > 1000 && settled > 1000);
}

/* All possible orders of five entries that all overlap. */
static void
test_all_orders(void **state)
{
	static unsigned char magic[] = { 'M' };
	const struct spec spec = { .magic = { magic, 1 } };
	unsigned order;

	(void)state;
	for (order = 0; order < 120; order++) {
		struct order_item items[5];
		unsigned i, rest = order;

		for (i = 0; i < 5; i++) {
			unsigned other = rest % (i + 1);

			rest /= i + 1;
			items[i] = (struct order_item){ .spec = &spec };
			items[i].position = items[other].position;
			items[other].position = i;
		}
		check(items, 5);
	}
}

struct simple {
	const char *magics; /* a letter each */
	const char *positions;
	const char *before, *after; /* r: registers */
};

static void
test_cases(void **state)
{
	static const struct simple cases[] = {
		{ "", "", "", "" },
		{ "a", "0", ".", "." },
		{ "a", "0", "r", "r" },
		/* In order, whatever lies between. */
		{ "aaa", "012", "...", "..." },
		{ "aaa", "259", "...", "..." },
		/* The last one comes late, and all others go before it. */
		{ "aaa", "120", "...", "rr." },
		{ "aaa", "010", "..r", "rrr" },
		{ "aaa", "000", "r..", "r.." },
		/* Only those that can match the same file. */
		{ "aba", "210", "...", "r.." },
		{ "abc", "210", "...", "..." },
		{ "abb", "000", "..r", ".rr" },
		/* One that moves makes others move. */
		{ "aba", "012", "..r", "r.r" },
		/* Where the order is not known nothing is moved for it. */
		{ "aaa", "000", "...", "..." },
		{ "aab", "000", ".r.", "rr." },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct order_item items[ITEMS_MAX];
		struct spec specs[ITEMS_MAX] = { 0 };
		char got[ITEMS_MAX + 1] = "";
		size_t count = strlen(cases[i].magics);

		for (j = 0; j < count; j++) {
			specs[j].magic = (struct bytes){
				(unsigned char *)(uintptr_t)cases[i].magics + j,
				1
			};
			items[j].spec = &specs[j];
			items[j].position = (size_t)(cases[i].positions[j] -
			    '0');
			items[j].registers = cases[i].before[j] == 'r';
		}
		settle(items, count);
		for (j = 0; j < count; j++)
			got[j] = items[j].registers ? 'r' : '.';
		assert_string_equal(got, cases[i].after);
	}
}

/* The quick answer is only given where nothing would have to move. */
static void
test_is_settled(void **state)
{
	static unsigned char magic[] = { 'M' };
	const struct spec spec = { .magic = { magic, 1 } };
	struct order_item items[3] = { { &spec, 1, false }, { &spec, 4, false },
		{ &spec, 9, false } };

	(void)state;
	assert_true(order_is_settled(items, 0));
	assert_true(order_is_settled(items, 3));
	items[2].registers = true;
	assert_false(order_is_settled(items, 3));
	assert_true(order_is_settled(items, 2));
	items[2].registers = false;
	items[2].position = 3;
	assert_false(order_is_settled(items, 3));
	assert_true(order_is_settled(items, 2));
	/* As they are where the order is not known. */
	items[1].position = items[2].position = 1;
	assert_true(order_is_settled(items, 3));
}

/*
 * Ranking.
 */

#define RANKED_MAX 7

/* Named by its place in the array, so that no two are the same. */
static void
generate_format(struct random *r, struct format *format, size_t i)
{
	memset(format, 0, sizeof(*format));
	generate_small_spec(r, &format->spec);
	format->name = xasprintf("%c%zu", (int)('a' + random_below(r, 3)), i);
	format->priority = (int)random_below(r, 3) - 1;
	format->binfmtd = random_bool(r);
	if (format->binfmtd && format->priority == 0)
		format->sequence = (unsigned)i + 1;
	format->bpf = format->binfmtd && random_below(r, 4) == 0;
}

static bool
can_meet(const struct format *a, const struct format *b)
{
	return a->bpf || b->bpf || spec_overlaps(&a->spec, &b->spec);
}

/* Whether a must come before b, for the sake of the files or of the order. */
static bool
must_precede(const struct format *a, const struct format *b)
{
	if (a->sequence != 0 && b->sequence != 0)
		return a->sequence > b->sequence;
	return can_meet(a, b) && format_precedes(a, b) < 0;
}

/* Whether no order can satisfy all: one goes round in a circle. */
static bool
is_contradiction(const struct format *formats, size_t count)
{
	bool before[RANKED_MAX][RANKED_MAX];
	size_t i, j, k;

	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++)
			before[i][j] = must_precede(&formats[i], &formats[j]);
	}
	for (k = 0; k < count; k++) {
		for (i = 0; i < count; i++) {
			for (j = 0; j < count; j++)
				before[i][j] |= before[i][k] && before[k][j];
		}
	}
	for (i = 0; i < count; i++) {
		if (before[i][i])
			return true;
	}
	return false;
}

static void
check_rank(const struct format *formats, size_t count, bool contradiction)
{
	const struct format *pointers[RANKED_MAX] = { NULL };
	size_t rank[RANKED_MAX], i, j;
	unsigned seen = 0;

	for (i = 0; i < count; i++)
		pointers[i] = &formats[i];
	order_rank(pointers, count, rank);
	for (i = 0; i < count; i++)
		seen |= 1U << rank[i];
	assert_int_equal(seen, (1U << count) - 1);
	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++) {
			bool mixed = (formats[i].sequence != 0) !=
			    (formats[j].sequence != 0);

			/* The files' order counts; the other way has lost. */
			if (must_precede(&formats[i], &formats[j]) &&
			    (!mixed || !contradiction))
				assert_true(rank[i] < rank[j]);
		}
	}
}

static void
test_any_rank(void **state)
{
	struct random random = { 8 };
	unsigned round, contradictions = 0, rounds = 20000;

	(void)state;
	for (round = 0; round < rounds; round++) {
		struct format formats[RANKED_MAX];
		size_t i, count = random_below(&random, RANKED_MAX + 1);
		bool contradiction;

		for (i = 0; i < count; i++)
			generate_format(&random, &formats[i], i);
		contradiction = is_contradiction(formats, count);
		check_rank(formats, count, contradiction);
		contradictions += contradiction ? 1 : 0;
		for (i = 0; i < count; i++)
			format_fini(&formats[i]);
	}
	assert_in_range(contradictions, rounds / 1000, rounds / 2);
}

struct ranked {
	const char *name, *magic;
	int priority;
	unsigned sequence;
};

/* Each in the order in which they are to be tried. */
static void
test_ranks(void **state)
{
	static const struct {
		struct ranked formats[4];
	} cases[] = {
		/* Recorded formats. */
		{ { { "z", "abc", 0, 0 }, { "b", "ab", 0, 0 },
		    { "c", "ab", 0, 0 }, { "a", "a", 0, 0 } } },
		{ { { "z", "a", 2, 0 }, { "a", "abc", 1, 0 },
		    { "b", "ab", 0, 0 }, { "c", "abcd", -1, 0 } } },
		/* Rules keep the order of their files, the last one first. */
		{ { { "z", "a", 0, 9 }, { "b", "abcd", 0, 7 },
		    { "a", "ab", 0, 5 }, { "c", "abc", 0, 1 } } },
		/* Among each other, the usual order. */
		{ { { "z", "abc", 0, 0 }, { "c", "ab", 0, 1 },
		    { "d", "ab", 0, 0 }, { "a", "a", 0, 0 } } },
		/* Before the more general rule, which comes first. */
		{ { { "a", "ab", 0, 0 }, { "b", "a", 0, 2 }, { "c", "x", 0, 1 },
		    { "d", "xy", -1, 0 } } },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const struct format *pointers[4];
		struct format formats[4];
		size_t rank[4];

		memset(formats, 0, sizeof(formats));
		for (j = 0; j < 4; j++) {
			const struct ranked *r = &cases[i].formats[j];
			struct format *f = &formats[j];

			f->name = (char *)(uintptr_t)r->name;
			f->spec.magic.len = strlen(r->magic);
			f->spec.magic.data = (unsigned char *)(uintptr_t)
						 r->magic;
			f->priority = r->priority;
			f->sequence = r->sequence;
			/* From the last to the first. */
			pointers[3 - j] = f;
		}
		order_rank(pointers, 4, rank);
		for (j = 0; j < 4; j++)
			assert_int_equal(rank[j], 3 - j);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_all_orders),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_is_settled),
		cmocka_unit_test(test_any_rank),
		cmocka_unit_test(test_ranks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
