#include "rule.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "number.h"
#include "xalloc.h"

/* In the order in which the kernel shows them. */
static const struct {
	char letter;
	enum rule_flag flag;
} flag_letters[] = {
	{ 'P', RULE_PRESERVE },
	{ 'O', RULE_OPEN },
	{ 'C', RULE_CREDENTIALS },
	{ 'F', RULE_FIX },
	{ 'T', RULE_TRANSPARENT },
	{ 'L', RULE_LOADER },
	{ 'D', RULE_DISABLED },
};

/*
 * Bytes that can delimit, the best first.  No letters, since flags are
 * letters; no slash, backslash, or what starts a comment in binfmt.d.
 */
static const char delimiters[] = ":|,!@%^&~=+*?$<>()[]{}`'\"_-. ";

void
rule_fini(struct rule *rule)
{
	free(rule->name);
	free(rule->interpreter);
	spec_fini(&rule->spec);
}

void
rule_flag_letters(unsigned flags, char buffer[8])
{
	size_t i, n;

	for (i = n = 0; i < ARRAY_LEN(flag_letters); i++) {
		if ((flags & flag_letters[i].flag) != 0)
			buffer[n++] = flag_letters[i].letter;
	}
	buffer[n] = '\0';
}

/* C implies O (the kernel shows both), and D is not a lasting property. */
static unsigned
effective(unsigned flags)
{
	if ((flags & RULE_CREDENTIALS) != 0)
		flags |= RULE_OPEN;
	return flags & ~(unsigned)RULE_DISABLED;
}

bool
rule_same_effect(const struct rule *a, const struct rule *b)
{
	if (a->bpf != b->bpf || strcmp(a->interpreter, b->interpreter) != 0)
		return false;
	if (a->bpf)
		return true;
	return effective(a->flags) == effective(b->flags) &&
	    spec_compare(&a->spec, &b->spec) == 0;
}

/*
 * Printing.
 */

static char
choose_delimiter(const struct rule *rule)
{
	const char *d;

	for (d = delimiters; *d != '\0'; d++) {
		if (strchr(rule->name, *d) == NULL &&
		    strchr(rule->interpreter, *d) == NULL &&
		    (rule->spec.extension == NULL ||
			strchr(rule->spec.extension, *d) == NULL))
			return *d;
	}
	return '\0';
}

/* All fields one after the other; no printf, for there can be many rules. */
static char *
join(const struct rule *rule, char d, const char *magic, const char *mask)
{
	char number[16] = "0", flags[8], *text, *p;
	bool extension = !rule->bpf && rule->spec.type == SPEC_EXTENSION;

	if (rule->bpf)
		number[0] = '\0';
	/* cppcheck-suppress knownConditionTrueFalse; no, both can be */
	else if (!extension && rule->spec.offset != 0)
		(void)snprintf(number, sizeof(number), "%u", rule->spec.offset);
	rule_flag_letters(rule->flags, flags);
	/* Seven delimiters, the type, and the NUL. */
	p = text = xmalloc(strlen(rule->name) + strlen(number) + strlen(magic) +
	    strlen(mask) + strlen(rule->interpreter) + strlen(flags) + 9);
	*p++ = d;
	p = lines_put(p, rule->name, d);
	p = lines_put(p, rule->bpf ? "B" : extension ? "E" : "M", d);
	p = lines_put(p, number, d);
	p = lines_put(p, magic, d);
	p = lines_put(p, mask, d);
	p = lines_put(p, rule->interpreter, d);
	(void)strcpy(p, flags);
	return text;
}

