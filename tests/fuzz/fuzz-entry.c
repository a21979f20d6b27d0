/*
 * Any text of an entry that is read is printed and read as the same.  And
 * when the kernel shows an interpreter and an extension that hold anything,
 * what is read is never something else: the input up to its first NUL byte is
 * taken for the one, and what is behind it for the other.
 */
#include "entry.h"
#include "fuzz.h"

static bool
same(const struct entry *a, const struct entry *b)
{
	return a->enabled == b->enabled && a->rule.bpf == b->rule.bpf &&
	    strcmp(a->rule.interpreter, b->rule.interpreter) == 0 &&
	    (a->rule.bpf || a->rule.flags == b->rule.flags) &&
	    fuzz_same_spec(&a->rule.spec, &b->rule.spec);
}

/* What is read, printed and read again; the flags as the kernel has them. */
static void
check_again(struct entry *entry)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *twice = NULL;
	struct entry again;

	if ((entry->rule.flags & RULE_CREDENTIALS) != 0)
		entry->rule.flags |= RULE_OPEN;
	text = entry_print(entry);
	REQUIRE(
	    entry_parse("name", text, strlen(text), &again, &problems) == 0);
	REQUIRE(same(entry, &again));
	REQUIRE(rule_same_effect(&entry->rule, &again.rule));
	twice = entry_print(&again);
	REQUIRE(strcmp(text, twice) == 0);
	entry_fini(&again);
}

static void
check_text(const char *text, size_t size)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	struct entry entry;
	int result;

	result = entry_parse("name", text, size, &entry, &problems);
	REQUIRE((result == 0) == (problems.errors == 0));
	fuzz_check_places(&problems, text, size, true);
	if (result < 0)
		return;
	REQUIRE(strcmp(entry.rule.name, "name") == 0);
	REQUIRE(entry.rule.bpf ||
	    entry.rule.spec.offset + entry.rule.spec.magic.len <= SPEC_HEAD);
	check_again(&entry);
	entry_fini(&entry);
}

/*
 * The interpreter is never read as another one.  The extension can have been
 * cut at a newline, since a line behind it could be one of a newer kernel.
 */
static void
check_forged(const char *interpreter, const char *extension)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free)
	char *text = xasprintf(
	    "enabled\ninterpreter %s\nflags: P\n"
	    "extension .%s\n",
	    interpreter, extension);
	struct entry entry;

	if (entry_parse("name", text, strlen(text), &entry, &problems) < 0) {
		REQUIRE(strpbrk(interpreter, "\n") != NULL ||
		    strpbrk(extension, "\n") != NULL ||
		    interpreter[0] == '\0' || extension[0] == '\0');
		return;
	}
	REQUIRE(strcmp(entry.rule.interpreter, interpreter) == 0);
	REQUIRE(entry.rule.flags == RULE_PRESERVE);
	REQUIRE(entry.rule.spec.type == SPEC_EXTENSION);
	REQUIRE(strncmp(entry.rule.spec.extension, extension,
		    strcspn(extension, "\n")) == 0);
	entry_fini(&entry);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) char *copy = xstrndup(fuzz_text(data), size);
	size_t first = strlen(copy);

	check_text(fuzz_text(data), size);
	if (first < size)
		check_forged(copy, copy + first + 1);
	return 0;
}
