/*
 * Any register string is taken or refused as the kernel does it, apart from
 * what is named below; what is taken is printed again, and read as the same.
 */
#include "fuzz.h"
#include "rule.h"

/*
 * The kernel, told once more and in its own steps (fs/binfmt_misc.c of Linux
 * 6.18): a buffer with eight more delimiters behind it, which each step cuts.
 */
struct model {
	char buffer[RULE_STRING_MAX + 16];
	size_t len; /* without the delimiters behind it */
	char delimiter;
	char *p;
	const char *name, *magic, *mask, *interpreter;
	char type;
	long offset;
};

static char *
model_cut(struct model *m)
{
	char *start = m->p;
	char *end = strchr(start, m->delimiter);

	if (end == NULL || end >= m->buffer + m->len + 8)
		return NULL;
	*end = '\0';
	m->p = end + 1;
	return start;
}

static bool
model_is_digit(char c)
{
	return c != '\0' && strchr("0123456789abcdefABCDEF", c) != NULL;
}

static char *
model_scan(struct model *m)
{
	char *start = m->p, *s = m->p;
	const char *end = m->buffer + m->len + 8;
	char c;

	while (s < end && (c = *s++) != m->delimiter) {
		if (c != '\\' || *s != 'x')
			continue;
		s++;
		if (!model_is_digit(*s++) || !model_is_digit(*s++))
			return NULL;
	}
	if (s > end)
		return NULL;
	s[-1] = '\0';
	m->p = s;
	return start;
}

/* kstrtoint() of base 10, and not below 0. */
static bool
model_offset(const char *text, long *offset)
{
	const char *p = text;
	bool negative = *p == '-';
	long value = 0;

	if (*p == '-' || *p == '+')
		p++;
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		value = 10 * value + (*p - '0');
		if (value > 2147483647)
			return false;
	}
	if (*p == '\n')
		p++;
	*offset = value;
	return *p == '\0' && (!negative || value == 0);
}

/* How many bytes a magic or mask has, and what they are. */
static size_t
model_unescape(const char *s, unsigned char *out)
{
	size_t n = 0;

	while (*s != '\0') {
		if (s[0] == '\\' && s[1] == 'x') {
			out[n++] =
			    (unsigned char)(hex_value((unsigned char)s[2])
				    << 4 |
				hex_value((unsigned char)s[3]));
			s += 4;
			continue;
		}
		if (s[0] == '\\' && s[1] != '\0')
			out[n++] = (unsigned char)*s++;
		out[n++] = (unsigned char)*s++;
	}
	return n;
}

static bool
model_magic(struct model *m)
{
	unsigned char bytes[RULE_STRING_MAX];
	const char *offset = model_cut(m);
	size_t len;

	if (offset == NULL || (m->magic = model_scan(m)) == NULL ||
	    (m->mask = model_scan(m)) == NULL)
		return false;
	if (*offset != '\0' && !model_offset(offset, &m->offset))
		return false;
	len = model_unescape(m->magic, bytes);
	if (len == 0 || len > SPEC_HEAD || SPEC_HEAD - (long)len < m->offset)
		return false;
	return m->mask[0] == '\0' || model_unescape(m->mask, bytes) == len;
}

static bool
model_extension(struct model *m)
{
	if (model_cut(m) == NULL || (m->magic = model_cut(m)) == NULL ||
	    model_cut(m) == NULL)
		return false;
	return m->magic[0] != '\0' && strchr(m->magic, '/') == NULL;
}

static bool
model_name(const char *name)
{
	return name != NULL && name[0] != '\0' && strlen(name) <= 255 &&
	    strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0 && strcmp(name, "register") != 0 &&
	    strcmp(name, "status") != 0;
}

static bool
model_accepts(struct model *m, const char *text, size_t len)
{
	memset(m, 0, sizeof(*m));
	if (len < 11 || len > RULE_STRING_MAX)
		return false;
	memcpy(m->buffer, text, len);
	m->len = len;
	m->delimiter = text[0];
	memset(m->buffer + len, m->delimiter, 8);
	m->p = m->buffer + 1;
	m->name = model_cut(m);
	if (!model_name(m->name))
		return false;
	m->type = *m->p++;
	if (*m->p++ != m->delimiter)
		return false;
	if (m->type == 'M'     ? !model_magic(m) :
		m->type == 'E' ? !model_extension(m) :
				 true)
		return false;
	m->interpreter = model_cut(m);
	if (m->interpreter == NULL || m->interpreter[0] == '\0')
		return false;
	/* T, L and D are of Linux 7.3. */
	while (*m->p != '\0' && strchr("POCFTLD", *m->p) != NULL)
		m->p++;
	return m->p == m->buffer + len;
}

static bool
same_as_model(const struct model *m, const struct rule *rule)
{
	unsigned char bytes[RULE_STRING_MAX];
	const struct spec *spec = &rule->spec;

	if (strcmp(rule->name, m->name) != 0 ||
	    strcmp(rule->interpreter, m->interpreter) != 0)
		return false;
	if (m->type == 'E')
		return spec->type == SPEC_EXTENSION &&
		    strcmp(spec->extension, m->magic) == 0;
	return spec->type == SPEC_MAGIC && spec->offset == m->offset &&
	    spec->magic.len == model_unescape(m->magic, bytes) &&
	    memcmp(spec->magic.data, bytes, spec->magic.len) == 0 &&
	    spec->mask.len == model_unescape(m->mask, bytes) &&
	    (spec->mask.len == 0 ||
		memcmp(spec->mask.data, bytes, spec->mask.len) == 0);
}

/*
 * Where the two may differ: a NUL byte, which the kernel takes for an end in
 * some places; delimiters that some kernel refuses; and rules of type B.
 */
static bool
is_comparable(const char *text, size_t len)
{
	return len > 0 && memchr(text, '\0', len) == NULL &&
	    strchr("TLD", text[0]) == NULL;
}

static void
check_again(const struct rule *rule)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = rule_print(rule, &problems);
	struct rule again;

	REQUIRE((text == NULL) == (problems.errors == 1));
	if (text == NULL)
		return;
	REQUIRE(strlen(text) <= RULE_STRING_MAX);
	REQUIRE(
	    rule_parse(text, strlen(text), NOWHERE, &again, &problems) == 0);
	REQUIRE(rule_same_effect(rule, &again));
	REQUIRE(strcmp(rule->name, again.name) == 0);
	REQUIRE(strcmp(rule->interpreter, again.interpreter) == 0);
	REQUIRE(rule->bpf == again.bpf && rule->flags == again.flags);
	REQUIRE(fuzz_same_spec(&rule->spec, &again.spec));
	rule_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	const char *text = fuzz_text(data);
	static struct model model;
	struct rule rule;
	bool taken;

	taken = rule_parse(text, size, (struct place){ 1, 1 }, &rule,
		    &problems) == 0;
	REQUIRE(taken == (problems.errors == 0));
	REQUIRE(problems.count == problems.errors);
	fuzz_check_places(&problems, text, size, false);
	if (is_comparable(text, size) && !(taken && rule.bpf)) {
		REQUIRE(model_accepts(&model, text, size) == taken);
		REQUIRE(!taken || same_as_model(&model, &rule));
	}
	if (taken) {
		check_again(&rule);
		rule_fini(&rule);
	}
	return 0;
}