char *
rule_print(const struct rule *rule, struct problems *problems)
{
	CLEANUP(cleanup_free) char *magic = NULL;
	CLEANUP(cleanup_free) char *mask = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	char d;

	d = choose_delimiter(rule);
	if (d == '\0') {
		(void)problem_error(problems, NOWHERE, "interpreter",
		    "name, interpreter and extension together use every byte "
		    "that could separate the fields of a rule");
		return NULL;
	}
	if (rule->bpf) {
		text = join(rule, d, "", "");
	} else if (rule->spec.type == SPEC_EXTENSION) {
		text = join(rule, d, rule->spec.extension, "");
	} else {
		magic = bytes_encode(&rule->spec.magic, d);
		mask = bytes_encode(&rule->spec.mask, d);
		text = join(rule, d, magic, mask);
	}
	if (strlen(text) > RULE_STRING_MAX) {
		(void)problem_error(problems, NOWHERE, NULL,
		    "the rule takes %zu bytes as a register string, and the "
		    "kernel accepts %d",
		    strlen(text), RULE_STRING_MAX);
		return NULL;
	}
	/* Nothing shorter than the kernel's minimum can have all its fields. */
	return STEAL(text);
}

/*
 * The pieces that register strings, format files and command lines share.
 */

static struct place
shifted(struct place place, size_t bytes)
{
	if (place.column != 0)
		place.column += (unsigned)bytes;
	return place;
}

int
rule_decode(const char *field, const char *text, size_t len, struct place start,
    struct bytes *out, struct problems *problems)
{
	const char *nul;
	size_t bad;

	if (len == 0)
		return problem_error(problems, start, field, "is empty");
	nul = memchr(text, '\0', len);
	if (nul != NULL)
		return problem_error(problems,
		    shifted(start, (size_t)(nul - text)), field,
		    "byte %zu is a raw NUL, where the kernel would cut the "
		    "value off; write \\x00",
		    (size_t)(nul - text) + 1);
	if (bytes_decode(text, len, out, &bad) < 0)
		return problem_error(problems, shifted(start, bad), field,
		    "byte %zu: \\x needs two hexadecimal digits, not '%.*s'",
		    bad + 1, (int)(len - bad > 4 ? 2 : len - bad - 2),
		    text + bad + 2);
	return 0;
}

int
rule_check_lengths(const struct spec *spec, struct place offset,
    struct place magic, struct place mask, struct problems *problems)
{
	int result = 0;

	if (spec->mask.len != 0 && spec->mask.len != spec->magic.len)
		result = problem_error(problems, mask, "mask",
		    "has %zu bytes and magic has %zu; they must be equally "
		    "long",
		    spec->mask.len, spec->magic.len);
	if (spec->magic.len > SPEC_HEAD)
		result = problem_error(problems, magic, "magic",
		    "has %zu bytes, and the kernel compares the first %d of a "
		    "file",
		    spec->magic.len, SPEC_HEAD);
	else if (SPEC_HEAD - spec->magic.len < spec->offset)
		result = problem_error(problems, offset, "offset",
		    "%u bytes and a magic of %zu end at byte %zu, and the "
		    "kernel compares the first %d of a file",
		    spec->offset, spec->magic.len,
		    spec->offset + spec->magic.len, SPEC_HEAD);
	return result;
}

int
rule_parse_offset(const char *text, size_t len, struct place start,
    unsigned *offset, struct problems *problems)
{
	long value;

	switch (number_parse(text, len, 0, INT_MAX, &value)) {
	case NUMBER_OK:
		*offset = (unsigned)value;
		return 0;
	case NUMBER_RANGE:
		return problem_error(problems, start, "offset",
		    "'%.*s' is not between 0 and %d", (int)len, text,
		    SPEC_HEAD - 1);
	case NUMBER_SYNTAX:
	default:
		return problem_error(problems, start, "offset",
		    "'%.*s' is not a decimal number", (int)len, text);
	}
}

/*
 * Parsing a register string.  A cursor walks over it; each step takes one
 * field and its closing delimiter.
 */

struct cursor {
	const char *start, *p, *end;
	char delimiter;
	struct place place; /* of start */
	struct problems *problems;
	bool lost; /* where the next field begins is not known */
};

struct field {
	const char *text;
	size_t len;
	struct place place;
};

static struct place
here(const struct cursor *c)
{
	return shifted(c->place, (size_t)(c->p - c->start));
}

