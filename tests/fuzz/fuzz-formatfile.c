/*
 * Any format file that is read is written as one again, with each value in
 * its canonical form, and read as the same; and so is what the database holds
 * of it.
 */
#include "database.h"
#include "formatfile.h"
#include "same-format.h"

static void
write_choice(FILE *out, enum format_key key, enum choice choice)
{
	if (choice != CHOICE_UNSET)
		fprintf(out, "%s\t%s\r\n", format_key_name(key),
		    choice == CHOICE_YES ? "YES" : "no");
}

static void
write_value(FILE *out, enum format_key key, const char *value)
{
	if (value != NULL)
		fprintf(out, " %s  %s \n#\n", format_key_name(key), value);
}

static char *
write_file(const struct format *f)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	REQUIRE(out != NULL);
	write_choice(out, KEY_CREDENTIALS, f->credentials);
	write_choice(out, KEY_PRESERVE, f->preserve);
	write_choice(out, KEY_FIX_BINARY, f->fix_binary);
	write_choice(out, KEY_OPEN_BINARY, f->open_binary);
	write_value(out, KEY_DETECTOR, f->detector);
	write_value(out, KEY_INTERPRETER, f->interpreter);
	write_value(out, KEY_MASK, f->mask_text);
	write_value(out, KEY_MAGIC, f->magic_text);
	write_value(out, KEY_EXTENSION, f->spec.extension);
	write_value(out, KEY_PACKAGE, f->package);
	if (f->spec.offset != 0)
		fprintf(out, "offset +%u\n", f->spec.offset);
	fprintf(out, "priority %+d", f->priority);
	REQUIRE(fclose(out) == 0);
	return text;
}

static void
check_again(const struct format *format)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = write_file(format);
	CLEANUP(cleanup_free) char *recorded = database_print(format);
	struct format again;

	/* With its key before it, a line may have become too long. */
	if (format->detector == NULL ||
	    strlen(format->detector) < FORMATFILE_LINE_MAX - 20) {
		REQUIRE(formatfile_parse("name", text, strlen(text), &again,
			    &problems) == 0);
		require_same_format(format, &again);
		format_fini(&again);
	}
	REQUIRE(database_parse("name", recorded, strlen(recorded), &again,
		    &problems) == 0);
	require_same_format(format, &again);
	format_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	const char *text = fuzz_text(data);
	struct format format;
	int result;

	result = formatfile_parse("name", text, size, &format, &problems);
	REQUIRE((result == 0) == (problems.errors == 0));
	fuzz_check_places(&problems, text, size, true);
	if (result < 0)
		return 0;
	require_valid_format(&format);
	require_printable_rule(&format);
	REQUIRE(strcmp(format.package, FORMAT_LOCAL) != 0);
	check_again(&format);
	format_fini(&format);
	return 0;
}
