/*
 * The text of a database file.
 */
#include "database.h"

#include <stdio.h>
#include <string.h>

#include "lines.h"
#include "xalloc.h"

/* Files of the oldest versions end with the interpreter. */
#define LINES_LEAST 6

/* Starts the line that tells which file a format came from. */
#define SOURCE_WORD "source "

/* What the lines hold; the type says which of two keys the fourth is. */
static const enum format_key line_keys[] = {
	KEY_PACKAGE,
	KEY_COUNT, /* the type */
	KEY_OFFSET,
	KEY_MAGIC,
	KEY_MASK,
	KEY_INTERPRETER,
	KEY_DETECTOR,
	KEY_CREDENTIALS,
	KEY_PRESERVE,
	KEY_FIX_BINARY,
};

static int
parse_type(const struct lines *lines, bool *extension,
    struct problems *problems)
{
	*extension = lines->len == strlen("extension") &&
	    memcmp(lines->text, "extension", lines->len) == 0;
	if (*extension ||
	    (lines->len == strlen("magic") &&
		memcmp(lines->text, "magic", lines->len) == 0))
		return 0;
	return problem_error(problems, (struct place){ lines->number, 1 },
	    "type", "'%.*s' is neither magic nor extension",
	    (int)(lines->len > 64 ? 64 : lines->len), lines->text);
}

/* A line behind the tenth; what a newer version wrote is passed over. */
static void
parse_further(const struct lines *lines, struct value values[KEY_COUNT])
{
	const char *blank = memchr(lines->text, ' ', lines->len);
	enum format_key key;
	size_t key_len;

	if (blank == NULL)
		return;
	key_len = (size_t)(blank - lines->text);
	key = format_key_find(lines->text, key_len);
	if (key != KEY_OPEN_BINARY && key != KEY_PRIORITY)
		return;
	values[key] = (struct value){ blank + 1, lines->len - key_len - 1,
		{ lines->number, (unsigned)key_len + 2 } };
}

/* The path behind "source ", owned by the caller, or NULL. */
static char *
parse_source(const struct lines *lines)
{
	size_t len = strlen(SOURCE_WORD);

	if (lines->len <= len || memcmp(lines->text, SOURCE_WORD, len) != 0 ||
	    memchr(lines->text, '\0', lines->len) != NULL)
		return NULL;
	return xstrndup(lines->text + len, lines->len - len);
}

int
database_parse(const char *name, const char *text, size_t len,
    struct format *format, struct problems *problems)
{
	struct value values[KEY_COUNT] = { 0 };
	CLEANUP(cleanup_free) char *source = NULL;
	bool extension = false;
	struct lines lines;

	lines_init(&lines, text, len);
	while (lines_next(&lines)) {
		enum format_key key;

		if (lines.number > ARRAY_LEN(line_keys)) {
			parse_further(&lines, values);
			if (source == NULL)
				source = parse_source(&lines);
			continue;
		}
		key = line_keys[lines.number - 1];
		if (key == KEY_COUNT) {
			if (parse_type(&lines, &extension, problems) < 0)
				return -1;
			continue;
		}
		if (key == KEY_MAGIC && extension)
			key = KEY_EXTENSION;
		values[key] = (struct value){ lines.text, lines.len,
			{ lines.number, 1 } };
	}
	if (lines.number < LINES_LEAST)
		return problem_error(problems, NOWHERE, NULL,
		    "has %u lines, and a format has at least %d: package, "
		    "type, offset, magic, mask, interpreter",
		    lines.number, LINES_LEAST);
	if (format_build(format, name, values, ORIGIN_DATABASE, problems) < 0)
		return -1;
	format->source = STEAL(source);
	return 0;
}

static const char *
choice_text(enum choice choice)
{
	switch (choice) {
	case CHOICE_YES:
		return "yes";
	case CHOICE_NO:
		return "no";
	case CHOICE_UNSET:
	default:
		return "";
	}
}

char *
database_print(const struct format *f)
{
	bool extension = f->spec.type == SPEC_EXTENSION;
	char offset[16], open_binary[32] = "", priority[32] = "", *text, *p;
	const char *const lines[] = { f->package,
		extension ? "extension" : "magic", offset,
		extension ? f->spec.extension : f->magic_text,
		f->mask_text == NULL ? "" : f->mask_text, f->interpreter,
		f->detector == NULL ? "" : f->detector,
		choice_text(f->credentials), choice_text(f->preserve),
		choice_text(f->fix_binary) };
	const char *source = f->source == NULL ? "" : f->source;
	size_t i, len;

	(void)snprintf(offset, sizeof(offset), "%u", f->spec.offset);
	if (f->open_binary != CHOICE_UNSET)
		(void)snprintf(open_binary, sizeof(open_binary), "%s %s\n",
		    format_key_name(KEY_OPEN_BINARY),
		    choice_text(f->open_binary));
	if (f->priority != 0)
		(void)snprintf(priority, sizeof(priority), "%s %d\n",
		    format_key_name(KEY_PRIORITY), f->priority);
	len = strlen(open_binary) + strlen(priority) + sizeof(SOURCE_WORD) +
	    strlen(source) + 2;
	for (i = 0; i < ARRAY_LEN(lines); i++)
		len += strlen(lines[i]) + 1;
	/* No printf, since actions on many formats print them to compare. */
	p = text = xmalloc(len);
	for (i = 0; i < ARRAY_LEN(lines); i++)
		p = lines_put(p, lines[i], '\n');
	p = stpcpy(stpcpy(p, open_binary), priority);
	if (f->source != NULL)
		p = lines_put(stpcpy(p, SOURCE_WORD), source, '\n');
	*p = '\0';
	return text;
}
