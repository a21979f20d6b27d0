#include "toml-internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "xalloc.h"

/* The characters from at to end, which are all of the value. */
struct word {
	struct toml_parser *p;
	const char *at;
	const char *end;
};

bool
toml_scalar_begins(char c)
{
	return toml_is_bare(c) || c == '+' || c == '.';
}

static bool
is_word(char c)
{
	return toml_scalar_begins(c) || c == ':';
}

static bool
word_is(const struct word *w, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(w->end - w->at) == len && memcmp(w->at, text, len) == 0;
}

/* Goes past c, if it is the next character. */
static bool
take(struct word *w, char c)
{
	if (w->at == w->end || *w->at != c)
		return false;
	w->at++;
	return true;
}

static bool
take_either(struct word *w, char upper, char lower)
{
	return take(w, upper) || take(w, lower);
}

/* The number of decimal digits that come next. */
static size_t
count_digits(const struct word *w)
{
	const char *s;

	for (s = w->at; s < w->end && toml_is_digit(*s); s++)
		;
	return (size_t)(s - w->at);
}

/* The error that something else is next in the word.  Returns -1. */
static int
word_expected(const struct word *w, const char *what)
{
	char found[2] = { '\0', '\0' };

	if (w->at < w->end)
		found[0] = *w->at;
	return toml_error(w->p, toml_place(w->p, w->at),
	    "expected %s, found %s%s%s", what, found[0] == '\0' ? "" : "'",
	    found[0] == '\0' ? "the end of the value" : found,
	    found[0] == '\0' ? "" : "'");
}

static int
word_end(const struct word *w, const char *what)
{
	return w->at == w->end ? 0 : word_expected(w, what);
}

/* A number without its underscores. */
struct digits {
	char *text; /* room for the whole word and a NUL */
	size_t len;
};

static bool
next_is_digit(const struct word *w, int base)
{
	int value;

	value = w->at == w->end ? -1 : hex_value((unsigned char)*w->at);
	return value >= 0 && value < base;
}

static const char *
digit_name(int base)
{
	switch (base) {
	case 2:
		return "a binary digit";
	case 8:
		return "an octal digit";
	case 16:
		return "a hexadecimal digit";
	default:
		return "a digit";
	}
}

/* Digits of that base, with single underscores between two of them. */
static int
take_digits(struct word *w, int base, struct digits *out)
{
	do {
		if (!next_is_digit(w, base))
			return word_expected(w, digit_name(base));
		do
			out->text[out->len++] = *w->at++;
		while (next_is_digit(w, base));
	} while (take(w, '_'));
	return 0;
}

/* The integer of the digits, in the range of 64 bits with sign, or an error. */
static int
integer_value(const struct word *w, const struct digits *digits, int base,
    bool negative, struct toml_value *out)
{
	const uint64_t max = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
	uint64_t value = 0, digit;
	size_t i;

	for (i = 0; i < digits->len; i++) {
		digit = (uint64_t)hex_value((unsigned char)digits->text[i]);
		if (value > (max - digit) / (uint64_t)base)
			return toml_error(w->p, out->place,
			    "integer outside the range of 64 bits");
		value = value * (uint64_t)base + digit;
	}
	out->type = TOML_INTEGER;
	if (negative && value > 0)
		/* In this order the smallest does not overflow. */
		out->integer = -(int64_t)(value - 1) - 1;
	else
		out->integer = (int64_t)value;
	return 0;
}

/* 0x, 0o and 0b. */
static int
based_integer(struct word *w, int base, struct digits *digits,
    struct toml_value *out)
{
	w->at += 2;
	if (take_digits(w, base, digits) < 0 ||
	    word_end(w, "the end of the integer") < 0)
		return -1;
	return integer_value(w, digits, base, false, out);
}

/* A float or a decimal integer, the sign of which has been read. */
static int
decimal(struct word *w, bool negative, struct digits *digits,
    struct toml_value *out)
{
	const char *first = w->at;
	bool is_float = false;

