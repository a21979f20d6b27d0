#include "generate.h"
#include "plan.h"

#define RUN_DETECTORS "/libexec/run-detectors"

/* A letter, and what it makes of a format. */
static void
set(struct format *format, char letter)
{
	switch (letter) {
	case 'P':
		format->preserve = CHOICE_YES;
		break;
	case 'O':
		format->open_binary = CHOICE_YES;
		break;
	case 'C':
		format->credentials = CHOICE_YES;
		break;
	case 'F':
		format->fix_binary = CHOICE_YES;
		break;
	case 'd':
		format->detector = xstrdup("/d");
		break;
	case 's':
		free(format->interpreter);
		format->interpreter = xstrdup("/same");
		break;
	case 'r':
		format->binfmtd = true;
		break;
	case 'o':
		free(format->package);
		format->package = xstrdup("off");
		break;
	case 'm':
		format->masked = true;
		break;
	case 'i':
		format->invalid = true;
		break;
	case 'b':
		format->bpf = true;
		break;
	default:
		break;
	}
}

/*
 * A format in a few words: NAME MAGIC, and letters: P, O, C, F for what is
 * yes; d: a detector; s: the same interpreter as others with s; r: a rule of
 * binfmt.d; o: one that is not active; m: masked; i: invalid; b: bpf; then +N
 * or -N for a priority.  A magic with a dot in front is an extension; one with
 * a ~ behind has a mask of ones.
 */
static void
make(struct format *format, const char *text)
{
	CLEANUP(cleanup_free) char *copy = xstrdup(text);
	char *rest, *name = strtok_r(copy, " ", &rest);
	char *magic = strtok_r(NULL, " ", &rest);
	const char *word = strtok_r(NULL, " ", &rest);
	size_t len = strcspn(magic, "~");

	memset(format, 0, sizeof(*format));
	format->name = xstrdup(name);
	format->package = xstrdup("p");
	format->interpreter = xasprintf("/%s", name);
	if (magic[0] == '.') {
		format->spec.type = SPEC_EXTENSION;
		format->spec.extension = xstrdup(magic + 1);
	} else {
		format->spec.magic = (struct bytes){
			(unsigned char *)xstrndup(magic, len), len
		};
		if (magic[len] == '~') {
			format->spec.mask = (struct bytes){ xmalloc(len), len };
			memset(format->spec.mask.data, 0xff, len);
		}
	}
	for (; word != NULL && *word != '\0'; word++) {
		if (*word == '+' || *word == '-')
			format->priority = atoi(word);
		else
			set(format, *word);
	}
}

static bool
is_active(const void *context, const struct format *format)
{
	(void)context;
	return strcmp(format->package, "off") != 0;
}

/* Why an item is not registered. */
static const char *
show_why(const struct plan_item *item)
{
	assert_int_equal(item->flags, 0);
	if (item->why == PLAN_RIVAL)
		return item->rival->name;
	assert_null(item->rival);
	return item->why == PLAN_MASKED ? "masked" :
	    item->why == PLAN_INVALID	? "invalid" :
	    item->why == PLAN_DETECTOR	? "detector" :
					  "?";
}

/* An item: how, with the flags, or because of what not. */
static char *
show(const struct plan_item *item)
{
	char flags[8];

	rule_flag_letters(item->flags, flags);
	switch (item->how) {
	case PLAN_DIRECT:
		return xasprintf("%s direct %s", item->format->name, flags);
	case PLAN_DETECTORS:
		return xasprintf("%s detectors %s", item->format->name, flags);
	case PLAN_NOT:
	default:
		return xasprintf("%s not %s", item->format->name,
		    show_why(item));
	}
}

#define FORMATS_MAX 5

struct planned {
	const char *formats[FORMATS_MAX];
	const char *items[FORMATS_MAX]; /* in the order of the formats */
};

