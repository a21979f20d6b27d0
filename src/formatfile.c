#include "formatfile.h"

#include <string.h>

#include "lines.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static void
parse_line(const char *text, size_t len, unsigned number,
    struct value values[KEY_COUNT], struct problems *problems)
{
	struct place place = { number, 1 };
	enum format_key key;
	size_t key_len;

	place.column += (unsigned)lines_trim(&text, &len);
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
	place.column += (unsigned)lines_trim(&text, &len);
	values[key] = (struct value){ text, len, place };
}

int
formatfile_values(const char *text, size_t len, struct value values[KEY_COUNT],
    struct problems *problems)
{
	size_t mark = strlen(BYTE_ORDER_MARK);
	size_t before = problems->errors;
	struct lines lines;

	memset(values, 0, KEY_COUNT * sizeof(*values));
	if (len >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0) {
		text += mark;
		len -= mark;
	}
	lines_init(&lines, text, len);
	while (lines_next(&lines)) {
		if (lines.len > FORMATFILE_LINE_MAX)
			(void)problem_error(problems,
			    (struct place){ lines.number, 0 }, NULL,
			    "the line has %zu bytes, more than %d", lines.len,
			    FORMATFILE_LINE_MAX);
		else
			parse_line(lines.text, lines.len, lines.number, values,
			    problems);
	}
	return problems->errors == before ? 0 : -1;
}

int
formatfile_parse(const char *name, const char *text, size_t len,
    struct format *format, struct problems *problems)
{
	struct value values[KEY_COUNT];
	int result;

	result = formatfile_values(text, len, values, problems);
	if (format_build(format, name, values, ORIGIN_FILE, problems) < 0)
		return -1;
	if (result < 0)
		format_fini(format);
	return result;
}