	if (take_digits(w, 10, digits) < 0)
		return -1;
	if (digits->len > 1 && *first == '0')
		return toml_error(w->p, toml_place(w->p, first),
		    "a number must not begin with a zero");
	if (take(w, '.')) {
		is_float = true;
		digits->text[digits->len++] = '.';
		if (take_digits(w, 10, digits) < 0)
			return -1;
	}
	if (take_either(w, 'E', 'e')) {
		is_float = true;
		digits->text[digits->len++] = 'e';
		if (take(w, '-'))
			digits->text[digits->len++] = '-';
		else
			(void)take(w, '+');
		if (take_digits(w, 10, digits) < 0)
			return -1;
	}
	if (word_end(w, "the end of the number") < 0)
		return -1;
	if (!is_float)
		return integer_value(w, digits, 10, negative, out);
	digits->text[digits->len] = '\0';
	/*
	 * strtod(3) reads the decimal point of the locale.  That is a dot: the
	 * programs that read TOML never call setlocale(3).
	 */
	out->type = TOML_FLOAT;
	out->number = strtod(digits->text, NULL);
	if (isinf(out->number))
		return toml_error(w->p, out->place,
		    "float outside the range of 64 bits");
	if (negative)
		out->number = -out->number;
	return 0;
}

static int
number(struct word *w, struct toml_value *out)
{
	const size_t len = (size_t)(w->end - w->at);
	CLEANUP(cleanup_free) char *text = xmalloc(len + 1);
	struct digits digits = { text, 0 };
	bool negative, sign;
	char prefix;

	negative = take(w, '-');
	sign = negative || take(w, '+');
	if (word_is(w, "inf") || word_is(w, "nan")) {
		out->type = TOML_FLOAT;
		out->number = *w->at == 'i' ? (double)INFINITY : (double)NAN;
		if (negative)
			out->number = -out->number;
		return 0;
	}
	prefix = !sign && w->end - w->at > 1 && *w->at == '0' ? w->at[1] : '0';
	switch (prefix) {
	case 'x':
		return based_integer(w, 16, &digits, out);
	case 'o':
		return based_integer(w, 8, &digits, out);
	case 'b':
		return based_integer(w, 2, &digits, out);
	default:
		return decimal(w, negative, &digits, out);
	}
}

/* A number of exactly that many digits, from min to max. */
static int
field(struct word *w, size_t len, unsigned min, unsigned max, const char *name,
    unsigned *out)
{
	const char *start = w->at;
	unsigned value = 0;
	size_t i;

	if (count_digits(w) != len)
		return toml_error(w->p, toml_place(w->p, start),
		    "the %s needs %zu digits", name, len);
	for (i = 0; i < len; i++)
		value = value * 10 + (unsigned)(*w->at++ - '0');
	if (value < min || value > max)
		return toml_error(w->p, toml_place(w->p, start),
		    "the %s must be from %u to %u", name, min, max);
	*out = value;
	return 0;
}

static int
separator(struct word *w, char c)
{
	const char expected[] = { '\'', c, '\'', '\0' };

	return take(w, c) ? 0 : word_expected(w, expected);
}

