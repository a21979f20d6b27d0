#include "lines.h"

#include <string.h>

void
lines_init(struct lines *lines, const char *buffer, size_t len)
{
	lines->next = buffer;
	lines->end = buffer + len;
	lines->text = buffer;
	lines->len = 0;
	lines->number = 0;
}

bool
lines_next(struct lines *lines)
{
	const char *newline;

	if (lines->next == lines->end)
		return false;
	lines->text = lines->next;
	newline = memchr(lines->text, '\n', (size_t)(lines->end - lines->text));
	if (newline == NULL) {
		lines->next = lines->end;
		lines->len = (size_t)(lines->end - lines->text);
	} else {
		lines->next = newline + 1;
		lines->len = (size_t)(newline - lines->text);
	}
	lines->number++;
	return true;
}

bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

size_t
lines_trim(const char **text, size_t *len)
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

char *
lines_put(char *to, const char *text, char end)
{
	to = stpcpy(to, text);
	*to++ = end;
	return to;
}