/* In magic and mask nothing of an escape is taken for a delimiter. */
static const char *
field_end(const struct cursor *c, bool escapes)
{
	const char *p;

	for (p = c->p; p < c->end; p++) {
		if (*p == c->delimiter)
			return p;
		if (!escapes || c->end - p < 2 || p[0] != '\\' || p[1] != 'x')
			continue;
		if (c->end - p > 3 && hex_value((unsigned char)p[2]) >= 0 &&
		    hex_value((unsigned char)p[3]) >= 0)
			p += 3;
		else
			p++; /* a broken one, even where x delimits */
	}
	return NULL;
}

static bool
has_nul(const struct field *field)
{
	return memchr(field->text, '\0', field->len) != NULL;
}

/* Fails only when the end of the field cannot be found. */
static int
take(struct cursor *c, const char *name, bool escapes, struct field *field)
{
	const char *end;

	end = field_end(c, escapes);
	c->lost = end == NULL;
	if (c->lost)
		return problem_error(c->problems, here(c), name,
		    "is not closed: no '%c' follows", c->delimiter);
	field->text = c->p;
	field->len = (size_t)(end - c->p);
	field->place = here(c);
	c->p = end + 1;
	if (!escapes && has_nul(field))
		(void)problem_error(c->problems, field->place, name,
		    "contains a NUL byte");
	return 0;
}

static int
parse_name(struct cursor *c, struct rule *rule)
{
	struct field f;
	int result = 0;

	if (take(c, "name", false, &f) < 0)
		return -1;
	rule->name = xstrndup(f.text, f.len);
	if (f.len == 0)
		result = problem_error(c->problems, f.place, "name",
		    "is empty");
	else if (strchr(rule->name, '/') != NULL)
		result = problem_error(c->problems, f.place, "name",
		    "'%s' contains a slash", rule->name);
	else if (strcmp(rule->name, ".") == 0 ||
	    strcmp(rule->name, "..") == 0 ||
	    strcmp(rule->name, "register") == 0 ||
	    strcmp(rule->name, "status") == 0)
		result = problem_error(c->problems, f.place, "name",
		    "'%s' is reserved by the kernel", rule->name);
	else if (f.len > RULE_NAME_MAX)
		result = problem_error(c->problems, f.place, "name",
		    "has %zu bytes, and the kernel accepts %d", f.len,
		    RULE_NAME_MAX);
	return result;
}

static int
parse_magic(struct cursor *c, struct spec *spec)
{
	struct field offset, magic, mask;
	int result = 0;

	if (take(c, "offset", false, &offset) < 0 ||
	    take(c, "magic", true, &magic) < 0 ||
	    take(c, "mask", true, &mask) < 0)
		return -1;
	/* kstrtoint() lets one newline follow the number. */
	if (offset.len > 1 && offset.text[offset.len - 1] == '\n')
		offset.len--;
	if (offset.len != 0 && !has_nul(&offset) &&
	    rule_parse_offset(offset.text, offset.len, offset.place,
		&spec->offset, c->problems) < 0)
		result = -1;
	if (rule_decode("magic", magic.text, magic.len, magic.place,
		&spec->magic, c->problems) < 0)
		result = -1;
	if (mask.len != 0 &&
	    rule_decode("mask", mask.text, mask.len, mask.place, &spec->mask,
		c->problems) < 0)
		result = -1;
	if (result == 0)
		result = rule_check_lengths(spec, offset.place, magic.place,
		    mask.place, c->problems);
	return result;
}

static int
parse_extension(struct cursor *c, struct spec *spec)
{
	struct field ignored, extension;

	if (take(c, "offset", false, &ignored) < 0 ||
	    take(c, "extension", false, &extension) < 0 ||
	    take(c, "mask", false, &ignored) < 0)
		return -1;
	spec->extension = xstrndup(extension.text, extension.len);
	if (extension.len == 0)
		return problem_error(c->problems, extension.place, "extension",
		    "is empty");
	if (strchr(spec->extension, '/') != NULL)
		return problem_error(c->problems, extension.place, "extension",
		    "'%s' contains a slash", spec->extension);
	return 0;
}