/* The plan does not depend on the order of the formats, so all are tried. */
static void
check_rotated(const struct planned *planned, size_t count, size_t first)
{
	struct format formats[FORMATS_MAX];
	struct format *pointers[FORMATS_MAX] = { NULL };
	const struct plan_active active = { is_active, NULL };
	struct plan plan;
	size_t i;

	for (i = 0; i < count; i++) {
		make(&formats[i], planned->formats[(first + i) % count]);
		pointers[i] = &formats[i];
	}
	plan_make(&plan, pointers, count, RUN_DETECTORS, &active);
	assert_int_equal(plan.count, count);
	for (i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *got = show(&plan.items[i]);

		assert_ptr_equal(plan.items[i].format, &formats[i]);
		assert_string_equal(got, planned->items[(first + i) % count]);
	}
	plan_fini(&plan);
	assert_null(plan.items);
	for (i = 0; i < count; i++)
		format_fini(&formats[i]);
}

static void
check(const struct planned *planned, size_t count)
{
	size_t i, formats, first;

	for (i = 0; i < count; i++) {
		for (formats = 0; formats < FORMATS_MAX; formats++) {
			if (planned[i].formats[formats] == NULL)
				break;
		}
		for (first = 0; first < formats; first++)
			check_rotated(&planned[i], formats, first);
	}
}

#define CHECK(planned) check(planned, ARRAY_LEN(planned))

static void
test_alone(void **state)
{
	static const struct planned planned[] = {
		{ { "a MZ" }, { "a direct " } },
		{ { "a MZ POCF" }, { "a direct POCF" } },
		{ { "a .x F-7" }, { "a direct F" } },
		{ { "a MZ d" }, { "a detectors " } },
		/* What a second exec cannot hand on is not asked for. */
		{ { "a MZ dPOC" }, { "a detectors P" } },
		{ { "a MZ dOC" }, { "a detectors " } },
		{ { "a MZ", "b MY", "c .MZ", "d MZx" },
		    { "a direct ", "b direct ", "c direct ", "d direct " } },
	};
	struct format *nothing = NULL;
	struct plan plan;

	(void)state;
	CHECK(planned);
	plan_make(&plan, &nothing, 0, RUN_DETECTORS, NULL);
	assert_int_equal(plan.count, 0);
	plan_fini(&plan);
}

static void
test_shared(void **state)
{
	static const struct planned planned[] = {
		{ { "a MZ", "b MZ" }, { "a detectors ", "b detectors " } },
		/* The same files, written in another way. */
		{ { "a MZ", "b MZ~" }, { "a detectors ", "b detectors " } },
		{ { "a .x", "b .x d" }, { "a detectors ", "b detectors " } },
		{ { "a MZ +9", "b MZ -9" },
		    { "a detectors ", "b detectors " } },
		{ { "a MZ OC", "b MZ P", "c MZ" },
		    { "a detectors P", "b detectors P", "c detectors P" } },
		{ { "a MZ", "b MZ", "c AI P", "d .x d", "e .x" },
		    { "a detectors ", "b detectors ", "c direct P",
			"d detectors ", "e detectors " } },
	};

	(void)state;
	CHECK(planned);
}

static void
test_fixed(void **state)
{
	static const struct planned planned[] = {
		/* It keeps its direct entry, unless a priority says no. */
		{ { "a MZ F", "b MZ" }, { "a direct F", "b not a" } },
		{ { "b MZ FP", "a MZ" }, { "b direct PF", "a not b" } },
		{ { "a MZ F+1", "b MZ +1" }, { "a direct F", "b not a" } },
		{ { "a MZ F+2", "b MZ +1" }, { "a direct F", "b not a" } },
		{ { "a MZ F", "b MZ +1" }, { "a not b", "b direct " } },
		{ { "a MZ F", "b MZ P+1", "c MZ" },
		    { "a not b", "b detectors P", "c detectors P" } },
		{ { "a MZ F", "b MZ", "c MZ d" },
		    { "a direct F", "b not a", "c not a" } },
		{ { "a MZ F", "b MZ d+1" }, { "a not b", "b detectors " } },
		/* Of two, the one that is tried first. */
		{ { "a MZ F", "b MZ F" }, { "a direct F", "b not a" } },
		{ { "a MZ F", "b MZ F+1" }, { "a not b", "b direct F" } },
		{ { "a MZ F", "b MZ F+1", "c MZ +1" },
		    { "a not b", "b direct F", "c not b" } },
		{ { "a MZ F", "b MZ F+1", "c MZ +2" },
		    { "a not c", "b not c", "c direct " } },
		{ { "a MZ F", "b MZ F", "c MZ +2", "d MZ +3" },
		    { "a not d", "b not d", "c detectors ", "d detectors " } },
		/* The specs of others do not matter. */
		{ { "a MZ F", "b MZx F", "c .MZ F" },
		    { "a direct F", "b direct F", "c direct F" } },
	};

	(void)state;
	CHECK(planned);
}

