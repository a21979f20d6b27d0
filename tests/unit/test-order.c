#include "generate.h"
#include "order.h"

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

	order_settle(items, count);
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
		order_settle(items, count);
		for (j = 0; j < count; j++)
			got[j] = items[j].registers ? 'r' : '.';
		assert_string_equal(got, cases[i].after);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_all_orders),
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
