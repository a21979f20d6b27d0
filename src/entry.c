#include "entry.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "lines.h"
#include "number.h"
#include "xalloc.h"

struct line {
	const char *text;
	size_t len;
};

struct reader {
	struct lines lines;
	struct problems *problems;
};

void
entry_fini(struct entry *entry)
{
	rule_fini(&entry->rule);
}

static bool
next_line(struct reader *r, struct line *line)
{
	if (!lines_next(&r->lines))
		return false;
	*line = (struct line){ r->lines.text, r->lines.len };
	return true;
}

/* When line starts with the key, moves it on to the value. */
static bool
has_key(struct line *line, const char *key)
{
	size_t len = strlen(key);

	if (line->len < len || memcmp(line->text, key, len) != 0)
		return false;
	line->text += len;
	line->len -= len;
	return true;
}

static int
unexpected(struct reader *r, const char *expected)
{
	return problem_error(r->problems, (struct place){ r->lines.number, 0 },
	    NULL, "the kernel's text is not what was expected here: %s",
	    expected);
}

static int
parse_flags(struct reader *r, struct line line, unsigned *flags)
{
	size_t i;

	for (i = 0; i < line.len; i++) {
		unsigned flag;

		for (flag = RULE_PRESERVE; flag <= RULE_LOADER; flag <<= 1) {
			char letters[8];

			rule_flag_letters(flag, letters);
			if (letters[0] == line.text[i])
				break;
		}
		/* A letter that a newer kernel adds changes nothing here. */
		if (flag <= RULE_LOADER)
			*flags |= flag;
		else if (line.text[i] < 'A' || line.text[i] > 'Z')
			return unexpected(r, "flag letters");
	}
	return 0;
}