/* The fields between the type and the interpreter of a B rule are empty. */
static int
parse_bpf(struct cursor *c)
{
	static const char *const names[] = { "offset", "magic", "mask" };
	struct field f;
	size_t i;
	int result = 0;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (take(c, names[i], false, &f) < 0)
			return -1;
		if (f.len != 0)
			result = problem_error(c->problems, f.place, names[i],
			    "must be empty in a rule of type B");
	}
	return result;
}

static int
parse_spec(struct cursor *c, struct rule *rule)
{
	struct field type;

	/* One byte, whatever it is: it may be equal to the delimiter. */
	if (c->end - c->p >= 2 && c->p[1] == c->delimiter) {
		type = (struct field){ c->p, 1, here(c) };
		c->p += 2;
	} else if (take(c, "type", false, &type) < 0)
		return -1;
	if (type.len == 1 && type.text[0] == 'M') {
		rule->spec.type = SPEC_MAGIC;
		return parse_magic(c, &rule->spec);
	}
	if (type.len == 1 && type.text[0] == 'E') {
		rule->spec.type = SPEC_EXTENSION;
		return parse_extension(c, &rule->spec);
	}
	if (type.len == 1 && type.text[0] == 'B') {
		rule->bpf = true;
		return parse_bpf(c);
	}
	c->lost = true;
	return problem_error(c->problems, type.place, "type",
	    "'%.*s' is neither M (magic) nor E (extension)", (int)type.len,
	    type.text);
}

static int
parse_interpreter(struct cursor *c, struct rule *rule)
{
	struct field f;

	if (take(c, "interpreter", false, &f) < 0)
		return -1;
	rule->interpreter = xstrndup(f.text, f.len);
	if (f.len == 0)
		return problem_error(c->problems, f.place, "interpreter",
		    "is empty");
	return 0;
}

static int
parse_flags(struct cursor *c, struct rule *rule)
{
	int result = 0;

	for (; c->p < c->end; c->p++) {
		size_t i;

		for (i = 0; i < ARRAY_LEN(flag_letters); i++) {
			if (*c->p == flag_letters[i].letter)
				break;
		}
		if (i < ARRAY_LEN(flag_letters))
			rule->flags |= flag_letters[i].flag;
		else if (*c->p == '\0')
			result = problem_error(c->problems, here(c), "flags",
			    "contains a NUL byte");
		else
			result = problem_error(c->problems, here(c), "flags",
			    "'%c' is none of P, O, C, F, T, L, D", *c->p);
	}
	return result;
}

int
rule_parse(const char *text, size_t len, struct place start, struct rule *rule,
    struct problems *problems)
{
	struct cursor c = { text, text, text + len, '\0', start, problems,
		false };
	size_t before = problems->errors;

	memset(rule, 0, sizeof(*rule));
	if (len > RULE_STRING_MAX)
		return problem_error(problems, start, NULL,
		    "the rule has %zu bytes, and the kernel accepts %d", len,
		    RULE_STRING_MAX);
	/* A flag letter would be read on into the kernel's own padding. */
	c.delimiter = len == 0 ? '\0' : *c.p++;
	if (c.delimiter == '\0' || strchr("\nPOCF", c.delimiter) != NULL)
		return problem_error(problems, start, NULL,
		    "the first byte separates the fields, and NUL, newline "
		    "and the letters P, O, C, F cannot do that");
	(void)parse_name(&c, rule);
	if (!c.lost)
		(void)parse_spec(&c, rule);
	if (!c.lost)
		(void)parse_interpreter(&c, rule);
	if (!c.lost)
		(void)parse_flags(&c, rule);
	if (problems->errors == before)
		return 0;
	rule_fini(rule);
	memset(rule, 0, sizeof(*rule));
	return -1;
}