static unsigned
days_of(unsigned year, unsigned month)
{
	static const unsigned char days[] = {
		31,
		28,
		31,
		30,
		31,
		30,
		31,
		31,
		30,
		31,
		30,
		31,
	};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static int
date(struct word *w)
{
	unsigned year, month, day;

	if (field(w, 4, 0, 9999, "year", &year) < 0 || separator(w, '-') < 0 ||
	    field(w, 2, 1, 12, "month", &month) < 0 || separator(w, '-') < 0)
		return -1;
	return field(w, 2, 1, days_of(year, month), "day", &day);
}

/* A second may be 60: which of them are leap seconds, no table here knows. */
static int
time_of_day(struct word *w)
{
	unsigned hour, minute, second;
	size_t len;

	if (field(w, 2, 0, 23, "hour", &hour) < 0 || separator(w, ':') < 0 ||
	    field(w, 2, 0, 59, "minute", &minute) < 0 ||
	    separator(w, ':') < 0 || field(w, 2, 0, 60, "second", &second) < 0)
		return -1;
	if (take(w, '.')) {
		len = count_digits(w);
		if (len == 0)
			return word_expected(w, "a digit");
		w->at += len;
	}
	return 0;
}

static int
offset(struct word *w)
{
	unsigned hour, minute;

	if (take_either(w, 'Z', 'z'))
		return 0;
	w->at++; /* the sign */
	if (field(w, 2, 0, 23, "hour of the offset", &hour) < 0 ||
	    separator(w, ':') < 0)
		return -1;
	return field(w, 2, 0, 59, "minute of the offset", &minute);
}

static int
check_datetime(struct word *w, enum toml_type *type)
{
	*type = TOML_LOCAL_TIME;
	if (count_digits(w) != 2) {
		*type = TOML_LOCAL_DATE;
		if (date(w) < 0)
			return -1;
		if (w->at == w->end)
			return 0;
		*type = TOML_LOCAL_DATETIME;
		if (!take(w, ' ') && !take_either(w, 'T', 't'))
			return word_expected(w, "'T' or the end of the date");
	}
	if (time_of_day(w) < 0)
		return -1;
	if (*type == TOML_LOCAL_DATETIME && w->at < w->end &&
	    strchr("Zz+-", *w->at) != NULL) {
		*type = TOML_OFFSET_DATETIME;
		if (offset(w) < 0)
			return -1;
	}
	return word_end(w, "the end of the time");
}

static int
datetime(struct word *w, struct toml_value *out)
{
	const char *text = w->at;
	enum toml_type type;
	char *copy;
	size_t len, i;

	if (check_datetime(w, &type) < 0)
		return -1;
	len = (size_t)(w->end - text);
	copy = xstrndup(text, len);
	for (i = 0; i < len; i++) {
		if (copy[i] == 't' || copy[i] == ' ')
			copy[i] = 'T';
		else if (copy[i] == 'z')
			copy[i] = 'Z';
	}
	out->type = type;
	out->string = (struct toml_string){ copy, len };
	return 0;
}

/* Four digits and a dash begin a date; a year that is longer is an error. */
static bool
looks_like_date(const struct word *w)
{
	size_t digits = count_digits(w);

	return digits >= 4 && w->at + digits < w->end && w->at[digits] == '-';
}

static bool
looks_like_time(const struct word *w)
{
	size_t digits = count_digits(w);

	return digits >= 1 && w->at + digits < w->end && w->at[digits] == ':';
}

/* Anything that begins with a letter is none, but for two. */
static bool
looks_like_number(const struct word *w)
{
	return !toml_is_bare(*w->at) || toml_is_digit(*w->at) ||
	    *w->at == '-' || word_is(w, "inf") || word_is(w, "nan");
}

static int
boolean(const struct word *w, struct toml_value *out)
{
	char shown[TOML_EXCERPT];

	out->type = TOML_BOOLEAN;
	out->boolean = word_is(w, "true");
	if (out->boolean || word_is(w, "false"))
		return 0;
	toml_excerpt(shown, w->at, (size_t)(w->end - w->at));
	return toml_error(w->p, out->place,
	    "%s is not a value; a string needs quotes, a boolean is true or "
	    "false",
	    shown);
}

static const char *
end_of_word(const struct toml_parser *p, const char *s)
{
	while (s < p->end && is_word(*s))
		s++;
	return s;
}

int
toml_scalar(struct toml_parser *p, struct toml_value *out)
{
	struct word w = { p, p->at, end_of_word(p, p->at) };
	int result;

	/* One space may stand between a date and a time. */
	if (looks_like_date(&w) && w.end - w.at == 10 && p->end - w.end > 1 &&
	    *w.end == ' ' && toml_is_digit(w.end[1]))
		w.end = end_of_word(p, w.end + 1);
	p->at = w.end;
	if (looks_like_date(&w) || looks_like_time(&w))
		result = datetime(&w, out);
	else if (looks_like_number(&w))
		result = number(&w, out);
	else
		return boolean(&w, out);
	if (result < 0)
		*out = (struct toml_value){
			.type = TOML_BOOLEAN,
			.place = out->place,
		};
	return 0;
}