static int
parse_hex(struct reader *r, struct line line, struct bytes *out)
{
	const unsigned char *s = (const unsigned char *)line.text;
	size_t i;

	if (out->data != NULL)
		return unexpected(r, "only one magic and one mask");
	if (line.len == 0 || line.len % 2 != 0 || line.len / 2 > SPEC_HEAD)
		return unexpected(r, "bytes as hexadecimal digits");
	out->len = line.len / 2;
	out->data = xmalloc(out->len);
	for (i = 0; i < out->len; i++) {
		int high = hex_value(s[2 * i]);
		int low = hex_value(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return unexpected(r, "bytes as hexadecimal digits");
		out->data[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

static int
parse_offset(struct reader *r, struct line line, unsigned *offset)
{
	long value;

	if (number_parse(line.text, line.len, 0, SPEC_HEAD, &value) !=
	    NUMBER_OK)
		return unexpected(r, "an offset");
	*offset = (unsigned)value;
	return 0;
}

/* The lines behind the flags: what the entry matches, and unknown ones. */
static int
parse_spec(struct reader *r, struct rule *rule)
{
	struct spec *spec = &rule->spec;
	bool offset_seen = false;
	struct line line;

	while (next_line(r, &line)) {
		int result = 0;

		if (has_key(&line, "extension .")) {
			if (spec->extension != NULL || offset_seen)
				return unexpected(r, "one extension");
			spec->type = SPEC_EXTENSION;
			spec->extension = xstrndup(line.text, line.len);
		} else if (has_key(&line, "offset ")) {
			if (offset_seen || spec->extension != NULL)
				return unexpected(r, "one offset");
			offset_seen = true;
			result = parse_offset(r, line, &spec->offset);
		} else if (has_key(&line, "magic ")) {
			if (!offset_seen)
				return unexpected(r, "an offset first");
			result = parse_hex(r, line, &spec->magic);
		} else if (has_key(&line, "mask ")) {
			if (spec->magic.len == 0)
				return unexpected(r, "a magic first");
			result = parse_hex(r, line, &spec->mask);
		} else if (has_key(&line, "flags:") ||
		    has_key(&line, "interpreter ")) {
			return unexpected(r,
			    "no second interpreter; is there "
			    "a newline in its path?");
		}
		if (result < 0)
			return -1;
	}
	if (spec->extension == NULL && spec->magic.len == 0)
		return unexpected(r, "an extension, or offset and magic");
	if (spec->mask.len != 0 && spec->mask.len != spec->magic.len)
		return unexpected(r, "a mask as long as the magic");
	if (spec->offset + spec->magic.len > SPEC_HEAD)
		return unexpected(r, "a magic in the first 256 bytes");
	return 0;
}

static int
parse_lines(struct reader *r, struct entry *entry)
{
	struct line line;

	if (!next_line(r, &line))
		return unexpected(r, "enabled or disabled");
	if (line.len == 7 && memcmp(line.text, "enabled", 7) == 0)
		entry->enabled = true;
	else if (line.len != 8 || memcmp(line.text, "disabled", 8) != 0)
		return unexpected(r, "enabled or disabled");
	if (!next_line(r, &line))
		return unexpected(r, "interpreter");
	if (has_key(&line, "bpf "))
		entry->rule.bpf = true;
	else if (!has_key(&line, "interpreter "))
		return unexpected(r, "interpreter");
	if (line.len == 0)
		return unexpected(r, "interpreter");
	entry->rule.interpreter = xstrndup(line.text, line.len);
	if (entry->rule.bpf)
		return 0; /* what it matches is in the BPF program */
	if (!next_line(r, &line) || !has_key(&line, "flags:"))
		return unexpected(r,
		    "flags; is there a newline in the "
		    "interpreter's path?");
	(void)has_key(&line, " ");
	if (parse_flags(r, line, &entry->rule.flags) < 0)
		return -1;
	return parse_spec(r, &entry->rule);
}

int
entry_parse(const char *name, const char *text, size_t len, struct entry *entry,
    struct problems *problems)
{
	struct reader reader = { .problems = problems };

	memset(entry, 0, sizeof(*entry));
	entry->rule.name = xstrdup(name);
	lines_init(&reader.lines, text, len);
	if (memchr(text, '\0', len) == NULL && parse_lines(&reader, entry) == 0)
		return 0;
	if (memchr(text, '\0', len) != NULL)
		(void)unexpected(&reader, "text without a NUL byte");
	entry_fini(entry);
	memset(entry, 0, sizeof(*entry));
	return -1;
}

static void
append_hex(char **text, const char *key, const struct bytes *bytes)
{
	char *old = *text, hex[2 * SPEC_HEAD + 1];
	size_t i;

	for (i = 0; i < bytes->len; i++) {
		hex[2 * i] = "0123456789abcdef"[bytes->data[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[bytes->data[i] & 15];
	}
	hex[2 * i] = '\0';
	*text = xasprintf("%s%s %s\n", old, key, hex);
	free(old);
}

char *
entry_print(const struct entry *entry)
{
	const struct rule *rule = &entry->rule;
	const char *state = entry->enabled ? "enabled" : "disabled";
	unsigned flags = rule->flags & ~(unsigned)RULE_DISABLED;
	char letters[8], *text;

	if (rule->bpf)
		return xasprintf("%s\nbpf %s\n", state, rule->interpreter);
	if ((flags & RULE_CREDENTIALS) != 0)
		flags |= RULE_OPEN;
	rule_flag_letters(flags, letters);
	if (rule->spec.type == SPEC_EXTENSION)
		return xasprintf(
		    "%s\ninterpreter %s\nflags: %s\n"
		    "extension .%s\n",
		    state, rule->interpreter, letters, rule->spec.extension);
	text = xasprintf("%s\ninterpreter %s\nflags: %s\noffset %u\n", state,
	    rule->interpreter, letters, rule->spec.offset);
	append_hex(&text, "magic", &rule->spec.magic);
	if (rule->spec.mask.len != 0)
		append_hex(&text, "mask", &rule->spec.mask);
	return text;
}
