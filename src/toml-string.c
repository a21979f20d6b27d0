#include "toml-internal.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "xalloc.h"

/* A string that is being read. */
struct quoted {
	struct toml_parser *p;
	char quote; /* '"': with escapes */
	bool multiline;
	bool bad; /* a bad character has been reported */
	struct place start;
	char *bytes;
	size_t len;
	size_t room;
};

static void
append(struct quoted *q, char c)
{
	GROW(q->bytes, q->len, q->room);
	q->bytes[q->len++] = c;
}

static int
no_end(struct quoted *q)
{
	/* The rest of a multi-line string cannot be told from the file. */
	if (q->multiline)
		q->p->at = q->p->end;
	return toml_error(q->p, q->start, "this string has no end%s",
	    q->multiline ? "" : " on its line");
}

static size_t
count_quotes(const struct quoted *q)
{
	const char *s;

	for (s = q->p->at; s < q->p->end && *s == q->quote; s++)
		;
	return (size_t)(s - q->p->at);
}

/*
 * At a quote: whether the string ends here.  In a multi-line string one or
 * two quotes are part of it, also right before the three that end it.
 */
static bool
ends(struct quoted *q)
{
	size_t count, i;

	if (!q->multiline) {
		q->p->at++;
		return true;
	}
	count = count_quotes(q);
	if (count > 5)
		count = 5;
	q->p->at += count;
	for (i = count < 3 ? 0 : 3; i < count; i++)
		append(q, q->quote);
	return count >= 3;
}

static void
append_utf8(struct quoted *q, uint32_t c)
{
	if (c < 0x80) {
		append(q, (char)c);
		return;
	}
	if (c < 0x800) {
		append(q, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			append(q, (char)(0xe0 | c >> 12));
		} else {
			append(q, (char)(0xf0 | c >> 18));
			append(q, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		append(q, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	append(q, (char)(0x80 | (c & 0x3f)));
}

/* Behind \u or \U, which is at start. */
static void
unicode_escape(struct quoted *q, struct place start, int digits)
{
	struct toml_parser *p = q->p;
	uint32_t c = 0;
	int i, digit;

	for (i = 0; i < digits; i++, p->at++) {
		digit = p->at == p->end ? -1 : hex_value((unsigned char)*p->at);
		if (digit < 0) {
			toml_error(p, start,
			    "\\%c needs %d hexadecimal digits, found %d",
			    digits == 4 ? 'u' : 'U', digits, i);
			return;
		}
		c = c << 4 | (uint32_t)digit;
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		toml_error(p, start, "%08X is not a Unicode scalar value",
		    (unsigned)c);
	else
		append_utf8(q, c);
}

/*
 * Behind a backslash in a multi-line string: if nothing but white space is on
 * the rest of the line, goes to the next character that is none.
 */
static bool
line_continuation(struct toml_parser *p)
{
	const char *before = p->at;

	toml_skip_space(p);
	if (!toml_newline(p)) {
		p->at = before;
		return false;
	}
	do
		toml_skip_space(p);
	while (toml_newline(p));
	return true;
}

static void
escape(struct quoted *q)
{
	static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
	struct toml_parser *p = q->p;
	struct place start = toml_place(p, p->at);
	const char *found;

	p->at++;
	if (q->multiline && line_continuation(p))
		return;
	if (p->at == p->end || toml_at_newline(p))
		return; /* the string has no end: told by the caller */
	/* What is no escape is read again as characters of the string. */
	if (*p->at != '\0' && (found = strchr(names, *p->at)) != NULL) {
		append(q, values[found - names]);
		p->at++;
	} else if (*p->at == 'u' || *p->at == 'U') {
		p->at++;
		unicode_escape(q, start, p->at[-1] == 'u' ? 4 : 8);
	} else {
		toml_error(p, start,
		    "unknown escape; a backslash is written "
		    "\\\\, or the string in single quotes");
	}
}

static void
character(struct quoted *q)
{
	const char *s = q->p->at;
	size_t i, len;
	bool good;

	len = toml_character(q->p, !q->bad, &good);
	if (!good)
		q->bad = true;
	for (i = 0; i < len; i++)
		append(q, s[i]);
}

static int
read_quoted(struct quoted *q)
{
	struct toml_parser *p = q->p;

	for (;;) {
		if (p->at == p->end)
			return no_end(q);
		if (*p->at == q->quote) {
			if (ends(q))
				return 0;
		} else if (*p->at == '\\' && q->quote == '"') {
			escape(q);
		} else if (!toml_at_newline(p)) {
			character(q);
		} else if (q->multiline) {
			(void)toml_newline(p);
			append(q, '\n');
		} else {
			return no_end(q);
		}
	}
}

int
toml_quoted(struct toml_parser *p, bool may_be_multiline,
    struct toml_string *out)
{
	struct quoted q = {
		.p = p,
		.quote = *p->at,
		.start = toml_place(p, p->at),
	};

	q.multiline = may_be_multiline && count_quotes(&q) >= 3;
	p->at += q.multiline ? 3 : 1;
	if (q.multiline)
		(void)toml_newline(p); /* that one does not count */
	if (read_quoted(&q) < 0) {
		free(q.bytes);
		return -1;
	}
	append(&q, '\0');
	*out = (struct toml_string){ q.bytes, q.len - 1 };
	return 0;
}