/* With a detector it cannot be fixed, and is as if it were not there. */
static void
test_fixed_with_detector(void **state)
{
	static const struct planned planned[] = {
		{ { "a MZ dF" }, { "a not detector" } },
		{ { "a MZ dF+9", "b MZ O" },
		    { "a not detector", "b direct O" } },
		{ { "a MZ dF+9", "b MZ F" },
		    { "a not detector", "b direct F" } },
		{ { "a MZ dFP", "b MZ", "c MZ" },
		    { "a not detector", "b detectors ", "c detectors " } },
		{ { "a MZ dF", "b MZ dF", "c MZ F", "d MZ" },
		    { "a not detector", "b not detector", "c direct F",
			"d not c" } },
	};

	(void)state;
	CHECK(planned);
}

/* Who has no entry does not decide about those of others. */
static void
test_excluded_preserve(void **state)
{
	static const struct planned planned[] = {
		{ { "a MZ FP", "b MZ +1", "c MZ +1" },
		    { "a not b", "b detectors ", "c detectors " } },
		{ { "a MZ F", "b MZ P" }, { "a direct F", "b not a" } },
	};

	(void)state;
	CHECK(planned);
}

/* What the administrator has said, of one format and not of the others. */
static void
test_overridden(void **state)
{
	static const struct planned planned[] = {
		{ { "a MZ Pm" }, { "a not masked" } },
		{ { "a MZ Pi" }, { "a not invalid" } },
		{ { "a MZ dFm" }, { "a not masked" } },
		{ { "a MZ dPm", "b MZ O" }, { "a not masked", "b direct O" } },
		{ { "a MZ Fi+9", "b MZ", "c MZ" },
		    { "a not invalid", "b detectors ", "c detectors " } },
	};

	(void)state;
	CHECK(planned);
}

/* Among rules of binfmt.d each has its entry; the last one wins. */
static void
test_rules(void **state)
{
	static const struct planned planned[] = {
		{ { "a MZ rPO", "b MZ r", "c MZ rF" },
		    { "a direct PO", "b direct ", "c direct F" } },
		{ { "a MZ rFC", "b MZ rF" }, { "a direct CF", "b direct F" } },
		/* An override can give one a detector. */
		{ { "a MZ rd", "b MZ r" }, { "a detectors ", "b detectors " } },
		{ { "a MZ rm", "b MZ r" }, { "a not masked", "b direct " } },
		/* A program decides; there are no bits that could be shared. */
		{ { "a x d", "b x rb", "c x" },
		    { "a detectors ", "b direct ", "c detectors " } },
		{ { "a x rb", "b x rb", "c x", "d x d" },
		    { "a direct ", "b direct ", "c detectors ",
			"d detectors " } },
	};

	(void)state;
	CHECK(planned);
}

