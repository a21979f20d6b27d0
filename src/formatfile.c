#include "formatfile.h"

#include <string.h>

#include "lines.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Cuts blanks off both ends; returns how many were in front. */
static size_t
trim(const char **text, size_t *len)
{
	size_t front = 0;

	while (*len > 0 && is_blank((*text)[*len - 1]))
		(*len)--;
	while (front < *len && is_blank((*text)[front]))
		front++;
	*text += front;
	*len -= front;
	return front;
}

static void
parse_line(const char *text, size_t len, unsigned number,
    struct value values[KEY_COUNT], struct problems *problems)
{
	struct place place = { number, 1 };
	enum format_key key;
	size_t key_len;

	place.column += (unsigned)trim(&text, &len);
	if (len == 0 || text[0] == '#')
		return;
	for (key_len = 0; key_len < len && !is_blank(text[key_len]); key_len++)
		continue;
	key = format_key_find(text, key_len);
	if (key == KEY_COUNT) {
		problem_warning(problems, place, NULL,
		    "unknown key '%.*s'; ignored",
		    (int)(key_len > 64 ? 64 : key_len), text);
		return;
	}
	if (values[key].text != NULL)
		problem_warning(problems, place, format_key_name(key),
		    "is given again; line %u is ignored",
		    values[key].place.line);
	text += key_len;
	len -= key_len;
	place.column += (unsigned)key_len;
	place.column += (unsigned)trim(&text, &len);
	values[key] = (struct value){ text, len, place };
}

int
formatfile_parse(const char *name, const char *text, size_t len,
    struct format *format, struct problems *problems)
{
	struct value values[KEY_COUNT] = { 0 };
	size_t mark = strlen(BYTE_ORDER_MARK);
	struct lines lines;

	if (len >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0) {
		text += mark;
		len -= mark;
	}
	lines_init(&lines, text, len);
	while (lines_next(&lines)) {
		if (lines.len > FORMATFILE_LINE_MAX) {
			(void)problem_error(problems,
			    (struct place){ lines.number, 0 }, NULL,
			    "the line has %zu bytes, more than %d", lines.len,
			    FORMATFILE_LINE_MAX);
			continue;
		}
		parse_line(lines.text, lines.len, lines.number, values,
		    problems);
	}
	return format_build(format, name, values, ORIGIN_FILE, problems);
}
