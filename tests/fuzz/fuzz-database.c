/*
 * Any database file that is read is printed and read as the same, and printed
 * the same then.  Nothing is warned about: that has been done before.
 */
#include "database.h"
#include "same-format.h"

static void
check_again(const struct format *format)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = database_print(format);
	CLEANUP(cleanup_free) char *twice = NULL;
	struct format again;

	REQUIRE(
	    database_parse("name", text, strlen(text), &again, &problems) == 0);
	require_same_format(format, &again);
	twice = database_print(&again);
	REQUIRE(strcmp(text, twice) == 0);
	format_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	const char *text = fuzz_text(data);
	struct format format;
	int result;

	result = database_parse("name", text, size, &format, &problems);
	REQUIRE((result == 0) == (problems.errors == 0));
	REQUIRE(problems.count == problems.errors);
	fuzz_check_places(&problems, text, size, true);
	if (result < 0)
		return 0;
	require_valid_format(&format);
	require_printable_rule(&format);
	check_again(&format);
	format_fini(&format);
	return 0;
}