/* With recorded formats they share, as those do among themselves. */
static void
test_rules_and_formats(void **state)
{
	static const struct planned planned[] = {
		{ { "a MZ r", "b MZ" }, { "a detectors ", "b detectors " } },
		{ { "a MZ rPO", "b MZ d" },
		    { "a detectors P", "b detectors P" } },
		{ { "a MZ rF", "b MZ" }, { "a direct F", "b not a" } },
		{ { "a MZ r+1", "b MZ F" }, { "a direct ", "b not a" } },
		{ { "a MZ r", "b MZ F" }, { "a not b", "b direct F" } },
		/* Not while they are not active. */
		{ { "a MZ roP", "b MZ" }, { "a direct P", "b direct " } },
		{ { "a MZ roP", "b MZ", "c MZ" },
		    { "a direct P", "b detectors ", "c detectors " } },
		{ { "a MZ roF", "b MZ" }, { "a direct F", "b direct " } },
		/* Nor when they do the very same as a recorded one. */
		{ { "a MZ rsP", "b MZ sP" }, { "a direct P", "b direct P" } },
		{ { "a MZ rsF", "b MZ sF" }, { "a direct F", "b direct F" } },
		{ { "a MZ rs", "b MZ sP" },
		    { "a detectors P", "b detectors P" } },
		{ { "a MZ rs", "b MZ sd" },
		    { "a detectors ", "b detectors " } },
		{ { "a MZ rs", "b MZ sm" }, { "a direct ", "b not masked" } },
		{ { "a MZ rsd", "b MZ s" },
		    { "a detectors ", "b detectors " } },
		/* A twin goes the way of its brother, whatever its name. */
		{ { "a MZ rs", "b MZ s", "c MZ d" },
		    { "a detectors ", "b detectors ", "c detectors " } },
		{ { "a MZ rs", "b MZ s", "c MZ F" },
		    { "a not c", "b not c", "c direct F" } },
		{ { "b MZ sF", "a MZ rsF", "c MZ +1" },
		    { "b not c", "a not c", "c direct " } },
		{ { "a MZ sF", "b MZ rsF", "c MZ +1" },
		    { "a not c", "b not c", "c direct " } },
	};

	(void)state;
	CHECK(planned);
}

/* With none named, all rules are active. */
static void
test_all_active(void **state)
{
	struct format formats[2], *pointers[2] = { &formats[0], &formats[1] };
	struct plan plan;

	(void)state;
	make(&formats[0], "a MZ ro");
	make(&formats[1], "b MZ");
	plan_make(&plan, pointers, 2, RUN_DETECTORS, NULL);
	assert_int_equal(plan.items[0].how, PLAN_DETECTORS);
	assert_int_equal(plan.items[1].how, PLAN_DETECTORS);
	plan_fini(&plan);
	format_fini(&formats[0]);
	format_fini(&formats[1]);
}

static void
test_find(void **state)
{
	static const char *const texts[] = { "A MZ", "a MZ", "b .x", "z AI" };
	struct format formats[4], *pointers[4];
	struct plan plan;
	size_t i;

	(void)state;
	plan_make(&plan, NULL, 0, RUN_DETECTORS, NULL);
	assert_null(plan_find(&plan, "a"));
	plan_fini(&plan);
	for (i = 0; i < 4; i++) {
		make(&formats[i], texts[i]);
		pointers[i] = &formats[i];
	}
	plan_make(&plan, pointers, 4, RUN_DETECTORS, NULL);
	for (i = 0; i < 4; i++)
		assert_ptr_equal(plan_find(&plan, formats[i].name),
		    &plan.items[i]);
	assert_null(plan_find(&plan, "c"));
	plan_fini(&plan);
	for (i = 0; i < 4; i++)
		format_fini(&formats[i]);
}

