/*
 * The machines, held against the table that the format files are made of.
 */
#include "unit.h"

#include <unistd.h>

#include "machine.h"

struct row {
	char name[32];
	unsigned bits;
	char order[4];
	unsigned machine;
	char flags[8];
};

static void
make_head(const struct row *row, unsigned type,
    unsigned char head[MACHINE_HEAD])
{
	bool little = strcmp(row->order, "LE") == 0;
	int low = little ? 0 : 1;

	memset(head, 0, MACHINE_HEAD);
	memcpy(head, "\177ELF", 4);
	head[4] = (unsigned char)(row->bits / 32);
	head[5] = little ? 1 : 2;
	head[6] = 1;
	head[16 + low] = (unsigned char)type;
	head[18 + low] = (unsigned char)row->machine;
	head[19 - low] = (unsigned char)(row->machine >> 8);
	if (row->flags[0] != '-')
		head[little ? 36 : 39] = (unsigned char)strtoul(row->flags,
		    NULL, 10);
}

/* The name that the configuration has for it. */
static const char *
expected_name(struct row *row)
{
	char *old = strstr(row->name, "-old");

	if (old != NULL)
		*old = '\0';
	return machine_canonical(row->name);
}

static void
check_row(struct row *row)
{
	const char *name = expected_name(row);
	unsigned char head[MACHINE_HEAD];

	assert_non_null(name);
	make_head(row, 2, head);
	assert_string_equal(machine_find(head), name);
	make_head(row, 3, head);
	assert_string_equal(machine_find(head), name);
	/* What is around the magic of the formats does not matter. */
	memset(head + 7, 0xff, 9);
	assert_string_equal(machine_find(head), name);
	make_head(row, 1, head);
	assert_null(machine_find(head));
	make_head(row, 4, head);
	assert_null(machine_find(head));
	make_head(row, 2, head);
	head[1] = 'e';
	assert_null(machine_find(head));
}

static void
test_table(void **state)
{
	const char *top = getenv("TOP_SRCDIR");
	CLEANUP(cleanup_free) char *path = NULL;
	unsigned rows = 0;
	char line[256];
	FILE *file;

	(void)state;
	path = xasprintf("%s/format-files/machines", top == NULL ? "." : top);
	if (top == NULL && access(path, R_OK) < 0)
		skip();
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		struct row row;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		assert_int_equal(sscanf(line, "%31s %u %3s %u %7s", row.name,
				     &row.bits, row.order, &row.machine,
				     row.flags),
		    5);
		check_row(&row);
		rows++;
	}
	assert_int_equal(fclose(file), 0);
	assert_true(rows > 20);
}

static void
test_names(void **state)
{
	static const char *const pairs[][2] = {
		{ "x86", "i386" },
		{ "i386", "i386" },
		{ "amd64", "x86_64" },
		{ "x86_64", "x86_64" },
		{ "arm64", "aarch64" },
		{ "armhf", "arm" },
		{ "ppc64el", "ppc64le" },
		{ "loong64", "loongarch64" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(pairs); i++)
		assert_string_equal(machine_canonical(pairs[i][0]),
		    pairs[i][1]);
	assert_null(machine_canonical(""));
	assert_null(machine_canonical("pdp11"));
	assert_null(machine_canonical("X86"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
