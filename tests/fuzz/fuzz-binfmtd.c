/*
 * Any file of binfmt.d gives the rules of its good lines and a message about
 * each bad one, whatever stands around them; each rule is printed as a line
 * that gives a rule of the same effect.
 */
#include "binfmtd.h"
#include "fuzz.h"
#include "lines.h"

/* A line that systemd-binfmt would not look at. */
static bool
is_idle(const char *text, size_t len)
{
	(void)lines_trim(&text, &len);
	return len == 0 || text[0] == '#' || text[0] == ';';
}

static void
check_same_rule(const struct rule *a, const struct rule *b)
{
	REQUIRE(rule_same_effect(a, b));
	REQUIRE(strcmp(a->name, b->name) == 0);
	REQUIRE(strcmp(a->interpreter, b->interpreter) == 0);
	REQUIRE(a->bpf == b->bpf && a->flags == b->flags);
	REQUIRE(fuzz_same_spec(&a->spec, &b->spec));
}

/* Printed in a file of its own, as --export does it. */
static void
check_again(const struct rule *rule)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = rule_print(rule, &problems);
	struct binfmtd again = { 0 };

	if (text == NULL) {
		REQUIRE(problems.errors == 1);
		return;
	}
	REQUIRE(strchr(text, '\n') == NULL);
	/* A blank that delimits is white space in front of a line. */
	if (text[0] != ' ') {
		binfmtd_parse(&again, "again", text, strlen(text), &problems);
		REQUIRE(problems.count == 0 && again.count == 1);
		check_same_rule(rule, &again.rules[0].rule);
	}
	binfmtd_fini(&again);
}

/* Each line by itself gives what it gave among the others. */
static void
check_lines(const struct binfmtd *all, const char *text, size_t size)
{
	size_t next = 0;
	struct lines lines;

	lines_init(&lines, text, size);
	while (lines_next(&lines)) {
		CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
		struct binfmtd one = { 0 };

		binfmtd_parse(&one, "one", lines.text, lines.len, &problems);
		REQUIRE(one.count <= 1);
		if (is_idle(lines.text, lines.len))
			REQUIRE(one.count == 0 && problems.count == 0);
		else if ((unsigned char)lines.text[0] != 0xef)
			REQUIRE(one.count == 1 || problems.errors > 0);
		/* Only the first line can have a byte order mark. */
		if (one.count == 1 && next < all->count &&
		    all->rules[next].line == lines.number)
			check_same_rule(&one.rules[0].rule,
			    &all->rules[next++].rule);
		else if (one.count == 1)
			REQUIRE((unsigned char)lines.text[0] == 0xef);
		binfmtd_fini(&one);
	}
	REQUIRE(next == all->count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	const char *text = fuzz_text(data);
	struct binfmtd all = { 0 };
	unsigned last = 0;
	size_t i;

	binfmtd_parse(&all, "path", text, size, &problems);
	REQUIRE(problems.count == problems.errors);
	for (i = 0; i < all.count; i++) {
		REQUIRE(all.rules[i].line > last);
		last = all.rules[i].line;
		check_again(&all.rules[i].rule);
	}
	check_lines(&all, text, size);
	binfmtd_fini(&all);
	return 0;
}
