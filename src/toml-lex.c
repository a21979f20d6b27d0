#include "toml-internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

struct place
toml_place(const struct toml_parser *p, const char *at)
{
	return (struct place){
		.line = p->line,
		.column = (unsigned)(at - p->line_start) + 1,
	};
}

int(toml_error)(struct toml_parser *p, struct place place, const char *format,
    ...)
{
	CLEANUP(cleanup_free) char *reason = NULL;
	va_list ap;

	p->error_line = p->line;
	if (p->errors > TOML_ERRORS_MAX)
		return -1;
	if (p->errors++ == TOML_ERRORS_MAX)
		return problem_error(p->problems, place, NULL,
		    "too many errors; no more of them are shown");
	va_start(ap, format);
	reason = xvasprintf(format, ap);
	va_end(ap);
	return problem_error(p->problems, place, NULL, "%s", reason);
}

bool
toml_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
toml_is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    toml_is_digit(c) || c == '_' || c == '-';
}

bool
toml_next_is(const struct toml_parser *p, char c)
{
	return p->at < p->end && *p->at == c;
}

bool
toml_at_newline(const struct toml_parser *p)
{
	return toml_next_is(p, '\n') ||
	    (p->end - p->at > 1 && p->at[0] == '\r' && p->at[1] == '\n');
}

bool
toml_newline(struct toml_parser *p)
{
	if (!toml_at_newline(p))
		return false;
	p->at += *p->at == '\r' ? 2 : 1;
	p->line++;
	p->line_start = p->at;
	return true;
}

void
toml_skip_space(struct toml_parser *p)
{
	while (toml_next_is(p, ' ') || toml_next_is(p, '\t'))
		p->at++;
}

void
toml_skip_line(struct toml_parser *p)
{
	while (p->at < p->end && !toml_newline(p))
		p->at++;
}

/*
 * The length of the UTF-8 sequence of a scalar value (RFC 3629: the shortest
 * form only, no surrogates, nothing above U+10FFFF), or 0 if there is none.
 */
static size_t
utf8_len(const char *text, size_t left)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char min = 0x80, max = 0xbf; /* of the second byte */
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		min = 0xa0;
	else if (s[0] == 0xed)
		max = 0x9f;
	else if (s[0] == 0xf0)
		min = 0x90;
	else if (s[0] == 0xf4)
		max = 0x8f;
	if (len > left || s[1] < min || s[1] > max)
		return 0;
	for (i = 2; i < len; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return len;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* C1 control characters (U+0080 to U+009F) are UTF-8, but not printable. */
static bool
is_printable(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	if (len == 1)
		return !is_control(*text);
	return len > 1 && !(s[0] == 0xc2 && s[1] < 0xa0);
}

void
toml_excerpt(char out[TOML_EXCERPT], const char *text, size_t len)
{
	static const char dots[] = "...";
	const char *shown;
	size_t i, n, step, width;

	for (i = n = 0; i < len; i += step == 0 ? 1 : step) {
		step = utf8_len(text + i, len - i);
		shown = is_printable(text + i, step) ? text + i : "?";
		width = *shown == '?' ? 1 : step;
		/* Room for this, and for the dots and their NUL behind it. */
		if (n + width + sizeof(dots) > TOML_EXCERPT) {
			memcpy(out + n, dots, sizeof(dots));
			return;
		}
		memcpy(out + n, shown, width);
		n += width;
	}
	out[n] = '\0';
}

/* The code point of a sequence of more than one byte. */
static unsigned
code_point(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned c = s[0] & (0xffu >> (len + 1));
	size_t i;

	for (i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

/* What is at p->at, in words; something is there. */
static void
describe(const struct toml_parser *p, char *out, size_t size)
{
	unsigned char c = (unsigned char)*p->at;
	char shown[TOML_EXCERPT];
	size_t len;

	len = utf8_len(p->at, (size_t)(p->end - p->at));
	toml_excerpt(shown, p->at, len);
	if (toml_at_newline(p))
		(void)snprintf(out, size, "the end of the line");
	else if (c == '\r')
		(void)snprintf(out, size,
		    "a carriage return without a line feed");
	else if (is_control(*p->at))
		(void)snprintf(out, size, "the control character 0x%02x", c);
	else if (len == 0)
		(void)snprintf(out, size, "the byte 0x%02x that is not UTF-8",
		    c);
	else if (len == 1)
		(void)snprintf(out, size, "'%c'", c);
	else
		(void)snprintf(out, size, "'%s' (U+%04X)", shown,
		    code_point(p->at, len));
}

int(toml_expected)(struct toml_parser *p, const char *what)
{
	char found[2 * TOML_EXCERPT] = "the end of the file";

	/* On a line that has an error already, it would be its consequence. */
	if (p->errors > 0 && p->error_line == p->line)
		return -1;
	if (p->at < p->end)
		describe(p, found, sizeof(found));
	return toml_error(p, toml_place(p, p->at), "expected %s, found %s",
	    what, found);
}

size_t
toml_character(struct toml_parser *p, bool report, bool *good)
{
	char found[2 * TOML_EXCERPT];
	size_t len;

	len = utf8_len(p->at, (size_t)(p->end - p->at));
	*good = len != 0 && (*p->at == '\t' || !is_control(*p->at));
	if (!*good && report) {
		describe(p, found, sizeof(found));
		toml_error(p, toml_place(p, p->at), "%s is not allowed here",
		    found);
	}
	if (len == 0)
		len = 1;
	p->at += len;
	return len;
}