static void
test_rule(void **state)
{
	static const struct {
		const char *format, *text;
	} cases[] = {
		{ "a MZ POCF", ":a:M:0:MZ::/a:POCF" },
		{ "a .x", ":a:E:0:x::/a:" },
		{ "a x rb", ":a:B::::/a:" },
		{ "a MZ~ dPC", ":a:M:0:MZ:\\xff\\xff:" RUN_DETECTORS ":P" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
		CLEANUP(cleanup_free) char *text = NULL;
		struct format format, *pointer = &format;
		struct plan plan;
		struct rule rule;

		make(&format, cases[i].format);
		plan_make(&plan, &pointer, 1, RUN_DETECTORS, NULL);
		rule = plan_rule(&plan, &plan.items[0]);
		text = rule_print(&rule, &problems);
		plan_fini(&plan);
		format_fini(&format);
		assert_string_equal(text, cases[i].text);
	}
}

/*
 * What must hold for any formats.
 */

#define MANY 12

static bool
same_spec(const struct plan_item *a, const struct plan_item *b)
{
	return spec_compare(&a->format->spec, &b->format->spec) == 0;
}

static bool
is_fixed(const struct plan_item *item)
{
	return item->format->fix_binary == CHOICE_YES;
}

static void
check_pair(const struct plan_item *a, const struct plan_item *b)
{
	if (a == b || !same_spec(a, b) || a->how == PLAN_NOT ||
	    b->how == PLAN_NOT)
		return;
	/* Two entries of one spec: the kernel would only try one of them. */
	assert_int_equal(a->how, PLAN_DETECTORS);
	assert_int_equal(b->how, PLAN_DETECTORS);
	assert_int_equal(a->flags, b->flags);
}

static void
check_excluded(const struct plan *plan, const struct plan_item *item)
{
	const struct plan_item *rival = NULL;
	size_t i;

	if (item->rival == NULL) {
		assert_true(is_fixed(item));
		assert_non_null(item->format->detector);
		return;
	}
	for (i = 0; i < plan->count; i++) {
		if (plan->items[i].format == item->rival)
			rival = &plan->items[i];
	}
	assert_non_null(rival);
	assert_true(same_spec(rival, item));
	assert_int_not_equal(rival->how, PLAN_NOT);
	/* A fixed one has lost against a better one, or a higher priority. */
	assert_true(is_fixed(item) || is_fixed(rival));
	if (is_fixed(item) && is_fixed(rival))
		assert_true(format_precedes(rival->format, item->format) < 0);
	else if (is_fixed(item))
		assert_true(rival->format->priority > item->format->priority);
	else
		assert_true(item->format->priority <= rival->format->priority);
}

static void
check_item(const struct plan *plan, const struct plan_item *item)
{
	bool shared = false;
	size_t i;

	for (i = 0; i < plan->count; i++) {
		check_pair(item, &plan->items[i]);
		if (&plan->items[i] != item && plan->items[i].how != PLAN_NOT &&
		    same_spec(item, &plan->items[i]))
			shared = true;
	}
	switch (item->how) {
	case PLAN_DIRECT:
		assert_false(shared);
		assert_null(item->format->detector);
		assert_int_equal(item->flags, format_flags(item->format));
		break;
	case PLAN_DETECTORS:
		assert_true(shared || item->format->detector != NULL);
		assert_false(is_fixed(item));
		assert_int_equal(item->flags & ~(unsigned)RULE_PRESERVE, 0);
		assert_true((item->flags & RULE_PRESERVE) != 0 ||
		    item->format->preserve != CHOICE_YES);
		break;
	case PLAN_NOT:
	default:
		check_excluded(plan, item);
		break;
	}
}

static void
generate_format(struct random *r, struct format *format)
{
	CLEANUP(cleanup_free)
	char *text = xasprintf("%c%u %s%s %s%s%s%s%s%+d",
	    (int)('a' + random_below(r, 3)), random_below(r, 1000),
	    random_bool(r)     ? "MZ" :
		random_bool(r) ? "AI" :
				 ".x",
	    random_bool(r) ? "~" : "", random_below(r, 4) == 0 ? "d" : "",
	    random_bool(r) ? "P" : "", random_bool(r) ? "O" : "",
	    random_bool(r) ? "C" : "", random_below(r, 3) == 0 ? "F" : "",
	    (int)random_below(r, 3) - 1);

	make(format, text);
	/* No tilde is part of an extension. */
	if (format->spec.extension != NULL)
		format->spec.extension[1] = '\0';
}

static void
test_any_formats(void **state)
{
	struct random random = { 6 };
	unsigned round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		struct format formats[MANY], *pointers[MANY];
		unsigned count = random_below(&random, MANY + 1);
		struct plan plan;
		size_t i;

		for (i = 0; i < count; i++) {
			generate_format(&random, &formats[i]);
			pointers[i] = &formats[i];
		}
		plan_make(&plan, pointers, count, RUN_DETECTORS, NULL);
		for (i = 0; i < count; i++)
			check_item(&plan, &plan.items[i]);
		plan_fini(&plan);
		for (i = 0; i < count; i++)
			format_fini(&formats[i]);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_fixed_with_detector),
		cmocka_unit_test(test_excluded_preserve),
		cmocka_unit_test(test_overridden),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_rules_and_formats),
		cmocka_unit_test(test_all_active),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_any_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
